//! `masthead migrate`: creates or upgrades the database.

use std::path::Path;

use super::serve::Place;
use crate::{error::CliError, folder::Folder};

/// Upgrades the database to this version and says so. Before an SQLite database is upgraded, it is copied.
pub async fn run(dir: &Path, place: &Place) -> Result<(), CliError> {
    let config = Folder::config(dir)?;
    let folder = Folder::new(dir, &config, place.data.as_deref());
    folder.prepare()?;
    folder.upgraded_store(&config, place.database.as_deref()).await?;
    outln!("The database is up to date.");
    Ok(())
}
