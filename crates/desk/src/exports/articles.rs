//! All articles and pages as an array of JSON objects, in the order of their latest changes. One that is changed meanwhile comes
//! again at the end.

use axum::body::Body;
use futures_util::stream;
use masthead_access::ArticleId;
use masthead_store::{Store, StoreError};
use serde_json::json;

use crate::parts::body_of_parts;

/// Articles that are read at once, with their texts.
const BATCH: u64 = 100;

/// An export that is being read.
struct Reading {
    store: Store,
    /// The revision and the number of the last article that was sent.
    after: Option<(i64, ArticleId)>,
}

/// The file.
pub(super) async fn body(store: &Store) -> Result<Body, StoreError> {
    let begun = Reading { store: store.clone(), after: None };
    body_of_parts(stream::try_unfold(Some(begun), next)).await
}

/// Returns the next part of the file, and how it goes on.
async fn next(reading: Option<Reading>) -> Result<Option<(Vec<u8>, Option<Reading>)>, StoreError> {
    let Some(Reading { store, after }) = reading else { return Ok(None) };
    let (revision, last) = after.map_or((0, None), |(revision, last)| (revision, Some(last)));
    let read = store.whole_changes_since(revision, last, BATCH).await;
    let pieces = read.inspect_err(|error| {
        tracing::error!(%error, "exports: interrupted");
    })?;
    let mut part = if after.is_none() { "[" } else { "" }.to_owned();
    for (index, stored) in pieces.iter().enumerate() {
        let is_first = after.is_none() && index == 0;
        let entry = json!({ "number": stored.id.0, "article": stored.piece });
        part.push_str(if is_first { "\n" } else { ",\n" });
        part.push_str(&entry.to_string());
    }
    let rest = pieces.last().map(|last| Reading { store, after: Some((last.revision, last.id)) });
    if rest.is_none() {
        part.push_str("\n]\n");
    }
    Ok(Some((part.into_bytes(), rest)))
}
