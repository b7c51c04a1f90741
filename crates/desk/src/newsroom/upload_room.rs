//! Memory for uploads: as much as there is for all, and less for each account, so that nobody keeps others from sending files.

use std::{collections::HashMap, sync::Arc, time::Duration};

use masthead_circulation::AccountId;
use masthead_media::{MAX_BYTES, MAX_WAITING_BYTES};
use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

/// How long an upload waits for others. Those may be slow to arrive.
const MAX_WAIT: Duration = Duration::from_secs(20);
/// Kilobytes of all uploads at once. They are received into memory, and then processed one after another.
const KILOBYTES: usize = MAX_WAITING_BYTES / 1024;
/// Kilobytes of the uploads of one account at once: the largest file. Others have the rest.
const OWN_KILOBYTES: usize = MAX_BYTES / 1024;

/// How often an upload that waits looks whether there is room.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Room that is reserved, until this is dropped.
pub(crate) struct ReservedRoom {
    _own: OwnedSemaphorePermit,
    _shared: OwnedSemaphorePermit,
}

/// See the module's documentation.
pub(crate) struct UploadRoom {
    shared: Arc<Semaphore>,
    own: Mutex<HashMap<AccountId, Arc<Semaphore>>>,
    max_wait: Duration,
}

impl Default for UploadRoom {
    fn default() -> Self {
        let shared = Arc::new(Semaphore::new(KILOBYTES));
        Self { shared, own: Mutex::default(), max_wait: MAX_WAIT }
    }
}

impl UploadRoom {
    /// Waits until there is room for an upload of so many kilobytes of an account, first within its own share. Returns `None` if there
    /// is none in time.
    pub async fn reserve(&self, account: AccountId, kilobytes: u32) -> Option<ReservedRoom> {
        let own = self.share_of(account);
        let reserve = async {
            let own = own.acquire_many_owned(kilobytes).await.ok()?;
            // The semaphore serves in order. A large file does not wait there, so that small ones can go first.
            loop {
                if let Ok(shared) = Arc::clone(&self.shared).try_acquire_many_owned(kilobytes) {
                    return Some(ReservedRoom { _own: own, _shared: shared });
                }
                sleep(POLL_INTERVAL).await;
            }
        };
        timeout(self.max_wait, reserve).await.ok().flatten()
    }

    /// The share of an account. Those of accounts that send nothing are forgotten.
    fn share_of(&self, account: AccountId) -> Arc<Semaphore> {
        let mut own = self.own.lock();
        own.retain(|_, share| Arc::strong_count(share) > 1);
        let new = || Arc::new(Semaphore::new(OWN_KILOBYTES));
        Arc::clone(own.entry(account).or_insert_with(new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGEST: u32 = 30 * 1024;

    #[tokio::test]
    async fn an_account_leaves_room_to_others() {
        let short = Duration::from_millis(20);
        let mut room = UploadRoom { max_wait: short, ..UploadRoom::default() };
        let (one, other) = (AccountId(1), AccountId(2));
        let first = room.reserve(one, LARGEST).await;
        assert!(first.is_some());
        assert!(room.reserve(one, 1).await.is_none());
        assert!(room.reserve(other, 10 * 1024).await.is_some());
        assert!(room.reserve(other, LARGEST).await.is_none());
        room.max_wait = Duration::from_mins(1);
        // A small file does not wait for a large one that waits.
        let small = async {
            let small = room.reserve(AccountId(3), 1).await;
            drop((first, small));
        };
        let (second, ()) = tokio::join!(room.reserve(other, LARGEST), small);
        assert!(second.is_some());
        drop(room.share_of(other));
        assert_eq!(room.own.lock().len(), 1, "shares that nobody uses are forgotten");
    }
}
