//! Reads of signed-in readers that the database does not have yet.
//!
//! A background task writes them, many in one statement. While the database is away the queue grows up
//! to [`CAPACITY`].

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use masthead_access::{Read, Reads};
use masthead_circulation::AccountId;
use masthead_store::{Store, StoreError};
use masthead_telemetry::metrics;
use parking_lot::Mutex;
use tokio::sync::{MutexGuard, Notify};

/// Reads that may wait: what is read in a minute at 4,000 reads per second. A read takes about 100 bytes.
const CAPACITY: usize = 250_000;
/// Reads written at once.
const BATCH: usize = 2000;
/// How long the first read waits for others.
const GATHER: Duration = Duration::from_millis(20);

/// See the module's documentation.
pub(crate) struct ReadQueue {
    store: Store,
    capacity: usize,
    waiting: Mutex<Waiting>,
    /// Whether the database was gone, and has not answered since.
    behind: AtomicBool,
    wakeup: Arc<Notify>,
    /// Held while writing, so that no older read is written after a newer one.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Waiting {
    by_account: HashMap<AccountId, Reads>,
    /// The number of reads.
    reads: usize,
}

impl ReadQueue {
    /// An empty queue for this database.
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            capacity: CAPACITY,
            waiting: Mutex::default(),
            behind: AtomicBool::new(false),
            wakeup: Arc::default(),
            writing: tokio::sync::Mutex::default(),
        }
    }

    /// Notified when a read was added.
    pub(crate) fn wakeup(&self) -> Arc<Notify> {
        Arc::clone(&self.wakeup)
    }

    /// Adds a read. If the queue is full the read is dropped and counted: the account's meter keeps it for
    /// as long as the account is in memory.
    pub(crate) fn add(&self, account: AccountId, read: Read) {
        if self.waiting.lock().add(account, read, self.capacity) {
            self.wakeup.notify_one();
        } else {
            metrics().account_reads_dropped.increment(1);
        }
    }

    /// Returns the reads of an account that wait.
    pub(crate) fn of(&self, account: AccountId) -> Reads {
        self.waiting.lock().by_account.get(&account).cloned().unwrap_or_default()
    }

    /// Removes the reads of an account.
    pub(crate) fn remove(&self, account: AccountId) {
        let mut waiting = self.waiting.lock();
        let removed = waiting.by_account.remove(&account);
        waiting.reads -= removed.map_or(0, |reads| reads.len());
    }

    /// Returns `true` from the time at which the database was gone until it answers again and has every read.
    pub(crate) fn is_behind(&self) -> bool {
        self.behind.load(Ordering::Acquire)
    }

    /// Records that the database is gone.
    pub(crate) fn set_behind(&self) {
        self.behind.store(true, Ordering::Release);
        self.wakeup.notify_one();
    }

    /// Waits until nothing is being written, which holds until the result is dropped.
    pub(crate) async fn pause(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().await
    }

    /// Waits a moment for further reads, and then writes all.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not take them. They stay in the queue.
    pub(crate) async fn gather(&self) -> Result<(), StoreError> {
        if self.waiting.lock().reads > 0 {
            tokio::time::sleep(GATHER).await;
        }
        self.write().await
    }

    /// Writes the reads that wait now.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not take them. They stay in the queue.
    pub(crate) async fn write(&self) -> Result<(), StoreError> {
        let _turn = self.writing.lock().await;
        let mut written = self.write_batches().await;
        if written.is_ok() && self.is_behind() {
            // There may have been nothing to write.
            written = self.store.ping().await;
        }
        match &written {
            Ok(()) => self.behind.store(false, Ordering::Release),
            // While it is only busy, it decides, and the reads wait.
            Err(error) if error.is_unreachable() && self.store.is_gone().await => {
                self.behind.store(true, Ordering::Release);
            }
            Err(_) => {}
        }
        #[expect(clippy::cast_precision_loss, reason = "at most the capacity")]
        metrics().account_reads_waiting.set(self.waiting.lock().reads as f64);
        written
    }

    async fn write_batches(&self) -> Result<(), StoreError> {
        let mut left = self.waiting.lock().reads;
        while left > 0 {
            let batch = self.waiting.lock().first(left.min(BATCH));
            if batch.is_empty() {
                break;
            }
            self.store.save_reads(&batch).await?;
            self.waiting.lock().remove(&batch);
            left -= batch.len();
        }
        Ok(())
    }
}

impl Waiting {
    /// Returns `false` if there is no room.
    fn add(&mut self, account: AccountId, read: Read, capacity: usize) -> bool {
        if self.reads >= capacity {
            return false;
        }
        let reads = self.by_account.entry(account).or_default();
        let before = reads.len();
        reads.put(read);
        self.reads += reads.len() - before;
        true
    }

    /// Returns about `most` reads.
    fn first(&self, most: usize) -> Vec<(AccountId, Read)> {
        let reads = self.by_account.iter();
        let reads = reads.flat_map(|(account, reads)| reads.iter().map(|read| (*account, *read)));
        reads.take(most).collect()
    }

    /// Removes reads, unless they were counted again later.
    fn remove(&mut self, written: &[(AccountId, Read)]) {
        for (account, read) in written {
            let Some(reads) = self.by_account.get_mut(account) else { continue };
            let left: Reads = reads.iter().filter(|known| *known != read).copied().collect();
            self.reads -= reads.len() - left.len();
            if left.is_empty() {
                self.by_account.remove(account);
            } else {
                *reads = left;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use masthead_access::ArticleId;
    use masthead_store::Location;

    use super::*;

    async fn queue(capacity: usize) -> (ReadQueue, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        let store = Store::open(&location).await.expect("a database");
        (ReadQueue { capacity, ..ReadQueue::new(store) }, folder)
    }

    fn read(article: u32, at: u32) -> Read {
        Read { article: ArticleId(article), at }
    }

    #[tokio::test]
    async fn a_full_queue_takes_no_more_and_writes_what_it_has() {
        let (queue, _folder) = queue(5000).await;
        for number in 0..=5000 {
            queue.add(AccountId(number / 3), read(number % 3, 1));
        }
        assert_eq!(queue.waiting.lock().reads, 5000);
        queue.write().await.expect("written");
        let waiting = queue.waiting.lock();
        assert_eq!((waiting.reads, waiting.by_account.len()), (0, 0));
    }

    #[tokio::test]
    async fn a_read_that_is_counted_again_while_it_is_written_stays() {
        let (queue, _folder) = queue(10).await;
        queue.add(AccountId(1), read(1, 1));
        let batch = queue.waiting.lock().first(10);
        queue.add(AccountId(1), read(1, 2));
        queue.add(AccountId(1), read(2, 2));
        queue.waiting.lock().remove(&batch);
        assert_eq!(queue.of(AccountId(1)).len(), 2);
        assert_eq!(queue.waiting.lock().reads, 2);
        queue.remove(AccountId(1));
        assert_eq!(queue.waiting.lock().reads, 0);
    }
}
