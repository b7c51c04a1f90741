//! What an operator asks for: diagnosis, lists for programs, completions, requests of readers, secrets.

use std::{
    fs,
    io::Write,
    process::{Child, Stdio},
    time::{Duration, SystemTime},
};

use serde_json::Value;

use crate::workshop::Workshop;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn doctor_says_how_everything_is_and_what_to_do() {
    let workshop = Workshop::that_sells();
    workshop.does(&["migrate"]);
    let said = workshop.does(&["doctor"]);
    for what in ["settings", "keys", "files", "disk", "database", "clock", "pictures", "proxy"] {
        let is_ok = |line: &str| line.starts_with("ok") && line.contains(what);
        assert!(said.lines().any(is_ok), "{what}: {said}");
    }
    assert!(said.contains("→ write one under [mail]"), "{said}");
    assert!(said.contains("readers pay at the sandbox, which collects no money"), "{said}");

    workshop.configure("http://localhost:8080", "https://paper.example");
    workshop.configure(
        "[mail]\n",
        "[mail]\nfrom = \"news@paper.example\"\nrelay = \"smtp://127.0.0.1:9\"\n",
    );
    let said = workshop.run(&["doctor", "--json"]);
    assert!(!said.good && said.err.contains("2 things do not work"), "{}", said.err);
    let findings = json(&said.out);
    let level = |what: &str| {
        let found = findings.as_array().expect("a list").iter();
        let mut levels = found.filter(|finding| finding["what"] == what);
        levels.next().map(|finding| finding["level"].clone())
    };
    assert_eq!(level("mail"), Some("error".into()));
    assert_eq!(level("proxy"), Some("error".into()));
    assert_eq!(level("database"), Some("ok".into()));
    assert!(!workshop.run(&["--dir", "nowhere", "doctor"]).good);
}

/// Doctor must not be content with what a server refuses.
#[test]
fn doctor_finds_what_a_server_does_not_start_with() {
    for (table, line, said) in [
        ("server", "theme = \"no-such-theme\"", "there is no folder"),
        ("server", "security_log = \"logs/security.log\"", "the security log cannot be written"),
        ("server", "admin = \"0.0.0.0:9090\"", "admin_remote"),
        ("server", "admin = \"127.0.0.1:8080\"", "the same port"),
        ("server", "data = \"/proc/nope\"", "the data directory /proc/nope cannot be written"),
        ("server", "data = \"masthead.toml\"", "the data directory"),
        ("tls", "redirect = \"127.0.0.1:8081\"", "has no certificate"),
    ] {
        let workshop = Workshop::new();
        workshop.set(table, line);
        let doctor = workshop.run(&["doctor"]);
        let is_it = |found: &str| found.starts_with("error") && found.contains(said);
        assert!(!doctor.good && doctor.out.lines().any(is_it), "{line}: {}", doctor.out);
        workshop.refuses(&["serve"]);
    }
    let workshop = Workshop::new();
    workshop.set("server", "listen = \"192.0.2.7:8080\"");
    let doctor = workshop.does(&["doctor"]);
    assert!(doctor.contains("no interface here has that address"), "{doctor}");
}

#[test]
fn doctor_and_check_find_a_certificate_of_another_name() {
    let workshop = Workshop::new();
    let made = rcgen::generate_simple_self_signed(["other.example".to_owned()]).expect("made");
    workshop.write("other.pem", &made.cert.pem());
    workshop.write("other.key", &made.signing_key.serialize_pem());
    workshop.configure("http://localhost:8080", "https://paper.example");
    workshop.set("tls", "certificate = \"other.pem\"\nkey = \"other.key\"");
    let doctor = workshop.run(&["doctor"]);
    assert!(doctor.out.contains("is not for paper.example"), "{}", doctor.out);
    assert!(doctor.out.contains("others can read the private key ./other.key"), "{}", doctor.out);
    assert!(!doctor.good);
    let check = workshop.does(&["check"]);
    assert!(check.contains("is not for paper.example"), "{check}");
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let workshop = Workshop::new();
    workshop.does(&["publish", "first-article.md"]);
    for arguments in [&["list"][..], &["doctor", "--json"], &["completions", "bash"]] {
        let full = || fs::OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
        let mut command = workshop.command(arguments);
        let said = command.stdout(full()).output().expect("the program");
        let error = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(!said.status.success(), "{arguments:?}");
        assert!(error.contains("the output cannot be written"), "{arguments:?}: {error}");
        let ended = workshop.command(arguments).stdout(full()).stderr(full()).status();
        assert_eq!(ended.expect("the program").code(), Some(1), "no panic");
    }
}

#[test]
fn lists_can_be_read_by_programs() {
    let workshop = Workshop::that_sells();
    workshop.does(&["publish", "first-article.md"]);
    workshop.does(&["subscription", "begin", "ada@example.org", "web-yearly", "--paid"]);
    let article = workshop.does(&["list", "--json"]);
    assert_eq!(json(article.lines().next().expect("a line"))["state"], "published");
    let sold = json(&workshop.does(&["subscription", "list", "--json"]));
    assert_eq!(
        (&sold[0]["reader"], &sold[0]["state"]),
        (&"ada@example.org".into(), &"active".into())
    );
    assert_eq!(json(&workshop.does(&["staff", "list", "--json"])), Value::Array(vec![]));
    let emails = json(&workshop.does(&["outbox", "--json"]));
    assert_eq!(emails[0]["to"], "ada@example.org");
    assert_eq!(json(&workshop.does(&["outbox", "--failed", "--json"])), Value::Array(vec![]));
    let waiting = json(&workshop.does(&["outbox", "--waiting", "--limit", "1", "--json"]));
    assert_eq!(waiting.as_array().map(Vec::len), Some(1));
    let first = emails[0]["number"].as_i64().expect("a number");
    let next = json(&workshop.does(&["outbox", "--json", "--before", &first.to_string()]));
    let is_before = |email: &Value| email["number"].as_i64() < Some(first);
    assert!(next.as_array().expect("a list").iter().all(is_before));
}

#[test]
fn a_list_has_only_what_was_asked_for() {
    let workshop = Workshop::new();
    for (name, more) in [
        ("old", "published: \"2026-03-01T09:00:00Z\"\n"),
        ("new", "published: \"2026-04-01T09:00:00Z\"\n"),
        ("later", "published: \"2999-01-01T09:00:00Z\"\n"),
        ("idea", "status: draft\n"),
    ] {
        let text = format!("---\nheadline: {name}\nsection: news\n{more}---\nText.\n");
        workshop.write(&format!("{name}.md"), &text);
        workshop.does(&["publish", &format!("{name}.md")]);
    }
    let listed = |arguments: &[&str]| {
        let said = workshop.does(&[&["list"], arguments].concat());
        let mut names: Vec<String> = said
            .lines()
            .filter_map(|line| line.split(' ').next_back())
            .map(str::to_owned)
            .collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(listed(&[]), "idea later new old");
    assert_eq!(listed(&["--status", "published"]), "new old");
    assert_eq!(listed(&["--status", "scheduled"]), "later");
    assert_eq!(listed(&["--status", "draft"]), "idea");
    assert_eq!(listed(&["--status", "withdrawn"]), "");
    assert_eq!(listed(&["--since", "2026-03-15"]), "later new");
    assert_eq!(listed(&["--since", "2026-03-01", "--until", "2026-03-31"]), "old");
    assert!(workshop.refuses(&["list", "--since", "yesterday"]).contains("--since"));
}

#[test]
fn an_export_replaces_no_file_that_is_there() {
    let workshop = Workshop::new();
    workshop.does(&["migrate"]);
    workshop.write("readers.csv", "mine");
    let said = workshop.refuses(&["export", "readers", "readers.csv"]);
    assert!(said.contains("readers.csv exists") && said.contains("--force"), "{said}");
    let read = || std::fs::read_to_string(workshop.path("readers.csv")).expect("read");
    assert_eq!(read(), "mine");
    workshop.does(&["export", "readers", "readers.csv", "--force"]);
    assert!(read().starts_with("number,email"), "{}", read());
    workshop.write("payments.part", "another program's");
    workshop.does(&["export", "payments", "payments.csv"]);
    let part = std::fs::read_to_string(workshop.path("payments.part")).expect("read");
    assert_eq!(part, "another program's");
}

#[test]
fn what_an_export_that_was_killed_has_left_is_deleted_by_the_next() {
    let workshop = Workshop::new();
    workshop.does(&["migrate"]);
    let left = workshop.path("readers.csv.unfinished-Ab3dEf");
    fs::write(&left, "number,email\n1,ada@example.org\n").expect("written");
    let yesterday = SystemTime::now() - Duration::from_hours(24);
    let file = fs::File::options().write(true).open(&left).expect("a file");
    file.set_modified(yesterday).expect("an older file");
    let said = workshop.does(&["export", "payments", "payments.csv"]);
    assert!(said.contains("Deleted") && said.contains("interrupted"), "{said}");
    assert!(!left.exists());
    let hidden = fs::read_dir(workshop.path("")).expect("a folder").flatten();
    let mut names = hidden.map(|entry| entry.file_name().to_string_lossy().into_owned());
    assert!(names.all(|name| !name.contains(".tmp") && !name.contains("unfinished")));
}

#[test]
fn requests_of_readers_are_answered_without_the_site() {
    let workshop = Workshop::that_sells();
    workshop.does(&["subscription", "begin", "ada@example.org", "web-yearly", "--paid"]);
    assert!(workshop.does(&["readers", "find", "ada@example.org"]).contains("S-1"));
    let data = json(&workshop.does(&["readers", "data", "ada@example.org"]));
    assert_eq!(data["email"], "ada@example.org");
    assert_eq!(data["subscriptions"].as_array().map(Vec::len), Some(1));
    let asked = workshop.does(&["readers", "delete", "ada@example.org"]);
    assert!(asked.contains("add --yes"), "{asked}");
    workshop.does(&["readers", "find", "ada@example.org"]);
    workshop.does(&["readers", "delete", "ada@example.org", "--yes"]);
    assert!(
        workshop.refuses(&["readers", "find", "ada@example.org"]).contains("there is no reader")
    );
    assert!(workshop.refuses(&["staff", "remove", "ada@example.org"]).contains("does not work"));
}

#[test]
fn completions_and_manual_pages_name_the_commands() {
    let workshop = Workshop::empty();
    for shell in ["bash", "zsh", "fish"] {
        assert!(workshop.does(&["completions", shell]).contains("backup"), "{shell}");
    }
    workshop.does(&["man", "man"]);
    let page = fs::read_to_string(workshop.path("man/masthead-backup.1")).expect("a page");
    assert!(page.contains("passphrase"), "{page}");
    let page = fs::read_to_string(workshop.path("man/masthead.1")).expect("a page");
    for variable in ["DIR", "DATA", "DATABASE", "LISTEN"] {
        assert!(page.contains(&format!("MASTHEAD_{variable}")), "{variable}: {page}");
    }
    assert!(workshop.does(&["--version"]).starts_with("masthead "));
    assert!(!workshop.does(&["publish", "--help"]).contains("--listen"));
    assert!(workshop.does(&["serve", "--help"]).contains("--listen"));
}

#[test]
fn secrets_may_be_in_files() {
    let workshop = Workshop::new();
    workshop.does(&["migrate"]);
    workshop.write("url", "mysql://nonsense\n");
    let mut command = workshop.command(&["list"]);
    let said = command.env("MASTHEAD_DATABASE_FILE", "url").output().expect("the program");
    let error = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!said.status.success() && error.contains("the database must be"), "{error}");
    let mut command = workshop.command(&["list"]);
    let said = command.env("MASTHEAD_DATABASE_FILE", "missing").output().expect("the program");
    let error = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(error.contains("MASTHEAD_DATABASE_FILE names, cannot be read"), "{error}");
    workshop.write("empty", "\n");
    let mut command = workshop.command(&["check"]);
    let said = command.env("MASTHEAD_STRIPE_KEY_FILE", "empty").output().expect("the program");
    let error = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!said.status.success() && error.contains("it is empty"), "{error}");
    // A systemd credential, and an empty variable, which counts as none.
    fs::create_dir(workshop.path("credentials")).expect("created");
    workshop.write("credentials/masthead_mail_relay", "smtp://mail.example");
    let mut command = workshop.command(&["outbox", "--test", "ada@example.org"]);
    command.env("CREDENTIALS_DIRECTORY", "credentials").env("MASTHEAD_DATABASE", "");
    let said = command.output().expect("the program");
    let error = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(error.contains("[mail]"), "the relay is taken from the credential: {error}");
}

fn report() -> &'static str {
    "Subject: Undelivered\nContent-Type: multipart/report; boundary=b\n\n\
     --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example\n\n\
     Final-Recipient: rfc822; ada@example.org\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
}

#[test]
fn many_commands_and_a_server_run_at_the_same_time() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let begin = |_| -> Child {
        let mut command = workshop.command(&["outbox", "--bounce"]);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("the program");
        child.stdin.take().expect("an input").write_all(report().as_bytes()).expect("written");
        child
    };
    let children: Vec<Child> = (0..60).map(begin).collect();
    for child in children {
        let output = child.wait_with_output().expect("ended");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(server.get("/").contains("200 OK"));
}

#[test]
fn commands_in_remedies_work_as_they_are() {
    let workshop = Workshop::new();
    let there = workshop.path("");
    let there = there.to_str().expect("UTF-8").trim_end_matches('/');
    let elsewhere = tempfile::tempdir().expect("a folder");
    let from_elsewhere = |arguments: &[&str]| {
        let mut command = workshop.command(&["--dir", there]);
        let output = command.args(arguments).current_dir(elsewhere.path()).output();
        let output = output.expect("the program");
        let (out, err) = (output.stdout, output.stderr);
        format!("{}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&err))
    };
    workshop.does(&["migrate"]);
    let doctor = from_elsewhere(&["doctor"]);
    assert!(doctor.contains(&format!("masthead --dir {there} staff link owner")), "{doctor}");
    let staff = from_elsewhere(&["staff", "list"]);
    assert!(staff.contains(&format!("masthead --dir {there} staff link owner")), "{staff}");
    let keys = from_elsewhere(&["keys", "replace"]);
    assert!(keys.contains(&format!("masthead --dir {there} keys replace --accept-loss")), "{keys}");
    // In the folder itself nothing is added.
    let here = workshop.run(&["keys", "replace"]);
    assert!(here.err.contains("masthead keys replace --accept-loss"), "{}", here.err);
}
