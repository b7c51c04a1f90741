//! Converts items of an export into the parts of a piece.

use jiff::{Timestamp, tz::TimeZone};

use super::wxr;
use crate::{
    import::Changes,
    piece::{Kind, Section, Status, Topic},
    slug, text,
};

/// The section of posts without a category.
const NO_SECTION: &str = "News";

/// Returns the slug of a post, derived from its headline if it has none.
pub(super) fn slug_of(item: &wxr::Item, headline: &str) -> String {
    let own = percent_decode(&item.name);
    let candidates = [own.as_str(), headline];
    let slug = candidates.into_iter().map(slug::slugify).find(|slug| !slug.is_empty());
    let slug = slug.unwrap_or_else(|| format!("post-{}", item.id));
    if slug::is_reserved(&slug) { format!("{slug}-{}", item.id) } else { slug }
}

/// Returns the kind of a post or page, or the reason why the item is skipped.
pub(super) fn kind(item: &wxr::Item) -> Result<Kind, &'static str> {
    match item.post_type.as_str() {
        "post" => Ok(Kind::Article(article_kind(item).to_owned())),
        "page" => Ok(Kind::Page),
        "attachment" => Err("media are taken in with the pieces that show them"),
        "nav_menu_item" | "wp_navigation" => {
            Err("menus belong to the theme; sections are set in masthead.toml")
        }
        "wp_template" | "wp_template_part" | "wp_global_styles" | "custom_css" => {
            Err("templates and styles belong to the theme")
        }
        _ => Err("this kind of content has no counterpart here"),
    }
}

/// The content type derived from the format of a post.
fn article_kind(item: &wxr::Item) -> &'static str {
    match item.terms("post_format").next().map(|term| term.slug.as_str()) {
        Some("post-format-link") => "link",
        Some("post-format-gallery") => "gallery",
        Some("post-format-video") => "video",
        Some("post-format-audio") => "audio",
        _ => "article",
    }
}

/// Returns the status of a post, or the reason why it is skipped.
pub(super) fn status(item: &wxr::Item, changes: &mut Changes) -> Result<Status, &'static str> {
    if !item.password.is_empty() {
        changes.count("password-protected piece taken in as a draft");
        return Ok(Status::Draft);
    }
    match item.status.as_str() {
        // A publication time in the future means that the piece is scheduled.
        "publish" | "future" => Ok(Status::Published),
        "draft" | "pending" => Ok(Status::Draft),
        "private" => {
            changes.count("private piece taken in as a draft");
            Ok(Status::Draft)
        }
        "trash" | "auto-draft" => Err("it had been thrown away"),
        _ => Err("its status has no counterpart here"),
    }
}

/// Returns the title of a post, or its first words if it has none.
pub(super) fn headline(item: &wxr::Item, body: &str, changes: &mut Changes) -> String {
    let title = text::plain(&item.title).replace('\n', " ");
    if !title.is_empty() {
        if item.title.contains('<') {
            changes.count("markup removed from a headline");
        }
        return title;
    }
    changes.count("headline made from the first words, as there was none");
    let words = text::plain(body);
    match text::shorten(words.lines().next().unwrap_or_default(), 60) {
        first if first.is_empty() => format!("Untitled, {}", item.id),
        first => first.into_owned(),
    }
}

/// Returns the section of a post: its first category.
pub(super) fn section(item: &wxr::Item) -> Section {
    let named = item
        .terms("category")
        .find(|term| term.slug != "uncategorized")
        .map(|term| Section { slug: slug::slugify(&term.slug), name: text::plain(&term.name) });
    match named {
        Some(section) if !section.slug.is_empty() && !slug::is_reserved(&section.slug) => section,
        _ => Section { slug: slug::slugify(NO_SECTION), name: NO_SECTION.to_owned() },
    }
}

/// Returns the topics of a post: its tags and further categories.
pub(super) fn topics(item: &wxr::Item) -> Vec<Topic> {
    let further_categories =
        item.terms("category").filter(|term| term.slug != "uncategorized").skip(1);
    let mut topics: Vec<Topic> = Vec::new();
    for term in item.terms("post_tag").chain(further_categories) {
        let topic = Topic { slug: slug::slugify(&term.slug), name: text::plain(&term.name) };
        if !topic.slug.is_empty() && !topics.iter().any(|known| known.slug == topic.slug) {
            topics.push(topic);
        }
    }
    topics
}

/// The path of the permalink, and the short address to which WordPress also responds.
pub(super) fn former_addresses(item: &wxr::Item) -> Vec<String> {
    let mut addresses = vec![format!("/?p={}", item.id)];
    if item.post_type == "page" {
        addresses.push(format!("/?page_id={}", item.id));
    }
    let path =
        item.link.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    if let Some(path) = path.filter(|path| path.len() > 1 && !path.contains(['?', '#'])) {
        addresses.push(percent_decode(path));
    }
    addresses
}

/// Decodes percent-encoding (RFC 3986, section 2.1). Returns `text` unchanged if the result is not
/// UTF-8.
fn percent_decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

impl wxr::Item {
    pub(super) fn describe(&self) -> String {
        let title = text::plain(&self.title);
        let title = if title.is_empty() { &self.name } else { &title };
        format!("{} {} \"{title}\"", self.post_type, self.id)
    }

    pub(super) fn published(&self, zone: &TimeZone) -> Option<Timestamp> {
        wordpress_time(&self.date_gmt, &TimeZone::UTC).or_else(|| wordpress_time(&self.date, zone))
    }

    pub(super) fn modified(&self, zone: &TimeZone) -> Option<Timestamp> {
        wordpress_time(&self.modified_gmt, &TimeZone::UTC)
            .or_else(|| wordpress_time(&self.modified, zone))
    }
}

/// Parses `2026-11-24 07:00:00`. Drafts have `0000-00-00 00:00:00`, for which it returns `None`.
fn wordpress_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    crate::manuscript::parse_timestamp(text, zone)
}
