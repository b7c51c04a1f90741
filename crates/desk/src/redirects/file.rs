//! `/desk/redirects.csv`: all redirects as a file, which can be imported again.

use std::sync::Arc;

use axum::extract::State;
use futures_util::stream;
use masthead_circulation::AuditAction;
use masthead_store::{Store, StoreError, StoredRedirect};

use crate::{
    csv_part::{CSV, CsvPart},
    error::Handled,
    http::download,
    parts::body_of_parts,
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// Redirects that are read at once.
const BATCH: u64 = 500;

/// `GET /desk/redirects.csv`
pub(crate) async fn csv(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let (action, by) = (AuditAction::Exported, Some(staff.account.id));
    desk.store.record_action(action, "redirects", Vec::new(), by, desk.now()).await?;
    let begun = Reading { store: desk.store.clone(), words: staff.words, after: None };
    let content = body_of_parts(stream::try_unfold(Some(begun), next)).await?;
    Ok(download("redirects.csv", CSV, content))
}

struct Reading {
    store: Store,
    words: DeskWords,
    /// The last address that was sent.
    after: Option<String>,
}

/// Returns the next part of the file, and how it goes on.
async fn next(reading: Option<Reading>) -> Result<Option<(Vec<u8>, Option<Reading>)>, StoreError> {
    let Some(Reading { store, words, after }) = reading else { return Ok(None) };
    let read = store.redirects("", after.as_deref().unwrap_or_default(), BATCH).await;
    let rows =
        read.inspect_err(|error| tracing::error!(%error, "redirects: export interrupted"))?;
    let part = part(&rows, after.is_none(), words);
    let rest =
        rows.last().map(|last| Reading { store, words, after: Some(last.redirect.path.clone()) });
    Ok(Some((part, rest)))
}

/// A part of the table (RFC 4180).
fn part(rows: &[StoredRedirect], is_first: bool, words: DeskWords) -> Vec<u8> {
    let mut part = CsvPart::new();
    if is_first {
        let heads = ["redirects_from", "redirects_to", "redirects_status"];
        part.line(heads.map(|name| words.text(name)));
    }
    for StoredRedirect { redirect, .. } in rows {
        let status = redirect.status.code().to_string();
        part.line([&redirect.path, &redirect.target, &status]);
    }
    part.into_bytes()
}
