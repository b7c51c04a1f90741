//! What bounds the time that a request waits for the database: a limit for every request, and for look-ups that readers
//! wait for a [circuit breaker](crate::breaker), so that only one in a while tries a database that is away.
//!
//! A database that is busy is never taken for one that is away: it has no connection left, or takes long to open one, but
//! it answers somebody.

use std::{
    future,
    pin::pin,
    time::{Duration, Instant},
};

use sea_orm::sqlx::{self, Connection, postgres::PgConnection};
use tokio::time::timeout;

use crate::{Store, StoreError, breaker::Breaker};

/// After how long a look-up may mean that the database is away, and no longer only that it is busy.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long the database may take to let another connection in.
const PROBE: Duration = Duration::from_millis(500);
/// How long the database has to answer nobody until it is gone, and not only slow.
const SILENCE: Duration = Duration::from_secs(3);
/// For how long it is remembered that it did.
const PROBED: Duration = Duration::from_secs(1);
/// How long a look-up may take while the database is busy.
const BUSY: Duration = Duration::from_secs(6);

impl Store {
    /// Runs a look-up that a reader waits for. While PostgreSQL is away it takes two seconds at most, and shortly after another
    /// look-up has found that, it is not tried.
    ///
    /// # Errors
    ///
    /// Those of the look-up, [`StoreError::TimedOut`] if it took too long, and [`StoreError::Away`] if it was not tried.
    pub async fn promptly<T>(
        &self,
        lookup: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        if !self.is_shared() {
            return timeout(BUSY, lookup).await.unwrap_or(Err(StoreError::TimedOut));
        }
        if !self.breaker.admits() {
            return Err(StoreError::Away);
        }
        let mut lookup = pin!(lookup);
        let answer = match timeout(PATIENCE, &mut lookup).await {
            Ok(answer) => answer,
            Err(_) if self.lets_in().await => {
                // It is only busy. Whatever comes of it, others may try.
                self.breaker.close();
                return timeout(BUSY, lookup).await.unwrap_or(Err(StoreError::TimedOut));
            }
            Err(_) => Err(StoreError::TimedOut),
        };
        match &answer {
            Err(StoreError::TimedOut) => {}
            Err(error) if error.is_unreachable() => self.note_lost_connection().await,
            _ => self.breaker.close(),
        }
        answer
    }

    /// Runs what answers a request, which may ask the database. Ends it after two seconds if PostgreSQL is away, even if it
    /// accepts queries and never answers. While PostgreSQL lets connections in, the request may take longer: the database
    /// is busy, or the request waits for something else.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Away`] if the request was ended, as if its client had left: what it was writing is rolled back.
    pub async fn bounded<T>(&self, request: impl Future<Output = T>) -> Result<T, StoreError> {
        if !self.is_shared() {
            return Ok(request.await);
        }
        let mut request = pin!(request);
        loop {
            if let Ok(answer) = timeout(PATIENCE, &mut request).await {
                return Ok(answer);
            }
            // Both go on: the request may be the one that asks whether the database is away, and others wait for that.
            tokio::select! {
                biased;
                answer = &mut request => return Ok(answer),
                lets_in = self.still_lets_in() => if !lets_in { return Err(StoreError::Away) },
            }
        }
    }

    /// Whether PostgreSQL lets a new connection in. If it did not a moment ago, it is not asked.
    async fn still_lets_in(&self) -> bool {
        let was_away = self.breaker.is_open();
        if !self.breaker.admits() {
            return false;
        }
        let mut answered = self.breaker.answered().await;
        // Another request has found meanwhile that it is away.
        if !was_away && self.breaker.is_open() {
            return false;
        }
        let lets_in = self.asks_to_be_let_in(&mut answered).await;
        if lets_in {
            self.breaker.close();
        }
        lets_in
    }

    /// Whether PostgreSQL lets a new connection in. Those of the pool may all be busy.
    async fn lets_in(&self) -> bool {
        // One at a time: a busy database must not get a connection for each request that waits for it.
        let mut answered = self.breaker.answered().await;
        // Another look-up has found meanwhile that it is away.
        if self.breaker.is_open() {
            return false;
        }
        self.asks_to_be_let_in(&mut answered).await
    }

    /// Asks whether the database is away, now that a connection to it was lost.
    async fn note_lost_connection(&self) {
        let mut answered = self.breaker.answered().await;
        if !self.breaker.is_open() {
            *answered = None;
            self.asks_to_be_let_in(&mut answered).await;
        }
    }

    /// Opens a connection, unless one was let in a moment ago.
    async fn asks_to_be_let_in(&self, answered: &mut Option<Instant>) -> bool {
        if answered.is_some_and(|at| at.elapsed() < PROBED) {
            return true;
        }
        let lets_in = self.answers_within(PROBE).await;
        *answered = lets_in.then(Instant::now);
        if !lets_in {
            self.breaker.open();
        }
        lets_in
    }

    /// Whether PostgreSQL is gone, and not only busy: it refuses connections, or answers nobody for three seconds. What must be
    /// exact is decided without it only then. SQLite never is.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn is_gone(&self) -> bool {
        if !self.is_shared() {
            return false;
        }
        let began = Instant::now();
        let mut gone = self.breaker.gone().await;
        if let Some((at, is_gone)) = *gone
            && at > began
        {
            return is_gone;
        }
        let is_gone = !self.answers_within(SILENCE).await;
        *gone = Some((Instant::now(), is_gone));
        is_gone
    }

    /// Whether PostgreSQL lets another connection in within a time, or at least says that it has too many, or answers somebody
    /// else.
    async fn answers_within(&self, limit: Duration) -> bool {
        let began = Breaker::now();
        let options = self.database.get_postgres_connection_pool().connect_options();
        let connecting = timeout(limit, PgConnection::connect_with(&options));
        // A task that has a connection may get an answer meanwhile. Nobody asks all the time.
        let asking = async {
            // That there is an answer is noted; an error says nothing that the connection does not.
            drop(self.revision().await);
            future::pending().await
        };
        let connected = tokio::select! {
            connected = connecting => connected,
            connected = asking => connected,
        };
        match connected {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => is_full(&error),
            Err(_) => self.breaker.has_answered_since(began),
        }
    }

    /// Whether the database was away when it was last asked.
    pub fn is_away(&self) -> bool {
        self.breaker.is_open()
    }
}

/// Whether the error says that PostgreSQL is there and has no room (appendix A, class 53).
fn is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code.starts_with("53"))
}

#[cfg(test)]
mod tests {
    use masthead_test_support::{postgres, proxy::Proxy};

    use super::*;
    use crate::Location;

    async fn behind_a_proxy() -> (Store, Proxy) {
        let url = postgres::database();
        let (before, rest) = url.split_once('@').expect("a user");
        let (server, name) = rest.split_once('/').expect("a name");
        let proxy = Proxy::start(server.to_owned());
        let location = Location::Postgres(format!("{before}@{}/{name}", proxy.address()));
        (Store::open(&location).await.expect("a database"), proxy)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_database_is_gone_if_it_refuses_or_answers_nobody() {
        let (store, proxy) = behind_a_proxy().await;
        assert!(!store.is_gone().await);
        proxy.close();
        let began = Instant::now();
        assert!(store.is_gone().await);
        assert!(began.elapsed() < SILENCE, "a refusal needs no waiting");
        proxy.open();
        proxy.stall();
        assert!(store.is_gone().await);
    }

    /// Just before the limit of the request its look-up loses the connection, and asks whether the database is away.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_request_whose_connection_is_lost_never_waits_for_itself() {
        let (store, proxy) = behind_a_proxy().await;
        proxy.stall();
        let lookup = async {
            tokio::time::sleep(PATIENCE.saturating_sub(PROBE / 2)).await;
            Err::<(), _>(StoreError::NoConnection(sea_orm::DbErr::ConnectionAcquire(
                sea_orm::ConnAcquireErr::Timeout,
            )))
        };
        let bounded = store.bounded(store.promptly(lookup));
        let answer = timeout(Duration::from_secs(20), bounded).await.expect("it is answered");
        let error = answer.expect("not ended").expect_err("a lost connection");
        assert!(error.is_unreachable(), "{error}");
        assert!(store.is_away());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_that_lets_nobody_in_for_long_and_answers_others_is_busy() {
        let (store, proxy) = behind_a_proxy().await;
        proxy.stall();
        let answered = store.clone();
        let others = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(50)).await;
                answered.breaker.close();
            }
        });
        assert!(!store.is_gone().await);
        let slow = async {
            tokio::time::sleep(Duration::from_millis(2500)).await;
            Ok(7)
        };
        assert_eq!(store.promptly(slow).await.expect("waited for"), 7);
        assert!(!store.is_away());
        others.abort();
    }
}
