//! The search index.

mod contents;
mod passages;
mod schema;
mod search;
mod statistics;

use std::{
    collections::HashSet,
    fs, io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use masthead_access::ArticleId;
use parking_lot::Mutex;
use tantivy::{
    IndexReader, IndexWriter, ReloadPolicy, SegmentReader, TantivyError, Term,
    directory::error::LockError, index::SegmentId, tokenizer::TextAnalyzer,
};

use self::schema::{ANALYZER, Fields, schema};
pub use self::{
    contents::IndexContents,
    schema::IndexedText,
    search::{
        IndexedVersion, Reach, ResultOrder, ResultRange, SearchHit, SearchRequest, SearchResults,
        SearchScope,
    },
};
use crate::analyzer;

/// The version of the index format. The index is rebuilt if it differs.
const FORMAT: u32 = 6;
/// The memory for uncommitted changes, in bytes.
const MEMORY: usize = 15_000_000;

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

impl Checkpoint {
    /// Reads what [`Self::payload`] has written; the start if there is nothing.
    fn from_payload(payload: &str) -> Self {
        let mut numbers = payload.split('\n').skip(1);
        let revision = numbers.next().and_then(|number| number.parse().ok()).unwrap_or_default();
        let last = numbers.next().and_then(|number| number.parse().ok()).map(ArticleId);
        Self { revision, last }
    }

    /// What is committed with the documents: the kind of the index, and how far it is.
    fn payload(self, kind: &str) -> String {
        let last = self.last.map(|id| id.0.to_string()).unwrap_or_default();
        format!("{kind}\n{}\n{last}", self.revision)
    }
}

/// A change to the index.
#[derive(Clone, Debug)]
pub enum IndexChange {
    /// Adds or replaces an article.
    Upsert(ArticleId, Box<IndexedText>),
    /// Removes an article.
    Remove(ArticleId),
}

/// A search index in a directory.
pub struct Index {
    fields: Fields,
    files: tantivy::Index,
    reader: IndexReader,
    /// `None` while another process writes this index, and after an error.
    writer: Mutex<Option<IndexWriter>>,
    /// Whether something was committed that the reader has not loaded.
    is_stale: AtomicBool,
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
        let fields = Fields::of(&index.schema())?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let writer = Mutex::new(acquire_writer(&index)?);
        let (is_stale, kind) = (AtomicBool::new(false), kind.to_owned());
        Ok(Self { fields, files: index, reader, writer, is_stale, analyzer, kind })
    }

    /// Returns the checkpoint, from which to continue with the changes in the database.
    pub fn checkpoint(&self) -> Result<Checkpoint, SearchError> {
        let payload = self.files.load_metas()?.payload.unwrap_or_default();
        Ok(Checkpoint::from_payload(&payload))
    }

    /// Applies changes and sets the checkpoint. Returns `false` if another process writes this
    /// index; then its changes are loaded instead.
    ///
    /// # Errors
    ///
    /// Fails if the changes cannot be written. None of them is then in the index, unless all are, and the checkpoint says which.
    pub fn apply(
        &self,
        changes: Vec<IndexChange>,
        checkpoint: Checkpoint,
    ) -> Result<bool, SearchError> {
        self.write(checkpoint, |writer| {
            for change in changes {
                let (IndexChange::Upsert(id, _) | IndexChange::Remove(id)) = &change;
                writer.delete_term(Term::from_field_u64(self.fields.id, id.0.into()));
                if let IndexChange::Upsert(id, text) = change {
                    writer.add_document(self.fields.document(id, &text))?;
                }
            }
            Ok(())
        })
    }

    /// Removes everything from the index, so that it is built again. Returns `false` if another process writes this index.
    pub fn clear(&self) -> Result<bool, SearchError> {
        self.write(Checkpoint::default(), |writer| writer.delete_all_documents().map(drop))
    }

    /// Makes changes and commits them with the checkpoint.
    ///
    /// After an error a writer is not usable: the threads that write documents have ended, and it would commit the next
    /// checkpoint without the documents. So it is dropped, with everything that was not committed, and the next write
    /// begins with a new one at the last commit.
    fn write(
        &self,
        checkpoint: Checkpoint,
        change: impl FnOnce(&mut IndexWriter) -> tantivy::Result<()>,
    ) -> Result<bool, SearchError> {
        let mut held = self.writer.lock();
        let writer = match held.take() {
            Some(writer) => Some(writer),
            None => match acquire_writer(&self.files)? {
                Some(writer) => {
                    // A commit that has failed may have left files whose names the next one would use.
                    writer.garbage_collect_files().wait()?;
                    Some(writer)
                }
                None => None,
            },
        };
        let Some(mut writer) = writer else {
            self.reader.reload()?;
            return Ok(false);
        };
        self.is_stale.store(true, Ordering::Relaxed);
        change(&mut writer)?;
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&checkpoint.payload(&self.kind));
        commit.commit()?;
        *held = Some(writer);
        self.load()?;
        Ok(true)
    }

    fn load(&self) -> Result<(), SearchError> {
        self.reader.reload()?;
        self.is_stale.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Reloads the index if segments were merged in the background, or if it could not be loaded after it was written. Until
    /// then, old segments stay in memory.
    pub fn reload(&self) -> Result<(), SearchError> {
        let searcher = self.reader.searcher();
        let held = searcher.segment_readers().iter().map(SegmentReader::segment_id);
        let there: HashSet<SegmentId> = self.files.searchable_segment_ids()?.into_iter().collect();
        if self.is_stale.load(Ordering::Relaxed) || held.collect::<HashSet<_>>() != there {
            self.load()?;
        }
        Ok(())
    }
}

/// Acquires the writer, or returns `None` if another process has it.
fn acquire_writer(index: &tantivy::Index) -> Result<Option<IndexWriter>, SearchError> {
    match index.writer_with_num_threads(1, MEMORY) {
        Ok(writer) => Ok(Some(writer)),
        Err(TantivyError::LockFailure(LockError::LockBusy, _)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
