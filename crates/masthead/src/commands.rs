//! The commands, one file each.

pub mod activate;
pub mod backup;
pub mod check;
pub mod clock;
pub mod database;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod import;
pub mod init;
pub mod keys;
pub mod list;
pub mod migrate;
pub mod outbox;
pub mod pictures;
pub mod publish;
pub mod readers;
pub mod reconcile;
pub mod restore;
pub mod serve;
pub mod sessions;
pub mod shell;
pub mod staff;
pub mod subscription;
pub mod theme;
pub mod withdraw;

use std::{path::Path, sync::Arc};

use masthead_editorial::{renditions, replaced_pictures::ReplacedPicture};
use masthead_media::{Incoming, MediaLibrary};
use masthead_publication::{Clock, LiveSettings, Sales, config::Config};
use masthead_site::{Site, demo_clock::DemoClock};
use masthead_store::Store;

use crate::{
    error::CliError,
    folder::Folder,
    invocation::literal,
    output::print_error,
    ownership::refuse_root,
    remedy,
    services::{self, SiteServices},
};

/// A publication, opened for work on it.
struct Newsroom {
    config: Config,
    folder: Folder,
    store: Store,
    /// The real one, or that of a demonstration.
    clock: Clock,
}

/// What a command that sends email or charges says on a copy.
const COPY: &str = "this is a restored copy, or a database that was moved: no server charges, sells or sends mail with it, and what this \
    command leads to waits until the copy is activated; if you meant the original, run the command there; if the original is gone for good, \
    stop all its servers and run: masthead activate";

/// Prints a value as JSON, for other programs.
fn print_json(value: &serde_json::Value) {
    outln!("{value:#}");
}

/// The pictures of pieces that are about to be read. What the newsroom has replaced or withheld stays so.
async fn incoming_pictures(store: &Store) -> Result<Incoming, CliError> {
    let replaced = store.replaced_pictures_since(0).await?.into_iter();
    let is_replaced = |picture: &ReplacedPicture| {
        let name = picture.file.src.trim_start_matches("/media/");
        renditions::stem(name) != picture.stem
    };
    Ok(Incoming::new(replaced.filter(is_replaced).map(|picture| picture.stem).collect()))
}

/// Stores the pictures of pieces that are about to be saved.
async fn store_pictures(media_library: &MediaLibrary, incoming: &Incoming) -> Result<(), CliError> {
    media_library.store_all(incoming).await.map_err(|error| {
        let remedy = remedy::of(
            &error,
            "check the disk, or the bucket under [pictures], and run the same command again",
        );
        CliError::new(format!("the pictures cannot be stored: {error}; {remedy}"))
    })
}

impl Newsroom {
    /// Opens a publication for a command that changes it.
    async fn open(dir: &Path, place: &serve::Place) -> Result<Self, CliError> {
        let config = Folder::config(dir)?;
        let folder = Folder::new(dir, &config, place.data.as_deref());
        folder.prepare()?;
        let store = folder.store(&config, place.database.as_deref()).await?;
        Self::with(folder, config, store).await
    }

    /// Opens a publication for a command that reads the database, or changes what is in it already. It creates neither
    /// the database nor a file.
    async fn open_existing(dir: &Path, place: &serve::Place) -> Result<Self, CliError> {
        let config = Folder::config(dir)?;
        let folder = Folder::new(dir, &config, place.data.as_deref());
        let store = folder.existing_store(&config, place.database.as_deref()).await?;
        Self::with(folder, config, store).await
    }

    async fn with(folder: Folder, config: Config, store: Store) -> Result<Self, CliError> {
        // Settings of the desk apply here as well. Commands sell nothing, so they need no payment secrets.
        let config = folder.settings_source(&config, None, Sales::Open).config(&store).await?;
        let demo_clock = DemoClock::open(folder.demo_clock());
        let clock: Clock = Arc::new(move || demo_clock.now());
        Ok(Self { config, folder, store, clock })
    }

    /// Says on standard error that this is a copy, if it is one: nothing that waits in it is sent or charged.
    async fn warn_of_copy(&self) -> Result<(), CliError> {
        if self.store.restored_at().await?.is_some() {
            let text = literal(COPY);
            print_error(format_args!("masthead: warning: {text}"));
        }
        Ok(())
    }

    /// The site. A running server notices what it changes.
    async fn site(self) -> Result<Arc<Site>, CliError> {
        let Self { config, folder, store, clock } = self;
        // It opens the search index and the pictures.
        refuse_root(folder.data())?;
        let is_copy = store.restored_at().await?.is_some();
        let sales = if is_copy { Sales::Closed } else { services::sales(&config.payments, false) };
        let source = folder.settings_source(&config, None, sales);
        let (_, start) = LiveSettings::open(source, store.clone(), Arc::clone(&clock)).await?;
        let services = SiteServices::new(&folder, &config)?;
        let services = if is_copy { services.of_copy() } else { services };
        let settings = services.settings(&folder, &config);
        let keys = folder.read_keys()?;
        Ok(Site::open(start, store, &keys, settings, clock).await?)
    }
}
