//! Reads of signed-in readers that the database does not have yet.
//!
//! A write takes all reads that wait, so requests that come during one write share the next. What no request waits for is written by a
//! background task. While the database is away the queue grows up to [`CAPACITY`].

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
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
/// How long requests leave writing to the background task after it has failed. Each try takes a copy of everything that waits.
const REST: Duration = Duration::from_secs(1);

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
    /// The reads up to this number wait no longer.
    written: AtomicU64,
    /// When writing has failed last.
    failed: Mutex<Option<Instant>>,
    /// How often the database was asked to write.
    #[cfg(test)]
    pub(crate) writes: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    by_account: HashMap<AccountId, Reads>,
    /// The number of reads.
    reads: usize,
    /// The number of the latest read: how many were added since the start.
    latest: u64,
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
            written: AtomicU64::default(),
            failed: Mutex::default(),
            #[cfg(test)]
            writes: AtomicU64::default(),
        }
    }

    /// Notified when a read was added.
    pub(crate) fn wakeup(&self) -> Arc<Notify> {
        Arc::clone(&self.wakeup)
    }

    /// Adds a read, and returns its number for [`Self::write_up_to`]. If the queue is full the read is dropped and counted: the
    /// account's meter keeps it for as long as the account is in memory.
    pub(crate) fn add(&self, account: AccountId, read: Read) -> u64 {
        let (is_added, number) = self.waiting.lock().add(account, read, self.capacity);
        if is_added {
            self.wakeup.notify_one();
        } else {
            metrics().account_reads_dropped.increment(1);
        }
        number
    }

    /// Returns the reads of an account that wait.
    pub(crate) fn of(&self, account: AccountId) -> Reads {
        self.waiting.lock().by_account.get(&account).cloned().unwrap_or_default()
    }

    /// Returns the number up to which is to be written for the reads of an account, or `None` if none of them waits.
    pub(crate) fn waits_for(&self, account: AccountId) -> Option<u64> {
        let waiting = self.waiting.lock();
        waiting.by_account.contains_key(&account).then_some(waiting.latest)
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
        self.write_in_turn().await
    }

    /// Returns once the read with this number waits no longer, or at once if writing has failed a moment ago. A request that
    /// has written it while this one waited has written it for both: requests that come at the same time wait for the disk together, and not one
    /// after another.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not take it. It stays in the queue.
    pub(crate) async fn write_up_to(&self, number: u64) -> Result<(), StoreError> {
        let _turn = self.writing.lock().await;
        let has_failed = self.failed.lock().is_some_and(|failed| failed.elapsed() < REST);
        if has_failed || self.written.load(Ordering::Acquire) >= number {
            return Ok(());
        }
        self.write_in_turn().await
    }

    /// Writes what waits now. The caller has the turn.
    async fn write_in_turn(&self) -> Result<(), StoreError> {
        let mut written = self.write_batches().await;
        if written.is_ok() && self.is_behind() {
            // There may have been nothing to write.
            written = self.store.ping().await;
        }
        *self.failed.lock() = written.is_err().then(Instant::now);
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
        let (all, latest) = self.waiting.lock().all();
        for batch in all.chunks(BATCH) {
            #[cfg(test)]
            self.writes.fetch_add(1, Ordering::Relaxed);
            self.store.save_reads(batch).await?;
            self.waiting.lock().remove(batch);
        }
        self.written.store(latest, Ordering::Release);
        Ok(())
    }
}

impl Waiting {
    /// Returns `false` if there is no room, and the number of the latest read.
    fn add(&mut self, account: AccountId, read: Read, capacity: usize) -> (bool, u64) {
        if self.reads >= capacity {
            return (false, self.latest);
        }
        let reads = self.by_account.entry(account).or_default();
        let before = reads.len();
        reads.put(read);
        self.reads += reads.len() - before;
        self.latest += 1;
        (true, self.latest)
    }

    /// Returns all reads, and the number of the latest.
    fn all(&self) -> (Vec<(AccountId, Read)>, u64) {
        let mut all = Vec::with_capacity(self.reads);
        for (account, reads) in &self.by_account {
            all.extend(reads.iter().map(|read| (*account, *read)));
        }
        (all, self.latest)
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
    use std::{
        pin::pin,
        task::{Context, Waker},
    };

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
        let (batch, _) = queue.waiting.lock().all();
        queue.add(AccountId(1), read(1, 2));
        queue.add(AccountId(1), read(2, 2));
        queue.waiting.lock().remove(&batch);
        assert_eq!(queue.of(AccountId(1)).len(), 2);
        assert_eq!(queue.waiting.lock().reads, 2);
        queue.remove(AccountId(1));
        assert_eq!(queue.waiting.lock().reads, 0);
    }

    #[tokio::test]
    async fn a_read_that_was_written_for_another_request_is_not_written_again() {
        let (queue, _folder) = queue(10).await;
        let first = queue.add(AccountId(1), read(1, 1));
        let second = queue.add(AccountId(2), read(1, 1));
        queue.write_up_to(first).await.expect("written");
        assert_eq!(queue.waiting.lock().reads, 0, "with the other");
        // The database is not asked, so it need not be there.
        queue.store.close().await.expect("closed");
        queue.write_up_to(second).await.expect("written before");
        let third = queue.add(AccountId(3), read(1, 1));
        assert!(queue.write_up_to(third).await.is_err());
        let tries = queue.writes.load(Ordering::Relaxed);
        queue.write_up_to(third).await.expect("left to the background task");
        assert_eq!(queue.writes.load(Ordering::Relaxed), tries, "not tried again at once");
        assert_eq!(queue.of(AccountId(3)).len(), 1, "it waits");
    }

    #[tokio::test]
    async fn a_read_that_comes_during_a_write_waits_for_the_next() {
        let (queue, _folder) = queue(10).await;
        let turn = queue.pause().await;
        let first = queue.add(AccountId(1), read(1, 1));
        let mut waits = pin!(queue.write_up_to(first));
        let mut context = Context::from_waker(Waker::noop());
        assert!(waits.as_mut().poll(&mut context).is_pending(), "another has the turn");
        queue.write_in_turn().await.expect("written");
        let second = queue.add(AccountId(2), read(1, 1));
        drop(turn);
        waits.await.expect("written");
        assert_eq!(queue.of(AccountId(2)).len(), 1);
        queue.write_up_to(second).await.expect("written");
        assert!(queue.of(AccountId(2)).is_empty());
    }
}
