//! `masthead init`: creates a folder with a configuration, a first article and drafts of the publication's own pages.

mod drafts;
mod localized;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use masthead_access::message::Locale;

use super::serve::Place;
use crate::{
    error::CliError,
    folder::Folder,
    interrupted_restore,
    invocation::{Invocation, quoted_path},
    ownership::refuse_root,
};

const CONFIG: &str = include_str!("../masthead.toml");

#[derive(clap::Args)]
pub struct Init {
    /// The folder to create.
    folder: PathBuf,
    /// The language of the publication, of its settings, its first article and the drafts of its own pages, such as de, fr or de-AT.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    locale: String,
}

impl Init {
    pub fn run(self) -> Result<(), CliError> {
        let Self { folder, locale } = self;
        let locale = Locale::new(&locale).map_err(|error| {
            CliError::new(format!("--locale {locale}: {error}; write a language such as de or fr"))
        })?;
        let config = Folder::config_file(&folder);
        if config.exists() {
            return Err(CliError::new(format!(
                "there is a publication in {} already; nothing was changed",
                folder.display()
            )));
        }
        interrupted_restore::refuse(&folder)?;
        refuse_root(&folder)?;
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&config, localized::configuration(CONFIG, &locale)))
            .and_then(|()| write_manuscripts(&folder, &locale))
            .map_err(|error| CliError::unwritable(folder.display(), &error))?;
        outln!("Your publication is in {}. Next:", folder.display());
        outln!("  1. Edit {}", config.display());
        let here = Invocation::new(&folder, &Place::default(), false, Vec::new());
        let (article, pages) = (folder.join("first-article.md"), folder.join("pages"));
        let (article, pages) = (quoted_path(&article), quoted_path(&pages));
        outln!("  2. {}", here.command("serve"));
        outln!("  3. {}", here.command(&format!("publish {article}")));
        outln!(
            "  4. Fill in the pages in {pages}, such as your terms, and publish them: {}",
            here.command(&format!("publish {pages}/*.md"))
        );
        Ok(())
    }
}

/// Writes the first article and the pages that do not exist.
fn write_manuscripts(folder: &Path, locale: &Locale) -> io::Result<()> {
    let pages = folder.join("pages");
    fs::create_dir_all(&pages)?;
    let drafts = drafts::in_language(locale.language());
    write_new(&folder.join("first-article.md"), drafts.first_article)?;
    drafts.pages.iter().try_for_each(|(name, text)| write_new(&pages.join(name), text))
}

fn write_new(file: &Path, text: &str) -> io::Result<()> {
    if file.exists() { Ok(()) } else { fs::write(file, text) }
}
