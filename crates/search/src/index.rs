//! The search index.

use std::{collections::HashSet, fs, io, ops::Range, path::Path};

use jiff::Timestamp;
use masthead_access::ArticleId;
use parking_lot::Mutex;
use tantivy::{
    DocId, IndexReader, IndexWriter, ReloadPolicy, Score, SegmentReader, TantivyDocument,
    TantivyError, Term,
    collector::{Count, TopDocs},
    directory::error::LockError,
    index::SegmentId,
    query::Query,
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions,
        Value,
    },
    snippet::SnippetGenerator,
    tokenizer::TextAnalyzer,
};

use crate::{analyzer, query::ParsedQuery};

/// The version of the index format. The index is rebuilt if it differs.
const FORMAT: u32 = 1;
/// The name of the analyzer in the schema.
const ANALYZER: &str = "publication";
/// The memory for uncommitted changes, in bytes.
const MEMORY: usize = 15_000_000;
/// The length of a passage, in characters.
const PASSAGE_CHARS: usize = 220;
/// The age in seconds at which an article's score is half that of a new one: two years.
const HALF_LIFE: f32 = 2.0 * 365.25 * 86_400.0;

/// The error for a failed operation on the index.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The directory cannot be created or cleared.
    #[error("the directory of the search index, {0}, cannot be written: {1}")]
    Directory(String, io::Error),
    /// Opening was interrupted, because the server is shutting down.
    #[error("the search index was not opened: {0}")]
    Interrupted(String),
    /// The index cannot be read or written.
    #[error("the search index: {0}")]
    Index(#[from] TantivyError),
}

/// How far the index has followed the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// The revision of the last write in the index.
    pub revision: i64,
    /// The last indexed article of that write, or `None` if all of them are indexed.
    pub last: Option<ArticleId>,
}

/// A range of search results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultRange {
    /// How many results to skip.
    pub offset: usize,
    /// How many results to return at most.
    pub limit: usize,
}

/// The text of an article to index, without markup.
#[derive(Clone, Debug, Default)]
pub struct IndexedText {
    /// Kicker and headline.
    pub headline: String,
    /// Names of authors, topics and section.
    pub names: String,
    /// The public part: deck and teaser.
    pub public: String,
    /// The full text.
    pub full: String,
    /// When it was published.
    pub published: Timestamp,
}

/// A change to the index.
#[derive(Clone, Debug)]
pub enum IndexChange {
    /// Adds or replaces an article.
    Upsert(ArticleId, Box<IndexedText>),
    /// Removes an article.
    Remove(ArticleId),
}

/// The scope of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchScope {
    /// Only the public part.
    Public,
    /// The full text.
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

#[derive(Clone, Copy)]
struct Fields {
    id: Field,
    published: Field,
    headline: Field,
    names: Field,
    public: Field,
    full: Field,
}

/// A search index in a directory.
pub struct Index {
    fields: Fields,
    files: tantivy::Index,
    reader: IndexReader,
    /// `None` while another process writes this index.
    writer: Mutex<Option<IndexWriter>>,
    analyzer: TextAnalyzer,
    /// The format, the language and the source of the index.
    kind: String,
}

impl Index {
    /// Opens the index in a directory, for texts in a language. It starts empty if it does not
    /// exist, is broken, or was built with another `of`, such as another teaser length.
    pub fn open(directory: &Path, language: &str, of: &str) -> Result<Self, SearchError> {
        let kind = format!("{FORMAT} {language} {of}");
        match Self::open_existing(directory, language, &kind) {
            Ok(index) => Ok(index),
            // The index can be rebuilt from the database, so nothing is lost.
            Err(_) => Self::create(directory, language, &kind),
        }
    }

    fn open_existing(directory: &Path, language: &str, kind: &str) -> Result<Self, SearchError> {
        let index = tantivy::Index::open_in_dir(directory)?;
        let payload = index.load_metas()?.payload.unwrap_or_default();
        if payload.split('\n').next() != Some(kind) {
            return Err(TantivyError::InvalidArgument("of another kind".to_owned()).into());
        }
        Self::of(index, language, kind)
    }

    fn create(directory: &Path, language: &str, kind: &str) -> Result<Self, SearchError> {
        let failed = |error| SearchError::Directory(directory.display().to_string(), error);
        match fs::remove_dir_all(directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
        fs::create_dir_all(directory).map_err(failed)?;
        Self::of(tantivy::Index::create_in_dir(directory, schema())?, language, kind)
    }

    fn of(index: tantivy::Index, language: &str, kind: &str) -> Result<Self, SearchError> {
        let analyzer = analyzer::for_language(language);
        index.tokenizers().register(ANALYZER, analyzer.clone());
        let field = |name: &str| index.schema().get_field(name);
        let fields = Fields {
            id: field("id")?,
            published: field("published")?,
            headline: field("headline")?,
            names: field("names")?,
            public: field("seen")?,
            full: field("whole")?,
        };
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let writer = Mutex::new(acquire_writer(&index)?);
        Ok(Self { fields, files: index, reader, writer, analyzer, kind: kind.to_owned() })
    }

    /// Returns the checkpoint, from which to continue with the changes in the database.
    pub fn checkpoint(&self) -> Result<Checkpoint, SearchError> {
        let payload = self.files.load_metas()?.payload.unwrap_or_default();
        let mut numbers = payload.split('\n').skip(1);
        let revision = numbers.next().and_then(|number| number.parse().ok()).unwrap_or_default();
        let last = numbers.next().and_then(|number| number.parse().ok()).map(ArticleId);
        Ok(Checkpoint { revision, last })
    }

    /// Applies changes and sets the checkpoint. Returns `false` if another process writes this
    /// index; then its changes are loaded instead.
    pub fn apply(
        &self,
        changes: Vec<IndexChange>,
        checkpoint: Checkpoint,
    ) -> Result<bool, SearchError> {
        let mut writer = self.writer.lock();
        if writer.is_none() {
            *writer = acquire_writer(&self.files)?;
        }
        let Some(writer) = writer.as_mut() else {
            self.reader.reload()?;
            return Ok(false);
        };
        for change in changes {
            let (IndexChange::Upsert(id, _) | IndexChange::Remove(id)) = &change;
            writer.delete_term(Term::from_field_u64(self.fields.id, id.0.into()));
            if let IndexChange::Upsert(id, text) = change {
                writer.add_document(self.document(id, *text))?;
            }
        }
        let mut commit = writer.prepare_commit()?;
        let last = checkpoint.last.map(|id| id.0.to_string()).unwrap_or_default();
        commit.set_payload(&format!("{}\n{}\n{last}", self.kind, checkpoint.revision));
        commit.commit()?;
        self.reader.reload()?;
        Ok(true)
    }

    /// Reloads the index if segments were merged in the background. Until then, old segments stay
    /// in memory.
    pub fn reload(&self) -> Result<(), SearchError> {
        let searcher = self.reader.searcher();
        let held = searcher.segment_readers().iter().map(SegmentReader::segment_id);
        let there: HashSet<SegmentId> = self.files.searchable_segment_ids()?.into_iter().collect();
        if held.collect::<HashSet<_>>() != there {
            self.reader.reload()?;
        }
        Ok(())
    }

    fn document(&self, id: ArticleId, text: IndexedText) -> TantivyDocument {
        let Fields { id: number, published, headline, names, public, full } = self.fields;
        let mut document = TantivyDocument::new();
        document.add_u64(number, id.0.into());
        document.add_i64(published, text.published.as_second());
        document.add_text(headline, text.headline);
        document.add_text(names, text.names);
        document.add_text(public, text.public);
        document.add_text(full, text.full);
        document
    }

    /// Searches for `words` and returns a range of the results.
    pub fn find(
        &self,
        words: &str,
        scope: SearchScope,
        range: ResultRange,
        now: Timestamp,
    ) -> Result<SearchResults, SearchError> {
        let parsed = ParsedQuery::new(words, &mut self.analyzer.clone());
        if parsed.is_empty() {
            return Ok(SearchResults::default());
        }
        let Fields { headline, names, public, full, .. } = self.fields;
        let mut fields = vec![(headline, 4.0), (names, 2.0), (public, 1.5)];
        if scope == SearchScope::Full {
            fields.push((full, 1.0));
        }
        let exact = self.run(&*parsed.exact(&fields), range, now)?;
        if exact.count > 0 {
            return Ok(exact);
        }
        match parsed.fuzzy(&fields) {
            Some(fuzzy) => {
                let found = self.run(&*fuzzy, range, now)?;
                Ok(SearchResults { fuzzy: found.count > 0, ..found })
            }
            None => Ok(exact),
        }
    }

    fn run(
        &self,
        query: &dyn Query,
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
        let (count, best) = searcher.search(query, &(Count, top))?;
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

/// Acquires the writer, or returns `None` if another process has it.
fn acquire_writer(index: &tantivy::Index) -> Result<Option<IndexWriter>, SearchError> {
    match index.writer_with_num_threads(1, MEMORY) {
        Ok(writer) => Ok(Some(writer)),
        Err(TantivyError::LockFailure(LockError::LockBusy, _)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn schema() -> Schema {
    let words = TextFieldIndexing::default()
        .set_tokenizer(ANALYZER)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = TextOptions::default().set_indexing_options(words);
    let mut schema = Schema::builder();
    schema.add_u64_field("id", INDEXED | STORED);
    schema.add_i64_field("published", FAST);
    schema.add_text_field("headline", text.clone());
    schema.add_text_field("names", text.clone());
    schema.add_text_field("seen", text.clone() | STORED);
    schema.add_text_field("whole", text);
    schema.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-25T09:00:00Z".parse().expect("an instant")
    }

    fn text(headline: &str, public: &str, full: &str) -> IndexedText {
        IndexedText {
            headline: headline.to_owned(),
            names: "Ada Quill Harbour".to_owned(),
            public: public.to_owned(),
            full: full.to_owned(),
            published: now(),
        }
    }

    fn at(revision: i64, last: Option<ArticleId>) -> Checkpoint {
        Checkpoint { revision, last }
    }

    fn in_it(id: u32, text: IndexedText) -> IndexChange {
        IndexChange::Upsert(ArticleId(id), Box::new(text))
    }

    fn some() -> Vec<IndexChange> {
        vec![
            in_it(1, text("The bridge", "It opens too often.", "The mayor sighs.")),
            in_it(2, text("Ferries", "They wait for the bridge.", "A secret island.")),
            in_it(3, text("Soup", "From the back of the shelf.", "With salt.")),
        ]
    }

    fn open(directory: &Path) -> Index {
        Index::open(directory, "en", "paragraphs:2").expect("an index")
    }

    fn ids(index: &Index, words: &str, scope: SearchScope) -> Vec<u32> {
        let found =
            index.find(words, scope, ResultRange { offset: 0, limit: 10 }, now()).expect("found");
        assert_eq!(found.count, found.hits.len());
        found.hits.iter().map(|hit| hit.id.0).collect()
    }

    #[test]
    fn words_match_in_any_form_and_headlines_count_most() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        index.apply(some(), at(7, Some(ArticleId(3)))).expect("kept");
        assert_eq!(ids(&index, "bridges", SearchScope::Public), [1, 2]);
        assert_eq!(ids(&index, "ferry bridge", SearchScope::Public), [2]);
        assert_eq!(ids(&index, "\"opens too\"", SearchScope::Public), [1]);
        assert_eq!(ids(&index, "\"too opens\"", SearchScope::Public), Vec::<u32>::new());
        assert_eq!(ids(&index, "quill", SearchScope::Public), [1, 2, 3]);
        for nothing in ["", "  ", "\"\"", "?!", "zebra"] {
            assert_eq!(ids(&index, nothing, SearchScope::Public), Vec::<u32>::new(), "{nothing}");
        }
    }

    #[test]
    fn locked_text_is_not_searchable_by_readers() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        index.apply(some(), at(7, None)).expect("kept");
        for words in ["secret", "whole:secret", "secret island", "\"secret island\"", "secrat"] {
            assert_eq!(ids(&index, words, SearchScope::Public), Vec::<u32>::new(), "{words}");
        }
        assert_eq!(ids(&index, "secret", SearchScope::Full), [2]);
        let found = index
            .find("secret", SearchScope::Full, ResultRange { offset: 0, limit: 10 }, now())
            .expect("found");
        assert_eq!(found.hits[0].passage, "They wait for the bridge.");
    }

    #[test]
    fn matches_are_marked_and_misspelt_words_match_similar_ones() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        index.apply(some(), at(7, None)).expect("kept");
        let found = index
            .find("shelf", SearchScope::Public, ResultRange { offset: 0, limit: 10 }, now())
            .expect("found");
        let hit = &found.hits[0];
        let marked: Vec<&str> = hit.marks.iter().map(|mark| &hit.passage[mark.clone()]).collect();
        assert_eq!((hit.id.0, marked, found.fuzzy), (3, vec!["shelf"], false));
        let long =
            format!("{} And then a harp. {}", "It began. ".repeat(40), "It went on. ".repeat(40));
        index.apply(vec![in_it(4, text("Music", &long, ""))], at(8, None)).expect("kept");
        let found = index
            .find("harps", SearchScope::Public, ResultRange { offset: 0, limit: 10 }, now())
            .expect("found");
        let hit = &found.hits[0];
        assert!(hit.passage.starts_with("… ") && hit.passage.ends_with(" …"), "{hit:?}");
        assert_eq!(&hit.passage[hit.marks[0].clone()], "harp");
        let found = index
            .find("brigde", SearchScope::Public, ResultRange { offset: 0, limit: 1 }, now())
            .expect("found");
        assert_eq!((found.count, found.hits.len(), found.fuzzy), (2, 1, true));
    }

    #[test]
    fn changes_are_searchable_and_survive_a_restart() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        assert_eq!(index.checkpoint().expect("a checkpoint"), at(0, None));
        index.apply(some(), at(7, Some(ArticleId(3)))).expect("kept");
        let second = open(folder.path());
        assert_eq!(ids(&second, "soup", SearchScope::Public), [3]);
        let changes =
            vec![IndexChange::Remove(ArticleId(3)), in_it(1, text("A tunnel", "Dark.", ""))];
        assert!(!second.apply(Vec::new(), at(8, None)).expect("heard"), "the first one keeps it");
        assert!(index.apply(changes, at(8, None)).expect("kept"));
        assert_eq!(ids(&index, "soup", SearchScope::Public), Vec::<u32>::new());
        assert_eq!(
            (
                ids(&index, "tunnel", SearchScope::Public),
                ids(&index, "bridge", SearchScope::Public)
            ),
            (vec![1], vec![2])
        );
        second.apply(Vec::new(), at(8, None)).expect("heard");
        assert_eq!(ids(&second, "tunnel", SearchScope::Public), [1]);
        drop((index, second));
        let again = open(folder.path());
        assert_eq!(again.checkpoint().expect("a checkpoint"), at(8, None));
        assert_eq!(ids(&again, "tunnel", SearchScope::Public), [1]);
        drop(again);
        // The index is rebuilt if the teaser length differs or a file is broken.
        let shorter = Index::open(folder.path(), "en", "paragraphs:1").expect("an index");
        assert_eq!(shorter.checkpoint().expect("a checkpoint"), at(0, None));
        drop(shorter);
        fs::write(folder.path().join("meta.json"), "{").expect("broken");
        assert_eq!(open(folder.path()).checkpoint().expect("a checkpoint"), at(0, None));
    }

    #[test]
    fn merged_segments_are_released() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        for id in 1..=20 {
            index
                .apply(vec![in_it(id, text("The bridge", "It opens.", ""))], at(1, None))
                .expect("kept");
        }
        let held = || index.reader.searcher().segment_readers().len();
        let there = || index.files.searchable_segment_ids().expect("asked").len();
        // Merging happens in the background.
        let mut settled = false;
        for _ in 0..200 {
            index.reload().expect("settled");
            settled = held() < 10 && held() == there();
            if settled {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert!(settled, "{} are held, {} are there", held(), there());
        assert_eq!(
            index
                .find("bridge", SearchScope::Public, ResultRange { offset: 0, limit: 1 }, now())
                .expect("found")
                .count,
            20
        );
    }

    #[test]
    fn newer_articles_rank_higher() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        let old =
            IndexedText { published: Timestamp::UNIX_EPOCH, ..text("The bridge", "It opens.", "") };
        let new = text("The bridge", "It opens.", "");
        let both = vec![in_it(1, old), in_it(2, new)];
        index.apply(both, at(1, None)).expect("kept");
        assert_eq!(ids(&index, "bridge", SearchScope::Public), [2, 1]);
    }
}
