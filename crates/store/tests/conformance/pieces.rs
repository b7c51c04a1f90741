//! Articles, pages and those who write them.

use std::time::Duration;

use masthead_access::ArticleId;
use masthead_editorial::{
    Appearance, Author, Kind, Picture, Piece, Section, SlugScript, Status, Topic,
    import::{Changes, ImportEntry, KeptPiece, MISSING_PICTURE, SkippedEntry},
};
use masthead_store::{Location, Saved, Store, StoreError, StoredPiece, StoryChange};

use crate::open;

on_both_engines!(
    a_new_database_is_empty,
    a_piece_reads_back_as_saved,
    the_picture_of_a_shared_link_is_one_of_the_piece,
    saving_the_same_changes_nothing,
    a_piece_that_moves_keeps_its_old_address,
    withdrawing_is_a_change_and_keeps_the_piece,
    changes_come_in_order_and_page_by_page,
    importing_twice_changes_nothing,
    an_import_with_a_taken_slug_gets_a_number,
    an_import_leaves_what_was_changed_here,
    an_import_takes_no_pictures_away,
    an_import_gives_no_page_the_address_of_a_section,
    people_whose_names_are_alike_in_latin_letters_stay_apart,
    topics_whose_names_are_alike_in_latin_letters_stay_apart,
    a_topic_keeps_its_slug_when_addresses_are_written_in_other_letters,
    an_import_keeps_sections_when_addresses_are_written_in_other_letters,
    a_topic_may_have_a_very_long_name,
    authors_are_inserted_and_updated,
    unfinished_pages_are_found_by_their_slugs,
    parallel_writers_lose_nothing,
    a_database_from_a_newer_version_is_refused,
);

pub(crate) fn piece(slug: &str) -> Piece {
    Piece {
        slug: slug.into(),
        kind: Kind::Article("article".into()),
        design: None,
        status: Status::Published,
        section: Some(Section { slug: "harbour".into(), name: "Harbour".into() }),
        kicker: String::new(),
        headline: format!("About {slug}"),
        deck: "A deck with “quotes”.".into(),
        authors: vec![Author { slug: "ada".into(), name: "Ada".into(), ..Author::default() }],
        dateline: String::new(),
        picture: None,
        body: "<p>Text.</p>".into(),
        topics: vec![Topic { slug: "rope".into(), name: "Rope".into() }],
        tier: Some(masthead_access::Tier::Subscribers),
        sponsor: None,
        published: "2026-11-24T07:00:00Z".parse().ok(),
        updated: None,
        corrections: Vec::new(),
        canonical: None,
        appearance: Appearance::default(),
        language: None,
        former_addresses: Vec::new(),
    }
}

fn entry(origin: &str, piece: Piece) -> ImportEntry {
    ImportEntry {
        origin: origin.into(),
        address: String::new(),
        result: Ok(piece),
        changes: Changes::default(),
    }
}

/// The number of a new article with this slug.
pub(crate) async fn article(store: &Store, slug: &str) -> ArticleId {
    match store.save(&piece(slug), jiff::Timestamp::now()).await.expect("saved") {
        Saved::Created(id) | Saved::Changed(id) | Saved::Unchanged(id) => id,
    }
}

/// Creates `count` articles, which have the numbers from 1 on in a new database.
pub(crate) async fn articles(store: &Store, number: u32) {
    let entries: Vec<_> =
        (1..=number).map(|n| entry(&format!("test:{n}"), piece(&format!("article-{n}")))).collect();
    store.import_pieces(&entries, jiff::Timestamp::now()).await.expect("taken in");
}

async fn everything(store: &Store) -> Vec<StoredPiece> {
    store.changes_since(0, None, 1000).await.expect("a list")
}

async fn a_new_database_is_empty(location: &Location) {
    let store = open(location).await;
    assert_eq!(store.revision().await.expect("a revision"), 0);
    assert!(everything(&store).await.is_empty());
    store.ping().await.expect("a sign of life");
    // Opening it again changes nothing.
    assert_eq!(open(location).await.revision().await.expect("a revision"), 0);
}

async fn a_piece_reads_back_as_saved(location: &Location) {
    let store = open(location).await;
    let original = piece("ferry");
    let Saved::Created(id) = store.save(&original, jiff::Timestamp::now()).await.expect("saved")
    else {
        panic!("not created");
    };
    assert_eq!(store.piece("ferry").await.expect("read"), Some(original.clone()));
    let whole = store.whole_piece(id).await.expect("read").map(|listed| listed.piece);
    assert_eq!(whole, Some(original.clone()));
    assert_eq!(store.whole_piece(ArticleId(999)).await.expect("read"), None);
    let listed = everything(&store).await;
    assert_eq!(listed[0].piece, Piece { body: String::new(), ..original });
    assert_eq!(store.sections().await.expect("sections")[0].name, "Harbour");
}

async fn the_picture_of_a_shared_link_is_one_of_the_piece(location: &Location) {
    let store = open(location).await;
    let appearance =
        Appearance { social_picture: "/media/5f-4x3.jpg".into(), ..Appearance::default() };
    let body = "<p><img src=\"/media/6a-4x3.jpg\"></p>".to_owned();
    let shared = Piece { appearance, body, ..piece("ferry") };
    store.save(&shared, jiff::Timestamp::now()).await.expect("saved");
    assert_eq!(store.piece("ferry").await.expect("read"), Some(shared));
    assert_eq!(everything(&store).await[0].pictures, ["6a-4x3", "5f-4x3"]);
}

async fn saving_the_same_changes_nothing(location: &Location) {
    let store = open(location).await;
    store.save(&piece("ferry"), jiff::Timestamp::now()).await.expect("saved");
    let revision = store.revision().await.expect("a revision");
    let again = store.save(&piece("ferry"), jiff::Timestamp::now()).await.expect("saved");
    assert!(matches!(again, Saved::Unchanged(_)));
    assert_eq!(store.revision().await.expect("a revision"), revision);
}

async fn a_piece_that_moves_keeps_its_old_address(location: &Location) {
    let store = open(location).await;
    store.save(&piece("ferry"), jiff::Timestamp::now()).await.expect("saved");
    let moved = Piece {
        section: Some(Section { slug: "weather".into(), name: "Weather".into() }),
        ..piece("ferry")
    };
    store.save(&moved, jiff::Timestamp::now()).await.expect("saved");
    store.save(&moved, jiff::Timestamp::now()).await.expect("saved");
    let found = store.piece("ferry").await.expect("read").expect("there");
    assert_eq!(found.former_addresses, ["/harbour/ferry"]);
}

async fn withdrawing_is_a_change_and_keeps_the_piece(location: &Location) {
    let store = open(location).await;
    store.save(&piece("ferry"), jiff::Timestamp::now()).await.expect("saved");
    let before = store.revision().await.expect("a revision");
    assert!(store.withdraw("ferry", jiff::Timestamp::now()).await.expect("withdrawn"));
    assert!(!store.withdraw("ferry", jiff::Timestamp::now()).await.expect("withdrawn already"));
    let changes = store.changes_since(before, None, 10).await.expect("changes");
    assert_eq!(changes[0].piece.status, Status::Withdrawn);
    assert!(matches!(
        store.withdraw("none", jiff::Timestamp::now()).await,
        Err(StoreError::NoSuchPiece(_))
    ));
}

async fn changes_come_in_order_and_page_by_page(location: &Location) {
    let store = open(location).await;
    let entries: Vec<_> =
        (0..5).map(|n| entry(&format!("test:{n}"), piece(&format!("p{n}")))).collect();
    store.import_pieces(&entries, jiff::Timestamp::now()).await.expect("taken in");
    store.save(&piece("later"), jiff::Timestamp::now()).await.expect("saved");
    let mut slugs = Vec::new();
    let (mut revision, mut after) = (0, None);
    loop {
        let page = store.changes_since(revision, after, 2).await.expect("a page");
        let Some(last) = page.last() else { break };
        (revision, after) = (last.revision, Some(last.id));
        slugs.extend(page.into_iter().map(|listed| listed.piece.slug));
    }
    assert_eq!(slugs, ["p0", "p1", "p2", "p3", "p4", "later"]);
}

async fn importing_twice_changes_nothing(location: &Location) {
    let store = open(location).await;
    let left_out = SkippedEntry { what: "menu".into(), why: "no".into() };
    let entries = || {
        vec![
            entry("test:1", piece("one")),
            ImportEntry {
                origin: "test:2".into(),
                address: String::new(),
                result: Err(left_out.clone()),
                changes: Changes::default(),
            },
            entry("test:3", piece("three")),
        ]
    };
    let first = store.import_pieces(&entries(), jiff::Timestamp::now()).await.expect("taken in");
    assert!(first.iter().all(|saved| matches!(saved, Ok(Saved::Created(_)))));
    let second = store.import_pieces(&entries(), jiff::Timestamp::now()).await.expect("taken in");
    assert!(second.iter().all(|saved| matches!(saved, Ok(Saved::Unchanged(_)))));
    let mut changed = entries();
    changed[2] = entry("test:3", Piece { headline: "New".into(), ..piece("three") });
    let third = store.import_pieces(&changed, jiff::Timestamp::now()).await.expect("taken in");
    assert!(matches!(third[..], [Ok(Saved::Unchanged(_)), Ok(Saved::Changed(_))]));
    assert_eq!(everything(&store).await.len(), 2);
}

async fn an_import_with_a_taken_slug_gets_a_number(location: &Location) {
    let store = open(location).await;
    let entries = [entry("test:1", piece("same")), entry("test:2", piece("same"))];
    store.import_pieces(&entries, jiff::Timestamp::now()).await.expect("taken in");
    store.import_pieces(&entries, jiff::Timestamp::now()).await.expect("taken in");
    let slugs: Vec<_> = everything(&store).await.into_iter().map(|l| l.piece.slug).collect();
    assert_eq!(slugs, ["same", "same-2"]);
}

async fn an_import_leaves_what_was_changed_here(location: &Location) {
    let store = open(location).await;
    let now = jiff::Timestamp::now();
    let import = |number: u8, headline: &str| {
        let slug = format!("p{number}");
        entry(&format!("test:{number}"), Piece { headline: headline.into(), ..piece(&slug) })
    };
    let entries: Vec<_> = (1..4).map(|number| import(number, "Teh first")).collect();
    store.import_pieces(&entries, now).await.expect("taken in");
    let corrected = Piece { headline: "The first".into(), ..piece("p1") };
    store.save(&corrected, now).await.expect("corrected");
    store.withdraw("p2", now).await.expect("withdrawn");
    // Whatever the file says, what was changed here stays.
    for headline in ["Teh first", "Teh second"] {
        let later: Vec<_> = (1..4).map(|number| import(number, headline)).collect();
        let again = store.import_pieces(&later, now).await.expect("taken in");
        assert_eq!(again[0], Err(KeptPiece::ChangedHere), "{headline}");
        assert_eq!(again[1], Err(KeptPiece::ChangedHere), "{headline}");
        assert!(again[2].is_ok(), "{headline}");
    }
    let [first, second, third] = ["p1", "p2", "p3"].map(|slug| store.piece(slug));
    let read = |found: Option<Piece>| found.expect("there");
    assert_eq!(read(first.await.expect("read")).headline, "The first");
    assert_eq!(read(second.await.expect("read")).status, Status::Withdrawn);
    assert_eq!(read(third.await.expect("read")).headline, "Teh second");
    let id = everything(&store).await.into_iter().find(|l| l.piece.slug == "p3").expect("p3").id;
    let revisions = store.revisions(id, 10).await.expect("revisions");
    let changes: Vec<_> = revisions.iter().map(|r| (r.change, r.draft.headline.as_str())).collect();
    assert_eq!(
        changes,
        [(StoryChange::Imported, "Teh second"), (StoryChange::Published, "Teh first")]
    );
}

async fn an_import_takes_no_pictures_away(location: &Location) {
    let store = open(location).await;
    let now = jiff::Timestamp::now();
    let body = "<p>Text.</p><p><img src=\"/media/6a-4x3.jpg\"></p>".to_owned();
    let shown = entry("test:1", Piece { body, ..piece("a") });
    let mut bare = entry("test:1", piece("a"));
    bare.changes.count(MISSING_PICTURE);
    store.import_pieces(std::slice::from_ref(&shown), now).await.expect("taken in");
    let again = store.import_pieces(&[bare], now).await.expect("taken in");
    assert_eq!(again, [Err(KeptPiece::HasMorePictures)]);
    // The other system has the article without a picture now.
    let removed = store.import_pieces(&[entry("test:1", piece("a"))], now).await.expect("taken in");
    assert!(matches!(removed[..], [Ok(Saved::Changed(_))]));
}

async fn an_import_gives_no_page_the_address_of_a_section(location: &Location) {
    let store = open(location).await;
    let now = jiff::Timestamp::now();
    let page = |slug: &str| Piece { kind: Kind::Page, section: None, ..piece(slug) };
    let inside = |slug: &str, section: &str| Piece {
        section: Some(Section { slug: section.into(), name: "A section".into() }),
        ..piece(slug)
    };
    let entries = [
        entry("test:1", piece("a")),
        entry("test:2", page("harbour")),
        entry("test:3", page("tides")),
        entry("test:4", inside("b", "tides")),
    ];
    for _ in 0..2 {
        store.import_pieces(&entries, now).await.expect("taken in");
        let addresses: Vec<_> =
            everything(&store).await.iter().map(|listed| listed.piece.address()).collect();
        assert_eq!(addresses, ["/harbour/a", "/harbour-2", "/tides", "/tides-2/b"]);
    }
}

async fn people_whose_names_are_alike_in_latin_letters_stay_apart(location: &Location) {
    let store = open(location).await;
    let by = |slug: &str, names: &[&str]| Piece {
        authors: names
            .iter()
            .map(|name| {
                masthead_editorial::manuscript::named_author((*name).to_owned(), SlugScript::Latin)
            })
            .collect(),
        ..piece(slug)
    };
    let now = jiff::Timestamp::now();
    for (slug, names) in [
        ("a", &["Jörg Müller"][..]),
        ("b", &["Jorg Muller"]),
        ("c", &["JÖRG MÜLLER"]),
        ("d", &["Jorg Muller", "Jörg Müller"]),
        ("e", &["李明", "黎明"]),
    ] {
        store.save(&by(slug, names), now).await.expect("saved");
    }
    let printed = |found: Option<Piece>| -> Vec<(String, String)> {
        let authors = found.expect("there").authors;
        authors.into_iter().map(|author| (author.slug, author.name)).collect()
    };
    let pair = |slug: &str, name: &str| (slug.to_owned(), name.to_owned());
    let (first, second) =
        (pair("jorg-muller", "Jörg Müller"), pair("jorg-muller-2", "Jorg Muller"));
    for (slug, expected) in [
        ("a", vec![first.clone()]),
        ("b", vec![second.clone()]),
        ("c", vec![first.clone()]),
        ("d", vec![second, first]),
        ("e", vec![pair("li-ming", "李明"), pair("li-ming-2", "黎明")]),
    ] {
        assert_eq!(printed(store.piece(slug).await.expect("read")), expected, "{slug}");
    }
}

fn about(slug: &str, names: &[&str], script: SlugScript) -> Piece {
    let topic = |name: &&str| Topic { slug: script.slugify(name), name: (*name).to_owned() };
    Piece { topics: names.iter().map(topic).collect(), ..piece(slug) }
}

async fn topics_of(store: &Store, slug: &str) -> Vec<(String, String)> {
    let topics = store.piece(slug).await.expect("read").expect("there").topics;
    topics.into_iter().map(|topic| (topic.slug, topic.name)).collect()
}

fn pair(slug: &str, name: &str) -> (String, String) {
    (slug.to_owned(), name.to_owned())
}

async fn topics_whose_names_are_alike_in_latin_letters_stay_apart(location: &Location) {
    let store = open(location).await;
    let now = jiff::Timestamp::now();
    for (slug, names) in [
        ("a", &["Öl"][..]),
        ("b", &["Ol"]),
        ("c", &["ÖL"]),
        ("d", &["Ol", "Öl", "öl"]),
        ("e", &["李明", "黎明"]),
    ] {
        store.save(&about(slug, names, SlugScript::Latin), now).await.expect("saved");
    }
    for (slug, expected) in [
        ("a", vec![pair("ol", "Öl")]),
        ("b", vec![pair("ol-2", "Ol")]),
        ("c", vec![pair("ol", "ÖL")]),
        ("d", vec![pair("ol-2", "Ol"), pair("ol", "Öl")]),
        ("e", vec![pair("li-ming", "李明"), pair("li-ming-2", "黎明")]),
    ] {
        assert_eq!(topics_of(&store, slug).await, expected, "{slug}");
    }
    // The same on every road, and again without a change.
    let entry = |slug: &str, names: &[&str]| ImportEntry {
        origin: slug.to_owned(),
        address: String::new(),
        result: Ok(about(slug, names, SlugScript::Latin)),
        changes: Changes::default(),
    };
    let entries = [entry("f", &["Ol"]), entry("g", &["Öl", "黎明"])];
    for _ in 0..2 {
        store.import_pieces(&entries, now).await.expect("imported");
        assert_eq!(topics_of(&store, "f").await, [pair("ol-2", "Ol")]);
        assert_eq!(topics_of(&store, "g").await, [pair("ol", "Öl"), pair("li-ming-2", "黎明")]);
    }
    let again = store.import_pieces(&entries, now).await.expect("imported");
    assert!(again.iter().all(|saved| matches!(saved, Ok(Saved::Unchanged(_)))), "{again:?}");
}

async fn a_topic_keeps_its_slug_when_addresses_are_written_in_other_letters(location: &Location) {
    let store = open(location).await;
    let now = jiff::Timestamp::now();
    for (slug, name, script) in [
        ("a", "Öl", SlugScript::Latin),
        ("b", "Öl", SlugScript::OwnScript),
        ("c", "Übersee", SlugScript::OwnScript),
        ("d", "Übersee", SlugScript::Latin),
        // Only the capitals or the punctuation are others.
        ("e", "ÖL", SlugScript::OwnScript),
        ("f", "„Übersee“", SlugScript::Latin),
    ] {
        store.save(&about(slug, &[name], script), now).await.expect("saved");
    }
    for (slug, expected) in [
        ("a", pair("ol", "Öl")),
        ("b", pair("ol", "Öl")),
        ("c", pair("übersee", "Übersee")),
        ("d", pair("übersee", "Übersee")),
        ("e", pair("ol", "ÖL")),
        ("f", pair("übersee", "„Übersee“")),
    ] {
        assert_eq!(topics_of(&store, slug).await, [expected], "{slug}");
    }
    let piece = store.piece("c").await.expect("read").expect("there");
    assert_eq!(piece.topics[0].slug, "übersee");
}

async fn an_import_keeps_sections_when_addresses_are_written_in_other_letters(location: &Location) {
    let store = open(location).await;
    let now = jiff::Timestamp::now();
    let import = async |slug: &str, name: &str| {
        let section = Section { slug: slug.to_owned(), name: name.to_owned() };
        let entry = ImportEntry {
            origin: name.to_owned(),
            address: String::new(),
            result: Ok(Piece { section: Some(section), ..piece(name) }),
            changes: Changes::default(),
        };
        store.import_pieces(&[entry], now).await.expect("imported").remove(0).expect("saved")
    };
    for (slug, name) in [("xin-wen", "新聞"), ("ol", "Öl"), ("ol-2", "Ol")] {
        assert!(matches!(import(slug, name).await, Saved::Created(_)), "{name}");
    }
    assert!(matches!(import("新聞", "新聞").await, Saved::Unchanged(_)));
    assert!(matches!(import("öl", "Öl").await, Saved::Unchanged(_)));
    // Another section has the slug in other letters.
    assert!(matches!(import("öl", "Oel").await, Saved::Created(_)));
    assert_eq!(store.sections().await.expect("sections").len(), 4);
}

async fn a_topic_may_have_a_very_long_name(location: &Location) {
    let store = open(location).await;
    let letter = |number: u32| char::from_u32(0x4e00 + number * 7919 % 20_000);
    let name: String = (0..2000).filter_map(letter).collect();
    for slug in ["a", "b"] {
        let piece = about(slug, &[&name], SlugScript::Latin);
        store.save(&piece, jiff::Timestamp::now()).await.expect("saved");
    }
    assert_eq!(topics_of(&store, "a").await, topics_of(&store, "b").await);
}

async fn authors_are_inserted_and_updated(location: &Location) {
    let store = open(location).await;
    store.save(&piece("ferry"), jiff::Timestamp::now()).await.expect("saved");
    let ada = Author {
        slug: "ada".into(),
        name: "Ada Quill".into(),
        role: "Editor".into(),
        bio: "<p>Writes.</p>".into(),
        portrait: Some(Picture { src: "/media/5f-8x8.jpg".into(), width: 8, ..Picture::default() }),
        is_desk: true,
        email: String::new(),
    };
    let before = store.revision().await.expect("a revision");
    store.save_author(&ada).await.expect("saved");
    store.save(&piece("another"), jiff::Timestamp::now()).await.expect("saved");
    assert_eq!(store.authors_since(before).await.expect("authors"), [ada]);
}

async fn parallel_writers_lose_nothing(location: &Location) {
    let store = open(location).await;
    let writers: Vec<_> = (0..20)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                store.save(&piece(&format!("p{n}")), jiff::Timestamp::now()).await
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("finished").expect("saved");
    }
    let listed = everything(&store).await;
    assert_eq!(listed.len(), 20);
    let mut revisions: Vec<_> = listed.iter().map(|listed| listed.revision).collect();
    revisions.dedup();
    assert_eq!(revisions.len(), 20, "every write has its own revision");
}

async fn a_database_from_a_newer_version_is_refused(location: &Location) {
    let store = open(location).await;
    store.pretend_newer("m9999_flying_cars").await.expect("noted");
    let error = Store::open(location).await.expect_err("refused");
    assert!(
        matches!(&error, StoreError::Newer(version) if version == "m9999_flying_cars"),
        "{error}"
    );
}

#[tokio::test]
async fn a_full_disk_is_reported_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a directory");
    let store = open(&Location::Sqlite(folder.path().join("masthead.db"))).await;
    store.save(&piece("before"), jiff::Timestamp::now()).await.expect("saved");
    let used = std::fs::metadata(folder.path().join("masthead.db")).map_or(0, |m| m.len() / 4096);
    for _ in 0..8 {
        // Each of the pool's connections has a limit of its own.
        store.limit_pages(u32::try_from(used).expect("small") + 20).await.expect("limited");
    }
    let large = Piece { body: "x".repeat(4_000_000), ..piece("after") };
    assert!(matches!(store.save(&large, jiff::Timestamp::now()).await, Err(StoreError::DiskFull)));
    let slugs: Vec<_> = everything(&store).await.into_iter().map(|l| l.piece.slug).collect();
    assert_eq!(slugs, ["before"]);
}

/// SQLite rolls a transaction back by itself if it finds no room, which the driver does not notice.
#[tokio::test]
async fn a_full_disk_leaves_no_lock_behind() {
    let folder = tempfile::tempdir().expect("a directory");
    let store = open(&Location::Sqlite(folder.path().join("masthead.db"))).await;
    store.limit_pages(1).await.expect("limited");
    let mut failures = 0;
    for number in 0..400 {
        let large = Piece { body: "x".repeat(100_000), ..piece(&format!("large-{number}")) };
        let saved = tokio::time::timeout(
            Duration::from_secs(5),
            store.save(&large, jiff::Timestamp::now()),
        )
        .await;
        failures += usize::from(saved.expect("no connection holds the write lock").is_err());
        if failures > 20 {
            break;
        }
    }
    assert!(failures > 0, "the disk fills");
}

#[tokio::test]
async fn a_missing_directory_is_named() {
    let location = Location::Sqlite("/nonexistent/masthead.db".into());
    let error = Store::open(&location).await.expect_err("refused").to_string();
    assert!(error.contains("/nonexistent"), "{error}");
}

async fn unfinished_pages_are_found_by_their_slugs(location: &Location) {
    let store = open(location).await;
    for (slug, status) in
        [("terms", Status::Draft), ("contact", Status::Published), ("other", Status::Draft)]
    {
        let page = Piece { kind: Kind::Page, section: None, status, ..piece(slug) };
        store.save(&page, jiff::Timestamp::now()).await.expect("saved");
    }
    let body = "<p>[Fill in your address]</p>".to_owned();
    let page = Piece { kind: Kind::Page, section: None, body, ..piece("imprint") };
    store.save(&page, jiff::Timestamp::now()).await.expect("saved");
    // Whatever the language of the draft.
    let body = "<p>日本語。[記入してください：住所]</p>".to_owned();
    let page = Piece { kind: Kind::Page, section: None, body, ..piece("withdrawal") };
    store.save(&page, jiff::Timestamp::now()).await.expect("saved");
    let slugs = ["terms", "contact", "privacy", "imprint", "withdrawal"];
    let found = store.unfinished_pages(&slugs).await.expect("read");
    let found: Vec<_> =
        found.iter().map(|page| (page.slug.as_str(), page.headline.as_str())).collect();
    assert_eq!(
        found,
        [
            ("terms", "About terms"),
            ("imprint", "About imprint"),
            ("withdrawal", "About withdrawal"),
        ]
    );
}
