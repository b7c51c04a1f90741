//! What the list of readers and the figures of subscriptions ask for: the status of each reader and subscription, and when
//! and for how much it is paid, as columns with indices. So far it was only in the facts of subscriptions.

use masthead_circulation::{AccountId, ReaderStatus, State, SubscriptionId};
use sea_orm_migration::{
    SchemaManagerConnection,
    prelude::*,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect},
};

use crate::{
    ids::{AccountKey, SubscriptionKey},
    records::subscription,
    subscriptions::{monthly_minor, read_facts, status_statement},
};

/// Subscriptions that are read at once.
const BATCH: u64 = 500;

const COLUMNS: [&str; 8] = [
    "ALTER TABLE accounts ADD COLUMN reader_status varchar NOT NULL DEFAULT 'registered'",
    "ALTER TABLE accounts ADD COLUMN product varchar NOT NULL DEFAULT ''",
    "ALTER TABLE subscriptions ADD COLUMN reader_status varchar NOT NULL DEFAULT ''",
    "ALTER TABLE subscriptions ADD COLUMN product varchar NOT NULL DEFAULT ''",
    "ALTER TABLE subscriptions ADD COLUMN paying_since bigint",
    "ALTER TABLE subscriptions ADD COLUMN ended bigint",
    "ALTER TABLE subscriptions ADD COLUMN monthly bigint NOT NULL DEFAULT 0",
    "ALTER TABLE subscriptions ADD COLUMN currency varchar NOT NULL DEFAULT ''",
];

const INDICES: [&str; 8] = [
    "CREATE INDEX accounts_by_status ON accounts (reader_status, registered, id)",
    "CREATE INDEX accounts_by_status_email ON accounts (reader_status, email)",
    "CREATE INDEX accounts_by_registered ON accounts (registered, id)",
    "CREATE INDEX accounts_by_product ON accounts (product, registered, id)",
    "CREATE INDEX subscriptions_paying ON subscriptions (paying_since, ended, currency, monthly)",
    "CREATE INDEX payments_by_reference ON payments (reference)",
    "CREATE INDEX charges_by_reference ON charges (reference)",
    "CREATE INDEX checkouts_by_source ON checkouts (came_from)",
];

/// Of those whose beginning is recorded, the first payment is as well.
const FIRST_PAYMENTS: &str = "UPDATE subscriptions SET paying_since = (SELECT MIN(changes.at) \
     FROM subscription_changes AS changes WHERE changes.subscription = subscriptions.id \
     AND changes.after = 'active') WHERE monthly > 0 AND EXISTS (SELECT 1 \
     FROM subscription_changes AS changes WHERE changes.subscription = subscriptions.id \
     AND changes.before IN ('', 'trial'))";

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0095_reader_status"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in COLUMNS {
            connection.execute_unprepared(statement).await?;
        }
        fill(connection).await?;
        connection.execute_unprepared(FIRST_PAYMENTS).await?;
        let subscribers = "accounts.id IN (SELECT account FROM subscriptions)";
        connection.execute_unprepared(&status_statement(subscribers)).await?;
        for statement in INDICES {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn fill(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let mut after = SubscriptionKey::default();
    loop {
        let rows: Vec<(SubscriptionKey, AccountKey, String)> = subscription::Entity::find()
            .select_only()
            .columns([
                subscription::Column::Id,
                subscription::Column::Account,
                subscription::Column::Facts,
            ])
            .filter(subscription::Column::Id.gt(after))
            .order_by_asc(subscription::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(connection)
            .await?;
        let Some((last, ..)) = rows.last() else { return Ok(()) };
        after = *last;
        // What cannot be read has no status, and must not hold up the upgrade.
        let values: Vec<String> =
            rows.iter().filter_map(|(id, account, facts)| values(id.0, account.0, facts)).collect();
        if !values.is_empty() {
            connection.execute_unprepared(&update(&values.join(","))).await?;
        }
    }
}

/// A row of values for the columns of a subscription.
fn values(id: SubscriptionId, account: AccountId, facts: &str) -> Option<String> {
    let read = read_facts(id, account, 0, facts).ok()?;
    let ended = match read.state {
        State::Ended { at, .. } => Some(at.as_second()),
        _ => None,
    };
    let paying = read.has_paid().then(|| read.begun.as_second());
    let number = |value: Option<i64>| value.map_or("NULL".to_owned(), |value| value.to_string());
    Some(format!(
        "({}, '{}', '{}', CAST({} AS bigint), CAST({} AS bigint), {}, '{}')",
        id.0,
        ReaderStatus::of(&read).name(),
        read.terms.product.replace('\'', "''"),
        number(paying),
        number(ended),
        monthly_minor(&read),
        read.terms.amount.currency().code(),
    ))
}

/// Both engines name the columns of values alike.
fn update(values: &str) -> String {
    format!(
        "UPDATE subscriptions SET reader_status = v.column2, product = v.column3, \
         paying_since = v.column4, ended = v.column5, monthly = v.column6, currency = v.column7 \
         FROM (VALUES {values}) AS v WHERE subscriptions.id = v.column1"
    )
}
