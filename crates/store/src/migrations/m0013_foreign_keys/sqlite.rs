//! Builds each table again with its constraints, as SQLite cannot add one to a table
//! (<https://www.sqlite.org/lang_altertable.html>, section 7).

use sea_orm_migration::{SchemaManagerConnection, prelude::*};

use super::keys::{Key, OnDelete, TABLES};
use crate::migrations::sqlite::{TableDefinition, run, texts};

pub(super) async fn add_keys(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    for (table, keys) in TABLES {
        rebuild(connection, table, keys).await?;
    }
    Ok(())
}

async fn rebuild(
    connection: &SchemaManagerConnection<'_>,
    table: &str,
    keys: &[Key],
) -> Result<(), DbErr> {
    let definition = TableDefinition::of(connection, table).await?;
    let names = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
    let columns = texts(connection, &names, "name").await?;
    let new = new_definition(&definition, table, keys)?;
    let quoted: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    let mut statements = vec![
        new,
        // A number that was given once is not given again (<https://www.sqlite.org/autoinc.html>).
        format!(
            "INSERT INTO sqlite_sequence (name, seq) \
             SELECT '{table}_new', seq FROM sqlite_sequence WHERE name = '{table}'"
        ),
        format!(
            "INSERT INTO {table}_new ({}) SELECT {} FROM {table} WHERE {}",
            quoted.join(", "),
            columns.iter().map(|column| value(table, column, keys)).collect::<Vec<_>>().join(", "),
            keys.iter()
                .filter_map(|key| known(table, key))
                .fold("TRUE".to_owned(), |all, one| { format!("{all} AND ({one})") }),
        ),
        format!("DROP TABLE {table}"),
        format!("ALTER TABLE {table}_new RENAME TO {table}"),
    ];
    statements.extend(definition.indices);
    run(connection, statements).await
}

/// The definition under another name, with the constraints at its end.
fn new_definition(
    definition: &TableDefinition,
    table: &str,
    keys: &[Key],
) -> Result<String, DbErr> {
    let columns = definition
        .table
        .strip_prefix(&format!("CREATE TABLE \"{table}\" ("))
        .and_then(|rest| rest.trim_end().strip_suffix(')'))
        .ok_or_else(|| definition.unexpected(table))?;
    let mut columns = columns.to_owned();
    let mut constraints = String::new();
    for Key { column, parent, referenced_column, on_delete } in keys {
        if *on_delete == OnDelete::SetNull {
            columns = columns.replace(
                &format!("\"{column}\" integer NOT NULL"),
                &format!("\"{column}\" integer"),
            );
        }
        constraints += &format!(
            ", FOREIGN KEY (\"{column}\") REFERENCES \"{parent}\" (\"{referenced_column}\") ON DELETE {}",
            on_delete.sql()
        );
    }
    Ok(format!("CREATE TABLE \"{table}_new\" ({columns}{constraints})"))
}

/// The value of a column: `NULL` in place of a reference to nothing.
fn value(table: &str, column: &str, keys: &[Key]) -> String {
    let key = keys.iter().find(|key| key.column == column && key.on_delete == OnDelete::SetNull);
    match key {
        Some(Key { parent, referenced_column, .. }) => format!(
            "(SELECT {parent}.{referenced_column} FROM {parent} WHERE {parent}.{referenced_column} = {table}.{column})"
        ),
        None => format!("{table}.\"{column}\""),
    }
}

/// The condition for a row to stay, if it goes together with what it refers to.
fn known(table: &str, key: &Key) -> Option<String> {
    let Key { column, parent, referenced_column, on_delete } = key;
    (*on_delete == OnDelete::Cascade).then(|| {
        format!(
            "{table}.{column} IS NULL OR EXISTS \
             (SELECT 1 FROM {parent} WHERE {parent}.{referenced_column} = {table}.{column})"
        )
    })
}
