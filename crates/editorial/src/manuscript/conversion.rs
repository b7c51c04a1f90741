//! Converts the front matter of a manuscript into a piece.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::{
    ManuscriptContext, ManuscriptError,
    matter::{CorrectionMatter, FrontMatter, PictureMatter},
    source::Source,
};
use crate::{
    appearance::{Appearance, is_canonical},
    piece::{Author, Correction, Focus, Kind, Picture, Piece, Section, Status, Topic},
    slug::{self, SlugScript},
    spelling::suggest,
};

const SPONSOR_INCOMPLETE: &str = "a sponsored piece needs the sponsor's name and a disclosure that tells readers who paid for it";

const NOT_CANONICAL: &str = "the canonical address is the whole address of the original, such as https://example.org/news/bridge";

/// Converts front matter and a cleaned `body` into a piece.
pub(super) fn piece(
    matter: FrontMatter,
    slug: String,
    body: String,
    source: &Source<'_>,
    context: &ManuscriptContext<'_>,
) -> Result<Piece, ManuscriptError> {
    if matter.canonical.as_deref().is_some_and(|address| !is_canonical(address)) {
        return Err(source.error("canonical", NOT_CANONICAL));
    }
    let appearance = appearance(&matter, source, context)?;
    let kind = Kind::from(matter.kind.unwrap_or_else(|| "article".to_owned()));
    if slug::is_reserved(&slug) && kind == Kind::Page {
        return Err(source.error(
            "slug",
            format!("\"{slug}\" is an address of the site itself; give the page another slug"),
        ));
    }
    if kind == Kind::Page && context.sections.iter().any(|section| section.slug == slug) {
        return Err(source.error(
            "slug",
            format!("\"{slug}\" is the address of a section; give the page another slug"),
        ));
    }
    let section = section(&kind, matter.section.as_deref(), source, context)?;
    let when = |key, text: &Option<String>| {
        text.as_deref().map(|text| time(key, text, source, context.zone)).transpose()
    };
    let status = matter.status.unwrap_or(Status::Published);
    let published = when("published", &matter.published)?
        .or_else(|| (status == Status::Published).then_some(context.now));
    let tier = matter.tier.as_deref().map(str::parse).transpose();
    let design = matter.design.as_deref().map(str::parse).transpose();
    let design = design.map_err(|error: crate::design::ParseDesignError| {
        source.error("design", error.to_string())
    })?;
    let sponsor = matter.sponsor;
    if sponsor.as_ref().is_some_and(|s| s.disclosure.trim().is_empty() || s.name.trim().is_empty())
    {
        return Err(source.error("sponsor", SPONSOR_INCOMPLETE));
    }
    let topic = |name: String| Topic { slug: context.slugs.slugify(&name), name };
    let author = |name: String| named_author(name, context.slugs);
    Ok(Piece {
        slug,
        section,
        status,
        kicker: matter.kicker,
        headline: matter.headline,
        deck: matter.deck,
        authors: matter.authors.into_iter().map(author).collect(),
        dateline: matter.dateline,
        picture: matter.picture.map(|picture| lead(picture, source, context)).transpose()?,
        body,
        topics: matter.topics.into_iter().map(topic).collect(),
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
        appearance,
        former_addresses: matter.former_addresses,
        kind,
        design,
    })
}

fn appearance(
    matter: &FrontMatter,
    source: &Source<'_>,
    context: &ManuscriptContext<'_>,
) -> Result<Appearance, ManuscriptError> {
    let stored = |file: &String| {
        (context.find_picture)(file).map(|picture| picture.src).ok_or_else(|| {
            source.error("social_picture", format!(
                "the picture \"{file}\" could not be found or read; put the file beside the manuscript"
            ))
        })
    };
    Ok(Appearance {
        search_title: matter.search_title.clone(),
        search_description: matter.search_description.clone(),
        social_title: matter.social_title.clone(),
        social_description: matter.social_description.clone(),
        social_picture: matter.social_picture.as_ref().map(stored).transpose()?.unwrap_or_default(),
        noindex: matter.noindex,
    })
}

/// Converts the front matter of an author and their cleaned biography.
pub(super) fn author(
    matter: FrontMatter,
    slug: String,
    bio: String,
    source: &Source<'_>,
    context: &ManuscriptContext<'_>,
) -> Result<Author, ManuscriptError> {
    let portrait = |file: String| {
        let kept = (context.find_picture)(&file).ok_or_else(|| {
            source.error("portrait", format!(
                "the portrait \"{file}\" could not be found or read; put the file beside the manuscript"
            ))
        })?;
        let (src, width, height) = (kept.src, kept.width, kept.height);
        // The name is beside it wherever it is shown.
        Ok(Picture { src, width, height, ..Picture::default() })
    };
    Ok(Author {
        slug,
        name: matter.headline,
        role: matter.role,
        bio,
        portrait: matter.portrait.map(portrait).transpose()?,
        is_desk: matter.desk,
        email: String::new(),
    })
}

/// Returns the section of an article; a page has none.
fn section(
    kind: &Kind,
    name: Option<&str>,
    source: &Source<'_>,
    context: &ManuscriptContext<'_>,
) -> Result<Option<Section>, ManuscriptError> {
    match (kind, name) {
        (Kind::Page, _) => Ok(None),
        (Kind::Article(_), Some(name)) => find_section(name, source, context).map(Some),
        (Kind::Article(_), None) => {
            Err(source.error("section", "an article needs a section; add \"section: …\""))
        }
    }
}

fn time(
    key: &str,
    text: &str,
    source: &Source<'_>,
    zone: &TimeZone,
) -> Result<Timestamp, ManuscriptError> {
    parse_timestamp(text, zone).ok_or_else(|| {
        source.error(key, format!(
            "\"{text}\" is not a time; write 2026-11-24 07:00 (in the publication's time zone) or 2026-11-24T07:00:00Z"
        ))
    })
}

/// Creates an author with only a name.
pub fn named_author(name: String, slugs: SlugScript) -> Author {
    Author { slug: slugs.slugify(&name), name, ..Author::default() }
}

fn find_section(
    name: &str,
    source: &Source<'_>,
    context: &ManuscriptContext<'_>,
) -> Result<Section, ManuscriptError> {
    let wanted = context.slugs.slugify(name);
    let is_named = |of: &&Section| of.slug == wanted || of.slug == name || of.name == name;
    let found = context.sections.iter().find(is_named);
    found.cloned().ok_or_else(|| {
        let slugs = || context.sections.iter().map(|section| section.slug.as_str());
        let hint = match suggest(&wanted, slugs()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("there are {}.", slugs().collect::<Vec<_>>().join(", ")),
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
    let focus = picture.focus.as_deref().map(|point| focus(point, source)).transpose()?;
    Ok(Picture {
        src: kept.src,
        width: kept.width,
        height: kept.height,
        alt: picture.alt,
        caption: picture.caption,
        credit: picture.credit,
        focus,
    })
}

fn focus(point: &[i64], source: &Source<'_>) -> Result<Focus, ManuscriptError> {
    let percent = |number: i64| u8::try_from(number).ok().filter(|percent| *percent <= 100);
    match point {
        [across, down] => percent(*across).zip(percent(*down)),
        _ => None,
    }
    .map(|(across, down)| Focus { across, down })
    .ok_or_else(|| {
        source.error("focus", "the focal point is two numbers from 0 to 100, the percent from the left and from the top, such as [50, 70]")
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
