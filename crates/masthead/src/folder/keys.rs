//! The file of keys in the data directory. No other user can ever read it, and a crash or a power cut leaves the old keys or the new ones.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
};

use masthead_access::token::Keyring;
use masthead_backup::unfinished;
use masthead_publication::config::Config;
use masthead_store::Store;
use tempfile::NamedTempFile;

use super::Folder;
use crate::{error::CliError, invocation::quoted, remedy};

/// Why a missing file of keys is not made again.
pub const KEYS_MISSING: &str = "is missing, and the database was used with the keys in it; copy the file from another server of the \
    publication or from a backup; if it is lost for good, run masthead keys replace, which says what is lost";

impl Folder {
    /// The keys that encrypt cookies and emails, generated before the first start.
    ///
    /// # Errors
    ///
    /// Fails if there are none, and the database was used with keys: new ones could not read what those have encrypted.
    pub async fn keys(&self, config: &Config, database: Option<&str>) -> Result<Keyring, CliError> {
        let path = self.keys_file();
        if !path.exists() {
            let location = self.database(config, database)?;
            self.refuse_lost(&location).await?;
            if Store::needs_keys(&location).await? {
                return Err(CliError::new(format!("{} {KEYS_MISSING}", path.display())));
            }
            self.generate_keys()?;
        }
        self.read_keys()
    }

    /// Waits until no other command changes the keys, which holds until the file is dropped.
    ///
    /// # Errors
    ///
    /// Fails if the data directory cannot be written.
    pub fn lock_keys(&self) -> Result<fs::File, CliError> {
        let path = self.data.join("keys.lock");
        let locked = fs::File::create(&path).and_then(|file| file.lock().map(|()| file));
        locked
            .map_err(|error| CliError::new(format!("{} cannot be locked: {error}", path.display())))
    }

    /// Generates keys unless there are some.
    pub fn generate_keys(&self) -> Result<(), CliError> {
        self.keep_first_keys(&Keyring::generate(&mut rand::rng()))
    }

    /// The keys of a publication that has some.
    pub fn read_keys(&self) -> Result<Keyring, CliError> {
        let path = self.keys_file();
        let failed = |error: io::Error| {
            let remedy =
                remedy::of(&error, "copy the keys from the publication's server or its backup");
            CliError::new(format!("{} cannot be read: {error}; {remedy}", path.display()))
        };
        let text = fs::read_to_string(&path).map_err(failed)?;
        let mode = fs::metadata(&path).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            let name = path.display().to_string();
            return Err(CliError::new(format!(
                "{name} can be read by others (mode {:04o}); run: chmod 600 {}",
                mode & 0o777,
                quoted(&name)
            )));
        }
        Keyring::parse(&text).map_err(|error| {
            CliError::new(format!(
                "{0} is not a file of keys ({error}); restore it from a backup; if it is lost for good, move it away and run \
                 masthead keys replace, which says what is lost",
                path.display()
            ))
        })
    }

    /// Writes the keys so that no other user can ever read them, and a crash or a power cut leaves the old ones or these.
    pub fn keep_keys(&self, keys: &Keyring) -> Result<(), CliError> {
        let kept = self.write_keys(keys).and_then(|file| {
            file.persist(self.keys_file())?;
            self.sync_names()
        });
        kept.map_err(|error| self.keys_unwritable(&error))
    }

    /// Writes the first keys. Of several processes that start at once, the first one's keys are kept.
    fn keep_first_keys(&self, keys: &Keyring) -> Result<(), CliError> {
        let kept = self.write_keys(keys).and_then(|file| {
            file.persist_noclobber(self.keys_file())?;
            self.sync_names()
        });
        match kept {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(self.keys_unwritable(&error))
            }
            _ => Ok(()),
        }
    }

    /// Waits until the names of the files in the data directory are on the disk. Otherwise a power cut could take away keys
    /// that something is encrypted with already.
    fn sync_names(&self) -> io::Result<()> {
        fs::File::open(&self.data)?.sync_all()
    }

    /// Writes keys to a temporary file, which only its owner can read.
    fn write_keys(&self, keys: &Keyring) -> io::Result<NamedTempFile> {
        unfinished::remove_abandoned(&self.data);
        let mut file = unfinished::create(&self.keys_file())?;
        file.write_all(keys.to_text().as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    }

    fn keys_unwritable(&self, error: &io::Error) -> CliError {
        CliError::unwritable(self.keys_file().display(), error)
    }

    /// The file of keys.
    pub fn keys_file(&self) -> PathBuf {
        self.data.join("keys")
    }
}
