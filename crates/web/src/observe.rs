//! A layer that counts and times requests, and writes the access log.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Instant,
};

use axum::{
    body::HttpBody,
    extract::{MatchedPath, Request},
    response::Response,
};
use http::{HeaderName, Method, Uri};
use jiff::Timestamp;
use masthead_telemetry::{ServedAs, metrics};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::access_log::{AccessLog, AccessLogEntry, milliseconds};

/// The header that says what the meter decided.
pub const DECISION: HeaderName = HeaderName::from_static("masthead-access");

/// Observes every request of the router that it is added to.
#[derive(Clone, Debug, Default)]
pub struct Observe {
    access_log: Option<AccessLog>,
}

impl Observe {
    /// Metrics, and the access log if there is one.
    pub fn new(access_log: Option<AccessLog>) -> Self {
        Self { access_log }
    }
}

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed { inner, access_log: self.access_log.clone() }
    }
}

/// A service whose requests are observed.
#[derive(Clone, Debug)]
pub struct Observed<S> {
    inner: S,
    access_log: Option<AccessLog>,
}

impl<S: Service<Request, Response = Response>> Service<Request> for Observed<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = Observation<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let began = Instant::now();
        let logged = self.access_log.clone().map(|log| LoggedRequest::new(log, &request));
        Observation { answer: self.inner.call(request), began, logged }
    }
}

/// What the access log needs to know about a request.
struct LoggedRequest {
    log: AccessLog,
    method: Method,
    uri: Uri,
    route: Option<MatchedPath>,
}

impl LoggedRequest {
    fn new(log: AccessLog, request: &Request) -> Self {
        Self {
            log,
            method: request.method().clone(),
            uri: request.uri().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
        }
    }
}

pin_project! {
    /// A request that is being answered.
    pub struct Observation<F> {
        #[pin]
        answer: F,
        began: Instant,
        logged: Option<LoggedRequest>,
    }
}

impl<F, E> Future for Observation<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.answer.poll(context));
        if let Ok(answer) = &answer {
            observe(answer, *this.began, this.logged.take());
        }
        Poll::Ready(answer)
    }
}

fn observe(answer: &Response, began: Instant, logged: Option<LoggedRequest>) {
    let duration = began.elapsed();
    let served = ServedAs::from_header(answer.headers().get(DECISION).map(AsRef::as_ref));
    let status = answer.status().as_u16();
    metrics().requests.record(served, status, duration);
    if let Some(LoggedRequest { log, method, uri, route }) = logged {
        log.add(&AccessLogEntry {
            time: Timestamp::now(),
            method: method.as_str(),
            path: route.as_ref().map_or(uri.path(), MatchedPath::as_str),
            status,
            decision: served.name(),
            ms: milliseconds(duration),
            bytes: answer.body().size_hint().exact(),
        });
    }
}
