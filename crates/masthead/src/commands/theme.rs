//! `masthead theme`: the built-in theme, to change.

use std::{fs, path::Path};

use masthead_site::assets::built_in;

use crate::{fault::Fault, folder::Folder};

#[derive(clap::Subcommand)]
pub enum Theme {
    /// Copy the built-in theme into the publication's folder. Files that are there stay.
    Copy,
}

impl Theme {
    pub fn run(self, dir: &Path) -> Result<(), Fault> {
        let Self::Copy = self;
        let config = Folder::config(dir)?;
        let theme = Folder::new(dir, &config, None).theme(&config);
        let (mut copied, mut kept) = (0, 0);
        for (name, content) in built_in() {
            let path = theme.join(&name);
            if path.exists() {
                kept += 1;
                continue;
            }
            let folder = path.parent().unwrap_or(&theme);
            fs::create_dir_all(folder).and_then(|()| fs::write(&path, content)).map_err(
                |error| Fault::new(format!("{} cannot be written: {error}", path.display())),
            )?;
            copied += 1;
        }
        say!("{copied} files copied to {}; {kept} were there and stayed.", theme.display());
        say!("What you delete there comes from the built-in theme again.");
        Ok(())
    }
}
