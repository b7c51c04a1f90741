//! Any words are searched without an error, and the marks of a passage are within it.
#![no_main]

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use masthead_access::ArticleId;
use masthead_search::{
    Checkpoint, Index, IndexChange, IndexedText, Reach, ResultOrder, ResultRange, SearchRequest,
    SearchScope,
};
use tempfile::TempDir;

static INDEX: LazyLock<(Index, TempDir)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let index = Index::open(folder.path(), "en", "fuzz").expect("an index");
    let text = |headline: &str, public: &str| {
        let (headline, public) = (headline.to_owned(), public.to_owned());
        Box::new(IndexedText {
            headline,
            public,
            full: "secret".to_owned(),
            ..IndexedText::default()
        })
    };
    let articles = [
        text(
            "The bridge that opens too often",
            "Tides, boats & a “bridge” – 東京, Łódź, naïve cafés.",
        ),
        text("Why the tide is late", "The tide is four minutes late."),
    ];
    let changes =
        (1..).zip(articles).map(|(number, text)| IndexChange::Upsert(ArticleId(number), text));
    index.apply(changes.collect(), Checkpoint::default()).expect("indexed");
    (index, folder)
});

fuzz_target!(|words: &str| {
    let range = ResultRange { offset: 0, limit: 10 };
    let request = SearchRequest { words: words.to_owned(), order: ResultOrder::BestFirst, range };
    let reach = |id| if id == ArticleId(1) { Reach::Public } else { Reach::Nothing };
    let public = SearchScope::Articles(Arc::new(move |article| reach(article.id())));
    for scope in [public, SearchScope::Everything] {
        let found = INDEX.0.find(&request, &scope, Timestamp::UNIX_EPOCH).expect("an answer");
        for hit in &found.hits {
            assert!(hit.marks.iter().all(|mark| hit.passage.get(mark.clone()).is_some()));
            assert!(hit.id.0 == 1 || matches!(scope, SearchScope::Everything));
        }
    }
});
