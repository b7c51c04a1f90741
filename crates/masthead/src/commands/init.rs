//! `masthead init`: a folder with a configuration to edit and a first article to change.

use std::{fs, path::PathBuf};

use crate::{fault::Fault, folder::Folder};

const CONFIG: &str = include_str!("../masthead.toml");
const FIRST_ARTICLE: &str = include_str!("../first-article.md");

#[derive(clap::Args)]
pub struct Init {
    /// The folder to make.
    folder: PathBuf,
}

impl Init {
    pub fn run(self) -> Result<(), Fault> {
        let folder = self.folder;
        let config = Folder::config_file(&folder);
        if config.exists() {
            return Err(Fault::new(format!(
                "there is a publication in {} already; nothing was changed",
                folder.display()
            )));
        }
        let article = folder.join("first-article.md");
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&config, CONFIG))
            .and_then(
                |()| if article.exists() { Ok(()) } else { fs::write(&article, FIRST_ARTICLE) },
            )
            .map_err(|error| {
                Fault::new(format!("{} cannot be written: {error}", folder.display()))
            })?;
        say!("Your publication is in {}. Next:", folder.display());
        say!("  1. Edit {}", config.display());
        say!("  2. cd {} && masthead serve", folder.display());
        say!("  3. masthead publish first-article.md");
        Ok(())
    }
}
