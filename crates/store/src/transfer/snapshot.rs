//! Reading a whole database as it is at one moment.

use std::collections::BTreeMap;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    QueryResult, Statement, TransactionOptions, TransactionTrait, Value,
};

use super::{
    BytesCell, Cell, Row, TransferError,
    catalog::{self, ColumnKind, TableColumn, TableSchema},
};
use crate::{Store, StoreError, health::value, upgrade};

/// How many rows are read at once. The text of an article may be long.
const BATCH: u64 = 200;
/// How many rows are read at once of tables whose rows have up to 1 MB and more.
const LARGE_ROWS: u64 = 4;

/// A database as it is at one moment. Writes go on beside it and are not in it.
pub struct Snapshot {
    transaction: DatabaseTransaction,
    tables: Vec<TableSchema>,
    migrations: Vec<String>,
}

impl Store {
    /// Begins to read the database as it is now.
    ///
    /// # Errors
    ///
    /// Returns [`TransferError`] if the database fails, or its tables cannot be copied.
    #[tracing::instrument(skip_all)]
    pub async fn snapshot(&self) -> Result<Snapshot, TransferError> {
        let options = match self.database.get_database_backend() {
            // Everything that a transaction reads is of the moment of its first read.
            DbBackend::Sqlite => TransactionOptions::default(),
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        let transaction = self.database.begin_with_options(options).await?;
        Snapshot::of(transaction).await
    }
}

impl Snapshot {
    /// What a transaction sees.
    pub(super) async fn of(transaction: DatabaseTransaction) -> Result<Self, TransferError> {
        let mut migrations: Vec<String> =
            upgrade::applied(&transaction).await?.into_iter().collect();
        migrations.sort_unstable();
        let own = upgrade::tables_of_this_version().await?;
        let tables = catalog::tables(&transaction, |name| own.contains(name)).await?;
        Ok(Self { transaction, tables, migrations })
    }

    /// The transaction that it reads in.
    pub(super) fn into_transaction(self) -> DatabaseTransaction {
        self.transaction
    }

    /// The names of the migrations that made the schema, in order.
    pub fn migrations(&self) -> &[String] {
        &self.migrations
    }

    /// The tables, each after those that it refers to.
    pub fn tables(&self) -> &[TableSchema] {
        &self.tables
    }

    /// The next rows of a table after the row `after`, in the order of its primary key; none at its end.
    ///
    /// # Errors
    ///
    /// Returns [`TransferError`] if the database fails.
    #[tracing::instrument(skip_all)]
    pub async fn rows_after(
        &self,
        table: &TableSchema,
        after: Option<&Row>,
    ) -> Result<Vec<Row>, TransferError> {
        if table.key.is_empty() {
            return Err(TransferError::NoKey(table.name.clone()));
        }
        let (sql, values) = select(table, after);
        let backend = self.transaction.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let rows = self.transaction.query_all_raw(statement).await?;
        rows.iter().map(|row| read(table, row)).collect()
    }

    /// How many rows there are in all tables.
    ///
    /// # Errors
    ///
    /// Returns [`TransferError`] if the database fails.
    #[tracing::instrument(skip_all)]
    pub async fn count(&self) -> Result<u64, TransferError> {
        let mut all = 0;
        for table in &self.tables {
            all += count(&self.transaction, &table.name).await?;
        }
        Ok(all)
    }

    /// The highest number that each table has given to a row, which may be deleted. No number is given twice.
    ///
    /// # Errors
    ///
    /// Returns [`TransferError`] if the database fails.
    #[tracing::instrument(skip_all)]
    pub async fn sequences(&self) -> Result<BTreeMap<String, i64>, TransferError> {
        let backend = self.transaction.get_database_backend();
        let mut given = BTreeMap::new();
        for table in &self.tables {
            let Some(sequence) = &table.sequence else { continue };
            let sql = match backend {
                DbBackend::Sqlite => {
                    format!("SELECT seq AS n FROM sqlite_sequence WHERE name = '{sequence}'")
                }
                _ => format!(
                    "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END AS n FROM {sequence}"
                ),
            };
            let row = self.transaction.query_one_raw(Statement::from_string(backend, sql)).await?;
            let number = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or_default();
            given.insert(table.name.clone(), number);
        }
        Ok(given)
    }
}

/// How many rows a table has.
pub(super) async fn count(
    connection: &impl ConnectionTrait,
    table: &str,
) -> Result<u64, TransferError> {
    let count: i64 = value(connection, &format!("SELECT count(*) FROM \"{table}\"")).await?;
    Ok(count.unsigned_abs())
}

/// How many rows of a table are read at once: they are in memory together.
fn batch_of(table: &str) -> u64 {
    match table {
        // Files that staff import, and what came of each of their entries.
        "article_import_chunks" | "article_import_parts" => LARGE_ROWS,
        _ => BATCH,
    }
}

fn select(table: &TableSchema, after: Option<&Row>) -> (String, Vec<Value>) {
    // PostgreSQL has integers of several sizes.
    let expression = |column: &TableColumn| match column.kind {
        ColumnKind::Int => format!("CAST(\"{}\" AS bigint)", column.name),
        _ => format!("\"{}\"", column.name),
    };
    let columns: Vec<String> = table.columns.iter().map(expression).collect();
    let key: Vec<String> =
        table.key.iter().map(|index| format!("\"{}\"", table.columns[*index].name)).collect();
    let (key, mut place, mut values) = (key.join(", "), String::new(), Vec::new());
    if let Some(after) = after {
        let bound = table.key.iter().filter_map(|index| {
            after.get(*index).and_then(|cell| cell.to_value(table.columns[*index].kind))
        });
        values.extend(bound);
        let marks: Vec<String> = (1..=values.len()).map(|number| format!("${number}")).collect();
        place = format!("WHERE ({key}) > ({})", marks.join(", "));
    }
    let (columns, name, most) = (columns.join(", "), &table.name, batch_of(&table.name));
    let sql = format!("SELECT {columns} FROM \"{name}\" {place} ORDER BY {key} LIMIT {most}");
    (sql, values)
}

fn read(table: &TableSchema, row: &QueryResult) -> Result<Row, TransferError> {
    let cells = table.columns.iter().enumerate();
    let cells = cells.map(|(index, column)| read_cell(row, index, column.kind));
    cells.collect::<Result<_, DbErr>>().map_err(|error| StoreError::from(error).into())
}

fn read_cell(row: &QueryResult, index: usize, kind: ColumnKind) -> Result<Cell, DbErr> {
    let cell = match kind {
        ColumnKind::Bool => row.try_get_by_index::<Option<bool>>(index)?.map(Cell::Bool),
        ColumnKind::Int => row.try_get_by_index::<Option<i64>>(index)?.map(Cell::Int),
        ColumnKind::Text => row.try_get_by_index::<Option<String>>(index)?.map(Cell::Text),
        ColumnKind::Bytes => row
            .try_get_by_index::<Option<Vec<u8>>>(index)?
            .map(|base64| Cell::Bytes(BytesCell { base64 })),
    };
    Ok(cell.unwrap_or(Cell::Null))
}
