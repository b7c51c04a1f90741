//! Adds the constraints to the tables as they are.

use sea_orm_migration::{SchemaManagerConnection, prelude::*};

use super::keys::{Key, OnDelete, TABLES};

pub(super) async fn add_keys(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    for (table, keys) in TABLES {
        for key in *keys {
            for sql in statements(table, key) {
                connection.execute_unprepared(&sql).await?;
            }
        }
    }
    Ok(())
}

fn statements(table: &str, key: &Key) -> Vec<String> {
    let Key { column, parent, referenced_column, on_delete } = key;
    let orphans = format!(
        "{column} IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM {parent} WHERE {parent}.{referenced_column} = {table}.{column})"
    );
    let mut all = match on_delete {
        OnDelete::Cascade => vec![format!("DELETE FROM {table} WHERE {orphans}")],
        OnDelete::SetNull => vec![
            format!("ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL"),
            format!("UPDATE {table} SET {column} = NULL WHERE {orphans}"),
        ],
    };
    all.push(format!(
        "ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_fkey FOREIGN KEY ({column}) \
         REFERENCES {parent} ({referenced_column}) ON DELETE {}",
        on_delete.sql()
    ));
    all
}
