//! What items of an export say about one another.

use std::collections::{HashMap, HashSet};

use super::{
    blocks::BlockSource,
    bylines::Bylines,
    codes::{Attachment, AttachmentSource},
    item::{FileSections, link_path},
    metadata::{self, SponsorFacts},
    wxr::{Channel, Item, Term, percent_decode},
};
use crate::{import::Changes, piece::Section, text};

/// The attachments, reusable blocks, authors, sponsors and sections of a file.
pub(super) struct FileIndex {
    pub(super) channel: Channel,
    pub(super) attachments: HashMap<String, Attachment>,
    pub(super) bylines: Bylines,
    pub(super) sections: FileSections,
    /// The paths of posts and pages, without a slash at their ends.
    paths: HashSet<String>,
    blocks: HashMap<String, String>,
    /// By their slugs.
    sponsors: HashMap<String, SponsorFacts>,
}

impl FileIndex {
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            bylines: Bylines::new(&channel),
            channel,
            attachments: HashMap::new(),
            sections: FileSections::default(),
            paths: HashSet::new(),
            blocks: HashMap::new(),
            sponsors: HashMap::new(),
        }
    }

    /// Adds what an item says about others.
    pub(super) fn add(&mut self, item: Item) {
        if matches!(item.post_type.as_str(), "post" | "page") {
            self.paths.extend(link_path(&item).map(|path| path.trim_end_matches('/').to_owned()));
        }
        match item.post_type.as_str() {
            "attachment" => {
                let attachment = Attachment {
                    alt: item.meta("_wp_attachment_image_alt").unwrap_or_default().to_owned(),
                    caption: text::plain(&item.excerpt).replace('\n', " "),
                    credit: metadata::credit(&item),
                    url: item.attachment_url,
                };
                self.attachments.insert(item.id, attachment);
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
        self.paths.contains(path.trim_end_matches('/'))
    }

    /// What the file says about the sponsor of this term.
    pub(super) fn sponsor(&self, term: &Term) -> Option<&SponsorFacts> {
        self.sponsors.get(&term.slug)
    }
}

impl AttachmentSource for FileIndex {
    fn attachment(&self, id: &str) -> Option<&Attachment> {
        self.attachments.get(id)
    }
}

impl BlockSource for FileIndex {
    fn block(&self, id: &str) -> Option<&str> {
        self.blocks.get(id).map(String::as_str)
    }
}
