//! `/desk/exports`: everything that the publication has, as files. Each is read and sent in parts, so that a long one takes no
//! memory.

mod articles;
pub(crate) mod tables;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
};
use futures_util::stream;
use masthead_circulation::AuditAction;
use masthead_store::{Store, StoreError};
use serde::Serialize;

use self::tables::ExportTable;
use crate::{
    csv_part::{CSV, CsvPart},
    error::Handled,
    http::{download, see_other},
    parts::body_of_parts,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

const PAGE: &str = "/desk/exports";

/// What can be downloaded here.
#[derive(Clone, Copy)]
enum Export {
    Table(ExportTable),
    Articles,
}

/// Each file, in the order of the page.
const FILES: [(&str, Export); 4] = [
    ("articles.json", Export::Articles),
    ("readers.csv", Export::Table(ExportTable::Readers)),
    ("subscriptions.csv", Export::Table(ExportTable::Subscriptions)),
    ("payments.csv", Export::Table(ExportTable::Payments)),
];

#[derive(Default, Serialize)]
struct ExportsPage {}

impl Page for ExportsPage {
    const TEMPLATE: &'static str = "exports.html";
}

/// `GET /desk/exports`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    Ok(desk.page(&staff, &ExportsPage {}))
}

/// `GET /desk/exports/{name}`
pub(crate) async fn file(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(name): Path<String>,
) -> Handled {
    let Some((name, export)) = FILES.into_iter().find(|(known, _)| *known == name) else {
        return Ok(see_other(PAGE));
    };
    let (action, by) = (AuditAction::Exported, Some(staff.account.id));
    let about = match export {
        Export::Table(table) => table.audit_name(),
        Export::Articles => "all articles",
    };
    desk.store.record_action(action, about, Vec::new(), by, desk.now()).await?;
    Ok(match export {
        Export::Table(table) => download(name, CSV, rows(&desk, table).await?),
        Export::Articles => download(name, "application/json", articles::body(&desk.store).await?),
    })
}

/// A table that is being read.
struct Reading {
    store: Store,
    table: ExportTable,
    /// The number of the last row that was sent; `None` before the headings are.
    after: Option<u32>,
}

async fn rows(desk: &DeskState, table: ExportTable) -> Result<Body, StoreError> {
    let begun = Reading { store: desk.store.clone(), table, after: None };
    body_of_parts(stream::try_unfold(Some(begun), next)).await
}

/// Returns the next part of the file, and how it goes on.
async fn next(reading: Option<Reading>) -> Result<Option<(Vec<u8>, Option<Reading>)>, StoreError> {
    let Some(Reading { store, table, after }) = reading else { return Ok(None) };
    let read = table.rows_after(&store, after.unwrap_or_default()).await;
    let rows = read.inspect_err(|error| tracing::error!(%error, "exports: interrupted"))?;
    let mut part = CsvPart::new();
    if after.is_none() {
        part.line(table.columns());
    }
    for (_, row) in &rows {
        part.line(row);
    }
    let rest = rows.last().map(|(last, _)| Reading { store, table, after: Some(*last) });
    Ok(Some((part.into_bytes(), rest)))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ExportsPage {
        fn samples() -> Vec<Self> {
            vec![Self::default()]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ExportsPage>();
    }
}
