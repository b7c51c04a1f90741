//! Work that takes much processor time or memory: on threads that serve no requests, a few at once, in bounded time.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
    time::timeout,
};

/// The error for work that was not done.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// There is more to do than the server can at the moment.
    #[error("the server is busy with other texts and pictures; try again in a minute")]
    Busy,
    /// It took longer than it may.
    #[error("it took longer than {} seconds; try again with a smaller one", .0.as_secs())]
    TooSlow(Duration),
    /// It panicked, or the server stops.
    #[error("the work was interrupted: {0}")]
    Interrupted(#[from] JoinError),
}

/// Runs work within limits.
pub(crate) struct Bounded {
    slots: Arc<Semaphore>,
    max_wait: Duration,
    max_time: Duration,
}

impl Bounded {
    /// Runs `at_once` at the same time. Each waits at most `max_wait`, and then takes at most `max_time`.
    pub fn new(at_once: usize, max_wait: Duration, max_time: Duration) -> Self {
        Self { slots: Arc::new(Semaphore::new(at_once)), max_wait, max_time }
    }

    /// Runs `work` on a blocking thread.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkError> {
        let slot = timeout(self.max_wait, Arc::clone(&self.slots).acquire_owned()).await;
        let Ok(Ok(slot)) = slot else { return Err(WorkError::Busy) };
        let working = spawn_blocking(move || {
            let done = work();
            // The thread holds the slot, also when nobody waits for the result any more.
            drop(slot);
            done
        });
        match timeout(self.max_time, working).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(WorkError::TooSlow(self.max_time)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_beyond_the_limit_waits_and_slow_work_keeps_its_slot() {
        let (short, long) = (Duration::from_millis(20), Duration::from_mins(1));
        let mut bounded = Bounded::new(1, short, short);
        let (finish, finished) = std::sync::mpsc::channel::<()>();
        let slow = bounded.run(move || finished.recv().is_ok()).await;
        assert!(matches!(slow, Err(WorkError::TooSlow(_))));
        assert!(matches!(bounded.run(|| 1).await, Err(WorkError::Busy)));
        drop(finish);
        (bounded.max_wait, bounded.max_time) = (long, long);
        assert_eq!(bounded.run(|| 1).await.expect("done"), 1);
        assert!(bounded.run::<()>(|| panic!("broken")).await.is_err());
        assert_eq!(bounded.run(|| 2).await.expect("done"), 2);
    }
}
