//! The review of stories: begun, returned with a reason, or taken back.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{AccountId, AuditAction, AuditKind, staff::Role};
use masthead_editorial::{
    SlugScript,
    draft::{Draft, PublishDetails, WorkflowState},
};
use masthead_store::{
    Attribution, AuditQuery, Location, ReturnNote, Store, StoryChange, SubmissionWithdrawal,
    Written,
};

use crate::{races::at_once, staff::joined};

on_both_engines!(
    a_story_is_returned_with_its_reason_until_it_is_submitted_again,
    a_submission_is_taken_back_until_an_editor_begins,
    an_editor_who_saves_has_begun_the_review,
    of_two_editors_who_begin_one_reviews,
    a_story_is_either_taken_back_or_reviewed,
    a_story_is_either_taken_back_or_published,
);

const ADA: AccountId = AccountId(1);
const ED: AccountId = AccountId(2);
const EVE: AccountId = AccountId(3);

fn by(by: AccountId, minutes: i64) -> Attribution {
    let at = Timestamp::from_second(1_800_000_000 + 60 * minutes).expect("an instant");
    Attribution { by, at }
}

fn draft() -> Draft {
    Draft { headline: "Ferry".into(), body: "<p>It left.</p>".into(), ..Draft::default() }
}

async fn open(location: &Location) -> Store {
    let store = crate::open(location).await;
    let people = [("ada", Role::Author), ("ed", Role::Editor), ("eve", Role::Editor)];
    for (name, role) in people {
        joined(&store, &format!("{name}@example.org"), role).await;
    }
    store
}

/// A story of Ada's in review, of version 2.
async fn submitted(store: &Store, slug: &str) -> ArticleId {
    let id = store.begin_story(slug, &draft(), by(ADA, 0)).await.expect("asked").expect("begun");
    submit(store, id, 1).await;
    id
}

async fn submit(store: &Store, id: ArticleId, version: i64) {
    let (work, change) = (WorkflowState::Review, StoryChange::Sent);
    let written = store.set_work(id, version, work, change, by(ADA, 1)).await.expect("asked");
    assert_eq!(written, Written::Done(version + 1));
}

async fn entry(store: &Store, id: ArticleId) -> masthead_store::StoryEntry {
    store.story(id).await.expect("asked").expect("a story").entry
}

async fn a_story_is_returned_with_its_reason_until_it_is_submitted_again(location: &Location) {
    let store = open(location).await;
    let id = submitted(&store, "draft-1").await;
    let reason = "The second source is missing.";
    // Its writer saves while the editor explains: the story is returned as it is now.
    store.save_draft(id, 2, &draft(), by(ADA, 1)).await.expect("saved");
    let done = store.return_story(id, reason, by(ED, 2)).await.expect("asked");
    assert_eq!(done, Written::Done(4));
    let returned = entry(&store, id).await;
    let note = ReturnNote { by: Some(ED), at: by(ED, 2).at, reason: reason.to_owned() };
    assert_eq!((returned.work, returned.returned), (WorkflowState::Writing, Some(note.clone())));
    let query = AuditQuery { kind: Some(AuditKind::Content), ..AuditQuery::default() };
    let logged = store.audit_log(&query, 1).await.expect("read").remove(0);
    assert_eq!((logged.action, logged.reason.as_str()), (AuditAction::ReturnedDraft, reason));
    // It is not in review any more, so it is not returned twice.
    let again = store.return_story(id, "Again", by(EVE, 3)).await.expect("asked");
    assert_eq!(again, Written::Behind);

    let better = Draft { deck: "Twice".into(), ..draft() };
    store.save_draft(id, 4, &better, by(ADA, 4)).await.expect("saved");
    assert_eq!(entry(&store, id).await.returned, Some(note));
    submit(&store, id, 5).await;
    assert_eq!(entry(&store, id).await.returned, None);
}

async fn a_submission_is_taken_back_until_an_editor_begins(location: &Location) {
    let store = open(location).await;
    let id = submitted(&store, "draft-1").await;
    let withdraw =
        async |version| store.withdraw_submission(id, version, by(ADA, 2)).await.expect("asked");
    assert_eq!(withdraw(1).await, SubmissionWithdrawal::Behind);
    assert_eq!(withdraw(2).await, SubmissionWithdrawal::Done);
    assert_eq!(entry(&store, id).await.work, WorkflowState::Writing);
    let last = &store.revisions(id, 1).await.expect("asked")[0];
    assert_eq!(last.change, StoryChange::SubmissionWithdrawn);
    assert_eq!(withdraw(3).await, SubmissionWithdrawal::Behind);
    assert!(!store.begin_review(id, None, by(ED, 3)).await.expect("asked"));

    submit(&store, id, 3).await;
    assert!(store.begin_review(id, None, by(ED, 3)).await.expect("asked"));
    // Twice is no second time, and nobody else begins it.
    assert!(store.begin_review(id, None, by(ED, 4)).await.expect("asked"));
    assert!(!store.begin_review(id, None, by(EVE, 4)).await.expect("asked"));
    assert_eq!(entry(&store, id).await.reviewer, Some(ED));
    // Who has seen the reviewer can take over, once.
    assert!(store.begin_review(id, Some(ED), by(EVE, 4)).await.expect("asked"));
    assert!(!store.begin_review(id, Some(ED), by(ADA, 4)).await.expect("asked"));
    // Writers do not get out of a review in other ways, nor is it submitted twice.
    let set = async |work, change| store.set_work(id, 4, work, change, by(ADA, 4)).await;
    for (work, change) in [
        (WorkflowState::Review, StoryChange::Sent),
        (WorkflowState::Archived, StoryChange::Archived),
        (WorkflowState::Writing, StoryChange::Returned),
    ] {
        assert_eq!(set(work, change).await.expect("asked"), Written::Behind, "{work:?}");
    }
    assert_eq!(entry(&store, id).await.reviewer, Some(EVE));
    assert_eq!(withdraw(4).await, SubmissionWithdrawal::InReview);
    assert_eq!(
        (entry(&store, id).await.version, entry(&store, id).await.work),
        (4, WorkflowState::Review)
    );
    store.return_story(id, "Shorter", by(ED, 5)).await.expect("asked");
    assert_eq!(entry(&store, id).await.reviewer, None);
}

async fn an_editor_who_saves_has_begun_the_review(location: &Location) {
    let store = open(location).await;
    let id = submitted(&store, "draft-1").await;
    let changed = |deck: &str| Draft { deck: deck.into(), ..draft() };
    // What its writer changes is no review.
    store.save_draft(id, 2, &changed("Mine"), by(ADA, 2)).await.expect("saved");
    assert_eq!(entry(&store, id).await.reviewer, None);
    store.save_draft(id, 3, &changed("Ours"), by(ED, 3)).await.expect("saved");
    store.save_draft(id, 4, &changed("Theirs"), by(EVE, 4)).await.expect("saved");
    assert_eq!(entry(&store, id).await.reviewer, Some(ED));
}

async fn of_two_editors_who_begin_one_reviews(location: &Location) {
    let store = open(location).await;
    for round in 0..5 {
        let id = submitted(&store, &format!("draft-{round}")).await;
        let begin = |number: u16| {
            let store = store.clone();
            async move { store.begin_review(id, None, by(if number == 0 { ED } else { EVE }, 2)).await }
        };
        let begun = at_once(2, begin).await;
        assert_ne!(begun[0], begun[1]);
    }
}

async fn a_story_is_either_taken_back_or_reviewed(location: &Location) {
    let store = open(location).await;
    for round in 0..10 {
        let id = submitted(&store, &format!("draft-{round}")).await;
        let (begun, withdrawn) = tokio::join!(
            store.begin_review(id, None, by(ED, 2)),
            store.withdraw_submission(id, 2, by(ADA, 2))
        );
        let (begun, withdrawn) = (begun.expect("asked"), withdrawn.expect("asked"));
        assert_eq!(begun, withdrawn == SubmissionWithdrawal::InReview, "{withdrawn:?}");
    }
}

async fn a_story_is_either_taken_back_or_published(location: &Location) {
    let store = open(location).await;
    for round in 0..10 {
        let slug = format!("draft-{round}");
        let id = submitted(&store, &slug).await;
        let how = PublishDetails {
            slug,
            published: by(ED, 2).at,
            correction: None,
            slugs: SlugScript::Latin,
        };
        let piece = draft().publish(how, &[], None);
        let (published, withdrawn) = tokio::join!(
            store.publish_story(id, 2, piece, StoryChange::Published, by(ED, 2)),
            store.withdraw_submission(id, 2, by(ADA, 2))
        );
        let (published, withdrawn) = (published.expect("asked"), withdrawn.expect("asked"));
        let is_published = published == Written::Done(3);
        assert_ne!(is_published, withdrawn == SubmissionWithdrawal::Done);
        let work = entry(&store, id).await.work;
        assert_eq!(work == WorkflowState::None, is_published);
    }
}
