//! Signed-in readers, in memory: a request of one whose session is known asks no database.
//!
//! The reads of an account are decided on and counted under one lock, whichever of its devices they
//! come from, and written to the database together with those of others a moment later.

use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use http::HeaderMap;
use jiff::Timestamp;
use lru::LruCache;
use masthead_access::{Read, Reads, Standing};
use masthead_circulation::{
    Account, AccountId, Digest, Secret, Session, Subscription, entitlement,
};
use masthead_store::{Store, StoreError};
use moka::future::Cache;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use crate::cookies;

/// How long another node's changes may take to be seen here.
const FRESH: Duration = Duration::from_secs(30);
/// Reads that are written together at most.
const BATCH: usize = 2000;
/// How long the first of them waits for others.
const GATHER: Duration = Duration::from_millis(20);

/// A signed-in reader.
#[derive(Debug)]
pub struct Member {
    /// Their number.
    pub account: AccountId,
    reads: Mutex<Reads>,
    subscriptions: ArcSwap<Vec<Subscription>>,
}

impl Member {
    /// What they have bought, as this node knows it.
    pub fn subscriptions(&self) -> Arc<Vec<Subscription>> {
        self.subscriptions.load_full()
    }

    /// How they stand.
    pub fn standing(&self, now: Timestamp) -> Standing {
        entitlement::standing(&self.subscriptions.load(), now)
    }

    /// What the account's meter has counted.
    pub fn reads(&self) -> Reads {
        self.reads.lock().clone()
    }
}

/// Everybody who is signed in and was here lately.
pub struct Members {
    store: Store,
    sessions: Cache<Digest, Known>,
    known: Mutex<LruCache<AccountId, Arc<Member>>>,
    writer: mpsc::UnboundedSender<Entry>,
}

/// What the database said of a session's key, and when.
#[derive(Clone)]
struct Known {
    since: Instant,
    session: Option<(Session, Arc<Member>)>,
}

impl Known {
    /// Whether the database need not be asked: lately it was, and the day's visit is noted.
    fn is_fresh(&self, now: Timestamp) -> bool {
        let noted = |(session, _): &(Session, Arc<Member>)| {
            now.duration_since(session.seen) < Session::SEEN_EVERY
        };
        self.since.elapsed() < FRESH && self.session.as_ref().is_none_or(noted)
    }
}

enum Entry {
    Read(AccountId, Read),
    Flush(oneshot::Sender<()>),
}

impl Members {
    /// The members of the publication in `store`, of whom so many are remembered.
    pub fn new(store: Store, remembered: usize) -> Self {
        let (writer, entries) = mpsc::unbounded_channel();
        tokio::spawn(write_down(store.clone(), entries));
        let remembered = NonZeroUsize::new(remembered).unwrap_or(NonZeroUsize::MIN);
        Self {
            store,
            sessions: Cache::new(remembered.get() as u64),
            known: Mutex::new(LruCache::sparse(remembered)),
            writer,
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
    ) -> Option<(Session, Arc<Member>)> {
        let secret: Option<Secret> =
            cookies::get(headers, cookie).and_then(|value| value.parse().ok());
        let key = secret?.digest();
        let known = self.sessions.get(&key).await;
        let session = match known {
            Some(known) if known.is_fresh(now) => known.session,
            stale => match self.look_up(&key, opens, now).await {
                Ok(session) => {
                    let known = Known { since: Instant::now(), session: session.clone() };
                    self.sessions.insert(key, known).await;
                    session
                }
                Err(error) => {
                    tracing::error!(%error, "a session cannot be looked up");
                    stale.and_then(|known| known.session)
                }
            },
        };
        session.filter(|(session, _)| !session.is_over(now))
    }

    async fn look_up(
        &self,
        key: &Digest,
        opens: i64,
        now: Timestamp,
    ) -> Result<Option<(Session, Arc<Member>)>, StoreError> {
        let Some((mut session, account)) = self.store.session(key).await? else { return Ok(None) };
        if session.is_over(now) {
            self.store.end_session(account.id, key).await?;
            return Ok(None);
        }
        if now.duration_since(session.seen) >= Session::SEEN_EVERY {
            self.store.session_seen(key, now).await?;
            session.seen = now;
        }
        let member = self.member(&account, opens).await?;
        self.renew(account.id).await?;
        Ok(Some((session, member)))
    }

    /// Takes up what has become of an account's subscriptions, for its next request.
    pub async fn renew(&self, account: AccountId) -> Result<(), StoreError> {
        let member = self.known.lock().peek(&account).cloned();
        if let Some(member) = member {
            let subscriptions = self.store.subscriptions_of(account).await?;
            member.subscriptions.store(Arc::new(subscriptions));
        }
        Ok(())
    }

    /// The one member that an account has on this node.
    pub async fn member(&self, account: &Account, opens: i64) -> Result<Arc<Member>, StoreError> {
        if let Some(known) = self.known.lock().get(&account.id) {
            return Ok(Arc::clone(known));
        }
        let reads = Mutex::new(self.store.reads_of(account.id, opens).await?);
        let subscriptions = ArcSwap::from_pointee(self.store.subscriptions_of(account.id).await?);
        let member = Arc::new(Member { account: account.id, reads, subscriptions });
        let mut known = self.known.lock();
        // Somebody may have been quicker; there must be one set of reads.
        Ok(Arc::clone(known.get_or_insert(account.id, || member)))
    }

    /// Decides on a member's reads and keeps those that it adds. Visits of one member happen one
    /// after another.
    pub fn visit<T>(&self, member: &Member, opens: i64, visit: impl FnOnce(&mut Reads) -> T) -> T {
        let mut reads = member.reads.lock();
        reads.forget_before(opens);
        let before = reads.clone();
        let answer = visit(&mut reads);
        for read in reads.iter().filter(|read| !before.iter().any(|known| known == *read)) {
            // The writer goes on for as long as there are members.
            let _ = self.writer.send(Entry::Read(member.account, *read));
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

    /// Waits until everything that was read so far is in the database.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.writer.send(Entry::Flush(done)).is_ok() {
            // It ends without an answer where the writer has ended.
            let _ = written.await;
        }
    }
}

/// Writes reads down, many at a time. What the database refuses is tried again with the next.
async fn write_down(store: Store, mut entries: mpsc::UnboundedReceiver<Entry>) {
    let mut waiting = Vec::new();
    let mut flushes = Vec::new();
    let mut failing = false;
    loop {
        let entry = if failing {
            tokio::time::timeout(Duration::from_secs(1), entries.recv()).await.ok()
        } else {
            Some(entries.recv().await)
        };
        match entry {
            Some(Some(entry)) => sort(entry, &mut waiting, &mut flushes),
            Some(None) if waiting.is_empty() || failing => return,
            Some(None) | None => {}
        }
        if flushes.is_empty() && !failing {
            tokio::time::sleep(GATHER).await;
        }
        while waiting.len() < BATCH
            && let Ok(entry) = entries.try_recv()
        {
            sort(entry, &mut waiting, &mut flushes);
        }
        match store.keep_reads(&waiting).await {
            Ok(()) => {
                waiting.clear();
                failing = false;
            }
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "what members read cannot be written; trying again");
                }
                failing = true;
            }
        }
        for done in flushes.drain(..) {
            // Whoever waited may have left.
            let _ = done.send(());
        }
    }
}

fn sort(
    entry: Entry,
    waiting: &mut Vec<(AccountId, Read)>,
    flushes: &mut Vec<oneshot::Sender<()>>,
) {
    match entry {
        Entry::Read(account, read) => waiting.push((account, read)),
        Entry::Flush(done) => flushes.push(done),
    }
}
