//! Imports from WordPress: the WXR export.
//!
//! An export is read item by item. An item with broken XML is reported with its title and its line and skipped;
//! the rest is imported. The origin of an entry consists of the exporting site and WordPress's own
//! id and guid of the post, because neither is unique in exports of merged sites. Importing the
//! same or a later export again updates the entries.

mod blocks;
mod bylines;
mod codes;
mod index;
mod item;
mod items;
mod markup;
mod metadata;
mod next_in_file;
mod next_place;
mod sections;
mod shortcodes;
mod wxr;

use std::{io, sync::Arc};

use jiff::tz::TimeZone;

pub use self::wxr::WxrError;
use self::{
    codes::AttachmentSource as _,
    codes::shortcodes,
    index::FileIndex,
    item::{former_addresses, headline, kind, slug_of, status, topics},
    items::{ItemLocation, item_locations},
};
use crate::{
    clean::{FindPicture, StoredPicture, clean},
    import::{
        ArchiveText, Changes, ImportEntry, Importer, MISSING_LEAD, SkippedEntry, UNLISTED_LEAD,
    },
    piece::{Kind, Picture, Piece, Status},
    slug::SlugScript,
    text,
};

/// An export with an index of what its items say about one another.
pub struct WxrExport<'a> {
    text: Arc<dyn ArchiveText + 'a>,
    index: FileIndex<'a>,
    items: Vec<ItemLocation>,
}

impl<'a> WxrExport<'a> {
    /// Reads the index of an export. Fails only if the text is not WXR, cannot be read or has too many items; broken items are reported
    /// by [`entries`](Importer::entries). Slugs are written in the letters of `slugs`.
    pub fn open(text: impl ArchiveText + 'a, slugs: SlugScript) -> Result<Self, WxrError> {
        let text: Arc<dyn ArchiveText + 'a> = Arc::new(text);
        let items = item_locations(&*text)?;
        let mut index = FileIndex::new(Arc::clone(&text), wxr::channel(&*text, &items)?, slugs);
        for location in &items {
            let item = wxr::item(&*text, *location);
            if let Ok(item) = item.map_err(|error| WxrError::Unreadable(error.to_string()))? {
                index.add(item, *location);
            }
        }
        Ok(Self { text, index, items })
    }

    fn converted(
        &self,
        location: ItemLocation,
        zone: &TimeZone,
        find: &FindPicture<'_>,
    ) -> io::Result<ImportEntry> {
        let mut changes = Changes::default();
        let site = &self.index.channel.site;
        let (origin, address, result) = match wxr::item(&*self.text, location)? {
            Ok(item) => (
                format!("wordpress:{site}:{}:{}", item.id, item.guid),
                item.link.clone(),
                self.piece(&item, zone, find, &mut changes),
            ),
            Err(broken) => {
                let line = location.line;
                let title = text::plain(&broken.title).replace('\n', " ");
                let what = match title.as_str() {
                    "" => format!("the item at line {line}"),
                    title => format!("\"{title}\", the item at line {line}"),
                };
                let skipped = SkippedEntry { what, why: broken.error.to_string() };
                (format!("wordpress:{site}:line-{line}"), String::new(), Err(skipped))
            }
        };
        self.index.check_read()?;
        Ok(ImportEntry { origin, address, result, changes })
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
        count_left_out(item, changes);
        let footnotes = item.meta("footnotes");
        let html = markup::html(&item.content, footnotes, &self.index, changes);
        let body = clean(&html, find, changes);
        let headline = headline(item, &body, changes);
        let section = (kind != Kind::Page).then(|| self.index.section(item, changes));
        let canonical = metadata::canonical(item, &self.index.channel.site);
        Ok(Piece {
            slug: slug_of(item, &headline, &self.index, changes),
            design: None,
            topics: topics(item, section.as_ref(), self.index.slugs, changes),
            section,
            kicker: String::new(),
            deck: text::plain(&shortcodes(metadata::deck(item), &self.index, changes))
                .replace('\n', " "),
            authors: self.index.bylines.of(item, changes),
            dateline: String::new(),
            picture: self.lead(item, find, changes),
            body,
            tier: None,
            sponsor: metadata::sponsor(item, |term| self.index.sponsor(term), changes),
            updated: item
                .modified(zone)
                .filter(|modified| published.is_some_and(|p| *modified > p)),
            corrections: Vec::new(),
            canonical,
            appearance: metadata::appearance(item),
            language: None,
            former_addresses: former_addresses(item, |path| self.index.has_path(path)),
            headline,
            kind,
            status,
            published,
        })
    }

    fn lead(
        &self,
        item: &wxr::Item,
        find: &FindPicture<'_>,
        changes: &mut Changes,
    ) -> Option<Picture> {
        let id = item.meta("_thumbnail_id").filter(|id| *id != "0" && *id != "-1")?;
        let attachment = self.index.attachment(id);
        let Some(StoredPicture { src, width, height }) =
            attachment.as_ref().and_then(|attachment| find(&attachment.url))
        else {
            changes.count(match attachment {
                Some(_) => MISSING_LEAD,
                None => UNLISTED_LEAD,
            });
            return None;
        };
        let attachment = attachment?;
        Some(Picture {
            src,
            width,
            height,
            alt: text::plain(&attachment.alt),
            caption: text::plain(&attachment.caption).replace('\n', " "),
            credit: attachment.credit,
            ..Picture::default()
        })
    }
}

/// Counts what the piece of an item does not have.
fn count_left_out(item: &wxr::Item, changes: &mut Changes) {
    if item.comments > 0 {
        changes.count("piece whose comments were left out");
    }
    if item.corrected > 0 {
        changes.count("piece with control characters or split letters, which were corrected");
    }
    metadata::count_unknown(item, changes);
}

impl Importer for WxrExport<'_> {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn entry(
        &self,
        number: usize,
        zone: &TimeZone,
        find_picture: &FindPicture<'_>,
    ) -> io::Result<Option<ImportEntry>> {
        let location = self.items.get(number);
        location.map(|location| self.converted(*location, zone, find_picture)).transpose()
    }

    /// Pictures are below `wp-content/uploads`, and those of one site of several below `files`. Where only the original is there, it is
    /// taken for a smaller size as well.
    fn picture_paths(&self, address: &str) -> Vec<String> {
        let below = ["/uploads/", "/files/"].iter().find_map(|folder| address.split_once(folder));
        let Some(path) = below.and_then(|(_, below)| below.split(['?', '#']).next()) else {
            return Vec::new();
        };
        let decoded = wxr::percent_decode(&html_escape::decode_html_entities(path));
        let mut paths = vec![decoded.clone()];
        if decoded != path {
            paths.push(path.to_owned());
        }
        paths.extend(original(&decoded));
        paths
    }
}

/// The path of the picture of which this is a smaller size, as in `light-300x200.jpg`.
fn original(path: &str) -> Option<String> {
    let (stem, ending) = path.rsplit_once('.')?;
    let (name, size) = stem.rsplit_once('-')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_size = size.split_once('x').is_some_and(|(w, h)| is_number(w) && is_number(h));
    is_size.then(|| format!("{name}.{ending}"))
}

#[cfg(test)]
mod tests;
