//! How a server hears of what others have written, so that it need not ask all the time.
//!
//! On PostgreSQL triggers notify one connection of each server (`LISTEN`, `NOTIFY`). On SQLite the server looks whether the
//! file has changed, which its own commands do from other processes. Either way a notification only says what to read
//! again: a subscriber that is notified asks the database, so one that comes twice or too late does no harm.
//!
//! To add a topic: a variant of [`Topic`], and on PostgreSQL a trigger in a migration.

mod postgres;
mod sqlite;

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::sync::Notify;

pub(crate) use self::postgres::LISTENER;
use crate::{Store, StoreError};

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Accounts, their sessions and subscriptions.
    Accounts,
    /// What is published.
    Content,
    /// Settings of the desk.
    Settings,
    /// How often offers were taken.
    Offers,
}

impl Topic {
    /// The topic with this name in notifications.
    fn named(name: &str) -> Option<Self> {
        match name {
            "accounts" => Some(Self::Accounts),
            "content" => Some(Self::Content),
            "settings" => Some(Self::Settings),
            "offers" => Some(Self::Offers),
            _ => None,
        }
    }
}

/// See the module's documentation. Clones are the same feed.
#[derive(Clone, Debug)]
pub struct ChangeFeed(Arc<State>);

#[derive(Debug)]
struct State {
    store: Store,
    subscribers: Mutex<Vec<Subscriber>>,
    is_live: AtomicBool,
}

#[derive(Debug)]
struct Subscriber {
    topics: Vec<Topic>,
    wakeup: Arc<Notify>,
}

impl ChangeFeed {
    /// A feed of what is written to `store`. It hears nothing before [`ChangeFeed::listen`].
    pub fn new(store: Store) -> Self {
        let (subscribers, is_live) = (Mutex::default(), AtomicBool::new(false));
        Self(Arc::new(State { store, subscribers, is_live }))
    }

    /// Returns what is notified when something of these topics was written, and when the feed may have missed that.
    pub fn subscribe(&self, topics: &[Topic]) -> Arc<Notify> {
        let wakeup = Arc::new(Notify::new());
        let subscriber = Subscriber { topics: topics.to_vec(), wakeup: Arc::clone(&wakeup) };
        self.0.subscribers.lock().push(subscriber);
        wakeup
    }

    /// Returns `true` while notifications arrive. Otherwise the database has to be asked.
    pub fn is_live(&self) -> bool {
        self.0.is_live.load(Ordering::Acquire) && !self.0.store.is_away()
    }

    /// Listens until the connection is lost.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is lost, or notifications do not arrive. Call it again then.
    #[tracing::instrument(skip_all)]
    pub async fn listen(&self) -> Result<Infallible, StoreError> {
        // Also after a panic of the call before.
        self.set_live(false);
        let listening = if self.0.store.is_shared() {
            self.listen_to_postgres().await
        } else {
            self.watch_sqlite().await
        };
        self.set_live(false);
        listening
    }

    /// Notes whether notifications arrive. Everybody is notified once they do: they may have missed some before.
    fn set_live(&self, is_live: bool) {
        let was_live = self.0.is_live.swap(is_live, Ordering::AcqRel);
        if is_live && !was_live {
            self.notify(|_| true);
        }
    }

    fn notify_of(&self, topic: Topic) {
        self.notify(|subscriber| subscriber.topics.contains(&topic));
    }

    fn notify(&self, is_meant: impl Fn(&Subscriber) -> bool) {
        let subscribers = self.0.subscribers.lock();
        subscribers.iter().filter(|subscriber| is_meant(subscriber)).for_each(|subscriber| {
            // Remembered for one that is at work.
            subscriber.wakeup.notify_one();
        });
    }
}
