//! `masthead keys`: the keys that seal readers' tokens.

use std::path::Path;

use masthead_publication::config::Config;

use super::serve::Place;
use crate::{error::CliError, folder::Folder};

/// What new keys cannot read.
const LOST: &str = "With other keys, what the lost ones have sealed cannot be read: the meter starts again for every reader without an \
    account, emails that wait are not sent, authenticator apps of readers and staff are refused until they are set up again, \
    and forms that wait for a sign-in are lost. Accounts, passkeys, recovery codes, subscriptions and payments stay.";

#[derive(clap::Subcommand)]
pub enum Keys {
    /// Generate a new key for sealing. Older keys still open tokens. Restart the server afterwards.
    Rotate,
    /// Go on with other keys if the publication's own are lost for good: those in the data directory, or new ones if there are none.
    Replace {
        /// Do it. Without this the command only says what is lost.
        #[arg(long)]
        accept_loss: bool,
    },
}

impl Keys {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let config = Folder::config(dir)?;
        let folder = Folder::new(dir, &config, place.data.as_deref());
        match self {
            Self::Rotate => rotate(&folder, &config, place).await,
            Self::Replace { accept_loss: false } => Err(CliError::new(format!(
                "{LOST} Look for data/keys on other servers and in backups first. Nothing was changed; if the keys are lost \
                 for good, stop all servers and run: masthead keys replace --accept-loss"
            ))),
            Self::Replace { accept_loss: true } => replace(&folder, &config, place).await,
        }
    }
}

async fn rotate(folder: &Folder, config: &Config, place: &Place) -> Result<(), CliError> {
    folder.prepare()?;
    let mut keys = folder.keys(config, place.database.as_deref()).await?;
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

/// The next server to start notes its keys as the publication's.
async fn replace(folder: &Folder, config: &Config, place: &Place) -> Result<(), CliError> {
    folder.prepare()?;
    let is_new = !folder.keys_file().exists();
    folder.generate_keys()?;
    let store = folder.existing_store(config, place.database.as_deref()).await?;
    store.forget_keys().await?;
    let path = folder.keys_file();
    let path = path.display();
    if is_new {
        outln!("Generated new keys in {path}. {LOST}");
    } else {
        outln!("The publication goes on with the keys in {path}. {LOST}");
    }
    outln!("Copy the file to all other servers of the publication, and start them again.");
    Ok(())
}
