//! The folders of a publication that is being restored. Everything is written to hidden folders inside of them, which are
//! deleted on failure, and moved to its place at the end.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use masthead_publication::config::Config;
use tempfile::TempDir;

use crate::{error::CliError, folder::Folder};

/// See the module's documentation.
pub struct Staging {
    root: StagedFolder,
    /// The data directory, if it is not inside of the root.
    outside: Option<StagedFolder>,
    /// The data directory in `root`, if it is inside.
    data: PathBuf,
    /// The theme in `root`. `None` if the settings have it elsewhere; then it is restored to `theme` in the root.
    theme: Option<PathBuf>,
    folder: Folder,
}

struct StagedFolder {
    path: PathBuf,
    temporary: TempDir,
}

impl StagedFolder {
    /// # Errors
    ///
    /// Returns an error if the folder is not empty, and changes nothing.
    fn create(path: &Path) -> Result<Self, CliError> {
        let unwritable = |error: io::Error| {
            CliError::new(format!("{} cannot be written: {error}", path.display()))
        };
        if path.exists() && fs::read_dir(path).map_err(unwritable)?.next().is_some() {
            return Err(CliError::new(format!(
                "the folder {} is not empty; nothing was changed; name a new one with --dir, or --data for the data \
                 directory",
                path.display()
            )));
        }
        fs::create_dir_all(path).map_err(unwritable)?;
        let temporary = tempfile::Builder::new().prefix(".restore-").tempdir_in(path);
        Ok(Self { path: path.to_path_buf(), temporary: temporary.map_err(unwritable)? })
    }

    /// Moves what was written to its place.
    fn finish(self) -> io::Result<()> {
        for entry in fs::read_dir(self.temporary.path())? {
            let entry = entry?;
            fs::rename(entry.path(), self.path.join(entry.file_name()))?;
        }
        self.temporary.close()
    }
}

impl Staging {
    /// Begins to restore into `dir`, with the data directory where `config` or `data` says.
    pub fn create(dir: &Path, config: &Config, data: Option<&Path>) -> Result<Self, CliError> {
        let folder = Folder::new(dir, config, data);
        let root = StagedFolder::create(dir)?;
        let (outside, data) = match below(folder.data(), dir) {
            Some(data) => (None, root.temporary.path().join(data)),
            None => {
                let outside = StagedFolder::create(folder.data())?;
                let data = outside.temporary.path().to_path_buf();
                (Some(outside), data)
            }
        };
        let theme =
            below(&folder.theme(config), dir).map(|theme| root.temporary.path().join(theme));
        let staging = Self { root, outside, data, theme, folder };
        staging.create_data()?;
        Ok(staging)
    }

    fn create_data(&self) -> Result<(), CliError> {
        fs::create_dir_all(&self.data).map_err(|error| {
            CliError::new(format!("{} cannot be written: {error}", self.data.display()))
        })
    }

    /// The data directory for now.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Writes a file: the settings, the keys, or one of the theme.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), CliError> {
        let path = match (name, name.strip_prefix("theme/")) {
            ("masthead.toml", _) => Folder::config_file(self.root.temporary.path()),
            ("keys", _) => self.data.join("keys"),
            (_, Some(file)) => match &self.theme {
                Some(theme) => theme.join(file),
                None => self.root.temporary.path().join(name),
            },
            (_, None) => return Ok(()),
        };
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, content))
            .map_err(|error| CliError::new(format!("{name} cannot be written: {error}")))
    }

    /// Moves everything to its place, and returns the folder.
    pub fn finish(self) -> Result<Folder, CliError> {
        let Self { root, outside, folder, .. } = self;
        let data = outside.map_or(Ok(()), StagedFolder::finish);
        data.and_then(|()| root.finish()).map_err(|error| {
            CliError::new(format!("the restored files cannot be moved to their folder: {error}"))
        })?;
        Ok(folder)
    }
}

/// The part of a path below a folder; `None` if it is elsewhere.
fn below(path: &Path, folder: &Path) -> Option<PathBuf> {
    let below = path.strip_prefix(folder).ok()?;
    let is_inside = below.components().all(|part| matches!(part, Component::Normal(_)));
    (is_inside && below.components().next().is_some()).then(|| below.to_path_buf())
}
