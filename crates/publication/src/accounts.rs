//! Signed-in readers in memory: a request whose session is known does not ask the database.

mod credential;
mod member;
mod members;
mod meter;

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{AccountId, Digest, Session};
use masthead_store::{AccountChangesCursor, AccountProfile, KeptLists, Store, StoreError};
use moka::future::Cache;
use tokio::sync::{Mutex, Notify};

pub use self::{credential::Credential, member::CachedAccount};
use self::{member::AccountDetails, members::Members};
use crate::{history_queue::HistoryQueue, read_queue::ReadQueue};

/// How long it is remembered that no session has a key.
const UNKNOWN: Duration = Duration::from_secs(30);
/// How long a session is valid without asking the database. Notifications end it earlier.
const FRESH: Duration = Duration::from_mins(8);

/// Signed-in readers who were here lately.
pub struct AccountCache {
    store: Store,
    sessions: Cache<Digest, KnownKey, foldhash::fast::RandomState>,
    members: Members,
    cursor: Mutex<AccountChangesCursor>,
    /// Counts how often there were new notifications.
    polls: AtomicU32,
    queue: ReadQueue,
    history: HistoryQueue,
}

/// A session and its reader.
type SignedIn = (Arc<Session>, Arc<CachedAccount>);

/// What the database said about a session's key, and when.
#[derive(Clone)]
struct KnownKey {
    since: Instant,
    session: Option<KnownSession>,
}

#[derive(Clone)]
struct KnownSession {
    session: Arc<Session>,
    /// Gone if the member was evicted: then notifications about it may have been missed.
    member: Weak<CachedAccount>,
    /// The member's notifications at the time. `None` if what the database said may be from before one of them.
    changes: Option<u32>,
}

impl KnownKey {
    fn new(signed_in: Option<&SignedIn>) -> Self {
        let session = signed_in.map(|(session, member)| KnownSession {
            session: Arc::clone(session),
            member: Arc::downgrade(member),
            changes: Some(member.changes()),
        });
        Self { since: Instant::now(), session }
    }

    /// The same for an answer that may be from before a notification: the next request asks again, and stays signed in if the
    /// database does not answer.
    fn outdated(signed_in: Option<&SignedIn>) -> Self {
        let known = Self::new(signed_in);
        let session = known.session.map(|session| KnownSession { changes: None, ..session });
        Self { session, ..known }
    }

    /// Returns the reader, if they are still in memory.
    fn signed_in(&self) -> Option<SignedIn> {
        let known = self.session.as_ref()?;
        let member = known.member.upgrade()?;
        member.mark_used();
        Some((Arc::clone(&known.session), member))
    }

    /// Whether `signed_in`, the result of [`KnownKey::signed_in`], can be used without asking the database.
    fn is_fresh(&self, signed_in: Option<&SignedIn>, now: Timestamp) -> bool {
        match (&self.session, signed_in) {
            (None, _) => self.since.elapsed() < UNKNOWN,
            (Some(_), None) => false,
            (Some(known), Some((session, member))) => {
                self.since.elapsed() < FRESH
                    && known.changes == Some(member.changes())
                    && now.duration_since(session.seen) < Session::SEEN_RESOLUTION
            }
        }
    }
}

impl AccountCache {
    /// An empty cache of `remembered` readers of the publication in `store`.
    pub fn new(store: Store, remembered: usize) -> Self {
        let remembered = remembered.max(1);
        Self {
            queue: ReadQueue::new(store.clone()),
            history: HistoryQueue::new(store.clone()),
            store,
            sessions: Cache::builder()
                .max_capacity(remembered as u64)
                .build_with_hasher(foldhash::fast::RandomState::default()),
            members: Members::new(remembered),
            cursor: Mutex::default(),
            polls: AtomicU32::new(0),
        }
    }

    /// Returns the session and reader of a request with this credential, in the meter's window that opened at
    /// the second `opens`. While the database does not answer, readers in memory stay signed in.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not answer and the reader is not in memory. They may well be signed in.
    pub async fn of(
        &self,
        credential: Option<Credential>,
        opens: i64,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let Some(credential) = credential else { return Ok(None) };
        let key = credential.key();
        let known = self.sessions.get(&key).await;
        let remembered = known.as_ref().and_then(KnownKey::signed_in);
        let signed_in = if known.is_some_and(|known| known.is_fresh(remembered.as_ref(), now)) {
            remembered
        } else {
            // Boxed, because it is rare: the future of every request would be as large.
            match Box::pin(self.store.promptly(self.look_up(key, opens, now))).await {
                Ok(signed_in) => signed_in,
                Err(error) => {
                    Self::note_failed_lookup(&error);
                    Some(remembered.ok_or(error)?)
                }
            }
        };
        let is_good = |session: &Session| !session.is_over(now) && credential.fits(session.kind);
        Ok(signed_in.filter(|(session, _)| is_good(session)))
    }

    async fn look_up(
        &self,
        key: Digest,
        opens: i64,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let polls = self.polls.load(Ordering::Acquire);
        let signed_in = self.ask(&key, opens, now).await?;
        // A notification that was polled meanwhile may be about what was asked before it.
        if self.polls.load(Ordering::Acquire) == polls {
            self.sessions.insert(key, KnownKey::new(signed_in.as_ref())).await;
        } else if signed_in.is_some() {
            self.sessions.insert(key, KnownKey::outdated(signed_in.as_ref())).await;
        } else {
            self.sessions.invalidate(&key).await;
        }
        Ok(signed_in)
    }

    async fn ask(
        &self,
        key: &Digest,
        opens: i64,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let Some(mut session) = self.store.session(key).await? else { return Ok(None) };
        if session.is_over(now) {
            self.store.end_session(session.account, key).await?;
            return Ok(None);
        }
        if now.duration_since(session.seen) >= Session::SEEN_RESOLUTION {
            self.store.touch_session(key, now).await?;
            session.seen = now;
        }
        let member = self.members.get_or_insert(session.account);
        let _turn = member.turn.lock().await;
        self.load(&member, opens).await?;
        Ok(Some((Arc::new(session), Arc::clone(&member))))
    }

    /// Returns the member of an account, from the database if it is not in memory or has changed.
    ///
    /// # Errors
    ///
    /// Returns an error if the database is asked and does not answer.
    pub async fn member(
        &self,
        account: AccountId,
        opens: i64,
    ) -> Result<Arc<CachedAccount>, StoreError> {
        let member = self.members.get_or_insert(account);
        if !member.is_current() {
            let _turn = member.turn.lock().await;
            if !member.is_current() {
                self.load(&member, opens).await?;
            }
        }
        Ok(member)
    }

    /// Reloads an account's subscriptions, name, role and lists, if it is in memory.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not answer.
    pub async fn renew(&self, account: AccountId) -> Result<(), StoreError> {
        let Some(member) = self.members.get(account) else { return Ok(()) };
        let _turn = member.turn.lock().await;
        self.load_details(&member).await
    }

    /// Loads everything about an account. The caller holds the member's turn.
    async fn load(&self, member: &CachedAccount, opens: i64) -> Result<(), StoreError> {
        // Before the database is asked: what changes meanwhile is asked for again.
        let changes = member.changes();
        self.load_reads(member, opens).await?;
        self.load_details(member).await?;
        member.mark_loaded(changes);
        Ok(())
    }

    async fn load_details(&self, member: &CachedAccount) -> Result<(), StoreError> {
        let subscriptions = Arc::new(self.store.subscriptions_of(member.account).await?);
        let profile = self.store.account_profile(member.account).await?;
        let KeptLists { saved, followed } = self.store.kept_lists(member.account).await?;
        let AccountProfile { name, is_staff, meter_reset, had_subscription, keeps_history } =
            profile;
        // A server that was cut off may have missed the notification of a reset.
        member.reads.lock().forget_before(meter_reset);
        let name = Arc::new(name);
        member.set_details(AccountDetails {
            subscriptions,
            name,
            is_staff,
            had_subscription,
            keeps_history,
            saved: saved.into(),
            followed: followed.into(),
        });
        Ok(())
    }

    /// Polls the notifications of changed accounts. The sessions of these accounts are looked up again at
    /// their next request.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not answer.
    pub async fn poll_changes(&self) -> Result<(), StoreError> {
        let mut cursor = self.cursor.lock().await;
        let (changes, next) = self.store.account_changes(cursor.clone()).await?;
        if !changes.is_empty() {
            self.polls.fetch_add(1, Ordering::Release);
        }
        for change in changes {
            let Some(member) = self.members.get(change.account) else { continue };
            if change.meter {
                self.reset_reads(&member).await?;
            } else {
                member.count_change();
            }
        }
        // Last: if this is interrupted, the notifications come again.
        *cursor = next;
        Ok(())
    }

    /// Skips the notifications so far. Called before any account is in memory.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not answer.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        *self.cursor.lock().await = self.store.latest_account_change().await?;
        Ok(())
    }

    /// Signs devices out on this server.
    pub async fn forget_sessions(&self, keys: impl IntoIterator<Item = Digest>) {
        for key in keys {
            self.sessions.invalidate(&key).await;
        }
    }

    /// Removes an account that was deleted.
    pub fn forget(&self, account: AccountId) {
        self.members.remove(account);
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
        self.queue.gather().await?;
        self.write_history().await;
        Ok(())
    }

    /// The history is no part of the meter: if it cannot be written now, it is kept for the next time.
    async fn write_history(&self) {
        if let Err(error) = self.history.write().await {
            tracing::warn!(%error, "reading-history: writing failed, trying again");
        }
    }

    /// Notes that a member has opened an article, if they keep a reading history. It is written within a second or so.
    pub fn note_opened(&self, member: &CachedAccount, article: ArticleId, now: Timestamp) {
        if member.keeps_history() {
            self.history.add(member.account, article, now);
        }
    }

    /// Writes everything that was read so far to the database.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not take it. It is kept for the next time.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.queue.write().await?;
        self.write_history().await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use masthead_circulation::Secret;
    use masthead_store::Location;
    use tempfile::TempDir;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    /// A database with a reader, who is signed in with this key.
    async fn signed_in() -> (Store, AccountId, Digest, TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        let store = Store::open(&location).await.expect("a database");
        let email = "ada@example.org".parse().expect("an address");
        let (account, _) = store.register(&email, NOW).await.expect("registered");
        let secret: Secret = "A".repeat(43).parse().expect("a secret");
        let session = Session::of_browser(secret.digest(), account.id, String::new(), NOW);
        store.create_session(&session).await.expect("stored");
        (store, account.id, session.key, folder)
    }

    #[tokio::test]
    async fn a_reader_who_was_evicted_is_looked_up_again() {
        let (store, account, key, _folder) = signed_in().await;
        let credential = Some(Credential::Cookie(key));
        let accounts = AccountCache::new(store.clone(), 10);
        let signed_in = async || accounts.of(credential, 0, NOW).await.expect("looked up");
        assert!(signed_in().await.is_some());
        store.end_sessions(account).await.expect("ended");
        assert!(signed_in().await.is_some(), "not notified yet");
        // Its notifications are not counted from here on.
        accounts.members.remove(account);
        assert!(signed_in().await.is_none());
    }

    #[tokio::test]
    async fn a_notification_during_the_look_up_has_the_next_request_ask_again() {
        let (store, account, key, _folder) = signed_in().await;
        let accounts = AccountCache::new(store.clone(), 10);
        let member = accounts.members.get_or_insert(account);
        let turn = member.turn.lock().await;
        let notified = async {
            tokio::task::yield_now().await;
            store.rename_account(account, "Ada", NOW).await.expect("renamed");
            accounts.poll_changes().await.expect("polled");
            drop(turn);
        };
        let (signed_in, ()) = tokio::join!(accounts.look_up(key, 0, NOW), notified);
        assert!(signed_in.expect("looked up").is_some());
        let known = accounts.sessions.get(&key).await.expect("in memory");
        let remembered = known.signed_in();
        assert!(!known.is_fresh(remembered.as_ref(), NOW), "asks again");
        assert!(remembered.is_some(), "and stays signed in if the database does not answer");
    }

    #[tokio::test]
    async fn a_member_in_memory_is_loaded_again_once_it_has_changed() {
        let (store, account, _, _folder) = signed_in().await;
        let accounts = AccountCache::new(store.clone(), 10);
        let name = async || accounts.member(account, 0).await.expect("loaded").name();
        assert_eq!(name().await, None);
        store.rename_account(account, "Ada", NOW).await.expect("renamed");
        accounts.poll_changes().await.expect("polled");
        assert_eq!(name().await.as_deref().map(String::as_str), Some("Ada"));
    }
}
