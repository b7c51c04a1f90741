//! The layer around everything that is served: it refuses requests for other hosts, finds the client behind trusted
//! proxies, and adds the headers that every response has.
//!
//! It runs for each request, so it allocates nothing unless something is wrong.

mod headers;
mod host;
mod host_monitor;

use std::{
    future::Future,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderName, Method};
use masthead_access::forwarded::{self, ForwardingHeader};
use masthead_publication::Publication;
use masthead_telemetry::security::{SecurityEntry, SecurityEvent};
use masthead_web::{
    client::{self, ClientIp},
    forwarding::ForwardingFault,
};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

pub(crate) use self::host_monitor::HostMonitor;
use self::{
    headers::Transport,
    host::{HostFault, Intercepted},
};
use crate::state::Site;

/// See the module's documentation.
#[derive(Clone)]
pub(crate) struct Edge {
    site: Arc<Site>,
}

impl Edge {
    /// The edge of a site.
    pub(crate) fn new(site: Arc<Site>) -> Self {
        Self { site }
    }
}

impl<S> Layer<S> for Edge {
    type Service = Edged<S>;

    fn layer(&self, inner: S) -> Edged<S> {
        Edged { inner, site: Arc::clone(&self.site) }
    }
}

/// A service behind the edge.
#[derive(Clone)]
pub(crate) struct Edged<S> {
    inner: S,
    site: Arc<Site>,
}

impl<S: Service<Request, Response: IntoResponse>> Service<Request> for Edged<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = EdgeFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let snapshot = self.site.live.peek();
        let publication = &snapshot.publication;
        let transport = Transport::of(publication);
        let peer = request.extensions().get::<ClientIp>().map(|client| client.0);
        find_client(&self.site, publication, peer, &mut request);
        let stage = match host::intercept(&request, publication) {
            None => Stage::Passed { answer: self.inner.call(request) },
            Some(Intercepted { fault, response }) => {
                note_fault(&self.site, &fault, peer, &request);
                Stage::Stopped { response: Some(response) }
            }
        };
        EdgeFuture { stage, transport }
    }
}

/// Counts and logs that a request did not pass because of its host.
fn note_fault(site: &Site, fault: &HostFault, peer: Option<IpAddr>, request: &Request) {
    site.hosts.note(fault, peer, (site.clock)());
    let HostFault::Invalid(error) = fault else { return };
    let origin = client::origin(request.extensions(), request.headers());
    let entry = SecurityEntry::failure(SecurityEvent::HostRefused, &origin);
    site.security_log.record(&entry.detail(error.name()));
}

/// Returns the name of a header, which need not be parsed for each request.
fn name_of(header: ForwardingHeader) -> HeaderName {
    const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
    const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
    match header {
        ForwardingHeader::XForwardedFor => X_FORWARDED_FOR,
        ForwardingHeader::Forwarded => http::header::FORWARDED,
        ForwardingHeader::XRealIp => X_REAL_IP,
    }
}

/// Puts the client's address into the request, and notes what is wrong with the proxy that sent it.
fn find_client(
    site: &Site,
    publication: &Publication,
    peer: Option<IpAddr>,
    request: &mut Request,
) {
    let http = &publication.http;
    let Some(peer) = peer else { return };
    let headers = request.headers();
    let forwards = |header: ForwardingHeader| headers.contains_key(name_of(header));
    if !http.trusts(peer) {
        if ForwardingHeader::ALL.into_iter().any(forwards) {
            site.forwarding.note(ForwardingFault::Untrusted, peer, (site.clock)());
        }
        return;
    }
    let values = headers.get_all(name_of(http.forwarding_header)).iter();
    let values = values.map(http::HeaderValue::as_bytes);
    let found = forwarded::client(peer, &http.trusted_proxies, http.forwarding_header, values);
    let is_elsewhere =
        !forwards(http.forwarding_header) && ForwardingHeader::ALL.into_iter().any(forwards);
    if found.is_err() || is_elsewhere {
        site.forwarding.note(ForwardingFault::Unreadable, peer, (site.clock)());
    } else if !forwards(http.forwarding_header) && is_of_reader(request) {
        site.forwarding.note(ForwardingFault::Missing, peer, (site.clock)());
    }
    // Clients that the proxy does not name are limited together, as one at its address.
    let client = found.unwrap_or_else(|error| error.proxy);
    request.extensions_mut().insert(ClientIp(client));
}

/// Whether a request is most likely a reader's, and not one that a proxy sends to see whether the site is up, or a program beside it to
/// the API.
fn is_of_reader(request: &Request) -> bool {
    let path = request.uri().path();
    let is_check = matches!(path, "/" | "/healthz" | "/readyz");
    let method = request.method();
    (method == Method::GET || method == Method::POST) && !is_check && !path.starts_with("/api/")
}

pin_project! {
    /// A request behind the edge.
    pub(crate) struct EdgeFuture<F> {
        #[pin]
        stage: Stage<F>,
        transport: Transport,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F> {
        Passed { #[pin] answer: F },
        Stopped { response: Option<Response> },
    }
}

impl<F, R, E> Future for EdgeFuture<F>
where
    F: Future<Output = Result<R, E>>,
    R: IntoResponse,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = match this.stage.project() {
            StageProjection::Passed { answer } => ready!(answer.poll(context))?.into_response(),
            // A future is not polled again once it was ready.
            StageProjection::Stopped { response } => response.take().unwrap_or_default(),
        };
        headers::add(response.headers_mut(), *this.transport);
        Poll::Ready(Ok(response))
    }
}
