//! Filling a new database with the rows of another.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, Statement,
    Value, sea_query::Expr,
};
use sea_orm_migration::MigratorTrait;

use super::{
    Row, TransferError,
    catalog::{self, ColumnKind, TableSchema},
    snapshot::count,
};
use crate::{
    Location, StoreError,
    connection::{commit_durably, connect, random_identity},
    durable::sync_with_folder,
    migrations::Migrations,
    records::edition,
    suitability, upgrade,
};

/// How many values one statement may have on both engines.
const MAX_VALUES: usize = 30_000;

/// A new database that is being filled, in one transaction. If it is dropped, the database is empty.
pub struct DatabaseLoad {
    location: Location,
    database: DatabaseConnection,
    transaction: DatabaseTransaction,
    tables: HashMap<String, TableSchema>,
    /// How many rows were stored, by table.
    stored: BTreeMap<String, u64>,
}

impl DatabaseLoad {
    /// Begins to fill an empty database that gets the tables which these migrations made.
    ///
    /// # Errors
    ///
    /// Returns [`TransferError`] if the database has tables, fails, or this version does not know the migrations.
    #[tracing::instrument(skip_all)]
    pub async fn begin(location: &Location, migrations: &[String]) -> Result<Self, TransferError> {
        let count = count_of(migrations)?;
        let database = connect(location).await?;
        suitability::check(&database, location).await?;
        suitability::check_may_create(&database).await?;
        let transaction = upgrade::lock(&database).await?;
        let not_empty = |table| match location {
            Location::Sqlite(path) => TransferError::FileInUse(path.clone()),
            Location::Postgres(_) => TransferError::NotEmpty(table),
        };
        if upgrade::has_migrations(&transaction).await? {
            return Err(not_empty("seaql_migrations".to_owned()));
        }
        if let Some(table) = catalog::any_table(&transaction).await? {
            return Err(not_empty(table));
        }
        upgrade::create(&transaction, count).await?;
        let tables = catalog::tables(&transaction, |_| true).await?;
        // Migrations have put rows into some.
        for table in tables.iter().rev() {
            transaction.execute_unprepared(&format!("DELETE FROM \"{}\"", table.name)).await?;
        }
        let tables = tables.into_iter().map(|table| (table.name.clone(), table)).collect();
        let location = location.clone();
        Ok(Self { location, database, transaction, tables, stored: BTreeMap::new() })
    }

    /// Stores rows of a table, whose values are in the order of `columns`.
    ///
    /// # Errors
    ///
    /// Returns [`TransferError`] if the table or a row does not fit, or the database fails.
    #[tracing::instrument(skip_all)]
    pub async fn insert(
        &mut self,
        table: &str,
        columns: &[String],
        rows: &[Row],
    ) -> Result<(), TransferError> {
        let kinds = self.kinds(table, columns)?;
        let most = MAX_VALUES / columns.len().max(1);
        for rows in rows.chunks(most.max(1)) {
            let values = values(table, &kinds, rows)?;
            let backend = self.transaction.get_database_backend();
            let sql = insert_statement(table, columns, rows.len());
            let statement = Statement::from_sql_and_values(backend, sql, values);
            self.transaction.execute_raw(statement).await.map_err(|error| TransferError::Row {
                table: table.to_owned(),
                reason: StoreError::from(error).to_string(),
            })?;
        }
        *self.stored.entry(table.to_owned()).or_default() += rows.len() as u64;
        Ok(())
    }

    /// The kinds of the columns, which must be all of the table.
    fn kinds(&self, table: &str, columns: &[String]) -> Result<Vec<ColumnKind>, TransferError> {
        let other = || TransferError::OtherTable(table.to_owned());
        let known = &self.tables.get(table).ok_or_else(other)?.columns;
        let find = |name: &String| known.iter().find(|column| column.name == *name);
        let kinds: Option<Vec<ColumnKind>> =
            columns.iter().map(|name| find(name).map(|column| column.kind)).collect();
        kinds.filter(|kinds| kinds.len() == known.len()).ok_or_else(other)
    }

    /// Checks that every row was stored, continues the numbers of rows after those that were `given`, upgrades what an older
    /// version made, and gives the database an identity of its own. It is a copy since `copied_at`, or is the publication
    /// itself.
    ///
    /// # Errors
    ///
    /// Returns [`TransferError`] if rows are missing or the database fails; it is then empty.
    #[tracing::instrument(skip_all)]
    pub async fn complete(
        self,
        expected: &BTreeMap<String, u64>,
        given: &BTreeMap<String, i64>,
        copied_at: Option<Timestamp>,
    ) -> Result<CompleteLoad, TransferError> {
        for table in self.tables.keys() {
            let found = count(&self.transaction, table).await?;
            let expected = expected.get(table).copied().unwrap_or_default();
            let stored = self.stored.get(table).copied().unwrap_or_default();
            if found != expected || stored != expected {
                return Err(TransferError::Count { table: table.clone(), expected, found });
            }
        }
        for table in self.tables.values() {
            if let (Some(sequence), Some(given)) = (&table.sequence, given.get(&table.name)) {
                continue_sequence(&self.transaction, sequence, *given).await?;
            }
        }
        upgrade::complete(&self.transaction).await?;
        let marked = edition::Entity::update_many()
            .col_expr(edition::Column::Identity, Expr::value(random_identity()))
            .col_expr(edition::Column::RestoredAt, Expr::value(copied_at.map(Timestamp::as_second)))
            .exec(&self.transaction)
            .await?;
        if marked.rows_affected != 1 {
            let (table, found) = ("edition".to_owned(), marked.rows_affected);
            return Err(TransferError::Count { table, expected: 1, found });
        }
        let Self { location, database, transaction, stored, .. } = self;
        Ok(CompleteLoad { location, database, transaction, stored })
    }
}

/// A database that was filled, and is there once this is committed. If it is dropped, the database is empty.
pub struct CompleteLoad {
    location: Location,
    database: DatabaseConnection,
    transaction: DatabaseTransaction,
    stored: BTreeMap<String, u64>,
}

impl CompleteLoad {
    /// Lets everybody see the database, which is on the disk then. Returns how many rows there are, by table.
    ///
    /// # Errors
    ///
    /// Returns [`TransferError`] if the database fails.
    #[tracing::instrument(skip_all)]
    pub async fn commit(self) -> Result<BTreeMap<String, u64>, TransferError> {
        commit_durably(self.transaction).await?;
        // An SQLite file is complete, without companions, once it is closed.
        self.database.close().await?;
        if let Location::Sqlite(path) = &self.location {
            sync_with_folder(path).map_err(TransferError::Sync)?;
        }
        Ok(self.stored)
    }
}

fn insert_statement(table: &str, columns: &[String], rows: usize) -> String {
    let names: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    let row = |row: usize| {
        let first = row * columns.len();
        let marks: Vec<String> =
            (1..=columns.len()).map(|column| format!("${}", first + column)).collect();
        format!("({})", marks.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("INSERT INTO \"{table}\" ({}) VALUES {}", names.join(", "), rows.join(", "))
}

fn values(table: &str, kinds: &[ColumnKind], rows: &[Row]) -> Result<Vec<Value>, TransferError> {
    let row_values = |row: &Row| {
        let fits = row.len() == kinds.len();
        let values = row.iter().zip(kinds).map(|(cell, kind)| cell.to_value(*kind));
        fits.then(|| values.collect::<Option<Vec<Value>>>()).flatten()
    };
    let all: Option<Vec<Vec<Value>>> = rows.iter().map(row_values).collect();
    let all = all.ok_or_else(|| TransferError::OtherTable(table.to_owned()))?;
    Ok(all.into_iter().flatten().collect())
}

/// Lets the next row have a number after `given`.
async fn continue_sequence(
    transaction: &DatabaseTransaction,
    sequence: &str,
    given: i64,
) -> Result<(), TransferError> {
    if transaction.get_database_backend() != DbBackend::Sqlite {
        let last = given.max(1);
        let sql = format!("SELECT setval('{sequence}', {last}, {})", given > 0);
        transaction.execute_unprepared(&sql).await?;
        return Ok(());
    }
    let delete = format!("DELETE FROM sqlite_sequence WHERE name = '{sequence}'");
    transaction.execute_unprepared(&delete).await?;
    let insert = format!("INSERT INTO sqlite_sequence (name, seq) VALUES ('{sequence}', {given})");
    transaction.execute_unprepared(&insert).await?;
    Ok(())
}

/// Returns how many of this version's migrations have these names, which must be its first ones.
fn count_of(names: &[String]) -> Result<u32, TransferError> {
    let known = Migrations::migrations();
    let is_known = |name: &String| known.iter().any(|step| step.name() == name);
    if let Some(unknown) = names.iter().rev().find(|name| !is_known(name)) {
        return Err(StoreError::Newer(unknown.clone()).into());
    }
    let first = known.iter().take(names.len()).find(|step| !names.iter().any(|n| n == step.name()));
    match first {
        Some(missing) => Err(TransferError::Gap(missing.name().to_owned())),
        None => Ok(u32::try_from(names.len()).unwrap_or(u32::MAX)),
    }
}
