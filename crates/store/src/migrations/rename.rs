//! Renaming tables, with everything whose name begins with a table's.

use sea_orm_migration::{
    SchemaManagerConnection,
    prelude::*,
    sea_orm::{DbBackend, Statement},
};

use super::sqlite::{TableDefinition, run};

/// Renames tables from their first name to their second, with their indices, constraints and sequences.
pub(super) async fn rename_tables(
    manager: &SchemaManager<'_>,
    names: &[(&str, &str)],
) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for (old, new) in names {
        let sql = format!("ALTER TABLE {old} RENAME TO {new}");
        connection.execute_unprepared(&sql).await?;
        match manager.get_database_backend() {
            DbBackend::Sqlite => rename_sqlite_indices(connection, old, new).await?,
            _ => rename_postgres_relations(connection, old, new).await?,
        }
    }
    Ok(())
}

/// SQLite cannot rename an index, so each is made again.
async fn rename_sqlite_indices(
    connection: &SchemaManagerConnection<'_>,
    old: &str,
    new: &str,
) -> Result<(), DbErr> {
    for index in TableDefinition::of(connection, new).await?.indices {
        let named = index.split(['"', ' ']).find(|word| word.starts_with(old));
        let Some(name) = named else { continue };
        let new_name = name.replacen(old, new, 1);
        let again = index.replacen(name, &new_name, 1);
        run(connection, [format!("DROP INDEX {name}"), again]).await?;
    }
    Ok(())
}

/// Renames indices, constraints and sequences whose names begin with the table's.
async fn rename_postgres_relations(
    connection: &SchemaManagerConnection<'_>,
    old: &str,
    new: &str,
) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let of_schema = "schemaname = current_schema()";
    // A sequence of another table may begin with the same letters, so it is asked which column it belongs to.
    let queries = [
        format!(
            "SELECT 'ALTER INDEX ' || indexname || ' RENAME TO ' AS statement, indexname::text AS name FROM pg_indexes \
             WHERE {of_schema} AND tablename = '{new}'"
        ),
        format!(
            "SELECT 'ALTER TABLE {new} RENAME CONSTRAINT ' || conname || ' TO ' AS statement, conname::text AS name \
             FROM pg_constraint WHERE conrelid = '{new}'::regclass AND contype = 'f'"
        ),
        format!(
            "SELECT 'ALTER SEQUENCE ' || relname || ' RENAME TO ' AS statement, relname::text AS name FROM pg_class \
             JOIN pg_depend ON objid = oid WHERE relkind = 'S' AND refobjid = '{new}'::regclass"
        ),
    ];
    for query in queries {
        for row in connection.query_all_raw(Statement::from_string(backend, query)).await? {
            let (statement, name): (String, String) =
                (row.try_get("", "statement")?, row.try_get("", "name")?);
            if let Some(rest) = name.strip_prefix(old) {
                connection.execute_unprepared(&format!("{statement}{new}{rest}")).await?;
            }
        }
    }
    Ok(())
}
