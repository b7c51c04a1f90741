//! What bounds the time that a request waits for the database: a limit for every request, and for look-ups that readers
//! wait for a [circuit breaker](crate::breaker), so that only one in a while tries a database that is away.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use sea_orm::sqlx::{Connection, postgres::PgConnection};
use tokio::time::timeout;

use crate::{Store, StoreError};

/// After how long a look-up may mean that the database is away, and no longer only that it is busy.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long the database may take to let another connection in.
const PROBE: Duration = Duration::from_millis(500);
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
            Err(error) if error.is_unreachable() => self.breaker.open(),
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
            match timeout(PATIENCE, &mut request).await {
                Ok(answer) => return Ok(answer),
                Err(_) if self.still_lets_in().await => {}
                Err(_) => return Err(StoreError::Away),
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

    /// Opens a connection, unless one was let in a moment ago.
    async fn asks_to_be_let_in(&self, answered: &mut Option<Instant>) -> bool {
        if answered.is_some_and(|at| at.elapsed() < PROBED) {
            return true;
        }
        let options = self.database.get_postgres_connection_pool().connect_options();
        let connecting = timeout(PROBE, PgConnection::connect_with(&options)).await;
        let lets_in = matches!(connecting, Ok(Ok(_)));
        *answered = lets_in.then(Instant::now);
        if !lets_in {
            self.breaker.open();
        }
        lets_in
    }

    /// Whether the database was away when it was last asked.
    pub fn is_away(&self) -> bool {
        self.breaker.is_open()
    }
}
