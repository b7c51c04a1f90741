//! A publication's folder: the configuration, and the data directory with database, pictures, keys.

mod keys;
mod stores;

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use masthead_backup::BackupFiles;
use masthead_media::MediaLibrary;
use masthead_publication::{Sales, SettingsSource, config::Config};
use masthead_settings::ServerSettings;

pub use self::keys::KEYS_MISSING;
use crate::{error::CliError, interrupted_restore, ownership::refuse_root, remedy, services};

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

    /// What a backup has besides the database and the pictures.
    pub fn backup_files(&self, config: &Config) -> BackupFiles {
        BackupFiles {
            settings: Self::config_file(&self.root),
            keys: self.keys_file(),
            theme: self.theme(config),
            data: self.data.clone(),
            version: crate::version::VERSION.to_owned(),
        }
    }

    /// The folder of the backups that the server makes. It need not exist.
    pub fn backups(&self, config: &Config) -> PathBuf {
        match config.server.backups.as_str() {
            "" => self.data.join("backups"),
            named => self.root.join(named),
        }
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
        if !path.exists() {
            refuse_root(&path)?;
        }
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

    /// Creates the data directory if there is none, checks that it can be written, and takes others' access to it. Refuses to do so
    /// as root if it belongs to another user.
    pub fn prepare(&self) -> Result<(), CliError> {
        refuse_root(&self.data)?;
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
}

/// Returns `true` if other users may read or write it.
pub fn is_open_to_others(file: &fs::Metadata) -> bool {
    file.permissions().mode() & 0o077 != 0
}
