//! `masthead migrate`: creates or upgrades the database.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use masthead_publication::config::Config;
use masthead_store::{Prepared, Store};

use super::serve::Place;
use crate::{error::CliError, folder::Folder, open_stores};

/// How long a command waits for another that upgrades the same database.
const PATIENCE: Duration = Duration::from_secs(10);

/// Upgrades the database to this version and says so. Before an SQLite database is upgraded, it is copied.
pub async fn run(dir: &Path, place: &Place) -> Result<(), CliError> {
    let config = Folder::config(dir)?;
    let folder = Folder::new(dir, &config, place.data.as_deref());
    folder.prepare()?;
    // An upgrade may seal what is stored.
    folder.keys(&config, place.database.as_deref()).await?;
    // A server of an older version must not go on with a database that is upgraded under it. On PostgreSQL the store sees to that.
    let _lock = lock(&folder, &config, place).await?;
    let (store, prepared) = folder.migrated_store(&config, place.database.as_deref(), true).await?;
    open_stores::noted(store);
    match prepared {
        Prepared::Current => outln!("The database is up to date."),
        Prepared::Created => outln!("The database was created."),
        Prepared::Upgraded { copy: None } => outln!("The database was upgraded."),
        Prepared::Upgraded { copy: Some(copy) } => outln!(
            "The database was upgraded. As it was before, it is in {}: delete that file once you are satisfied.",
            copy.display()
        ),
    }
    Ok(())
}

/// Locks the data directory, or opens a database that this version can open while a server uses it: nothing is changed then.
async fn lock(
    folder: &Folder,
    config: &Config,
    place: &Place,
) -> Result<Option<fs::File>, CliError> {
    let begun = Instant::now();
    loop {
        let refused = match folder.lock(config, place.database.as_deref()) {
            Ok(lock) => return Ok(lock),
            Err(refused) => refused,
        };
        let location = folder.database(config, place.database.as_deref())?;
        if let Ok(store) = Store::open_existing(&location).await {
            open_stores::noted(store);
            return Ok(None);
        }
        if begun.elapsed() > PATIENCE {
            return Err(refused);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
