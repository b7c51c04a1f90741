//! What items of an export say about one another.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    sync::{Arc, OnceLock},
};

use super::{
    blocks::BlockSource,
    bylines::Bylines,
    codes::{Attachment, AttachmentSource},
    item::link_path,
    items::ItemLocation,
    metadata::{self, SponsorFacts},
    sections::FileSections,
    wxr::{self, Channel, Item, Term, percent_decode},
};
use crate::{
    import::{ArchiveText, Changes},
    piece::Section,
    slug::SlugScript,
    text,
};

/// The attachments, reusable blocks, authors, sponsors and sections of a file.
pub(super) struct FileIndex<'a> {
    text: Arc<dyn ArchiveText + 'a>,
    pub(super) channel: Channel,
    /// Where the items of attachments are, by their ids. They are read again when a piece shows them: there may be as many as posts.
    attachments: HashMap<u64, ItemLocation>,
    pub(super) bylines: Bylines,
    pub(super) sections: FileSections,
    /// In which letters slugs are written.
    pub(super) slugs: SlugScript,
    /// The digests of the paths of posts and pages, without a slash at their ends.
    paths: HashSet<u64>,
    blocks: HashMap<String, String>,
    /// By their slugs.
    sponsors: HashMap<String, SponsorFacts>,
    /// Why an attachment could not be read from the file.
    failure: OnceLock<io::Error>,
}

impl<'a> FileIndex<'a> {
    pub(super) fn new(
        text: Arc<dyn ArchiveText + 'a>,
        channel: Channel,
        slugs: SlugScript,
    ) -> Self {
        Self {
            text,
            bylines: Bylines::new(&channel, slugs),
            slugs,
            channel,
            attachments: HashMap::new(),
            sections: FileSections::new(slugs),
            paths: HashSet::new(),
            blocks: HashMap::new(),
            sponsors: HashMap::new(),
            failure: OnceLock::new(),
        }
    }

    /// Fails if an attachment could not be read from the file, now or before.
    pub(super) fn check_read(&self) -> io::Result<()> {
        let failed = |error: &io::Error| io::Error::new(error.kind(), error.to_string());
        self.failure.get().map_or(Ok(()), |error| Err(failed(error)))
    }

    /// Adds what an item at this place says about others.
    pub(super) fn add(&mut self, item: Item, location: ItemLocation) {
        if matches!(item.post_type.as_str(), "post" | "page") {
            self.paths.extend(link_path(&item).map(|path| digest(path.trim_end_matches('/'))));
        }
        match item.post_type.as_str() {
            "attachment" => {
                self.attachments.insert(digest(&item.id), location);
            }
            "guest-author" => self.bylines.add_guest(&item),
            // A draft, or a block with a password, is not for everybody: pieces that show it have nothing in its place.
            "wp_block" if item.status == "publish" && item.password.is_empty() => {
                self.blocks.insert(item.id, item.content);
            }
            "newspack_spnsrs_cpt" => {
                self.sponsors.insert(percent_decode(&item.name), SponsorFacts::new(&item));
            }
            "post" => self.sections.add(&item),
            _ => {}
        }
    }

    /// The section of a post.
    pub(super) fn section(&self, item: &Item, changes: &mut Changes) -> Section {
        let keys = ["_yoast_wpseo_primary_category", "rank_math_primary_category"];
        let main = keys.into_iter().find_map(|key| item.meta(key));
        let main = main.and_then(|id| self.channel.categories.get(id));
        self.sections.of(item, main.map(String::as_str), changes)
    }

    /// Whether a post or page of the file has this path now.
    pub(super) fn has_path(&self, path: &str) -> bool {
        self.paths.contains(&digest(path.trim_end_matches('/')))
    }

    /// What the file says about the sponsor of this term.
    pub(super) fn sponsor(&self, term: &Term) -> Option<&SponsorFacts> {
        self.sponsors.get(&term.slug)
    }
}

impl AttachmentSource for FileIndex<'_> {
    fn attachment(&self, id: &str) -> Option<Attachment> {
        let location = self.attachments.get(&digest(id))?;
        let item = match wxr::item(&*self.text, *location) {
            Ok(item) => item.ok()?,
            Err(error) => {
                // The caller has no use for it, and the piece is not imported without its picture.
                self.failure.get_or_init(|| error);
                return None;
            }
        };
        // Another may have the same digest.
        if item.id != id {
            return None;
        }
        Some(Attachment {
            alt: item.meta("_wp_attachment_image_alt").unwrap_or_default().to_owned(),
            caption: text::plain(&item.excerpt).replace('\n', " "),
            credit: metadata::credit(&item),
            url: item.attachment_url,
        })
    }
}

/// The digest of a text, which takes less memory. That two of a file are the same is less likely than that the file is damaged.
fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl BlockSource for FileIndex<'_> {
    fn block(&self, id: &str) -> Option<&str> {
        self.blocks.get(id).map(String::as_str)
    }
}
