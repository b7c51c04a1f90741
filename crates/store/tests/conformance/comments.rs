//! Comments of the newsroom.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::{draft::Draft, passage::Passage};
use masthead_store::{Attribution, CommentWritten, Location, NewComment, Store, ThreadNumber};

use crate::races::at_once;

on_both_engines!(
    a_thread_has_comments_and_is_resolved_and_reopened,
    a_comment_that_is_sent_twice_is_written_once,
    a_thread_is_changed_only_through_its_own_article,
    of_two_who_resolve_at_once_one_has,
    comments_outlive_the_account_of_their_writer_and_end_with_their_article,
);

const ADA: AccountId = AccountId(1);
const BO: AccountId = AccountId(2);

fn by(by: AccountId, minutes: i64) -> Attribution {
    let at = Timestamp::from_second(1_800_000_000 + 60 * minutes).expect("an instant");
    Attribution { by, at }
}

fn said(request: &str, text: &str) -> NewComment {
    NewComment { request: request.into(), text: text.into() }
}

/// A database with two writers and two empty stories.
async fn open(location: &Location) -> (Store, ArticleId, ArticleId) {
    let store = crate::open(location).await;
    for name in ["ada", "bo"] {
        let email = format!("{name}@example.org").parse().expect("an address");
        store.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered");
    }
    let begin = async |slug| {
        store.begin_story(slug, &Draft::default(), by(ADA, 0)).await.expect("asked").expect("begun")
    };
    let (one, other) = (begin("draft-1").await, begin("draft-2").await);
    (store, one, other)
}

async fn open_threads(store: &Store, id: ArticleId) -> u64 {
    store.open_threads(&[id]).await.expect("asked").remove(&id).unwrap_or_default()
}

async fn a_thread_has_comments_and_is_resolved_and_reopened(location: &Location) {
    let (store, id, other) = open(location).await;
    let passage = Passage::new("the ferry", "When", "left");
    let written = store.begin_thread(id, &passage, &said("a", "True?"), by(ADA, 1)).await;
    assert_eq!(written.expect("asked"), CommentWritten::Done);
    let whole = Passage::default();
    let written = store.begin_thread(id, &whole, &said("b", "Longer"), by(BO, 2)).await;
    assert_eq!(written.expect("asked"), CommentWritten::Done);
    let threads = store.comment_threads(id).await.expect("read");
    let number = threads[0].number;
    let written = store.reply(id, number, &said("c", "Yes"), by(BO, 3)).await;
    assert_eq!(written.expect("asked"), CommentWritten::Done);
    assert_eq!((open_threads(&store, id).await, open_threads(&store, other).await), (2, 0));

    let resolve = async |is_resolved| {
        store.resolve_thread(id, number, is_resolved, by(ADA, 4)).await.expect("asked")
    };
    assert!(!resolve(false).await);
    assert!(resolve(true).await);
    assert!(!resolve(true).await);
    let thread = store.comment_threads(id).await.expect("read").remove(0);
    assert_eq!((thread.resolved, thread.resolved_by), (Some(by(ADA, 4).at), Some(ADA)));
    assert_eq!(thread.passage, passage);
    let texts: Vec<_> = thread.comments.iter().map(|c| (c.by, c.text.as_str())).collect();
    assert_eq!(texts, [(Some(ADA), "True?"), (Some(BO), "Yes")]);
    assert_eq!(open_threads(&store, id).await, 1);
    assert!(resolve(false).await);
    assert_eq!(open_threads(&store, id).await, 2);
    // The text, and what was saved of it, have nothing of this.
    let story = store.story(id).await.expect("asked").expect("a story");
    assert_eq!((story.draft, story.entry.version), (Draft::default(), 1));
    assert!(store.revisions(id, 9).await.expect("read").is_empty());
}

async fn a_comment_that_is_sent_twice_is_written_once(location: &Location) {
    let (store, id, _) = open(location).await;
    let begin = |_| {
        let store = store.clone();
        async move { store.begin_thread(id, &Passage::default(), &said("a", "True?"), by(ADA, 1)).await }
    };
    assert!(at_once(5, begin).await.into_iter().all(|done| done == CommentWritten::Done));
    let threads = store.comment_threads(id).await.expect("read");
    assert_eq!(threads.len(), 1);
    for _ in 0..2 {
        let reply = said("b", "Yes");
        let written = store.reply(id, threads[0].number, &reply, by(BO, 2)).await;
        assert_eq!(written.expect("asked"), CommentWritten::Done);
    }
    assert_eq!(store.comment_threads(id).await.expect("read")[0].comments.len(), 2);
}

async fn a_thread_is_changed_only_through_its_own_article(location: &Location) {
    let (store, id, other) = open(location).await;
    let whole = Passage::default();
    store.begin_thread(id, &whole, &said("a", "True?"), by(ADA, 1)).await.expect("asked");
    let number = store.comment_threads(id).await.expect("read")[0].number;
    let reply = async |id, number| {
        store.reply(id, number, &said("b", "No"), by(BO, 2)).await.expect("asked")
    };
    assert_eq!(reply(other, number).await, CommentWritten::Gone);
    assert!(!store.resolve_thread(other, number, true, by(BO, 2)).await.expect("asked"));
    assert_eq!(reply(id, ThreadNumber(99)).await, CommentWritten::Gone);
    let nowhere = ArticleId(99);
    let written = store.begin_thread(nowhere, &whole, &said("d", "No"), by(BO, 2)).await;
    assert_eq!(written.expect("asked"), CommentWritten::Gone);
    assert_eq!(store.comment_threads(id).await.expect("read")[0].comments.len(), 1);
    assert_eq!(open_threads(&store, id).await, 1);
}

async fn of_two_who_resolve_at_once_one_has(location: &Location) {
    let (store, id, _) = open(location).await;
    for round in 0..5 {
        let comment = said(&format!("a{round}"), "True?");
        store.begin_thread(id, &Passage::default(), &comment, by(ADA, 1)).await.expect("asked");
        let number = store.comment_threads(id).await.expect("read").pop().expect("there").number;
        let resolve = |who: u16| {
            let store = store.clone();
            let who = if who == 0 { ADA } else { BO };
            async move { store.resolve_thread(id, number, true, by(who, 2)).await }
        };
        let resolved = at_once(2, resolve).await;
        assert_ne!(resolved[0], resolved[1]);
    }
}

async fn comments_outlive_the_account_of_their_writer_and_end_with_their_article(
    location: &Location,
) {
    let (store, id, _) = open(location).await;
    let whole = Passage::default();
    store.begin_thread(id, &whole, &said("a", "True?"), by(BO, 1)).await.expect("asked");
    let bo = store.accounts(&[BO]).await.expect("read").remove(0);
    assert!(store.delete_account(&bo, by(BO, 2).at).await.expect("deleted"));
    let thread = store.comment_threads(id).await.expect("read").remove(0);
    assert_eq!((thread.comments[0].by, thread.comments[0].text.as_str()), (None, "True?"));
    store.delete_blank_story(id, 1, by(ADA, 3)).await.expect("deleted");
    assert!(store.comment_threads(id).await.expect("read").is_empty());
}
