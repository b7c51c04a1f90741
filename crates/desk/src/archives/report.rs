//! `/desk/imports/{key}/report.csv`: what came of each entry of an archive, or would. It is read and sent in parts.

use std::sync::Arc;

use axum::extract::{Path, State};
use futures_util::stream;
use masthead_circulation::AuditAction;
use masthead_import::{ImportedItem, ItemOutcome, kind_of};
use masthead_store::{Store, StoreError};

use super::{page::find, reasons::kept_word, upload};
use crate::{
    csv_part::{CSV, CsvPart},
    error::Handled,
    http::download,
    parts::body_of_parts,
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// The headings: names of words.
const HEADS: [&str; 6] = [
    "archive_report_result",
    "archive_report_article",
    "archive_report_item",
    "archive_report_address",
    "archive_report_changes",
    "archive_report_reason",
];

/// `GET /desk/imports/{key}/report.csv`
pub(crate) async fn csv(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(key): Path<String>,
) -> Handled {
    let Some(import) = find(&desk, &key).await? else { return Ok(upload::away()) };
    let (action, by) = (AuditAction::Exported, Some(staff.account.id));
    desk.store.record_action(action, "article-import", Vec::new(), by, desk.now()).await?;
    let reading =
        Reading { store: desk.store.clone(), words: staff.words, import: import.id, after: None };
    let content = body_of_parts(stream::try_unfold(reading, next)).await?;
    Ok(download("import-report.csv", CSV, content))
}

/// A report that is being read.
struct Reading {
    store: Store,
    words: DeskWords,
    import: i32,
    /// The entries whose lines were sent; `None` before the headings are.
    after: Option<u64>,
}

/// Returns the next part of the file, and how it goes on.
async fn next(reading: Reading) -> Result<Option<(Vec<u8>, Reading)>, StoreError> {
    let Reading { ref store, words, import, after } = reading;
    let mut lines = CsvPart::new();
    let Some(after) = after else {
        lines.line(HEADS.map(|name| words.text(name)));
        return Ok(Some((lines.into_bytes(), Reading { after: Some(0), ..reading })));
    };
    let read = store.article_import_report(import, after).await;
    let part = read.inspect_err(|error| tracing::error!(%error, "archives: report interrupted"))?;
    let Some((position, report)) = part else { return Ok(None) };
    let items: Vec<ImportedItem> = serde_json::from_str(&report)?;
    for item in &items {
        lines.line(line(item, words));
    }
    Ok(Some((lines.into_bytes(), Reading { after: Some(position), ..reading })))
}

fn line(item: &ImportedItem, words: DeskWords) -> [String; 6] {
    let (result, reason) = match &item.outcome {
        ItemOutcome::New(_) => ("archive_result_new", String::new()),
        ItemOutcome::Changed(_) => ("archive_result_changed", String::new()),
        ItemOutcome::Unchanged(_) => ("archive_result_unchanged", String::new()),
        ItemOutcome::Kept(why) => {
            ("archive_result_kept", words.text(kept_word(kind_of(*why))).to_owned())
        }
        ItemOutcome::LeftOut(why) => ("archive_result_left_out", why.clone()),
    };
    let article = item.article().map(|number| number.to_string()).unwrap_or_default();
    let (what, address) = (item.what.clone(), item.address.clone());
    [words.text(result).to_owned(), article, what, address, item.changes_in_line(), reason]
}
