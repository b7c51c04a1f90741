//! Full-text search for articles.
//!
//! The index is a directory next to the database, built from the database and rebuilt if it is
//! missing, broken or outdated. It contains both the public part and the full text of each article.
//! Readers search only the public part, so that searching reveals nothing of the locked text.

#![warn(missing_docs)]

mod analyzer;
mod index;
mod query;

pub use index::{
    Checkpoint, Index, IndexChange, IndexedText, ResultRange, SearchError, SearchHit,
    SearchResults, SearchScope,
};
