//! `masthead pictures`: copies pictures between the data directory and a bucket.

use std::path::Path;

use masthead_media::{CopyReport, MediaLibrary};
use masthead_publication::config::Config;

use super::serve::Place;
use crate::{error::CliError, folder::Folder, services};

#[derive(clap::Subcommand)]
pub enum PicturesCommand {
    /// Copy the pictures in the data directory to the bucket configured in masthead.toml.
    Upload,
    /// Copy the pictures in the bucket to the data directory, as a backup or to stop using the
    /// bucket.
    Download,
}

impl PicturesCommand {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let config = Folder::config(dir)?;
        let folder = Folder::new(dir, &config, place.data.as_deref());
        folder.prepare()?;
        let (here, there) = (folder.pictures()?, bucket(&folder, &config)?);
        let (name, data) = (&config.pictures.bucket, &config.server.data);
        let (from, to, place) = match self {
            Self::Upload => (here, there, format!("the bucket {name}")),
            Self::Download => (there, here, format!("{data}/media")),
        };
        let CopyReport { new, known } = from.copy_to(&to).await.map_err(|error| {
            CliError::new(format!(
                "not all pictures could be copied to {place}: {error}; run the same command again to continue"
            ))
        })?;
        outln!("Files that are new in {place}: {new}. There already: {known}. None was deleted.");
        Ok(())
    }
}

fn bucket(folder: &Folder, config: &Config) -> Result<MediaLibrary, CliError> {
    if services::bucket(&config.pictures)?.is_none() {
        return Err(CliError::new(
            "masthead.toml names no bucket; write one under [pictures], as the guide's chapter on pictures says",
        ));
    }
    folder.media_library(config)
}
