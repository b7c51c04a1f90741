//! Tests of the index.

use std::sync::Arc;

use jiff::Timestamp;

use super::*;

fn now() -> Timestamp {
    "2026-11-25T09:00:00Z".parse().expect("an instant")
}

fn text(headline: &str, public: &str, full: &str) -> IndexedText {
    IndexedText {
        headline: headline.to_owned(),
        names: "Ada Quill Harbour".to_owned(),
        public: public.to_owned(),
        full: full.to_owned(),
        published: now(),
    }
}

fn at(revision: i64, last: Option<ArticleId>) -> Checkpoint {
    Checkpoint { revision, last }
}

fn in_it(id: u32, text: IndexedText) -> IndexChange {
    IndexChange::Upsert(ArticleId(id), Box::new(text))
}

fn some() -> Vec<IndexChange> {
    vec![
        in_it(1, text("The bridge", "It opens too often.", "The mayor sighs.")),
        in_it(2, text("Ferries", "They wait for the bridge.", "A secret island.")),
        in_it(3, text("Soup", "From the back of the shelf.", "With salt.")),
    ]
}

fn open(directory: &Path) -> Index {
    Index::open(directory, "en", "paragraphs:2").expect("an index")
}

fn everything() -> SearchScope {
    SearchScope::Public(Arc::new(|_| true))
}

fn ids(index: &Index, words: &str, scope: &SearchScope) -> Vec<u32> {
    let found =
        index.find(words, scope, ResultRange { offset: 0, limit: 10 }, now()).expect("found");
    assert_eq!(found.count, found.hits.len());
    found.hits.iter().map(|hit| hit.id.0).collect()
}

#[test]
fn words_match_in_any_form_and_headlines_count_most() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    index.apply(some(), at(7, Some(ArticleId(3)))).expect("kept");
    assert_eq!(ids(&index, "bridges", &everything()), [1, 2]);
    assert_eq!(ids(&index, "ferry bridge", &everything()), [2]);
    assert_eq!(ids(&index, "\"opens too\"", &everything()), [1]);
    assert_eq!(ids(&index, "\"too opens\"", &everything()), Vec::<u32>::new());
    assert_eq!(ids(&index, "quill", &everything()), [1, 2, 3]);
    for nothing in ["", "  ", "\"\"", "?!", "zebra"] {
        assert_eq!(ids(&index, nothing, &everything()), Vec::<u32>::new(), "{nothing}");
    }
}

#[test]
fn locked_text_is_not_searchable_by_readers() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    index.apply(some(), at(7, None)).expect("kept");
    for words in ["secret", "whole:secret", "secret island", "\"secret island\"", "secrat"] {
        assert_eq!(ids(&index, words, &everything()), Vec::<u32>::new(), "{words}");
    }
    assert_eq!(ids(&index, "secret", &SearchScope::Full), [2]);
    let found = index
        .find("secret", &SearchScope::Full, ResultRange { offset: 0, limit: 10 }, now())
        .expect("found");
    assert_eq!(found.hits[0].passage, "They wait for the bridge.");
}

#[test]
fn matches_are_marked_and_misspelt_words_match_similar_ones() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    index.apply(some(), at(7, None)).expect("kept");
    let found = index
        .find("shelf", &everything(), ResultRange { offset: 0, limit: 10 }, now())
        .expect("found");
    let hit = &found.hits[0];
    let marked: Vec<&str> = hit.marks.iter().map(|mark| &hit.passage[mark.clone()]).collect();
    assert_eq!((hit.id.0, marked, found.fuzzy), (3, vec!["shelf"], false));
    let long =
        format!("{} And then a harp. {}", "It began. ".repeat(40), "It went on. ".repeat(40));
    index.apply(vec![in_it(4, text("Music", &long, ""))], at(8, None)).expect("kept");
    let found = index
        .find("harps", &everything(), ResultRange { offset: 0, limit: 10 }, now())
        .expect("found");
    let hit = &found.hits[0];
    assert!(hit.passage.starts_with("… ") && hit.passage.ends_with(" …"), "{hit:?}");
    assert_eq!(&hit.passage[hit.marks[0].clone()], "harp");
    let found = index
        .find("brigde", &everything(), ResultRange { offset: 0, limit: 1 }, now())
        .expect("found");
    assert_eq!((found.count, found.hits.len(), found.fuzzy), (2, 1, true));
}

#[test]
fn changes_are_searchable_and_survive_a_restart() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    assert_eq!(index.checkpoint().expect("a checkpoint"), at(0, None));
    index.apply(some(), at(7, Some(ArticleId(3)))).expect("kept");
    let second = open(folder.path());
    assert_eq!(ids(&second, "soup", &everything()), [3]);
    let changes = vec![IndexChange::Remove(ArticleId(3)), in_it(1, text("A tunnel", "Dark.", ""))];
    assert!(!second.apply(Vec::new(), at(8, None)).expect("heard"), "the first one keeps it");
    assert!(index.apply(changes, at(8, None)).expect("kept"));
    assert_eq!(ids(&index, "soup", &everything()), Vec::<u32>::new());
    assert_eq!(
        (ids(&index, "tunnel", &everything()), ids(&index, "bridge", &everything())),
        (vec![1], vec![2])
    );
    second.apply(Vec::new(), at(8, None)).expect("heard");
    assert_eq!(ids(&second, "tunnel", &everything()), [1]);
    drop((index, second));
    let again = open(folder.path());
    assert_eq!(again.checkpoint().expect("a checkpoint"), at(8, None));
    assert_eq!(ids(&again, "tunnel", &everything()), [1]);
    drop(again);
    // The index is rebuilt if the teaser length differs or a file is broken.
    let shorter = Index::open(folder.path(), "en", "paragraphs:1").expect("an index");
    assert_eq!(shorter.checkpoint().expect("a checkpoint"), at(0, None));
    drop(shorter);
    fs::write(folder.path().join("meta.json"), "{").expect("broken");
    assert_eq!(open(folder.path()).checkpoint().expect("a checkpoint"), at(0, None));
}

#[test]
fn merged_segments_are_released() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    for id in 1..=20 {
        index
            .apply(vec![in_it(id, text("The bridge", "It opens.", ""))], at(1, None))
            .expect("kept");
    }
    let held = || index.reader.searcher().segment_readers().len();
    let there = || index.files.searchable_segment_ids().expect("asked").len();
    // Merging happens in the background.
    let mut settled = false;
    for _ in 0..200 {
        index.reload().expect("settled");
        settled = held() < 10 && held() == there();
        if settled {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(settled, "{} are held, {} are there", held(), there());
    assert_eq!(
        index
            .find("bridge", &everything(), ResultRange { offset: 0, limit: 1 }, now())
            .expect("found")
            .count,
        20
    );
}

#[test]
fn newer_articles_rank_higher() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    let old =
        IndexedText { published: Timestamp::UNIX_EPOCH, ..text("The bridge", "It opens.", "") };
    let new = text("The bridge", "It opens.", "");
    let both = vec![in_it(1, old), in_it(2, new)];
    index.apply(both, at(1, None)).expect("kept");
    assert_eq!(ids(&index, "bridge", &everything()), [2, 1]);
}

#[test]
fn what_is_not_public_is_as_if_it_did_not_exist() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    let secret = text("Mayor resigns over kumquat affair", "The kumquat bridge.", "");
    index.apply([some(), vec![in_it(9, secret)]].concat(), at(7, None)).expect("kept");
    let find = |words: &str, scope| {
        index.find(words, &scope, ResultRange { offset: 0, limit: 10 }, now()).expect("found")
    };
    let public = || SearchScope::Public(Arc::new(|id| id != ArticleId(9)));
    for words in ["kumquat", "kumquot", "\"resigns over\"", "mayor resigns"] {
        assert_eq!(find(words, public()), SearchResults::default(), "{words}");
        assert_eq!(find(words, everything()).count, 1, "{words}");
    }
    assert_eq!(find("bridge", public()).count, 2);
    assert_eq!(find("bridge", SearchScope::Full).count, 3);
}
