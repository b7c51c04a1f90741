//! Opening the database that the settings name.

use std::fs;

use masthead_publication::config::Config;
use masthead_store::{Location, Prepared, Store, StoreError, Upgrading};

use super::Folder;
use crate::{data_record, error::CliError, open_stores};

impl Folder {
    /// Opens the database that the configuration or `database` names, for a command that writes. A new one is created; one that an older
    /// version made is refused.
    pub async fn store(&self, config: &Config, database: Option<&str>) -> Result<Store, CliError> {
        // Emails in the database are sealed. Keys that cannot be used are refused before anything is created.
        let keys = self.keys(config, database).await?;
        let location = self.database(config, database)?;
        let opened = if self.is_recorded() {
            Store::open_existing(&location).await
        } else {
            Store::open_current(&location).await
        };
        let store = opened.map_err(|error| self.unless_lost(error, &location))?;
        data_record::record(&self.root, &self.data);
        Ok(open_stores::noted(store.with_keys(&keys)))
    }

    /// Opens the database like [`Self::store`], for a command that only reads: nothing is created.
    pub async fn existing_store(
        &self,
        config: &Config,
        database: Option<&str>,
    ) -> Result<Store, CliError> {
        let location = self.database(config, database)?;
        self.refuse_unmounted(&location)?;
        let opened = Store::open_existing(&location).await;
        let store = opened.map_err(|error| self.unless_lost(error, &location))?;
        Ok(open_stores::noted(store).with_keys(&self.read_keys()?))
    }

    /// Opens the database like [`Self::store`], and upgrades one that an older version made.
    pub async fn upgraded_store(
        &self,
        config: &Config,
        database: Option<&str>,
    ) -> Result<Store, CliError> {
        let keys = self.keys(config, database).await?;
        let (store, _) = self.migrated_store(config, database, false).await?;
        Ok(open_stores::noted(store.with_keys(&keys)))
    }

    /// Opens the database without keys, upgrades one that an older version made, and returns what was done to it. With `is_alone` none is
    /// upgraded that servers use.
    pub async fn migrated_store(
        &self,
        config: &Config,
        database: Option<&str>,
        is_alone: bool,
    ) -> Result<(Store, Prepared), CliError> {
        let location = self.database(config, database)?;
        let upgrading = Upgrading { creates: !self.is_recorded(), is_alone };
        let opened = Store::migrate(&location, upgrading).await;
        let opened = opened.map_err(|error| self.unless_lost(error, &location))?;
        data_record::record(&self.root, &self.data);
        Ok(opened)
    }

    /// Locks the data directory for a server on SQLite until the file is dropped: the meter and the search index of
    /// two such servers would not agree. Returns `None` for PostgreSQL, which serves many.
    ///
    /// # Errors
    ///
    /// Fails if another server holds the lock.
    pub fn lock(
        &self,
        config: &Config,
        database: Option<&str>,
    ) -> Result<Option<fs::File>, CliError> {
        if let Location::Postgres(_) = self.database(config, database)? {
            return Ok(None);
        }
        let path = self.data.join("server.lock");
        let file = fs::File::create(&path)
            .map_err(|error| CliError::unwritable(path.display(), &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Err(CliError::new(format!(
                "another server uses the data directory {}; stop it first, or use PostgreSQL for several servers",
                self.data.display()
            ))),
            Err(fs::TryLockError::Error(error)) => {
                Err(CliError::new(format!("{} cannot be locked: {error}", path.display())))
            }
        }
    }

    /// Refuses a data directory without an SQLite database and keys, if this publication has had them there: its disk is most likely
    /// not mounted. With PostgreSQL the database says whether there were keys.
    pub fn refuse_unmounted(&self, location: &Location) -> Result<(), CliError> {
        let Location::Sqlite(database) = location else { return Ok(()) };
        if database.exists() || self.keys_file().exists() {
            return Ok(());
        }
        if self.is_recorded() {
            return Err(data_record::unmounted(&self.root, &self.data));
        }
        Ok(())
    }

    /// Refuses an empty database if this publication has had one with this data directory: it is lost, or another is named.
    pub async fn refuse_lost(&self, location: &Location) -> Result<(), CliError> {
        self.refuse_unmounted(location)?;
        if self.is_recorded() && Store::is_empty(location).await? {
            return Err(data_record::database_lost(&self.root, &self.data, location));
        }
        Ok(())
    }

    /// Says of an empty database that it is lost, if this publication has had one with this data directory.
    pub fn unless_lost(&self, error: StoreError, location: &Location) -> CliError {
        match error {
            StoreError::Empty(_) if self.is_recorded() => {
                data_record::database_lost(&self.root, &self.data, location)
            }
            error => error.into(),
        }
    }

    fn is_recorded(&self) -> bool {
        data_record::is_recorded(&self.root, &self.data)
    }

    /// The database that `database`, the environment or the configuration names.
    pub fn database(&self, config: &Config, database: Option<&str>) -> Result<Location, CliError> {
        // Empty like a variable that a file for containers leaves out.
        match database.filter(|named| !named.is_empty()) {
            Some(named) => self.location(named),
            None => self.location(&config.server.database.or_environment("MASTHEAD_DATABASE")?),
        }
    }

    /// The database with this name: `sqlite`, or a URL.
    pub fn location(&self, named: &str) -> Result<Location, CliError> {
        if named == "sqlite" {
            Ok(Location::Sqlite(self.data.join("masthead.db")))
        } else if named.starts_with("postgres://") || named.starts_with("postgresql://") {
            Ok(Location::Postgres(named.to_owned()))
        } else {
            Err(CliError::new(
                "the database must be \"sqlite\" or a URL that begins with postgres://; see [server] in \
                 masthead.toml",
            ))
        }
    }
}
