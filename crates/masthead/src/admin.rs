//! The admin listener: metrics and the state of background tasks, for the operator's monitoring.

mod host;

use std::{io, net::ToSocketAddrs as _, sync::Arc};

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
use masthead_site::serve::{ConnectionLimits, Server};
use masthead_store::{Store, StoreError};
use masthead_telemetry::{Exporter, Service, TaskRegistry};
use masthead_web::readiness::ReadinessProbe;

use self::host::AdminNames;
use crate::{
    error::CliError,
    listeners::{ReopenableListener, listen},
};

/// The media type of the Prometheus text format, version 0.0.4.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// An admin listener that is not yet served.
pub struct Admin {
    listener: ReopenableListener,
    /// The names that it answers to.
    names: Arc<AdminNames>,
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
        check_names(server)?;
        if server.admin.is_empty() {
            return Ok(None);
        }
        let listener = listen(&server.admin, "as admin under [server] in masthead.toml").await?;
        let is_local = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
        check_reach(server, is_local)?;
        let exporter = Exporter::install().map_err(|error| CliError::new(error.to_string()))?;
        let (listener, names) =
            (ReopenableListener::new(listener)?, Arc::new(AdminNames::new(server)));
        Ok(Some(Self { listener, names, exporter }))
    }

    /// What serves it, with so many connections at most.
    pub fn service(self, store: Store, tasks: Arc<TaskRegistry>, connections: usize) -> Service {
        let Self { listener, names, exporter } = self;
        let limits = ConnectionLimits {
            connections,
            per_network: connections,
            ..ConnectionLimits::default()
        };
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
            .layer(from_fn_with_state(names, host::check));
        Service::new("admin", move |stop| {
            let (router, listener) = (router.clone(), listener.open());
            async move {
                // Nobody forwards requests to it.
                let server = Server::new(router, limits, |_| false);
                server.serve(listener?, stop.cancelled_owned()).await;
                Ok::<_, io::Error>(())
            }
        })
    }
}

/// Checks, without listening, that the admin listener is only as open as it may be, and that its names are of use.
///
/// # Errors
///
/// Returns an error if other machines reach its address without `admin_remote`, or there are names and no listener.
pub fn check(server: &ServerSettings) -> Result<(), CliError> {
    check_names(server)?;
    // A name that is not known here may be known where the server runs.
    let Ok(mut addresses) = server.admin.to_socket_addrs() else { return Ok(()) };
    check_reach(server, addresses.all(|address| address.ip().is_loopback()))
}

fn check_names(server: &ServerSettings) -> Result<(), CliError> {
    if !server.admin.is_empty() || server.admin_hosts.is_empty() {
        return Ok(());
    }
    Err(CliError::new(
        "[server] in masthead.toml has admin_hosts and no admin listener; write its address, such as admin = \"127.0.0.1:9090\", \
         or leave admin_hosts out",
    ))
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
    let usable = admin.store.check_usable();
    let readiness = admin.readiness.check(usable, StoreError::is_unusable, &admin.tasks).await;
    readiness.with_errors().response(&headers)
}
