//! `/desk/exports`: everything that the publication has, as files. Each is read and sent in parts, so that a long one takes no
//! memory.

mod articles;
pub(crate) mod tables;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
};
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use masthead_circulation::AuditAction;
use masthead_store::{Store, StoreError};
use masthead_web::csv::escape_formula;
use serde::Serialize;

use self::tables::ExportTable;
use crate::{
    error::Handled,
    http::{NO_STORE, respond, see_other},
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
        Export::Table(table) => download(name, "text/csv; charset=utf-8", rows(&desk, table)),
        Export::Articles => download(name, "application/json", articles::body(&desk.store)),
    })
}

fn download(name: &str, content_type: &'static str, content: Body) -> Response {
    let content_type = HeaderValue::from_static(content_type);
    let mut response = respond(StatusCode::OK, content_type, NO_STORE, content);
    if let Ok(name) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

/// A table that is being read.
struct Reading {
    store: Store,
    table: ExportTable,
    /// The number of the last row that was sent; `None` before the headings are.
    after: Option<u32>,
}

fn rows(desk: &DeskState, table: ExportTable) -> Body {
    let begun = Reading { store: desk.store.clone(), table, after: None };
    Body::from_stream(stream::try_unfold(Some(begun), next))
}

/// Returns the next part of the file, and how it goes on.
async fn next(reading: Option<Reading>) -> Result<Option<(Vec<u8>, Option<Reading>)>, StoreError> {
    let Some(Reading { store, table, after }) = reading else { return Ok(None) };
    let read = table.rows_after(&store, after.unwrap_or_default()).await;
    let rows = read.inspect_err(|error| tracing::error!(%error, "exports: interrupted"))?;
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing to memory does not fail.
    if after.is_none() {
        let _ = writer.write_record(table.columns());
    }
    for (_, row) in &rows {
        let _ = writer.write_record(row.iter().map(|cell| escape_formula(cell).into_owned()));
    }
    let rest = rows.last().map(|(last, _)| Reading { store, table, after: Some(*last) });
    Ok(Some((writer.into_inner().unwrap_or_default(), rest)))
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
