//! `masthead sessions`: signs people out, for example after a backup or a key has leaked.

use std::path::Path;

use super::{Newsroom, serve::Place};
use crate::error::CliError;

#[derive(clap::Subcommand)]
pub enum SessionsCommand {
    /// Sign everyone out on all devices: readers, staff and apps. They can sign in again.
    End {
        /// Confirm that everyone is to be signed out.
        #[arg(long, required = true)]
        all: bool,
    },
}

impl SessionsCommand {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let Self::End { all: _ } = self;
        let newsroom = Newsroom::open(dir, place).await?;
        let ended = newsroom.store.end_everyones_sessions(None, (newsroom.clock)()).await?;
        outln!(
            "Everyone is signed out; {ended} sessions were ended. Running servers follow within a second."
        );
        Ok(())
    }
}
