//! `masthead keys`: the keys that encrypt cookies and emails, and those of digests.

use std::path::Path;

use masthead_publication::config::Config;
use masthead_store::{KeyAgreement, Store, StoreError};

use super::serve::Place;
use crate::{error::CliError, folder::Folder, open_stores};

/// What new keys cannot read.
const LOST: &str = "With other keys, what the lost ones have encrypted cannot be read: the meter starts again for every reader without an \
    account, emails that wait are not sent, authenticator apps of readers and staff are refused until they are set up again, \
    forms that wait for a sign-in are lost, and what readers have used or owe whose accounts were deleted is forgotten, \
    so that an import of readers may add them again. Accounts, passkeys, recovery codes, subscriptions and payments stay.";

/// What a new key of digests cannot find.
const FORGOTTEN: &str = "With another key of digests, what readers have used or owe whose accounts were deleted, or have another address now, \
    is forgotten: such an address can begin a trial and order by invoice again, its meter is full again, and an import of readers may add \
    it. It cannot be restored.";

#[derive(clap::Subcommand)]
pub enum Keys {
    /// Generate a new key for encryption, and keep the last three, with which what they have encrypted can still be read. Afterwards copy
    /// data/keys to all other nodes, and restart all servers.
    Rotate {
        /// Replace the key of the digests of former readers' addresses, and no key for encryption. Only if that key has leaked.
        #[arg(long)]
        digests: bool,
        /// Do it. Without this --digests only says what is forgotten.
        #[arg(long, requires = "digests")]
        accept_loss: bool,
    },
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
            Self::Rotate { digests: false, .. } => rotate(&folder, &config, place).await,
            Self::Rotate { digests: true, accept_loss: false } => Err(CliError::new(format!(
                "{FORGOTTEN} Nothing was changed; if the key of digests has leaked, stop all servers and run: masthead keys rotate \
                 --digests --accept-loss"
            ))),
            Self::Rotate { digests: true, accept_loss: true } => {
                replace_digest_key(&folder, &config, place).await
            }
            Self::Replace { accept_loss: false } => Err(CliError::new(format!(
                "{LOST} Look for data/keys on other servers and in backups first. Nothing was changed; if the keys are lost \
                 for good, stop all servers and run: masthead keys replace --accept-loss"
            ))),
            Self::Replace { accept_loss: true } => replace(&folder, &config, place).await,
        }
    }
}

/// The new key is noted in the database, so that all servers are compared with it. A command that is killed before has the next one, or
/// the next server that starts, note it.
async fn rotate(folder: &Folder, config: &Config, place: &Place) -> Result<(), CliError> {
    folder.prepare()?;
    let _turn = folder.lock_keys()?;
    let mut keys = folder.keys(config, place.database.as_deref()).await?;
    let store = noting_store(folder, config, place).await?;
    if let Some(store) = &store
        && let Some((fault, remedy)) = store.register_keys(&keys).await?.fault()
    {
        return Err(CliError::new(format!("{fault}; nothing was changed; {remedy}")));
    }
    let (old, before) = (keys.clone(), keys.keys().len());
    keys.rotate(&mut rand::rng());
    folder.keep_keys(&keys)?;
    if let Some(store) = &store
        && let Some((fault, remedy)) = store.register_keys(&keys).await?.fault()
    {
        // Another server's were rotated at the same time.
        folder.keep_keys(&old)?;
        return Err(CliError::new(format!("{fault}; nothing was changed; {remedy}")));
    }
    let path = folder.keys_file();
    outln!(
        "Generated a new key in {}. Copy the file to all other servers of the publication, if there are some, and restart all of them.",
        path.display()
    );
    if keys.keys().len() > before {
        outln!(
            "What the older keys in the file have encrypted can still be read: no reader's meter is reset."
        );
    } else {
        outln!(
            "The oldest key was dropped. The meter starts again for readers without an account who have not come back \
             since the second rotation before this one, and emails that have waited as long cannot be sent."
        );
    }
    outln!(
        "What is known of readers whose accounts were deleted stays: the key of digests is the same."
    );
    Ok(())
}

/// Replaces the key of digests. A command that is killed in between can be repeated: servers say that their key is not the one that is
/// noted, and what was kept under the former is forgotten then.
async fn replace_digest_key(
    folder: &Folder,
    config: &Config,
    place: &Place,
) -> Result<(), CliError> {
    folder.prepare()?;
    // A server that still runs would go on keeping what no other finds.
    let _lock = folder.lock(config, place.database.as_deref())?;
    let _turn = folder.lock_keys()?;
    let mut keys = folder.keys(config, place.database.as_deref()).await?;
    let store = noting_store(folder, config, place).await?;
    if let Some(store) = &store {
        if store.has_servers().await? {
            return Err(CliError::new(
                "servers of the publication run; stop all of them first; nothing was changed",
            ));
        }
        let agreement = store.key_agreement(&keys).await?;
        if agreement != KeyAgreement::OtherDigests
            && let Some((fault, remedy)) = agreement.fault()
        {
            return Err(CliError::new(format!("{fault}; nothing was changed; {remedy}")));
        }
    }
    keys.replace_digest_keys(&mut rand::rng());
    folder.keep_keys(&keys)?;
    let forgotten = match &store {
        Some(store) => store.replace_digest_key(&keys).await?,
        None => 0,
    };
    outln!(
        "Generated a new key of digests. What was known of {forgotten} former addresses is forgotten."
    );
    outln!("Copy data/keys to all other servers of the publication, and start them again.");
    Ok(())
}

/// The database, which notes the keys of the publication; `None` if there is none yet.
async fn noting_store(
    folder: &Folder,
    config: &Config,
    place: &Place,
) -> Result<Option<Store>, CliError> {
    let location = folder.database(config, place.database.as_deref())?;
    match Store::open_existing(&location).await {
        Ok(store) => Ok(Some(open_stores::noted(store))),
        Err(StoreError::Empty(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Notes other keys as the publication's. A command that is killed in between can be repeated: it goes on with the keys that are there.
async fn replace(folder: &Folder, config: &Config, place: &Place) -> Result<(), CliError> {
    folder.prepare()?;
    // A server that still runs has the lost keys in its memory, and would go on encrypting with them.
    let _lock = folder.lock(config, place.database.as_deref())?;
    // Before there are new keys: without the database nothing is replaced.
    let location = folder.database(config, place.database.as_deref())?;
    let store = open_stores::noted(Store::open_existing(&location).await?);
    let is_new = !folder.keys_file().exists();
    folder.generate_keys()?;
    let keys = folder.read_keys()?;
    store.forget_keys().await?;
    store.register_keys(&keys).await?;
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
