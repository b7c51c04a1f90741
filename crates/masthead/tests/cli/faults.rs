//! Failures at start: each is reported in one clear sentence.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt};

use masthead_test_support::postgres;

use crate::workshop::Workshop;

fn one_sentence(said: &str, about: &str) {
    assert!(said.starts_with("masthead: "), "{said}");
    assert!(said.contains(about), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
}

#[test]
fn a_port_in_use_is_reported() {
    let workshop = Workshop::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    one_sentence(&workshop.refuses(&["serve", "--listen", &address]), "listens on");
    one_sentence(
        &workshop.refuses(&["serve", "--listen", "nonsense"]),
        "write an address and a port",
    );
}

#[test]
fn an_unwritable_data_directory_is_reported() {
    let workshop = Workshop::new();
    workshop.write("file", "");
    let said = workshop.refuses(&["serve", "--listen", "127.0.0.1:0", "--data", "file/data"]);
    one_sentence(&said, "cannot be written");
}

#[test]
fn a_folder_without_a_publication_is_reported() {
    let workshop = Workshop::empty();
    one_sentence(&workshop.refuses(&["serve"]), "masthead init");
}

#[test]
fn invalid_or_readable_keys_are_refused() {
    let workshop = Workshop::new();
    workshop.does(&["keys", "rotate"]);
    let keys = workshop.path("data/keys");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).expect("changed");
    one_sentence(&workshop.refuses(&["serve", "--listen", "127.0.0.1:0"]), "chmod 600");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).expect("changed");
    fs::write(&keys, "1 not a key\n").expect("written");
    one_sentence(&workshop.refuses(&["serve", "--listen", "127.0.0.1:0"]), "is not a file of keys");
    // The file is left unchanged for inspection.
    assert_eq!(fs::read_to_string(&keys).expect("keys"), "1 not a key\n");
}

#[test]
fn a_missing_or_invalid_database_is_reported() {
    let workshop = Workshop::new();
    let nobody = "postgres://masthead:secret@127.0.0.1:1/paper";
    let said = workshop.refuses(&["list", "--database", nobody]);
    one_sentence(&said, "cannot be opened");
    assert!(said.contains("refused"), "the reason is not that the pool waited: {said}");
    assert!(!said.contains("secret"), "{said}");
    let parameter = "postgres://127.0.0.1:1/paper?user=masthead&password=secret";
    let said = workshop.refuses(&["list", "--database", parameter]);
    assert!(said.contains("postgres://127.0.0.1:1/paper") && !said.contains("secret"), "{said}");
    one_sentence(&workshop.refuses(&["list", "--database", "mysql://x"]), "postgres://");
    fs::create_dir_all(workshop.path("data")).expect("made");
    workshop.write(
        "data/masthead.db",
        "this is no database, however long it may be, and never was one",
    );
    let said = workshop.refuses(&["list"]);
    assert!(said.contains("database"), "{said}");
}

#[test]
fn an_invalid_configuration_is_reported_with_its_line() {
    let workshop = Workshop::new();
    workshop.configure("tagline = ", "taglin = ");
    let said = workshop.refuses(&["serve"]);
    one_sentence(&said, "did you mean \"tagline\"?");
    assert!(said.contains("masthead.toml, line 7, column 1"), "{said}");
    workshop.write("masthead.toml", "[publication\n");
    one_sentence(&workshop.refuses(&["serve"]), "line 1");
}

#[test]
fn an_incomplete_stripe_account_is_refused_with_the_missing_key() {
    for (written, missing) in [
        ("stripe_key = \"sk_test_x\"", "no webhook_secret"),
        ("webhook_secret = \"whsec_x\"", "no stripe_key"),
        (
            "stripe_key = \"whsec_x\"\nwebhook_secret = \"sk_live_x\"",
            "the signing secret of an endpoint as stripe_key",
        ),
        (
            "stripe_key = \"sk_live_x\"\nwebhook_secret = \"rk_live_x\"",
            "a key of the account as webhook_secret",
        ),
        ("stripe_key = \"sk_\\n\"\nwebhook_secret = \"whsec_x\"", "copy it again"),
    ] {
        let workshop = Workshop::new();
        workshop.configure("tax = false", written);
        let said = workshop.refuses(&["serve", "--listen", "127.0.0.1:0"]);
        assert!(said.contains(missing), "{said}");
    }
}

#[test]
fn a_publication_is_checked_without_being_started() {
    let workshop = Workshop::new();
    let said = workshop.does(&["check"]);
    assert!(said.starts_with("Warning: these pages have places to fill in"), "{said}");
    assert!(said.ends_with("\nmasthead.toml and the theme can be used.\n"), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(!workshop.path("data").exists(), "nothing was created");
    fs::create_dir_all(workshop.path("theme")).expect("made");
    workshop.write("theme/words.toml", "frnt_page = \"x\"\nhom = \"Home\"\n");
    workshop.configure("anonymous = 3", "anonymous = 10");
    let said = workshop.does(&["check"]);
    assert!(said.contains("Warning: Readers with an account can read less"), "{said}");
    assert!(said.contains("no word “hom”; did you mean “home”?"), "{said}");
    // Several faults are named at once.
    workshop.write("theme/article.html", "{% if %}");
    workshop.configure("tax = false", "stripe_key = \"pk_live_x\"\nwebhook_secret = \"whsec_x\"");
    let folder = workshop.path("");
    let said =
        workshop.refuses(&["check", folder.to_str().expect("UTF-8"), "--database", "mysql://x"]);
    for fault in ["article.html", "publishable key", "must be \"sqlite\""] {
        assert!(said.contains(fault), "{fault}: {said}");
    }
    assert!(said.lines().all(|line| line.starts_with("masthead: ")), "{said}");
    workshop.configure("theme = \"theme\"", "theme = \"no-such-theme\"");
    for command in [&["check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let said = workshop.refuses(command);
        assert!(said.contains("there is no folder ./no-such-theme"), "{said}");
    }
}

#[test]
fn what_a_server_refuses_is_found_by_check() {
    for (key, value, said) in [
        ("server", "listen = \"8080\"", "is not an address with a port"),
        ("server", "listen = \"127.0.0.1:99999\"", "is not an address with a port"),
        ("server", "admin = \"0.0.0.0:9090\"", "admin_remote"),
        ("server", "admin_hosts = [\"masthead\"]", "admin_hosts and no admin listener"),
        (
            "server",
            "admin = \"127.0.0.1:8080\"",
            "the same port for listen under [server] and admin",
        ),
        ("server", "security_log = \"logs/security.log\"", "there is no directory ./logs"),
        ("server", "security_log = \"masthead.toml\"", "names no security log"),
        ("server", "security_log = \"data/masthead.db\"", "names no security log"),
        ("server", "security_log = \"first-article.md\"", "names no security log"),
        ("server", "security_log = \"stderr\"", "names no security log"),
        (
            "server",
            "database = \"postgres://paper@127.0.0.1:1/x?sslmode=verify-ful\"",
            "verify-ful",
        ),
        ("tls", "certificate = \"paper.pem\"", "needs both certificate and key"),
        ("tls", "acme = true", "acme_terms_agreed"),
        ("tls", "redirect = \"127.0.0.1:8081\"", "has no certificate"),
        ("tls", "redirect = \"8081\"", "is not an address with a port"),
        ("mail", "from = \"My Paper\"", "is no sender"),
        ("mail", "reply_to = \"desk\"", "is no address"),
        ("mail", "dkim_selector = \"a b\"", "is not a selector"),
        ("publication", "name = \" \"", "the publication needs a name"),
    ] {
        let workshop = Workshop::new();
        workshop.set(key, value);
        let refused = workshop.refuses(&["check"]);
        assert!(refused.contains(said), "{value}: {refused}");
        workshop.refuses(&["serve"]);
        assert!(!workshop.path("data/masthead.db").exists(), "{value}: nothing was created");
    }
}

#[test]
fn variables_without_a_value_count_as_not_set() {
    let workshop = Workshop::new();
    let mut command = workshop.command(&["migrate"]);
    for variable in ["MASTHEAD_DIR", "MASTHEAD_DATA", "MASTHEAD_DATABASE", "MASTHEAD_LISTEN"] {
        command.env(variable, "");
    }
    let output = command.output().expect("the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(workshop.path("data/masthead.db").exists());
}

#[test]
fn a_data_directory_whose_disk_is_not_mounted_is_no_new_publication() {
    let workshop = Workshop::new();
    // An empty directory, as of a new disk, begins a publication; so does none.
    fs::create_dir(workshop.path("data")).expect("made");
    workshop.does(&["publish", "first-article.md"]);
    fs::rename(workshop.path("data"), workshop.path("disk")).expect("moved");
    for commands in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["publish", "first-article.md"],
        &["migrate"],
        &["list"],
    ] {
        let said = workshop.refuses(commands);
        assert!(said.contains("is its disk mounted?"), "{commands:?}: {said}");
        // With the mount point, and without it.
        fs::create_dir_all(workshop.path("data")).expect("made");
    }
    let doctor = workshop.run(&["doctor"]);
    assert!(!doctor.good && doctor.out.contains("is its disk mounted?"), "{}", doctor.out);
    assert!(!workshop.path("data/keys").exists() && !workshop.path("data/masthead.db").exists());
    // Another place is new.
    workshop.does(&["publish", "first-article.md", "--data", "other"]);
    fs::remove_dir_all(workshop.path("data")).expect("removed");
    fs::rename(workshop.path("disk"), workshop.path("data")).expect("mounted");
    assert!(workshop.does(&["list"]).contains("first-article"));
    // The remedy.
    fs::remove_dir_all(workshop.path("data")).expect("removed");
    fs::remove_file(workshop.path(".masthead-data")).expect("removed");
    workshop.does(&["publish", "first-article.md"]);
}

#[test]
fn a_lost_database_file_is_no_new_publication() {
    let workshop = Workshop::new();
    workshop.does(&["publish", "first-article.md"]);
    let file = workshop.path("data/masthead.db");
    let kept = fs::read(&file).expect("a database");
    let is_refused = || {
        for commands in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["publish", "first-article.md"],
            &["migrate"],
            &["list"],
        ] {
            let said = workshop.refuses(commands);
            assert!(said.contains("this publication has had one"), "{commands:?}: {said}");
            assert!(said.contains("restore a backup"), "{commands:?}: {said}");
        }
        let doctor = workshop.run(&["doctor"]);
        assert!(!doctor.good && doctor.out.contains("has had one"), "{}", doctor.out);
    };
    fs::remove_file(&file).expect("deleted");
    is_refused();
    assert!(!file.exists(), "nothing was created");
    fs::write(&file, "").expect("truncated");
    is_refused();
    fs::write(&file, kept).expect("restored");
    assert!(workshop.does(&["list"]).contains("first-article"));
    // The remedy.
    fs::remove_file(&file).expect("deleted");
    fs::remove_file(workshop.path(".masthead-data")).expect("removed");
    workshop.does(&["migrate"]);
}

#[test]
fn an_empty_postgres_database_of_a_used_publication_is_no_new_publication() {
    let workshop = Workshop::new();
    workshop.set("server", &format!("database = \"{}\"", postgres::database()));
    workshop.does(&["publish", "first-article.md"]);
    let empty = postgres::database();
    let keys = workshop.path("data/keys");
    workshop.set("server", &format!("database = \"{empty}\""));
    for commands in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["publish", "first-article.md"],
        &["migrate"],
        &["list"],
    ] {
        let said = workshop.refuses(commands);
        let reason = "check the name of the database in the URL";
        assert!(said.contains(reason), "{commands:?}: {said}");
        // With the keys, and without them.
        fs::remove_file(&keys).ok();
    }
    let doctor = workshop.run(&["doctor"]);
    assert!(!doctor.good && doctor.out.contains("has had one"), "{}", doctor.out);
    assert!(!keys.exists(), "none were generated");
}

#[test]
fn check_finds_a_data_directory_that_nobody_can_create() {
    let workshop = Workshop::new();
    workshop.configure("data = \"data\"", "data = \"/proc/nope\"");
    let said = workshop.refuses(&["check"]);
    one_sentence(&said, "the data directory /proc/nope cannot be written");
    let doctor = workshop.run(&["doctor"]);
    assert_eq!(doctor.out.matches("/proc/nope cannot be written").count(), 1, "{}", doctor.out);
}
