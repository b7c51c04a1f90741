//! The file that a backup, an export or keys are written to until they are complete. Its name begins with that of the file in whose
//! place it is put, so that what deletes old backups deletes it too, and the next one removes what one that was killed has left.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tempfile::NamedTempFile;

/// What follows the name of the file, before six random characters.
const UNFINISHED: &str = ".unfinished-";
const RANDOM_CHARACTERS: usize = 6;
/// A younger file may be one that has not been locked yet.
const MIN_AGE: Duration = Duration::from_mins(1);

/// Creates the temporary file of `file` in its folder, and locks it for as long as it is open.
pub fn create(file: &Path) -> io::Result<NamedTempFile> {
    let mut prefix = file.file_name().unwrap_or_default().to_owned();
    prefix.push(UNFINISHED);
    let unfinished = tempfile::Builder::new()
        .prefix(&prefix)
        .rand_bytes(RANDOM_CHARACTERS)
        .tempfile_in(folder_of(file))?;
    // Some file systems have no locks. What is left there stays until somebody deletes it.
    let _ = unfinished.as_file().try_lock();
    Ok(unfinished)
}

/// The folder that a file is in.
pub fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Deletes what is left in this folder of commands that were killed. Returns the files.
pub fn remove_abandoned(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let unfinished = entries.filter(|entry| is_unfinished(&entry.file_name()));
    let abandoned = unfinished.map(|entry| entry.path()).filter(|path| is_abandoned(path));
    abandoned.filter(|path| fs::remove_file(path).is_ok()).collect()
}

fn is_unfinished(name: &OsStr) -> bool {
    let random = name.to_str().and_then(|name| name.rsplit_once(UNFINISHED));
    random.is_some_and(|(file, random)| {
        !file.is_empty()
            && random.len() == RANDOM_CHARACTERS
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Whether no command writes it: a running one has a lock on it.
fn is_abandoned(path: &Path) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|found| {
        let age = found.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        found.is_file() && age.is_some_and(|age| age > MIN_AGE)
    });
    is_file && File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder").flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn make_old(path: &Path) {
        let file = File::options().write(true).open(path).expect("a file");
        file.set_modified(SystemTime::now() - 2 * MIN_AGE).expect("an older file");
    }

    #[test]
    fn only_what_a_killed_backup_has_left_is_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let running = create(&folder.join("paper-2.tar.zst")).expect("a file");
        let name = running.path().file_name().expect("a name").to_string_lossy().into_owned();
        assert!(name.starts_with("paper-2.tar.zst.unfinished-"), "{name}");
        make_old(running.path());
        for name in ["paper-1.tar.zst.unfinished-Ab3dEf", "notes.unfinished-x", "paper-1.tar.zst"] {
            fs::write(folder.join(name), "text").expect("written");
            make_old(&folder.join(name));
        }
        fs::write(folder.join("paper-0.tar.zst.unfinished-Ab3dEf"), "new").expect("written");
        let removed = remove_abandoned(folder);
        assert_eq!(removed, [folder.join("paper-1.tar.zst.unfinished-Ab3dEf")]);
        let left = ["notes.unfinished-x", "paper-0.tar.zst.unfinished-Ab3dEf", "paper-1.tar.zst"];
        assert_eq!(names(folder), [&left[..], &[name.as_str()]].concat());
    }
}
