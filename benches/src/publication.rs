//! Creates a publication with any number of articles in its own folder.

use std::{fs, path::Path};

use jiff::{SignedDuration, Timestamp};
use masthead_access::token::Keyring;
use masthead_editorial::{
    Appearance, Author, Kind, Piece, Section, Status, Topic,
    import::{Changes, ImportEntry},
};
use masthead_store::{Location, Store};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::BenchError;

/// Its address, whichever port it is served at.
pub const ADDRESS: &str = "http://127.0.0.1";
/// The number of articles saved in one write.
const BATCH: u32 = 1000;
/// About 600 words per article, as in a daily paper.
const PARAGRAPHS: usize = 9;
const SECTIONS: u32 = 8;
const TOPICS: u32 = 400;
const SEED: u64 = 1;

/// Creates the publication, with the configuration of a new one, and returns the addresses of its
/// articles.
pub async fn make(folder: &Path, articles: u32) -> Result<Vec<String>, BenchError> {
    make_with(folder, articles, PARAGRAPHS).await
}

/// Creates the same with a sentence for each text, of which a million take minutes and not an hour.
pub async fn make_short(folder: &Path, articles: u32) -> Result<Vec<String>, BenchError> {
    make_with(folder, articles, 1).await
}

async fn make_with(
    folder: &Path,
    articles: u32,
    paragraphs: usize,
) -> Result<Vec<String>, BenchError> {
    fs::create_dir_all(folder.join("data"))?;
    fs::write(
        folder.join("masthead.toml"),
        format!(
            "[publication]\nname = \"The Bench\"\naddress = \"{ADDRESS}\"\nlocale = \"en\"\nzone = \"UTC\"\n\
             [meter]\nfirst_reads_per_network = 0\n"
        ),
    )?;
    // What is created here in place of the program belongs to these keys.
    fs::write(folder.join("data/keys"), Keyring::generate(&mut rand::rng()).to_text())?;
    let store = Store::open(&Location::Sqlite(folder.join("data/masthead.db"))).await?;
    fill_with(&store, articles, paragraphs).await
}

/// Creates this many articles in a database, and returns their addresses.
pub async fn fill(store: &Store, articles: u32) -> Result<Vec<String>, BenchError> {
    fill_with(store, articles, PARAGRAPHS).await
}

async fn fill_with(
    store: &Store,
    articles: u32,
    paragraphs: usize,
) -> Result<Vec<String>, BenchError> {
    let mut rng = StdRng::seed_from_u64(SEED);
    let now = Timestamp::now();
    let mut addresses = Vec::new();
    for first in (0..articles).step_by(BATCH as usize) {
        let batch = first..articles.min(first + BATCH);
        let pieces: Vec<Piece> =
            batch.map(|number| piece(number, paragraphs, now, &mut rng)).collect();
        addresses.extend(pieces.iter().map(Piece::address));
        let entries: Vec<ImportEntry> = pieces.into_iter().map(entry).collect();
        store.import_pieces(&entries, Timestamp::now()).await?;
    }
    Ok(addresses)
}

/// Returns the article that is the first in every publication of the benchmarks.
pub fn first() -> Piece {
    piece(0, PARAGRAPHS, Timestamp::now(), &mut StdRng::seed_from_u64(SEED))
}

fn entry(piece: Piece) -> ImportEntry {
    let origin = format!("bench:{}", piece.slug);
    ImportEntry { origin, address: String::new(), result: Ok(piece), changes: Changes::default() }
}

fn piece(number: u32, paragraphs: usize, now: Timestamp, rng: &mut StdRng) -> Piece {
    let section = number % SECTIONS;
    let topic = |number: u32| Topic {
        slug: format!("topic-{}", number % TOPICS),
        name: format!("Topic {}", number % TOPICS),
    };
    Piece {
        slug: format!("story-{number}"),
        kind: Kind::Article("article".into()),
        status: Status::Published,
        section: Some(Section {
            slug: format!("section-{section}"),
            name: format!("Section {section}"),
        }),
        kicker: String::new(),
        headline: words(8, rng),
        deck: words(18, rng),
        authors: vec![Author {
            slug: format!("writer-{}", number % 60),
            name: format!("Writer {}", number % 60),
            ..Author::default()
        }],
        dateline: String::new(),
        picture: None,
        body: text(paragraphs, rng),
        topics: vec![topic(number), topic(number / 7)],
        tier: None,
        sponsor: None,
        published: Some(now - SignedDuration::from_mins(10 + 10 * i64::from(number))),
        updated: None,
        corrections: Vec::new(),
        canonical: None,
        appearance: Appearance::default(),
        language: None,
        design: None,
        former_addresses: Vec::new(),
    }
}

/// Returns paragraphs of 66 words.
pub fn text(paragraphs: usize, rng: &mut StdRng) -> String {
    (0..paragraphs).map(|_| format!("<p>{}.</p>", words(66, rng))).collect()
}

/// Returns meaningless words with about as much entropy as English.
fn words(count: usize, rng: &mut StdRng) -> String {
    const SYLLABLES: [&str; 32] = [
        "an", "be", "con", "der", "el", "for", "gar", "har", "in", "jo", "ken", "lo", "mar", "ner",
        "or", "per", "qua", "ren", "sta", "ter", "un", "ver", "wil", "xi", "yor", "zen", "bou",
        "cla", "dri", "fle", "gro", "hou",
    ];
    let word = |rng: &mut StdRng| -> String {
        (0..rng.random_range(1..4)).map(|_| SYLLABLES[rng.random_range(0..32)]).collect()
    };
    (0..count).map(|_| word(rng)).collect::<Vec<_>>().join(" ")
}
