//! Converts items of an export into the parts of a piece.

use jiff::{Timestamp, fmt::rfc2822, tz::TimeZone};

use super::{
    index::FileIndex,
    wxr::{self, percent_decode},
};
use crate::{
    import::Changes,
    piece::{Kind, Section, Status, Topic, is_same_name},
    slug::{self, SlugScript},
    text,
};

/// The beginning of 1600: newspapers are younger, and earlier times are those of damaged databases.
const EARLIEST: Timestamp = Timestamp::constant(-11_676_096_000, 0);

/// The maximum number of topics, and of earlier addresses, of a post.
const MAX_OF_POST: usize = 1_000;

/// Returns the slug of a post, derived from its headline if it has none. A page gets a number if the site itself, or a section of the
/// file, has its address.
pub(super) fn slug_of(
    item: &wxr::Item,
    headline: &str,
    FileIndex { sections, slugs, .. }: &FileIndex<'_>,
    changes: &mut Changes,
) -> String {
    let own = percent_decode(&item.name);
    let candidates = [own.as_str(), headline].map(|text| slugs.slugify(text));
    let slug = candidates.into_iter().find(|slug| !slug.is_empty());
    let slug = slug.unwrap_or_else(|| format!("post-{}", item.id));
    let is_page = item.post_type == "page";
    let by_section = is_page && sections.has(&slug);
    if !slug::is_reserved(&slug) && !by_section {
        return slug;
    }
    let other = format!("{slug}-{}", item.id);
    if is_page {
        let whose = if by_section { "a section has" } else { "the site itself answers" };
        changes.count(format!(
            "page \"{headline}\" has the address /{other}, because {whose} /{slug}"
        ));
    }
    other
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
        "wp_block" => Err("reusable blocks are taken in with the pieces that show them"),
        "guest-author" => Err("authors are taken in with the pieces that name them"),
        "newspack_spnsrs_cpt" => Err("sponsors are taken in with the pieces that they paid for"),
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
        // Plugins for editorial work bring statuses of their own, such as "pitch".
        other => {
            changes.count(format!("piece with the status \"{other}\" taken in as a draft"));
            Ok(Status::Draft)
        }
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

/// Returns the topics of a post: its tags and further categories.
pub(super) fn topics(
    item: &wxr::Item,
    section: Option<&Section>,
    slugs: SlugScript,
    changes: &mut Changes,
) -> Vec<Topic> {
    let is_section = |term: &&wxr::Term| {
        section.is_some_and(|section| section.name == text::plain(&term.name).replace('\n', " "))
    };
    let further_categories = item
        .terms("category")
        .filter(|term| term.slug != "uncategorized")
        .filter(|term| !is_section(term));
    let mut topics: Vec<Topic> = Vec::new();
    let mut terms = item.terms("post_tag").chain(further_categories);
    for term in terms.by_ref().take(MAX_OF_POST) {
        let name = text::plain(&term.name).replace('\n', " ");
        let wanted = [term.slug.as_str(), &name].map(|text| slugs.slugify(text));
        let slug = wanted.into_iter().find(|slug| !slug.is_empty()).unwrap_or_default();
        let topic = Topic { slug, name };
        // The store tells those apart whose names are alike in Latin letters only.
        let is_same =
            |known: &Topic| known.slug == topic.slug && is_same_name(&known.name, &topic.name);
        if !topic.slug.is_empty() && !topics.iter().any(is_same) {
            topics.push(topic);
        }
    }
    let left_out = terms.count();
    if left_out > 0 {
        changes.count_times("topic of a piece with very many left out", left_out);
    }
    topics
}

/// The path of the permalink, if it has one. A link may be whole, or only a path.
pub(super) fn link_path(item: &wxr::Item) -> Option<String> {
    let link = item.link.trim();
    let path = match link.split_once("://") {
        Some((_, rest)) => rest.find('/').map(|at| &rest[at..]),
        None => link.starts_with('/').then_some(link),
    };
    let is_path = |path: &&str| path.len() > 1 && !path.contains(['?', '#', '\\']);
    path.filter(is_path).map(percent_decode)
}

/// The path of the permalink and of earlier ones, and the short address to which WordPress also responds. An earlier one that another
/// post or page has now (`is_taken`) leads there.
pub(super) fn former_addresses(item: &wxr::Item, is_taken: impl Fn(&str) -> bool) -> Vec<String> {
    let mut addresses = vec![format!("/?p={}", item.id)];
    if item.post_type == "page" {
        addresses.push(format!("/?page_id={}", item.id));
    }
    let Some(path) = link_path(item) else { return addresses };
    // Before it was renamed, it had the same address with another last part.
    let folder = path.trim_end_matches('/').rsplit_once('/').map_or("", |(folder, _)| folder);
    let end = if path.ends_with('/') { "/" } else { "" };
    let old = item.metas("_wp_old_slug").map(|slug| percent_decode(slug.trim()));
    let old: Vec<String> = old
        .filter(|slug| !slug.is_empty() && !slug.contains(['/', '?', '#', '\\']))
        .map(|slug| format!("{folder}/{slug}{end}"))
        .filter(|address| !is_taken(address))
        .take(MAX_OF_POST)
        .collect();
    for address in std::iter::once(path.clone()).chain(old) {
        if !addresses.contains(&address) && !address.starts_with("//") {
            addresses.push(address);
        }
    }
    addresses
}

impl wxr::Item {
    pub(super) fn describe(&self) -> String {
        let title = text::plain(&self.title);
        let title = if title.is_empty() { &self.name } else { &title };
        format!("{} {} \"{title}\"", self.post_type, self.id)
    }

    pub(super) fn published(&self, zone: &TimeZone) -> Option<Timestamp> {
        wordpress_time(&self.date_gmt, &TimeZone::UTC)
            .or_else(|| wordpress_time(&self.date, zone))
            .or_else(|| rfc2822::parse(self.pub_date.trim()).ok().map(|time| time.timestamp()))
            .filter(|time| *time >= EARLIEST)
    }

    pub(super) fn modified(&self, zone: &TimeZone) -> Option<Timestamp> {
        wordpress_time(&self.modified_gmt, &TimeZone::UTC)
            .or_else(|| wordpress_time(&self.modified, zone))
    }
}

/// Parses `2026-11-24 07:00:00`. Drafts have `0000-00-00 00:00:00`, for which it returns `None`, as for times before newspapers.
fn wordpress_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    crate::manuscript::parse_timestamp(text, zone).filter(|time| *time >= EARLIEST)
}
