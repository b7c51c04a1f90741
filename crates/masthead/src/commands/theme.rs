//! `masthead theme`: exports the built-in theme and sample emails.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use masthead_circulation::Secret;
use masthead_mail::{emails::EmailKind, samples::samples};
use masthead_publication::assets::built_in;

use crate::{error::CliError, folder::Folder, ownership::refuse_root};

#[derive(clap::Subcommand)]
pub enum Theme {
    /// Copy the built-in theme to the publication's folder. Existing files are not changed.
    Copy,
    /// Write one email of each kind to a folder, as HTML and as text.
    Emails {
        /// The folder, which is created if it does not exist.
        folder: PathBuf,
    },
}

impl Theme {
    pub fn run(self, dir: &Path) -> Result<(), CliError> {
        match self {
            Self::Copy => copy(dir),
            Self::Emails { folder } => write_sample_emails(dir, &folder),
        }
    }
}

fn copy(dir: &Path) -> Result<(), CliError> {
    let config = Folder::config(dir)?;
    let theme = Folder::new(dir, &config, None).theme(&config);
    refuse_root(&theme)?;
    let (mut copied, mut kept) = (0, 0);
    for (name, content) in built_in(config.publication.locale.language()) {
        let path = theme.join(&name);
        if path.exists() {
            kept += 1;
            continue;
        }
        let folder = path.parent().unwrap_or(&theme);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, content))
            .map_err(|error| CliError::unwritable(path.display(), &error))?;
        copied += 1;
    }
    outln!("{copied} files copied to {}; {kept} existing files were not changed.", theme.display());
    outln!("If you delete a file, the built-in one is used.");
    Ok(())
}

fn write_sample_emails(dir: &Path, folder: &Path) -> Result<(), CliError> {
    refuse_root(folder)?;
    let config = Folder::config(dir)?;
    let theme = Folder::new(dir, &config, None).theme(&config);
    let reader = "reader@example.org".parse().map_err(|error| CliError::new(format!("{error}")))?;
    let secret = Secret::generate(&mut rand::rng());
    let written = samples(config.publication, Some(&theme), &reader, &secret, Timestamp::now());
    let written = written.map_err(|error| CliError::new(format!("theme: {error}")))?;
    let unwritable = |error: std::io::Error| CliError::unwritable(folder.display(), &error);
    fs::create_dir_all(folder).map_err(unwritable)?;
    // The invitation to the desk is not the theme's.
    let themed: Vec<_> =
        written.iter().filter(|email| email.kind != EmailKind::Invitation.name()).collect();
    for email in &themed {
        let subject = format!("Subject: {}\n\n{}", email.subject, email.body.text);
        for (ending, content) in [("html", &email.body.html), ("txt", &subject)] {
            fs::write(folder.join(format!("{}.{ending}", email.kind)), content)
                .map_err(unwritable)?;
        }
    }
    outln!("{} emails are in {}.", themed.len(), folder.display());
    Ok(())
}
