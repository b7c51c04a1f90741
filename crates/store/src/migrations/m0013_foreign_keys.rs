//! Foreign keys for every column that refers to an account, a piece, a subscription or a payment.
//!
//! Rows that refer to nothing are removed first, or lose the reference, so that an old database
//! upgrades whatever it holds. PostgreSQL adds constraints to a table; SQLite cannot, so each table
//! is built again with them. What was stored in the wrong column moves out beforehand: the writers
//! of a story, which were a list in a text, and the counts of experiments, whose number was stored
//! as the number of an article.

use sea_orm_migration::{SchemaManagerConnection, prelude::*, schema::*, sea_orm::DbBackend};

mod keys;
mod postgres;
mod sqlite;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0013_foreign_keys"
    }
}

#[derive(DeriveIden)]
enum StoryWriters {
    Table,
    Piece,
    Account,
}

#[derive(DeriveIden)]
enum ExperimentTallies {
    Table,
    Experiment,
    Counted,
    Day,
    Times,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Pieces {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        story_writers(manager).await?;
        experiment_tallies(manager).await?;
        let connection = manager.get_connection();
        // So far null meant the server; from now on it may also be a deleted account.
        for sql in [
            "ALTER TABLE desk_records ADD COLUMN on_server boolean NOT NULL DEFAULT FALSE",
            "UPDATE desk_records SET on_server = TRUE WHERE done_by IS NULL",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        match manager.get_database_backend() {
            DbBackend::Sqlite => sqlite::add_keys(connection).await?,
            _ => postgres::add_keys(connection).await?,
        }
        // What staff wrote about readers whose accounts were deleted before is deleted as well.
        connection
            .execute_unprepared("UPDATE refunds SET reason = '' WHERE account IS NULL")
            .await?;
        for (table, column) in keys::INDICES {
            let sql = format!("CREATE INDEX {table}_by_{column} ON {table} ({column})");
            connection.execute_unprepared(&sql).await?;
        }
        one_address_change_per_account(connection).await
    }

    /// A transaction on SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn story_writers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table(StoryWriters::Table)
        .col(integer(StoryWriters::Piece))
        .col(integer(StoryWriters::Account))
        .primary_key(Index::create().col(StoryWriters::Piece).col(StoryWriters::Account))
        .foreign_key(
            ForeignKey::create()
                .from(StoryWriters::Table, StoryWriters::Piece)
                .to(Pieces::Table, Pieces::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .from(StoryWriters::Table, StoryWriters::Account)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await?;
    let connection = manager.get_connection();
    let listed = sea_orm::Statement::from_string(
        manager.get_database_backend(),
        "SELECT piece, writers FROM stories WHERE writers <> ',' ORDER BY piece",
    );
    for row in connection.query_all_raw(listed).await? {
        let (piece, writers): (i32, String) =
            (row.try_get("", "piece")?, row.try_get("", "writers")?);
        for account in writers.split(',').filter_map(|id| id.parse::<i32>().ok()) {
            let sql = format!(
                "INSERT INTO story_writers (piece, account) SELECT pieces.id, accounts.id \
                 FROM pieces, accounts WHERE pieces.id = {piece} AND accounts.id = {account} \
                 ON CONFLICT DO NOTHING"
            );
            connection.execute_unprepared(&sql).await?;
        }
    }
    connection.execute_unprepared("ALTER TABLE stories DROP COLUMN writers").await?;
    Ok(())
}

/// Keeps only the latest requested address change of each account.
async fn one_address_change_per_account(
    connection: &SchemaManagerConnection<'_>,
) -> Result<(), DbErr> {
    for sql in [
        "DELETE FROM moves WHERE EXISTS (SELECT 1 FROM moves AS later \
         WHERE later.account = moves.account AND (later.asked > moves.asked \
         OR (later.asked = moves.asked AND later.from_old > moves.from_old)))",
        "CREATE UNIQUE INDEX moves_by_account ON moves (account)",
    ] {
        connection.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// The counts of experiments have the numbers 14 to 17. Counts without an article were stored for the
/// article 0; it is in the totals of days and hours and is never asked for by article.
async fn experiment_tallies(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let key = Index::create()
        .col(ExperimentTallies::Experiment)
        .col(ExperimentTallies::Counted)
        .col(ExperimentTallies::Day)
        .to_owned();
    let table = Table::create()
        .table(ExperimentTallies::Table)
        .col(integer(ExperimentTallies::Experiment))
        .col(small_integer(ExperimentTallies::Counted))
        .col(integer(ExperimentTallies::Day))
        .col(big_integer(ExperimentTallies::Times))
        .primary_key(&mut key.clone())
        .to_owned();
    manager.create_table(table).await?;
    let connection = manager.get_connection();
    for sql in [
        "INSERT INTO experiment_tallies (experiment, counted, day, times) \
         SELECT article, counted, day, times FROM tallies WHERE counted BETWEEN 14 AND 17",
        "DELETE FROM tallies WHERE counted BETWEEN 14 AND 17 OR article = 0",
    ] {
        connection.execute_unprepared(sql).await?;
    }
    Ok(())
}
