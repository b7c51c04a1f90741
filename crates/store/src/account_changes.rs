//! Notifications between servers that something about an account has changed, so that each reloads it.
//! Their times are those of the machine, not of the publication's clock, which a demo may move.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::AccountId;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{Store, StoreError, ids::Key, records::account_change as row};

/// How long a notification is kept. A server that has not polled for longer must reload everything.
const KEPT: SignedDuration = SignedDuration::from_mins(10);
/// PostgreSQL assigns a number before the row is committed: a row with a lower number may become visible
/// after one with a higher number, within the duration of a transaction.
const LATE: SignedDuration = SignedDuration::from_secs(3);
const MOST: u64 = 50_000;

/// Something about an account has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountChanged {
    /// Which.
    pub account: AccountId,
    /// Whether its meter was reset.
    pub meter: bool,
}

/// How far a server has polled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The number up to which no further notification can become visible.
    settled: i64,
    /// Numbers after it that were returned already.
    seen: BTreeSet<i64>,
}

impl Store {
    /// Returns the notifications that are new after `read`, each once, and the new position.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn account_changes(
        &self,
        read: Read,
    ) -> Result<(Vec<AccountChanged>, Read), StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Id.gt(read.settled))
            .order_by_asc(row::Column::Id)
            .limit(MOST)
            .all(&self.database)
            .await?;
        let in_order = self.database.get_database_backend() == DbBackend::Sqlite;
        let sure = (Timestamp::now() - LATE).as_second();
        let settled = rows.iter().filter(|row| in_order || row.at < sure);
        let settled = settled.map(|row| row.id).max().unwrap_or(read.settled);
        let later = rows.iter().map(|row| row.id).filter(|id| *id > settled);
        let next = Read { settled, seen: later.collect() };
        let account_change =
            |row: &row::Model| AccountChanged { account: row.account.0, meter: row.meter };
        let new = rows.iter().filter(|row| !read.seen.contains(&row.id));
        Ok((new.map(account_change).collect(), next))
    }

    /// Returns the position after the latest notification.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn latest_account_change(&self) -> Result<Read, StoreError> {
        let last =
            row::Entity::find().order_by_desc(row::Column::Id).limit(1).one(&self.database).await?;
        Ok(Read { settled: last.map_or(0, |row| row.id), seen: BTreeSet::new() })
    }

    /// Deletes old notifications.
    #[tracing::instrument(skip_all)]
    pub async fn prune_account_changes(&self) -> Result<(), StoreError> {
        let old = (Timestamp::now() - KEPT).as_second();
        self.delete_in_batches::<row::Entity>(row::Column::At.lt(old)).await.map(drop)
    }
}

/// Notifies every server that something about these accounts has changed.
pub(crate) async fn notify(
    database: &impl ConnectionTrait,
    accounts: &[AccountId],
) -> Result<(), StoreError> {
    let account_change = |account: &AccountId| AccountChanged { account: *account, meter: false };
    insert(database, &accounts.iter().map(account_change).collect::<Vec<_>>()).await
}

/// Notifies every server that this account's meter was reset.
pub(crate) async fn notify_meter_reset(
    database: &impl ConnectionTrait,
    account: AccountId,
) -> Result<(), StoreError> {
    insert(database, &[AccountChanged { account, meter: true }]).await
}

async fn insert(
    database: &impl ConnectionTrait,
    account_changes: &[AccountChanged],
) -> Result<(), StoreError> {
    if account_changes.is_empty() {
        return Ok(());
    }
    let now = Timestamp::now().as_second();
    let rows = account_changes.iter().map(|account_change| row::ActiveModel {
        id: NotSet,
        account: Set(Key(account_change.account)),
        at: Set(now),
        meter: Set(account_change.meter),
    });
    row::Entity::insert_many(rows).exec_without_returning(database).await?;
    Ok(())
}
