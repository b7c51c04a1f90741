//! `masthead database`: moving a publication to another database.

use std::path::Path;

use jiff::Timestamp;
use masthead_settings::environment;
use masthead_store::{Location, transfer::move_database};

use super::{backup::progress_bar, serve::Place};
use crate::{error::CliError, folder::Folder, invocation::literal};

/// Where a database is moved to, if not on the command line, which other users of the machine can read.
const TARGET: &str = "MASTHEAD_TARGET_DATABASE";

#[derive(clap::Subcommand)]
pub enum DatabaseCommand {
    /// Move everything into another, empty database: from SQLite to PostgreSQL or back. Stop the servers first.
    Move {
        /// "sqlite", or a PostgreSQL URL. A URL with a password is better given in the variable
        /// MASTHEAD_TARGET_DATABASE, or in a file that MASTHEAD_TARGET_DATABASE_FILE names.
        to: Option<String>,
    },
}

impl DatabaseCommand {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let Self::Move { to } = self;
        let config = Folder::config(dir)?;
        let folder = Folder::new(dir, &config, place.data.as_deref());
        folder.prepare()?;
        let from = folder.database(&config, place.database.as_deref())?;
        let target = folder.location(&named(to)?)?;
        if from == target {
            return Err(CliError::new(
                "this is the database that the publication has; name another",
            ));
        }
        // A server says more clearly than its use of the database why it cannot be moved.
        let _lock = folder.lock(&config, place.database.as_deref())?;
        let bar = progress_bar(0);
        let counts = move_database(&from, &target, Timestamp::now(), |progress| {
            bar.set_length(progress.rows);
            bar.set_position(progress.copied);
        });
        let counts = counts.await?;
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
        let text = "The old database is a copy from now on: a server that is started on it by mistake charges nobody and sends no \
            mail. Delete it once you are satisfied. To go back to it and lose what happens in the new one, set database to the old \
            one again and run: masthead activate";
        outln!("{}", literal(text));
        Ok(())
    }
}

fn named(to: Option<String>) -> Result<String, CliError> {
    let given = match to {
        Some(to) => Some(to),
        None => environment::secret(TARGET)?,
    };
    given.ok_or_else(|| {
        CliError::new(format!(
            "name the new database: \"sqlite\" or a PostgreSQL URL, on the command line or as {TARGET}"
        ))
    })
}
