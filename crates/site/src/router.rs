//! Everything that readers and their programs can ask for.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{from_fn, from_fn_with_state},
    response::Response,
    routing::get,
};
use http::{StatusCode, Uri};
use masthead_store::StoreError;
use masthead_web::observe::Observe;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    account, address, api,
    bounded::bounded,
    demo,
    edge::Edge,
    error_pages::{self, method_not_allowed},
    feeds, files, problem, reading, response, search, security_txt,
    state::Site,
    subscribe, webhooks,
};

impl Site {
    /// Returns the site's routes.
    pub fn router(self: &Arc<Self>) -> Router {
        self.router_with(Router::new(), Observe::default())
    }

    /// Returns the site's routes and these, behind one edge and observed.
    pub fn router_with(self: &Arc<Self>, others: Router, observe: Observe) -> Router {
        Router::new()
            .merge(self.pages())
            .merge(self.scripts())
            .merge(self.programs())
            .merge(self.plain())
            .fallback(address::address)
            .with_state(Arc::clone(self))
            .merge(others)
            // Each call of `layer` boxes the future of every request, so there is one.
            .layer((
                observe,
                Edge::new(Arc::clone(self)),
                CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| response::broken()),
            ))
    }

    /// Returns routes that redirect every address to the same one at the publication's https address.
    pub fn redirects(self: &Arc<Self>) -> Router {
        Router::new().fallback(to_https).with_state(Arc::clone(self))
    }

    /// What people see.
    fn pages(self: &Arc<Self>) -> Router<Arc<Self>> {
        let demo = if self.settings.demo.is_some() { demo::routes() } else { Router::new() };
        account::routes(self)
            .merge(subscribe::routes())
            .merge(reading::routes())
            .merge(search::routes())
            .merge(demo)
            .method_not_allowed_fallback(method_not_allowed)
            .route_layer(from_fn_with_state(Arc::clone(self), error_pages::with_pages))
    }

    /// What the site's own scripts ask.
    fn scripts(self: &Arc<Self>) -> Router<Arc<Self>> {
        account::script_routes(self)
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
            .merge(reading::feed_routes())
            .route_layer(from_fn_with_state(Arc::clone(self), bounded))
            .route(security_txt::PATH, get(security_txt::file))
            .route("/healthz", get(async || response::plain(StatusCode::OK, "ok\n")))
            .route("/readyz", get(ready))
            .method_not_allowed_fallback(method_not_allowed)
    }
}

async fn to_https(State(site): State<Arc<Site>>, uri: Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    response::moved(&format!("{}{path}", site.live.peek().publication.address))
}

async fn ready(State(site): State<Arc<Site>>, request: Request) -> Response {
    let (request, _) = request.into_parts();
    let usable = site.store.check_usable();
    let readiness = site.readiness.check(usable, StoreError::is_unusable, &site.tasks).await;
    readiness.response(&request.headers)
}
