//! The commands, one file each.

pub mod demo;
pub mod export;
pub mod import;
pub mod init;
pub mod keys;
pub mod list;
pub mod migrate;
pub mod outbox;
pub mod pictures;
pub mod publish;
pub mod reconcile;
pub mod serve;
pub mod staff;
pub mod subscription;
pub mod theme;
pub mod withdraw;

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use masthead_media::{Incoming, MediaLibrary};
use masthead_site::Site;
use masthead_store::Store;

use crate::{config::Config, error::CliError, folder::Folder, live_config::LiveConfig};

/// A publication, opened for work on it.
struct Newsroom {
    config: Config,
    folder: Folder,
    store: Store,
}

/// Stores the pictures of pieces that are about to be saved.
async fn store_pictures(media_library: &MediaLibrary, incoming: &Incoming) -> Result<(), CliError> {
    media_library.store_all(incoming).await.map_err(|error| {
        CliError::new(format!("the pictures cannot be kept: {error}; run the same command again"))
    })
}

impl Newsroom {
    async fn open(dir: &Path, place: &serve::Place) -> Result<Self, CliError> {
        let config = Folder::config(dir)?;
        let folder = Folder::new(dir, &config, place.data.as_deref());
        folder.prepare()?;
        let store = folder.store(&config, place.database.as_deref()).await?;
        // Settings of the desk apply here as well.
        let config = LiveConfig::open(dir.to_path_buf(), None, store.clone()).await?.config(config);
        Ok(Self { config, folder, store })
    }

    /// The site. A running server notices what it changes.
    async fn site(self) -> Result<Arc<Site>, CliError> {
        let Self { config, folder, store } = self;
        let settings = serve::settings(&folder, &config)?;
        let keys = folder.keys()?;
        let clock = Arc::new(Timestamp::now);
        Ok(Site::open(config.publication, store, &keys, settings, clock).await?)
    }
}
