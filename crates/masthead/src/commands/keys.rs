//! `masthead keys`: the keys that seal readers' tokens.

use std::path::Path;

use super::serve::Place;
use crate::{error::CliError, folder::Folder};

#[derive(clap::Subcommand)]
pub enum Keys {
    /// Generate a new key for sealing. Older keys still open tokens. Restart the server afterwards.
    Rotate,
}

impl Keys {
    pub fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let Self::Rotate = self;
        let config = Folder::config(dir)?;
        let folder = Folder::new(dir, &config, place.data.as_deref());
        folder.prepare()?;
        let mut keys = folder.keys()?;
        let before = keys.keys().len();
        keys.rotate(&mut rand::rng());
        folder.keep_keys(&keys)?;
        outln!("Generated a new key. Restart the server to use it.");
        if keys.keys().len() > before {
            outln!("All older keys still open what they sealed: no reader's meter is reset.");
        } else {
            outln!(
                "The oldest key was dropped. The meter starts again for readers without an account who have not come back \
                 since the second rotation before this one, and emails that have waited as long cannot be sent."
            );
        }
        Ok(())
    }
}
