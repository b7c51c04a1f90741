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

mod markdown;
mod matter;

use std::fmt;

use jiff::{Timestamp, civil, tz::TimeZone};

use self::{
    markdown::{figures, markdown},
    matter::{CorrectionMatter, FrontMatter, PictureMatter, explain},
};
use crate::{
    clean::{FindPicture, clean},
    import::Changes,
    piece::{Author, Correction, Kind, Picture, Piece, Section, Status, Topic},
    slug,
    spelling::suggest,
};

/// The content of a manuscript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manuscript {
    /// An article or page.
    Piece(Box<Piece>),
    /// A person who writes (`kind: author`).
    Author(Author),
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
        Some(slug) if slug::is_slug(slug) => slug.clone(),
        Some(slug) => {
            return Err(source.error(
                "slug",
                format!("\"{slug}\" is not a slug; write \"{}\"", slug::slugify(slug)),
            ));
        }
        None => slug::slugify(name),
    };
    let mut changes = Changes::default();
    let body = clean(&figures(&markdown(body)), context.find_picture, &mut changes);
    if let Some((what, _)) = changes.iter().find(|(what, _)| what.starts_with("picture not")) {
        return Err(source.missing_picture(what));
    }
    if matter.kind.as_deref() == Some("author") {
        return Ok(Manuscript::Author(Author {
            slug,
            name: matter.headline,
            role: matter.role,
            bio: body,
        }));
    }
    piece(matter, slug, body, &source, context).map(|piece| Manuscript::Piece(Box::new(piece)))
}

struct Source<'a> {
    front: &'a str,
    text: &'a str,
    body_line: usize,
}

impl Source<'_> {
    /// An error about `key` in the front matter.
    fn error(&self, key: &str, reason: impl Into<String>) -> ManuscriptError {
        let line = self.front.lines().position(|line| line.trim_start().starts_with(key));
        ManuscriptError { line: line.map_or(1, |line| line + 2), reason: reason.into() }
    }

    fn missing_picture(&self, _what: &str) -> ManuscriptError {
        let lines = self.text.lines().enumerate().skip(self.body_line.saturating_sub(1));
        let line = lines.clone().find(|(_, line)| line.contains("![") || line.contains("<img"));
        ManuscriptError {
            line: line.map_or(self.body_line, |(index, _)| index + 1),
            reason: "a picture in the text could not be found or read; name a file beside the \
                     manuscript, such as ![What it shows](picture.jpg)"
                .to_owned(),
        }
    }
}

fn split(text: &str) -> Result<(&str, &str, usize), ManuscriptError> {
    let error = |line, reason: &str| ManuscriptError { line, reason: reason.to_owned() };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else {
        return Err(error(
            1,
            "a manuscript begins with its front matter: a line of ---, then lines such as \"headline: …\", then a line of ---",
        ));
    };
    let mut offset = 0;
    for (index, line) in rest.split_inclusive('\n').enumerate() {
        if line.trim_end() == "---" {
            return Ok((&rest[..offset], &rest[offset + line.len()..], index + 3));
        }
        offset += line.len();
    }
    Err(error(1, "the front matter is never closed; add a line of --- after it"))
}

fn piece(
    matter: FrontMatter,
    slug: String,
    body: String,
    source: &Source<'_>,
    context: &ManuscriptContext<'_>,
) -> Result<Piece, ManuscriptError> {
    let kind = Kind::from(matter.kind.unwrap_or_else(|| "article".to_owned()));
    if slug::RESERVED.contains(&slug.as_str()) && kind == Kind::Page {
        return Err(source.error(
            "slug",
            format!("\"{slug}\" is an address of the site itself; give the page another slug"),
        ));
    }
    let section = match (&kind, &matter.section) {
        (Kind::Page, _) => None,
        (Kind::Article(_), Some(name)) => Some(find_section(name, source, context)?),
        (Kind::Article(_), None) => {
            return Err(
                source.error("section", "an article stands in a section; add \"section: …\"")
            );
        }
    };
    let when = |key: &str, text: &Option<String>| {
        text.as_deref().map(|text| parse_timestamp(text, context.zone).ok_or(text)).transpose().map_err(|text| {
            source.error(key, format!(
                "\"{text}\" is not a time; write 2026-11-24 07:00 (in the publication's time zone) or 2026-11-24T07:00:00Z"))
        })
    };
    let status = matter.status.unwrap_or(Status::Published);
    let published = when("published", &matter.published)?
        .or_else(|| (status == Status::Published).then_some(context.now));
    let tier = matter.tier.as_deref().map(str::parse).transpose();
    let sponsor = matter.sponsor;
    if sponsor.as_ref().is_some_and(|s| s.disclosure.trim().is_empty() || s.name.trim().is_empty())
    {
        return Err(source.error("sponsor", "a sponsored piece needs the sponsor's name and a disclosure that tells readers who paid for it"));
    }
    Ok(Piece {
        slug,
        section,
        status,
        kicker: matter.kicker,
        headline: matter.headline,
        deck: matter.deck,
        authors: matter.authors.into_iter().map(named_author).collect(),
        dateline: matter.dateline,
        picture: matter.picture.map(|picture| lead(picture, source, context)).transpose()?,
        body,
        topics: matter
            .topics
            .into_iter()
            .map(|name| Topic { slug: slug::slugify(&name), name })
            .collect(),
        tier: tier.map_err(|error: masthead_access::tier::ParseTierError| {
            source.error("tier", error.to_string())
        })?,
        sponsor,
        published,
        updated: when("updated", &matter.updated)?,
        corrections: matter
            .corrections
            .into_iter()
            .map(|c| correction(c, source))
            .collect::<Result<_, _>>()?,
        canonical: matter.canonical,
        language: matter.language,
        former_addresses: matter.former_addresses,
        kind,
    })
}

/// Creates an author with only a name.
pub fn named_author(name: String) -> Author {
    Author { slug: slug::slugify(&name), name, ..Author::default() }
}

fn find_section(
    name: &str,
    source: &Source<'_>,
    context: &ManuscriptContext<'_>,
) -> Result<Section, ManuscriptError> {
    let wanted = slug::slugify(name);
    let found =
        context.sections.iter().find(|section| section.slug == wanted || section.name == name);
    found.cloned().ok_or_else(|| {
        let slugs = || context.sections.iter().map(|section| section.slug.as_str());
        let hint = match suggest(&wanted, slugs()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("there are {}", slugs().collect::<Vec<_>>().join(", ")),
        };
        source.error("section", format!(
            "there is no section \"{name}\"; {hint} A new section is added at the desk, or under [[sections]] in masthead.toml"
        ))
    })
}

fn lead(
    picture: PictureMatter,
    source: &Source<'_>,
    context: &ManuscriptContext<'_>,
) -> Result<Picture, ManuscriptError> {
    let kept =
        (context.find_picture)(&picture.file).ok_or_else(|| {
            source.error("picture", format!(
            "the picture \"{}\" could not be found or read; put the file beside the manuscript",
            picture.file
        ))
        })?;
    Ok(Picture {
        src: kept.src,
        width: kept.width,
        height: kept.height,
        alt: picture.alt,
        caption: picture.caption,
        credit: picture.credit,
        focus: None,
    })
}

fn correction(
    matter: CorrectionMatter,
    source: &Source<'_>,
) -> Result<Correction, ManuscriptError> {
    let date = matter.date.parse().map_err(|_| {
        source.error("corrections", format!("\"{}\" is not a date; write 2026-11-24", matter.date))
    })?;
    Ok(Correction { date, text: matter.text })
}

/// Parses a time with an offset, or a local time in `zone`. Returns `None` if `text` is neither.
pub fn parse_timestamp(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp);
    }
    let local: civil::DateTime = text.trim().parse().ok()?;
    local.to_zoned_datetime(zone.clone()).map(|zoned| zoned.timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::StoredPicture;

    fn try_read(text: &str) -> Result<Manuscript, ManuscriptError> {
        let zone = TimeZone::get("Europe/Lisbon").expect("a zone");
        let sections = [
            Section { slug: "harbour".into(), name: "Harbour".into() },
            Section { slug: "politics".into(), name: "Politics".into() },
        ];
        let find = |src: &str| {
            (src == "ferry.jpg").then(|| StoredPicture {
                src: "/media/f.jpg".into(),
                width: 8,
                height: 6,
            })
        };
        let now = "2026-11-24T08:00:00Z".parse().expect("a timestamp");
        read(
            text,
            "the-last-ferry",
            &ManuscriptContext { zone: &zone, sections: &sections, find_picture: &find, now },
        )
    }

    fn read_piece(text: &str) -> Piece {
        match try_read(text) {
            Ok(Manuscript::Piece(piece)) => *piece,
            other => panic!("not a piece: {other:?}"),
        }
    }

    fn error(text: &str) -> (usize, String) {
        let error = try_read(text).expect_err("refused");
        (error.line, error.reason)
    }

    #[test]
    fn an_article_with_all_fields() {
        let piece = read_piece(
            "---\nheadline: \"The last ferry\"\ndeck: It sailed at noon.\nsection: Harbour\nauthors: [Ada Quill, Ben Oar]\ndateline: Port Ellen\ntopics: [Ferries]\ntier: subscribers\npublished: 2026-07-01 07:00\npicture:\n  file: ferry.jpg\n  alt: A ferry\n  credit: Ada Quill\ncorrections:\n  - date: 2026-07-02\n    text: The ferry sailed at noon.\n---\nIt \"sailed\" -- at noon.\n\n![A ferry](ferry.jpg \"At noon\")\n",
        );
        assert_eq!(piece.slug, "the-last-ferry");
        assert_eq!(piece.published, "2026-07-01T06:00:00Z".parse().ok());
        assert_eq!(piece.authors[1].slug, "ben-oar");
        assert_eq!(piece.tier, Some(masthead_access::Tier::Subscribers));
        assert_eq!(piece.corrections.len(), 1);
        assert_eq!(
            piece.body,
            "<p>It “sailed” – at noon.</p>\n<figure><img src=\"/media/f.jpg\" alt=\"A ferry\" loading=\"lazy\" decoding=\"async\" width=\"8\" height=\"6\"><figcaption>At noon</figcaption></figure>"
        );
    }

    #[test]
    fn a_page_needs_no_section_and_kind_author_is_a_person() {
        assert_eq!(read_piece("---\ntitle: About\nkind: page\n---\nUs.\n").section, None);
        let author = try_read(
            "---\nname: Ada Quill\nkind: author\nslug: ada-quill\nrole: Harbour reporter\n---\nWrites.\n",
        );
        assert!(
            matches!(author, Ok(Manuscript::Author(author)) if author.role == "Harbour reporter")
        );
    }

    #[test]
    fn errors_have_line_reason_and_remedy() {
        let (line, reason) = error("---\nheadlin: x\nsection: harbour\n---\n");
        assert_eq!(
            (line, reason.as_str()),
            (2, "there is no key \"headlin\"; did you mean \"headline\"?")
        );
        let (line, reason) = error("---\nheadline: x\nsection: harbor\n---\n");
        assert_eq!(line, 3);
        assert!(reason.contains("did you mean \"harbour\"?"), "{reason}");
        assert_eq!(error("---\nheadline: x\nsection: harbour\npublished: soon\n---\n").0, 4);
        assert_eq!(error("---\nheadline: x\nsection: harbour\ntier: paid\n---\n").0, 4);
        assert_eq!(
            error("---\nheadline: x\nsection: harbour\n---\nText\n\n![x](nowhere.jpg)\n").0,
            7
        );
        assert!(error("no front matter").1.contains("begins with its front matter"));
        assert!(error("---\nheadline: x\n").1.contains("never closed"));
        assert!(
            error(
                "---\nheadline: x\nsection: harbour\nsponsor: {name: Acme, disclosure: \"\"}\n---\n"
            )
            .1
            .contains("disclosure")
        );
    }
}
