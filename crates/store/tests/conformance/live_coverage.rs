//! Live coverage and its posts.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::{
    Kind, Piece, SlugScript, Status,
    draft::{Draft, PublishDetails},
    live_post::LivePostText,
};
use masthead_store::{
    Attribution, AuditQuery, CoverageChange, LiveAuthor, LivePost, LivePostChange, Location,
    MAX_LIVE_POSTS, NewLivePost, Store, StoryChange, Written,
};

use crate::pieces;

on_both_engines!(
    only_what_readers_have_is_covered_live,
    each_post_is_a_change_of_its_article,
    two_writers_at_once_both_keep_their_posts,
    a_form_that_is_sent_twice_publishes_one_post,
    there_is_a_largest_number_of_posts,
    a_post_changes_only_from_the_version_that_was_seen,
    nothing_is_published_after_the_end_and_everything_can_be_corrected,
    a_correction_of_the_article_leaves_its_live_coverage,
    the_audit_log_keeps_what_readers_had,
    posts_outlive_the_account_of_their_writer,
);

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_900_000_000 + 60 * minutes).expect("an instant")
}

fn ada(minutes: i64) -> LiveAuthor {
    LiveAuthor { by: Some(AccountId(1)), at: at(minutes) }
}

fn text(source: &str) -> LivePostText {
    LivePostText {
        headline: format!("Headline of {source}"),
        source: source.to_owned(),
        body: format!("<p>{source}</p><img src=\"/media/{source}-3x2.jpg\">"),
    }
}

fn post(source: &str) -> NewLivePost {
    NewLivePost { request: format!("request of {source}"), text: text(source), is_pinned: false }
}

/// A database with the account of a writer, and an article whose live coverage is running.
async fn covered(location: &Location) -> (Store, ArticleId) {
    let store = crate::open(location).await;
    let email = "ada@example.org".parse().expect("an address");
    store.register(&email, at(0)).await.expect("registered");
    let id = pieces::article(&store, "flood").await;
    let started = store.start_coverage(id, ada(0)).await.expect("asked");
    assert_eq!(started, CoverageChange::Done);
    (store, id)
}

async fn publish(store: &Store, id: ArticleId, source: &str, minutes: i64) -> LivePost {
    let published = store.publish_live_post(id, &post(source), ada(minutes)).await;
    assert_eq!(published.expect("asked"), LivePostChange::Done);
    store.live_posts(id).await.expect("read").remove(0)
}

async fn sources(store: &Store, id: ArticleId) -> Vec<String> {
    let posts = store.live_posts(id).await.expect("read");
    posts.into_iter().map(|post| post.source).collect()
}

async fn only_what_readers_have_is_covered_live(location: &Location) {
    let (store, id) = covered(location).await;
    assert_eq!(store.start_coverage(id, ada(1)).await.expect("asked"), CoverageChange::Unchanged);
    let known = store.piece("flood").await.expect("read").expect("a piece");
    let pieces = [
        Piece { slug: "draft".into(), status: Status::Draft, ..known.clone() },
        Piece { slug: "due".into(), published: Some(at(60)), ..known.clone() },
        Piece { slug: "about".into(), kind: Kind::Page, section: None, ..known },
    ];
    for piece in pieces {
        store.save(&piece, at(0)).await.expect("saved");
        let id = store.changes_since(0, None, 99).await.expect("read").last().expect("it").id;
        let started = store.start_coverage(id, ada(1)).await.expect("asked");
        assert_eq!(started, CoverageChange::NotPublished, "{}", piece.slug);
        let ended = store.end_coverage(id, ada(1)).await.expect("asked");
        assert_eq!(ended, CoverageChange::NotPublished, "{}", piece.slug);
        let published = store.publish_live_post(id, &post("a"), ada(1)).await.expect("asked");
        assert_eq!(published, LivePostChange::NotRunning, "{}", piece.slug);
    }
    let missing = store.start_coverage(ArticleId(4000), ada(1)).await.expect("asked");
    assert_eq!(missing, CoverageChange::NotPublished);
    store.withdraw("flood", at(2)).await.expect("withdrawn");
    let published = store.publish_live_post(id, &post("a"), ada(3)).await.expect("asked");
    assert_eq!(published, LivePostChange::NotRunning, "withdrawn");
}

async fn each_post_is_a_change_of_its_article(location: &Location) {
    let (store, id) = covered(location).await;
    let before = store.revision().await.expect("a revision");
    publish(&store, id, "first", 1).await;
    publish(&store, id, "second", 2).await;
    let [listed] = &store.changes_since(before, None, 99).await.expect("read")[..] else {
        panic!("only the article has changed")
    };
    let live = listed.live.as_ref().expect("live");
    assert_eq!((listed.id, listed.revision), (id, before + 2));
    assert_eq!((live.started, live.ended, live.updated), (at(0), None, at(2)));
    assert_eq!(live.revisions, [before + 1, before + 2]);
    assert!(listed.posts.is_empty(), "lists have no texts");
    for stem in ["first", "second"] {
        assert!(listed.pictures.iter().any(|picture| picture.contains(stem)), "{stem}");
    }
    let whole = store.whole_piece(id).await.expect("read").expect("a piece");
    let texts: Vec<&str> = whole.posts.iter().map(|post| post.source.as_str()).collect();
    assert_eq!(texts, ["first", "second"]);
    let changes = store.whole_changes_since(before, None, 99).await.expect("read");
    assert_eq!(changes, [whole]);
}

async fn two_writers_at_once_both_keep_their_posts(location: &Location) {
    let (store, id) = covered(location).await;
    let other = crate::open(location).await;
    for round in 0..5 {
        let (mine, theirs) = (post(&format!("mine {round}")), post(&format!("theirs {round}")));
        let (first, second) = tokio::join!(
            store.publish_live_post(id, &mine, ada(round)),
            other.publish_live_post(id, &theirs, ada(round)),
        );
        assert_eq!(first.expect("asked"), LivePostChange::Done);
        assert_eq!(second.expect("asked"), LivePostChange::Done);
    }
    assert_eq!(sources(&store, id).await.len(), 10);
    let whole = store.whole_piece(id).await.expect("read").expect("a piece");
    let revisions = whole.live.expect("live").revisions;
    assert!(revisions.is_sorted() && revisions.last() == Some(&whole.revision), "{revisions:?}");
}

async fn a_form_that_is_sent_twice_publishes_one_post(location: &Location) {
    let (store, id) = covered(location).await;
    let form = post("a");
    let (first, second) = tokio::join!(
        store.publish_live_post(id, &form, ada(1)),
        store.publish_live_post(id, &form, ada(1)),
    );
    assert_eq!(
        (first.expect("asked"), second.expect("asked")),
        (LivePostChange::Done, LivePostChange::Done)
    );
    assert_eq!(sources(&store, id).await, ["a"]);
    // Also if it is sent again after the end.
    store.end_coverage(id, ada(2)).await.expect("ended");
    let again = store.publish_live_post(id, &form, ada(3)).await.expect("asked");
    assert_eq!(again, LivePostChange::Done);
    assert_eq!(sources(&store, id).await, ["a"]);
}

async fn there_is_a_largest_number_of_posts(location: &Location) {
    let (store, id) = covered(location).await;
    for number in 0..MAX_LIVE_POSTS {
        publish(&store, id, &number.to_string(), 1).await;
    }
    let further = post("one more");
    let refused = store.publish_live_post(id, &further, ada(2)).await.expect("asked");
    assert_eq!(refused, LivePostChange::Full);
    let LivePost { number, version, .. } = store.live_posts(id).await.expect("read").remove(0);
    store.remove_live_post(id, (number, version), ada(3)).await.expect("removed");
    let published = store.publish_live_post(id, &further, ada(4)).await.expect("asked");
    assert_eq!(published, LivePostChange::Done, "there is room again");
}

async fn a_post_changes_only_from_the_version_that_was_seen(location: &Location) {
    let (store, id) = covered(location).await;
    let LivePost { number, version, .. } = publish(&store, id, "a", 1).await;
    let seen = (number, version);
    let corrected = store.correct_live_post(id, seen, &text("b"), ada(2)).await.expect("asked");
    assert_eq!(corrected, LivePostChange::Done);
    // Somebody else had the page with the first version.
    let before = store.revision().await.expect("a revision");
    let (again, pinned, removed) = (
        store.correct_live_post(id, seen, &text("c"), ada(3)).await.expect("asked"),
        store.pin_live_post(id, seen, true, ada(3)).await.expect("asked"),
        store.remove_live_post(id, seen, ada(3)).await.expect("asked"),
    );
    assert_eq!([again, pinned, removed], [LivePostChange::Behind; 3]);
    let after = store.revision().await.expect("a revision");
    assert_eq!(before, after, "nothing was changed for readers");
    let found = store.live_post(id, number).await.expect("read").expect("a post");
    assert_eq!((found.source.as_str(), found.changed, found.version), ("b", Some(at(2)), 2));
    // A post is not found under another article.
    let elsewhere = store.live_post(ArticleId(77), number).await.expect("read");
    assert_eq!(elsewhere, None);
    let other = pieces::article(&store, "other").await;
    let wrong = store.remove_live_post(other, (number, 2), ada(4)).await.expect("asked");
    assert_eq!(wrong, LivePostChange::Behind);
    // Two at once: one wins.
    let seen = (number, 2);
    let (text_b, text_c) = (text("d"), text("e"));
    let (first, second) = tokio::join!(
        store.correct_live_post(id, seen, &text_b, ada(5)),
        store.correct_live_post(id, seen, &text_c, ada(5)),
    );
    let results = [first.expect("asked"), second.expect("asked")];
    assert!(results.contains(&LivePostChange::Done) && results.contains(&LivePostChange::Behind));
    let removed = store.remove_live_post(id, (number, 3), ada(6)).await.expect("asked");
    assert_eq!(removed, LivePostChange::Done);
    assert!(sources(&store, id).await.is_empty());
    let again = store.correct_live_post(id, (number, 4), &text("f"), ada(7)).await.expect("asked");
    assert_eq!(again, LivePostChange::Behind, "what was removed stays removed");
    let whole = store.whole_piece(id).await.expect("read").expect("a piece");
    assert!(whole.posts.is_empty() && whole.pictures.iter().all(|picture| !picture.contains('d')));
}

async fn nothing_is_published_after_the_end_and_everything_can_be_corrected(location: &Location) {
    let (store, id) = covered(location).await;
    let LivePost { number, version, .. } = publish(&store, id, "a", 1).await;
    assert_eq!(store.end_coverage(id, ada(10)).await.expect("asked"), CoverageChange::Done);
    assert_eq!(store.end_coverage(id, ada(11)).await.expect("asked"), CoverageChange::Unchanged);
    let late = store.publish_live_post(id, &post("late"), ada(12)).await.expect("asked");
    assert_eq!(late, LivePostChange::NotRunning);
    let seen = (number, version);
    let corrected = store.correct_live_post(id, seen, &text("b"), ada(13)).await.expect("asked");
    assert_eq!(corrected, LivePostChange::Done);
    let live = async || store.whole_piece(id).await.expect("read").and_then(|whole| whole.live);
    let ended = live().await.expect("live");
    assert_eq!((ended.started, ended.ended, ended.updated), (at(0), Some(at(10)), at(13)));
    assert_eq!(store.start_coverage(id, ada(20)).await.expect("asked"), CoverageChange::Done);
    let resumed = live().await.expect("live");
    assert_eq!((resumed.started, resumed.ended), (at(0), None), "it goes on");
    publish(&store, id, "c", 21).await;
    assert_eq!(sources(&store, id).await, ["c", "b"]);
}

async fn a_correction_of_the_article_leaves_its_live_coverage(location: &Location) {
    let (store, id) = covered(location).await;
    publish(&store, id, "a", 1).await;
    let story = store.story(id).await.expect("read").expect("a story");
    let draft = Draft { headline: "A better headline".into(), ..story.draft };
    let how = PublishDetails {
        slug: "flood".into(),
        published: at(-100),
        correction: None,
        slugs: SlugScript::Latin,
    };
    let piece = draft.publish(how, &[], Some(&story.piece));
    let by = Attribution { by: AccountId(1), at: at(2) };
    let version = story.entry.version;
    // A post between the reading of the article and its correction stands in nobody's way.
    publish(&store, id, "b", 2).await;
    let change = StoryChange::Corrected;
    let written = store.publish_story(id, version, piece, change, by).await.expect("asked");
    assert_eq!(written, Written::Done(version + 1));
    let whole = store.whole_piece(id).await.expect("read").expect("a piece");
    assert_eq!(whole.piece.headline, "A better headline");
    assert_eq!(whole.posts.len(), 2);
    assert_eq!(whole.live.expect("live").ended, None);
    // An import of the same article as well.
    store.save(&Piece { headline: "Imported".into(), ..whole.piece }, at(3)).await.expect("saved");
    let whole = store.whole_piece(id).await.expect("read").expect("a piece");
    assert_eq!((whole.piece.headline.as_str(), whole.posts.len()), ("Imported", 2));
}

async fn the_audit_log_keeps_what_readers_had(location: &Location) {
    let (store, id) = covered(location).await;
    let LivePost { number, .. } = publish(&store, id, "first", 1).await;
    store.pin_live_post(id, (number, 1), true, ada(2)).await.expect("pinned");
    store.pin_live_post(id, (number, 2), false, ada(3)).await.expect("unpinned");
    store.correct_live_post(id, (number, 3), &text("second"), ada(4)).await.expect("corrected");
    store.remove_live_post(id, (number, 4), ada(5)).await.expect("removed");
    store.end_coverage(id, ada(6)).await.expect("ended");
    let log = store.audit_log(&AuditQuery::default(), 7).await.expect("read");
    let names: Vec<&str> = log.iter().rev().map(|entry| entry.action.name()).collect();
    let expected = [
        "started-coverage",
        "published-live-post",
        "pinned-live-post",
        "unpinned-live-post",
        "corrected-live-post",
        "removed-live-post",
        "ended-coverage",
    ];
    assert_eq!(names, expected);
    let texts = |index: usize| {
        let changes = log[log.len() - 1 - index].changes.iter();
        let text = changes.clone().find(|change| change.key == "text").cloned();
        text.map(|text| (text.before, text.after)).unwrap_or_default()
    };
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(texts(1), (None, said("first")));
    assert_eq!(texts(4), (said("first"), said("second")));
    assert_eq!(texts(5), (said("second"), None));
    assert!(log.iter().all(|entry| entry.article == Some(id)));
}

async fn posts_outlive_the_account_of_their_writer(location: &Location) {
    let (store, id) = covered(location).await;
    publish(&store, id, "a", 1).await;
    assert_eq!(store.live_posts(id).await.expect("read")[0].by, Some(AccountId(1)));
    let email = "ada@example.org".parse().expect("an address");
    let account = store.account_at(&email).await.expect("asked").expect("an account");
    assert!(store.delete_account(&account, at(2)).await.expect("deleted"));
    let posts = store.live_posts(id).await.expect("read");
    assert_eq!((posts[0].source.as_str(), posts[0].by), ("a", None));
}
