//! `GET /desk/edit`: from a page of the site to its editor.
//!
//! Pages are shared by all readers, so the link that staff have on them is the same on each: which page it is follows from
//! the `Referer` header, which the site's pages send in full to their own site.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderMap, header};
use masthead_circulation::staff::Permission;
use masthead_publication::SiteSnapshot;
use url::Url;

use super::story::story_address;
use crate::{http::see_other, staff::CurrentStaff, state::DeskState};

/// Leads to the editor of the article or page from which the link was followed, or else to the newsroom's first page.
pub(crate) async fn lead(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    headers: HeaderMap,
) -> Response {
    let address = editor_of(&desk.snapshot(), &headers);
    let address = address.filter(|_| staff.may(Permission::Write));
    see_other(address.as_deref().unwrap_or("/desk"))
}

fn editor_of(snapshot: &SiteSnapshot, headers: &HeaderMap) -> Option<String> {
    let referer = headers.get(header::REFERER)?.to_str().ok()?;
    let url = Url::parse(referer).ok()?;
    snapshot.piece_at(url.path()).map(story_address)
}
