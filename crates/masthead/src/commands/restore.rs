//! `masthead restore`: a publication from the file that `masthead backup` has written.

mod relocation;
mod staging;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    str,
};

use bytes::Bytes;
use jiff::Timestamp;
use masthead_archive::{ArchiveEntry, ArchiveError, ArchiveReader, Contents, Manifest, verify};
use masthead_media::MediaLibrary;
use masthead_publication::config::Config;
use masthead_settings::{DeskSettings, environment};
use masthead_store::{
    Location,
    transfer::{CompleteLoad, DatabaseLoad, Row},
};

use self::{
    relocation::{Relocated, with_value},
    staging::{PlacedFiles, Staging},
};
use super::{
    backup::{Passphrase, progress_bar},
    serve::Place,
};
use crate::{
    error::CliError, folder::Folder, interrupted_restore::REMEDY, invocation::literal, output,
    services,
};

const CONFIG: &str = "files/masthead.toml";

#[derive(clap::Args)]
pub struct Restore {
    /// The file that `masthead backup` has written.
    #[arg(value_parser = output::file_name())]
    file: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

impl Restore {
    /// Restores into the folder `dir`, which must be new or empty, and into the database that the settings in the backup
    /// name, or `place`.
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let passphrase = self.passphrase.read()?;
        let failed = |error: ArchiveError| {
            CliError::new(format!("{}: {error}; nothing was changed", self.file.display()))
        };
        // Everything is read and compared before anything is written.
        let (manifest, contents, config) =
            verify(&self.file, passphrase.as_deref(), CONFIG).map_err(failed)?;
        let config = parse_config(&config)?;
        let mut archive = ArchiveReader::open(&self.file, passphrase.as_deref()).map_err(failed)?;
        let target = Target::begin(dir, &config, place, &manifest).await?;
        let bar = progress_bar(contents.rows.values().sum());
        let settings = settings_to_change(dir, &config, place, &target.location);
        let mut restoration = Restoration { target, settings, files: 0, pictures: 0 };
        for entry in archive.entries().map_err(failed)? {
            let mut entry = entry.map_err(failed)?;
            bar.inc(restoration.add(&mut entry).await?);
        }
        bar.finish_and_clear();
        restoration.finish(&manifest, &contents).await
    }
}

fn parse_config(text: &[u8]) -> Result<Config, CliError> {
    let text = str::from_utf8(text)
        .map_err(|error| CliError::new(format!("masthead.toml in the backup: {error}")))?;
    Ok(Config::parse(text, "masthead.toml in the backup", &DeskSettings::default())?)
}

/// What is written to: folders that take their names at the end, and a database in one transaction.
struct Target {
    staging: Staging,
    load: DatabaseLoad,
    location: Location,
    library: MediaLibrary,
}

impl Target {
    async fn begin(
        dir: &Path,
        config: &Config,
        place: &Place,
        manifest: &Manifest,
    ) -> Result<Self, CliError> {
        let bucket = services::bucket(&config.pictures)?;
        let staging = Staging::create(dir, config, place.data.as_deref())?;
        let folder = Folder::new(dir, config, Some(staging.data()));
        let location = folder.database(config, place.database.as_deref())?;
        let library = match bucket {
            Some(_) => folder.media_library(config)?,
            None => folder.pictures()?,
        };
        let load = DatabaseLoad::begin(&location, &manifest.migrations).await?;
        Ok(Self { staging, load, location, library })
    }
}

struct Restoration {
    target: Target,
    settings: Vec<SettingToChange>,
    files: u64,
    pictures: u64,
}

impl Restoration {
    /// Adds an entry. Returns how many rows it had.
    async fn add(&mut self, entry: &mut ArchiveEntry<'_>) -> Result<u64, CliError> {
        let content = entry.read_all().map_err(|error| CliError::new(error.to_string()))?;
        if entry.name == CONFIG {
            let text = write_all(&content, &mut self.settings);
            self.target.staging.write("masthead.toml", &text)?;
            self.files += 1;
        } else if let Some(name) = entry.name.strip_prefix("files/") {
            self.target.staging.write(name, &content)?;
            self.files += 1;
        } else if let Some(name) = entry.name.strip_prefix("pictures/") {
            let restored = self.target.library.restore_file(name, Bytes::from(content)).await;
            restored.map_err(|error| {
                CliError::unwritable(format_args!("the picture {name}"), &error)
            })?;
            self.pictures += 1;
        } else if let Some(part) = entry.name.strip_prefix("tables/") {
            return self.add_rows(part, &content).await;
        }
        Ok(0)
    }

    async fn add_rows(&mut self, part: &str, content: &[u8]) -> Result<u64, CliError> {
        let table = part.split('/').next().unwrap_or_default();
        let unreadable = |error: serde_json::Error| {
            CliError::new(format!("rows of {table} in the backup cannot be read: {error}"))
        };
        let mut lines = content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let columns: Vec<String> =
            serde_json::from_slice(lines.next().unwrap_or_default()).map_err(unreadable)?;
        let rows: Vec<Row> =
            lines.map(serde_json::from_slice).collect::<Result<_, _>>().map_err(unreadable)?;
        for rows in rows.chunks(200) {
            self.target.load.insert(table, &columns, rows).await?;
        }
        Ok(rows.len() as u64)
    }

    async fn finish(self, manifest: &Manifest, contents: &Contents) -> Result<(), CliError> {
        let Self { target, settings, files, pictures } = self;
        let Target { staging, load, location, .. } = target;
        let load =
            load.complete(&contents.rows, &contents.sequences, Some(Timestamp::now())).await?;
        let Placed { counts, files: placed } = place_all(load, staging, location).await?;
        let folder = placed.place_settings()?;
        let rows: u64 = counts.values().sum();
        outln!(
            "Restored {rows} rows, {files} files and {pictures} files of pictures, as they were on {} (Masthead {}).",
            to_the_second(&manifest.made),
            manifest.masthead
        );
        if !manifest.pictures {
            outln!(
                "The backup has no pictures; copy them to {} yourself.",
                folder.data().join("media").display()
            );
        }
        for setting in &settings {
            outln!("{}", setting.told());
        }
        let text = "This is a copy: a server shows it, but charges nobody, sells nothing and sends no mail. If the original is gone \
            for good, stop all its servers and run: masthead activate";
        outln!("{}", literal(text));
        outln!("Check masthead.toml, and start the server.");
        Ok(())
    }
}

/// What was restored, before the settings are in their place.
struct Placed {
    /// How many rows were stored, by table.
    counts: BTreeMap<String, u64>,
    files: PlacedFiles,
}

/// Commits the database, and moves the files to their places. A database in the folder is moved with it. Any other is there only
/// when the files are. In both cases the settings come last, without which nothing starts.
async fn place_all(
    load: CompleteLoad,
    staging: Staging,
    location: Location,
) -> Result<Placed, CliError> {
    match location {
        Location::Sqlite(_) => {
            let counts = load.commit().await?;
            Ok(Placed { counts, files: staging.place_files()? })
        }
        Location::Postgres(_) => {
            let files = staging.place_files()?;
            let committed = load.commit().await.map_err(|error| {
                let dir = files.folder().root().display();
                CliError::new(format!("the restore into {dir} has failed: {error}; {REMEDY}"))
            });
            Ok(Placed { counts: committed?, files })
        }
    }
}

/// The time at which a backup was made, without fractions of a second.
fn to_the_second(made: &str) -> String {
    made.parse::<Timestamp>().map_or_else(|_| made.to_owned(), |made| format!("{made:.0}"))
}

/// What the settings in the backup do not say about where the publication is now.
struct SettingToChange {
    key: &'static str,
    value: String,
    /// What is said if it is not written.
    by_hand: String,
    /// Whether it comes from the environment alone, which keeps secrets out of the settings.
    is_secret: bool,
    is_written: bool,
}

impl SettingToChange {
    fn told(&self) -> String {
        if !self.is_written {
            return self.by_hand.clone();
        }
        let key = self.key;
        format!(
            "{key} under [server] in masthead.toml names what you have restored into. What the backup has there is a comment above it."
        )
    }
}

/// Returns what would lead a command without the same options to the original, or to nothing.
fn settings_to_change(
    dir: &Path,
    config: &Config,
    place: &Place,
    location: &Location,
) -> Vec<SettingToChange> {
    let folder = Folder::new(dir, config, place.data.as_deref());
    let database = database_to_change(&folder, config, place, location);
    database.into_iter().chain(data_to_change(&folder, config)).collect()
}

fn database_to_change(
    folder: &Folder,
    config: &Config,
    place: &Place,
    location: &Location,
) -> Option<SettingToChange> {
    let named = config.server.database.as_str();
    let value = match location {
        Location::Sqlite(_) => "sqlite",
        Location::Postgres(url) => url,
    };
    let is_the_same = match folder.location(named) {
        // The file is still in a temporary folder.
        Ok(Location::Sqlite(_)) => value == "sqlite",
        Ok(Location::Postgres(url)) => url == value,
        Err(_) => false,
    };
    if is_the_same {
        return None;
    }
    let from_environment = environment::secret("MASTHEAD_DATABASE").ok().flatten();
    let is_given = place.database.is_some() && place.database != from_environment;
    let by_hand = "Write the database that you have restored into as database under [server] in masthead.toml, or set \
        MASTHEAD_DATABASE for the server and for every command: the settings in the backup name another one.";
    Some(SettingToChange {
        key: "database",
        value: value.to_owned(),
        by_hand: by_hand.to_owned(),
        is_secret: !is_given && named == "sqlite",
        is_written: false,
    })
}

fn data_to_change(folder: &Folder, config: &Config) -> Option<SettingToChange> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let restored = absolute(folder.data());
    if restored == absolute(&folder.root().join(&config.server.data)) {
        return None;
    }
    let value = restored.display().to_string();
    let by_hand = format!(
        "Write data = \"{value}\" under [server] in masthead.toml, or start the server and every command with --data: the \
         settings in the backup name another directory."
    );
    Some(SettingToChange { key: "data", value, by_hand, is_secret: false, is_written: false })
}

/// Returns the settings in the backup with those that change.
fn write_all(content: &[u8], settings: &mut [SettingToChange]) -> Vec<u8> {
    let Ok(text) = str::from_utf8(content) else { return content.to_vec() };
    let mut text = text.to_owned();
    for setting in settings.iter_mut().filter(|setting| !setting.is_secret) {
        let relocated = Relocated { key: setting.key, value: &setting.value };
        if let Some(written) = with_value(&text, &relocated) {
            text = written;
            setting.is_written = true;
        }
    }
    text.into_bytes()
}
