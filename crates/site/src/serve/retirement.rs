//! When a connection ends although its client goes on: after an age, and after a number of requests. So no client keeps a
//! place for ever, and connections spread again over servers that were added or restarted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::ConnectionLimits;

/// The age and the requests of a connection.
pub(super) struct Retirement {
    begun: Instant,
    age: Duration,
    left: AtomicU32,
    due: Notify,
}

impl Retirement {
    /// Of a connection that begins now.
    pub(super) fn new(limits: &ConnectionLimits) -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            age: limits.age,
            left: AtomicU32::new(limits.requests),
            due: Notify::new(),
        })
    }

    /// Notes a request. Returns whether it is to be the last one.
    pub(super) fn count(&self) -> bool {
        let before = self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        // The last one, or one after it that was sent at the same time.
        let is_last = before.unwrap_or(0) <= 1 || self.begun.elapsed() >= self.age;
        if is_last {
            self.due.notify_one();
        }
        is_last
    }

    /// Returns after the last request, or once the connection is old.
    pub(super) async fn due(&self) {
        tokio::select! {
            () = self.due.notified() => {}
            () = tokio::time::sleep_until(self.begun + self.age) => {}
        }
    }
}
