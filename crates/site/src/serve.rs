//! The HTTP server: accepts connections and stops without aborting requests.
//!
//! Without certificates it speaks HTTP/1.1 in plain text, to a proxy in front. With certificates it speaks TLS, and
//! HTTP/2 with clients that ask for it.

mod connection;
mod places;
mod stall;
pub mod tls;

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};

use self::{
    connection::Protocols,
    places::{Place, Places},
    tls::Certificates,
};

/// Limits on connections and time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The maximum number of connections; others wait.
    pub connections: usize,
    /// The maximum number of connections from one network (IPv4 /24, IPv6 /48); others are closed. Trusted proxies are
    /// exempt.
    pub per_network: usize,
    /// The maximum time to send a request's header, and to be idle.
    pub header: Duration,
    /// The same for connections that begin while fewer than a quarter of all places are free.
    pub header_if_scarce: Duration,
    /// The maximum time in which a client with HTTP/2 sends nothing, whatever it waits for.
    pub silence: Duration,
    /// The maximum time in which a client receives nothing of a response.
    pub write: Duration,
    /// How long clients have to send a request on an open connection after the server was told to stop. The response
    /// says that it is the last one; a connection that is closed without that may have a request on its way.
    pub farewell: Duration,
    /// The maximum time that requests may take after that.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            per_network: 1_000,
            header: Duration::from_secs(30),
            header_if_scarce: Duration::from_secs(5),
            silence: Duration::from_mins(2),
            write: Duration::from_secs(30),
            farewell: Duration::from_millis(300),
            grace: Duration::from_secs(20),
        }
    }
}

/// How often a server that stops looks for open connections.
const FAREWELL_STEP: Duration = Duration::from_millis(10);

/// A server that is ready to accept connections.
pub struct Server {
    router: Router,
    limits: Limits,
    is_proxy: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
    certificates: Option<Arc<Certificates>>,
}

impl Server {
    /// A server of these routes. `is_proxy` says which peers are trusted proxies.
    pub fn new(
        router: Router,
        limits: Limits,
        is_proxy: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { router, limits, is_proxy: Arc::new(is_proxy), certificates: None }
    }

    /// The same server, speaking TLS with these certificates.
    #[must_use]
    pub fn with_tls(self, certificates: Option<Arc<Certificates>>) -> Self {
        Self { certificates, ..self }
    }

    /// Serves until `stop` is ready, and then finishes the requests that have begun.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let places = Places::new(self.limits.connections, self.limits.per_network);
        let is_stopping = Arc::new(AtomicBool::new(false));
        let protocols = Protocols::new(&self.limits, Arc::clone(&is_stopping));
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = self.accept(&listener, &places) => accepted,
                () = &mut stop => break,
            };
            let Some((stream, peer, place)) = accepted else { continue };
            // Without it responses are slower, and no less correct.
            drop(stream.set_nodelay(true));
            let is_scarce = places.are_scarce();
            let connection = protocols.begin(stream, is_scarce, peer.ip(), self.router.clone());
            let watcher = graceful.watcher();
            let certificates = self.certificates.clone();
            tokio::spawn(async move {
                connection.run(certificates, watcher).await;
                drop(place);
            });
        }
        // New connections wait for the next server, if somebody keeps the socket open.
        drop(listener);
        is_stopping.store(true, Ordering::Relaxed);
        say_farewell(&graceful, self.limits.farewell).await;
        if tokio::time::timeout(self.limits.grace, graceful.shutdown()).await.is_err() {
            tracing::warn!("server: requests aborted at shutdown");
        }
    }

    async fn accept(
        &self,
        listener: &TcpListener,
        places: &Arc<Places>,
    ) -> Option<(TcpStream, SocketAddr, Place)> {
        let permit = places.next().await?;
        match listener.accept().await {
            Ok((stream, peer)) => {
                let is_proxy = (self.is_proxy)(peer.ip());
                let place = places.give(permit, peer.ip(), is_proxy);
                if place.is_none() {
                    tracing::debug!(peer = %peer.ip(), "server: a network has all its connections");
                }
                Some((stream, peer, place?))
            }
            Err(error) => {
                if !is_the_clients(&error) {
                    // Most likely there are no file descriptors left; some will be freed.
                    tracing::error!(%error, "server: connection cannot be accepted");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                None
            }
        }
    }
}

/// Waits until all connections have ended, for this time at most.
async fn say_farewell(connections: &GracefulShutdown, time: Duration) {
    let deadline = Instant::now() + time;
    while connections.count() > 0 && Instant::now() < deadline {
        tokio::time::sleep(FAREWELL_STEP).await;
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
