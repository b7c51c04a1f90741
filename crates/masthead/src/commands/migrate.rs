//! `masthead migrate`: creates or upgrades the database.

use std::path::Path;

use masthead_store::{Prepared, Store};

use super::serve::Place;
use crate::{error::CliError, folder::Folder, open_stores};

/// Upgrades the database to this version and says so. Before an SQLite database is upgraded, it is copied.
pub async fn run(dir: &Path, place: &Place) -> Result<(), CliError> {
    let config = Folder::config(dir)?;
    let folder = Folder::new(dir, &config, place.data.as_deref());
    folder.prepare()?;
    // An upgrade may seal what is stored.
    folder.keys(&config, place.database.as_deref()).await?;
    let location = folder.database(&config, place.database.as_deref())?;
    // A server of an older version must not go on with a database that is upgraded under it. PostgreSQL serves several.
    let _lock = match folder.lock(&config, place.database.as_deref()) {
        Ok(lock) => lock,
        Err(refused) => {
            // Nothing is changed if this version can open it.
            let opened = Store::open_existing(&location).await;
            open_stores::noted(opened.map_err(|_| refused)?);
            None
        }
    };
    let (store, prepared) = Store::migrate(&location).await?;
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
