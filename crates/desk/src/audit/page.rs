//! The page of the audit log.

use std::sync::Arc;

use axum::extract::{Query, State};
use jiff::tz::TimeZone;
use masthead_circulation::{Account, AuditKind, DeskAuditEntry};
use serde::Serialize;

use super::{
    changes::change_line,
    people::{accounts_in, name_people},
    query::{AuditForm, SERVER},
    words::{kind_label, sentence},
};
use crate::{
    error::Handled, newsroom::story::story_address, readers::page::reader_address,
    staff::CurrentStaff, state::DeskState, templates::Page, words::DeskWords,
};

/// Entries on one page.
const PER_PAGE: usize = 50;

#[derive(Default, Serialize)]
struct AuditPage {
    form: AuditForm,
    /// Value and label.
    people: Vec<(String, String)>,
    /// Name and label.
    kinds: Vec<(&'static str, &'static str)>,
    entries: Vec<EntryRow>,
    /// Whether the entries are those of a search.
    is_search: bool,
    /// The address of the first page; empty on it.
    newest: String,
    /// The address of the next page; empty on the last.
    older: String,
    csv: String,
    json: String,
}

impl Page for AuditPage {
    const TEMPLATE: &'static str = "audit.html";
}

#[derive(Default, Serialize)]
struct EntryRow {
    at: String,
    sentence: String,
    /// The address of the article or reader concerned; empty if there is none.
    to: String,
    reason: String,
    changes: Vec<String>,
}

/// `GET /desk/audit`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(form): Query<AuditForm>,
) -> Handled {
    let (zone, words) = (desk.publication().zone, staff.words);
    let mut entries = desk.store.audit_log(&form.query(&zone), PER_PAGE as u64 + 1).await?;
    let more = entries.len() > PER_PAGE;
    entries.truncate(PER_PAGE);
    let accounts = desk.store.accounts(&accounts_in(&entries)).await?;
    let last = entries.last().map(|entry| entry.number).filter(|_| more);
    let page = AuditPage {
        people: people(desk.store.audit_people().await?, words),
        kinds: AuditKind::all().map(|kind| (kind.name(), kind_label(kind, words))).collect(),
        entries: entries.iter().map(|entry| row(entry, &accounts, &zone, words)).collect(),
        is_search: !form.is_empty(),
        newest: if form.before.is_empty() {
            String::new()
        } else {
            form.address("/desk/audit", None)
        },
        older: last.map(|last| form.address("/desk/audit", Some(last))).unwrap_or_default(),
        csv: form.address("/desk/audit.csv", None),
        json: form.address("/desk/audit.json", None),
        form,
    };
    Ok(desk.page(&staff, &page))
}

fn people(names: Vec<String>, words: DeskWords) -> Vec<(String, String)> {
    let server = (SERVER.to_owned(), words.text("audit_server").to_owned());
    names.into_iter().map(|name| (name.clone(), name)).chain([server]).collect()
}

fn row(
    entry: &DeskAuditEntry,
    accounts: &[Account],
    zone: &TimeZone,
    words: DeskWords,
) -> EntryRow {
    let changes = name_people(entry, accounts, words);
    let to = match (entry.article, entry.account) {
        (Some(article), _) => story_address(article),
        (None, Some(account)) if entry.action.kind() == AuditKind::Readers => {
            reader_address(account)
        }
        (None, _) => String::new(),
    };
    EntryRow {
        at: words.date_time(entry.at, zone),
        sentence: sentence(entry, words),
        to,
        reason: entry.reason.clone(),
        changes: changes.iter().map(|change| change_line(change, zone, words)).collect(),
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for AuditPage {
        fn samples() -> Vec<Self> {
            let entry = EntryRow {
                to: "/desk/articles/1".into(),
                reason: "A mistake".into(),
                changes: vec!["headline: Old → New".into()],
                ..EntryRow::default()
            };
            let full = Self {
                people: people(vec!["Ada".into()], DeskWords::default()),
                kinds: vec![("staff", "Staff")],
                entries: vec![entry, EntryRow::default()],
                newest: "/desk/audit".into(),
                older: "/desk/audit?before=1".into(),
                ..Self::default()
            };
            vec![Self::default(), Self { is_search: true, ..Self::default() }, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<AuditPage>();
    }
}
