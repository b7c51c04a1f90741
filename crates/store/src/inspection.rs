//! Looking through everything that the database holds, for tests of what it must not hold.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{Store, StoreError};

/// The columns of all tables: table, column, type.
const SQLITE_COLUMNS: &str = "SELECT m.name AS t, c.name AS c, lower(c.type) AS k \
    FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'";
const POSTGRES_COLUMNS: &str = "SELECT table_name::text AS t, column_name::text AS c, data_type::text AS k \
    FROM information_schema.columns WHERE table_schema = current_schema()";

impl Store {
    /// The columns, as `table.column`, that hold `text` somewhere in a text or in bytes. For tests.
    #[doc(hidden)]
    #[tracing::instrument(skip_all)]
    pub async fn columns_with(&self, text: &str) -> Result<Vec<String>, StoreError> {
        let backend = self.database.get_database_backend();
        let is_sqlite = backend == DbBackend::Sqlite;
        let columns = if is_sqlite { SQLITE_COLUMNS } else { POSTGRES_COLUMNS };
        let columns = self.database.query_all_raw(Statement::from_string(backend, columns)).await?;
        let mut found = Vec::new();
        for column in columns {
            let name = |part: &str| column.try_get::<String>("", part);
            let (table, column, kind) = (name("t")?, name("c")?, name("k")?);
            if kind.contains("int") || kind.contains("bool") {
                continue;
            }
            let holds = if is_sqlite {
                format!("instr(CAST(\"{column}\" AS BLOB), CAST($1 AS BLOB)) > 0")
            } else if kind == "bytea" {
                format!("position(convert_to($1, 'UTF8') IN \"{column}\") > 0")
            } else {
                format!("position($1 IN \"{column}\"::text) > 0")
            };
            let sql = format!("SELECT 1 AS found FROM \"{table}\" WHERE {holds} LIMIT 1");
            let statement = Statement::from_sql_and_values(backend, sql, [text.into()]);
            if self.database.query_one_raw(statement).await?.is_some() {
                found.push(format!("{table}.{column}"));
            }
        }
        Ok(found)
    }

    /// Runs SQL, as somebody who has the database could. For tests.
    #[doc(hidden)]
    #[tracing::instrument(skip_all)]
    pub async fn tamper(&self, sql: &str) -> Result<u64, StoreError> {
        Ok(self.database.execute_unprepared(sql).await?.rows_affected())
    }
}
