//! The tables of a database, as its schema describes them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use super::TransferError;

/// Table, column, type, position in the primary key (from 1; 0 for none), and the sequence that numbers the column.
const SQLITE_COLUMNS: &str = "SELECT m.name AS t, c.name AS c, lower(c.type) AS k, c.pk AS p, \
    CASE WHEN c.pk > 0 AND m.sql LIKE '%AUTOINCREMENT%' THEN m.name END AS s \
    FROM sqlite_master m, pragma_table_info(m.name) c \
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid";
const POSTGRES_COLUMNS: &str = "SELECT r.relname::text AS t, a.attname::text AS c, \
    format_type(a.atttypid, NULL) AS k, \
    (COALESCE(array_position(i.indkey::smallint[], a.attnum), -1) + 1)::bigint AS p, \
    pg_get_serial_sequence(quote_ident(r.relname), a.attname) AS s \
    FROM pg_class r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped \
    LEFT JOIN pg_index i ON i.indrelid = r.oid AND i.indisprimary \
    WHERE r.relkind = 'r' AND r.relnamespace = current_schema()::text::regnamespace \
    ORDER BY r.relname, a.attnum";

/// Table, and a table that it refers to.
const SQLITE_PARENTS: &str = "SELECT m.name AS t, k.\"table\" AS p \
    FROM sqlite_master m, pragma_foreign_key_list(m.name) k WHERE m.type = 'table'";
const POSTGRES_PARENTS: &str = "SELECT c.relname::text AS t, p.relname::text AS p \
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid \
    WHERE k.contype = 'f' AND c.relnamespace = current_schema()::text::regnamespace";

/// The table of migrations, which describes the schema and is not copied.
const MIGRATIONS: &str = "seaql_migrations";

/// What a column holds. Both engines have the same kinds for the same column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A truth value.
    Bool,
    /// An integer.
    Int,
    /// A text.
    Text,
    /// Bytes.
    Bytes,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSchema {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<TableColumn>,
    /// The indexes of the columns of its primary key, in the key's order.
    pub(super) key: Vec<usize>,
    /// The sequence that numbers its rows.
    pub(super) sequence: Option<String>,
}

/// A table of the database, if there is any.
pub(super) async fn any_table(
    connection: &impl ConnectionTrait,
) -> Result<Option<String>, TransferError> {
    let backend = connection.get_database_backend();
    let columns = match backend {
        DbBackend::Sqlite => SQLITE_COLUMNS,
        _ => POSTGRES_COLUMNS,
    };
    let row = connection.query_one_raw(Statement::from_string(backend, columns)).await?;
    Ok(row.map(|row| row.try_get("", "t")).transpose()?)
}

/// The tables of the database that are `ours`, each after those that it refers to. Other programs may have tables in the
/// same schema, with columns of any type.
pub(super) async fn tables(
    connection: &impl ConnectionTrait,
    ours: impl Fn(&str) -> bool,
) -> Result<Vec<TableSchema>, TransferError> {
    let backend = connection.get_database_backend();
    let (columns, parents) = match backend {
        DbBackend::Sqlite => (SQLITE_COLUMNS, SQLITE_PARENTS),
        _ => (POSTGRES_COLUMNS, POSTGRES_PARENTS),
    };
    let columns = connection.query_all_raw(Statement::from_string(backend, columns)).await?;
    let mut tables: BTreeMap<String, (TableSchema, Vec<(i64, usize)>)> = BTreeMap::new();
    for row in &columns {
        let name: String = row.try_get("", "t")?;
        if name == MIGRATIONS || !ours(&name) {
            continue;
        }
        let empty =
            || TableSchema { name: name.clone(), columns: vec![], key: vec![], sequence: None };
        let (table, key) = tables.entry(name.clone()).or_insert_with(|| (empty(), Vec::new()));
        add_column(table, key, row)?;
    }
    let parents = connection.query_all_raw(Statement::from_string(backend, parents)).await?;
    let mut references: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &parents {
        references.entry(row.try_get("", "t")?).or_default().insert(row.try_get("", "p")?);
    }
    let tables = tables.into_values().map(|(mut table, mut key)| {
        key.sort_unstable();
        table.key = key.into_iter().map(|(_, column)| column).collect();
        table
    });
    Ok(parents_first(tables.collect(), &references))
}

fn add_column(
    table: &mut TableSchema,
    key: &mut Vec<(i64, usize)>,
    row: &QueryResult,
) -> Result<(), TransferError> {
    let (name, kind): (String, String) = (row.try_get("", "c")?, row.try_get("", "k")?);
    let Some(known) = column_kind(&kind) else {
        return Err(TransferError::UnknownType { table: table.name.clone(), column: name, kind });
    };
    let position: i64 = row.try_get("", "p")?;
    if position > 0 {
        key.push((position, table.columns.len()));
    }
    if let Some(sequence) = row.try_get("", "s")? {
        table.sequence = Some(sequence);
    }
    table.columns.push(TableColumn { name, kind: known });
    Ok(())
}

fn column_kind(declared: &str) -> Option<ColumnKind> {
    let is = |parts: &[&str]| parts.iter().any(|part| declared.contains(part));
    Some(match declared {
        _ if is(&["bool"]) => ColumnKind::Bool,
        _ if is(&["int"]) => ColumnKind::Int,
        _ if is(&["char", "text"]) => ColumnKind::Text,
        _ if is(&["blob", "bytea"]) => ColumnKind::Bytes,
        _ => return None,
    })
}

/// Sorts tables so that each comes after those that it refers to.
fn parents_first(
    mut tables: Vec<TableSchema>,
    references: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<TableSchema> {
    let mut sorted: Vec<TableSchema> = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let names: BTreeSet<String> = tables.iter().map(|table| table.name.clone()).collect();
        let waits = |table: &TableSchema| {
            let mut parents = references.get(&table.name).into_iter().flatten();
            parents.any(|parent| *parent != table.name && names.contains(parent))
        };
        let (later, ready): (Vec<_>, Vec<_>) = tables.into_iter().partition(waits);
        if ready.is_empty() {
            // Tables that refer to each other: the database decides whether their rows can be stored.
            sorted.extend(later);
            break;
        }
        sorted.extend(ready);
        tables = later;
    }
    sorted
}
