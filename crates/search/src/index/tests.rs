//! Tests of the index.

mod failures;

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
        revision: 7,
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

/// The public part of every article.
fn everything() -> SearchScope {
    SearchScope::Articles(Arc::new(|_| Reach::Public))
}

fn find(index: &Index, words: &str, scope: &SearchScope, limit: usize) -> SearchResults {
    let range = ResultRange { offset: 0, limit };
    let request = SearchRequest { words: words.to_owned(), order: ResultOrder::BestFirst, range };
    index.find(&request, scope, now()).expect("found")
}

fn ids(index: &Index, words: &str, scope: &SearchScope) -> Vec<u32> {
    let found = find(index, words, scope, 10);
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
fn words_with_soft_hyphens_are_found() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    let fee = text("Ha\u{ad}fen\u{ad}ge\u{ad}b\u{fc}hr", "It\u{200b}rises.", "A lan\u{ad}tern.");
    index.apply(vec![in_it(1, fee)], at(7, Some(ArticleId(1)))).expect("kept");
    for words in ["Hafengeb\u{fc}hr", "ha\u{ad}fengebuhr", "itrises"] {
        assert_eq!(ids(&index, words, &everything()), [1], "{words}");
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
    assert_eq!(ids(&index, "secret", &SearchScope::Everything), [2]);
    let found = find(&index, "secret", &SearchScope::Everything, 10);
    let hit = &found.hits[0];
    assert_eq!(hit.passage, "A secret island.");
    assert_eq!(&hit.passage[hit.marks[0].clone()], "secret");
}

#[test]
fn matches_are_marked_and_misspelt_words_match_similar_ones() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    index.apply(some(), at(7, None)).expect("kept");
    let found = find(&index, "shelf", &everything(), 10);
    let hit = &found.hits[0];
    let marked: Vec<&str> = hit.marks.iter().map(|mark| &hit.passage[mark.clone()]).collect();
    assert_eq!((hit.id.0, marked, found.fuzzy), (3, vec!["shelf"], false));
    let long =
        format!("{} And then a harp. {}", "It began. ".repeat(40), "It went on. ".repeat(40));
    index.apply(vec![in_it(4, text("Music", &long, ""))], at(8, None)).expect("kept");
    let found = find(&index, "harps", &everything(), 10);
    let hit = &found.hits[0];
    assert!(hit.passage.starts_with("… ") && hit.passage.ends_with("\u{a0}…"), "{hit:?}");
    assert_eq!(&hit.passage[hit.marks[0].clone()], "harp");
    // What is found by its headline shows its beginning, which ends with a whole word.
    let drums = text("Drums", &"What a rhythm. ".repeat(20), "");
    index.apply(vec![in_it(5, drums)], at(9, None)).expect("kept");
    let found = find(&index, "drums", &everything(), 10);
    let beginning = format!("{}What a\u{a0}…", "What a rhythm. ".repeat(14));
    assert_eq!(found.hits[0].passage, beginning);
    let found = find(&index, "brigde", &everything(), 1);
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
    assert_eq!(find(&index, "bridge", &everything(), 1).count, 20);
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
    let find = |words: &str, scope| find(&index, words, &scope, 10);
    let reach = |article: IndexedVersion| {
        if article.id() == ArticleId(9) { Reach::Nothing } else { Reach::Public }
    };
    let public = || SearchScope::Articles(Arc::new(reach));
    for words in ["kumquat", "kumquot", "\"resigns over\"", "mayor resigns"] {
        assert_eq!(find(words, public()), SearchResults::default(), "{words}");
        assert_eq!(find(words, everything()).count, 1, "{words}");
    }
    assert_eq!(find("bridge", public()).count, 2);
    assert_eq!(find("bridge", SearchScope::Everything).count, 3);
}

/// A scope that opens some articles at revision 7, and shows the public part of the others.
fn opening(open: &'static [u32]) -> SearchScope {
    SearchScope::Articles(Arc::new(move |article| {
        if open.contains(&article.id().0) && article.is(7) { Reach::Full } else { Reach::Public }
    }))
}

#[test]
fn pages_of_the_publication_come_after_all_articles_in_any_order() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    // The page has the word in its headline, and is the newest.
    let mut page = text("Bridge", "The bridge.", "bridge bridge");
    page.published = now();
    index.apply([some(), vec![in_it(9, page)]].concat(), at(7, None)).expect("kept");
    let reach = |article: IndexedVersion| {
        if article.id() == ArticleId(9) { Reach::Page } else { Reach::Public }
    };
    let all_full = |article: IndexedVersion| {
        if article.id() == ArticleId(9) { Reach::Page } else { Reach::Full }
    };
    for scope in [SearchScope::Articles(Arc::new(reach)), SearchScope::Articles(Arc::new(all_full))]
    {
        for order in [ResultOrder::BestFirst, ResultOrder::NewestFirst] {
            let page_of = |offset, limit| {
                let range = ResultRange { offset, limit };
                let request = SearchRequest { words: "bridge".to_owned(), order, range };
                let found = index.find(&request, &scope, now()).expect("found");
                assert_eq!(found.count, 3);
                found.hits.iter().map(|hit| hit.id.0).collect::<Vec<_>>()
            };
            assert_eq!(page_of(0, 10)[2], 9, "{order:?}");
            assert!(!page_of(0, 2).contains(&9) && page_of(2, 1) == [9], "{order:?}");
        }
    }
    assert_eq!(ids(&index, "bridge", &SearchScope::Everything)[0], 9);
}

#[test]
fn the_full_text_of_what_a_reader_may_open_is_searched_with_the_public_part_of_the_rest() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    index.apply(some(), at(7, None)).expect("kept");
    assert_eq!(ids(&index, "secret", &opening(&[2])), [2]);
    assert_eq!(ids(&index, "secret", &opening(&[1, 3])), Vec::<u32>::new());
    // Words in different parts of one article are found together, and no article twice.
    assert_eq!(ids(&index, "ferry wait secret", &opening(&[2])), [2]);
    assert_eq!(ids(&index, "bridge", &opening(&[2])), [1, 2]);
    let found = find(&index, "secrat", &opening(&[2]), 10);
    assert_eq!((found.count, found.fuzzy), (1, true));
    assert_eq!(find(&index, "secrat", &opening(&[1, 3]), 10), SearchResults::default());
    // The part that everybody may see is shown if it has the words.
    assert_eq!(find(&index, "bridge", &opening(&[2]), 1).hits[0].passage, "It opens too often.");
}

#[test]
fn a_text_of_another_revision_is_not_opened() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    let newer = IndexedText { revision: 8, ..text("Ferries", "They wait.", "A new secret.") };
    index.apply(vec![in_it(2, newer)], at(8, None)).expect("kept");
    assert_eq!(ids(&index, "secret", &opening(&[2])), Vec::<u32>::new());
    assert_eq!(ids(&index, "wait", &opening(&[2])), [2]);
}

/// What readers who cannot open an article get must be the same whatever its locked text says: how often a word is in it
/// changes neither the order nor the passages of the others.
#[test]
fn locked_text_changes_nothing_about_other_results() {
    let results = |locked: &str| {
        let folder = tempfile::tempdir().expect("a directory");
        let index = open(folder.path());
        let both = "The harp and the lute. ".to_owned() + &"Then nothing. ".repeat(30);
        let mut changes = vec![
            in_it(1, text("One", "Of harps.", &(both.clone() + "A lute. A lute. The harp."))),
            in_it(2, text("Two", "Of lutes.", &(both + "A harp. A harp. The lute."))),
        ];
        changes.extend((10..40).map(|id| in_it(id, text("Locked", "Shut.", locked))));
        index.apply(changes, at(7, None)).expect("kept");
        ["harp lute", "harp", "lute", "harq", "\"the harp\" lute"]
            .map(|words| find(&index, words, &opening(&[1, 2]), 10))
    };
    let nothing = results("Nothing at all.");
    assert_eq!(nothing[0].count, 2);
    for locked in ["A harp.", "A harp, a harp, a harp.", "A lute, and the lute."] {
        assert_eq!(results(locked), nothing, "{locked}");
    }
}

#[test]
fn results_in_another_order_are_the_same_results() {
    let folder = tempfile::tempdir().expect("a directory");
    let index = open(folder.path());
    let aged = |days: i64, text: IndexedText| IndexedText {
        published: now() - jiff::SignedDuration::from_hours(24 * days),
        ..text
    };
    let changes = vec![
        in_it(1, aged(1, text("Soup", "Of leeks.", "With the bridge in it."))),
        in_it(2, aged(9, text("The bridge", "The bridge opens.", "The bridge."))),
        in_it(3, aged(5, text("Ferries", "They wait for the bridge.", ""))),
    ];
    index.apply(changes, at(7, None)).expect("kept");
    let find = |order, offset, limit| {
        let range = ResultRange { offset, limit };
        let request = SearchRequest { words: "bridge".to_owned(), order, range };
        let found = index.find(&request, &opening(&[1]), now()).expect("found");
        assert_eq!(found.count, 3);
        found.hits.iter().map(|hit| hit.id.0).collect::<Vec<_>>()
    };
    assert_eq!(find(ResultOrder::BestFirst, 0, 3), [2, 3, 1]);
    assert_eq!(find(ResultOrder::NewestFirst, 0, 3), [1, 3, 2]);
    let paged: Vec<u32> =
        (0..3).flat_map(|offset| find(ResultOrder::NewestFirst, offset, 1)).collect();
    assert_eq!(paged, [1, 3, 2]);
}
