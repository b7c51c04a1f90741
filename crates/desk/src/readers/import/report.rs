//! `/desk/readers/imports/{key}/report.csv`: what came of each line of a file. Addresses are looked up now, so that those of deleted
//! accounts are in no report.

use std::{collections::HashMap, sync::Arc};

use axum::extract::{Path, State};
use futures_util::stream;
use masthead_circulation::{AccountId, AuditAction};
use masthead_store::{ImportRemark, ImportResult, ImportedLine, Store, StoreError};

use super::{
    page::{details, find},
    page_texts::fault_text,
    row::RowFault,
    upload,
};
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
const HEADS: [&str; 5] = [
    "import_report_line",
    "import_report_result",
    "import_report_remark",
    "readers_number",
    "people_email",
];

/// `GET /desk/readers/imports/{key}/report.csv`
pub(crate) async fn csv(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(key): Path<String>,
) -> Handled {
    let Some(import) = find(&desk, &key).await? else { return Ok(upload::away()) };
    let faults = details(&import)?.faults;
    let (action, by) = (AuditAction::Exported, Some(staff.account.id));
    desk.store.record_action(action, "reader-import", Vec::new(), by, desk.now()).await?;
    let reading = Reading {
        store: desk.store.clone(),
        words: staff.words,
        import: import.id,
        number: 1,
        faults: Some(faults),
    };
    let content = body_of_parts(stream::try_unfold(Some(reading), next)).await?;
    Ok(download("import-report.csv", CSV, content))
}

/// A report that is being read.
struct Reading {
    store: Store,
    words: DeskWords,
    import: i32,
    /// The next part.
    number: i32,
    /// What is first; `None` once it was sent.
    faults: Option<Vec<RowFault>>,
}

/// Returns the next part of the file, and how it goes on.
async fn next(reading: Option<Reading>) -> Result<Option<(Vec<u8>, Option<Reading>)>, StoreError> {
    let Some(mut reading) = reading else { return Ok(None) };
    if let Some(faults) = reading.faults.take() {
        return Ok(Some((first(&faults, reading.words), Some(reading))));
    }
    let Reading { store, words, import, number, .. } = &reading;
    let read = store.reader_import_part(*import, *number).await;
    let part = read.inspect_err(|error| tracing::error!(%error, "readers: report interrupted"))?;
    let Some(part) = part.filter(|part| !part.lines.is_empty()) else { return Ok(None) };
    let ids: Vec<AccountId> =
        part.lines.iter().filter_map(|row| row.reader.map(AccountId)).collect();
    let entries = store.reader_entries(&ids).await?;
    let emails: HashMap<u32, String> = entries
        .into_iter()
        .map(|entry| (entry.account.id.0, entry.account.email.to_string()))
        .collect();
    let mut lines = CsvPart::new();
    for imported in &part.lines {
        lines.line(line(imported, &emails, *words));
    }
    reading.number += 1;
    Ok(Some((lines.into_bytes(), Some(reading))))
}

/// The headings, and the lines that could not be imported at all.
fn first(faults: &[RowFault], words: DeskWords) -> Vec<u8> {
    let mut part = CsvPart::new();
    part.line(HEADS.map(|name| words.text(name)));
    for fault in faults {
        let result = words.text("import_result_refused");
        part.line([&fault.line.to_string(), result, &fault_text(fault, words), "", ""]);
    }
    part.into_bytes()
}

fn line(row: &ImportedLine, emails: &HashMap<u32, String>, words: DeskWords) -> [String; 5] {
    let result = words.text(match row.result {
        ImportResult::Added => "import_result_added",
        ImportResult::Changed => "import_result_changed",
        ImportResult::Unchanged => "import_result_unchanged",
        ImportResult::Refused => "import_result_refused",
    });
    let remark = row.remark.map_or("", |remark| {
        words.text(match remark {
            ImportRemark::HasLeft => "import_remark_left",
            ImportRemark::HasSubscription => "import_remark_subscription",
            ImportRemark::Ended => "import_remark_ended",
            ImportRemark::NoPrice => "import_remark_price",
            ImportRemark::Failed => "import_remark_failed",
        })
    });
    let number = row.reader.map(|number| number.to_string()).unwrap_or_default();
    let email = row.reader.and_then(|number| emails.get(&number).cloned()).unwrap_or_default();
    [row.line.to_string(), result.to_owned(), remark.to_owned(), number, email]
}
