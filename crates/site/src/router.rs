//! Everything that readers and their programs can ask for.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{from_fn, from_fn_with_state},
    response::Response,
    routing::get,
};
use http::StatusCode;
use masthead_web::readiness::Readiness;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    account, address, api,
    bounded::bounded,
    demo,
    error_pages::{self, method_not_allowed},
    feeds, files, problem, response, search,
    state::Site,
    subscribe, webhooks,
};

impl Site {
    /// Returns the site's routes.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .merge(self.pages())
            .merge(self.scripts())
            .merge(self.programs())
            .merge(self.plain())
            .fallback(address::address)
            .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| response::broken()))
            .with_state(Arc::clone(self))
    }

    /// What people see.
    fn pages(self: &Arc<Self>) -> Router<Arc<Self>> {
        let demo = if self.settings.demo.is_some() { demo::routes() } else { Router::new() };
        account::routes()
            .merge(subscribe::routes())
            .merge(search::routes())
            .merge(demo)
            .method_not_allowed_fallback(method_not_allowed)
            .route_layer(from_fn_with_state(Arc::clone(self), error_pages::with_pages))
    }

    /// What the site's own scripts ask.
    fn scripts(self: &Arc<Self>) -> Router<Arc<Self>> {
        account::script_routes()
            .method_not_allowed_fallback(method_not_allowed)
            .route_layer(from_fn_with_state(Arc::clone(self), error_pages::for_scripts))
    }

    /// What apps and payment processors ask.
    fn programs(self: &Arc<Self>) -> Router<Arc<Self>> {
        api::routes()
            .merge(webhooks::routes())
            .method_not_allowed_fallback(method_not_allowed)
            .route_layer(from_fn_with_state(Arc::clone(self), bounded))
            .route_layer(from_fn(problem::with_problems))
    }

    /// Files, feeds and health checks.
    fn plain(self: &Arc<Self>) -> Router<Arc<Self>> {
        files::routes()
            .merge(feeds::routes())
            .route_layer(from_fn_with_state(Arc::clone(self), bounded))
            .route("/healthz", get(async || response::plain(StatusCode::OK, "ok\n")))
            .route("/readyz", get(ready))
            .method_not_allowed_fallback(method_not_allowed)
    }
}

async fn ready(State(site): State<Arc<Site>>, request: Request) -> Response {
    let (request, _) = request.into_parts();
    Readiness::check(site.store.ping(), &site.tasks).await.response(&request.headers)
}
