//! What is in an index, for an operator. Nothing is locked or written.

use std::path::Path;

use super::{Checkpoint, FORMAT, SearchError};

/// What is in an index at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexContents {
    /// How far it has followed the database.
    pub checkpoint: Checkpoint,
    /// How many articles are in it.
    pub articles: u64,
    /// Whether it is of this version's format. Otherwise it is built again.
    pub is_current_format: bool,
    /// What it was built with.
    kind: String,
}

impl IndexContents {
    /// Reads the index in a directory. Returns `None` if there is none.
    ///
    /// # Errors
    ///
    /// Fails if the index cannot be read.
    pub fn of(directory: &Path) -> Result<Option<Self>, SearchError> {
        if !directory.join("meta.json").exists() {
            return Ok(None);
        }
        let metas = tantivy::Index::open_in_dir(directory)?.load_metas()?;
        let payload = metas.payload.unwrap_or_default();
        let kind = payload.split('\n').next().unwrap_or_default().to_owned();
        Ok(Some(Self {
            checkpoint: Checkpoint::from_payload(&payload),
            articles: metas.segments.iter().map(|segment| u64::from(segment.num_docs())).sum(),
            is_current_format: kind.split(' ').next() == Some(FORMAT.to_string().as_str()),
            kind,
        }))
    }

    /// Whether it was built from the database with this identity. Otherwise it is built again.
    pub fn is_of(&self, identity: &str) -> bool {
        self.kind.split(' ').next_back() == Some(identity)
    }
}
