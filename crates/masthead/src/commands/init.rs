//! `masthead init`: creates a folder with a configuration and a first article.

use std::{fs, path::PathBuf};

use crate::{error::CliError, folder::Folder, interrupted_restore};

const CONFIG: &str = include_str!("../masthead.toml");
const FIRST_ARTICLE: &str = include_str!("../first-article.md");

#[derive(clap::Args)]
pub struct Init {
    /// The folder to create.
    folder: PathBuf,
}

impl Init {
    pub fn run(self) -> Result<(), CliError> {
        let folder = self.folder;
        let config = Folder::config_file(&folder);
        if config.exists() {
            return Err(CliError::new(format!(
                "there is a publication in {} already; nothing was changed",
                folder.display()
            )));
        }
        interrupted_restore::refuse(&folder)?;
        let article = folder.join("first-article.md");
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&config, CONFIG))
            .and_then(
                |()| if article.exists() { Ok(()) } else { fs::write(&article, FIRST_ARTICLE) },
            )
            .map_err(|error| {
                CliError::new(format!("{} cannot be written: {error}", folder.display()))
            })?;
        outln!("Your publication is in {}. Next:", folder.display());
        outln!("  1. Edit {}", config.display());
        outln!("  2. cd {} && masthead serve", folder.display());
        outln!("  3. masthead publish first-article.md");
        Ok(())
    }
}
