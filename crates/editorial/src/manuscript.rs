//! Manuscripts: Markdown files with front matter.
//!
//! ```text
//! ---
//! headline: The last ferry
//! section: harbour
//! authors: [Ada Quill]
//! published: 2026-11-24 07:00
//! ---
//! The text, in Markdown.
//! ```

mod conversion;
mod elements;
mod markdown;
mod matter;
mod source;

use std::fmt;

use jiff::{Timestamp, tz::TimeZone};

pub use self::conversion::{named_author, parse_timestamp};
use self::{
    conversion::{author, piece},
    elements::{elements, wide_figures},
    markdown::{figures, markdown},
    matter::{FrontMatter, explain},
    source::{Source, split},
};
use crate::{
    clean::{FindPicture, clean},
    import::Changes,
    piece::{Author, Piece, Section},
    slug::SlugScript,
};

/// The content of a manuscript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manuscript {
    /// An article or page.
    Piece(Box<Piece>),
    /// A person or desk that writes (`kind: author`).
    Author(Box<Author>),
}

/// The error for a manuscript that is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManuscriptError {
    /// The line of the error, from 1.
    pub line: usize,
    /// What is wrong, and how to fix it.
    pub reason: String,
}

impl fmt::Display for ManuscriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for ManuscriptError {}

/// What a manuscript is read with.
pub struct ManuscriptContext<'a> {
    /// The publication's time zone, for times without an offset.
    pub zone: &'a TimeZone,
    /// The publication's sections.
    pub sections: &'a [Section],
    /// Finds the pictures that the manuscript refers to.
    pub find_picture: &'a FindPicture<'a>,
    /// The current time, for a piece without a publication time.
    pub now: Timestamp,
    /// In which letters slugs are written.
    pub slugs: SlugScript,
}

/// Parses a manuscript. `name` is its file name without the extension, from which the slug is
/// derived if the front matter has none.
///
/// # Errors
///
/// Returns the first error, with its line, the reason and how to fix it.
pub fn read(
    text: &str,
    name: &str,
    context: &ManuscriptContext<'_>,
) -> Result<Manuscript, ManuscriptError> {
    let (front, body, body_line) = split(text)?;
    let matter: FrontMatter = serde_saphyr::from_str(front).map_err(|error| {
        let line = error.location().map_or(1, |at| usize::try_from(at.line()).unwrap_or(1));
        ManuscriptError { line: line + 1, reason: explain(&error.to_string()) }
    })?;
    let source = Source { front, text, body_line };
    let slug = match &matter.slug {
        Some(slug) if context.slugs.accepts(slug) => slug.clone(),
        Some(slug) => {
            return Err(source.error(
                "slug",
                format!("\"{slug}\" is not a slug; write \"{}\"", context.slugs.slugify(slug)),
            ));
        }
        None => context.slugs.slugify(name),
    };
    let (body, has_all_pictures) = html(body, body_line, context.find_picture)?;
    if !has_all_pictures {
        return Err(source.missing_picture());
    }
    if matter.kind.as_deref() == Some("author") {
        return author(matter, slug, body, &source, context)
            .map(|author| Manuscript::Author(Box::new(author)));
    }
    piece(matter, slug, body, &source, context).map(|piece| Manuscript::Piece(Box::new(piece)))
}

/// Renders a text without front matter as sanitized HTML. Also returns whether every picture in it was found.
///
/// # Errors
///
/// Returns the first error, with its line, the reason and how to fix it.
pub fn text(
    markup: &str,
    find_picture: &FindPicture<'_>,
) -> Result<(String, bool), ManuscriptError> {
    html(markup, 1, find_picture)
}

fn html(
    body: &str,
    body_line: usize,
    find_picture: &FindPicture<'_>,
) -> Result<(String, bool), ManuscriptError> {
    let mut changes = Changes::default();
    let html = wide_figures(&figures(&markdown(&elements(body, body_line)?)));
    let body = clean(&html, find_picture, &mut changes);
    let is_missing = changes.iter().any(|(what, _)| what.starts_with("picture not"));
    Ok((body, !is_missing))
}

#[cfg(test)]
mod tests;
