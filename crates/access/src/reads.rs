//! The set of articles that a reader's meter has counted.

use jiff::Timestamp;
use smallvec::SmallVec;

use crate::article::ArticleId;

/// One counted read. Instants are kept to the second, as the token carries them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// What was read.
    pub article: ArticleId,
    /// When, in seconds since the Unix epoch; good until 2106.
    pub at: u32,
}

impl Read {
    /// When it happened, in seconds since the Unix epoch.
    pub fn second(&self) -> i64 {
        i64::from(self.at)
    }
}

/// Distinct articles read, each with the instant of its latest count, ordered by article. As many as a
/// new publication allows to readers without an account take no allocation of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads(SmallVec<[Read; 3]>);

impl Reads {
    /// Counts `article` at `now`. An article that is counted already takes the later instant.
    pub fn insert(&mut self, article: ArticleId, now: Timestamp) {
        let at = u32::try_from(now.as_second()).unwrap_or(u32::MAX);
        self.put(Read { article, at });
    }

    /// Adds one read. Of two reads of one article the later stands: keeping the earlier would let
    /// an old token shorten a rolling window.
    pub fn put(&mut self, read: Read) {
        match self.0.binary_search_by_key(&read.article, |known| known.article) {
            Ok(index) => self.0[index].at = self.0[index].at.max(read.at),
            Err(index) => self.0.insert(index, read),
        }
    }

    /// Unites this set with `other`; says whether anything was new.
    pub fn unite(&mut self, other: &Reads) -> bool {
        if self == other {
            return false;
        }
        let before = self.clone();
        for read in &other.0 {
            self.put(*read);
        }
        *self != before
    }

    /// Whether `article` is counted.
    pub fn contains(&self, article: ArticleId) -> bool {
        self.0.binary_search_by_key(&article, |known| known.article).is_ok()
    }

    /// Whether `article` was counted at or after the second `opens`.
    pub fn contains_since(&self, article: ArticleId, opens: i64) -> bool {
        self.0
            .binary_search_by_key(&article, |known| known.article)
            .is_ok_and(|index| self.0[index].second() >= opens)
    }

    /// How many articles were counted at or after the second `opens`.
    pub fn count_since(&self, opens: i64) -> u32 {
        let counted = self.0.iter().filter(|read| read.second() >= opens).count();
        u32::try_from(counted).unwrap_or(u32::MAX)
    }

    /// Forgets what was read before the second `opens`; says whether there was any.
    pub fn forget_before(&mut self, opens: i64) -> bool {
        let before = self.0.len();
        self.0.retain(|read| read.second() >= opens);
        self.0.len() != before
    }

    /// Every read, ordered by article.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Read> {
        self.0.iter()
    }

    /// How many articles are counted.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is counted.
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

    fn united(mut left: Reads, right: &Reads) -> Reads {
        left.unite(right);
        left
    }

    proptest! {
        /// Signing in unites two sets: the order does not matter, twice is once, nothing is lost.
        #[test]
        fn union_is_a_union(a in any_reads(), b in any_reads(), c in any_reads()) {
            prop_assert_eq!(united(a.clone(), &b), united(b.clone(), &a));
            prop_assert_eq!(united(united(a.clone(), &b), &c), united(a.clone(), &united(b.clone(), &c)));
            prop_assert_eq!(united(a.clone(), &a), a.clone());
            let both = united(a.clone(), &b);
            for read in a.iter().chain(b.iter()) {
                prop_assert!(both.contains_since(read.article, read.second()));
            }
            prop_assert!(both.len() <= a.len() + b.len());
        }

        #[test]
        fn counting_agrees_with_looking(reads in any_reads(), opens in 0_i64..1000) {
            let mut left = reads.clone();
            left.forget_before(opens);
            prop_assert_eq!(left.len(), reads.count_since(opens) as usize);
            for read in reads.iter() {
                prop_assert_eq!(left.contains(read.article), reads.contains_since(read.article, opens));
            }
        }
    }
}
