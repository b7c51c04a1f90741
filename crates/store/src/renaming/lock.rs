//! Who has the articles of an author or a topic stays the same while somebody writes their slug: a reader who begins to follow takes the
//! lock together with others, and a merger or another slug alone, before it looks who follows.
//!
//! It is an advisory lock of PostgreSQL, because there may be no row: a topic may be only in articles. It is taken before
//! any account, as the first lock or right after that on the edition. SQLite locks the database.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use crate::StoreError;

/// The key of the advisory lock. It is particular to a database.
const NAMES: i64 = 0x6d61_7374_6e61_6d65;

/// Keeps all names as they are until the transaction ends.
pub(crate) async fn keep_names(transaction: &DatabaseTransaction) -> Result<(), StoreError> {
    lock(transaction, "pg_advisory_xact_lock_shared").await
}

/// Waits until nobody writes a name that is about to change, and keeps others from it until the transaction ends.
pub(crate) async fn change_names(transaction: &DatabaseTransaction) -> Result<(), StoreError> {
    lock(transaction, "pg_advisory_xact_lock").await
}

async fn lock(transaction: &DatabaseTransaction, function: &str) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    if backend == DbBackend::Sqlite {
        return Ok(());
    }
    let lock = Statement::from_string(backend, format!("SELECT {function}({NAMES})"));
    transaction.execute_raw(lock).await?;
    Ok(())
}
