//! `masthead clock`: the machine's clock, by which readers are charged and data is deleted.

use std::path::Path;

use jiff::Timestamp;

use super::serve::Place;
use crate::{error::CliError, folder::Folder};

#[derive(clap::Subcommand)]
pub enum ClockCommand {
    /// Confirm that the time is right, after a server has started with one that is far from when the publication was last served.
    Confirm,
}

impl ClockCommand {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let Self::Confirm = self;
        let config = Folder::config(dir)?;
        let folder = Folder::new(dir, &config, place.data.as_deref());
        let store = folder.existing_store(&config, place.database.as_deref()).await?;
        let now = Timestamp::now();
        store.note_served(now).await?;
        outln!(
            "Noted that it is {now:.0}. Servers whose clocks show the same go on within seconds."
        );
        Ok(())
    }
}
