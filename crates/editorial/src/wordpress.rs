//! Imports from WordPress: the WXR export.
//!
//! An export is read item by item. An item with broken XML is reported with its line and skipped;
//! the rest is imported. The origin of an entry consists of the exporting site and WordPress's own
//! id and guid of the post, because neither is unique in exports of merged sites. Importing the
//! same or a later export again updates the entries.

mod markup;
mod wxr;

use std::collections::HashMap;

use jiff::{Timestamp, tz::TimeZone};

pub use self::wxr::WxrError;
use crate::{
    clean::{FindPicture, StoredPicture, clean},
    import::{Changes, ImportEntry, SkippedEntry},
    manuscript::named_author,
    piece::{Author, Kind, Picture, Piece, Section, Status, Topic},
    slug, text,
};

/// The section of posts without a category.
const NO_SECTION: &str = "News";

/// An export with an index of its authors, attachments and items.
pub struct WxrExport<'a> {
    text: &'a str,
    site: String,
    authors: HashMap<String, String>,
    attachments: HashMap<String, Attachment>,
    items: Vec<wxr::ItemLocation>,
}

struct Attachment {
    url: String,
    alt: String,
    caption: String,
}

impl<'a> WxrExport<'a> {
    /// Reads the index of an export. Fails only if the text is not WXR; broken items are reported
    /// by [`entries`](Self::entries).
    pub fn open(text: &'a str) -> Result<Self, WxrError> {
        let channel = wxr::channel(text)?;
        let items = wxr::item_locations(text);
        let mut attachments = HashMap::new();
        for location in &items {
            let Ok(item) = wxr::item(text, *location) else { continue };
            if item.post_type == "attachment" {
                attachments.insert(
                    item.id.clone(),
                    Attachment {
                        alt: item.meta("_wp_attachment_image_alt").unwrap_or_default().to_owned(),
                        caption: item.excerpt.clone(),
                        url: item.attachment_url,
                    },
                );
            }
        }
        Ok(Self { text, site: channel.site, authors: channel.authors, attachments, items })
    }

    /// Returns the number of items of all kinds.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Returns `true` if there are no items.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Converts every item into a piece, or into the reason why it is skipped.
    pub fn entries<'b>(
        &'b self,
        zone: &'b TimeZone,
        find_picture: &'b FindPicture<'b>,
    ) -> impl Iterator<Item = ImportEntry> + 'b {
        self.items.iter().map(move |location| self.entry(*location, zone, find_picture))
    }

    fn entry(
        &self,
        location: wxr::ItemLocation,
        zone: &TimeZone,
        find: &FindPicture<'_>,
    ) -> ImportEntry {
        let mut changes = Changes::default();
        let item = match wxr::item(self.text, location) {
            Ok(item) => item,
            Err(error) => {
                return ImportEntry {
                    origin: format!("wordpress:{}:line-{}", self.site, location.line),
                    result: Err(SkippedEntry {
                        what: format!("the item at line {}", location.line),
                        why: error.to_string(),
                    }),
                    changes,
                };
            }
        };
        let origin = format!("wordpress:{}:{}:{}", self.site, item.id, item.guid);
        let result = self.piece(&item, zone, find, &mut changes);
        ImportEntry { origin, result, changes }
    }

    fn piece(
        &self,
        item: &wxr::Item,
        zone: &TimeZone,
        find: &FindPicture<'_>,
        changes: &mut Changes,
    ) -> Result<Piece, SkippedEntry> {
        let left_out = |why: &str| SkippedEntry { what: item.describe(), why: why.to_owned() };
        let kind = match item.post_type.as_str() {
            "post" => Kind::Article(article_kind(item).to_owned()),
            "page" => Kind::Page,
            "attachment" => {
                return Err(left_out("media are taken in with the pieces that show them"));
            }
            "nav_menu_item" | "wp_navigation" => {
                return Err(left_out(
                    "menus belong to the theme; sections are set in masthead.toml",
                ));
            }
            "wp_template" | "wp_template_part" | "wp_global_styles" | "custom_css" => {
                return Err(left_out("templates and styles belong to the theme"));
            }
            _ => return Err(left_out("this kind of content has no counterpart here")),
        };
        let status = status(item, changes).map_err(left_out)?;
        let published = match status {
            Status::Draft => None,
            Status::Published | Status::Withdrawn => Some(
                item.published(zone)
                    .ok_or_else(|| left_out("it has no publication date that can be read"))?,
            ),
        };
        if item.comments > 0 {
            changes.count("piece whose comments were left out");
        }
        let find_here = |src: &str| find(src);
        let body = clean(&markup::html(&item.content, changes), &find_here, changes);
        let headline = headline(item, &body, changes);
        Ok(Piece {
            slug: slug_of(item, &headline),
            section: (kind != Kind::Page).then(|| section(item)),
            topics: topics(item),
            kicker: String::new(),
            deck: text::plain(&item.excerpt).replace('\n', " "),
            authors: self.author(&item.creator).into_iter().collect(),
            dateline: String::new(),
            picture: self.lead(item, find, changes),
            body,
            tier: None,
            sponsor: None,
            updated: item
                .modified(zone)
                .filter(|modified| published.is_some_and(|p| *modified > p)),
            corrections: Vec::new(),
            canonical: None,
            language: None,
            former_addresses: former_addresses(item),
            headline,
            kind,
            status,
            published,
        })
    }

    fn author(&self, login: &str) -> Option<Author> {
        if login.is_empty() {
            return None;
        }
        let name = self.authors.get(login).filter(|name| !name.trim().is_empty());
        Some(named_author(name.map_or_else(|| login.to_owned(), Clone::clone)))
    }

    fn lead(
        &self,
        item: &wxr::Item,
        find: &FindPicture<'_>,
        changes: &mut Changes,
    ) -> Option<Picture> {
        let attachment = self.attachments.get(item.meta("_thumbnail_id")?)?;
        let Some(StoredPicture { src, width, height }) = find(&attachment.url) else {
            changes.count("lead picture not at hand, left out");
            return None;
        };
        Some(Picture {
            src,
            width,
            height,
            alt: text::plain(&attachment.alt),
            caption: text::plain(&attachment.caption).replace('\n', " "),
            credit: String::new(),
            ..Picture::default()
        })
    }
}

fn slug_of(item: &wxr::Item, headline: &str) -> String {
    let own = percent_decode(&item.name);
    let candidates = [own.as_str(), headline];
    let slug = candidates.into_iter().map(slug::slugify).find(|slug| !slug.is_empty());
    let slug = slug.unwrap_or_else(|| format!("post-{}", item.id));
    if slug::RESERVED.contains(&slug.as_str()) { format!("{slug}-{}", item.id) } else { slug }
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

fn status(item: &wxr::Item, changes: &mut Changes) -> Result<Status, &'static str> {
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

fn headline(item: &wxr::Item, body: &str, changes: &mut Changes) -> String {
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

fn section(item: &wxr::Item) -> Section {
    let named = item
        .terms("category")
        .find(|term| term.slug != "uncategorized")
        .map(|term| Section { slug: slug::slugify(&term.slug), name: text::plain(&term.name) });
    match named {
        Some(section)
            if !section.slug.is_empty() && !slug::RESERVED.contains(&section.slug.as_str()) =>
        {
            section
        }
        _ => Section { slug: slug::slugify(NO_SECTION), name: NO_SECTION.to_owned() },
    }
}

fn topics(item: &wxr::Item) -> Vec<Topic> {
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
fn former_addresses(item: &wxr::Item) -> Vec<String> {
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
    fn describe(&self) -> String {
        let title = text::plain(&self.title);
        let title = if title.is_empty() { &self.name } else { &title };
        format!("{} {} \"{title}\"", self.post_type, self.id)
    }

    fn published(&self, zone: &TimeZone) -> Option<Timestamp> {
        wordpress_time(&self.date_gmt, &TimeZone::UTC).or_else(|| wordpress_time(&self.date, zone))
    }

    fn modified(&self, zone: &TimeZone) -> Option<Timestamp> {
        wordpress_time(&self.modified_gmt, &TimeZone::UTC)
            .or_else(|| wordpress_time(&self.modified, zone))
    }
}

/// Parses `2026-11-24 07:00:00`. Drafts have `0000-00-00 00:00:00`, for which it returns `None`.
fn wordpress_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    crate::manuscript::parse_timestamp(text, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = include_str!("../tests/small.wxr.xml");

    fn entries(text: &str) -> Vec<ImportEntry> {
        let export = WxrExport::open(text).expect("an export");
        let zone = TimeZone::get("Europe/Lisbon").expect("a zone");
        let find = |src: &str| {
            src.ends_with("ferry.jpg").then(|| StoredPicture {
                src: "/media/f.jpg".into(),
                width: 8,
                height: 6,
            })
        };
        export.entries(&zone, &find).collect()
    }

    fn pieces(text: &str) -> Vec<Piece> {
        entries(text).into_iter().filter_map(|entry| entry.result.ok()).collect()
    }

    #[test]
    fn posts_and_pages_are_imported() {
        let pieces = pieces(EXPORT);
        let slugs: Vec<_> = pieces.iter().map(|piece| piece.slug.as_str()).collect();
        assert_eq!(slugs, ["the-last-ferry", "about-us", "a-draft", "unnamed-thoughts-on-rope"]);
        let ferry = &pieces[0];
        assert_eq!(ferry.headline, "The last & only ferry");
        assert_eq!(ferry.section.as_ref().map(|section| section.name.as_str()), Some("Harbour"));
        assert_eq!(ferry.topics.len(), 2);
        assert_eq!(ferry.authors[0].name, "Ada Quill");
        assert_eq!(ferry.picture.as_ref().map(|picture| picture.alt.as_str()), Some("A ferry"));
        assert_eq!(ferry.former_addresses, ["/?p=7", "/2026/03/the-last-ferry/"]);
        assert_eq!(ferry.published, "2026-03-01T09:30:00Z".parse().ok());
    }

    #[test]
    fn classic_text_gets_paragraphs_and_loses_scripts() {
        let ferry = &pieces(EXPORT)[0];
        assert_eq!(
            ferry.body,
            "<p>It sailed at <strong>noon</strong>.<br>\nNobody waved.</p>\n<figure><img src=\"/media/f.jpg\" alt=\"Deck\" loading=\"lazy\" decoding=\"async\" width=\"8\" height=\"6\"><figcaption>On deck</figcaption></figure>\n<p>The end.</p>"
        );
    }

    #[test]
    fn drafts_and_protected_pieces_become_drafts() {
        let pieces = pieces(EXPORT);
        assert_eq!(pieces[2].status, Status::Draft);
        assert_eq!(pieces[3].status, Status::Draft);
        assert_eq!(pieces[1].kind, Kind::Page);
    }

    #[test]
    fn a_broken_item_is_reported_and_the_rest_is_imported() {
        let broken = EXPORT.replacen("<title>About us</title>", "<title>About us</titel>", 1);
        let entries = entries(&broken);
        let failed: Vec<_> =
            entries.iter().filter_map(|entry| entry.result.as_ref().err()).collect();
        assert!(failed.iter().any(|left| left.why.contains("line 41")), "{failed:?}");
        assert_eq!(pieces(&broken).len(), 3);
    }

    #[test]
    fn a_file_that_is_not_an_export_is_refused() {
        let refused = |text: &str| WxrExport::open(text).err().map(|error| error.to_string());
        assert!(refused("<html></html>").is_some_and(|why| why.contains("WordPress")));
        assert!(refused("").is_some());
    }
}
