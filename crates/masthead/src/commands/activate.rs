//! `masthead activate`: lets a restored copy charge and write to readers.

use std::path::Path;

use jiff::Timestamp;

use super::serve::Place;
use crate::{error::CliError, folder::Folder, invocation::literal};

/// Removes the mark that `masthead restore` has left in the database.
pub async fn run(dir: &Path, place: &Place) -> Result<(), CliError> {
    let config = Folder::config(dir)?;
    let folder = Folder::new(dir, &config, place.data.as_deref());
    let store = folder.existing_store(&config, place.database.as_deref()).await?;
    if store.activate(Timestamp::now()).await? {
        let text = "This is now the publication: it charges readers, sells and sends mail. Start its servers again, and run: \
            masthead reconcile";
        outln!("{}", literal(text));
    } else {
        outln!("This is no restored copy, or it was activated before; nothing was changed.");
    }
    Ok(())
}
