//! A circuit breaker: of the look-ups that readers wait for, only one in a while tries a database that is away.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{Mutex, MutexGuard};

/// How long to wait before the next look-up tries a database that was away.
const PAUSE: Duration = Duration::from_secs(2);

/// See the module's documentation. All clones of a store share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// When the next look-up may try, in milliseconds since [`START`]; 0 while the database answers.
    next: AtomicU64,
    /// When the database last answered anything, in milliseconds since [`START`].
    heard: AtomicU64,
    /// When a connection was last let in.
    answered: Mutex<Option<Instant>>,
    /// Whether the database was gone when that was last asked, and when.
    gone: Mutex<Option<(Instant, bool)>>,
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Breaker {
    /// Whether a look-up may try now. Of those that ask after a pause, the first one may.
    pub(crate) fn admits(&self) -> bool {
        let next = self.0.next.load(Ordering::Relaxed);
        if next == 0 {
            return true;
        }
        let now = now();
        let after = now + milliseconds(PAUSE);
        now >= next
            && self
                .0
                .next
                .compare_exchange(next, after, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Lets no look-up try until the pause is over.
    pub(crate) fn open(&self) {
        self.0.next.store(milliseconds(START.elapsed() + PAUSE), Ordering::Relaxed);
    }

    /// Admits every look-up, because the database answers.
    pub(crate) fn close(&self) {
        self.0.heard.store(now(), Ordering::Relaxed);
        self.0.next.store(0, Ordering::Relaxed);
    }

    /// The present, for [`has_answered_since`](Self::has_answered_since).
    pub(crate) fn now() -> u64 {
        now()
    }

    /// Whether the database has answered anything since then.
    pub(crate) fn has_answered_since(&self, then: u64) -> bool {
        self.0.heard.load(Ordering::Relaxed) > then
    }

    /// Whether the database was gone when that was last asked, and when. One at a time may ask.
    pub(crate) async fn gone(&self) -> MutexGuard<'_, Option<(Instant, bool)>> {
        self.0.gone.lock().await
    }

    /// When the database last let a connection in. One at a time may ask it to.
    pub(crate) async fn answered(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.answered.lock().await
    }

    /// Whether the database was away when it was last asked.
    pub(crate) fn is_open(&self) -> bool {
        self.0.next.load(Ordering::Relaxed) != 0
    }
}

fn now() -> u64 {
    milliseconds(START.elapsed())
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_many_tries_again_after_a_pause() {
        let breaker = Breaker::default();
        assert!(breaker.admits() && breaker.admits());
        breaker.open();
        assert!(!breaker.admits());
        // As if the pause were over.
        breaker.0.next.store(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(5));
        let admitted = (0..10).filter(|_| breaker.admits()).count();
        assert_eq!(admitted, 1);
        breaker.close();
        assert!(breaker.admits() && breaker.admits());
    }
}
