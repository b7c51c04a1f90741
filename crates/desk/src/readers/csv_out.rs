//! `/desk/readers.csv`: the readers of the list as a file. It is read and sent in parts, so that a long one takes no memory.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Query, State},
};
use futures_util::stream;
use masthead_circulation::{AuditAction, AuditChange};
use masthead_store::{ReaderEntry, ReaderQuery, ReaderSelection, Store, StoreError};

use super::{
    form::ReadersForm,
    list::{all_of, status_label},
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

/// Readers that are read at once.
const BATCH: u64 = 500;

/// The headings: names of words.
const HEADS: [&str; 7] = [
    "readers_number",
    "people_email",
    "readers_name",
    "readers_status",
    "readers_product",
    "readers_labels",
    "readers_joined",
];

/// `GET /desk/readers.csv`
pub(crate) async fn csv(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(form): Query<ReadersForm>,
) -> Handled {
    // Not the text: it may be the address of a reader who is deleted later.
    let mut facts: Vec<AuditChange> = form
        .fields()
        .into_iter()
        .filter(|(name, value)| *name != "q" && !value.is_empty())
        .map(|(name, value)| AuditChange::fact(name, value))
        .collect();
    facts.extend(AuditChange::between("words", "", if form.q.is_empty() { "" } else { "…" }));
    let by = Some(staff.account.id);
    desk.store.record_action(AuditAction::Exported, "all readers", facts, by, desk.now()).await?;
    let content = match all_of(&desk, &form).await? {
        ReaderSelection::Chosen(ids) => {
            Body::from(part(&desk.store.reader_entries(&ids).await?, true, staff.words))
        }
        ReaderSelection::All(query) => {
            let (store, words) = (desk.store.clone(), staff.words);
            let reading = Reading { store, query, words, is_first: true };
            body_of_parts(stream::try_unfold(Some(reading), next)).await?
        }
    };
    Ok(download("readers.csv", CSV, content))
}

/// A file that is being read.
struct Reading {
    store: Store,
    query: ReaderQuery,
    words: DeskWords,
    is_first: bool,
}

/// Returns the next part of the file, and how it goes on.
async fn next(reading: Option<Reading>) -> Result<Option<(Vec<u8>, Option<Reading>)>, StoreError> {
    let Some(Reading { store, query, words, is_first }) = reading else { return Ok(None) };
    let read = store.readers(&query, BATCH).await;
    let entries =
        read.inspect_err(|error| tracing::error!(%error, "readers: export interrupted"))?;
    let part = part(&entries, is_first, words);
    let rest = entries.last().map(|last| Reading {
        store,
        query: ReaderQuery { after: Some(last.account.id), ..query },
        words,
        is_first: false,
    });
    Ok(Some((part, rest)))
}

/// A part of a table (RFC 4180).
fn part(entries: &[ReaderEntry], is_first: bool, words: DeskWords) -> Vec<u8> {
    let mut part = CsvPart::new();
    if is_first {
        part.line(HEADS.map(|name| words.text(name)));
    }
    for ReaderEntry { account, status, product, labels } in entries {
        let cells = [
            account.id.0.to_string(),
            account.email.to_string(),
            account.name.clone(),
            status_label(*status, words).to_owned(),
            product.clone(),
            labels.join("; "),
            account.registered.to_string(),
        ];
        part.line(cells);
    }
    part.into_bytes()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use masthead_circulation::{Account, AccountId, ReaderStatus};

    use super::*;

    #[test]
    fn files_have_no_formulas() {
        let account = Account {
            id: AccountId(7),
            email: "ada@example.org".parse().expect("an address"),
            name: "=SUM(1)".to_owned(),
            registered: Timestamp::UNIX_EPOCH,
            had_subscription: false,
        };
        let entry = ReaderEntry {
            account,
            status: ReaderStatus::Lapsed,
            product: "web".to_owned(),
            labels: vec!["+a".to_owned(), "b".to_owned()],
        };
        let text = String::from_utf8(part(&[entry], true, DeskWords::default())).expect("text");
        assert!(
            text.ends_with("7,ada@example.org,'=SUM(1),Lapsed,web,'+a; b,1970-01-01T00:00:00Z\r\n"),
            "{text}"
        );
        assert_eq!(part(&[], false, DeskWords::default()), b"");
    }
}
