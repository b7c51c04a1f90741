//! Entries in the order of their publication, in a list whose copies share what they have in common.
//!
//! It consists of chunks behind [`Arc`]s. A copy shares all of them, and a change copies the one that it is in.

use std::{cmp::Reverse, sync::Arc};

use jiff::Timestamp;
use masthead_access::ArticleId;

use super::EditionEntry;

/// The maximum length of a chunk.
const CHUNK: usize = 512;

/// Entries, the latest first.
#[derive(Clone, Debug, Default)]
pub struct EntryList {
    /// None of them is empty.
    chunks: Vec<Arc<Vec<Arc<EditionEntry>>>>,
    len: usize,
}

/// What entries are ordered by.
pub(super) fn order(entry: &EditionEntry) -> (Reverse<Timestamp>, Reverse<ArticleId>) {
    (Reverse(entry.published), Reverse(entry.id))
}

impl EntryList {
    pub(super) const EMPTY: Self = Self { chunks: Vec::new(), len: 0 };

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the latest entry.
    pub fn first(&self) -> Option<&Arc<EditionEntry>> {
        self.chunks.first()?.first()
    }

    /// Returns the entries, the latest first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<EditionEntry>> + Clone {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// Whether this entry is in the list.
    pub fn contains(&self, entry: &EditionEntry) -> bool {
        let chunk = self.chunks.get(self.chunk_of(entry));
        chunk.is_some_and(|chunk| place(chunk, entry).is_ok())
    }

    /// Returns the last of the entries for which `is_before` is `true`. All of them come before all others.
    pub fn last_while(
        &self,
        is_before: impl Fn(&EditionEntry) -> bool,
    ) -> Option<&Arc<EditionEntry>> {
        let begins = |chunk: &Arc<Vec<Arc<EditionEntry>>>| {
            chunk.first().is_some_and(|entry| is_before(entry))
        };
        let chunk = self.chunks[..self.chunks.partition_point(begins)].last()?;
        chunk[..chunk.partition_point(|entry| is_before(entry))].last()
    }

    /// Adds an entry in its place.
    pub(super) fn insert(&mut self, entry: Arc<EditionEntry>) {
        let at = self.chunk_of(&entry);
        if at == self.chunks.len() {
            return self.append(entry);
        }
        let chunk = Arc::make_mut(&mut self.chunks[at]);
        match place(chunk, &entry) {
            Ok(known) => chunk[known] = entry,
            Err(place) => {
                chunk.insert(place, entry);
                self.len += 1;
                self.split(at);
            }
        }
    }

    /// Adds an entry that comes after all others.
    fn append(&mut self, entry: Arc<EditionEntry>) {
        self.len += 1;
        match self.chunks.last_mut().filter(|last| last.len() < CHUNK) {
            Some(last) => Arc::make_mut(last).push(entry),
            None => self.chunks.push(Arc::new(vec![entry])),
        }
    }

    fn split(&mut self, at: usize) {
        if self.chunks[at].len() > CHUNK {
            let chunk = Arc::make_mut(&mut self.chunks[at]);
            let rest = chunk.split_off(CHUNK / 2);
            chunk.shrink_to_fit();
            self.chunks.insert(at + 1, Arc::new(rest));
        }
    }

    /// Removes an entry, if it is in the list.
    pub(super) fn remove(&mut self, entry: &EditionEntry) {
        let at = self.chunk_of(entry);
        let Some(chunk) = self.chunks.get_mut(at) else { return };
        let Ok(place) = place(chunk, entry) else { return };
        if chunk.len() == 1 {
            self.chunks.remove(at);
        } else {
            Arc::make_mut(chunk).remove(place);
        }
        self.len -= 1;
    }

    /// Returns the index of the chunk that an entry is in, or belongs in; the number of chunks if it comes after all others.
    fn chunk_of(&self, entry: &EditionEntry) -> usize {
        let comes_before = |chunk: &Arc<Vec<Arc<EditionEntry>>>| {
            chunk.last().is_some_and(|last| order(last) < order(entry))
        };
        self.chunks.partition_point(comes_before)
    }
}

/// Where an entry is in a chunk, or else belongs.
fn place(chunk: &[Arc<EditionEntry>], entry: &EditionEntry) -> Result<usize, usize> {
    chunk.binary_search_by_key(&order(entry), |known| order(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edition::tests::entry;

    fn list(ids: impl IntoIterator<Item = u32>) -> EntryList {
        let mut list = EntryList::default();
        ids.into_iter().for_each(|id| list.insert(entry(id, i64::from(id) / 3)));
        list
    }

    fn ids(list: &EntryList) -> Vec<u32> {
        assert_eq!(list.iter().count(), list.len());
        list.iter().map(|entry| entry.id.0).collect()
    }

    #[test]
    fn entries_are_in_order_however_they_came() {
        let latest_first: Vec<u32> = (0..5_000).rev().collect();
        let mixed = (0..5_000_u32).map(|number| number * 2_003 % 5_000);
        for list in [list(0..5_000), list((0..5_000).rev()), list(mixed)] {
            assert_eq!(ids(&list), latest_first);
            assert!(list.chunks.iter().all(|chunk| (1..=CHUNK).contains(&chunk.len())));
        }
    }

    #[test]
    fn entries_are_removed_and_replaced() {
        let mut list = list(0..2_000);
        let before = list.clone();
        for id in (0..2_000).filter(|id| id % 3 != 0).chain([9_999]) {
            list.remove(&entry(id, i64::from(id) / 3));
        }
        list.insert(entry(0, 0));
        assert_eq!(ids(&list), (0..2_000).rev().filter(|id| id % 3 == 0).collect::<Vec<_>>());
        assert_eq!((list.first().map(|entry| entry.id.0), before.len()), (Some(1_998), 2_000));
        assert!(list.contains(&entry(3, 1)) && !list.contains(&entry(4, 1)));
    }

    #[test]
    fn the_last_entry_before_an_instant_is_found() {
        let list = list(0..2_000);
        for second in [0, 1, 300, 666] {
            let younger = list.last_while(|entry| entry.published.as_second() >= second);
            assert_eq!(younger.map(|entry| i64::from(entry.id.0)), Some(second * 3));
        }
        assert!(list.last_while(|_| false).is_none());
    }
}
