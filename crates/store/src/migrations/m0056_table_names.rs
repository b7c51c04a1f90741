//! Tables have the names of what they hold.

use sea_orm_migration::{
    SchemaManagerConnection,
    prelude::*,
    sea_orm::{DbBackend, Statement},
};

use super::sqlite::{TableDefinition, run};

/// The names until now, and from now on.
const NAMES: [(&str, &str); 8] = [
    ("bulletins", "account_changes"),
    ("crowds", "unique_readers"),
    ("experiment_tallies", "experiment_counts"),
    ("letters", "outbox"),
    ("moves", "address_changes"),
    ("steering", "setting_versions"),
    ("takers", "offer_redemptions"),
    ("tallies", "article_counts"),
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0056_table_names"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for (old, new) in NAMES {
            let sql = format!("ALTER TABLE {old} RENAME TO {new}");
            connection.execute_unprepared(&sql).await?;
            match manager.get_database_backend() {
                DbBackend::Sqlite => rename_sqlite_indices(connection, old, new).await?,
                _ => rename_postgres_relations(connection, old, new).await?,
            }
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
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
