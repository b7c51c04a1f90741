//! Checkouts outlive the account that began them, so that a payment that arrives afterwards is accounted
//! for; and a checkout says whether it holds one of a limited offer.
//!
//! Both keys become `ON DELETE SET NULL`. SQLite cannot change a key of a table, so the table is built again
//! (<https://www.sqlite.org/lang_altertable.html>, section 7).

use sea_orm_migration::{SchemaManagerConnection, prelude::*, sea_orm::DbBackend};

use super::sqlite::{TableDefinition, run};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0021_kept_checkouts"
    }
}

const POSTGRES: [&str; 5] = [
    "ALTER TABLE checkouts ALTER COLUMN account DROP NOT NULL",
    "ALTER TABLE checkouts DROP CONSTRAINT checkouts_account_fkey",
    "ALTER TABLE checkouts DROP CONSTRAINT checkouts_mends_fkey",
    "ALTER TABLE checkouts ADD CONSTRAINT checkouts_account_fkey FOREIGN KEY (account) \
     REFERENCES accounts (id) ON DELETE SET NULL",
    "ALTER TABLE checkouts ADD CONSTRAINT checkouts_mends_fkey FOREIGN KEY (mends) \
     REFERENCES subscriptions (id) ON DELETE SET NULL",
];

/// What changes in the definition of the table on SQLite.
const REPLACEMENTS: [(&str, &str); 4] = [
    ("CREATE TABLE \"checkouts\"", "CREATE TABLE \"checkouts_new\""),
    ("\"account\" integer NOT NULL", "\"account\" integer"),
    (
        "REFERENCES \"accounts\" (\"id\") ON DELETE CASCADE",
        "REFERENCES \"accounts\" (\"id\") ON DELETE SET NULL",
    ),
    (
        "REFERENCES \"subscriptions\" (\"id\") ON DELETE CASCADE",
        "REFERENCES \"subscriptions\" (\"id\") ON DELETE SET NULL",
    ),
];

/// Until now every open checkout for a new subscription gave one back when it was abandoned.
const SLOTS: [&str; 2] = [
    "ALTER TABLE checkouts ADD COLUMN holds_slot boolean NOT NULL DEFAULT FALSE",
    "UPDATE checkouts SET holds_slot = TRUE WHERE progress = 'open' AND mends IS NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        match manager.get_database_backend() {
            DbBackend::Sqlite => rebuild(connection).await?,
            _ => run(connection, POSTGRES).await?,
        }
        run(connection, SLOTS).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn rebuild(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let definition = TableDefinition::of(connection, "checkouts").await?;
    let mut new = definition.table.clone();
    for (from, to) in REPLACEMENTS {
        if !new.contains(from) {
            return Err(definition.unexpected("checkouts"));
        }
        new = new.replace(from, to);
    }
    let move_rows = [
        new.as_str(),
        "INSERT INTO checkouts_new SELECT * FROM checkouts",
        "DROP TABLE checkouts",
        "ALTER TABLE checkouts_new RENAME TO checkouts",
    ];
    run(connection, move_rows).await?;
    run(connection, definition.indices).await
}
