//! What a search asks for and what it returns, and how the index answers it.
//!
//! A search for a reader is two: in the public part of the articles that the reader cannot open, and in the full text of those
//! that they can. Every article is in one of the two at most, so the counts add up.

use std::{cmp::Ordering, ops::Range, sync::Arc};

use jiff::Timestamp;
use masthead_access::ArticleId;
use tantivy::{
    DocAddress, DocId, Score, Searcher, SegmentReader, TantivyDocument,
    collector::{Count, FilterCollector, TopDocs},
    query::Query,
    schema::{Field, Value},
};

use super::{
    Index, SearchError,
    passages::{Passage, Passages},
    schema::{VERSION, VersionKey},
    statistics::FixedStatistics,
};
use crate::query::ParsedQuery;

/// The age in seconds at which an article's score is half that of a new one: two years.
const HALF_LIFE: f64 = 2.0 * 365.25 * 86_400.0;

/// A range of search results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultRange {
    /// How many results to skip.
    pub offset: usize,
    /// How many results to return at most.
    pub limit: usize,
}

/// The order of search results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResultOrder {
    /// The best matches first, and newer ones before older ones that match as well.
    #[default]
    BestFirst,
    /// The newest first.
    NewestFirst,
}

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchRequest {
    /// The words.
    pub words: String,
    /// The order of the results.
    pub order: ResultOrder,
    /// Which of the results are returned.
    pub range: ResultRange,
}

/// How much of an article a search looks through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing. The article is left out before anything is counted, so that neither the count nor the search for similar words
    /// reveals it.
    Nothing,
    /// Its public part.
    Public,
    /// Its full text.
    Full,
    /// Its full text, as it is a page of the publication itself: all articles come before it.
    Page,
}

impl Reach {
    /// Whether a search looks through the full text.
    fn is_full(self) -> bool {
        match self {
            Self::Full | Self::Page => true,
            Self::Nothing | Self::Public => false,
        }
    }
}

/// The scope of a search.
#[derive(Clone)]
pub enum SearchScope {
    /// As much of each article as this returns for it.
    Articles(Arc<dyn Fn(IndexedVersion) -> Reach + Send + Sync>),
    /// The full text of every article, also of what is scheduled.
    Everything,
}

/// The revision of an article that the index has the text of.
#[derive(Clone, Copy, Debug)]
pub struct IndexedVersion(VersionKey);

impl IndexedVersion {
    /// Returns the article.
    pub fn id(self) -> ArticleId {
        self.0.id()
    }

    /// Returns `true` if the text is that of this revision. Otherwise it may be a text that readers have not got yet, and that
    /// other readers may open than those who may open the article now.
    pub fn is(self, revision: i64) -> bool {
        self.0 == VersionKey::new(self.id(), revision)
    }
}

/// A search result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchHit {
    /// The article.
    pub id: ArticleId,
    /// A passage of what the search looks through.
    pub passage: String,
    /// The matches in the passage, as sorted byte ranges.
    pub marks: Vec<Range<usize>>,
}

/// The results of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchResults {
    /// One page of results.
    pub hits: Vec<SearchHit>,
    /// The total number of results.
    pub count: usize,
    /// Whether there were no exact matches, and these are for similar words.
    pub fuzzy: bool,
}

impl SearchScope {
    fn reach(&self, version: u64) -> Reach {
        match self {
            Self::Articles(reach) => reach(IndexedVersion(VersionKey(version))),
            Self::Everything => Reach::Full,
        }
    }
}

/// A match, with what it is ordered by.
type Match = (Rank, DocAddress, Reach);

/// What matches are ordered by, the greatest first: whether it is an article, and how good or new it is.
type Rank = (bool, f64);

/// What all parts of one search have in common.
struct Search<'a> {
    index: &'a Index,
    searcher: Searcher,
    query: ParsedQuery,
    scope: &'a SearchScope,
    order: ResultOrder,
    range: ResultRange,
    /// Seconds since the Unix epoch.
    now: i64,
}

impl Index {
    /// Searches for words and returns a range of the results.
    pub fn find(
        &self,
        request: &SearchRequest,
        scope: &SearchScope,
        now: Timestamp,
    ) -> Result<SearchResults, SearchError> {
        let SearchRequest { words, order, range } = request;
        let query = ParsedQuery::new(words, &mut self.analyzer.clone());
        if query.is_empty() {
            return Ok(SearchResults::default());
        }
        let (searcher, now) = (self.reader.searcher(), now.as_second());
        let search =
            Search { index: self, searcher, query, scope, order: *order, range: *range, now };
        let exact = search.run(|query, fields| Some(query.exact(fields)))?;
        if exact.count > 0 {
            return Ok(exact);
        }
        let fuzzy = search.run(ParsedQuery::fuzzy)?;
        Ok(SearchResults { fuzzy: fuzzy.count > 0, ..fuzzy })
    }

    /// The fields that a search looks through, with their weights.
    fn weighted_fields(&self, reach: Reach) -> Vec<(Field, f32)> {
        let mut fields =
            vec![(self.fields.headline, 4.0), (self.fields.names, 2.0), (self.fields.public, 1.5)];
        if reach.is_full() {
            fields.push((self.fields.full, 1.0));
        }
        fields
    }
}

impl Search<'_> {
    fn run(
        &self,
        query: impl Fn(&ParsedQuery, &[(Field, f32)]) -> Option<Box<dyn Query>>,
    ) -> Result<SearchResults, SearchError> {
        let (mut count, mut matches) = (0, Vec::new());
        for reach in [Reach::Full, Reach::Public] {
            let Some(query) = query(&self.query, &self.index.weighted_fields(reach)) else {
                continue;
            };
            let (found, best) = self.matches(&*query, reach)?;
            count += found;
            matches.extend(best);
        }
        // Stable: what is alike has the same order on every page of results.
        matches.sort_by(|left, right| right.0.partial_cmp(&left.0).unwrap_or(Ordering::Equal));
        let page = matches.into_iter().skip(self.range.offset).take(self.range.limit);
        let hits = self.hits(page)?;
        Ok(SearchResults { hits, count, fuzzy: false })
    }

    /// Returns how many articles of this reach match, and the first of them, up to the end of the range.
    fn matches(&self, query: &dyn Query, reach: Reach) -> Result<(usize, Vec<Match>), SearchError> {
        let (order, now) = (self.order, self.now);
        let first = self.range.offset + self.range.limit.max(1);
        let scope = self.scope.clone();
        let top = TopDocs::with_limit(first).tweak_score(move |segment: &SegmentReader| {
            let published = segment.fast_fields().i64("published").ok();
            let version = segment.fast_fields().u64(VERSION).ok();
            let scope = scope.clone();
            move |document: DocId, score: Score| -> Rank {
                let published = published.as_ref().and_then(|column| column.first(document));
                let version = version.as_ref().and_then(|column| column.first(document));
                let is_page = version.is_some_and(|version| scope.reach(version) == Reach::Page);
                (!is_page, rank(order, score, published.unwrap_or(now), now))
            }
        });
        let scope = self.scope.clone();
        let is_wanted = move |version: u64| match scope.reach(version) {
            Reach::Nothing => false,
            of_article => of_article.is_full() == reach.is_full(),
        };
        let collector = FilterCollector::new(VERSION.to_owned(), is_wanted, (Count, top));
        let statistics = FixedStatistics(self.index.fields);
        let (count, best) =
            self.searcher.search_with_statistics_provider(query, &collector, &statistics)?;
        Ok((count, best.into_iter().map(|(rank, address)| (rank, address, reach)).collect()))
    }

    fn hits(&self, matches: impl Iterator<Item = Match>) -> Result<Vec<SearchHit>, SearchError> {
        let fields = self.index.fields;
        let passages = Passages::new(&self.query, self.index.analyzer.clone(), fields.full);
        let mut hits = Vec::new();
        for (_, address, reach) in matches {
            let document: TantivyDocument = self.searcher.doc(address)?;
            let text = |field| document.get_first(field).and_then(|value| value.as_str());
            let id = document.get_first(fields.id).and_then(|value| value.as_u64());
            let (Some(id), Some(public)) = (id, text(fields.public)) else { continue };
            let Ok(id) = u32::try_from(id) else { continue };
            let full = text(fields.full).filter(|_| reach.is_full());
            let Passage { text, marks } = passages.of(public, full);
            hits.push(SearchHit { id: ArticleId(id), passage: text, marks });
        }
        Ok(hits)
    }
}

/// What a match is ordered by; the greatest comes first.
#[expect(clippy::cast_precision_loss, reason = "seconds are exact in an f64")]
fn rank(order: ResultOrder, score: Score, published: i64, now: i64) -> f64 {
    match order {
        ResultOrder::BestFirst => {
            let age = (now - published).max(0) as f64;
            f64::from(score) * HALF_LIFE / (HALF_LIFE + age)
        }
        ResultOrder::NewestFirst => published as f64,
    }
}
