//! What a search of a reader looks through: which articles, and how much of each.

use std::sync::Arc;

use jiff::Timestamp;
use masthead_access::{OpenTiers, Policy, Reader, Reads, Standing};
use masthead_circulation::entitlement;
use masthead_search::{Reach, ResultRange, SearchHit, SearchResults, SearchScope};

use crate::{
    accounts::CachedAccount,
    edition::{Edition, EditionEntry, EntryList},
};

/// Which articles a reader wants to find. Without conditions it admits every article and page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleFilter {
    /// Only those of the section with this slug.
    pub section: Option<String>,
    /// Only those by one of the authors with these slugs.
    pub authors: Option<Vec<String>>,
    /// Only those published at this time or later.
    pub from: Option<Timestamp>,
    /// Only those published before this time.
    pub until: Option<Timestamp>,
}

impl ArticleFilter {
    /// Whether it has no conditions.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn admits(&self, entry: &EditionEntry) -> bool {
        let in_section =
            |wanted: &String| entry.section.as_ref().is_some_and(|s| s.slug == *wanted);
        let by_one_of = |wanted: &Vec<String>| {
            entry.authors.iter().any(|author| wanted.iter().any(|slug| **slug == **author))
        };
        self.section.as_ref().is_none_or(in_section)
            && self.authors.as_ref().is_none_or(by_one_of)
            && self.from.is_none_or(|from| entry.published >= from)
            && self.until.is_none_or(|until| entry.published < until)
    }

    /// Returns the published articles that it admits, the newest first, each with its deck.
    pub fn latest(&self, edition: &Edition, range: ResultRange) -> SearchResults {
        let admitted = self.list(edition).iter().filter(|entry| self.admits(entry));
        let hit = |entry: &Arc<EditionEntry>| SearchHit {
            id: entry.id,
            passage: entry.lines.deck().to_owned(),
            marks: Vec::new(),
        };
        SearchResults {
            hits: admitted.clone().skip(range.offset).take(range.limit).map(hit).collect(),
            count: admitted.count(),
            fuzzy: false,
        }
    }

    /// Returns the shortest list that has everything it admits.
    fn list<'a>(&self, edition: &'a Edition) -> &'a EntryList {
        match (self.authors.as_deref(), &self.section) {
            (Some([author]), _) => edition.by_author(author),
            (_, Some(section)) => edition.in_section(section),
            (_, None) => edition.articles(),
        }
    }
}

/// What a reader may read without spending a read, under the policy that applies to them.
#[derive(Clone, Debug)]
pub struct ReaderAccess {
    policy: Policy,
    open: OpenTiers,
}

impl ReaderAccess {
    /// The access of a reader without an account.
    pub fn of_anonymous(policy: Policy, now: Timestamp) -> Self {
        let open = OpenTiers::new(&policy, &Reader::anonymous(&Reads::default()), now);
        Self { policy, open }
    }

    /// The access of a signed-in reader.
    pub fn of_member(policy: Policy, member: &CachedAccount, now: Timestamp) -> Self {
        let subscriptions = member.subscriptions();
        let products: Vec<&str> = entitlement::products(&subscriptions, now).collect();
        Self::new(policy, member.standing(now), &products, now)
    }

    fn new(policy: Policy, standing: Standing, products: &[&str], now: Timestamp) -> Self {
        let none = Reads::default();
        let reader = Reader { products, ..Reader::standing(standing, &none) };
        let open = OpenTiers::new(&policy, &reader, now);
        Self { policy, open }
    }
}

/// The scope of a search at `now` for a reader with this access.
pub(crate) fn scope(
    edition: Arc<Edition>,
    filter: ArticleFilter,
    ReaderAccess { policy, open }: ReaderAccess,
    now: Timestamp,
) -> SearchScope {
    SearchScope::Articles(Arc::new(move |indexed| {
        let entry = edition.public_piece(indexed.id()).filter(|entry| filter.admits(entry));
        let Some(entry) = entry else { return Reach::Nothing };
        // Of another revision, it may be a text with another tier.
        let is_open = || indexed.is(entry.revision) && open.opens(&policy, &entry.article(), now);
        match is_open() {
            true if entry.is_page() => Reach::Page,
            true => Reach::Full,
            false => Reach::Public,
        }
    }))
}
