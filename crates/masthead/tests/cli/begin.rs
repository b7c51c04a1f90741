//! The first start: the demonstration and `masthead init`.

use std::{fs, os::unix::fs::PermissionsExt, process::Stdio, thread, time::Duration};

use crate::workshop::{Server, Workshop};

#[test]
fn the_demonstration_serves_every_kind_of_page() {
    let workshop = Workshop::empty();
    let data = workshop.path("demo");
    let data = data.to_str().expect("UTF-8");
    let demo =
        || Server::start(workshop.command(&["demo", "--listen", "127.0.0.1:0", "--data", data]));
    let server = demo();
    let home = server.get("/");
    assert!(home.contains("The Tidewater Courier"));
    for section in ["town", "harbour", "science", "culture", "food", "sport", "opinion"] {
        assert!(server.get(&format!("/{section}")).contains("200 OK"), "{section}");
    }
    let own = ["help", "contact", "terms", "privacy", "withdrawal", "imprint", "accessibility"];
    for page in ["about", "how-we-work", "how-the-meter-works", "cancel"].into_iter().chain(own) {
        assert!(server.get(&format!("/{page}")).contains("200 OK"), "{page}");
    }
    let list = workshop.does(&["--dir", data, "list"]);
    let articles: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1))
        .filter(|address| address.matches('/').count() == 2)
        .collect();
    assert!(articles.len() >= 24, "{list}");
    let mut decisions: Vec<String> = Vec::new();
    for address in &articles {
        let page = server.get(address);
        assert!(page.contains("200 OK"), "{address}");
        let decision = page.lines().find_map(|line| line.strip_prefix("masthead-access: "));
        decisions.push(decision.expect("a decision").trim().to_owned());
        assert_share_picture(&server, address, &page);
    }
    let count = |wanted: &str| decisions.iter().filter(|decision| *decision == wanted).count();
    assert_eq!(count("open;reason=free"), 5, "two sponsored, two free, one covered live");
    assert_eq!(count("wall;reason=subscribers"), 2);
    assert_eq!(count("wall;reason=register"), 1);
    assert_eq!(count("metered;left=2"), articles.len() - 8);

    // After a restart it is unchanged.
    workshop.does(&["--dir", data, "withdraw", "reading-the-rain"]);
    drop(server);
    assert!(demo().get("/science/reading-the-rain").contains("404 Not Found"));
}

#[test]
fn the_demonstration_serves_no_publication() {
    let workshop = Workshop::new();
    let before = fs::read(workshop.path("masthead.toml")).expect("a configuration");
    let said = workshop.refuses(&["demo", "--listen", "127.0.0.1:0", "--data", "."]);
    assert!(said.contains("is that of a publication") && said.contains("--data"), "{said}");
    workshop.does(&["migrate"]);
    let said = workshop.refuses(&["demo", "--listen", "127.0.0.1:0", "--data", "data"]);
    assert!(said.contains("is the data directory of a publication"), "{said}");
    assert_eq!(fs::read(workshop.path("masthead.toml")).expect("a configuration"), before);
    assert!(!workshop.path("data/masthead.toml").exists());
    assert!(!workshop.path("data/filling.lock").exists());
}

#[test]
fn an_earlier_demonstration_that_cannot_be_opened_says_what_to_do() {
    let workshop = Workshop::empty();
    let line = ["demo", "--listen", "127.0.0.1:0", "--data", "demo"];
    drop(Server::start(workshop.command(&line)));
    // It lacks a file that a later version has, which is written.
    fs::remove_file(workshop.path("demo/tides.json")).expect("deleted");
    drop(Server::start(workshop.command(&line)));
    assert!(workshop.path("demo/tides.json").exists());
    let config = fs::read_to_string(workshop.path("demo/masthead.toml")).expect("a configuration");
    for (file, content, fault) in [
        ("demo/masthead.toml", format!("{config}\n[unknown]\nkey = 1\n"), "unknown"),
        ("demo/data/keys", "not keys".to_owned(), "is not a file of keys"),
    ] {
        let kept = fs::read(workshop.path(file)).expect("a file");
        fs::write(workshop.path(file), content).expect("written");
        let said = workshop.refuses(&line);
        assert!(said.contains(fault), "{said}");
        assert!(said.contains("delete the folder, or name another with --data"), "{said}");
        fs::write(workshop.path(file), kept).expect("written");
    }
    drop(Server::start(workshop.command(&line)));
}

/// Checks that a link to this article is shown elsewhere with a picture of a format and size that networks accept.
fn assert_share_picture(server: &Server, address: &str, page: &str) {
    let start = "<meta property=\"og:image\" content=\"";
    let rest = page.split_once(start).map(|(_, rest)| rest);
    let whole = rest.and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let path = whole.find("/media/").map(|at| &whole[at..]).unwrap_or_default();
    let picture = server.try_bytes(path).expect("an answer");
    let (width, height) = jpeg_size(&picture).unwrap_or_default();
    assert!(width >= 1200 && height >= 630, "{address}: {whole} is {width} by {height}");
    assert!(page.contains("name=\"twitter:card\" content=\"summary_large_image\""), "{address}");
}

/// The width and height in the frame header of a JPEG, or `None` if it is none (ITU-T T.81, B.2.2).
fn jpeg_size(answer: &[u8]) -> Option<(u16, u16)> {
    let body = answer.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let mut rest = answer.get(body..)?.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        if matches!(marker, 0xc0..=0xc2) {
            let number = |at: usize| Some(u16::from_be_bytes([*rest.get(at)?, *rest.get(at + 1)?]));
            return Some((number(7)?, number(5)?));
        }
        rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..)?;
    }
}

#[test]
fn a_demonstration_that_was_interrupted_is_filled_again_and_only_once() {
    let workshop = Workshop::empty();
    let demo = |name: &str| {
        let data = workshop.path(name);
        let data = data.to_str().expect("UTF-8");
        workshop.command(&["demo", "--listen", "127.0.0.1:0", "--data", data])
    };
    let list = |name: &str| {
        let data = workshop.path(name);
        let listed = workshop.does(&["--dir", data.to_str().expect("UTF-8"), "list"]);
        let mut addresses: Vec<_> = listed
            .lines()
            .filter_map(|line| Some(line.split_whitespace().nth(1)?.to_owned()))
            .collect();
        addresses.sort();
        addresses
    };
    drop(Server::start(demo("whole")));
    let whole = list("whole");
    for (name, pause) in [("at-once", 0), ("later", 50), ("much-later", 400)] {
        let mut child = demo(name).stdout(Stdio::null()).spawn().expect("the program");
        let marker = workshop.path(name).join("data/filling");
        while !marker.exists() {
            assert!(child.try_wait().expect("asked").is_none(), "it ended");
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(pause));
        child.kill().expect("killed");
        child.wait().expect("ended");
        drop(Server::start(demo(name)));
        assert_eq!(list(name), whole, "{name}");
        assert!(!marker.exists());
    }
    // Several at the same time: one of them serves, and the folder is filled once.
    let several: Vec<_> = (0..4)
        .map(|_| {
            let command = demo("several");
            thread::spawn(|| Server::try_start(command))
        })
        .collect();
    // Those that find the folder in use end.
    let ended = several.into_iter().map(|started| started.join().expect("no panic"));
    let serving: Vec<Server> = ended.flatten().collect();
    assert_eq!(serving.len(), 1);
    drop(serving);
    assert_eq!(list("several"), whole);
}

#[test]
fn init_creates_a_publication_that_serves_its_first_article() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    assert!(server.get("/").contains("My Paper"));
    let said = workshop.does(&["publish", "first-article.md"]);
    assert!(said.starts_with("Published: Our first article"), "{said}");
    server.wait_for("/news/first-article", |page| page.contains("200 OK"));
    // Its own pages are drafts until they are filled in.
    let said = workshop.does(&["publish", "pages/terms.md", "pages/privacy.md"]);
    assert!(said.starts_with("Kept as a draft: Terms"), "{said}");
    assert!(server.get("/terms").contains("404 Not Found"));
    let said = workshop.does(&["check"]);
    assert!(said.contains("pages/terms.md") && said.contains("square brackets"), "{said}");
    let said = workshop.does(&["doctor"]);
    assert!(said.contains("these pages are not published: help, contact, terms"), "{said}");
    let keys = std::fs::metadata(workshop.path("data/keys")).expect("keys").permissions().mode();
    assert_eq!(keys & 0o777, 0o600);
}

#[test]
fn init_writes_the_drafts_in_the_language_of_the_publication() {
    let workshop = Workshop::empty();
    let folder = |name: &str| workshop.path(name).to_str().expect("UTF-8").to_owned();
    workshop.does(&["init", &folder("zeitung"), "--locale", "de-AT"]);
    let config = fs::read_to_string(workshop.path("zeitung/masthead.toml")).expect("a file");
    for said in ["locale = \"de-AT\"", "name = \"Meine Zeitung\"", "zone = \"Europe/Vienna\""] {
        assert!(config.contains(said), "{said}: {config}");
    }
    let imprint = fs::read_to_string(workshop.path("zeitung/pages/imprint.md")).expect("a file");
    assert!(imprint.contains("headline: Impressum"), "{imprint}");
    let said = workshop.does(&["--dir", &folder("zeitung"), "check"]);
    assert!(said.contains("pages/imprint.md") && said.contains("square brackets"), "{said}");
    let said = workshop.refuses(&["init", &folder("other"), "--locale", "not a language"]);
    assert!(said.contains("write a language such as de or fr"), "{said}");
    assert!(!workshop.path("other").exists());
}

#[test]
fn init_overwrites_nothing() {
    let workshop = Workshop::new();
    workshop.configure("My Paper", "Our Paper");
    let folder = workshop.path("");
    let said = workshop.refuses(&["init", folder.to_str().expect("UTF-8")]);
    assert!(said.contains("already; nothing was changed"), "{said}");
}

#[test]
fn configuration_and_theme_are_applied_without_a_restart() {
    let workshop = Workshop::new();
    workshop.does(&["theme", "copy"]);
    let server = workshop.serve();
    workshop.configure("News that its readers pay for", "A new line");
    server.wait_for("/", |page| page.contains("A new line"));
    workshop.write(
        "theme/error.html",
        "{% extends \"base.html\" %}{% block main %}Lost?{% endblock %}",
    );
    server.wait_for("/nowhere", |page| page.contains("Lost?"));
    // Broken ones are not applied.
    workshop.write(
        "theme/error.html",
        "{% extends \"base.html\" %}{% block main %}{{ oops }}{% endblock %}",
    );
    workshop.configure("anonymous = 3", "anonymus = 1");
    std::thread::sleep(std::time::Duration::from_millis(600));
    assert!(server.get("/nowhere").contains("Lost?"));
    workshop.configure("anonymus = 1", "anonymous = 1");
    workshop.write(
        "theme/error.html",
        "{% extends \"base.html\" %}{% block main %}Found.{% endblock %}",
    );
    server.wait_for("/nowhere", |page| page.contains("Found."));
}

#[test]
fn a_theme_is_copied_with_its_words_in_the_language_of_the_publication() {
    let workshop = Workshop::new();
    workshop.configure("locale = \"en\"", "locale = \"de\"");
    workshop.does(&["theme", "copy"]);
    let words = fs::read_to_string(workshop.path("theme/words.toml")).expect("words");
    assert!(words.contains("Zum Hauptinhalt springen"), "{words}");
    assert!(!workshop.path("theme/words").exists());
}

#[test]
fn keys_can_be_rotated() {
    let workshop = Workshop::new();
    workshop.does(&["keys", "rotate"]);
    let rotated = workshop.does(&["keys", "rotate"]);
    assert!(rotated.contains("no reader's meter is reset"), "{rotated}");
    let third = workshop.does(&["keys", "rotate"]);
    assert!(third.contains("The oldest key was dropped"), "{third}");
    assert!(third.contains("accounts were deleted stays"), "{third}");
    let keys = std::fs::read_to_string(workshop.path("data/keys")).expect("keys");
    assert!(keys.lines().filter(|line| !line.starts_with('#')).count() > 1, "{keys}");
    assert!(workshop.serve().get("/").contains("200 OK"));
}

#[test]
fn samples_of_every_email_can_be_written() {
    let workshop = Workshop::new();
    let folder = workshop.path("emails").display().to_string();
    let said = workshop.does(&["theme", "emails", &folder]);
    assert!(said.contains("43 emails"), "{said}");
    for kind in ["sign-in", "receipt", "trial_ending", "payment_failed_last", "ended"] {
        let text =
            fs::read_to_string(workshop.path(&format!("emails/{kind}.txt"))).expect("an email");
        let subject = text.lines().next().unwrap_or_default();
        assert!(subject.len() > "Subject: ".len(), "{kind}: {text}");
        assert!(!text.contains('{') && !text.contains("  \n"), "{kind}: {text}");
        let html = fs::read_to_string(workshop.path(&format!("emails/{kind}.html")));
        assert!(html.expect("an email").contains("</html>"));
    }
}
