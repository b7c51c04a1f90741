//! A disk that is full for a while.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::{
    meter::Reader,
    paper::Paper,
    publishing::Writer,
    rounds::{Tally, pause, rounds},
};

/// The size of the disk.
const SIZE: &str = "size=48m,mode=700";
/// How long the server has to write what it could not.
const CATCH_UP: Duration = Duration::from_secs(3);

/// A small disk in memory.
struct Disk {
    path: PathBuf,
}

impl Disk {
    /// Returns `None` where file systems cannot be mounted.
    fn mount(path: PathBuf) -> Option<Self> {
        fs::create_dir_all(&path).expect("created");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(&path).stderr(Stdio::null());
        if !mount.status().is_ok_and(|status| status.success()) {
            eprintln!("left out: file systems can only be mounted by root");
            return None;
        }
        Some(Self { path })
    }

    /// Writes until there is no room.
    fn fill(&self) {
        let mut file = File::create(self.filler()).expect("created");
        for size in [1 << 20, 4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }

    fn free(&self) {
        fs::remove_file(self.filler()).expect("removed");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a server may not have ended yet.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

/// Works while the disk is full. Returns how much was published all the same.
fn go_on(writer: &mut Writer, reader: &mut Reader) -> usize {
    let published = (0..6).filter(|_| {
        pause(100);
        writer.write().is_some()
    });
    let published = published.count();
    // Readers are served, whatever the disk.
    reader.read().expect("the article");
    published
}

/// Checks that the search finds the version that was published last.
fn find(paper: &Paper, writer: &Writer) {
    let address = format!("/search?q=%22version+{}%22", writer.published);
    let found = (0..100).any(|_| {
        pause(200);
        let page = paper.client(1).get(&address);
        page.is_some_and(|page| page.body.contains("/news/the-story"))
    });
    assert!(found, "the search finds version {}", writer.published);
}

#[test]
fn nothing_acknowledged_is_lost_while_the_disk_is_full() {
    let mut tally = Tally::new("disk full");
    let paper = Paper::new(None);
    let Some(disk) = Disk::mount(paper.workshop.path("data")) else { return };
    let rounds = rounds(3);
    paper.publish(rounds + 1);
    let mut node = paper.start();
    let mut writer = Writer::new(&paper);
    let mut reader = Reader::new(&paper, 1);
    writer.write().expect("published");
    for _ in 0..rounds {
        disk.fill();
        let published = go_on(&mut writer, &mut reader);
        assert!(node.is_running(), "a full disk does not end the server");
        disk.free();
        thread::sleep(CATCH_UP);
        let written = (0..50).any(|_| writer.write().is_some());
        assert!(written, "everything works again");
        find(&paper, &writer);
        node.kill();
        node = paper.start();
        reader.check();
        writer.check(&paper);
        find(&paper, &writer);
        tally.add("times full", 1);
        tally.add("publications while it was", published);
    }
    assert_free(&disk.path);
    paper.assert_no_panic();
}

/// Checks that nothing unfinished is left, which would fill the disk in time.
fn assert_free(path: &Path) {
    let names = fs::read_dir(path).expect("a folder").flatten().map(|entry| entry.file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains("tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}
