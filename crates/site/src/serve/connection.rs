//! One connection: its limits, TLS, and the version of HTTP that it speaks.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{Router, extract::Request};
use hyper::{
    body::Incoming,
    rt::{Read, Write},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::Watcher,
};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use super::{
    Limits,
    stall::{Progress, Watched},
    tls::{Certificates, HTTP_2},
};
use masthead_web::client::ClientIp;

/// The maximum size of a request's header, in bytes: several times that of the largest token.
const HEADER_BYTES: u16 = 32 * 1024;
/// The maximum number of lines in a request's header.
const HEADER_LINES: usize = 64;
/// The maximum number of requests at the same time on a connection with HTTP/2.
const STREAMS: u32 = 32;
/// The maximum number of requests that a client has cancelled and that are not taken up yet; beyond it the connection is
/// closed (CVE-2023-44487, "rapid reset").
const CANCELLED_STREAMS: usize = 20;

/// How connections are served.
pub(super) struct Protocols {
    limits: Limits,
}

impl Protocols {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { limits: *limits }
    }

    /// A connection that was accepted. It has less time for its requests while places are scarce.
    pub(super) fn begin(
        &self,
        stream: TcpStream,
        are_places_scarce: bool,
        peer: IpAddr,
        router: Router,
    ) -> Connection {
        let Limits { header, header_if_scarce, silence, write, .. } = self.limits;
        let header = if are_places_scarce { header_if_scarce } else { header };
        Connection { stream, peer, router, header, silence, write }
    }
}

/// A connection that is not served yet.
pub(super) struct Connection {
    stream: TcpStream,
    peer: IpAddr,
    router: Router,
    header: Duration,
    silence: Duration,
    write: Duration,
}

impl Connection {
    /// Serves it to its end, or until the watched server stops.
    pub(super) async fn run(self, certificates: Option<Arc<Certificates>>, watcher: Watcher) {
        let Self { stream, peer, router, header, silence, write } = self;
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(write));
        let Some(certificates) = certificates else {
            return serve_1(TokioIo::new(Box::pin(stream)), peer, router, header, watcher).await;
        };
        let accepted = tokio::time::timeout(header, certificates.accept(Box::pin(stream))).await;
        // Clients that only try what is offered are not worth a log line.
        let Ok(Ok(mut stream)) = accepted else { return };
        let (tcp, session) = stream.get_mut();
        if session.alpn_protocol() == Some(HTTP_2) {
            // hyper has no time limit of its own for a connection without requests.
            tcp.as_mut().set_read_timeout_pinned(Some(silence));
            serve_2(TokioIo::new(stream), peer, router, (write, watcher)).await;
        } else {
            serve_1(TokioIo::new(stream), peer, router, header, watcher).await;
        }
    }
}

async fn serve_1<I>(io: I, peer: IpAddr, router: Router, header: Duration, watcher: Watcher)
where
    I: Read + Write + Unpin + Send + 'static,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header)
        .max_buf_size(HEADER_BYTES.into())
        .max_headers(HEADER_LINES)
        .serve_connection(io, service_fn(move |request| answer(router.clone(), peer, request)));
    // Clients disconnect at any time; that is not worth a log line.
    drop(watcher.watch(connection).await);
}

async fn serve_2<I>(io: I, peer: IpAddr, router: Router, (write, watcher): (Duration, Watcher))
where
    I: Read + Write + Unpin + Send + 'static,
{
    let progress = Progress::new();
    let answered = Arc::clone(&progress);
    let service = service_fn(move |request| {
        let (router, progress) = (router.clone(), Arc::clone(&answered));
        async move {
            let answer = answer(router, peer, request).await;
            answer.map(|response| response.map(|body| Watched::new(body, &progress)))
        }
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_header_list_size(HEADER_BYTES.into())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(CANCELLED_STREAMS)
        .serve_connection(io, service);
    tokio::select! {
        served = watcher.watch(connection) => drop(served),
        () = progress.stalled(write) => {}
    }
}

async fn answer(
    router: Router,
    peer: IpAddr,
    request: hyper::Request<Incoming>,
) -> Result<axum::response::Response, std::convert::Infallible> {
    let mut request: Request = request.map(axum::body::Body::new);
    request.extensions_mut().insert(ClientIp(peer));
    router.oneshot(request).await
}
