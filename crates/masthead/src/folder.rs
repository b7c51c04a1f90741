//! A publication's folder: the configuration, and the data directory with database, pictures, keys.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use masthead_access::token::Keyring;
use masthead_media::MediaLibrary;
use masthead_publication::{Sales, SettingsSource, config::Config};
use masthead_settings::ServerSettings;
use masthead_store::{Location, Store};
use tempfile::NamedTempFile;

use crate::{data_record, error::CliError, interrupted_restore, open_stores, remedy, services};

/// Why a missing file of keys is not made again.
pub const KEYS_MISSING: &str = "is missing, and the database was used with the keys in it; copy the file from another server of the \
    publication or from a backup; if it is lost for good, run masthead keys replace, which says what is lost";

/// The folder of a publication.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    data: PathBuf,
}

impl Folder {
    /// The folder at `root`, with its data where the configuration or `data` says.
    pub fn new(root: &Path, config: &Config, data: Option<&Path>) -> Self {
        let data = data.map_or_else(|| root.join(&config.server.data), Path::to_path_buf);
        Self { root: root.to_path_buf(), data }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The configuration file of the publication at `root`.
    pub fn config_file(root: &Path) -> PathBuf {
        root.join("masthead.toml")
    }

    /// Reads the configuration of the publication at `root`.
    pub fn config(root: &Path) -> Result<Config, CliError> {
        let file = Self::config_file(root);
        if !file.exists() {
            interrupted_restore::refuse(root)?;
        }
        Ok(Config::read(&file)?)
    }

    /// Where the publication's settings come from. The demonstration has another address than its file says.
    pub fn settings_source(
        &self,
        config: &Config,
        demo_address: Option<&str>,
        sales: Sales,
    ) -> SettingsSource {
        SettingsSource {
            file: Self::config_file(&self.root),
            theme: Some(self.theme(config)),
            demo_address: demo_address.map(str::to_owned),
            sales,
        }
    }

    /// The publisher's own theme, which may not exist.
    pub fn theme(&self, config: &Config) -> PathBuf {
        self.root.join(&config.server.theme)
    }

    /// Refuses a theme that is named and does not exist. The folder that is the default is not needed.
    pub fn check_theme(&self, config: &Config) -> Result<(), CliError> {
        let theme = self.theme(config);
        if config.server.theme == ServerSettings::default().theme || theme.is_dir() {
            return Ok(());
        }
        Err(CliError::new(format!(
            "[server] in masthead.toml has theme = \"{}\", and there is no folder {}; run `masthead theme copy` to begin \
             one, or leave the key out for the built-in theme",
            config.server.theme,
            theme.display()
        )))
    }

    /// The pictures: in the bucket that the configuration names, or else in the data directory.
    pub fn media_library(&self, config: &Config) -> Result<MediaLibrary, CliError> {
        match services::bucket(&config.pictures)? {
            Some(bucket) => MediaLibrary::in_bucket(&bucket).map_err(|error| {
                CliError::new(format!(
                    "[pictures] in masthead.toml: there is no such bucket: {error}"
                ))
            }),
            None => self.pictures(),
        }
    }

    /// The pictures in the data directory.
    pub fn pictures(&self) -> Result<MediaLibrary, CliError> {
        let path = self.data.join("media");
        MediaLibrary::in_folder(&path).map_err(|error| {
            let path = path.display();
            let remedy = remedy::of(&error, "check who owns it");
            CliError::new(format!("the folder {path} cannot be read ({error}); {remedy}"))
        })
    }

    /// The directory of the search index. A missing index is rebuilt.
    pub fn search(&self) -> PathBuf {
        self.data.join("search")
    }

    /// The file in which the demonstration keeps its date.
    pub fn demo_clock(&self) -> PathBuf {
        self.data.join("demo-clock")
    }

    /// The user that the data directory belongs to, if this process is root and that user is not: the server could not use the files
    /// that root creates there.
    pub fn foreign_owner(&self) -> Option<u32> {
        let owner = fs::metadata(&self.data).ok()?.uid();
        (rustix::process::geteuid().is_root() && owner != 0).then_some(owner)
    }

    /// Refuses to create files as root in the data directory of another user.
    pub fn refuse_as_root(&self) -> Result<(), CliError> {
        let Some(owner) = self.foreign_owner() else { return Ok(()) };
        Err(CliError::new(format!(
            "the data directory {} belongs to user {owner}, and root would create files there that the server cannot use; run the \
             command as that user, such as with sudo -u masthead",
            self.data.display()
        )))
    }

    /// Creates the data directory if there is none, checks that it can be written, and takes others' access to it.
    pub fn prepare(&self) -> Result<(), CliError> {
        self.create()?;
        tempfile::tempfile_in(&self.data).map_err(|error| self.unwritable(&error))?;
        self.restrict();
        self.warn_of_readable_settings();
        Ok(())
    }

    /// Creates the data directory if there is none.
    fn create(&self) -> Result<(), CliError> {
        let mut builder = fs::DirBuilder::new();
        let created = builder.recursive(true).mode(0o700).create(&self.data);
        created.map_err(|error| self.unwritable(&error))
    }

    /// Whether the data directory could be written, or created. Nothing is left there.
    pub fn try_data(&self) -> io::Result<()> {
        let is_there = |path: &&Path| path.as_os_str().is_empty() || path.exists();
        let existing = self.data.ancestors().find(is_there).unwrap_or(Path::new("/"));
        let existing = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
        if !existing.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        tempfile::tempfile_in(existing).map(drop)
    }

    /// Refuses a data directory that nobody could write or create. Another user than this one may own it.
    ///
    /// # Errors
    ///
    /// Fails with what [`Self::data_unwritable`] says.
    pub fn check_data(&self) -> Result<(), CliError> {
        use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        match self.try_data() {
            Err(error) if !matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem) => {
                Err(CliError::new(self.data_unwritable(&error)))
            }
            _ => Ok(()),
        }
    }

    /// Says that the data directory cannot be written, and why.
    pub fn data_unwritable(&self, error: &io::Error) -> String {
        format!("the data directory {} cannot be written: {error}", self.data.display())
    }

    fn unwritable(&self, error: &io::Error) -> CliError {
        let remedy = remedy::of(error, "check who owns it, or name another with --data");
        CliError::new(format!(
            "the data directory {} cannot be written ({error}); {remedy}",
            self.data.display()
        ))
    }

    /// Takes access for others from the data directory and the database, which earlier versions left open.
    fn restrict(&self) {
        let database = ["masthead.db", "masthead.db-wal", "masthead.db-shm"];
        let files = database.iter().map(|name| (self.data.join(name), 0o600));
        // A folder that has other files as well is not only ours.
        let is_ours = !Self::config_file(&self.data).exists();
        let folder = is_ours.then(|| (self.data.clone(), 0o700));
        for (path, mode) in files.chain(folder) {
            let Ok(found) = fs::metadata(&path) else { continue };
            if !is_open_to_others(&found) {
                continue;
            }
            let restricted = fs::set_permissions(&path, fs::Permissions::from_mode(mode));
            let path = path.display();
            match restricted {
                Ok(()) => {
                    tracing::warn!(%path, "data: others could read this, their access was taken away");
                }
                Err(error) => {
                    tracing::error!(%error, %path, "data: others can read this, change its mode");
                }
            }
        }
    }

    /// The settings may hold passwords. They are the publisher's file, so its mode is not changed.
    fn warn_of_readable_settings(&self) {
        let path = Self::config_file(&self.root);
        if fs::metadata(&path).is_ok_and(|found| is_open_to_others(&found)) {
            let path = path.display();
            tracing::warn!(%path, "settings: others can read this file and its passwords, run chmod 600 on it");
        }
    }

    /// Opens the database that the configuration or `database` names, for a command that writes. A new one is created; one that an older
    /// version made is refused.
    pub async fn store(&self, config: &Config, database: Option<&str>) -> Result<Store, CliError> {
        // Emails in the database are sealed. Keys that cannot be used are refused before anything is created.
        let keys = self.keys(config, database).await?;
        let store = Store::open_current(&self.database(config, database)?).await?;
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
        let store = Store::open_existing(&location).await?;
        Ok(open_stores::noted(store).with_keys(&self.read_keys()?))
    }

    /// Opens the database like [`Self::store`], and upgrades one that an older version made.
    pub async fn upgraded_store(
        &self,
        config: &Config,
        database: Option<&str>,
    ) -> Result<Store, CliError> {
        let keys = self.keys(config, database).await?;
        let store = Store::open(&self.database(config, database)?).await?;
        data_record::record(&self.root, &self.data);
        Ok(open_stores::noted(store.with_keys(&keys)))
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
        let file = fs::File::create(&path).map_err(|error| {
            CliError::new(format!("{} cannot be written: {error}", path.display()))
        })?;
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

    /// The keys that seal readers' tokens, generated before the first start.
    ///
    /// # Errors
    ///
    /// Fails if there are none, and the database was used with keys: new ones could not read what those have sealed.
    pub async fn keys(&self, config: &Config, database: Option<&str>) -> Result<Keyring, CliError> {
        let path = self.keys_file();
        if !path.exists() {
            let location = self.database(config, database)?;
            self.refuse_unmounted(&location)?;
            if Store::needs_keys(&location).await? {
                return Err(CliError::new(format!("{} {KEYS_MISSING}", path.display())));
            }
            self.generate_keys()?;
        }
        self.read_keys()
    }

    /// Refuses a data directory without an SQLite database and keys, if this publication has had them there: its disk is most likely
    /// not mounted. With PostgreSQL the database says whether there were keys.
    pub fn refuse_unmounted(&self, location: &Location) -> Result<(), CliError> {
        let Location::Sqlite(database) = location else { return Ok(()) };
        if database.exists() || self.keys_file().exists() {
            return Ok(());
        }
        data_record::refuse_recorded(&self.root, &self.data)
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
            return Err(CliError::new(format!(
                "{0} can be read by others (mode {1:o}); run: chmod 600 {0}",
                path.display(),
                mode & 0o777
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
    /// that something is sealed with already.
    fn sync_names(&self) -> io::Result<()> {
        fs::File::open(&self.data)?.sync_all()
    }

    /// Writes keys to a temporary file, which only its owner can read.
    fn write_keys(&self, keys: &Keyring) -> io::Result<NamedTempFile> {
        let mut file = NamedTempFile::new_in(&self.data)?;
        file.write_all(keys.to_text().as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    }

    fn keys_unwritable(&self, error: &io::Error) -> CliError {
        CliError::new(format!("{} cannot be written: {error}", self.keys_file().display()))
    }

    /// The file of keys.
    pub fn keys_file(&self) -> PathBuf {
        self.data.join("keys")
    }
}

/// Returns `true` if other users may read or write it.
pub fn is_open_to_others(file: &fs::Metadata) -> bool {
    file.permissions().mode() & 0o077 != 0
}
