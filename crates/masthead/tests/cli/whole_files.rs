//! What lies in the data directory: a database that is complete in one file, the keys that belong to it, and the search index.

use std::{fs, path::Path, process::Command};

use crate::workshop::{Server, Workshop};

/// Stops a server as systemd does.
fn stop(mut server: Server) {
    assert!(server.get("/").contains("200 OK"), "it listens to signals by now");
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
    assert!(server.child.wait().expect("ended").success());
}

fn companions(data: &Path) -> Vec<String> {
    let names = fs::read_dir(data).expect("a folder").flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with("-wal") || name.ends_with("-shm")).collect()
}

#[test]
fn a_database_is_complete_in_one_file_once_nobody_uses_it() {
    let workshop = Workshop::new();
    workshop.does(&["publish", "first-article.md"]);
    assert_eq!(companions(&workshop.path("data")), Vec::<String>::new(), "after a command");
    let server = workshop.serve();
    workshop.write("two.md", "---\nheadline: Two\nsection: news\n---\nA second article.\n");
    workshop.does(&["publish", "two.md"]);
    assert!(!companions(&workshop.path("data")).is_empty(), "the server has it open");
    stop(server);
    assert_eq!(companions(&workshop.path("data")), Vec::<String>::new(), "after the server");
    workshop.refuses(&["publish", "nowhere.md"]);
    assert_eq!(companions(&workshop.path("data")), Vec::<String>::new(), "after an error");
    // The file alone is the publication.
    let copy = Workshop::new();
    fs::create_dir_all(copy.path("data")).expect("created");
    fs::copy(workshop.path("data/masthead.db"), copy.path("data/masthead.db")).expect("copied");
    fs::copy(workshop.path("data/keys"), copy.path("data/keys")).expect("copied");
    let listed = copy.does(&["list"]);
    assert!(listed.contains("Two"), "{listed}");
}

#[test]
fn lost_keys_are_not_replaced_in_silence() {
    let workshop = Workshop::new();
    stop(workshop.serve());
    let keys = workshop.path("data/keys");
    let own = fs::read_to_string(&keys).expect("keys");
    fs::remove_file(&keys).expect("removed");
    for command in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["publish", "first-article.md"],
        &["keys", "rotate"],
    ] {
        let said = workshop.refuses(command);
        assert!(said.contains("is missing, and the database was used with the keys"), "{said}");
        assert!(!keys.exists(), "{command:?}");
    }
    let said = workshop.run(&["doctor"]);
    assert!(!said.good && said.out.contains("masthead keys replace"), "{}", said.out);
    let said = workshop.refuses(&["keys", "replace"]);
    assert!(said.contains("authenticator apps") && said.contains("--accept-loss"), "{said}");
    assert!(!keys.exists());
    workshop.does(&["keys", "replace", "--accept-loss"]);
    assert_ne!(fs::read_to_string(&keys).expect("keys"), own);
    stop(workshop.serve());
    let said = workshop.run(&["doctor"]).out;
    assert!(said.contains("they can be read, and by nobody else"), "{said}");
    // The own keys are found after all: they are others by now.
    fs::write(&keys, own).expect("written");
    let said = workshop.run(&["doctor"]);
    assert!(!said.good && said.out.contains("not the keys that this database was used with"));
}

#[test]
fn keys_are_rotated_any_number_of_times_without_a_restart() {
    let workshop = Workshop::new();
    stop(workshop.serve());
    let first = fs::read_to_string(workshop.path("data/keys")).expect("keys");
    for _ in 0..4 {
        workshop.does(&["keys", "rotate"]);
    }
    let said = workshop.run(&["doctor"]).out;
    assert!(said.contains("they can be read, and by nobody else"), "{said}");
    assert!(!said.contains("this database was used with"), "{said}");
    stop(workshop.serve());
    // A server that lacks the new keys does not rotate its own.
    workshop.write("data/keys", &first);
    let said = workshop.refuses(&["keys", "rotate"]);
    assert!(said.contains("nothing was changed") && said.contains("copy data/keys"), "{said}");
    assert_eq!(fs::read_to_string(workshop.path("data/keys")).expect("keys"), first);
}

#[test]
fn the_key_of_digests_is_replaced_only_with_consent_and_while_no_server_runs() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let keys = || fs::read_to_string(workshop.path("data/keys")).expect("keys");
    let own = keys();
    let said = workshop.refuses(&["keys", "rotate", "--digests"]);
    assert!(said.contains("can begin a trial") && said.contains("--accept-loss"), "{said}");
    let said = workshop.refuses(&["keys", "rotate", "--digests", "--accept-loss"]);
    assert!(said.contains("stop it first"), "{said}");
    workshop.refuses(&["keys", "rotate", "--accept-loss"]);
    assert_eq!(keys(), own, "nothing was changed");
    stop(server);
    workshop.does(&["keys", "rotate", "--digests", "--accept-loss"]);
    let lines = |text: &str, is_digest: bool| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let found = lines.filter(|line| line.starts_with("digest ") == is_digest);
        found.map(str::to_owned).collect()
    };
    assert_eq!(lines(&keys(), false), lines(&own, false), "what seals stays");
    assert_ne!(lines(&keys(), true), lines(&own, true));
    assert_eq!(lines(&keys(), true).len(), 1);
    stop(workshop.serve());
    // A server with the former key says so, and the command can be repeated with any.
    let new = keys();
    workshop.write("data/keys", &own);
    let said = workshop.run(&["doctor"]);
    assert!(!said.good && said.out.contains("digests of former readers"), "{}", said.out);
    let said = workshop.refuses(&["keys", "rotate"]);
    assert!(said.contains("nothing was changed"), "{said}");
    workshop.write("data/keys", &new);
    workshop.does(&["keys", "rotate"]);
    workshop.write("data/keys", &own);
    let said = workshop.refuses(&["keys", "rotate", "--digests", "--accept-loss"]);
    assert!(said.contains("lacks the newest key"), "{said}");
}

#[test]
fn keys_of_an_earlier_version_are_rotated_and_keep_their_digests() {
    const FORGET: &str = "import sqlite3; database = sqlite3.connect('data/masthead.db'); \
        database.execute('UPDATE edition SET key_fingerprints = substr(key_fingerprints, 1, 32)'); database.commit()";
    let workshop = Workshop::new();
    stop(workshop.serve());
    let keys = || fs::read_to_string(workshop.path("data/keys")).expect("keys");
    let text = keys();
    let earlier: Vec<&str> = text.lines().filter(|line| !line.starts_with("digest")).collect();
    // As if an earlier version had begun the publication.
    workshop.write("data/keys", &earlier.join("\n"));
    let folder = workshop.path("");
    let made = Command::new("python3").args(["-c", FORGET]).current_dir(folder).status();
    assert!(made.expect("Python").success());
    stop(workshop.serve());
    let secret = earlier.last().and_then(|line| line.split(' ').nth(1)).expect("a key");
    for _ in 0..4 {
        workshop.does(&["keys", "rotate"]);
        assert!(keys().contains(&format!("digest {secret}")), "{}", keys());
    }
    stop(workshop.serve());
    let said = workshop.run(&["doctor"]).out;
    assert!(said.contains("they can be read, and by nobody else"), "{said}");
    assert!(!said.contains("digests of former readers"), "{said}");
}

#[test]
fn keys_are_replaced_only_while_no_server_has_the_lost_ones() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    fs::remove_file(workshop.path("data/keys")).expect("removed");
    let said = workshop.refuses(&["keys", "replace", "--accept-loss"]);
    assert!(said.contains("stop it first"), "{said}");
    assert!(!workshop.path("data/keys").exists());
    stop(server);
    workshop.does(&["keys", "replace", "--accept-loss"]);
}

#[test]
fn a_database_is_not_upgraded_while_its_server_is_not_stopped() {
    const FORGET: &str = "import sqlite3; database = sqlite3.connect('data/masthead.db'); \
        database.execute('DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)'); \
        database.commit()";
    let workshop = Workshop::new();
    let server = workshop.serve();
    let said = workshop.does(&["migrate"]);
    assert!(said.contains("up to date"), "nothing is to be done: {said}");
    // As if an older version had made it.
    let folder = workshop.path("");
    let made = Command::new("python3").args(["-c", FORGET]).current_dir(folder).status();
    assert!(made.expect("Python").success());
    let said = workshop.refuses(&["migrate"]);
    assert!(said.contains("stop it first"), "{said}");
    stop(server);
}

#[test]
fn doctor_counts_the_articles_in_the_search_index() {
    let workshop = Workshop::new();
    workshop.does(&["publish", "first-article.md"]);
    let said = workshop.run(&["doctor"]).out;
    assert!(said.contains("there is no index yet"), "{said}");
    let server = workshop.serve();
    server.wait_for("/readyz", |text| text.contains("search-index: ok, last success"));
    stop(server);
    let said = workshop.run(&["doctor"]).out;
    assert!(said.contains("the index has 1 of 1 published"), "{said}");
}
