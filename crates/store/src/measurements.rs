//! What the operator's metrics say about the database and what waits in it.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, DatabaseConnectionType, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};

use crate::{
    EmailState, Store, StoreError,
    records::{outbox_entry, subscription},
};

/// The database and what waits in it, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurements {
    /// How long it took to get a connection.
    pub wait: Duration,
    /// Connections that are open and not in use.
    pub idle: u32,
    /// Connections in use.
    pub busy: u32,
    /// Emails waiting to be sent.
    pub outbox_waiting: u64,
    /// When the oldest of them was written; `None` if none waits.
    pub outbox_oldest: Option<Timestamp>,
    /// Subscriptions with something due.
    pub renewals_due: u64,
}

impl Store {
    /// Measures the database and what waits in it.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not answer, or cannot be used.
    #[tracing::instrument(skip_all)]
    pub async fn measure(&self, now: Timestamp) -> Result<Measurements, StoreError> {
        self.check_usable().await?;
        let began = Instant::now();
        let (size, idle) = self.pool().await?;
        let wait = began.elapsed();
        let waiting = || {
            let unsent = [EmailState::Requested.name(), EmailState::Waiting.name()];
            outbox_entry::Entity::find().filter(outbox_entry::Column::State.is_in(unsent))
        };
        let oldest: Option<Option<i64>> = waiting()
            .select_only()
            .column_as(outbox_entry::Column::Written.min(), "oldest")
            .into_tuple()
            .one(&self.database)
            .await?;
        let oldest = oldest.flatten().and_then(|second| Timestamp::from_second(second).ok());
        let due = subscription::Entity::find()
            .filter(subscription::Column::Due.lte(now.as_second()))
            .count(&self.database)
            .await?;
        Ok(Measurements {
            wait,
            idle,
            busy: size.saturating_sub(idle),
            outbox_waiting: waiting().count(&self.database).await?,
            outbox_oldest: oldest,
            renewals_due: due,
        })
    }

    /// Takes a connection and gives it back. Returns how many there are, and how many are idle.
    async fn pool(&self) -> Result<(u32, u32), StoreError> {
        let idle = |idle: usize| u32::try_from(idle).unwrap_or(u32::MAX);
        Ok(match &self.database.inner {
            DatabaseConnectionType::SqlxSqlitePoolConnection(_) => {
                let pool = self.database.get_sqlite_connection_pool();
                drop(pool.acquire().await?);
                (pool.size(), idle(pool.num_idle()))
            }
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                let pool = self.database.get_postgres_connection_pool();
                drop(pool.acquire().await?);
                (pool.size(), idle(pool.num_idle()))
            }
            DatabaseConnectionType::Disconnected => (0, 0),
        })
    }
}
