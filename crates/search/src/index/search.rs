//! What a search asks for and what it returns, and how the index answers it.

use std::{ops::Range, sync::Arc};

use jiff::Timestamp;
use masthead_access::ArticleId;
use tantivy::{
    DocId, Score, SegmentReader, TantivyDocument,
    collector::{Count, FilterCollector, TopDocs},
    query::Query,
    schema::Value,
    snippet::SnippetGenerator,
};

use super::{
    Index, SearchError,
    schema::{Fields, ID},
};
use crate::query::ParsedQuery;

/// The length of a passage, in characters.
const PASSAGE_CHARS: usize = 220;

/// The age in seconds at which an article's score is half that of a new one: two years.
const HALF_LIFE: f32 = 2.0 * 365.25 * 86_400.0;

/// A range of search results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultRange {
    /// How many results to skip.
    pub offset: usize,
    /// How many results to return at most.
    pub limit: usize,
}

/// The scope of a search.
#[derive(Clone)]
pub enum SearchScope {
    /// Only the public part, and only of articles for which this returns `true`. The others are left out before anything
    /// is counted, so that neither the count nor the search for similar words reveals them.
    Public(Arc<dyn Fn(ArticleId) -> bool + Send + Sync>),
    /// The full text of every article, also of what is scheduled.
    Full,
}

/// A search result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchHit {
    /// The article.
    pub id: ArticleId,
    /// A passage of the public part.
    pub passage: String,
    /// The matches in the passage, as sorted byte ranges.
    pub marks: Vec<Range<usize>>,
}

/// The results of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchResults {
    /// One page of results, best first.
    pub hits: Vec<SearchHit>,
    /// The total number of results.
    pub count: usize,
    /// Whether there were no exact matches, and these are for similar words.
    pub fuzzy: bool,
}

impl SearchScope {
    /// Whether the article with this number may be found.
    fn includes(&self, id: u64) -> bool {
        match self {
            Self::Public(is_public) => u32::try_from(id).is_ok_and(|id| is_public(ArticleId(id))),
            Self::Full => true,
        }
    }
}

impl Index {
    /// Searches for `words` and returns a range of the results.
    pub fn find(
        &self,
        words: &str,
        scope: &SearchScope,
        range: ResultRange,
        now: Timestamp,
    ) -> Result<SearchResults, SearchError> {
        let parsed = ParsedQuery::new(words, &mut self.analyzer.clone());
        if parsed.is_empty() {
            return Ok(SearchResults::default());
        }
        let Fields { headline, names, public, full, .. } = self.fields;
        let mut fields = vec![(headline, 4.0), (names, 2.0), (public, 1.5)];
        if matches!(scope, SearchScope::Full) {
            fields.push((full, 1.0));
        }
        let exact = self.run(&*parsed.exact(&fields), scope, range, now)?;
        if exact.count > 0 {
            return Ok(exact);
        }
        match parsed.fuzzy(&fields) {
            Some(fuzzy) => {
                let found = self.run(&*fuzzy, scope, range, now)?;
                Ok(SearchResults { fuzzy: found.count > 0, ..found })
            }
            None => Ok(exact),
        }
    }

    fn run(
        &self,
        query: &dyn Query,
        scope: &SearchScope,
        range: ResultRange,
        now: Timestamp,
    ) -> Result<SearchResults, SearchError> {
        let searcher = self.reader.searcher();
        let now = now.as_second();
        let top = TopDocs::with_limit(range.limit.max(1)).and_offset(range.offset).tweak_score(
            move |segment: &SegmentReader| {
                let published = segment.fast_fields().i64("published").ok();
                move |document: DocId, score: Score| {
                    let published = published.as_ref().and_then(|column| column.first(document));
                    score * published.map_or(1.0, |published| freshness(now - published))
                }
            },
        );
        let scope = scope.clone();
        let visible = move |id: u64| scope.includes(id);
        let found = FilterCollector::new(ID.to_owned(), visible, (Count, top));
        let (count, best) = searcher.search(query, &found)?;
        let mut passages = SnippetGenerator::create(&searcher, query, self.fields.public)?;
        passages.set_max_num_chars(PASSAGE_CHARS);
        let mut hits = Vec::with_capacity(best.len());
        for (_, address) in best {
            let document: TantivyDocument = searcher.doc(address)?;
            let id = document.get_first(self.fields.id).and_then(|value| value.as_u64());
            let id = id.and_then(|id| u32::try_from(id).ok());
            let public = document.get_first(self.fields.public).and_then(|value| value.as_str());
            let (Some(id), Some(public)) = (id, public) else { continue };
            hits.push(hit(ArticleId(id), public, &passages));
        }
        Ok(SearchResults { hits, count, fuzzy: false })
    }
}

fn hit(id: ArticleId, public: &str, passages: &SnippetGenerator) -> SearchHit {
    let snippet = passages.snippet(public);
    let found = snippet.fragment_range();
    if found.is_empty() {
        // The matches are in other fields, so the beginning is shown.
        let end = public.char_indices().nth(PASSAGE_CHARS).map_or(public.len(), |(at, _)| at);
        return SearchHit { id, passage: cut(public, 0..end).1, marks: Vec::new() };
    }
    let (before, passage) = cut(public, found);
    let mut marks: Vec<Range<usize>> = Vec::new();
    for mark in snippet.highlighted() {
        let mark = mark.start + before..mark.end + before;
        match marks.last_mut() {
            Some(last) if mark.start <= last.end => last.end = last.end.max(mark.end),
            Some(_) | None => marks.push(mark),
        }
    }
    SearchHit { id, passage, marks }
}

/// Cuts a part out of a text, with ellipses where the text continues. Also returns the length of
/// the leading ellipsis.
fn cut(text: &str, part: Range<usize>) -> (usize, String) {
    let before = if part.start > 0 { "… " } else { "" };
    let after = if part.end < text.len() { " …" } else { "" };
    let part = text.get(part).unwrap_or_default();
    (before.len(), [before, part, after].concat())
}

/// The factor by which the score of an article of this age in seconds is multiplied.
fn freshness(age: i64) -> f32 {
    #[allow(clippy::cast_precision_loss)] // to a second in a year
    let age = age.max(0) as f32;
    HALF_LIFE / (HALF_LIFE + age)
}
