//! A publication's folder: the configuration, and the data directory with database, pictures, keys.

use std::{
    fs, io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use masthead_access::token::Keyring;
use masthead_media::MediaLibrary;
use masthead_publication::{
    SettingsSource,
    config::{Config, ConfigError},
};
use masthead_store::{Location, Store};

use crate::{error::CliError, services};

/// Where a publication lives.
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

    /// The configuration file of the publication at `root`.
    pub fn config_file(root: &Path) -> PathBuf {
        root.join("masthead.toml")
    }

    /// Reads the configuration of the publication at `root`.
    pub fn config(root: &Path) -> Result<Config, ConfigError> {
        Config::read(&Self::config_file(root))
    }

    /// Where the publication's settings come from. The demonstration has another address than its file says.
    pub fn settings_source(&self, config: &Config, demo_address: Option<&str>) -> SettingsSource {
        SettingsSource {
            file: Self::config_file(&self.root),
            theme: Some(self.theme(config)),
            demo_address: demo_address.map(str::to_owned),
        }
    }

    /// The publisher's own theme; there need not be one.
    pub fn theme(&self, config: &Config) -> PathBuf {
        self.root.join(&config.server.theme)
    }

    /// The pictures: those in the bucket that the configuration names, or else in the data directory.
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
            CliError::new(format!("the folder {path} cannot be read ({error}); check who owns it"))
        })
    }

    /// Where the index is kept by which articles are found. It is made anew where it is missing.
    pub fn search(&self) -> PathBuf {
        self.data.join("search")
    }

    /// Makes the data directory where it is not there, and finds out whether it can be written.
    pub fn prepare(&self) -> Result<(), CliError> {
        let trial = self.data.join(".trial");
        fs::create_dir_all(&self.data)
            .and_then(|()| fs::write(&trial, ""))
            .and_then(|()| fs::remove_file(&trial))
            .map_err(|error| {
                CliError::new(format!(
                    "the data directory {} cannot be written ({error}); check who owns it, or name \
                     another with --data",
                    self.data.display()
                ))
            })
    }

    /// Opens the database that the configuration or `database` names.
    pub async fn store(&self, config: &Config, database: Option<&str>) -> Result<Store, CliError> {
        let named = database.unwrap_or(config.server.database.as_str());
        let location = if named == "sqlite" {
            Location::Sqlite(self.data.join("masthead.db"))
        } else if named.starts_with("postgres://") || named.starts_with("postgresql://") {
            Location::Postgres(named.to_owned())
        } else {
            return Err(CliError::new(
                "the database must be \"sqlite\" or a URL that begins with postgres://; see [server] in \
                 masthead.toml",
            ));
        };
        // Emails in the database are sealed.
        Ok(Store::open(&location).await?.with_keys(&self.keys()?))
    }

    /// The keys that seal readers' tokens, made on the first start.
    pub fn keys(&self) -> Result<Keyring, CliError> {
        let path = self.keys_file();
        match fs::read_to_string(&path) {
            Ok(text) => {
                let mode = fs::metadata(&path).map_or(0o600, |meta| meta.permissions().mode());
                if mode & 0o077 != 0 {
                    return Err(CliError::new(format!(
                        "{0} can be read by others (mode {1:o}); run: chmod 600 {0}",
                        path.display(),
                        mode & 0o777
                    )));
                }
                Keyring::parse(&text).map_err(|error| {
                    CliError::new(format!(
                        "{0} is not a file of keys ({error}); restore it from a backup, or move it away \
                         and every reader's count starts again",
                        path.display()
                    ))
                })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let keys = Keyring::generate(&mut rand::rng());
                self.keep_keys(&keys)?;
                Ok(keys)
            }
            Err(error) => Err(CliError::new(format!("{} cannot be read: {error}", path.display()))),
        }
    }

    /// Writes the keys so that nobody else ever can read them, and a crash leaves the old ones.
    pub fn keep_keys(&self, keys: &Keyring) -> Result<(), CliError> {
        use std::io::Write;
        let path = self.keys_file();
        let fresh = path.with_extension("new");
        let write = || -> io::Result<()> {
            let mut options = fs::OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
            file.write_all(keys.to_text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        write().map_err(|error| {
            CliError::new(format!("{} cannot be written: {error}", path.display()))
        })
    }

    fn keys_file(&self) -> PathBuf {
        self.data.join("keys")
    }
}
