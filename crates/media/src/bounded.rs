//! Work that takes much processor time or memory: on threads that serve no requests, a few at once, in bounded time.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::{JoinError, spawn_blocking},
    time::timeout,
};

/// The error for work that was not done.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// There is more to do than the server can at the moment.
    #[error("the server is busy with other texts and pictures; try again in a few seconds")]
    Busy,
    /// It took longer than it may.
    #[error("it took longer than {} seconds; try again with a smaller one", .0.as_secs())]
    TooSlow(Duration),
    /// It panicked, or the server stops.
    #[error("the work was interrupted: {0}")]
    Interrupted(#[from] JoinError),
}

/// The number of the account for which work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WorkOwner(pub u32);

/// Runs work within limits.
pub(crate) struct Bounded {
    slots: Arc<Semaphore>,
    /// The turn of each account that has or waits for a slot: it works on one thing at a time, so that nobody has all slots.
    turns: Mutex<HashMap<WorkOwner, Arc<Semaphore>>>,
    max_wait: Duration,
    max_time: Duration,
}

impl Bounded {
    /// Runs `at_once` at the same time. Each waits at most `max_wait`, and then takes at most `max_time`.
    pub fn new(at_once: usize, max_wait: Duration, max_time: Duration) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(at_once)),
            turns: Mutex::default(),
            max_wait,
            max_time,
        }
    }

    /// Runs `work` of an account, which has one slot at a time, on a blocking thread.
    pub async fn run_for<T: Send + 'static>(
        &self,
        owner: WorkOwner,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkError> {
        let permits = timeout(self.max_wait, self.acquire(self.turn_of(owner))).await;
        let Ok(Some(permits)) = permits else { return Err(WorkError::Busy) };
        let working = spawn_blocking(move || {
            let done = work();
            // The thread holds the slot, also when nobody waits for the result any more.
            drop(permits);
            done
        });
        match timeout(self.max_time, working).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(WorkError::TooSlow(self.max_time)),
        }
    }

    /// The turn of an account. Those that nobody has or waits for are forgotten.
    fn turn_of(&self, owner: WorkOwner) -> Arc<Semaphore> {
        let mut turns = self.turns.lock();
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(turns.entry(owner).or_insert_with(|| Arc::new(Semaphore::new(1))))
    }

    /// Waits for the account's turn, and only then for a slot. Returns `None` if the semaphores are closed, which they never are.
    async fn acquire(
        &self,
        turn: Arc<Semaphore>,
    ) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
        let turn = turn.acquire_owned().await.ok()?;
        Some((turn, Arc::clone(&self.slots).acquire_owned().await.ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_beyond_the_limit_waits_and_slow_work_keeps_its_slot() {
        let (short, long) = (Duration::from_millis(20), Duration::from_mins(1));
        let mut bounded = Bounded::new(1, short, short);
        let (one, other) = (WorkOwner(1), WorkOwner(2));
        let (finish, finished) = std::sync::mpsc::channel::<()>();
        let slow = bounded.run_for(one, move || finished.recv().is_ok()).await;
        assert!(matches!(slow, Err(WorkError::TooSlow(_))));
        assert!(matches!(bounded.run_for(other, || 1).await, Err(WorkError::Busy)));
        drop(finish);
        (bounded.max_wait, bounded.max_time) = (long, long);
        assert_eq!(bounded.run_for(other, || 1).await.expect("done"), 1);
        assert!(bounded.run_for::<()>(other, || panic!("broken")).await.is_err());
        assert_eq!(bounded.run_for(other, || 2).await.expect("done"), 2);
    }

    #[tokio::test]
    async fn an_account_has_one_slot_and_leaves_the_others_to_others() {
        let (short, long) = (Duration::from_millis(20), Duration::from_mins(1));
        let mut bounded = Bounded::new(2, short, short);
        let (one, other) = (WorkOwner(1), WorkOwner(2));
        let (finish, finished) = std::sync::mpsc::channel::<()>();
        let slow = bounded.run_for(one, move || finished.recv().is_ok()).await;
        assert!(matches!(slow, Err(WorkError::TooSlow(_))));
        bounded.max_time = long;
        assert!(matches!(bounded.run_for(one, || 1).await, Err(WorkError::Busy)));
        assert_eq!(bounded.run_for(other, || 2).await.expect("done"), 2);
        drop(finish);
        bounded.max_wait = long;
        assert_eq!(bounded.run_for(one, || 1).await.expect("done"), 1);
        assert_eq!(bounded.run_for(other, || 2).await.expect("done"), 2);
        assert_eq!(bounded.turns.lock().len(), 1, "turns that are over are forgotten");
    }
}
