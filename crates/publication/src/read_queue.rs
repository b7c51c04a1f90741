//! Reads of signed-in readers on their way to the database.
//!
//! A request never waits for the database: it adds its read here. A background task writes what waits,
//! many reads in one statement. While the database is away the queue grows up to [`CAPACITY`].

use std::{collections::VecDeque, sync::Arc, time::Duration};

use masthead_access::Read;
use masthead_circulation::AccountId;
use masthead_store::{Store, StoreError};
use masthead_telemetry::metrics;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Reads that may wait: a database that is away for a minute is caught up with at 4,000 reads per second.
/// A read takes 16 bytes.
const CAPACITY: usize = 250_000;
/// Reads written at once.
const BATCH: usize = 2000;
/// How long the first read waits for others.
const GATHER: Duration = Duration::from_millis(20);

/// The reads that are not in the database yet, oldest first.
pub(crate) struct ReadQueue {
    store: Store,
    waiting: Mutex<VecDeque<(AccountId, Read)>>,
    wakeup: Arc<Notify>,
    /// Held while writing, so that no older read is written after a newer one.
    writing: tokio::sync::Mutex<()>,
}

impl ReadQueue {
    /// An empty queue for this database.
    pub(crate) fn new(store: Store) -> Self {
        let (waiting, writing) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { store, waiting, wakeup: Arc::default(), writing }
    }

    /// Notified when a read was added.
    pub(crate) fn wakeup(&self) -> Arc<Notify> {
        Arc::clone(&self.wakeup)
    }

    /// Adds a read. If the queue is full the read is dropped and counted: the account's meter keeps it for
    /// as long as the account is in memory.
    pub(crate) fn add(&self, account: AccountId, read: Read) {
        let mut waiting = self.waiting.lock();
        if waiting.len() >= CAPACITY {
            metrics().account_reads_dropped.increment(1);
            return;
        }
        waiting.push_back((account, read));
        drop(waiting);
        self.wakeup.notify_one();
    }

    /// Waits a moment for further reads, and then writes all.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not take them. They stay in the queue.
    pub(crate) async fn gather(&self) -> Result<(), StoreError> {
        if self.waiting.lock().is_empty() {
            return Ok(());
        }
        tokio::time::sleep(GATHER).await;
        self.write().await
    }

    /// Writes the reads that wait now.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not take them. They stay in the queue.
    pub(crate) async fn write(&self) -> Result<(), StoreError> {
        let _turn = self.writing.lock().await;
        let written = self.write_batches().await;
        #[expect(clippy::cast_precision_loss, reason = "at most the capacity")]
        metrics().account_reads_waiting.set(self.waiting.lock().len() as f64);
        written
    }

    async fn write_batches(&self) -> Result<(), StoreError> {
        let mut left = self.waiting.lock().len();
        while left > 0 {
            let batch: Vec<_> = self.waiting.lock().iter().take(left.min(BATCH)).copied().collect();
            self.store.save_reads(&batch).await?;
            // Others only add at the end.
            self.waiting.lock().drain(..batch.len());
            left -= batch.len();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use masthead_access::ArticleId;
    use masthead_store::Location;

    use super::*;

    #[tokio::test]
    async fn a_full_queue_takes_no_more_and_writes_what_it_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        let store = Store::open(&location).await.expect("a database");
        let queue = ReadQueue::new(store.clone());
        for number in 0..=CAPACITY {
            // A few rows, so that writing them all is quick.
            let article = ArticleId(u32::try_from(number % 7).expect("a number"));
            queue.add(AccountId(1), Read { article, at: 1 });
        }
        assert_eq!(queue.waiting.lock().len(), CAPACITY);
        queue.write().await.expect("written");
        assert!(queue.waiting.lock().is_empty());
    }
}
