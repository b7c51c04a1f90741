//! Full-text search for articles.
//!
//! The index is a directory next to the database, built from the database and rebuilt if it is
//! missing, broken or outdated. It contains both the public part and the full text of each article,
//! in fields of their own. A search asks two questions: which of the articles that the reader cannot
//! open have the words in their public part, and which of the others have them anywhere. So locked
//! text is in no result, count or passage. It is not in the order either: scores are computed with
//! statistics that depend on no article.

#![warn(missing_docs)]

mod analyzer;
mod index;
mod query;

pub use index::{
    Checkpoint, Index, IndexChange, IndexContents, IndexedText, IndexedVersion, Reach, ResultOrder,
    ResultRange, SearchError, SearchHit, SearchRequest, SearchResults, SearchScope,
};
