//! A disk that fails for a while: nothing is skipped.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tantivy::{
    IndexSettings,
    directory::{
        Directory, FileHandle, RamDirectory, WatchCallback, WatchHandle, WritePtr,
        error::{DeleteError, OpenReadError, OpenWriteError},
    },
};

use super::*;

/// A directory in memory that writes nothing while it is full.
#[derive(Clone, Debug)]
struct Disk {
    files: RamDirectory,
    /// New files are refused.
    is_full: Arc<AtomicBool>,
    /// The file that says what is committed is refused.
    refuses_commits: Arc<AtomicBool>,
}

impl Disk {
    fn new() -> Self {
        let (is_full, refuses_commits) = (Arc::default(), Arc::default());
        Self { files: RamDirectory::create(), is_full, refuses_commits }
    }
}

fn full() -> io::Error {
    io::Error::from(io::ErrorKind::StorageFull)
}

impl Directory for Disk {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(OpenWriteError::wrap_io_error(full(), path.to_path_buf()));
        }
        self.files.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.files.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let is_commit = path == Path::new("meta.json");
        if is_commit && self.refuses_commits.load(Ordering::SeqCst) {
            return Err(full());
        }
        self.files.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    fn watch(&self, watch_callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(watch_callback)
    }
}

fn on(disk: &Disk) -> Index {
    let files = tantivy::Index::create(disk.clone(), schema(), IndexSettings::default());
    Index::of(files.expect("created"), "en", "4 en paragraphs:2").expect("an index")
}

/// Writes articles 1 to 3 and corrects the first while `fault` is set. Then the same is written again, as the task does.
fn everything_is_found_after(fault: impl Fn(&Disk) -> &AtomicBool) {
    let disk = Disk::new();
    let index = on(&disk);
    index.apply(some(), at(7, None)).expect("written");
    let correction =
        || vec![in_it(1, text("A tunnel", "Dark.", "")), IndexChange::Remove(ArticleId(3))];
    let later = |id| vec![in_it(id, text("A harp", "It is played.", ""))];
    fault(&disk).store(true, Ordering::SeqCst);
    for _ in 0..3 {
        index.apply(correction(), at(8, None)).expect_err("there is no room");
        index.apply(later(4), at(9, None)).expect_err("there is no room");
        assert_eq!(index.checkpoint().expect("a checkpoint"), at(7, None), "nothing is skipped");
    }
    assert_eq!(ids(&index, "bridge", &everything()), [1, 2], "what was committed is found");
    fault(&disk).store(false, Ordering::SeqCst);
    assert!(index.apply(correction(), at(8, None)).expect("written"));
    assert!(index.apply(later(4), at(9, None)).expect("written"));
    assert_eq!(index.checkpoint().expect("a checkpoint"), at(9, None));
    assert_eq!(ids(&index, "tunnel", &everything()), [1]);
    assert_eq!(ids(&index, "bridge", &everything()), [2]);
    assert_eq!(ids(&index, "harp", &everything()), [4]);
    assert_eq!(ids(&index, "soup", &everything()), Vec::<u32>::new());
}

#[test]
fn everything_is_found_after_the_disk_was_full() {
    everything_is_found_after(|disk| &disk.is_full);
}

#[test]
fn everything_is_found_after_commits_have_failed() {
    everything_is_found_after(|disk| &disk.refuses_commits);
}

#[test]
fn clearing_on_a_full_disk_skips_nothing() {
    let disk = Disk::new();
    let index = on(&disk);
    index.apply(some(), at(7, None)).expect("written");
    disk.refuses_commits.store(true, Ordering::SeqCst);
    index.clear().expect_err("there is no room");
    assert_eq!(index.checkpoint().expect("a checkpoint"), at(7, None));
    disk.refuses_commits.store(false, Ordering::SeqCst);
    assert!(index.clear().expect("cleared"));
    assert_eq!(index.checkpoint().expect("a checkpoint"), at(0, None));
    assert!(index.apply(some(), at(8, None)).expect("written"));
    assert_eq!(ids(&index, "bridge", &everything()), [1, 2]);
}

#[test]
fn the_contents_of_an_index_are_counted_without_a_lock() {
    let folder = tempfile::tempdir().expect("a directory");
    assert_eq!(IndexContents::of(folder.path()).expect("read"), None);
    let index = Index::open(folder.path(), "en", "paragraphs:2 abc").expect("an index");
    index.apply(some(), at(7, None)).expect("written");
    index.apply(vec![IndexChange::Remove(ArticleId(2))], at(8, None)).expect("written");
    let found = IndexContents::of(folder.path()).expect("read").expect("an index");
    assert_eq!((found.articles, found.checkpoint), (2, at(8, None)));
    assert!(found.is_current_format && found.is_of("abc") && !found.is_of("abd"));
}
