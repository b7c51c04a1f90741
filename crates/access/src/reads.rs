//! The set of articles that a reader's meter has counted.

use jiff::Timestamp;
use smallvec::SmallVec;

use crate::article::ArticleId;

/// One counted read, with a resolution of one second, as in the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The article that was read.
    pub article: ArticleId,
    /// When it was read, in seconds since the Unix epoch. Overflows in 2106.
    pub at: u32,
}

impl Read {
    /// Returns when it was read, in seconds since the Unix epoch.
    pub fn second(&self) -> i64 {
        i64::from(self.at)
    }
}

/// The distinct articles read, each with the time of its latest count, ordered by article. Up to
/// three reads, the default allowance of anonymous readers, are stored inline without a heap
/// allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads(SmallVec<[Read; 3]>);

impl Reads {
    /// Counts `article` at `now`. If it is already counted, the later time is kept.
    pub fn insert(&mut self, article: ArticleId, now: Timestamp) {
        let at = u32::try_from(now.as_second()).unwrap_or(u32::MAX);
        self.put(Read { article, at });
    }

    /// Adds one read. If the article is already counted, the later time is kept: keeping the
    /// earlier would let an old token shorten a rolling window.
    pub fn put(&mut self, read: Read) {
        match self.0.binary_search_by_key(&read.article, |known| known.article) {
            Ok(index) => self.0[index].at = self.0[index].at.max(read.at),
            Err(index) => self.0.insert(index, read),
        }
    }

    /// Adds all reads of `other` to this set. Returns `true` if the set changed.
    pub fn merge(&mut self, other: &Reads) -> bool {
        if self == other {
            return false;
        }
        let before = self.clone();
        for read in &other.0 {
            self.put(*read);
        }
        *self != before
    }

    /// Returns `true` if `article` is counted.
    pub fn contains(&self, article: ArticleId) -> bool {
        self.0.binary_search_by_key(&article, |known| known.article).is_ok()
    }

    /// Returns `true` if `article` was counted at or after `opens`, in seconds since the Unix
    /// epoch.
    pub fn contains_since(&self, article: ArticleId, opens: i64) -> bool {
        self.0
            .binary_search_by_key(&article, |known| known.article)
            .is_ok_and(|index| self.0[index].second() >= opens)
    }

    /// Returns the number of articles counted at or after `opens`, in seconds since the Unix epoch.
    pub fn count_since(&self, opens: i64) -> u32 {
        let counted = self.0.iter().filter(|read| read.second() >= opens).count();
        u32::try_from(counted).unwrap_or(u32::MAX)
    }

    /// Removes the reads before `opens`, in seconds since the Unix epoch. Returns `true` if there
    /// were any.
    pub fn forget_before(&mut self, opens: i64) -> bool {
        let before = self.0.len();
        self.0.retain(|read| read.second() >= opens);
        self.0.len() != before
    }

    /// Iterates over the reads, ordered by article.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Read> {
        self.0.iter()
    }

    /// Returns the number of articles counted.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if no article is counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Read> for Reads {
    fn from_iter<I: IntoIterator<Item = Read>>(reads: I) -> Self {
        let mut set = Self::default();
        for read in reads {
            set.put(read);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_reads() -> impl Strategy<Value = Reads> {
        prop::collection::vec((0_u32..12, 0_u32..1000), 0..10).prop_map(|pairs| {
            pairs.into_iter().map(|(id, at)| Read { article: ArticleId(id), at }).collect()
        })
    }

    fn merged(mut left: Reads, right: &Reads) -> Reads {
        left.merge(right);
        left
    }

    proptest! {
        /// Merging is commutative, associative and idempotent, and loses no read.
        #[test]
        fn merge_is_a_set_union(a in any_reads(), b in any_reads(), c in any_reads()) {
            prop_assert_eq!(merged(a.clone(), &b), merged(b.clone(), &a));
            prop_assert_eq!(merged(merged(a.clone(), &b), &c), merged(a.clone(), &merged(b.clone(), &c)));
            prop_assert_eq!(merged(a.clone(), &a), a.clone());
            let both = merged(a.clone(), &b);
            for read in a.iter().chain(b.iter()) {
                prop_assert!(both.contains_since(read.article, read.second()));
            }
            prop_assert!(both.len() <= a.len() + b.len());
        }

        #[test]
        fn forgetting_agrees_with_counting(reads in any_reads(), opens in 0_i64..1000) {
            let mut left = reads.clone();
            left.forget_before(opens);
            prop_assert_eq!(left.len(), reads.count_since(opens) as usize);
            for read in reads.iter() {
                prop_assert_eq!(left.contains(read.article), reads.contains_since(read.article, opens));
            }
        }
    }
}
