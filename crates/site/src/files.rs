//! Files: the publication's pictures, and what belongs to the theme.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    routing::get,
};
use masthead_publication::compression::Encoding;

use crate::{
    error::{Handled, SiteError, Told},
    extract::{UrlPath, input::query_value},
    response,
    state::Site,
};

/// What is told while the store of pictures does not answer.
const UNREADABLE: Told = Told::TryLater("The picture cannot be read at the moment.");

/// The addresses of files.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/media/{name}", get(picture)).route("/assets/{*name}", get(asset))
}

async fn picture(
    State(site): State<Arc<Site>>,
    UrlPath(name): UrlPath<String>,
    request: Request,
) -> Handled {
    let (request, _) = request.into_parts();
    let opened = site.settings.media_library.open(&name).await;
    let failed = SiteError::failed_with(UNREADABLE, "pictures: read");
    let opened = opened.map_err(failed)?;
    let opened = opened.ok_or(SiteError::NotFound)?;
    let content = Body::from_stream(opened.content);
    Ok(response::picture(&name, opened.length, content, &request.headers))
}

async fn asset(
    State(site): State<Arc<Site>>,
    UrlPath(name): UrlPath<String>,
    request: Request,
) -> Handled {
    let snapshot = site.snapshot();
    let asset = snapshot.theme.assets.get(&name).ok_or(SiteError::NotFound)?;
    let versioned = query_value(request.uri(), "v") == Some(&asset.version);
    Ok(response::asset(asset, Encoding::accepted(request.headers()), versioned))
}
