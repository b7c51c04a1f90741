//! The index: what is in it, and what is found.

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

use crate::{analyzer, question::Question};

/// Counts the kinds of index that there were: a new one is made where this has changed.
const KIND: u32 = 1;
/// The name by which fields know how they are taken apart.
const ANALYZER: &str = "publication";
/// Memory for what is not written yet, in bytes.
const MEMORY: usize = 15_000_000;
/// Characters of a passage.
const PASSAGE: usize = 220;
/// The time after which an article is worth half as much as a new one that fits as well, in seconds: two years.
const HALF_LIFE: f32 = 2.0 * 365.25 * 86_400.0;

/// Why the index fails.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Its directory cannot be made or cleared.
    #[error("the directory of the search index, {0}, cannot be written: {1}")]
    Directory(String, io::Error),
    /// It was not opened, as the server stops.
    #[error("the search index was not opened: {0}")]
    Interrupted(String),
    /// It cannot be read or written.
    #[error("the search index: {0}")]
    Index(#[from] TantivyError),
}

/// The latest write to the database that is in the index, and the last piece of that write.
pub type Known = (i64, Option<ArticleId>);

/// What is to be found of an article: words, without markup.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// Kicker and headline.
    pub headline: String,
    /// Those who wrote it, its topics and its section.
    pub names: String,
    /// What everybody may see of it: deck and teaser.
    pub seen: String,
    /// All of it.
    pub whole: String,
    /// When it was published.
    pub published: Timestamp,
}

/// What became of an article.
#[derive(Clone, Debug)]
pub enum Change {
    /// It is to be found from now on, as it is.
    In(ArticleId, Box<Text>),
    /// It is not.
    Out(ArticleId),
}

/// Who searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// In what everybody may see.
    Readers,
    /// In everything.
    Staff,
}

/// An article that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which.
    pub id: ArticleId,
    /// A passage of what everybody may see.
    pub passage: String,
    /// Where in it stands what was looked for, in bytes, in order.
    pub marks: Vec<Range<usize>>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// A page of it, the best first.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub count: usize,
    /// Whether nothing had these words, and these have words like them.
    pub nearly: bool,
}

#[derive(Clone, Copy)]
struct Fields {
    id: Field,
    published: Field,
    headline: Field,
    names: Field,
    seen: Field,
    whole: Field,
}

/// An index in a directory.
pub struct Index {
    fields: Fields,
    files: tantivy::Index,
    reader: IndexReader,
    /// None where another server writes this index.
    writer: Mutex<Option<IndexWriter>>,
    analyzer: TextAnalyzer,
    /// What the index is of.
    kind: String,
}

impl Index {
    /// The index in a directory, of texts in a language; empty where it is of another kind than `of` says, such as
    /// another length of teasers.
    pub fn open(directory: &Path, language: &str, of: &str) -> Result<Self, SearchError> {
        let kind = format!("{KIND} {language} {of}");
        match Self::take_up(directory, language, &kind) {
            Ok(index) => Ok(index),
            // It is made of the database, and nothing is lost with it.
            Err(_) => Self::begin(directory, language, &kind),
        }
    }

    fn take_up(directory: &Path, language: &str, kind: &str) -> Result<Self, SearchError> {
        let index = tantivy::Index::open_in_dir(directory)?;
        let payload = index.load_metas()?.payload.unwrap_or_default();
        if payload.split('\n').next() != Some(kind) {
            return Err(TantivyError::InvalidArgument("of another kind".to_owned()).into());
        }
        Self::of(index, language, kind)
    }

    fn begin(directory: &Path, language: &str, kind: &str) -> Result<Self, SearchError> {
        let fault = |error| SearchError::Directory(directory.display().to_string(), error);
        match fs::remove_dir_all(directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fault(error)),
            Ok(()) | Err(_) => {}
        }
        fs::create_dir_all(directory).map_err(fault)?;
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
            seen: field("seen")?,
            whole: field("whole")?,
        };
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let writer = Mutex::new(hold(&index)?);
        Ok(Self { fields, files: index, reader, writer, analyzer, kind: kind.to_owned() })
    }

    /// What is in it, to ask the database for what came after.
    pub fn known(&self) -> Result<Known, SearchError> {
        let payload = self.files.load_metas()?.payload.unwrap_or_default();
        let mut numbers = payload.split('\n').skip(1);
        let revision = numbers.next().and_then(|number| number.parse().ok()).unwrap_or_default();
        let last = numbers.next().and_then(|number| number.parse().ok()).map(ArticleId);
        Ok((revision, last))
    }

    /// Takes in what has changed, up to what is then `known`. Says whether it was this server that did: where another
    /// keeps the index, what that has written is heard.
    pub fn keep(&self, changes: Vec<Change>, known: Known) -> Result<bool, SearchError> {
        let mut writer = self.writer.lock();
        if writer.is_none() {
            *writer = hold(&self.files)?;
        }
        let Some(writer) = writer.as_mut() else {
            self.reader.reload()?;
            return Ok(false);
        };
        for change in changes {
            let (Change::In(id, _) | Change::Out(id)) = &change;
            writer.delete_term(Term::from_field_u64(self.fields.id, id.0.into()));
            if let Change::In(id, text) = change {
                writer.add_document(self.document(id, *text))?;
            }
        }
        let mut commit = writer.prepare_commit()?;
        let last = known.1.map(|id| id.0.to_string()).unwrap_or_default();
        commit.set_payload(&format!("{}\n{}\n{last}", self.kind, known.0));
        commit.commit()?;
        self.reader.reload()?;
        Ok(true)
    }

    /// Goes on with the files that there are now. They are put together in the background, and those of before stay in
    /// memory as long as somebody may search in them.
    pub fn settle(&self) -> Result<(), SearchError> {
        let searcher = self.reader.searcher();
        let held = searcher.segment_readers().iter().map(SegmentReader::segment_id);
        let there: HashSet<SegmentId> = self.files.searchable_segment_ids()?.into_iter().collect();
        if held.collect::<HashSet<_>>() != there {
            self.reader.reload()?;
        }
        Ok(())
    }

    fn document(&self, id: ArticleId, text: Text) -> TantivyDocument {
        let Fields { id: number, published, headline, names, seen, whole } = self.fields;
        let mut document = TantivyDocument::new();
        document.add_u64(number, id.0.into());
        document.add_i64(published, text.published.as_second());
        document.add_text(headline, text.headline);
        document.add_text(names, text.names);
        document.add_text(seen, text.seen);
        document.add_text(whole, text.whole);
        document
    }

    /// What has these words, without the first `after` of it and at most `most`.
    pub fn find(
        &self,
        words: &str,
        who: Who,
        (after, most): (usize, usize),
        now: Timestamp,
    ) -> Result<Found, SearchError> {
        let question = Question::new(words, &mut self.analyzer.clone());
        if question.is_empty() {
            return Ok(Found::default());
        }
        let Fields { headline, names, seen, whole, .. } = self.fields;
        let mut fields = vec![(headline, 4.0), (names, 2.0), (seen, 1.5)];
        if who == Who::Staff {
            fields.push((whole, 1.0));
        }
        let exactly = self.ask(&*question.exactly(&fields), (after, most), now)?;
        if exactly.count > 0 {
            return Ok(exactly);
        }
        match question.nearly(&fields) {
            Some(nearly) => {
                let found = self.ask(&*nearly, (after, most), now)?;
                Ok(Found { nearly: found.count > 0, ..found })
            }
            None => Ok(exactly),
        }
    }

    fn ask(
        &self,
        query: &dyn Query,
        (after, most): (usize, usize),
        now: Timestamp,
    ) -> Result<Found, SearchError> {
        let searcher = self.reader.searcher();
        let now = now.as_second();
        let top = TopDocs::with_limit(most.max(1)).and_offset(after).tweak_score(
            move |segment: &SegmentReader| {
                let published = segment.fast_fields().i64("published").ok();
                move |document: DocId, score: Score| {
                    let published = published.as_ref().and_then(|column| column.first(document));
                    score * published.map_or(1.0, |published| freshness(now - published))
                }
            },
        );
        let (count, best) = searcher.search(query, &(Count, top))?;
        let mut passages = SnippetGenerator::create(&searcher, query, self.fields.seen)?;
        passages.set_max_num_chars(PASSAGE);
        let mut hits = Vec::with_capacity(best.len());
        for (_, address) in best {
            let document: TantivyDocument = searcher.doc(address)?;
            let id = document.get_first(self.fields.id).and_then(|value| value.as_u64());
            let id = id.and_then(|id| u32::try_from(id).ok());
            let seen = document.get_first(self.fields.seen).and_then(|value| value.as_str());
            let (Some(id), Some(seen)) = (id, seen) else { continue };
            hits.push(hit(ArticleId(id), seen, &passages));
        }
        Ok(Found { hits, count, nearly: false })
    }
}

fn hit(id: ArticleId, seen: &str, passages: &SnippetGenerator) -> Hit {
    let snippet = passages.snippet(seen);
    let found = snippet.fragment_range();
    if found.is_empty() {
        // The words stand elsewhere; the beginning says what it is about.
        let end = seen.char_indices().nth(PASSAGE).map_or(seen.len(), |(at, _)| at);
        return Hit { id, passage: cut(seen, 0..end).1, marks: Vec::new() };
    }
    let (before, passage) = cut(seen, found);
    let mut marks: Vec<Range<usize>> = Vec::new();
    for mark in snippet.highlighted() {
        let mark = mark.start + before..mark.end + before;
        match marks.last_mut() {
            Some(last) if mark.start <= last.end => last.end = last.end.max(mark.end),
            Some(_) | None => marks.push(mark),
        }
    }
    Hit { id, passage, marks }
}

/// A part of a text, with dots where it goes on, and how far its beginning is moved by them.
fn cut(text: &str, part: Range<usize>) -> (usize, String) {
    let before = if part.start > 0 { "… " } else { "" };
    let after = if part.end < text.len() { " …" } else { "" };
    let part = text.get(part).unwrap_or_default();
    (before.len(), [before, part, after].concat())
}

/// How much a fitting article is worth that is so many seconds old.
fn freshness(age: i64) -> f32 {
    #[allow(clippy::cast_precision_loss)] // to a second in a year
    let age = age.max(0) as f32;
    HALF_LIFE / (HALF_LIFE + age)
}

/// The right to write; none where another server has it.
fn hold(index: &tantivy::Index) -> Result<Option<IndexWriter>, SearchError> {
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

    fn text(headline: &str, seen: &str, whole: &str) -> Text {
        Text {
            headline: headline.to_owned(),
            names: "Ada Quill Harbour".to_owned(),
            seen: seen.to_owned(),
            whole: whole.to_owned(),
            published: now(),
        }
    }

    fn in_it(id: u32, text: Text) -> Change {
        Change::In(ArticleId(id), Box::new(text))
    }

    fn some() -> Vec<Change> {
        vec![
            in_it(1, text("The bridge", "It opens too often.", "The mayor sighs.")),
            in_it(2, text("Ferries", "They wait for the bridge.", "A secret island.")),
            in_it(3, text("Soup", "From the back of the shelf.", "With salt.")),
        ]
    }

    fn open(directory: &Path) -> Index {
        Index::open(directory, "en", "paragraphs:2").expect("an index")
    }

    fn ids(index: &Index, words: &str, who: Who) -> Vec<u32> {
        let found = index.find(words, who, (0, 10), now()).expect("found");
        assert_eq!(found.count, found.hits.len());
        found.hits.iter().map(|hit| hit.id.0).collect()
    }

    #[test]
    fn words_are_found_in_any_form_and_the_headline_weighs_most() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        index.keep(some(), (7, Some(ArticleId(3)))).expect("kept");
        assert_eq!(ids(&index, "bridges", Who::Readers), [1, 2]);
        assert_eq!(ids(&index, "ferry bridge", Who::Readers), [2]);
        assert_eq!(ids(&index, "\"opens too\"", Who::Readers), [1]);
        assert_eq!(ids(&index, "\"too opens\"", Who::Readers), Vec::<u32>::new());
        assert_eq!(ids(&index, "quill", Who::Readers), [1, 2, 3]);
        for nothing in ["", "  ", "\"\"", "?!", "zebra"] {
            assert_eq!(ids(&index, nothing, Who::Readers), Vec::<u32>::new(), "{nothing}");
        }
    }

    #[test]
    fn what_stands_behind_a_wall_is_found_by_nobody_outside() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        index.keep(some(), (7, None)).expect("kept");
        for words in ["secret", "whole:secret", "secret island", "\"secret island\"", "secrat"] {
            assert_eq!(ids(&index, words, Who::Readers), Vec::<u32>::new(), "{words}");
        }
        assert_eq!(ids(&index, "secret", Who::Staff), [2]);
        let found = index.find("secret", Who::Staff, (0, 10), now()).expect("found");
        assert_eq!(found.hits[0].passage, "They wait for the bridge.");
    }

    #[test]
    fn a_passage_is_marked_and_a_misspelt_word_found_nearly() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        index.keep(some(), (7, None)).expect("kept");
        let found = index.find("shelf", Who::Readers, (0, 10), now()).expect("found");
        let hit = &found.hits[0];
        let marked: Vec<&str> = hit.marks.iter().map(|mark| &hit.passage[mark.clone()]).collect();
        assert_eq!((hit.id.0, marked, found.nearly), (3, vec!["shelf"], false));
        let long =
            format!("{} And then a harp. {}", "It began. ".repeat(40), "It went on. ".repeat(40));
        index.keep(vec![in_it(4, text("Music", &long, ""))], (8, None)).expect("kept");
        let found = index.find("harps", Who::Readers, (0, 10), now()).expect("found");
        let hit = &found.hits[0];
        assert!(hit.passage.starts_with("… ") && hit.passage.ends_with(" …"), "{hit:?}");
        assert_eq!(&hit.passage[hit.marks[0].clone()], "harp");
        let found = index.find("brigde", Who::Readers, (0, 1), now()).expect("found");
        assert_eq!((found.count, found.hits.len(), found.nearly), (2, 1, true));
    }

    #[test]
    fn what_changes_is_found_as_it_is_and_outlives_a_restart() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        assert_eq!(index.known().expect("known"), (0, None));
        index.keep(some(), (7, Some(ArticleId(3)))).expect("kept");
        let second = open(folder.path());
        assert_eq!(ids(&second, "soup", Who::Readers), [3]);
        let changes = vec![Change::Out(ArticleId(3)), in_it(1, text("A tunnel", "Dark.", ""))];
        assert!(!second.keep(Vec::new(), (8, None)).expect("heard"), "the first one keeps it");
        assert!(index.keep(changes, (8, None)).expect("kept"));
        assert_eq!(ids(&index, "soup", Who::Readers), Vec::<u32>::new());
        assert_eq!(
            (ids(&index, "tunnel", Who::Readers), ids(&index, "bridge", Who::Readers)),
            (vec![1], vec![2])
        );
        second.keep(Vec::new(), (8, None)).expect("heard");
        assert_eq!(ids(&second, "tunnel", Who::Readers), [1]);
        drop((index, second));
        let again = open(folder.path());
        assert_eq!(again.known().expect("known"), (8, None));
        assert_eq!(ids(&again, "tunnel", Who::Readers), [1]);
        drop(again);
        // Of shorter teasers, or broken: begun anew.
        let shorter = Index::open(folder.path(), "en", "paragraphs:1").expect("an index");
        assert_eq!(shorter.known().expect("known"), (0, None));
        drop(shorter);
        fs::write(folder.path().join("meta.json"), "{").expect("broken");
        assert_eq!(open(folder.path()).known().expect("known"), (0, None));
    }

    #[test]
    fn files_that_were_put_together_are_let_go() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        for id in 1..=20 {
            index
                .keep(vec![in_it(id, text("The bridge", "It opens.", ""))], (1, None))
                .expect("kept");
        }
        let held = || index.reader.searcher().segment_readers().len();
        let there = || index.files.searchable_segment_ids().expect("asked").len();
        // The background takes its time.
        let mut settled = false;
        for _ in 0..200 {
            index.settle().expect("settled");
            settled = held() < 10 && held() == there();
            if settled {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert!(settled, "{} are held, {} are there", held(), there());
        assert_eq!(index.find("bridge", Who::Readers, (0, 1), now()).expect("found").count, 20);
    }

    #[test]
    fn the_newer_of_two_that_fit_alike_comes_first() {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        let old = Text { published: Timestamp::UNIX_EPOCH, ..text("The bridge", "It opens.", "") };
        let new = text("The bridge", "It opens.", "");
        let both = vec![in_it(1, old), in_it(2, new)];
        index.keep(both, (1, None)).expect("kept");
        assert_eq!(ids(&index, "bridge", Who::Readers), [2, 1]);
    }
}
