//! The security log: what a line says, and that it survives rotation.

#![allow(clippy::expect_used, clippy::panic)]

use std::{
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use masthead_telemetry::{
    lines::{AppendFile, LineWriter, LineWriterError},
    security::{SecurityEntry, SecurityEvent, SecurityLog, SecurityOrigin},
};

fn log_to(path: &Path) -> SecurityLog {
    let file = AppendFile::open(path.to_path_buf()).expect("a file");
    SecurityLog::to(LineWriter::start("security-log", file).expect("a thread"))
}

fn origin() -> SecurityOrigin {
    SecurityOrigin { network: Some("203.0.113.0/24".to_owned()), request: Some("abc".to_owned()) }
}

#[test]
fn an_entry_is_one_line_of_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("security.log");
    let log = log_to(&path);
    let origin = origin();
    let entry = SecurityEntry::failure(SecurityEvent::SignIn, &origin).detail("code").by(7);
    log.record(&entry.subject(Some("account:8".to_owned())));
    log.flush();
    let text = fs::read_to_string(&path).expect("a line");
    let (_, rest) = text.split_once("Z\",").expect("a time");
    assert!(text.starts_with("{\"time\":\"2"), "{text}");
    assert_eq!(
        rest,
        "\"event\":\"sign-in\",\"outcome\":\"failure\",\"detail\":\"code\",\"account\":7,\
         \"subject\":\"account:8\",\"network\":\"203.0.113.0/24\",\"request\":\"abc\"}\n"
    );
}

#[test]
fn a_renamed_file_is_begun_again_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, old) = (folder.path().join("security.log"), folder.path().join("security.log.1"));
    let log = log_to(&path);
    let record = || {
        log.record(&SecurityEntry::success(SecurityEvent::Exported, &SecurityOrigin::default()));
        log.flush();
    };
    record();
    fs::rename(&path, &old).expect("renamed");
    record();
    record();
    let lines = |path: &Path| fs::read_to_string(path).expect("a file").lines().count();
    assert_eq!((lines(&old), lines(&path)), (1, 2));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

/// An output that takes nothing if it is `FULL`, and breaks if it is `BROKEN`.
struct Output(Arc<AtomicU8>);

const FULL: u8 = 1;
const BROKEN: u8 = 2;

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.load(Ordering::SeqCst) {
            FULL => Err(io::Error::other("the disk is full")),
            BROKEN => panic!("the output breaks"),
            _ => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_check_says_that_lines_are_not_written_and_that_they_are_again() {
    let state = Arc::new(AtomicU8::new(FULL));
    let writer = LineWriter::start("access-log", Output(Arc::clone(&state))).expect("a thread");
    writer.check().await.expect("nothing to write");
    assert!(writer.add("a line".to_owned()));
    let error = writer.check().await.expect_err("it is not written");
    assert_eq!(error.to_string(), "lines cannot be written: the disk is full");
    state.store(0, Ordering::SeqCst);
    writer.check().await.expect("it is written");
    state.store(BROKEN, Ordering::SeqCst);
    writer.add("another".to_owned());
    assert!(matches!(writer.check().await, Err(LineWriterError::Ended)));
}

#[test]
fn every_event_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> =
        SecurityEvent::ALL.into_iter().map(SecurityEvent::name).collect();
    assert_eq!(names.len(), SecurityEvent::ALL.len());
}

#[test]
fn the_guide_names_every_event_in_this_order() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/security.md");
    let guide = fs::read_to_string(guide).expect("the guide");
    let (_, table) = guide.split_once("| event | when | detail |").expect("a table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with("| `"));
    let named: Vec<&str> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    let events: Vec<&str> = SecurityEvent::ALL.into_iter().map(SecurityEvent::name).collect();
    assert_eq!(named, events);
}
