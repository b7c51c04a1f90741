//! Bodies of requests that are answered before they have arrived, such as an upload of somebody who is not signed in.
//!
//! If the connection were closed at once, the system would reset it, and the client may lose the response: nginx then answers 502. So
//! what still arrives is read for a moment, and dropped (RFC 9112, section 9.6). HTTP/2 needs no such thing.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use http::{HeaderMap, header};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use parking_lot::Mutex;
use tokio::time::timeout;

/// How long a body is read on.
const TIME: Duration = Duration::from_secs(2);
/// How much of it, in bytes: a little more than the largest upload.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A body that a handler may leave unread.
struct Shared {
    incoming: Incoming,
    /// Whether something of it was asked for.
    is_begun: bool,
}

/// What the handler reads.
struct Handed(Arc<Mutex<Shared>>);

impl HttpBody for Handed {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut shared = self.0.lock();
        shared.is_begun = true;
        Pin::new(&mut shared.incoming).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().incoming.size_hint()
    }
}

/// The body of a request that is being answered, for when the handler leaves it unread.
pub(super) struct Unread {
    shared: Arc<Mutex<Shared>>,
    /// Whether the client waits until its body is asked for (RFC 9110, section 10.1.1).
    waits: bool,
}

impl Unread {
    /// Returns the body for the handler, and what is left of it later; `None` if the request has no body.
    pub(super) fn of(incoming: Incoming, request: &HeaderMap) -> (Body, Option<Self>) {
        if incoming.is_end_stream() {
            return (Body::new(incoming), None);
        }
        let shared = Arc::new(Mutex::new(Shared { incoming, is_begun: false }));
        let waits = request.contains_key(header::EXPECT);
        (Body::new(Handed(Arc::clone(&shared))), Some(Self { shared, waits }))
    }

    /// Reads what the handler has left, while the response is sent.
    pub(super) fn discard(self) {
        // Otherwise the response still reads it.
        let Some(shared) = Arc::into_inner(self.shared) else { return };
        let Shared { incoming, is_begun } = shared.into_inner();
        // What a client has not sent yet because it waits, it need not send.
        if incoming.is_end_stream() || (self.waits && !is_begun) {
            return;
        }
        tokio::spawn(timeout(TIME, read_on(incoming)));
    }
}

async fn read_on(incoming: Incoming) {
    let mut pieces = Body::new(incoming).into_data_stream();
    let mut left = MAX_BYTES;
    while let Some(Ok(piece)) = pieces.next().await {
        let Some(rest) = left.checked_sub(piece.len()) else { return };
        left = rest;
    }
}
