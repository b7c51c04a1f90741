//! A signed-in reader in memory.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering},
};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use masthead_access::{ArticleId, Reads, Standing};
use masthead_circulation::{AccountId, History, Subscription, entitlement, reading::Followed};
use masthead_editorial::paths;
use parking_lot::Mutex;

use crate::reader_links::ReaderLinks;

/// A signed-in reader.
#[derive(Debug)]
pub struct CachedAccount {
    /// The account's number.
    pub account: AccountId,
    pub(super) reads: Mutex<Reads>,
    details: ArcSwap<AccountDetails>,
    /// Counts the notifications about the account.
    changes: AtomicU32,
    /// Whether a request has used it since the last search for a member to evict.
    used: AtomicBool,
    /// The notifications that were counted when it was last loaded; negative if it never was.
    loaded: AtomicI64,
    /// Held while the database is asked about the account, so that no older answer replaces a newer one.
    pub(super) turn: tokio::sync::Mutex<()>,
}

/// What the database says about an account besides its reads.
#[derive(Debug, Default)]
pub(super) struct AccountDetails {
    /// Every subscription, ended ones too.
    pub subscriptions: Arc<Vec<Subscription>>,
    /// The reader's name; empty if none was given.
    pub name: Arc<String>,
    /// Whether the account has a role at the desk.
    pub is_staff: bool,
    /// Whether it has ever had a subscription.
    pub had_subscription: bool,
    /// Whether it keeps a reading history.
    pub keeps_history: bool,
    /// The articles that it has saved, sorted.
    pub saved: Box<[ArticleId]>,
    /// The topics and authors that it follows.
    pub followed: Box<[Followed]>,
}

impl CachedAccount {
    /// A member whose data is not loaded yet.
    pub(super) fn new(account: AccountId) -> Self {
        Self {
            account,
            reads: Mutex::default(),
            details: ArcSwap::default(),
            changes: AtomicU32::new(0),
            used: AtomicBool::new(false),
            loaded: AtomicI64::new(-1),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Returns the reader's subscriptions, as this server knows them.
    pub fn subscriptions(&self) -> Arc<Vec<Subscription>> {
        Arc::clone(&self.details.load().subscriptions)
    }

    /// Returns the reader's display name, if they have set one.
    pub fn name(&self) -> Option<Arc<String>> {
        Some(Arc::clone(&self.details.load().name)).filter(|name| !name.is_empty())
    }

    /// Returns `true` if the reader is staff.
    pub fn is_staff(&self) -> bool {
        self.details.load().is_staff
    }

    /// Returns `true` if the reader keeps a reading history.
    pub fn keeps_history(&self) -> bool {
        self.details.load().keeps_history
    }

    /// Returns `true` if the reader has saved the article.
    pub fn has_saved(&self, article: ArticleId) -> bool {
        self.details.load().saved.binary_search(&article).is_ok()
    }

    /// Returns `true` if the reader follows the topic or author at an address, such as `/topic/harbour`.
    pub fn follows(&self, address: &str) -> bool {
        let Some((kind, slug)) = address.trim_start_matches('/').split_once('/') else {
            return false;
        };
        let Some(slug) = paths::decoded(slug) else { return false };
        let details = self.details.load();
        details
            .followed
            .iter()
            .any(|followed| followed.slug == slug && followed.kind.name() == kind)
    }

    /// Returns what the reader has subscribed to so far.
    pub fn history(&self, now: Timestamp) -> History {
        let details = self.details.load();
        entitlement::history(&details.subscriptions, details.had_subscription, now)
    }

    /// Returns the reader's standing.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let details = self.details.load();
        if details.is_staff {
            return Standing::Staff;
        }
        entitlement::standing(&details.subscriptions, now)
    }

    /// Returns when a subscription that the reader has paused resumes, or `None` if they have paused none.
    pub fn paused_until(&self, now: Timestamp) -> Option<Timestamp> {
        entitlement::paused_until(&self.details.load().subscriptions, now)
    }

    /// Returns the links in the header of this reader's pages.
    pub fn links(&self, now: Timestamp) -> ReaderLinks {
        ReaderLinks::of(self.standing(now), self.history(now))
    }

    /// Returns what the account's meter has counted.
    pub fn reads(&self) -> Reads {
        self.reads.lock().clone()
    }

    pub(super) fn set_details(&self, details: AccountDetails) {
        self.details.store(Arc::new(details));
    }

    /// Returns `true` if the database was asked about the account, and there was no notification about it since.
    pub(super) fn is_current(&self) -> bool {
        self.loaded.load(Ordering::Acquire) == i64::from(self.changes())
    }

    /// Notes that the database was asked, after this many notifications.
    pub(super) fn mark_loaded(&self, changes: u32) {
        self.loaded.store(i64::from(changes), Ordering::Release);
    }

    /// Returns the number of notifications about the account so far.
    pub(super) fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }

    pub(super) fn count_change(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    pub(super) fn mark_used(&self) {
        // Most requests find it marked, and then nothing is written that other cores read.
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
    }

    /// Returns whether a request has used it since the last call.
    pub(super) fn take_used(&self) -> bool {
        self.used.swap(false, Ordering::Relaxed)
    }
}
