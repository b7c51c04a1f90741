//! What is on the disk, and so stays after a power cut, before a command goes on: the order of its calls to the system.

use std::{fs, process::Command};

use masthead_test_support::postgres;

use crate::{programs::is_there, workshop::Workshop};

const CALLS: &str = "trace=fsync,fdatasync,pwrite64,rename,renameat,renameat2,sendto,write";

/// Runs a command that must succeed, and returns its calls in order.
fn calls_of(workshop: &Workshop, arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-e", CALLS, "-o", "calls", env!("CARGO_BIN_EXE_masthead")]);
    let output = command.args(arguments).current_dir(workshop.path("")).output().expect("strace");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let calls = fs::read_to_string(workshop.path("calls")).expect("the calls");
    calls.lines().map(str::to_owned).collect()
}

fn is_sync_of(call: &str, file: &str) -> bool {
    call.contains("sync(") && call.contains(&format!("{file}>"))
}

#[test]
fn a_moved_database_is_marked_as_a_copy_on_the_disk_before_the_new_one_is_there() {
    if !is_there("strace") {
        return;
    }
    let workshop = Workshop::new();
    workshop.does(&["publish", "first-article.md"]);
    let url = postgres::database();
    assert!(url.contains("sslmode=disable"), "otherwise the commit is not seen: {url}");
    let calls = calls_of(&workshop, &["database", "move", &url]);
    let commit = calls.iter().rposition(|call| call.contains("COMMIT")).expect("a commit");
    let is_mark = |call: &String| call.contains("pwrite64(") && call.contains("masthead.db-wal>");
    let mark = calls[..commit].iter().rposition(is_mark).expect("the mark");
    let synced = calls[mark..commit].iter().any(|call| is_sync_of(call, "masthead.db-wal"));
    assert!(synced, "{:#?}", &calls[mark..=commit]);
}

#[test]
fn new_keys_have_their_name_on_the_disk_before_anything_is_sealed_with_them() {
    if !is_there("strace") {
        return;
    }
    let workshop = Workshop::new();
    workshop.does(&["migrate"]);
    let calls = calls_of(&workshop, &["keys", "rotate"]);
    let renamed = |call: &String| call.contains("rename") && call.contains("/keys\"");
    let renamed = calls.iter().position(renamed).expect("the new file");
    assert!(calls[..renamed].iter().any(|call| call.contains("fsync(")), "its content");
    assert!(calls[renamed..].iter().any(|call| is_sync_of(call, "/data")), "{calls:#?}");
}

#[test]
fn a_backup_has_its_name_on_the_disk_when_it_is_reported() {
    if !is_there("strace") {
        return;
    }
    let workshop = Workshop::new();
    workshop.does(&["migrate"]);
    fs::create_dir(workshop.path("backups")).expect("a folder");
    let calls = calls_of(&workshop, &["backup", "backups/paper.tar.zst"]);
    let said = calls.iter().rposition(|call| call.contains("paper.tar.zst has")).expect("said");
    assert!(calls[..said].iter().any(|call| is_sync_of(call, "/backups")), "{calls:#?}");
}
