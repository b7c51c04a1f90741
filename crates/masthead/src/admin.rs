//! The admin listener: metrics and the state of background tasks, for the operator's monitoring.

mod host;

use std::{net::ToSocketAddrs as _, sync::Arc};

use axum::{
    Router,
    extract::State,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, header};
use jiff::Timestamp;
use masthead_settings::ServerSettings;
use masthead_store::Store;
use masthead_telemetry::{Exporter, Service, TaskRegistry};
use masthead_web::readiness::ReadinessProbe;

use crate::{
    error::CliError,
    listeners::{ReopenableListener, listen},
};

/// The media type of the Prometheus text format, version 0.0.4.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// An admin listener that is not yet served.
pub struct Admin {
    listener: ReopenableListener,
    /// The setting with its address, whose name it answers to.
    address: Arc<str>,
    /// Collects the metrics that it serves.
    pub exporter: Exporter,
}

impl Admin {
    /// Opens the admin listener and starts to collect metrics; `None` if none is configured.
    ///
    /// # Errors
    ///
    /// Returns an error if the address is not loopback without `admin_remote`, or cannot be listened on.
    pub async fn open(server: &ServerSettings) -> Result<Option<Self>, CliError> {
        if server.admin.is_empty() {
            return Ok(None);
        }
        let listener = listen(&server.admin).await?;
        let is_local = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
        check_reach(server, is_local)?;
        let exporter = Exporter::install().map_err(|error| CliError::new(error.to_string()))?;
        let (listener, address) =
            (ReopenableListener::new(listener)?, server.admin.as_str().into());
        Ok(Some(Self { listener, address, exporter }))
    }

    /// What serves it.
    pub fn service(self, store: Store, tasks: Arc<TaskRegistry>) -> Service {
        let Self { listener, address, exporter } = self;
        let router = Router::new()
            .route("/metrics", get(metrics))
            .route("/readyz", get(ready))
            .route("/healthz", get(async || "ok\n"))
            .with_state(Arc::new(AdminState {
                exporter,
                store,
                tasks,
                readiness: ReadinessProbe::default(),
            }))
            .layer(from_fn_with_state(address, host::check));
        Service::new("admin", move |stop| {
            let (router, listener) = (router.clone(), listener.open());
            async move {
                let serving = axum::serve(listener?, router).into_future();
                stop.run_until_cancelled(serving).await.unwrap_or(Ok(()))
            }
        })
    }
}

/// Checks, without listening, that the admin listener is only as open as it may be.
///
/// # Errors
///
/// Returns an error if other machines reach its address without `admin_remote`.
pub fn check(server: &ServerSettings) -> Result<(), CliError> {
    // A name that is not known here may be known where the server runs.
    let Ok(mut addresses) = server.admin.to_socket_addrs() else { return Ok(()) };
    check_reach(server, addresses.all(|address| address.ip().is_loopback()))
}

fn check_reach(server: &ServerSettings, is_local: bool) -> Result<(), CliError> {
    if is_local || server.admin_remote {
        return Ok(());
    }
    Err(CliError::new(format!(
        "the admin listener has no password and {} is open to other machines; write admin = \
         \"127.0.0.1:9090\", or set admin_remote = true if only your monitoring reaches it",
        server.admin
    )))
}

struct AdminState {
    exporter: Exporter,
    store: Store,
    tasks: Arc<TaskRegistry>,
    readiness: ReadinessProbe,
}

async fn metrics(State(admin): State<Arc<AdminState>>) -> Response {
    let text = admin.exporter.render(&admin.tasks, Timestamp::now());
    ([(header::CONTENT_TYPE, METRICS)], text).into_response()
}

async fn ready(State(admin): State<Arc<AdminState>>, headers: HeaderMap) -> Response {
    let readiness = admin.readiness.check(admin.store.is_copy(), &admin.tasks).await;
    readiness.with_errors().response(&headers)
}
