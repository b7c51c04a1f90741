//! Everything that readers can ask for.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    response::Response,
    routing::get,
};
use http::{HeaderMap, StatusCode};
use masthead_publication::compression::Encoding;
use masthead_web::readiness::Readiness;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    account, address, api, demo, feeds, pictures, response, search, state::Site, subscribe,
    webhooks,
};

impl Site {
    /// Returns the site's routes.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/media/{name}", get(pictures::show))
            .route("/assets/{*name}", get(asset))
            .route("/healthz", get(async || response::plain(StatusCode::OK, "ok\n")))
            .route("/readyz", get(ready))
            .merge(account::routes())
            .merge(subscribe::routes())
            .merge(webhooks::routes())
            .merge(api::routes())
            .merge(feeds::routes())
            .merge(search::routes())
            .merge(if self.settings.demo.is_some() { demo::routes() } else { Router::new() })
            .fallback(address::address)
            .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| response::broken()))
            .with_state(Arc::clone(self))
    }
}

async fn asset(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let snapshot = site.snapshot();
    let Some(asset) = snapshot.theme.assets.get(&name) else {
        return site.not_found(request.headers()).await;
    };
    let versioned = address::parameter(request.uri(), "v") == Some(&asset.version);
    response::asset(asset, Encoding::accepted(request.headers()), versioned)
}

async fn ready(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    Readiness::check(site.store.ping(), &site.tasks).await.response(&headers)
}
