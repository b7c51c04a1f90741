//! A circuit breaker for look-ups that readers wait for: while the database is away, only one of them in a while tries it.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::time::timeout;

use crate::{Store, StoreError};

/// How long a look-up in PostgreSQL may take.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long a look-up in SQLite may take: it may wait for a large write.
const SQLITE_PATIENCE: Duration = Duration::from_secs(5);
/// How long a database that took too long has to show that it answers others.
const PING: Duration = Duration::from_millis(500);
/// How long to wait before the next look-up tries a database that was away.
const PAUSE: Duration = Duration::from_secs(2);

/// When the next look-up may try, in milliseconds since [`START`]; 0 while the database answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker(Arc<AtomicU64>);

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Breaker {
    /// Whether a look-up may try now. Of those that ask after a pause, the first one may.
    fn admits(&self) -> bool {
        let next = self.0.load(Ordering::Relaxed);
        if next == 0 {
            return true;
        }
        let now = milliseconds(START.elapsed());
        let after = now + milliseconds(PAUSE);
        now >= next
            && self.0.compare_exchange(next, after, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn open(&self) {
        self.0.store(milliseconds(START.elapsed() + PAUSE), Ordering::Relaxed);
    }

    /// Admits every look-up, because the database answers.
    pub fn close(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Store {
    /// Runs a look-up that a reader waits for: in PostgreSQL for two seconds at most, and not at all shortly after the
    /// database was away.
    ///
    /// # Errors
    ///
    /// Those of the look-up, [`StoreError::TimedOut`] if it took too long, and [`StoreError::Away`] if it was not tried.
    pub async fn promptly<T>(
        &self,
        lookup: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        if !self.is_shared() {
            return timeout(SQLITE_PATIENCE, lookup).await.unwrap_or(Err(StoreError::TimedOut));
        }
        if !self.breaker.admits() {
            return Err(StoreError::Away);
        }
        let answer = timeout(PATIENCE, lookup).await.unwrap_or(Err(StoreError::TimedOut));
        match &answer {
            // One locked row is no reason to refuse other look-ups.
            Err(StoreError::TimedOut) if self.answers().await => self.breaker.close(),
            Err(error) if error.is_unreachable() => self.breaker.open(),
            _ => self.breaker.close(),
        }
        answer
    }

    /// Whether the database was away when it was last asked.
    pub fn is_away(&self) -> bool {
        self.breaker.is_open()
    }

    async fn answers(&self) -> bool {
        matches!(timeout(PING, self.ping()).await, Ok(Ok(())))
    }
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
        breaker.0.store(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(5));
        let admitted = (0..10).filter(|_| breaker.admits()).count();
        assert_eq!(admitted, 1);
        breaker.close();
        assert!(breaker.admits() && breaker.admits());
    }
}
