//! The audit log as a file. It is read and sent in parts, so that a long one takes no memory.

use std::sync::Arc;

use axum::extract::{Query, State};
use futures_util::stream;
use masthead_circulation::{
    Account, AuditAction, AuditChange, DeskAuditEntry,
    staff::{DoneBy, Role},
};
use masthead_store::{AuditQuery, Store, StoreError};
use serde_json::json;

use super::{
    changes::stored_line,
    people::{accounts_in, name_people},
    query::AuditForm,
    words::{actor, kind_label},
};
use crate::{
    csv_part::{CSV, CsvPart},
    error::Handled,
    http::download,
    parts::body_of_parts,
    people::roles::role_name,
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// Entries that are read at once.
const BATCH: u64 = 500;

/// The headings of the table: names of words.
const HEADS: [&str; 9] = [
    "audit_number",
    "audit_time",
    "audit_person",
    "audit_action",
    "audit_kind",
    "people_role",
    "audit_about",
    "reason",
    "audit_changes",
];

#[derive(Clone, Copy)]
enum Format {
    Csv,
    /// An array of objects.
    Json,
}

/// `GET /desk/audit.csv`
pub(crate) async fn csv(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(form): Query<AuditForm>,
) -> Handled {
    export(&desk, &staff, &form, Format::Csv).await
}

/// `GET /desk/audit.json`
pub(crate) async fn json(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(form): Query<AuditForm>,
) -> Handled {
    export(&desk, &staff, &form, Format::Json).await
}

async fn export(
    desk: &DeskState,
    staff: &CurrentStaff,
    form: &AuditForm,
    format: Format,
) -> Handled {
    let facts = [
        // Not the words: they may be the address of a reader who is deleted later.
        AuditChange::between("words", "", if form.q.is_empty() { "" } else { "…" }),
        AuditChange::between("person", "", &form.person),
        AuditChange::between("category", "", &form.kind),
        AuditChange::between("from", "", &form.from),
        AuditChange::between("to", "", &form.to),
    ];
    let (facts, by) = (facts.into_iter().flatten().collect(), Some(staff.account.id));
    desk.store.record_action(AuditAction::Exported, "audit-log", facts, by, desk.now()).await?;
    let (content_type, file) = match format {
        Format::Csv => (CSV, "audit-log.csv"),
        Format::Json => ("application/json", "audit-log.json"),
    };
    let query = form.query(&desk.publication().zone);
    let (store, words) = (desk.store.clone(), staff.words);
    let reading = Reading { store, query, format, words, is_first: true };
    let content = body_of_parts(stream::try_unfold(Some(reading), next)).await?;
    Ok(download(file, content_type, content))
}

/// An export that is being read.
struct Reading {
    store: Store,
    query: AuditQuery,
    format: Format,
    words: DeskWords,
    is_first: bool,
}

/// Returns the next part of the file, and how it goes on.
async fn next(reading: Option<Reading>) -> Result<Option<(Vec<u8>, Option<Reading>)>, StoreError> {
    let Some(Reading { store, query, format, words, is_first }) = reading else { return Ok(None) };
    let read = store.audit_log(&query, BATCH).await;
    let entries = read.inspect_err(|error| tracing::error!(%error, "audit: export interrupted"))?;
    let part = match format {
        Format::Csv => {
            let people = store.accounts(&accounts_in(&entries)).await;
            let people =
                people.inspect_err(|error| tracing::error!(%error, "audit: export interrupted"))?;
            csv_part(&entries, &people, is_first, words)
        }
        Format::Json => json_part(&entries, is_first),
    };
    let rest = entries.last().map(|last| Reading {
        store,
        query: AuditQuery { before: Some(last.number), ..query },
        format,
        words,
        is_first: false,
    });
    Ok(Some((part, rest)))
}

/// A part of a table (RFC 4180) for people, in their language. Actions and values are as they are stored, but colleagues have their
/// names, as on the page; the file for programs has the numbers of their accounts.
fn csv_part(
    entries: &[DeskAuditEntry],
    people: &[Account],
    is_first: bool,
    words: DeskWords,
) -> Vec<u8> {
    let mut part = CsvPart::new();
    if is_first {
        part.line(HEADS.map(|name| words.text(name)));
    }
    for entry in entries {
        let changes = name_people(entry, people, words);
        let changes: Vec<String> = changes.iter().map(stored_line).collect();
        let cells = [
            entry.number.to_string(),
            entry.at.to_string(),
            actor(entry, words),
            entry.action.name().to_owned(),
            kind_label(entry.action.kind(), words).to_owned(),
            entry.role.map_or("", |role| role_name(words, role)).to_owned(),
            entry.about.clone(),
            entry.reason.clone(),
            changes.join("\n"),
        ];
        part.line(cells);
    }
    part.into_bytes()
}

/// A part of an array of entries. The last one has none and ends it.
fn json_part(entries: &[DeskAuditEntry], is_first: bool) -> Vec<u8> {
    let begin = if is_first { "[\n" } else { "" };
    if entries.is_empty() {
        return format!("{begin}]\n").into_bytes();
    }
    let comma = if is_first { "" } else { ",\n" };
    let objects: Vec<String> = entries.iter().map(|entry| json_object(entry).to_string()).collect();
    format!("{begin}{comma}{}", objects.join(",\n")).into_bytes()
}

fn json_object(entry: &DeskAuditEntry) -> serde_json::Value {
    json!({
        "number": entry.number,
        "time": entry.at.to_string(),
        "by": by(entry),
        "account": match entry.by {
            DoneBy::Account(account) => Some(account.0),
            DoneBy::Server | DoneBy::Deleted => None,
        },
        "action": entry.action.name(),
        "kind": entry.action.kind().name(),
        "role": entry.role.map(Role::name),
        "about": entry.about,
        "reader": entry.account.map(|account| account.0),
        "article": entry.article.map(|article| article.0),
        "reason": entry.reason,
        "changes": entry.changes,
    })
}

/// Who did it, for programs.
fn by(entry: &DeskAuditEntry) -> &str {
    if entry.by == DoneBy::Server { "command line" } else { &entry.name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::words::tests::entry;

    #[test]
    fn files_have_every_value_and_no_formulas() {
        let changes = vec![AuditChange::between("headline", "Old", "New").expect("a change")];
        let entries = [DeskAuditEntry { changes, ..entry(AuditAction::SavedDraft, "=SUM(1)") }];
        let german = DeskWords::in_language("de").expect("words");
        let csv =
            [csv_part(&entries, &[], true, german), csv_part(&[], &[], false, german)].concat();
        assert_eq!(
            String::from_utf8(csv).expect("text"),
            "Nummer,Zeit,Person,Aktion,Bereich,Rolle,Gegenstand,Grund,Änderungen\r\n\
             1,1970-01-01T00:00:00Z,Ada,saved-draft,Artikel und Bilder,Redakteur/in,'=SUM(1),,headline: Old → New\r\n"
        );
        let parts = [json_part(&entries, true), json_part(&entries, false), json_part(&[], false)];
        let all: serde_json::Value = serde_json::from_slice(&parts.concat()).expect("JSON");
        assert_eq!((&all[0], all.as_array().map(Vec::len)), (&all[1], Some(2)));
        assert_eq!(all[0]["about"], "=SUM(1)");
        assert_eq!(
            all[0]["changes"],
            json!([{ "key": "headline", "before": "Old", "after": "New" }])
        );
        assert_eq!(serde_json::from_slice::<Vec<()>>(&json_part(&[], true)).expect("JSON"), []);
    }

    #[test]
    fn the_table_names_the_people_of_an_assignment() {
        let changes = vec![AuditChange::between("writers", "12", "12, 40").expect("a change")];
        let entry = DeskAuditEntry { changes, ..entry(AuditAction::AssignedArticle, "Ferry") };
        let ada = Account {
            id: masthead_circulation::AccountId(12),
            email: "ada@example.org".parse().expect("an address"),
            name: "Ada Quill".to_owned(),
            registered: jiff::Timestamp::UNIX_EPOCH,
            had_subscription: false,
        };
        let words = DeskWords::default();
        let csv = csv_part(std::slice::from_ref(&entry), &[ada], false, words);
        let csv = String::from_utf8(csv).expect("text");
        let former = words.text("former_colleague");
        let named = format!("\"writers: Ada Quill → Ada Quill, {former}\"");
        assert!(csv.contains(&named), "{csv}");
        assert_eq!(json_object(&entry)["changes"][0]["after"], "12, 40");
    }
}
