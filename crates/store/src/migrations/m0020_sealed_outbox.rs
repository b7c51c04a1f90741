//! Emails whose text is sealed, which expire, and which belong to an account.
//!
//! The text of emails that were sent or have failed is blanked. Those that wait keep theirs until the server that
//! runs next has sealed it: a migration has no keys.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0020_sealed_outbox"
    }
}

#[derive(DeriveIden)]
enum Letters {
    Table,
    Body,
    Expires,
    Account,
    Written,
}

/// How long the secrets in the emails of each kind are valid, in seconds.
const USEFUL_FOR: [(&str, i64); 3] =
    [("sign-in", 15 * 60), ("address", 24 * 3600), ("invitation", 7 * 24 * 3600)];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [blob_null(Letters::Body), big_integer_null(Letters::Expires)] {
            let table = Table::alter().table(Letters::Table).add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        let database = manager.get_connection();
        // The builder refuses a column with a key on SQLite, which allows it if the column is null at first.
        database
            .execute_unprepared(
                "ALTER TABLE letters ADD COLUMN account integer NULL \
                 REFERENCES accounts (id) ON DELETE CASCADE",
            )
            .await?;
        for (name, column) in
            [("letters_by_account", Letters::Account), ("letters_by_time", Letters::Written)]
        {
            let index = Index::create().name(name).table(Letters::Table).col(column).to_owned();
            manager.create_index(index).await?;
        }
        for (kind, seconds) in USEFUL_FOR {
            let expire =
                format!("UPDATE letters SET expires = written + {seconds} WHERE kind = '{kind}'");
            database.execute_unprepared(&expire).await?;
        }
        let blank = "UPDATE letters SET text = '', html = '' WHERE state <> 'waiting'";
        database.execute_unprepared(blank).await?;
        Ok(())
    }
}
