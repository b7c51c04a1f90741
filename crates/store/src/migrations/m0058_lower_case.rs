//! Searches for words find letters outside ASCII in any case: the databases' own `lower` does so only in some locales, and
//! SQLite's never. Names of accounts have their lower case in a column, and the words of the audit log are corrected.

use sea_orm_migration::{
    SchemaManagerConnection,
    prelude::*,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect},
};

use crate::{ids::AccountKey, records::account};

/// The number of rows read at once.
const BATCH: u64 = 1000;
/// What the database makes of most names, so that few are updated one by one.
const STATEMENTS: [&str; 2] = [
    "ALTER TABLE accounts ADD COLUMN searched_name text NOT NULL DEFAULT ''",
    "UPDATE accounts SET searched_name = lower(name) WHERE name <> ''",
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0058_lower_case"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in STATEMENTS {
            connection.execute_unprepared(statement).await?;
        }
        correct_names(connection).await?;
        correct_words(connection).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn correct_names(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let mut after = AccountKey::default();
    loop {
        let rows: Vec<(AccountKey, String, String)> = account::Entity::find()
            .select_only()
            .columns([account::Column::Id, account::Column::Name, account::Column::SearchedName])
            .filter(account::Column::Id.gt(after))
            .filter(account::Column::Name.ne(""))
            .order_by_asc(account::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(connection)
            .await?;
        let Some((last, ..)) = rows.last() else { return Ok(()) };
        after = *last;
        for (id, name, searched) in rows {
            let correct = name.to_lowercase();
            if correct != searched {
                account::Entity::update_many()
                    .col_expr(account::Column::SearchedName, Expr::value(correct))
                    .filter(account::Column::Id.eq(id))
                    .exec(connection)
                    .await?;
            }
        }
    }
}

/// The table of the audit log as it was named then.
#[derive(DeriveIden)]
enum DeskRecords {
    Table,
    Id,
    Words,
}

async fn correct_words(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let mut after = 0;
    loop {
        let query = Query::select()
            .columns([DeskRecords::Id, DeskRecords::Words])
            .from(DeskRecords::Table)
            .and_where(Expr::col(DeskRecords::Id).gt(after))
            .order_by(DeskRecords::Id, Order::Asc)
            .limit(BATCH)
            .to_owned();
        let rows = connection.query_all(&query).await?;
        for row in &rows {
            let (id, words): (i32, String) = (row.try_get("", "id")?, row.try_get("", "words")?);
            after = id;
            let correct = words.to_lowercase();
            if correct != words {
                let update = Query::update()
                    .table(DeskRecords::Table)
                    .value(DeskRecords::Words, correct)
                    .and_where(Expr::col(DeskRecords::Id).eq(id))
                    .to_owned();
                connection.execute(&update).await?;
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
    }
}
