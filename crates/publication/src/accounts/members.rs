//! The members in memory: one object for each account.
//!
//! The reads of an account are decided on in one object, whichever of its devices they come from. So a
//! member that a request holds is never evicted, and a changed account is loaded into the object that
//! there is.

use std::sync::Arc;

use lru::LruCache;
use masthead_circulation::AccountId;
use parking_lot::Mutex;

use super::CachedAccount;

/// How many members are looked at to evict one. If all are in use, the capacity is exceeded until
/// the next member comes.
const CANDIDATES: usize = 8;

/// See the module's documentation.
pub(super) struct Members {
    known: Mutex<LruCache<AccountId, Arc<CachedAccount>>>,
    capacity: usize,
}

impl Members {
    pub(super) fn new(capacity: usize) -> Self {
        // Bounded by `make_room`, because the cache itself would evict members that are in use.
        Self { known: Mutex::new(LruCache::unbounded()), capacity }
    }

    /// Returns the member of an account, if it is in memory.
    pub(super) fn get(&self, account: AccountId) -> Option<Arc<CachedAccount>> {
        self.known.lock().peek(&account).cloned()
    }

    /// Returns the member of an account. A new one is still to be loaded.
    pub(super) fn get_or_insert(&self, account: AccountId) -> Arc<CachedAccount> {
        let mut known = self.known.lock();
        if let Some(member) = known.get(&account) {
            return Arc::clone(member);
        }
        make_room(&mut known, self.capacity);
        let member = Arc::new(CachedAccount::new(account));
        known.put(account, Arc::clone(&member));
        member
    }

    /// Removes the member of an account that was deleted.
    pub(super) fn remove(&self, account: AccountId) {
        self.known.lock().pop(&account);
    }
}

/// Evicts the least recently used member that no request holds.
fn make_room(known: &mut LruCache<AccountId, Arc<CachedAccount>>, capacity: usize) {
    for _ in 0..CANDIDATES {
        if known.len() < capacity {
            return;
        }
        let Some((account, member)) = known.pop_lru() else { return };
        let kept = if member.take_used() { Some(member) } else { Arc::try_unwrap(member).err() };
        if let Some(member) = kept {
            known.put(account, member);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(capacity: usize, accounts: u32) -> Members {
        let members = Members::new(capacity);
        for account in 0..accounts {
            members.get_or_insert(AccountId(account));
        }
        members
    }

    #[test]
    fn a_member_that_a_request_holds_is_never_evicted() {
        let members = Members::new(4);
        let held = members.get_or_insert(AccountId(1000));
        for account in 0..100 {
            members.get_or_insert(AccountId(account));
        }
        assert!(members.get(AccountId(1000)).is_some_and(|known| Arc::ptr_eq(&known, &held)));
        assert!(members.known.lock().len() <= 5);
    }

    #[test]
    fn a_member_that_was_used_lately_is_evicted_after_one_that_was_not() {
        let members = members(4, 4);
        members.get(AccountId(0)).expect("in memory").mark_used();
        members.get_or_insert(AccountId(4));
        assert!(members.get(AccountId(0)).is_some());
        assert!(members.get(AccountId(1)).is_none());
    }

    #[test]
    fn the_capacity_is_kept() {
        assert_eq!(members(64, 10_000).known.lock().len(), 64);
    }
}
