use jiff::SignedDuration;
use masthead_circulation::reading::FollowKind;
use masthead_editorial::{Kind, Picture, Piece, Status};
use masthead_store::{LiveCoverage, RetiredName, StoredPiece};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::*;
use crate::theme_check::bare;

const NOW: i64 = 1_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

fn stored(id: u32, piece: Piece) -> StoredPiece {
    StoredPiece {
        id: ArticleId(id),
        revision: i64::from(id),
        piece,
        pictures: Vec::new(),
        minutes: 1,
        live: None,
        posts: Vec::new(),
    }
}

fn laid_out(pieces: Vec<StoredPiece>) -> Edition {
    let mut draft = Edition::default();
    draft.add(pieces, at(NOW));
    draft.lay_out(0, Vec::new(), at(NOW))
}

/// An article that was published at this second.
pub(crate) fn entry(id: u32, second: i64) -> Arc<EditionEntry> {
    let edition = laid_out(vec![stored(id, bare(at(second)))]);
    Arc::clone(edition.piece(ArticleId(id)).expect("an article"))
}

/// A piece of which everything may have been changed since the last time.
fn random_piece(id: u32, random: &mut StdRng) -> StoredPiece {
    let mut few = |most: u32| random.random_range(0..most);
    let named = |kind: &str, number: u32| format!("{kind}-{number}");
    let section = few(3);
    let topic = Topic { slug: named("topic", few(4)), name: named("Topic", few(2)) };
    let author = Author { slug: named("author", few(4)), ..Author::default() };
    let stem = few(5);
    let picture = Picture { src: format!("/media/lead{stem}.jpg"), ..Picture::default() };
    let piece = Piece {
        slug: named("piece", id),
        kind: if few(8) == 0 { Kind::Page } else { Kind::Article("article".to_owned()) },
        status: if few(5) == 0 { Status::Withdrawn } else { Status::Published },
        section: (section > 0)
            .then(|| Section { slug: named("section", section), name: "Section".to_owned() }),
        headline: named("Headline", few(10)),
        topics: vec![topic.clone(), topic],
        authors: vec![author.clone(), author],
        picture: (stem > 0).then_some(picture),
        former_addresses: vec![named("/old", few(6))],
        // A third is not due yet.
        ..bare(at(NOW - 200 + i64::from(few(300))))
    };
    let live = (few(3) == 0).then(|| LiveCoverage {
        started: at(NOW - 200),
        ended: (few(3) == 0).then(|| at(NOW)),
        updated: at(NOW - 200 + i64::from(few(200))),
        revisions: Vec::new(),
    });
    StoredPiece { pictures: vec![named("body", few(4))], live, ..stored(id, piece) }
}

fn author(number: u32, random: &mut StdRng) -> Author {
    let picture = random.random_range(0..4);
    let bio = format!("<img src=\"/media/bio{picture}.jpg\">");
    let portrait = Picture { src: format!("/media/lead{picture}.jpg"), ..Picture::default() };
    let portrait = (number > 1).then_some(portrait);
    Author { slug: format!("author-{number}"), bio, portrait, ..Author::default() }
}

/// Everything that an edition says to readers, in words that can be compared.
fn everything(edition: &Edition) -> Vec<String> {
    let list = |name: String, list: &EntryList| {
        let entries = list.iter().map(|entry| format!("{}@{}", entry.id.0, entry.revision));
        format!("{name}: {}", entries.collect::<Vec<_>>().join(" "))
    };
    let found = |address: &String| match edition.find(address) {
        Some(Target::Piece(entry)) => format!("{address} is {}", entry.id.0),
        Some(Target::Moved(entry)) => format!("{address} was {}", entry.id.0),
        Some(Target::Section(section)) => list(address.clone(), edition.in_section(&section.slug)),
        Some(Target::Topic(topic)) => list(address.clone(), edition.on_topic(&topic.slug)),
        Some(Target::Author(author)) => list(address.clone(), edition.by_author(&author.slug)),
        None => format!("{address} is nothing"),
    };
    let addresses: Vec<String> = edition.addresses().collect();
    let pages = edition.pages().iter().map(|page| page.id.0.to_string());
    let pictures = edition.pictures.iter().map(|(stem, count)| format!("{stem} {count}"));
    let scheduled = edition.scheduled.iter().map(|(due, id)| format!("{due} {}", id.0));
    let mut all: Vec<String> = addresses.iter().map(found).chain(pictures).collect();
    all.sort();
    all.dedup();
    all.push(list("articles".to_owned(), edition.articles()));
    let live = edition.live().iter().map(|entry| format!("{}@{}", entry.id.0, entry.revision));
    all.push(format!("live: {}", live.collect::<Vec<_>>().join(" ")));
    all.push(pages.collect::<Vec<_>>().join(" "));
    all.extend(scheduled);
    all
}

#[test]
fn an_edition_that_was_changed_again_and_again_equals_one_that_is_made_at_once() {
    for seed in 0..40 {
        let mut random = StdRng::seed_from_u64(seed);
        let mut now = NOW;
        let mut edition = Edition::default();
        let mut written: HashMap<u32, StoredPiece> = HashMap::new();
        let mut authors: HashMap<u32, Author> = HashMap::new();
        for revision in 1..60 {
            let mut draft = edition.draft();
            for _ in 0..random.random_range(0..4) {
                let id = random.random_range(1..30);
                let piece = StoredPiece { revision, ..random_piece(id, &mut random) };
                written.insert(id, piece.clone());
                draft.add(vec![piece], at(now));
            }
            let number = random.random_range(0..8);
            let changed = (number < 4).then(|| author(number, &mut random));
            authors.extend(changed.clone().map(|author| (number, author)));
            // The demonstration's clock may be put back.
            now += random.random_range(-10..20);
            edition = draft.lay_out(revision, changed.into_iter().collect(), at(now));

            let mut rest: Vec<StoredPiece> = written.values().cloned().collect();
            rest.sort_by_key(|piece| piece.revision);
            let mut at_once = Edition::default();
            at_once.add(rest, at(now));
            let at_once = at_once.lay_out(revision, authors.values().cloned().collect(), at(now));
            assert_eq!(everything(&edition), everything(&at_once), "seed {seed}, {revision}");
        }
    }
}

#[test]
fn the_edition_before_a_change_stays_as_it_was() {
    let mut random = StdRng::seed_from_u64(1);
    let edition = laid_out((1..200).map(|id| random_piece(id, &mut random)).collect());
    let before = everything(&edition);
    let mut draft = edition.draft();
    draft.add((1..100).map(|id| random_piece(id, &mut random)).collect(), at(NOW));
    let _next = draft.lay_out(1_000, Vec::new(), at(NOW + 500));
    assert_eq!(everything(&edition), before);
}

#[test]
fn a_current_address_is_found_before_a_former_one() {
    let old = vec!["/second".to_owned(), "/gone".to_owned()];
    let first = Piece { slug: "first".to_owned(), former_addresses: old.clone(), ..bare(at(1)) };
    let second = Piece { slug: "second".to_owned(), former_addresses: old, ..bare(at(2)) };
    let edition = laid_out(vec![stored(1, first), stored(2, second)]);
    assert!(matches!(edition.find("/second"), Some(Target::Piece(entry)) if entry.id.0 == 2));
    assert!(matches!(edition.find("/gone"), Some(Target::Moved(entry)) if entry.id.0 == 1));
    let next = {
        let mut draft = edition.draft();
        draft.add(vec![stored(2, Piece { status: Status::Withdrawn, ..bare(at(2)) })], at(NOW));
        draft.lay_out(3, Vec::new(), at(NOW))
    };
    assert!(matches!(next.find("/second"), Some(Target::Moved(entry)) if entry.id.0 == 1));
}

#[test]
fn a_scheduled_piece_is_found_from_its_time_on() {
    let piece = stored(1, bare(at(NOW) + SignedDuration::from_secs(5)));
    let edition = laid_out(vec![piece]);
    assert_eq!(edition.next_due(), Some(at(NOW + 5)));
    assert!(edition.find("/piece").is_none() && edition.piece(ArticleId(1)).is_some());
    let due = edition.draft().lay_out(1, Vec::new(), at(NOW + 5));
    assert!(due.find("/piece").is_some() && due.next_due().is_none());
}

#[test]
fn articles_on_a_merged_topic_are_on_the_other_at_once() {
    let on = |id: u32, second: i64, topics: &[&str], author: &str| {
        let topic = |slug: &&str| Topic { slug: (*slug).to_owned(), name: (*slug).to_owned() };
        let authors = vec![Author { slug: author.to_owned(), ..Author::default() }];
        let topics = topics.iter().map(topic).collect();
        let slug = format!("piece-{id}");
        stored(id, Piece { slug, topics, authors, ..bare(at(second)) })
    };
    let pieces = vec![
        on(1, 1, &["quays"], "ada"),
        on(2, 2, &["tides", "quays"], "ben"),
        on(3, NOW + 5, &["quays"], "ada"),
        on(4, 4, &["ships"], "ben"),
    ];
    let edition = laid_out(pieces);
    let name = |slug: &str| RetiredName { slug: slug.to_owned(), name: slug.to_owned() };
    let retired = RetiredNames::default().with(FollowKind::Topic, "quays", name("tides")).with(
        FollowKind::Author,
        "ada",
        name("cleo"),
    );
    let mut draft = edition.draft();
    draft.retire_names(retired);
    // One that the store has not changed yet is written again.
    draft.add(vec![StoredPiece { revision: 5, ..on(5, 5, &["quays"], "ada") }], at(NOW));
    let next = draft.lay_out(5, Vec::new(), at(NOW));
    let ids = |list: &EntryList| list.iter().map(|entry| entry.id.0).collect::<Vec<_>>();
    assert_eq!(ids(next.on_topic("tides")), [5, 2, 1]);
    assert_eq!((ids(next.on_topic("quays")), ids(next.on_topic("ships"))), (vec![], vec![4]));
    assert_eq!((ids(next.by_author("cleo")), ids(next.by_author("ada"))), (vec![5, 1], vec![]));
    let second = next.piece(ArticleId(2)).expect("an article");
    assert_eq!(second.article().topics.len(), 1);
    let due = next.draft().lay_out(5, Vec::new(), at(NOW + 5));
    assert_eq!(ids(due.on_topic("tides")), [3, 5, 2, 1]);
    assert_eq!(ids(edition.on_topic("quays")), [2, 1], "the edition before stays as it was");
}

/// A piece with a topic and a section of these names.
fn naming(id: u32, second: i64, name: &str) -> StoredPiece {
    let topics = vec![Topic { slug: "tides".to_owned(), name: name.to_owned() }];
    let section = Some(Section { slug: "harbour".to_owned(), name: name.to_owned() });
    let slug = format!("piece-{id}");
    stored(id, Piece { slug, topics, section, ..bare(at(second)) })
}

/// The names that readers see.
fn names(edition: &Edition) -> [String; 2] {
    let Some(Target::Topic(topic)) = edition.find("/topic/tides") else { panic!("no topic") };
    let Some(Target::Section(section)) = edition.find("/harbour") else { panic!("no section") };
    [topic.name.clone(), section.name.clone()]
}

#[test]
fn a_scheduled_piece_renames_nothing_before_its_time() {
    let edition = laid_out(vec![naming(1, NOW - 9, "Tides"), naming(2, NOW + 5, "Secret")]);
    assert_eq!(names(&edition), ["Tides", "Tides"]);
    let due = edition.draft().lay_out(2, Vec::new(), at(NOW + 5));
    assert_eq!(names(&due), ["Secret", "Secret"]);

    // Whichever comes first; and a later write of a public piece stays.
    let secret_first = laid_out(vec![naming(1, NOW + 5, "Secret"), naming(2, NOW - 9, "Tides")]);
    assert_eq!(names(&secret_first), ["Tides", "Tides"]);
    let due = secret_first.draft().lay_out(2, Vec::new(), at(NOW + 5));
    assert_eq!(names(&due), ["Tides", "Tides"]);

    // What is not scheduled any more renames nothing either.
    let mut draft = edition.draft();
    let withdrawn = naming(2, NOW + 5, "Secret");
    let piece = Piece { status: Status::Withdrawn, ..withdrawn.piece };
    draft.add(vec![StoredPiece { revision: 3, piece, ..stored(2, bare(at(1))) }], at(NOW));
    let later = draft.lay_out(3, Vec::new(), at(NOW + 50));
    assert_eq!(names(&later), ["Tides", "Tides"]);
}
