//! One connection: its limits, TLS, and the version of HTTP that it speaks.

use std::{
    convert::Infallible,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::Request, response::Response};
use http::{HeaderValue, header};
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
use crate::state::ClientIp;

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
    is_stopping: Arc<AtomicBool>,
}

impl Protocols {
    /// Limits, and whether connections end after the next response.
    pub(super) fn new(limits: &Limits, is_stopping: Arc<AtomicBool>) -> Self {
        Self { limits: *limits, is_stopping }
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
        let client = Client { peer, router, is_stopping: Arc::clone(&self.is_stopping) };
        Connection { stream, client, header, silence, write }
    }
}

/// A connection that is not served yet.
pub(super) struct Connection {
    stream: TcpStream,
    client: Client,
    header: Duration,
    silence: Duration,
    write: Duration,
}

impl Connection {
    /// Serves it to its end, or until the watched server stops.
    pub(super) async fn run(self, certificates: Option<Arc<Certificates>>, watcher: Watcher) {
        let Self { stream, client, header, silence, write } = self;
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(write));
        let Some(certificates) = certificates else {
            return serve_1(TokioIo::new(Box::pin(stream)), client, header, watcher).await;
        };
        let accepted = tokio::time::timeout(header, certificates.accept(Box::pin(stream))).await;
        // Clients that only try what is offered are not worth a log line.
        let Ok(Ok(mut stream)) = accepted else { return };
        let (tcp, session) = stream.get_mut();
        if session.alpn_protocol() == Some(HTTP_2) {
            // hyper has no time limit of its own for a connection without requests.
            tcp.as_mut().set_read_timeout_pinned(Some(silence));
            serve_2(TokioIo::new(stream), client, write, watcher).await;
        } else {
            serve_1(TokioIo::new(stream), client, header, watcher).await;
        }
    }
}

async fn serve_1<I>(io: I, client: Client, header: Duration, watcher: Watcher)
where
    I: Read + Write + Unpin + Send + 'static,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header)
        .max_buf_size(HEADER_BYTES.into())
        .max_headers(HEADER_LINES)
        .serve_connection(io, service_fn(move |request| client.clone().answer_1(request)));
    // Clients disconnect at any time; that is not worth a log line.
    drop(watcher.watch(connection).await);
}

async fn serve_2<I>(io: I, client: Client, write: Duration, watcher: Watcher)
where
    I: Read + Write + Unpin + Send + 'static,
{
    let progress = Progress::new();
    let answered = Arc::clone(&progress);
    let service = service_fn(move |request| {
        let (client, progress) = (client.clone(), Arc::clone(&answered));
        async move {
            let answer = client.answer(request).await;
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

/// Who a connection is with, and what answers.
#[derive(Clone)]
struct Client {
    peer: IpAddr,
    router: Router,
    is_stopping: Arc<AtomicBool>,
}

impl Client {
    async fn answer(self, request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ClientIp(self.peer));
        self.router.oneshot(request).await
    }

    /// The same, and ends the connection if the server is about to stop (RFC 9112, section 9.6). HTTP/2 has a frame for it.
    async fn answer_1(self, request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
        let is_stopping = Arc::clone(&self.is_stopping);
        let mut response = self.answer(request).await?;
        if is_stopping.load(Ordering::Relaxed) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }
}
