//! Files: the publication's pictures, and what belongs to the theme.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::get,
};
use http::{HeaderMap, HeaderValue, header};
use masthead_access::message::TextDirection;
use masthead_circulation::{DeskSession, Secret, Session};
use masthead_editorial::renditions;
use masthead_publication::{compression::Encoding, step_up::missing_factor};
use masthead_web::cookies;
use serde_json::json;

use crate::{
    error::{FailureMessage, Handled, SiteError},
    extract::{UrlPath, input::query_value},
    response,
    state::Site,
};

/// What is told while the store of pictures does not answer.
const UNREADABLE: FailureMessage =
    FailureMessage::TryLater("The picture cannot be read at the moment.");

/// The background of pages in light colours, as in `base.html`.
const PAPER: &str = "#fffdf9";

/// The query with which the editor asks for the file that pages show in place of a picture.
const NOW: &str = "now";

/// The browser of a member of staff asks each time whether they may still see it.
const STAFF_ONLY: HeaderValue = HeaderValue::from_static("private, no-cache");

/// The addresses of files.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/media/{name}", get(picture))
        .route("/assets/{*name}", get(asset))
        .route("/favicon.ico", get(favicon))
        .route("/apple-touch-icon.png", get(touch_icon))
        .route("/site.webmanifest", get(manifest))
}

/// A picture. Those that only unpublished articles show exist for staff alone: a name is a digest of the content, so
/// others who have the same picture could ask whether the newsroom has it as well.
async fn picture(
    State(site): State<Arc<Site>>,
    UrlPath(name): UrlPath<String>,
    request: Request,
) -> Handled {
    let (request, _) = request.into_parts();
    let is_public = {
        let snapshot = site.live.peek();
        let logo = snapshot.publication.logo.as_ref();
        snapshot.edition.serves_picture(&name) || logo.is_some_and(|logo| logo.has(&name))
    };
    if !is_public && !is_staff(&site, &request.headers).await? {
        // Pages that were open, and programs that keep them, ask for a file that readers may not have any more.
        let snapshot = site.live.peek();
        let now = snapshot.edition.in_place_of_withheld(&name).ok_or(SiteError::NotFound)?;
        return Ok(response::elsewhere(now));
    }
    let is_editing = request.uri.query() == Some(NOW);
    if is_editing && let Some(now) = replaced(&site, &name) {
        return Ok(response::elsewhere(&now));
    }
    let opened = site.settings.media_library.open(&name).await;
    let failed = SiteError::failed_with(UNREADABLE, "pictures: read");
    let opened = opened.map_err(failed)?;
    let opened = opened.ok_or(SiteError::NotFound)?;
    let content = Body::from_stream(opened.content);
    let mut picture = response::picture(&name, opened.length, content, &request.headers);
    if !is_public || is_editing {
        picture.headers_mut().insert(header::CACHE_CONTROL, STAFF_ONLY);
    }
    Ok(picture)
}

/// The address of the file that pages show in place of the picture with this name, if it was replaced.
fn replaced(site: &Site, name: &str) -> Option<String> {
    let stem = renditions::stem(name);
    let now = site.live.peek().edition.replaced_pictures().file_of(stem)?.src.clone();
    Some(now)
}

/// Whether a member of staff is signed in as at the desk.
async fn is_staff(site: &Site, headers: &HeaderMap) -> Result<bool, SiteError> {
    let secret = cookies::get(headers, site.cookies.session);
    let Some(secret) = secret.and_then(|secret| secret.parse::<Secret>().ok()) else {
        return Ok(false);
    };
    let session = site.store.session(&secret.digest()).await?;
    let is_open = |session: &Session| session.at_desk((site.clock)()) == DeskSession::Open;
    let Some(session) = session.filter(is_open) else { return Ok(false) };
    let Some(staff) = site.store.staff(session.account).await? else { return Ok(false) };
    let relying_party = site.relying_party();
    let missing = missing_factor(&site.store, &session, staff.role, relying_party.as_deref());
    Ok(missing.await?.is_none())
}

/// The icon at the address at which browsers and other programs look for it.
async fn favicon(State(site): State<Arc<Site>>, request: Request) -> Handled {
    theme_file(&site, "favicon.ico", &request)
}

/// The icon on the home screen of a phone, and the logo in structured data.
async fn touch_icon(State(site): State<Arc<Site>>, request: Request) -> Handled {
    theme_file(&site, "icon.png", &request)
}

/// The manifest of the site as an app on a home screen (<https://www.w3.org/TR/appmanifest/>).
async fn manifest(State(site): State<Arc<Site>>) -> Response {
    let snapshot = site.snapshot();
    let publication = &snapshot.publication;
    let tag = publication.locale.tag();
    let svg = snapshot.theme.assets.get("icon.svg").map(|icon| {
        let src = format!("/assets/icon.svg?v={}", icon.version);
        json!({ "src": src, "type": "image/svg+xml", "sizes": "any" })
    });
    let png = json!({ "src": "/apple-touch-icon.png", "type": "image/png", "sizes": "180x180" });
    let manifest = json!({
        "name": publication.name,
        "short_name": publication.name,
        "description": publication.tagline,
        "lang": tag,
        "dir": TextDirection::of_tag(tag).name(),
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": svg.into_iter().chain([png]).collect::<Vec<_>>(),
    });
    response::manifest(&manifest)
}

async fn asset(
    State(site): State<Arc<Site>>,
    UrlPath(name): UrlPath<String>,
    request: Request,
) -> Handled {
    theme_file(&site, &name, &request)
}

fn theme_file(site: &Site, name: &str, request: &Request) -> Handled {
    let snapshot = site.snapshot();
    let asset = snapshot.theme.assets.get(name).ok_or(SiteError::NotFound)?;
    let versioned = query_value(request.uri(), "v") == Some(&asset.version);
    Ok(response::asset(asset, Encoding::accepted(request.headers()), versioned))
}
