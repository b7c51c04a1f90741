//! Commands that an administrator runs as root by mistake: the server is another user, and could not use the files of root. The tests
//! may run as another user, who cannot give files away; they are then left out, and say so.

use std::{
    fs,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
};

use crate::workshop::{Server, Workshop};

/// Who the server runs as.
const OTHER: u32 = 65_534;

/// Every file and folder below a folder, and the folder itself.
fn all_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_path_buf()];
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(all_below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// Gives everything to the user of the server. Returns `false` if these tests do not run as root.
fn give_away(folder: &Path) -> bool {
    let given = all_below(folder).iter().all(|path| chown(path, Some(OTHER), Some(OTHER)).is_ok());
    if !given {
        eprintln!("left out: only root can give files away");
    }
    given
}

fn assert_nothing_is_roots(folder: &Path, command: &[&str]) {
    for path in all_below(folder) {
        let owner = fs::metadata(&path).expect("a file").uid();
        assert_eq!(owner, OTHER, "{command:?}: root has created {}", path.display());
    }
}

/// A publication that belongs to another user, with an article, a picture folder and a reader.
fn publication() -> Option<Workshop> {
    let workshop = Workshop::that_sells();
    workshop.does(&["publish", "first-article.md"]);
    workshop.does(&["subscription", "begin", "ada@example.org", "web-yearly", "--paid"]);
    fs::create_dir_all(workshop.path("data/media")).expect("a folder");
    give_away(&workshop.path("")).then_some(workshop)
}

/// The names of all commands, from the help.
fn commands(workshop: &Workshop) -> Vec<String> {
    let help = workshop.does(&["--help"]);
    let (_, list) = help.split_once("Commands:\n").expect("the commands");
    let names = list.lines().take_while(|line| !line.is_empty());
    let mut names: Vec<String> = names
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    names.retain(|name| name != "help");
    names
}

/// Commands that would create a file in a folder of the other user.
const REFUSED: [&[&str]; 20] = [
    &["migrate"],
    &["publish", "first-article.md"],
    &["subscription", "begin", "bo@example.org", "web-yearly", "--paid"],
    &["staff", "link", "owner"],
    &["sessions", "end", "--all"],
    &["import", "wordpress", "archive.xml"],
    &["reconcile"],
    &["export", "readers", "readers.csv"],
    &["export", "readers", "new.csv", "--force"],
    &["pictures", "upload"],
    &["theme", "copy"],
    &["theme", "emails", "emails"],
    &["keys", "rotate"],
    &["keys", "replace", "--accept-loss"],
    &["backup", "backup.tar.zst"],
    &["database", "move", "postgres://127.0.0.1:1/paper"],
    &["init", "another"],
    &["man", "manual"],
    &["--dir", "restored", "restore", "/OUTSIDE/backup.tar.zst"],
    &["readers", "data", "ada@example.org"],
];

/// Commands that create none there. SQLite gives what it creates to the owner of the database.
const HARMLESS: [&[&str]; 14] = [
    &["check"],
    &["clock", "confirm"],
    &["doctor"],
    &["list"],
    &["outbox"],
    &["subscription", "list"],
    &["staff", "list"],
    &["withdraw", "first-article"],
    &["readers", "find", "ada@example.org"],
    &["export", "readers", "/OUTSIDE/readers.csv"],
    &["backup", "/OUTSIDE/another.tar.zst"],
    &["backup", "-"],
    &["activate"],
    &["completions", "bash"],
];

#[test]
fn root_writes_nothing_where_the_server_is_another_user() {
    let Some(workshop) = publication() else { return };
    let outside = tempfile::tempdir().expect("a folder");
    let outside = outside.path().to_str().expect("UTF-8");
    workshop.does(&["backup", &format!("{outside}/backup.tar.zst")]);
    let named: Vec<&str> =
        REFUSED.iter().chain(&HARMLESS).flat_map(|line| line.iter().copied()).collect();
    for name in commands(&workshop) {
        let is_tried = named.contains(&name.as_str()) || ["serve", "demo"].contains(&name.as_str());
        assert!(is_tried, "{name} is not tried as root");
    }
    for (lines, is_refused) in [(&REFUSED[..], true), (&HARMLESS[..], false)] {
        for line in lines {
            let line: Vec<String> =
                line.iter().map(|word| word.replace("/OUTSIDE", outside)).collect();
            let line: Vec<&str> = line.iter().map(String::as_str).collect();
            let said = workshop.run(&line);
            assert_nothing_is_roots(&workshop.path(""), &line);
            let refuses = said.err.contains("run the command as that user");
            assert_eq!(refuses, is_refused, "{line:?}: {} {}", said.out, said.err);
        }
    }
    let doctor = workshop.does(&["doctor"]);
    assert!(doctor.contains("and this is root"), "{doctor}");
    let remedy = doctor.lines().find(|line| line.contains("masthead staff link owner"));
    assert!(remedy.is_some_and(|line| line.contains("run: sudo -u ")), "{doctor}");
}

#[test]
fn root_starts_no_server_where_the_server_is_another_user() {
    let Some(workshop) = publication() else { return };
    workshop.set("server", "security_log = \"security.log\"");
    assert!(give_away(&workshop.path("")));
    let demo = workshop.path("demo");
    fs::create_dir(&demo).expect("a folder");
    assert!(give_away(&demo));
    let demo = demo.to_str().expect("UTF-8");
    let listen = ["--listen", "127.0.0.1:0"];
    for line in [&["serve"][..], &["demo", "--data", demo]] {
        let line = &[line, &listen].concat()[..];
        assert!(Server::try_start(workshop.command(line)).is_none(), "{line:?} has started");
        assert_nothing_is_roots(&workshop.path(""), line);
    }
}
