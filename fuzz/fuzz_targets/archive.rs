//! A backup that was changed anywhere is refused, or has what it had; the entries of any other file stay in their folder.
#![no_main]

use std::{
    fs::{self, File},
    sync::LazyLock,
};

use libfuzzer_sys::fuzz_target;
use masthead_archive::{ArchiveReader, ArchiveWriter, Contents, Manifest, verify};
use tempfile::NamedTempFile;

const NAME: &str = "files/masthead.toml";
const CONTENT: &[u8] = b"[publication]\nname = \"My Paper\"\n";

static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let file = NamedTempFile::new().expect("a file");
    let manifest = Manifest {
        format: 1,
        masthead: "1.2.3".into(),
        made: "2026-11-26T09:00:00Z".into(),
        migrations: vec!["m0001".into()],
        pictures: true,
    };
    let writer = File::create(file.path()).expect("a file");
    let mut archive = ArchiveWriter::new(writer, None, &manifest).expect("begun");
    archive.append(NAME, CONTENT).expect("added");
    archive.finish(Contents::default()).expect("finished");
    fs::read(file.path()).expect("read")
});

/// The backup with changes: each is a place and what is there instead.
fn changed(changes: &[u8]) -> Vec<u8> {
    let mut content = WHOLE.clone();
    for change in changes.chunks_exact(3) {
        let place = usize::from(u16::from_be_bytes([change[0], change[1]])) % content.len();
        content[place] = change[2];
    }
    content
}

fuzz_target!(|input: &[u8]| {
    let file = NamedTempFile::new().expect("a file");
    fs::write(file.path(), changed(input)).expect("written");
    if let Ok((_, _, found)) = verify(file.path(), None, NAME) {
        assert_eq!(found, CONTENT);
    }
    fs::write(file.path(), input).expect("written");
    let Ok(mut archive) = ArchiveReader::open(file.path(), None) else { return };
    let Ok(entries) = archive.entries() else { return };
    for entry in entries.map_while(Result::ok) {
        assert!(!entry.name.starts_with('/') && entry.name.split('/').all(|part| part != ".."));
    }
});
