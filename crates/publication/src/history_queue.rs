//! What readers who keep a reading history have opened, until the database has it.
//!
//! The task that writes reads writes it as well. It is no part of the meter: what does not fit in the queue, or is in it when the
//! server is killed, is missing in a history, and nothing else.

use std::collections::HashMap;

use jiff::Timestamp;
use masthead_access::{ArticleId, Read};
use masthead_circulation::AccountId;
use masthead_store::{Store, StoreError};
use parking_lot::Mutex;

/// The maximum number of articles that wait.
const CAPACITY: usize = 20_000;
/// How many are written at once.
const BATCH: usize = 200;

/// See the module's documentation.
pub(crate) struct HistoryQueue {
    store: Store,
    capacity: usize,
    /// When each was last opened, in seconds since the Unix epoch.
    waiting: Mutex<HashMap<(AccountId, ArticleId), u32>>,
}

impl HistoryQueue {
    /// An empty queue for this database.
    pub(crate) fn new(store: Store) -> Self {
        Self { store, capacity: CAPACITY, waiting: Mutex::default() }
    }

    /// Adds an article. It is dropped if the queue is full.
    pub(crate) fn add(&self, account: AccountId, article: ArticleId, now: Timestamp) {
        let at = u32::try_from(now.as_second()).unwrap_or(u32::MAX);
        let mut waiting = self.waiting.lock();
        if waiting.len() < self.capacity || waiting.contains_key(&(account, article)) {
            waiting.insert((account, article), at);
        }
    }

    /// Writes what waits now.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not take it. It stays in the queue.
    pub(crate) async fn write(&self) -> Result<(), StoreError> {
        let mut left = self.waiting.lock().len();
        while left > 0 {
            let batch: Vec<(AccountId, Read)> = {
                let waiting = self.waiting.lock();
                let entry = |(key, at): (&(AccountId, ArticleId), &u32)| {
                    (key.0, Read { article: key.1, at: *at })
                };
                waiting.iter().take(BATCH.min(left)).map(entry).collect()
            };
            if batch.is_empty() {
                break;
            }
            self.store.add_to_histories(&batch).await?;
            let mut waiting = self.waiting.lock();
            for (account, read) in &batch {
                let key = (*account, read.article);
                // It may have been opened again meanwhile.
                if waiting.get(&key) == Some(&read.at) {
                    waiting.remove(&key);
                }
            }
            left -= batch.len();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use masthead_store::Location;

    use super::*;

    #[tokio::test]
    async fn a_full_queue_drops_what_is_new_and_writes_what_it_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        let store = Store::open(&location).await.expect("a database");
        let queue = HistoryQueue { capacity: 2, ..HistoryQueue::new(store) };
        let at = |second| Timestamp::from_second(second).expect("a time");
        for (article, second) in [(1, 1), (2, 2), (3, 3), (1, 4)] {
            queue.add(AccountId(1), ArticleId(article), at(second));
        }
        let waiting = queue.waiting.lock().clone();
        let key = |article| (AccountId(1), ArticleId(article));
        assert_eq!(waiting, HashMap::from([(key(1), 4), (key(2), 2)]));
        // Nobody with this number keeps a history, so nothing is kept.
        queue.write().await.expect("written");
        assert!(queue.waiting.lock().is_empty());
    }
}
