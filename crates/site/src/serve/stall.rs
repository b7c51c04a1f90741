//! Clients with HTTP/2 that take nothing of their responses. The connection can be written to all the time, for other
//! frames, so the time limit of writes does not see them.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Instant;

/// The maximum size of a piece of a response, in bytes. The next one is given out only when the client has room again, so
/// this much of each response waits in memory at most.
const PIECE: usize = 16 * 1024;

/// The responses of a connection, and when something of them was sent last.
pub(super) struct Progress {
    begun: Instant,
    /// Milliseconds after `begun`.
    last: AtomicU64,
    outstanding: AtomicUsize,
}

impl Progress {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            last: AtomicU64::new(0),
            outstanding: AtomicUsize::new(0),
        })
    }

    fn note(&self) {
        self.last.store(self.elapsed(), Relaxed);
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Returns once there are responses of which the client has taken nothing for as long as `limit`.
    pub(super) async fn stalled(&self, limit: Duration) {
        let most = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        loop {
            tokio::time::sleep(limit / 4).await;
            let waited = self.elapsed().saturating_sub(self.last.load(Relaxed));
            if self.outstanding.load(Relaxed) > 0 && waited >= most {
                return;
            }
        }
    }
}

/// The body of a response whose progress is noted. HTTP/2 asks for the next piece when the client has room for it.
pub(super) struct Watched {
    inner: Body,
    /// What is left of a piece that was too large.
    rest: Option<Bytes>,
    progress: Arc<Progress>,
}

impl Watched {
    pub(super) fn new(inner: Body, progress: &Arc<Progress>) -> Self {
        // A new response beside one that stalls is no progress.
        if progress.outstanding.fetch_add(1, Relaxed) == 0 {
            progress.note();
        }
        Self { inner, rest: None, progress: Arc::clone(progress) }
    }

    fn piece(&mut self, mut data: Bytes) -> Frame<Bytes> {
        if data.len() > PIECE {
            self.rest = Some(data.split_off(PIECE));
        }
        Frame::data(data)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.progress.outstanding.fetch_sub(1, Relaxed);
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.progress.note();
        if let Some(rest) = self.rest.take() {
            return Poll::Ready(Some(Ok(self.piece(rest))));
        }
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        Poll::Ready(frame.map(|frame| {
            frame.map(|frame| match frame.into_data() {
                Ok(data) => self.piece(data),
                Err(other) => other,
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.as_ref().map_or(0, |rest| rest.len() as u64);
        let inner = self.inner.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
