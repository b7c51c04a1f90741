//! Tests of whole archives.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use super::*;

const PASSPHRASE: &str = "correct horse battery";

fn manifest() -> Manifest {
    Manifest {
        format: FORMAT,
        masthead: "1.2.3".into(),
        made: "2026-11-26T09:00:00Z".into(),
        migrations: vec!["m0001".into()],
        pictures: true,
    }
}

/// Content that does not compress, longer than several chunks (Marsaglia, Xorshift RNGs).
fn noise() -> Vec<u8> {
    let mut state = 1_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    };
    (0..200_000).map(next).collect()
}

fn write(folder: &Path, passphrase: Option<&str>, manifest: &Manifest) -> PathBuf {
    let path = folder.join("backup");
    let mut archive =
        ArchiveWriter::new(File::create(&path).expect("a file"), passphrase, manifest)
            .expect("begun");
    archive.append("files/masthead.toml", b"[publication]").expect("added");
    archive.append(&format!("pictures/{}.png", "long".repeat(50)), &noise()).expect("added");
    let rows = [("pieces".to_owned(), 7)].into();
    archive.finish(Contents { rows, ..Contents::default() }).expect("finished");
    path
}

fn check(path: &Path, passphrase: Option<&str>) -> Result<(Manifest, Contents, Vec<u8>), String> {
    verify(path, passphrase, "files/masthead.toml").map_err(|error| error.to_string())
}

#[test]
fn an_archive_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    for passphrase in [None, Some(PASSPHRASE)] {
        let path = write(folder.path(), passphrase, &manifest());
        let (read, contents, config) = check(&path, passphrase).expect("verified");
        assert_eq!((read, config), (manifest(), b"[publication]".to_vec()));
        assert_eq!((contents.rows["pieces"], contents.entries.len()), (7, 3));
    }
}

#[test]
fn an_archive_that_was_cut_short_or_changed_is_refused_wherever_that_is() {
    let folder = tempfile::tempdir().expect("a folder");
    for passphrase in [None, Some(PASSPHRASE)] {
        let path = write(folder.path(), passphrase, &manifest());
        let whole = fs::read(&path).expect("read");
        for place in [0, 30, 100, whole.len() / 2, whole.len() - 70_000, whole.len() - 1] {
            fs::write(&path, &whole[..place]).expect("cut");
            check(&path, passphrase).expect_err("cut short");
            let mut changed = whole.clone();
            changed[place] ^= 4;
            fs::write(&path, changed).expect("changed");
            check(&path, passphrase).expect_err("changed");
        }
        fs::write(&path, [&whole[..], b"more"].concat()).expect("longer");
        check(&path, passphrase).expect_err("something follows");
    }
}

#[test]
fn an_encrypted_archive_needs_its_passphrase() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), Some(PASSPHRASE), &manifest());
    assert!(check(&path, None).expect_err("none").contains("--passphrase-file"));
    let wrong = check(&path, Some("correct horse batteries")).expect_err("wrong");
    assert!(wrong.contains("check the passphrase"), "{wrong}");
    let file = File::create(folder.path().join("short")).expect("a file");
    let short = ArchiveWriter::new(file, Some("short"), &manifest()).err().expect("too short");
    assert!(short.to_string().contains("at least 12"), "{short}");
}

#[test]
fn an_archive_of_a_newer_version_and_other_files_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let newer = Manifest { format: FORMAT + 1, masthead: "9.0".into(), ..manifest() };
    let path = write(folder.path(), None, &newer);
    assert!(check(&path, None).expect_err("newer").contains("Masthead 9.0"));
    fs::write(&path, "PK\u{3}\u{4}").expect("written");
    assert!(check(&path, None).expect_err("other").contains("not a backup"));
}
