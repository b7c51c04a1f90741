//! `masthead withdraw`: withdraws an article.

use std::path::Path;

use jiff::Timestamp;

use super::{Newsroom, serve::Place};
use crate::error::CliError;

#[derive(clap::Args)]
pub struct Withdraw {
    /// The slug of the article, or its address.
    slug: String,
}

impl Withdraw {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let newsroom = Newsroom::open_existing(dir, place).await?;
        // The whole address is accepted too.
        let slug = self.slug.trim_end_matches('/').rsplit('/').next().unwrap_or(&self.slug);
        if newsroom.store.withdraw(slug, Timestamp::now()).await? {
            outln!("Withdrawn: {slug}. Publish its file again to bring it back.");
        } else {
            outln!("{slug} has already been withdrawn.");
        }
        Ok(())
    }
}
