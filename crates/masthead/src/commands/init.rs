//! `masthead init`: creates a folder with a configuration, a first article and drafts of the publication's own pages.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use masthead_editorial::standard_pages::STANDARD_PAGES;

use crate::{error::CliError, folder::Folder, interrupted_restore};

const CONFIG: &str = include_str!("../masthead.toml");
const FIRST_ARTICLE: &str = include_str!("../first-article.md");
/// The drafts of the publication's own pages, by their file names.
const PAGES: [(&str, &str); STANDARD_PAGES.len()] = [
    ("contact.md", include_str!("../pages/contact.md")),
    ("terms.md", include_str!("../pages/terms.md")),
    ("privacy.md", include_str!("../pages/privacy.md")),
    ("withdrawal.md", include_str!("../pages/withdrawal.md")),
    ("imprint.md", include_str!("../pages/imprint.md")),
    ("accessibility.md", include_str!("../pages/accessibility.md")),
];

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
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&config, CONFIG))
            .and_then(|()| write_manuscripts(&folder))
            .map_err(|error| {
                CliError::new(format!("{} cannot be written: {error}", folder.display()))
            })?;
        outln!("Your publication is in {}. Next:", folder.display());
        outln!("  1. Edit {}", config.display());
        outln!("  2. cd {} && masthead serve", folder.display());
        outln!("  3. masthead publish first-article.md");
        outln!(
            "  4. Fill in the pages in pages/, such as your terms, and publish them: masthead publish pages/*.md"
        );
        Ok(())
    }
}

/// Writes the first article and the pages that do not exist.
fn write_manuscripts(folder: &Path) -> io::Result<()> {
    let pages = folder.join("pages");
    fs::create_dir_all(&pages)?;
    write_new(&folder.join("first-article.md"), FIRST_ARTICLE)?;
    PAGES.iter().try_for_each(|(name, text)| write_new(&pages.join(name), text))
}

fn write_new(file: &Path, text: &str) -> io::Result<()> {
    if file.exists() { Ok(()) } else { fs::write(file, text) }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};
    use masthead_editorial::{
        Kind, Status,
        manuscript::{self, Manuscript, ManuscriptContext},
        standard_pages::FILL_IN,
    };

    use super::*;

    #[test]
    fn every_standard_page_has_a_draft_that_says_what_to_fill_in() {
        for (slug, (name, text)) in STANDARD_PAGES.into_iter().zip(PAGES) {
            assert_eq!(name.strip_suffix(".md"), Some(slug));
            let context = ManuscriptContext {
                zone: &TimeZone::UTC,
                sections: &[],
                find_picture: &|_| None,
                now: Timestamp::UNIX_EPOCH,
            };
            let read = manuscript::read(text, slug, &context).expect("a manuscript");
            let Manuscript::Piece(piece) = read else { panic!("{name} is no page") };
            assert_eq!((piece.kind, piece.status), (Kind::Page, Status::Draft), "{name}");
            assert!(piece.body.contains(FILL_IN), "{name}: {}", piece.body);
        }
    }
}
