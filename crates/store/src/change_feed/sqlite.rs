//! Looking whether an SQLite file has changed, which costs less than to ask for each thing that may have.

use std::{convert::Infallible, time::Duration};

use sea_orm::sqlx::{self, Connection, sqlite::SqliteConnection};
use tokio::time::sleep;

use super::ChangeFeed;
use crate::StoreError;

/// How often the file is looked at.
const INTERVAL: Duration = Duration::from_millis(250);

impl ChangeFeed {
    pub(super) async fn watch_sqlite(&self) -> Result<Infallible, StoreError> {
        let pool = self.0.store.database.get_sqlite_connection_pool();
        // The version is that of what other connections have written. This one writes nothing, so it sees all of it.
        let mut connection = SqliteConnection::connect_with(&pool.connect_options()).await?;
        let mut known = data_version(&mut connection).await?;
        self.set_live(true);
        loop {
            sleep(INTERVAL).await;
            let latest = data_version(&mut connection).await?;
            if latest != known {
                known = latest;
                self.notify(|_| true);
            }
        }
    }
}

/// Returns a number that changes with every write of another connection
/// (<https://www.sqlite.org/pragma.html#pragma_data_version>).
async fn data_version(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("PRAGMA data_version").fetch_one(connection).await?)
}
