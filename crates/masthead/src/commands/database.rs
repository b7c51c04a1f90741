//! `masthead database`: moving a publication to another database.

use std::path::Path;

use masthead_store::Location;

use super::{backup::progress_bar, serve::Place};
use crate::{error::CliError, folder::Folder};

#[derive(clap::Subcommand)]
pub enum DatabaseCommand {
    /// Copy everything into another, empty database: from SQLite to PostgreSQL or back. Stop the servers first.
    Move {
        /// "sqlite", or a PostgreSQL URL.
        to: String,
    },
}

impl DatabaseCommand {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let Self::Move { to } = self;
        let config = Folder::config(dir)?;
        let folder = Folder::new(dir, &config, place.data.as_deref());
        folder.prepare()?;
        let from = folder.database(&config, place.database.as_deref())?;
        let target = folder.location(&to)?;
        if from == target {
            return Err(CliError::new(
                "this is the database that the publication has; name another",
            ));
        }
        // What a server writes after the copy has begun would be lost.
        let _lock = folder.lock(&config, place.database.as_deref())?;
        let store = folder.store(&config, place.database.as_deref()).await?;
        if store.restored_at().await?.is_some() {
            return Err(CliError::new(
                "this is a restored copy, and what is moved is no copy any more; run masthead activate first, or restore \
                 the backup with --database; nothing was changed",
            ));
        }
        let snapshot = store.snapshot().await?;
        if snapshot.other_connections().await? > 0 {
            return Err(CliError::new(
                "other programs are connected to the database; stop all servers of this publication and close other \
                 connections first; nothing was changed",
            ));
        }
        let bar = progress_bar(snapshot.count().await?);
        drop(snapshot);
        let counts = store.copy_into(&target, |rows| bar.inc(rows)).await?;
        bar.finish_and_clear();
        let rows: u64 = counts.values().sum();
        outln!("Copied {rows} rows of {} tables to {target}.", counts.len());
        let named = match target {
            Location::Sqlite(_) => "sqlite",
            Location::Postgres(_) => "the URL that you have given",
        };
        outln!(
            "Now set database to {named} under [server] in masthead.toml, and start the server."
        );
        outln!("The old database is as it was; delete it once you are satisfied.");
        Ok(())
    }
}
