//! Whether a PostgreSQL database can hold a publication: its encoding, whether it can be written, and what this user may do there.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::{Location, StoreError, health::value, usability::refuse_read_only};

/// The only encoding with every character.
const ENCODING: &str = "UTF8";

/// Refuses a database that can hold no publication. SQLite's can.
pub(crate) async fn check(
    database: &DatabaseConnection,
    location: &Location,
) -> Result<(), StoreError> {
    if database.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    let sql = "SELECT current_setting('server_encoding'), pg_is_in_recovery(), \
               current_setting('transaction_read_only') = 'on'";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let Some(row) = database.query_one_raw(statement).await? else { return Ok(()) };
    let encoding: String = row.try_get_by_index(0)?;
    let (is_standby, is_read_only) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    refuse_read_only(location, is_standby, is_read_only)?;
    if encoding != ENCODING {
        return Err(StoreError::Encoding { location: location.to_string(), encoding });
    }
    Ok(())
}

/// Refuses an empty database in which this user may create no tables.
pub(crate) async fn check_may_create(database: &DatabaseConnection) -> Result<(), StoreError> {
    if database.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    let sql = "SELECT COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE)";
    let may_create: bool = value(database, sql).await?;
    if may_create {
        return Ok(());
    }
    Err(StoreError::NoPermission("permission denied to create tables".to_owned()))
}
