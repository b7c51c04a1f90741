//! Listening to PostgreSQL, on a connection of its own.
//!
//! A connection may be open and hear nothing: a cable was pulled, or a pooler in between does not pass notifications on.
//! So the server sends itself a notification every few seconds, and the feed is live only while that arrives.

use std::{convert::Infallible, time::Duration};

use sea_orm::{
    ConnectionTrait, DbBackend, Statement,
    sqlx::postgres::{PgListener, PgPoolOptions},
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use super::{ChangeFeed, Topic};
use crate::{StoreError, connection::POSTGRES_WAIT};

/// The channel of the triggers.
const CHANNEL: &str = "masthead_changes";
/// What the connection is called in `pg_stat_activity`. Each server has one, so it also says how many servers there are.
pub(crate) const LISTENER: &str = "masthead-changes";
/// How often the server sends itself a notification.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long it may take to send it, and again to receive it.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a connection is left alone on which notifications have never arrived.
const RETRY: Duration = Duration::from_secs(30);

impl ChangeFeed {
    pub(super) async fn listen_to_postgres(&self) -> Result<Infallible, StoreError> {
        let pool = self.0.store.database.get_postgres_connection_pool();
        let options = pool.connect_options().as_ref().clone().application_name(LISTENER);
        let own = PgPoolOptions::new().max_connections(1).acquire_timeout(POSTGRES_WAIT);
        let own = own.connect_lazy_with(options);
        let mut listener = match PgListener::connect_with(&own).await {
            Ok(listener) => listener,
            Err(error) => return Err(self.0.store.explained(error.into()).await),
        };
        // The next listener has to know that there was a gap.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        let (heartbeat, heard) = (format!("heartbeat {:x}", rand::random::<u64>()), Notify::new());
        tokio::select! {
            ended = self.hear(&mut listener, &heartbeat, &heard) => ended,
            ended = self.beat(&heartbeat, &heard) => ended,
        }
    }

    /// Passes notifications on.
    async fn hear(
        &self,
        listener: &mut PgListener,
        heartbeat: &str,
        heard: &Notify,
    ) -> Result<Infallible, StoreError> {
        while let Some(notification) = listener.try_recv().await? {
            let payload = notification.payload();
            if payload == heartbeat {
                heard.notify_one();
            } else if let Some(topic) = Topic::named(payload) {
                self.notify_of(topic);
            }
        }
        Err(StoreError::ListenerClosed)
    }

    /// Sends heartbeats, and notes whether they arrive.
    async fn beat(&self, heartbeat: &str, heard: &Notify) -> Result<Infallible, StoreError> {
        loop {
            let is_sent = matches!(timeout(PATIENCE, self.send(heartbeat)).await, Ok(Ok(())));
            if is_sent && timeout(PATIENCE, heard.notified()).await.is_err() {
                if !self.is_live() {
                    // They never arrive here, as behind some poolers: a new connection every few seconds would not help.
                    sleep(RETRY).await;
                }
                return Err(StoreError::NotificationsLost);
            }
            // One that could not be sent says nothing about the connection: the pool is exhausted, or the database is away.
            self.set_live(is_sent);
            sleep(HEARTBEAT).await;
        }
    }

    async fn send(&self, heartbeat: &str) -> Result<(), StoreError> {
        let values = [CHANNEL.into(), heartbeat.into()];
        let sql = "SELECT pg_notify($1, $2)";
        let notify = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        self.0.store.database.execute_raw(notify).await?;
        Ok(())
    }
}
