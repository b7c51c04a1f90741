//! The directories in which a publication has stored its data, recorded beside its configuration.
//!
//! A data directory without database and keys is new, or its disk is not mounted. Without the record a server would begin an empty
//! publication in the second case, and tell crawlers that every article is gone.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf, absolute},
};

use tempfile::NamedTempFile;

use crate::error::CliError;

/// The name of the record, in the folder of `masthead.toml`.
const NAME: &str = ".masthead-data";
const EXPLANATION: &str = "\
# The directories in which this publication has stored its data. If one of them is empty, Masthead asks whether its disk is mounted,
# and begins no new publication there. To begin one, delete its line.
";

/// Refuses to begin a new publication where this one has stored its data already.
///
/// # Errors
///
/// Returns an error that says what to do.
pub fn refuse_recorded(root: &Path, data: &Path) -> Result<(), CliError> {
    let (record, data) = (root.join(NAME), place(data));
    if !recorded(&record).iter().any(|line| Path::new(line) == data) {
        return Ok(());
    }
    Err(CliError::new(format!(
        "the data directory {} has neither database nor keys, and this publication has stored its data there; is its disk mounted? \
         If the data is lost, restore a backup; to begin a new, empty publication there, delete its line in {}",
        data.display(),
        record.display()
    )))
}

/// Records that a publication has stored its data there. A folder that cannot be written has no record.
pub fn record(root: &Path, data: &Path) {
    let (file, data) = (root.join(NAME), place(data));
    let lines = recorded(&file);
    let line = data.display().to_string();
    // The record would be on the same disk.
    if lines.contains(&line) || data == place(root) {
        return;
    }
    if let Err(error) = write(root, &file, lines, line) {
        let path = file.display();
        tracing::info!(%error, %path, "data: not recorded, so a disk that is not mounted is not noticed at the next start");
    }
}

fn write(root: &Path, file: &Path, lines: Vec<String>, line: String) -> io::Result<()> {
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let mut new = NamedTempFile::new_in(root)?;
    new.write_all(EXPLANATION.as_bytes())?;
    for line in lines.into_iter().chain([line]) {
        writeln!(new, "{line}")?;
    }
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}

fn recorded(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// The directory by its whole name, whatever it is when a disk is not mounted.
fn place(path: &Path) -> PathBuf {
    let path = absolute(path).unwrap_or_else(|_| path.to_path_buf());
    // `absolute` keeps what `Path` compares as equal and displays in two ways, such as a slash at the end.
    path.components().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_directory_that_was_used_is_refused() {
        let root = tempfile::tempdir().expect("a folder");
        let (used, other) = (root.path().join("data"), root.path().join("other"));
        assert!(refuse_recorded(root.path(), &used).is_ok());
        record(root.path(), &used);
        record(root.path(), &used);
        let refused = refuse_recorded(root.path(), &root.path().join("./data/")).expect_err("used");
        assert!(refused.to_string().contains("is its disk mounted?"), "{refused}");
        assert!(refuse_recorded(root.path(), &other).is_ok());
        record(root.path(), &other);
        assert!(refuse_recorded(root.path(), &used).is_err(), "both are recorded");
        assert_eq!(recorded(&root.path().join(NAME)).len(), 2);
        fs::remove_file(root.path().join(NAME)).expect("deleted");
        assert!(refuse_recorded(root.path(), &used).is_ok());
    }

    #[test]
    fn a_publication_that_is_its_own_data_directory_has_no_record() {
        let root = tempfile::tempdir().expect("a folder");
        record(root.path(), root.path());
        assert!(!root.path().join(NAME).exists());
    }
}
