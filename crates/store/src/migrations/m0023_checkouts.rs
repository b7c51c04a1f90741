//! Checkouts: the experiment and the arm in columns of their own, and when the processor is asked next.
//!
//! Until now the experiment and the arm were one text such as `7B`, empty outside an experiment.

use sea_orm_migration::{SchemaManagerConnection, prelude::*, sea_orm::Statement};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0023_checkouts"
    }
}

const ADD: [&str; 4] = [
    "ALTER TABLE checkouts ADD COLUMN experiment integer",
    "ALTER TABLE checkouts ADD COLUMN arm varchar",
    "ALTER TABLE checkouts ADD COLUMN ask_at bigint NOT NULL DEFAULT 0",
    "CREATE INDEX checkouts_to_ask ON checkouts (progress, ask_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in ADD {
            connection.execute_unprepared(statement).await?;
        }
        split_trials(connection).await?;
        connection.execute_unprepared("ALTER TABLE checkouts DROP COLUMN trial").await?;
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Moves the two parts of a text into their columns. A text that has no such parts is dropped.
async fn split_trials(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let all = "SELECT DISTINCT trial FROM checkouts WHERE trial <> ''";
    for row in connection.query_all_raw(Statement::from_string(backend, all)).await? {
        let trial: String = row.try_get("", "trial")?;
        let number = trial.strip_suffix(['A', 'B']).and_then(|number| number.parse::<i32>().ok());
        let (Some(number), Some(arm)) = (number, trial.chars().last()) else { continue };
        // Both parts are checked above: neither can break the statement.
        let sql = format!(
            "UPDATE checkouts SET experiment = {number}, arm = '{arm}' WHERE trial = '{trial}'"
        );
        connection.execute_unprepared(&sql).await?;
    }
    Ok(())
}
