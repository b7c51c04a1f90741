//! `/desk/backups/{number}/file.zst`: the file of a backup, as it is on the disk. A download that was interrupted can go on: parts of
//! it are sent as well (RFC 9110, section 14).

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, Request, State},
    response::Response,
};
use http::{HeaderValue, Method, StatusCode, header};
use masthead_circulation::{AuditAction, AuditChange};
use masthead_store::BackupState;
use tower_http::services::ServeFile;

use super::{PAGE, is_plain_name, page};
use crate::{
    error::{DeskError, Handled},
    http::{download, see_other},
    staff::CurrentStaff,
    state::DeskState,
};

/// A file whose content no browser shows.
const BYTES: &str = "application/octet-stream";

/// `GET /desk/backups/{number}/file.zst`
pub(crate) async fn file(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(id): Path<i32>,
    request: Request,
) -> Handled {
    let backup = desk.store.backup(id).await?;
    let Some(backup) = backup else { return Ok(see_other(PAGE)) };
    let BackupState::Done { file, .. } = &backup.state else { return Ok(see_other(PAGE)) };
    let path = desk.backups.folder.join(file);
    if !is_plain_name(file) || !tokio::fs::try_exists(&path).await.unwrap_or(false) {
        let words = staff.words;
        let fault =
            words.fill("backups_fault_elsewhere", &[("file", file), ("server", &backup.server)]);
        return page::show_with(&desk, &staff, &fault, "").await;
    }
    if begins_at_start(&request) {
        let (action, by) = (AuditAction::Exported, Some(staff.account.id));
        let facts = vec![AuditChange::fact("file", file)];
        desk.store.record_action(action, "backup", facts, by, desk.now()).await?;
    }
    let mut request_of_file = Request::new(Body::empty());
    for name in [header::RANGE, header::IF_RANGE, header::IF_MODIFIED_SINCE] {
        if let Some(value) = request.headers().get(&name) {
            request_of_file.headers_mut().insert(name, value.clone());
        }
    }
    let found = ServeFile::new(&path).try_call(request_of_file).await;
    let found = found.map_err(|error| DeskError::failed("backups: download", error))?;
    Ok(as_download(file, found.map(Body::new)))
}

/// Whether a request begins a download. A program that resumes one, or sends many requests for parts, leaves one entry in the audit
/// log; the security log has each request.
fn begins_at_start(request: &Request) -> bool {
    let range = request.headers().get(header::RANGE).map(HeaderValue::as_bytes);
    let resumes = |range: &[u8]| {
        let first = range.strip_prefix(b"bytes=").and_then(|parts| parts.first());
        first.is_some_and(|digit| matches!(digit, b'1'..=b'9'))
    };
    request.method() == Method::GET && !range.is_some_and(resumes)
}

/// The response with the headers that all downloads of the desk have.
fn as_download(name: &str, found: Response) -> Response {
    let (parts, body) = found.into_parts();
    let mut response = download(name, BYTES, body);
    *response.status_mut() = parts.status;
    for header in [header::CONTENT_LENGTH, header::CONTENT_RANGE, header::LAST_MODIFIED] {
        if let Some(value) = parts.headers.get(&header) {
            response.headers_mut().insert(header, value.clone());
        }
    }
    if parts.status != StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_start_of_a_download_is_in_the_audit_log() {
        let begins = |range: Option<&str>| {
            let request = range
                .map_or(Request::get("/"), |range| Request::get("/").header(header::RANGE, range));
            begins_at_start(&request.body(Body::empty()).expect("a request"))
        };
        for range in
            [None, Some("bytes=0-"), Some("bytes=0-99"), Some("bytes=-99"), Some("lines=7-")]
        {
            assert!(begins(range), "{range:?}");
        }
        assert!(!begins(Some("bytes=100-")));
        let head = Request::head("/").body(Body::empty()).expect("a request");
        assert!(!begins_at_start(&head));
    }
}
