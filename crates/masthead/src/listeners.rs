//! Where requests arrive: the public listener, with TLS if certificates are configured, and the one that redirects plain
//! http to it.

mod clashes;
mod shares;
mod tls;

use std::{io, path::Path, sync::Arc};

use axum::Router;
use listenfd::ListenFd;
use masthead_publication::config::Config;
use masthead_site::{
    Site,
    serve::{ConnectionLimits, Server},
};
use masthead_telemetry::Service;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::shares::{ConnectionShares, OtherListeners};
pub use self::{clashes::check_clashes, tls::Tls};
use crate::{error::CliError, folder::Folder, process};

/// With fewer connections, the readers of a busy hour may have to wait.
const FEW_CONNECTIONS: usize = 4_000;

/// The listeners of a server.
pub struct Listeners {
    /// The public one.
    pub listener: TcpListener,
    /// Its certificates, if it speaks TLS.
    pub tls: Option<Tls>,
    redirect: Option<ReopenableListener>,
    /// How many connections each may have.
    shares: ConnectionShares,
}

impl Listeners {
    /// Reads certificates, and opens the listener that redirects.
    ///
    /// # Errors
    ///
    /// Returns an error if the certificates cannot be used, or the address cannot be listened on.
    pub async fn open(
        dir: &Path,
        folder: &Folder,
        config: &Config,
        mut sockets: Sockets,
        listener: TcpListener,
    ) -> Result<Self, CliError> {
        let tls = Tls::open(dir, folder, config)?.inspect(Tls::warn);
        let redirect = match config.tls.redirect.as_str() {
            "" => None,
            address if tls.is_some() => {
                Some(ReopenableListener::new(sockets.listen(1, address).await?)?)
            }
            _ => {
                tls::check_redirect(config)?;
                None
            }
        };
        let others = OtherListeners {
            redirects: redirect.is_some(),
            admin: !config.server.admin.is_empty(),
        };
        Ok(Self { listener, tls, redirect, shares: shares(others) })
    }

    /// What redirects plain http to the public listener until `stop` is cancelled; `None` if nothing does.
    pub fn redirects(&mut self, site: &Arc<Site>, stop: &CancellationToken) -> Option<Service> {
        let listener = self.redirect.take()?;
        let (site, stop, connections) = (Arc::clone(site), stop.clone(), self.shares.redirects);
        Some(Service::new("redirects", move |_| {
            let server = server(&site, site.redirects(), connections);
            let listener = listener.open();
            let stop = stop.clone().cancelled_owned();
            async move {
                server.serve(listener?, stop).await;
                Ok::<_, io::Error>(())
            }
        }))
    }

    /// How many connections the admin listener may have.
    pub fn admin_connections(&self) -> usize {
        self.shares.admin
    }

    /// Serves until `stop` is ready.
    pub async fn serve(self, site: &Arc<Site>, router: Router, stop: impl Future<Output = ()>) {
        let certificates = self.tls.map(|tls| tls.certificates);
        server(site, router, self.shares.public)
            .with_tls(certificates)
            .serve(self.listener, stop)
            .await;
    }
}

/// Divides the connections that this process can have.
fn shares(others: OtherListeners) -> ConnectionShares {
    let wished = ConnectionLimits::default().connections;
    let shares = ConnectionShares::new(process::max_connections(), wished, others);
    if shares.public < FEW_CONNECTIONS {
        tracing::warn!(
            connections = shares.public,
            "server: the limit of open files allows few connections; 65536 files are recommended, see LimitNOFILE"
        );
    }
    shares
}

/// A server with so many connections at most.
fn server(site: &Arc<Site>, router: Router, connections: usize) -> Server {
    let site = Arc::clone(site);
    let is_proxy = move |peer| site.live.peek().publication.http.trusts(peer);
    Server::new(router, ConnectionLimits { connections, ..ConnectionLimits::default() }, is_proxy)
}

/// A listener of a service that may have to be begun again.
pub struct ReopenableListener(std::net::TcpListener);

impl ReopenableListener {
    /// Keeps the socket of `listener` open.
    ///
    /// # Errors
    ///
    /// Returns an error if the runtime does not give the socket back.
    pub fn new(listener: TcpListener) -> Result<Self, CliError> {
        let socket = listener.into_std();
        socket.map(Self).map_err(|error| CliError::new(format!("a socket cannot be used: {error}")))
    }

    /// Returns a listener of the same socket.
    ///
    /// # Errors
    ///
    /// Returns an error if there are no file descriptors left.
    pub fn open(&self) -> io::Result<TcpListener> {
        TcpListener::from_std(self.0.try_clone()?)
    }
}

/// Sockets that systemd has opened for this program and keeps open while it restarts, so that no connection is refused
/// (sd_listen_fds(3)): the public one, and then the one that redirects to https.
pub struct Sockets(ListenFd);

impl Sockets {
    /// The sockets that were handed over; none if the program was started another way.
    pub fn from_environment() -> Self {
        Self(ListenFd::from_env())
    }

    /// Takes the socket with this number, or else binds an address.
    ///
    /// # Errors
    ///
    /// Returns an error if what was handed over is no TCP socket, or the address cannot be listened on.
    pub async fn listen(&mut self, number: usize, address: &str) -> Result<TcpListener, CliError> {
        let taken = self.0.take_tcp_listener(number).and_then(|socket| {
            let Some(socket) = socket else { return Ok(None) };
            socket.set_nonblocking(true)?;
            TcpListener::from_std(socket).map(Some)
        });
        match taken {
            Ok(Some(listener)) => Ok(listener),
            Ok(None) if number == 0 => listen(address, "with --listen 127.0.0.1:8081").await,
            Ok(None) => listen(address, "as redirect under [tls] in masthead.toml").await,
            Err(error) => Err(CliError::new(format!(
                "the socket {number} that systemd has handed over cannot be used ({error}); see ListenStream in \
                 masthead.socket"
            ))),
        }
    }
}

/// Binds the address to listen on.
///
/// # Errors
///
/// Returns an error that says how to choose another address, such as "with --listen 127.0.0.1:8081".
pub async fn listen(address: &str, how: &str) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error| {
        CliError::new(match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "another program listens on {address} already; stop it, or choose another port {how}"
            ),
            io::ErrorKind::PermissionDenied => format!(
                "this user may not listen on {address}; choose a port above 1023 {how}"
            ),
            _ => format!(
                "it is not possible to listen on {address} ({error}); write an address and a port, such \
                 as 127.0.0.1:8080"
            ),
        })
    })
}
