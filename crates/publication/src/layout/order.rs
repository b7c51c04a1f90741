//! The order of lists that readers see. Feeds have the order of publication.

use std::{iter, sync::Arc};

use super::Layout;
use crate::edition::{EditionEntry, EntryList};

impl Layout<'_> {
    /// The entries of a list, the latest first. While the live coverage of an article is running, it has the place that its latest
    /// post would have.
    pub(super) fn latest_first<'b>(
        &'b self,
        entries: &'b EntryList,
    ) -> impl Iterator<Item = &'b Arc<EditionEntry>> {
        let live = self.edition.live().iter().filter(|live| entries.contains(live));
        let others = entries.iter().filter(|entry| !entry.is_live());
        let (mut live, mut others) = (live.peekable(), others.peekable());
        iter::from_fn(move || {
            let is_later = |other: &&Arc<EditionEntry>| {
                live.peek().is_none_or(|live| live.updated() < other.published)
            };
            if others.peek().is_some_and(is_later) { others.next() } else { live.next() }
        })
    }
}
