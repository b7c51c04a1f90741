//! Building a table again, because SQLite cannot change the constraints of one
//! (<https://www.sqlite.org/lang_altertable.html>, section 7).

use sea_orm_migration::{
    SchemaManagerConnection,
    prelude::*,
    sea_orm::{DbBackend, Statement},
};

/// How a table was created.
pub(super) struct TableDefinition {
    /// The statement that creates the table.
    pub table: String,
    /// Those that create its indices.
    pub indices: Vec<String>,
}

impl TableDefinition {
    pub async fn of(connection: &SchemaManagerConnection<'_>, table: &str) -> Result<Self, DbErr> {
        let of = |kind: &str| {
            format!(
                "SELECT sql FROM sqlite_master WHERE type = '{kind}' AND tbl_name = '{table}' AND sql IS NOT NULL"
            )
        };
        Ok(Self {
            table: texts(connection, &of("table"), "sql").await?.pop().unwrap_or_default(),
            indices: texts(connection, &of("index"), "sql").await?,
        })
    }

    /// The error if the table was created in another way than a migration expects.
    pub fn unexpected(&self, table: &str) -> DbErr {
        DbErr::Migration(format!("the table {table} has an unexpected form: {}", self.table))
    }
}

/// The texts in one column of the result of a query.
pub(super) async fn texts(
    connection: &SchemaManagerConnection<'_>,
    sql: &str,
    column: &str,
) -> Result<Vec<String>, DbErr> {
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    rows.iter().map(|row| row.try_get("", column)).collect()
}

/// Runs statements in order.
pub(super) async fn run(
    connection: &SchemaManagerConnection<'_>,
    statements: impl IntoIterator<Item = impl AsRef<str>>,
) -> Result<(), DbErr> {
    for statement in statements {
        connection.execute_unprepared(statement.as_ref()).await?;
    }
    Ok(())
}
