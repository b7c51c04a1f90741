//! Signed-in readers, in memory: a request of one whose session is known asks no database.
//!
//! The reads of an account are decided on and counted under one lock, whichever of its devices they
//! come from, and written to the database together with those of others a moment later.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use http::{HeaderMap, header};
use jiff::Timestamp;
use lru::LruCache;
use masthead_access::{Reads, Standing};
use masthead_circulation::{AccountId, Digest, Secret, Session, Subscription, entitlement};
use masthead_store::{AccountChangesCursor, AccountProfile, Store, StoreError};
use moka::future::Cache;
use parking_lot::Mutex;
use tokio::sync::Notify;

use masthead_web::cookies;

use crate::read_queue::ReadQueue;

/// How long a key that is no session's is known to be none.
const UNKNOWN: Duration = Duration::from_secs(30);
/// How long a session is believed without a word of the database: bulletins say when to look again.
const FRESH: Duration = Duration::from_mins(8);

/// A signed-in reader.
#[derive(Debug)]
pub struct CachedAccount {
    /// Their number.
    pub account: AccountId,
    reads: Mutex<Reads>,
    subscriptions: ArcSwap<Vec<Subscription>>,
    works_here: AtomicBool,
    name: ArcSwap<String>,
    /// Counts the bulletins about them.
    heard: AtomicU32,
}

impl CachedAccount {
    /// What they have bought, as this node knows it.
    pub fn subscriptions(&self) -> Arc<Vec<Subscription>> {
        self.subscriptions.load_full()
    }

    /// How they like to be called, where they have said so.
    pub fn name(&self) -> Option<Arc<String>> {
        Some(self.name.load_full()).filter(|name| !name.is_empty())
    }

    /// Whether they work at the desk.
    pub fn works_here(&self) -> bool {
        self.works_here.load(Ordering::Acquire)
    }

    /// How they stand.
    pub fn standing(&self, now: Timestamp) -> Standing {
        if self.works_here() {
            return Standing::Staff;
        }
        entitlement::standing(&self.subscriptions.load(), now)
    }

    /// What the account's meter has counted.
    pub fn reads(&self) -> Reads {
        self.reads.lock().clone()
    }
}

/// Everybody who is signed in and was here lately.
pub struct AccountCache {
    store: Store,
    sessions: Cache<Digest, Known>,
    known: Mutex<LruCache<AccountId, Arc<CachedAccount>>>,
    read: Mutex<AccountChangesCursor>,
    /// Counts how often there were bulletins to read.
    rounds: AtomicU32,
    queue: ReadQueue,
}

/// What the database said of a session's key, and when.
#[derive(Clone)]
struct Known {
    since: Instant,
    /// What its member had heard then.
    heard: u32,
    session: Option<(Arc<Session>, Arc<CachedAccount>)>,
}

impl Known {
    /// Whether the database need not be asked: lately it was, and the day's visit is noted.
    fn is_fresh(&self, now: Timestamp) -> bool {
        match &self.session {
            None => self.since.elapsed() < UNKNOWN,
            Some((session, member)) => {
                self.since.elapsed() < FRESH
                    && self.heard == member.heard.load(Ordering::Acquire)
                    && now.duration_since(session.seen) < Session::SEEN_RESOLUTION
            }
        }
    }
}

impl AccountCache {
    /// The members of the publication in `store`, of whom so many are remembered.
    pub fn new(store: Store, remembered: usize) -> Self {
        let remembered = NonZeroUsize::new(remembered).unwrap_or(NonZeroUsize::MIN);
        Self {
            queue: ReadQueue::new(store.clone()),
            store,
            sessions: Cache::new(remembered.get() as u64),
            known: Mutex::new(LruCache::sparse(remembered)),
            read: Mutex::default(),
            rounds: AtomicU32::new(0),
        }
    }

    /// Who comes with these headers, where somebody is signed in. While the database does not answer,
    /// those who are known stay signed in; all others are read to as strangers are.
    pub async fn of(
        &self,
        headers: &HeaderMap,
        cookie: &str,
        opens: i64,
        now: Timestamp,
    ) -> Option<(Arc<Session>, Arc<CachedAccount>)> {
        let key = session_key(headers, cookie)?;
        let known = self.sessions.get(&key).await;
        let session = match known {
            Some(known) if known.is_fresh(now) => known.session,
            stale => match self.look_up(&key, opens, now).await {
                Ok(known) => {
                    let session = known.session.clone();
                    self.sessions.insert(key, known).await;
                    session
                }
                Err(error) => {
                    tracing::error!(%error, "accounts: session lookup failed");
                    stale.and_then(|known| known.session)
                }
            },
        };
        session.filter(|(session, _)| !session.is_over(now))
    }

    async fn look_up(&self, key: &Digest, opens: i64, now: Timestamp) -> Result<Known, StoreError> {
        loop {
            let rounds = self.rounds.load(Ordering::Acquire);
            let known = self.ask(key, opens, now).await?;
            // A bulletin that was read meanwhile may be about what was asked before it.
            if self.rounds.load(Ordering::Acquire) == rounds {
                return Ok(known);
            }
        }
    }

    async fn ask(&self, key: &Digest, opens: i64, now: Timestamp) -> Result<Known, StoreError> {
        let nobody = Known { since: Instant::now(), heard: 0, session: None };
        let Some(mut session) = self.store.session(key).await? else { return Ok(nobody) };
        if session.is_over(now) {
            self.store.end_session(session.account, key).await?;
            return Ok(nobody);
        }
        if now.duration_since(session.seen) >= Session::SEEN_RESOLUTION {
            self.store.touch_session(key, now).await?;
            session.seen = now;
        }
        self.renew(session.account).await?;
        let member = self.member(session.account, opens).await?;
        let heard = member.heard.load(Ordering::Acquire);
        Ok(Known { since: Instant::now(), heard, session: Some((Arc::new(session), member)) })
    }

    /// Takes up what has become of an account's subscriptions, of its name, and of its work at the desk, for its
    /// next request.
    pub async fn renew(&self, account: AccountId) -> Result<(), StoreError> {
        let member = self.known.lock().peek(&account).cloned();
        if let Some(member) = member {
            let subscriptions = self.store.subscriptions_of(account).await?;
            member.subscriptions.store(Arc::new(subscriptions));
            let AccountProfile { name, is_staff } = self.store.account_profile(account).await?;
            member.name.store(Arc::new(name));
            member.works_here.store(is_staff, Ordering::Release);
        }
        Ok(())
    }

    /// Reads the bulletins since it did last: those they are about are looked up again when they come.
    pub async fn poll_changes(&self) -> Result<(), StoreError> {
        let read = *self.read.lock();
        let (account_changes, next) = self.store.account_changes(read).await?;
        *self.read.lock() = next;
        if !account_changes.is_empty() {
            self.rounds.fetch_add(1, Ordering::Release);
        }
        let mut known = self.known.lock();
        for bulletin in account_changes {
            if let Some(member) = known.peek(&bulletin.account) {
                member.heard.fetch_add(1, Ordering::Release);
            }
            if bulletin.meter {
                // What they have read is looked up anew as well.
                known.pop(&bulletin.account);
            }
        }
        Ok(())
    }

    /// Takes what there is to read as read, before anybody is known.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let latest = self.store.latest_account_change().await?;
        *self.read.lock() = latest;
        Ok(())
    }

    /// The one member that an account has on this node.
    pub async fn member(
        &self,
        account: AccountId,
        opens: i64,
    ) -> Result<Arc<CachedAccount>, StoreError> {
        if let Some(known) = self.known.lock().get(&account) {
            return Ok(Arc::clone(known));
        }
        let reads = Mutex::new(self.store.reads_of(account, opens).await?);
        let subscriptions = ArcSwap::from_pointee(self.store.subscriptions_of(account).await?);
        let AccountProfile { name, is_staff } = self.store.account_profile(account).await?;
        let member = Arc::new(CachedAccount {
            account,
            reads,
            subscriptions,
            works_here: AtomicBool::new(is_staff),
            name: ArcSwap::from_pointee(name),
            heard: AtomicU32::new(0),
        });
        let mut known = self.known.lock();
        // Somebody may have been quicker; there must be one set of reads.
        Ok(Arc::clone(known.get_or_insert(account, || member)))
    }

    /// Decides on a member's reads and keeps those that it adds. Visits of one member happen one
    /// after another.
    pub fn visit<T>(
        &self,
        member: &CachedAccount,
        opens: i64,
        visit: impl FnOnce(&mut Reads) -> T,
    ) -> T {
        let mut reads = member.reads.lock();
        reads.forget_before(opens);
        let before = reads.clone();
        let answer = visit(&mut reads);
        for read in reads.iter().filter(|read| !before.iter().any(|known| known == *read)) {
            self.queue.add(member.account, *read);
        }
        answer
    }

    /// Signs devices out, here and now.
    pub async fn forget_sessions(&self, keys: impl IntoIterator<Item = Digest>) {
        for key in keys {
            self.sessions.invalidate(&key).await;
        }
    }

    /// Forgets an account that is no more.
    pub fn forget(&self, account: AccountId) {
        self.known.lock().pop(&account);
    }

    /// Notified when there are reads to write.
    pub fn reads_wakeup(&self) -> Arc<Notify> {
        self.queue.wakeup()
    }

    /// Writes reads to the database, a moment after the first so that it is done for many at once.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not take them. They are kept for the next time.
    pub async fn write_reads(&self) -> Result<(), StoreError> {
        self.queue.gather().await
    }

    /// Writes everything that was read so far to the database.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not take it. It is kept for the next time.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.queue.write().await
    }
}

/// The key of the session that a request belongs to: an app's bearer token (RFC 6750), or the cookie of
/// a browser.
pub fn session_key(headers: &HeaderMap, cookie: &str) -> Option<Digest> {
    let secret = bearer(headers).or_else(|| cookies::get(headers, cookie))?;
    secret.parse::<Secret>().ok().map(|secret| secret.digest())
}

/// The token that an app brings.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
