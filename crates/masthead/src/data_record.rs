//! The directories in which a publication has stored its data, recorded beside its configuration.
//!
//! A data directory without database and keys is new, or its disk is not mounted; and an empty database is new, or the data is lost or the
//! URL names another. Without the record a server would begin an empty publication in each second case, and tell crawlers that
//! every article is gone.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf, absolute},
};

use masthead_store::Location;
use tempfile::NamedTempFile;

use crate::error::CliError;

/// The name of the record, in the folder of `masthead.toml`.
const NAME: &str = ".masthead-data";
const EXPLANATION: &str = "\
# The directories in which this publication has stored its data. If one of them or the database is empty, Masthead says so, and begins
# no new publication there. To begin one, delete the line of the directory.
";

/// Whether this publication has stored its data there.
pub fn is_recorded(root: &Path, data: &Path) -> bool {
    let data = place(data);
    recorded(&root.join(NAME)).iter().any(|line| Path::new(line) == data)
}

/// Says that the data directory is empty where this publication has stored its data, and what to do.
pub fn unmounted(root: &Path, data: &Path) -> CliError {
    CliError::new(format!(
        "the data directory {} has neither database nor keys, and this publication has stored its data there; is its disk mounted? \
         If the data is lost, restore a backup; to begin a new, empty publication there, delete its line in {}",
        place(data).display(),
        place(&root.join(NAME)).display()
    ))
}

/// Says that the database is missing or empty although this publication has had one, and what to do.
pub fn database_lost(root: &Path, data: &Path, location: &Location) -> CliError {
    let (is, check) = match location {
        Location::Sqlite(path) if !path.exists() => ("missing", "that the file was not moved"),
        Location::Sqlite(_) => ("empty", "the disk"),
        Location::Postgres(_) => ("empty", "the name of the database in the URL"),
    };
    CliError::new(format!(
        "the database {location} is {is}, and this publication has had one; check {check}; if the data is lost, restore a backup; to begin \
         a new, empty publication, delete the line {} in {}",
        place(data).display(),
        place(&root.join(NAME)).display()
    ))
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
    if let Err(error) = write(root, &file, lines.into_iter().chain([line])) {
        let path = file.display();
        tracing::info!(%error, %path, "data: not recorded, so a disk that is not mounted is not noticed at the next start");
    }
}

/// Removes the record of a data directory, whose database is about to be begun again.
pub fn forget(root: &Path, data: &Path) -> io::Result<()> {
    let (file, data) = (root.join(NAME), place(data));
    let mut lines = recorded(&file);
    let count = lines.len();
    lines.retain(|line| Path::new(line) != data);
    if lines.len() == count { Ok(()) } else { write(root, &file, lines) }
}

fn write(root: &Path, file: &Path, lines: impl IntoIterator<Item = String>) -> io::Result<()> {
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let mut new = NamedTempFile::new_in(root)?;
    new.write_all(EXPLANATION.as_bytes())?;
    for line in lines {
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
        assert!(!is_recorded(root.path(), &used));
        record(root.path(), &used);
        record(root.path(), &used);
        assert!(is_recorded(root.path(), &root.path().join("./data/")));
        assert!(!is_recorded(root.path(), &other));
        record(root.path(), &other);
        assert!(is_recorded(root.path(), &used), "both are recorded");
        assert_eq!(recorded(&root.path().join(NAME)).len(), 2);
        forget(root.path(), &other).expect("written");
        assert!(!is_recorded(root.path(), &other) && is_recorded(root.path(), &used));
        fs::remove_file(root.path().join(NAME)).expect("deleted");
        assert!(!is_recorded(root.path(), &used));
    }

    #[test]
    fn a_publication_that_is_its_own_data_directory_has_no_record() {
        let root = tempfile::tempdir().expect("a folder");
        record(root.path(), root.path());
        assert!(!root.path().join(NAME).exists());
    }
}
