//! Which articles use a picture, and tasks that one server does for all.

use jiff::SignedDuration;
use masthead_access::ArticleId;
use masthead_editorial::{Piece, draft::Draft, live_post::LivePostText};
use masthead_store::{
    FIND_PICTURES, LiveAuthor, LivePostChange, Location, NewLivePost, Store, Written,
};

use crate::{
    pieces,
    planning::{at, begin, by_ada, draft, open, publish},
};

on_both_engines!(
    pictures_of_pieces_drafts_and_posts_are_found,
    what_is_not_shown_any_more_is_not_found,
    any_number_of_pictures_is_looked_up,
    one_server_runs_a_task_that_is_due,
);

async fn uses(store: &Store, stem: &str) -> Vec<ArticleId> {
    let entries = store.picture_uses(stem, 9).await.expect("asked");
    let mut ids: Vec<ArticleId> = entries.iter().map(|entry| entry.id).collect();
    ids.sort();
    ids
}

fn showing(headline: &str, stem: &str) -> Draft {
    let body = format!("<p>It left.</p><img src=\"/media/{stem}.jpg\" alt=\"A\">");
    Draft { body, ..draft(headline) }
}

fn post(stem: &str) -> LivePostText {
    let body = format!("<p>A</p><img src=\"/media/{stem}.jpg\">");
    LivePostText { headline: "A".into(), source: String::new(), body }
}

async fn pictures_of_pieces_drafts_and_posts_are_found(location: &Location) {
    let store = open(location).await;
    let id = begin(&store, &showing("Boats", "a-6x4")).await;
    let other = begin(&store, &showing("Ferries", "a-6x4")).await;
    assert_eq!(uses(&store, "a-6x4").await, [id, other]);
    assert!(uses(&store, "a-6").await.is_empty() && uses(&store, "-6x4").await.is_empty());
    publish(&store, id, 1).await;
    // Both what was published and its new draft.
    let story = store.story(id).await.expect("asked").expect("a story");
    let draft = showing("Boats", "b-6x4");
    let written = store.save_draft(id, story.entry.version, &draft, by_ada(2));
    assert!(matches!(written.await.expect("asked"), Written::Done(_)));
    assert_eq!(
        (uses(&store, "a-6x4").await, uses(&store, "b-6x4").await),
        (vec![id, other], vec![id])
    );
    let piece = Piece { body: "<img src=\"/media/c-6x4.jpg\">".into(), ..pieces::piece("flood") };
    store.save(&piece, at(0)).await.expect("saved");
    assert_eq!(uses(&store, "c-6x4").await.len(), 1);
}

async fn any_number_of_pictures_is_looked_up(location: &Location) {
    let store = open(location).await;
    // More than either database has parameters in a statement.
    let stems: Vec<String> = (0..70_000).map(|number| format!("{number}-6x4")).collect();
    assert!(store.pictures_named(&stems).await.expect("asked").is_empty());
}

async fn what_is_not_shown_any_more_is_not_found(location: &Location) {
    let store = open(location).await;
    let id = begin(&store, &showing("Boats", "a-6x4")).await;
    publish(&store, id, 1).await;
    let version = store.story(id).await.expect("asked").expect("a story").entry.version;
    let written = store.save_draft(id, version, &showing("Boats", "b-6x4"), by_ada(2)).await;
    let Written::Done(version) = written.expect("asked") else { panic!("behind") };
    let discarded = store.discard_draft(id, version, by_ada(3)).await.expect("asked");
    assert!(matches!(discarded, Written::Done(_)));
    assert!(uses(&store, "b-6x4").await.is_empty(), "the draft is gone");
    assert_eq!(uses(&store, "a-6x4").await, [id]);

    let flood = pieces::article(&store, "flood").await;
    let author = LiveAuthor { by: None, at: at(9) };
    store.start_coverage(flood, author).await.expect("started");
    let new = NewLivePost { request: "one".into(), text: post("p-6x4"), is_pinned: false };
    let published = store.publish_live_post(flood, &new, author).await.expect("asked");
    assert_eq!(published, LivePostChange::Done);
    assert_eq!(uses(&store, "p-6x4").await, [flood]);
    let posts = store.live_posts(flood).await.expect("read");
    let seen = (posts[0].number, posts[0].version);
    store.correct_live_post(flood, seen, &post("q-6x4"), author).await.expect("corrected");
    assert_eq!((uses(&store, "p-6x4").await, uses(&store, "q-6x4").await), (vec![], vec![flood]));
    let seen = (seen.0, seen.1 + 1);
    store.remove_live_post(flood, seen, author).await.expect("removed");
    assert!(uses(&store, "q-6x4").await.is_empty(), "the post is removed");
}

async fn one_server_runs_a_task_that_is_due(location: &Location) {
    let (one, other) = (open(location).await, crate::open(location).await);
    let period = SignedDuration::from_hours(6);
    let claim = async |store: &Store, minutes| {
        store.claim_task_run(FIND_PICTURES, period, at(minutes)).await.expect("asked")
    };
    let (first, second) = tokio::join!(claim(&one, 0), claim(&other, 0));
    assert!(first != second, "one of them");
    assert!(!claim(&one, 359).await && claim(&other, 360).await);
    other.request_task_run(FIND_PICTURES).await.expect("requested");
    assert!(claim(&one, 361).await && !claim(&other, 361).await);
}
