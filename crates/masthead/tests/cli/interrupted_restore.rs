//! A restore that is killed at any moment leaves nothing, or says what to do; and never a publication that charges readers.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use masthead_test_support::postgres;

use crate::workshop::Workshop;

/// How often a restore is killed after some time.
const KILLS: u32 = 12;

/// When a restore is killed.
enum Moment {
    After(Duration),
    /// As soon as something is in its folder.
    Once(fn(&Path) -> bool),
}

fn has_hidden_folder(dir: &Path) -> bool {
    let mut names =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.any(|name| name.to_string_lossy().starts_with(".restore-"))
}

/// The steps of a restore, as they are seen from outside.
const STEPS: [fn(&Path) -> bool; 4] = [
    Path::exists,
    has_hidden_folder,
    |dir| dir.join("data").exists() || dir.join("theme").exists(),
    |dir| dir.join("masthead.toml").exists(),
];

struct Restore<'a> {
    workshop: &'a Workshop,
    dir: PathBuf,
    database: Option<String>,
}

impl Restore<'_> {
    fn arguments(&self) -> Vec<&str> {
        let mut arguments = vec!["--dir", self.dir.to_str().expect("UTF-8")];
        if let Some(database) = &self.database {
            arguments.extend(["--database", database]);
        }
        arguments
    }

    fn with(&self, rest: &[&'static str]) -> Vec<&str> {
        [self.arguments(), rest.to_vec()].concat()
    }

    fn kill(&self, moment: &Moment) {
        let mut command = self.workshop.command(&self.with(&["restore", "paper.tar.zst"]));
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program");
        let begun = Instant::now();
        while child.try_wait().expect("a state").is_none() {
            let is_now = match moment {
                Moment::After(time) => begun.elapsed() >= *time,
                Moment::Once(is_now) => is_now(&self.dir),
            };
            if is_now {
                break;
            }
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
    }

    /// Checks what a killed restore has left. Returns whether it was complete.
    fn check(&self) -> bool {
        if self.dir.join("masthead.toml").exists() {
            assert!(self.workshop.does(&self.with(&["reconcile"])).contains("Everything agrees"));
            let activated = self.workshop.does(&self.with(&["activate"]));
            assert!(
                activated.contains("This is now the publication"),
                "it was a copy: {activated}"
            );
            return true;
        }
        if has_hidden_folder(&self.dir) {
            for command in [&["list"][..], &["serve"], &["doctor"], &["restore", "paper.tar.zst"]] {
                let said = self.workshop.run(&self.with(command));
                assert!(!said.good);
                let said = said.out + &said.err;
                assert!(
                    said.contains("was interrupted; if none runs, delete"),
                    "{command:?}: {said}"
                );
            }
        }
        false
    }

    /// Does what the message says.
    fn again(mut self) {
        if self.dir.exists() {
            fs::remove_dir_all(&self.dir).expect("deleted");
        }
        let said = self.workshop.run(&self.with(&["restore", "paper.tar.zst"]));
        if !said.good {
            assert!(said.err.contains("the database is not empty"), "{}", said.err);
            self.database = Some(postgres::database());
            self.workshop.does(&self.with(&["restore", "paper.tar.zst"]));
        }
        assert!(self.check());
    }
}

/// A publication with a backup.
fn paper() -> Workshop {
    let workshop = Workshop::that_sells();
    workshop.does(&["publish", "first-article.md"]);
    workshop.does(&["subscription", "begin", "ada@example.org", "web-yearly", "--paid"]);
    workshop.does(&["theme", "copy"]);
    workshop.does(&["backup", "paper.tar.zst"]);
    workshop
}

/// Kills a restore at all moments.
fn kill_at_all_moments(database: impl Fn() -> Option<String>) {
    let workshop = paper();
    let into = |name: &str| {
        let (dir, database) = (workshop.path(name), database());
        Restore { workshop: &workshop, dir, database }
    };
    let (whole, begun) = (into("whole"), Instant::now());
    whole.kill(&Moment::After(Duration::MAX));
    let takes = begun.elapsed();
    assert!(whole.check(), "nobody has killed it");
    let after = (1..=KILLS).map(|part| Moment::After(takes * part / KILLS));
    for (number, moment) in after.chain(STEPS.map(Moment::Once)).enumerate() {
        let restore = into(&format!("new-{number}"));
        restore.kill(&moment);
        if !restore.check() {
            restore.again();
        }
    }
}

#[test]
fn a_restore_to_sqlite_that_is_killed_says_what_to_do() {
    kill_at_all_moments(|| None);
}

#[test]
fn a_restore_to_postgresql_that_is_killed_says_what_to_do() {
    kill_at_all_moments(|| Some(postgres::database()));
}
