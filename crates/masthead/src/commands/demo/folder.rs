//! Whether a folder is the demonstration's. A real publication is never served as one: its emails would be shown to everybody.

use std::{fs, io, path::Path};

use crate::{error::CliError, folder::Folder};

/// How the demonstration's configuration begins, in every version.
const FIRST_WORDS: &str = "# The configuration of the demonstration.";
/// What a data directory has in it.
const DATA: [&str; 2] = ["masthead.db", "keys"];

/// Refuses a folder that belongs to a publication. Returns `true` if a demonstration was made there before.
///
/// # Errors
///
/// Returns an error that says what to do.
pub fn refuse_publication(dir: &Path) -> Result<bool, CliError> {
    let file = Folder::config_file(dir);
    match fs::read(&file) {
        Ok(config) if is_of_demo(&config) => Ok(true),
        Ok(_) => Err(CliError::new(format!(
            "the folder {} is that of a publication, and is not served as a demonstration, which shows the emails of its readers to \
             everybody; run masthead serve there, or name a new folder with --data (or MASTHEAD_DATA); if it was made by masthead demo, \
             put this line first in its masthead.toml: {FIRST_WORDS}",
            dir.display()
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => refuse_data(dir).map(|()| false),
        Err(error) => Err(CliError::new(format!("{} cannot be read: {error}", file.display()))),
    }
}

/// Refuses the data directory of a publication.
fn refuse_data(dir: &Path) -> Result<(), CliError> {
    if !DATA.iter().any(|name| dir.join(name).exists()) {
        return Ok(());
    }
    Err(CliError::new(format!(
        "the folder {} is the data directory of a publication; name a new folder for the demonstration with --data (or MASTHEAD_DATA)",
        dir.display()
    )))
}

fn is_of_demo(config: &[u8]) -> bool {
    config.split(|byte| *byte == b'\n').any(|line| line.starts_with(FIRST_WORDS.as_bytes()))
}

/// Adds to an error in an earlier demonstration what else can be done.
pub fn in_earlier(dir: &Path, error: &CliError) -> CliError {
    CliError::new(format!(
        "{error}\nThe demonstration in {0} was made before, perhaps by another version. If you don't need what is in it, delete the folder, \
         or name another with --data, and begin a new one.",
        dir.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::demo::text;

    #[test]
    fn the_demonstration_is_known_by_its_configuration() {
        let config = text("masthead.toml").expect("a configuration");
        assert!(is_of_demo(config.as_bytes()));
        assert!(is_of_demo(format!("\n# My notes\n{config}").as_bytes()));
        assert!(!is_of_demo(b"[publication]\nname = \"The Paper\"\n"));
    }
}
