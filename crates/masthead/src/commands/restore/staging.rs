//! The folders of a publication that is being restored. Everything is written to hidden folders inside of them, which are
//! deleted on failure, and moved to its place at the end, the settings last. A process that is killed before leaves a hidden
//! folder and no settings, and every command on the folder says what to do.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use masthead_publication::config::Config;
use tempfile::TempDir;

use crate::{
    error::CliError,
    folder::Folder,
    interrupted_restore::{self, RESTORING},
    ownership::refuse_root,
};

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
        let unwritable = |error: io::Error| CliError::unwritable(path.display(), &error);
        interrupted_restore::refuse(path)?;
        refuse_root(path)?;
        if path.exists() && fs::read_dir(path).map_err(unwritable)?.next().is_some() {
            return Err(CliError::new(format!(
                "the folder {} is not empty; nothing was changed; name a new one with --dir, or --data for the data \
                 directory",
                path.display()
            )));
        }
        fs::create_dir_all(path).map_err(unwritable)?;
        let temporary = tempfile::Builder::new().prefix(RESTORING).tempdir_in(path);
        Ok(Self { path: path.to_path_buf(), temporary: temporary.map_err(unwritable)? })
    }

    /// Waits until everything is on the disk, and moves it to its place, without the settings.
    fn place_files(&self) -> io::Result<()> {
        rustix::fs::syncfs(fs::File::open(self.temporary.path())?)?;
        let settings = Folder::config_file(self.temporary.path());
        // All of them first: what would be moved while a folder is read could be left out.
        let entries: Vec<_> = fs::read_dir(self.temporary.path())?.collect::<Result<_, _>>()?;
        for entry in entries.iter().filter(|entry| entry.path() != settings) {
            fs::rename(entry.path(), self.path.join(entry.file_name()))?;
        }
        self.sync()
    }

    /// Moves the settings to their place.
    fn place_settings(&self) -> io::Result<()> {
        let settings = Folder::config_file(self.temporary.path());
        fs::rename(settings, Folder::config_file(&self.path))?;
        self.sync()
    }

    /// Waits until the names of files are on the disk.
    fn sync(&self) -> io::Result<()> {
        fs::File::open(&self.path)?.sync_all()
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
        fs::create_dir_all(&self.data)
            .map_err(|error| CliError::unwritable(self.data.display(), &error))
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
            .map_err(|error| CliError::unwritable(name, &error))
    }

    /// Moves everything but the settings to its place.
    pub fn place_files(self) -> Result<PlacedFiles, CliError> {
        let Self { root, outside, folder, .. } = self;
        let outside = outside.map_or(Ok(()), |outside| {
            outside.place_files()?;
            outside.temporary.close()
        });
        outside.and_then(|()| root.place_files()).map_err(|error| immovable(&error))?;
        Ok(PlacedFiles { root, folder })
    }
}

/// Everything is in its place but the settings.
pub struct PlacedFiles {
    root: StagedFolder,
    folder: Folder,
}

impl PlacedFiles {
    /// The folder, which has no settings yet.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Moves the settings to their place, and returns the folder.
    pub fn place_settings(self) -> Result<Folder, CliError> {
        let Self { root, folder } = self;
        let placed = root.place_settings().and_then(|()| root.temporary.close());
        placed.map_err(|error| immovable(&error))?;
        Ok(folder)
    }
}

fn immovable(error: &io::Error) -> CliError {
    CliError::new(format!("the restored files cannot be moved to their folder: {error}"))
}

/// The part of a path below a folder; `None` if it is elsewhere.
fn below(path: &Path, folder: &Path) -> Option<PathBuf> {
    let below = path.strip_prefix(folder).ok()?;
    let is_inside = below.components().all(|part| matches!(part, Component::Normal(_)));
    (is_inside && below.components().next().is_some()).then(|| below.to_path_buf())
}
