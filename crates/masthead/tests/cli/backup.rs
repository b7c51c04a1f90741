//! Backup, restore and moving to another database.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use masthead_test_support::postgres;

use crate::workshop::{Server, Workshop};

const BOAT: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40"><rect/></svg>"#;

/// A publication with an article, a picture, a subscription and a theme.
fn paper() -> Workshop {
    let workshop = Workshop::that_sells();
    workshop.write("boat.svg", BOAT);
    workshop.write(
        "ferry.md",
        "---\nheadline: Ferry\nsection: news\n---\n\nSee ![a boat](boat.svg \"Here\").\n",
    );
    workshop.does(&["publish", "ferry.md"]);
    workshop.does(&["subscription", "begin", "ada@example.org", "web-yearly", "--paid"]);
    workshop.does(&["theme", "copy"]);
    workshop
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A server of the publication in a folder.
fn serve(workshop: &Workshop, dir: &Path) -> Server {
    let arguments = ["--dir", text(dir), "serve", "--listen", "127.0.0.1:0"];
    Server::start(workshop.command(&arguments))
}

/// Checks that a restored publication is what [`paper`] has made.
fn check(workshop: &Workshop, dir: &Path, database: &[&str]) {
    let run =
        |arguments: &[&str]| workshop.does(&[&["--dir", text(dir)], database, arguments].concat());
    let readers = run(&["export", "readers"]);
    assert!(readers.contains("1,ada@example.org,"), "{readers}");
    let sold = run(&["subscription", "list"]);
    assert!(sold.starts_with("ada@example.org  S-1"), "{sold}");
    assert!(run(&["reconcile"]).contains("Everything agrees"));
    assert!(dir.join("theme/base.html").exists());
    let keys = fs::metadata(dir.join("data/keys")).expect("keys").permissions().mode();
    assert_eq!(keys & 0o777, 0o600);
    let arguments = [&["--dir", text(dir)], database, &["serve", "--listen", "127.0.0.1:0"]];
    let server = Server::start(workshop.command(&arguments.concat()));
    let page = server.get("/news/ferry");
    let picture = page.split("src=\"").find_map(|rest| rest.strip_prefix("/media/"));
    let picture = picture.and_then(|rest| rest.split('"').next()).expect("a picture");
    assert!(server.get(&format!("/media/{picture}")).ends_with(BOAT));
    server.wait_for("/search?q=ferry", |page| page.contains("1 result"));
}

fn hidden_files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a folder").flatten().map(|entry| entry.path());
    entries
        .filter(|path| path.file_name().is_some_and(|n| text(n.as_ref()).starts_with('.')))
        .collect()
}

#[test]
fn a_backup_goes_to_another_program_and_is_as_one_in_a_file() {
    let workshop = paper();
    for encrypted in [false, true] {
        let name = if encrypted { "encrypted" } else { "plain" };
        let mut command = workshop.command(&["backup", "-"]);
        let mut restore = vec!["--dir", name, "restore", "piped"];
        if encrypted {
            workshop.write("passphrase", "correct horse battery staple");
            command.args(["--passphrase-file", "passphrase"]);
            restore.extend(["--passphrase-file", "passphrase"]);
        }
        let output = command.output().expect("the program");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        assert!(said.contains("The backup has") && said.contains("1 files of pictures"), "{said}");
        fs::write(workshop.path("piped"), &output.stdout).expect("written");
        assert!(workshop.does(&restore).starts_with("Restored "));
        check(&workshop, &workshop.path(name), &[]);
    }
    assert!(!workshop.path("-").exists());
    let refused = workshop.refuses(&["--dir", "new", "restore", "-"]);
    assert!(refused.contains("name a file"), "{refused}");
    assert!(workshop.does(&["export", "readers", "-"]).contains("ada@example.org"));
}

#[test]
fn a_backup_whose_reader_has_ended_fails() {
    let workshop = paper();
    let script = "\"$0\" backup - 2>said | true; echo \"${PIPESTATUS[0]}\"";
    let mut command = Command::new("bash");
    command.args(["-c", script, env!("CARGO_BIN_EXE_masthead")]).current_dir(workshop.path(""));
    let output = command.output().expect("bash");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "1");
    let said = fs::read_to_string(workshop.path("said")).expect("errors");
    assert!(said.contains("standard output cannot be written"), "{said}");
}

#[test]
fn a_passphrase_that_others_can_read_is_pointed_out() {
    let workshop = Workshop::new();
    workshop.does(&["migrate"]);
    workshop.write("passphrase", "correct horse battery staple");
    let set =
        |mode| fs::set_permissions(workshop.path("passphrase"), fs::Permissions::from_mode(mode));
    for (mode, is_open) in [(0o644, true), (0o640, true), (0o600, false), (0o400, false)] {
        set(mode).expect("a mode");
        let file = format!("{mode:o}.tar.zst");
        let said = workshop.run(&["backup", &file, "--passphrase-file", "passphrase"]);
        assert!(said.good, "{}", said.err);
        let warning = format!("can be read by others (mode {mode:04o})");
        assert_eq!(said.err.contains(&warning), is_open, "{}", said.err);
        assert_eq!(said.err.contains("run: chmod 600 passphrase"), is_open, "{}", said.err);
    }
}

#[test]
fn a_backup_of_a_running_server_is_restored_on_either_engine() {
    let workshop = paper();
    let server = workshop.serve();
    let said = workshop.does(&["backup", "paper.tar.zst"]);
    assert!(said.contains("1 files of pictures"), "{said}");
    assert!(server.get("/").contains("200 OK"));
    drop(server);
    let file = fs::metadata(workshop.path("paper.tar.zst")).expect("a file");
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let refused = workshop.refuses(&["backup", "paper.tar.zst"]);
    assert!(refused.contains("exists already"), "{refused}");
    let refused = workshop.refuses(&["backup", "nowhere/paper.tar.zst"]);
    assert!(refused.contains("there is no folder nowhere; create it"), "{refused}");

    let new = workshop.path("new");
    let said = workshop.does(&["--dir", text(&new), "restore", "paper.tar.zst"]);
    assert!(said.starts_with("Restored "), "{said}");
    let on = said.split("as they were on ").nth(1).and_then(|rest| rest.split(' ').next());
    let on: jiff::Timestamp = on.and_then(|on| on.parse().ok()).expect("when it was made");
    assert!(jiff::Timestamp::now().duration_since(on).as_secs() < 600, "{said}");
    assert!(!said.contains("under [server]"), "the settings name this database: {said}");
    assert_eq!(hidden_files(&new), Vec::<PathBuf>::new());
    check(&workshop, &new, &[]);
    let again = workshop.refuses(&["--dir", text(&new), "restore", "paper.tar.zst"]);
    assert!(again.contains("not empty; nothing was changed"), "{again}");

    let url = postgres::database();
    let there = workshop.path("there");
    let database = ["--database", url.as_str()];
    let restore = [&["--dir", text(&there)], &database[..], &["restore", "paper.tar.zst"]].concat();
    let said = workshop.does(&restore);
    assert!(said.contains("database under [server] in masthead.toml names"), "{said}");
    assert!(!there.join("data/masthead.db").exists());
    check(&workshop, &there, &database);

    // A backup of PostgreSQL, and the other way round.
    let backup = [&["--dir", text(&there)], &database[..], &["backup", "pg.tar.zst"]].concat();
    workshop.does(&backup);
    let back = workshop.path("back");
    workshop.does(&["--dir", text(&back), "--database", "sqlite", "restore", "pg.tar.zst"]);
    check(&workshop, &back, &[]);

    let (apart, data) = (workshop.path("apart"), workshop.path("data-elsewhere"));
    let place = ["--dir", text(&apart), "--data", text(&data)];
    let said = workshop.does(&[&place[..], &["restore", "paper.tar.zst"]].concat());
    assert!(said.contains("data under [server] in masthead.toml names"), "{said}");
    let settings = fs::read_to_string(apart.join("masthead.toml")).expect("settings");
    let line = format!("# data = \"data\"\ndata = \"{}\"\n", data.display());
    assert!(settings.contains(&line), "{settings}");

    let third = workshop.path("third");
    let full = [&["--dir", text(&third)], &database[..], &["restore", "paper.tar.zst"]].concat();
    let refused = workshop.refuses(&full);
    assert!(refused.contains("the database is not empty"), "{refused}");
    assert_eq!(fs::read_dir(&third).expect("a folder").count(), 0, "nothing is left");
}

/// Nothing that is done in the restored folder, by a command without options, reaches the original.
#[test]
fn commands_in_a_restored_folder_leave_the_original_alone() {
    let workshop = Workshop::new();
    workshop.set("server", &format!("database = \"{}\"", postgres::database()));
    workshop.does(&["publish", "first-article.md"]);
    workshop.does(&["backup", "paper.tar.zst"]);
    let settings = fs::read_to_string(workshop.path("masthead.toml")).expect("settings");
    let original = workshop.does(&["list"]);

    let copies = ["sqlite".to_owned(), postgres::database()];
    for (dir, database) in ["look", "other"].into_iter().zip(&copies) {
        let said =
            workshop.does(&["--dir", dir, "--database", database, "restore", "paper.tar.zst"]);
        assert!(said.contains("names what you have restored into"), "{said}");
        assert_eq!(workshop.does(&["--dir", dir, "list"]), original);
        workshop.does(&["--dir", dir, "withdraw", "first-article"]);
        assert!(workshop.does(&["--dir", dir, "list"]).starts_with("withdrawn"));
        assert_eq!(workshop.does(&["list"]), original, "the original was changed");
        let doctor = workshop.run(&["--dir", dir, "doctor"]).out;
        assert!(doctor.contains("it is a restored copy"), "{doctor}");
        // Everything else is as it was, and the old line can be read.
        let restored =
            fs::read_to_string(workshop.path(dir).join("masthead.toml")).expect("settings");
        let old = settings.lines().find(|line| line.starts_with("database = ")).expect("a line");
        let changed = format!(
            "# Changed by masthead restore. In the backup it was:\n# {old}\ndatabase = \"{database}\""
        );
        assert_eq!(restored, settings.replace(old, &changed));
    }
}

#[test]
fn a_damaged_backup_changes_nothing() {
    let workshop = paper();
    workshop.does(&["backup", "paper.tar.zst"]);
    let whole = fs::read(workshop.path("paper.tar.zst")).expect("read");
    for (cut, name) in [(whole.len() / 2, "half"), (whole.len() - 3, "nearly"), (0, "none")] {
        fs::write(workshop.path(name), &whole[..cut]).expect("written");
        let new = workshop.path("new");
        let refused = workshop.refuses(&["--dir", text(&new), "restore", name]);
        assert!(refused.contains("nothing was changed"), "{name}: {refused}");
        assert!(!new.exists(), "{name}");
    }
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(workshop.path("changed"), changed).expect("written");
    let refused = workshop.refuses(&["--dir", text(&workshop.path("new")), "restore", "changed"]);
    assert!(refused.contains("use another backup"), "{refused}");
    let refused = workshop.refuses(&["--dir", text(&workshop.path("new")), "restore", "missing"]);
    assert!(refused.contains("No such file"), "{refused}");
}

#[test]
fn a_backup_can_be_encrypted_and_leave_the_pictures_out() {
    let workshop = paper();
    workshop.write("passphrase", "correct horse battery staple\n");
    let encrypted = ["--passphrase-file", "passphrase", "--without-pictures"];
    let backup = [&["backup", "paper.enc"], &encrypted[..]].concat();
    assert!(workshop.does(&backup).contains("0 files of pictures"));
    let new = workshop.path("new");
    let refused = workshop.refuses(&["--dir", text(&new), "restore", "paper.enc"]);
    assert!(refused.contains("--passphrase-file"), "{refused}");
    workshop.write("wrong", "correct horse battery stable\n");
    let restore = |passphrase: &'static str| {
        ["--dir", text(&new), "restore", "paper.enc", "--passphrase-file", passphrase]
            .map(String::from)
    };
    let wrong = restore("wrong");
    let refused = workshop.refuses(&wrong.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(refused.contains("check the passphrase"), "{refused}");
    let right = restore("passphrase");
    let said = workshop.does(&right.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(said.contains("The backup has no pictures"), "{said}");
    assert!(serve(&workshop, &new).get("/news/ferry").contains("200 OK"));
}

#[test]
fn a_publication_moves_to_postgresql_and_back() {
    let workshop = paper();
    let url = postgres::database();
    let server = workshop.serve();
    let refused = workshop.refuses(&["database", "move", &url]);
    assert!(refused.contains("another server uses the data directory"), "{refused}");
    drop(server);
    // The URL is not seen in the list of processes if it is given another way.
    let refused = workshop.refuses(&["database", "move"]);
    assert!(refused.contains("MASTHEAD_TARGET_DATABASE"), "{refused}");
    workshop.write("target", &format!("{url}\n"));
    let mut moving = workshop.command(&["database", "move"]);
    let moved = moving.env("MASTHEAD_TARGET_DATABASE_FILE", "target").output().expect("ended");
    let said = String::from_utf8_lossy(&moved.stdout);
    assert!(said.contains("under [server] in masthead.toml"), "{said}");
    // A server that is started on the old database by mistake charges nobody.
    let left = workshop.serve();
    assert!(left.get("/readyz").contains("a database that was moved"));
    drop(left);
    workshop.does(&["activate"]);
    let again = workshop.refuses(&["database", "move", &url]);
    assert!(again.contains("the database is not empty"), "{again}");
    workshop.configure("database = \"sqlite\"", &format!("database = \"{url}\""));
    check(&workshop, &workshop.path(""), &[]);

    let server = workshop.serve();
    fs::remove_file(workshop.path("data/masthead.db")).expect("removed");
    let refused = workshop.refuses(&["database", "move", "sqlite"]);
    assert!(refused.contains("stop all servers"), "{refused}");
    drop(server);
    // PostgreSQL notices a moment later that its client is gone.
    let moved = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        workshop.run(&["database", "move", "sqlite"]).good
    });
    assert!(moved);
    workshop.configure(&format!("database = \"{url}\""), "database = \"sqlite\"");
    check(&workshop, &workshop.path(""), &[]);
}

#[test]
fn a_restored_copy_charges_nobody_until_it_is_activated() {
    let workshop = paper();
    workshop
        .configure("sandbox = true", "stripe_key = \"sk_test_1\"\nwebhook_secret = \"whsec_1\"");
    workshop.does(&["backup", "paper.tar.zst"]);
    let new = workshop.path("new");
    let at = |arguments: &[&str]| workshop.does(&[&["--dir", text(&new)], arguments].concat());
    let said = at(&["restore", "paper.tar.zst"]);
    assert!(said.contains(&format!("run: masthead --dir {} activate", text(&new))), "{said}");

    let server = serve(&workshop, &new);
    let ready = server.get("/readyz");
    assert!(ready.contains("This is a restored copy"), "{ready}");
    for task in ["renewals:", "orders:", "payments:", "checkouts:", "refunds:", "outbox:"] {
        assert!(!ready.contains(&format!("\n{task}")), "{task} runs: {ready}");
    }
    drop(server);
    // A copy is not made the publication by moving it.
    at(&["backup", "copy.tar.zst"]);
    let moved = workshop.refuses(&["--dir", text(&new), "database", "move", &postgres::database()]);
    assert!(moved.contains(" activate first"), "{moved}");

    let activated = at(&["activate"]);
    assert!(activated.contains("This is now the publication"), "{activated}");
    assert!(at(&["activate"]).contains("nothing was changed"));
    let server = serve(&workshop, &new);
    let ready = server.wait_for("/readyz", |text| text.contains("renewals:"));
    assert!(!ready.contains("restored copy"), "{ready}");
}

#[test]
fn commands_that_serve_nothing_need_no_payment_secrets() {
    let workshop = paper();
    let mut list = workshop.command(&["list"]);
    let output = list.env("MASTHEAD_STRIPE_KEY_FILE", "/nowhere/stripe").output();
    assert!(output.expect("the program").status.success());
}

#[test]
fn links_in_the_theme_are_left_out_of_a_backup() {
    let workshop = paper();
    let theme = workshop.path("theme");
    symlink(&theme, theme.join("loop")).expect("a link");
    symlink("/etc/hostname", theme.join("elsewhere.css")).expect("a link");
    let said = workshop.does(&["backup", "paper.tar.zst"]);
    for name in ["theme/loop", "theme/elsewhere.css"] {
        assert!(said.lines().any(|l| l.starts_with("Left out") && l.contains(name)), "{said}");
    }
    let new = workshop.path("new");
    workshop.does(&["--dir", text(&new), "restore", "paper.tar.zst"]);
    assert!(new.join("theme/base.html").exists() && !new.join("theme/elsewhere.css").exists());
}

#[test]
fn a_theme_that_contains_the_data_directory_is_not_backed_up() {
    let workshop = paper();
    workshop.configure("theme = \"theme\"", "theme = \".\"");
    let refused = workshop.refuses(&["backup", "paper.tar.zst"]);
    assert!(refused.contains("contains the data directory"), "{refused}");
    assert!(!workshop.path("paper.tar.zst").exists());
}
