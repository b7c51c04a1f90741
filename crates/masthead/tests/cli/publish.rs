//! Publishing manuscripts.

use std::fs;

use crate::workshop::Workshop;

fn manuscript(extra: &str, body: &str) -> String {
    format!(
        "---\nheadline: A ferry\nsection: news\nauthors: [The Desk]\ntopics: [Boats]\n{extra}---\n{body}\n"
    )
}

#[test]
fn an_article_is_published_corrected_and_withdrawn() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    workshop.write("ferry.md", &manuscript("", "It sails at noon."));
    assert!(workshop.does(&["publish", "ferry.md"]).starts_with("Published: A ferry"));
    for page in ["/", "/news", "/topic/boats", "/author/the-desk", "/news/ferry"] {
        server.wait_for(page, |page| page.contains("A ferry"));
    }
    let first = server.get("/news/ferry");
    let time = |page: &str| page.split("datetime=\"").nth(1).map(|rest| rest[..20].to_owned());
    assert!(workshop.does(&["publish", "ferry.md"]).starts_with("Unchanged"));

    workshop.write("ferry.md", &manuscript("", "It sails at *one*."));
    assert!(workshop.does(&["publish", "ferry.md"]).starts_with("Corrected"));
    let corrected = server.wait_for("/news/ferry", |page| page.contains("<em>one</em>"));
    assert_eq!(time(&first), time(&corrected), "it keeps the time of its first publication");

    assert!(workshop.does(&["withdraw", "http://x/news/ferry/"]).starts_with("Withdrawn"));
    server.wait_for("/news/ferry", |page| page.contains("404 Not Found"));
    assert!(!server.get("/").contains("A ferry"));
    assert!(workshop.does(&["list"]).starts_with("withdrawn"));
    workshop.does(&["publish", "ferry.md"]);
    server.wait_for("/news/ferry", |page| page.contains("200 OK"));
}

#[test]
fn a_future_publication_time_schedules() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let due = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
    workshop.write("soon.md", &manuscript(&format!("published: \"{due}\"\n"), "Soon."));
    assert!(workshop.does(&["publish", "soon.md"]).starts_with("Scheduled for"));
    assert!(workshop.does(&["list"]).starts_with("scheduled"));
    std::thread::sleep(std::time::Duration::from_millis(600));
    assert!(server.get("/news/soon").contains("404 Not Found"));
    server.wait_for("/news/soon", |page| page.contains("200 OK"));
}

#[test]
fn pictures_next_to_the_file_are_stored() {
    let workshop = Workshop::new();
    workshop.write(
        "boat.svg",
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40"><rect/></svg>"#,
    );
    let picture =
        "picture:\n  file: boat.svg\n  alt: A boat\n  caption: The boat\n  credit: The Desk\n";
    workshop.write("ferry.md", &manuscript(picture, "See ![a boat](boat.svg \"Here\")."));
    workshop.does(&["publish", "ferry.md"]);
    let server = workshop.serve();
    let page = server.get("/news/ferry");
    assert!(page.contains(r#"width="60" height="40""#), "{page}");
    let source = page.split("src=\"/media/").nth(1).expect("a picture");
    let file = server.get(&format!("/media/{}", source.split('"').next().expect("a name")));
    assert!(
        file.contains("image/svg+xml") && file.contains("immutable") && file.contains("sandbox")
    );
    assert!(
        server.get("/media/../keys").contains("404")
            && server.get("/media/%2e%2e/keys").contains("404")
    );
}

/// A JPEG with where it was taken (EXIF 2.3, section 4.6.6).
fn photograph_with_location() -> Vec<u8> {
    let jpeg = include_bytes!("../../../../demo/pictures/what-pilots-know-about-fog-share.jpg");
    let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0\0\0\0\0GPS 53 33 12 N";
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, exif, &jpeg[2..]].concat()
}

#[test]
fn photographs_next_to_the_file_lose_their_location_and_get_all_sizes() {
    let workshop = Workshop::new();
    fs::write(workshop.path("fog.jpg"), photograph_with_location()).expect("written");
    let picture = "picture:\n  file: fog.jpg\n  alt: Fog\n  caption: Fog\n  credit: The Desk\n";
    workshop.write("fog.md", &manuscript(picture, "Fog."));
    workshop.does(&["publish", "fog.md"]);
    let stored = fs::read_dir(workshop.path("data/media")).expect("a folder");
    let stored: Vec<_> = stored.map(|file| file.expect("a file").path()).collect();
    assert!(stored.len() > 3, "{stored:?}");
    for file in &stored {
        let content = fs::read(file).expect("read");
        assert!(!content.windows(3).any(|part| part == b"GPS"), "{}", file.display());
    }
    assert!(workshop.does(&["publish", "fog.md"]).starts_with("Unchanged"), "the same picture");
    let whole = photograph_with_location();
    fs::write(workshop.path("fog.jpg"), &whole[..whole.len() / 2]).expect("written");
    let said = workshop.refuses(&["publish", "fog.md"]);
    assert!(said.contains("nothing was changed"), "{said}");
    assert!(said.contains("fog.jpg: The file is incomplete"), "{said}");
}

#[test]
fn an_error_in_one_file_changes_nothing() {
    let workshop = Workshop::new();
    workshop.write("good.md", &manuscript("", "Good."));
    let broken = [
        ("headlin: x\n", "line 6: there is no key \"headlin\"; did you mean \"headline\"?"),
        ("published: tomorrow\n", "line 6: "),
        ("tier: gold\n", "line 6: "),
        ("slug: Not A Slug\n", "line 6: \"Not A Slug\" is not a slug; write \"not-a-slug\""),
    ];
    for (extra, says) in broken {
        workshop.write("bad.md", &manuscript(extra, "Bad."));
        let said = workshop.refuses(&["publish", "good.md", "bad.md"]);
        assert!(said.contains("bad.md") && said.contains(says), "{said}");
        assert!(said.contains("nothing was changed"), "{said}");
        assert_eq!(workshop.does(&["list"]), "");
    }
    let said = workshop.refuses(&["publish", "missing.md"]);
    assert!(said.contains("missing.md cannot be read"), "{said}");
    workshop.write("plain.md", "No front matter.");
    assert!(workshop.refuses(&["publish", "plain.md"]).contains("front matter"));
    let said = workshop.refuses(&["withdraw", "nothing"]);
    assert!(said.contains("there is no article or page \"nothing\""), "{said}");
}
