//! Every unpaid invoice of an address is remembered, and not only one of them.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0172_debts"
    }
}

const STATEMENTS: [&str; 10] = [
    "CREATE TABLE former_debts (digest varchar NOT NULL REFERENCES former_readers (digest) ON DELETE CASCADE, \
     debt bigint NOT NULL, PRIMARY KEY (digest, debt))",
    "CREATE TABLE account_debts (account integer NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, \
     debt bigint NOT NULL, PRIMARY KEY (account, debt))",
    "CREATE INDEX former_debts_debt ON former_debts (debt)",
    "CREATE INDEX account_debts_debt ON account_debts (debt)",
    "INSERT INTO former_debts (digest, debt) SELECT digest, debt FROM former_readers WHERE debt IS NOT NULL",
    "INSERT INTO account_debts (account, debt) SELECT id, debt FROM accounts WHERE debt IS NOT NULL",
    "DROP INDEX former_readers_debt",
    "DROP INDEX accounts_debt",
    "ALTER TABLE former_readers DROP COLUMN debt",
    "ALTER TABLE accounts DROP COLUMN debt",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in STATEMENTS {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
