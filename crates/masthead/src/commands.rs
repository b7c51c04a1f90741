//! What can be done from the command line, one file each.

pub mod demo;
pub mod import;
pub mod init;
pub mod keys;
pub mod list;
pub mod outbox;
pub mod publish;
pub mod serve;
pub mod theme;
pub mod withdraw;

use std::path::Path;

use masthead_store::Store;

use crate::{config::Config, fault::Fault, folder::Folder};

/// A publication, opened for work on its content.
struct Newsroom {
    config: Config,
    folder: Folder,
    store: Store,
}

impl Newsroom {
    async fn open(dir: &Path, place: &serve::Place) -> Result<Self, Fault> {
        let config = Folder::config(dir)?;
        let folder = Folder::new(dir, &config, place.data.as_deref());
        folder.prepare()?;
        let store = folder.store(&config, place.database.as_deref()).await?;
        Ok(Self { config, folder, store })
    }
}
