//! One connection: its limits, TLS, and the version of HTTP that it speaks.

use std::{
    convert::Infallible,
    net::IpAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{Router, body::Body, extract::Request};
use http::{HeaderValue, header};
use hyper::{
    body::Incoming,
    rt::{Read, Write},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{net::TcpStream, sync::watch, time::timeout};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use super::{
    ConnectionLimits,
    retirement::Retirement,
    stall::{Progress, Watched},
    tls::{Certificates, HTTP_2},
    unread::Unread,
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
    limits: ConnectionLimits,
    is_stopping: Arc<AtomicBool>,
}

impl Protocols {
    /// ConnectionLimits, and whether connections end after the next response.
    pub(super) fn new(limits: &ConnectionLimits, is_stopping: Arc<AtomicBool>) -> Self {
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
        let mut limits = self.limits;
        if are_places_scarce {
            limits.header = limits.header_if_scarce;
        }
        let is_stopping = Arc::clone(&self.is_stopping);
        Connection { stream, peer, router, limits, is_stopping }
    }
}

/// A connection that is not served yet.
pub(super) struct Connection {
    stream: TcpStream,
    peer: IpAddr,
    router: Router,
    limits: ConnectionLimits,
    is_stopping: Arc<AtomicBool>,
}

impl Connection {
    /// Serves it to its end, or until the server stops.
    ///
    /// What TLS and HTTP need is made when the first byte arrives, because it is most of what a connection costs, and anybody
    /// can open connections and say nothing.
    pub(super) async fn run(
        self,
        certificates: Option<Arc<Certificates>>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut first = [0];
        tokio::select! {
            biased;
            begun = timeout(self.limits.header, self.stream.peek(&mut first)) => {
                let Ok(Ok(1)) = begun else { return };
            }
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
        Box::pin(self.serve(certificates, stop)).await;
    }

    async fn serve(self, certificates: Option<Arc<Certificates>>, stop: watch::Receiver<bool>) {
        let Self { stream, peer, router, limits, is_stopping } = self;
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.write));
        let stream = Box::pin(stream);
        let retirement = Retirement::new(&limits);
        let service = Service { router, peer, retirement, is_stopping };
        let Some(certificates) = certificates else {
            return serve_1(TokioIo::new(stream), service, &limits, stop).await;
        };
        let accepted = timeout(limits.header, certificates.accept(stream)).await;
        // Clients that only try what is offered are not worth a log line.
        let Ok(Ok(Some(mut stream))) = accepted else { return };
        let (tcp, session) = stream.get_mut();
        if session.alpn_protocol() == Some(HTTP_2) {
            // hyper has no time limit of its own for a connection without requests.
            tcp.as_mut().set_read_timeout_pinned(Some(limits.silence));
            serve_2(TokioIo::new(stream), service, &limits, stop).await;
        } else {
            serve_1(TokioIo::new(stream), service, &limits, stop).await;
        }
    }
}

/// What answers the requests of a connection.
#[derive(Clone)]
struct Service {
    router: Router,
    peer: IpAddr,
    retirement: Arc<Retirement>,
    is_stopping: Arc<AtomicBool>,
}

impl Service {
    async fn answer(self, mut request: Request) -> Result<axum::response::Response, Infallible> {
        request.extensions_mut().insert(ClientIp(self.peer));
        self.router.oneshot(request).await
    }
}

async fn serve_1<I>(io: I, service: Service, limits: &ConnectionLimits, stop: watch::Receiver<bool>)
where
    I: Read + Write + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (head, body) = request.into_parts();
        let (body, unread) = Unread::of(body, &head.headers);
        let request = Request::from_parts(head, body);
        let is_last = service.retirement.count();
        let is_stopping = Arc::clone(&service.is_stopping);
        let answer = service.clone().answer(request);
        async move {
            let mut response = answer.await?;
            if let Some(unread) = unread {
                unread.discard();
            }
            // RFC 9112, section 9.6. HTTP/2 has a frame for it.
            if is_last || is_stopping.load(Ordering::Relaxed) {
                response
                    .headers_mut()
                    .insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_buf_size(HEADER_BYTES.into())
        .max_headers(HEADER_LINES)
        .serve_connection(io, service);
    // Nothing else ends it: an idle one has the time limit for headers, and a busy one ends with a response that says so. If it
    // ended between them, a client might send a request at that moment and lose it.
    drive(connection, http1::Connection::graceful_shutdown, std::future::pending(), stop).await;
}

async fn serve_2<I>(io: I, service: Service, limits: &ConnectionLimits, stop: watch::Receiver<bool>)
where
    I: Read + Write + Unpin + Send + 'static,
{
    let retirement = Arc::clone(&service.retirement);
    let progress = Progress::new();
    let answered = Arc::clone(&progress);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        service.retirement.count();
        let request = request.map(Body::new);
        let (answer, progress) = (service.clone().answer(request), Arc::clone(&answered));
        async move { answer.await.map(|response| response.map(|body| Watched::new(body, &progress))) }
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_header_list_size(HEADER_BYTES.into())
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(CANCELLED_STREAMS)
        .serve_connection(io, service);
    tokio::select! {
        () = drive(connection, http2::Connection::graceful_shutdown, retirement.due(), stop) => {}
        () = progress.stalled(limits.write) => {}
    }
}

/// Serves a connection to its end. Once it is retired or the server stops, requests that have begun are finished.
async fn drive<C: Future>(
    connection: C,
    finish: impl Fn(Pin<&mut C>),
    retired: impl Future<Output = ()>,
    mut stop: watch::Receiver<bool>,
) {
    let mut connection = pin!(connection);
    tokio::select! {
        // Clients disconnect at any time; that is not worth a log line.
        _ = connection.as_mut() => return,
        () = retired => {}
        _ = stop.wait_for(|stopped| *stopped) => {}
    }
    finish(connection.as_mut());
    drop(connection.await);
}
