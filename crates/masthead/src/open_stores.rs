//! The databases that this process has opened. All are closed at its end: SQLite then writes everything into one file.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use masthead_store::Store;
use tokio::time::timeout;

/// How long to wait for what still uses a database.
const PATIENCE: Duration = Duration::from_secs(5);

static OPEN: Mutex<Vec<Store>> = Mutex::new(Vec::new());

/// Notes a database that was opened.
pub fn noted(store: Store) -> Store {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner).push(store.clone());
    store
}

/// Closes all of them. Nothing may use them afterwards.
pub async fn close_all() {
    let open = std::mem::take(&mut *OPEN.lock().unwrap_or_else(PoisonError::into_inner));
    for store in open {
        match timeout(PATIENCE, store.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "database: not closed"),
            Err(_) => tracing::warn!("database: still in use, not closed"),
        }
    }
}
