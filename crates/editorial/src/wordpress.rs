//! Imports from WordPress: the WXR export.
//!
//! An export is read item by item. An item with broken XML is reported with its line and skipped;
//! the rest is imported. The origin of an entry consists of the exporting site and WordPress's own
//! id and guid of the post, because neither is unique in exports of merged sites. Importing the
//! same or a later export again updates the entries.

mod item;
mod markup;
mod shortcodes;
mod wxr;

use std::collections::HashMap;

use jiff::tz::TimeZone;

use self::item::{former_addresses, headline, kind, section, slug_of, status, topics};
pub use self::wxr::WxrError;
use crate::{
    appearance::Appearance,
    clean::{FindPicture, StoredPicture, clean},
    import::{Changes, ImportEntry, Importer, SkippedEntry},
    manuscript::named_author,
    piece::{Author, Kind, Picture, Piece, Status},
    text,
};

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
    /// by [`entries`](Importer::entries).
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
        let kind = kind(item).map_err(left_out)?;
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
            design: None,
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
            appearance: Appearance::default(),
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

impl Importer for WxrExport<'_> {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn entries<'b>(
        &'b self,
        zone: &'b TimeZone,
        find_picture: &'b FindPicture<'b>,
    ) -> Box<dyn Iterator<Item = ImportEntry> + 'b> {
        Box::new(self.items.iter().map(move |location| self.entry(*location, zone, find_picture)))
    }

    /// Pictures are below `wp-content/uploads`.
    fn picture_path<'b>(&self, address: &'b str) -> Option<&'b str> {
        let (_, below) = address.split_once("/uploads/")?;
        below.split(['?', '#']).next()
    }
}

#[cfg(test)]
mod tests;
