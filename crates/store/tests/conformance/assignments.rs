//! Who stories are assigned to, and by when they are due.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{
    AccountId, Assignment, AuditAction, AuditKind, InvalidAssignment, staff::Role,
};
use masthead_editorial::draft::Draft;
use masthead_store::{Assigned, Attribution, AuditQuery, Location, Store, StoryQuery};

use crate::{races::at_once, staff::joined};

on_both_engines!(
    a_story_has_writers_an_editor_and_a_deadline,
    roles_decide_about_assignments_when_they_are_written,
    of_two_assignments_at_once_one_is_behind,
    an_assignment_outlives_the_account_of_its_editor,
);

const ADA: AccountId = AccountId(1);
const BO: AccountId = AccountId(2);
const ED: AccountId = AccountId(3);

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + 60 * minutes).expect("an instant")
}

/// A database with two authors and an editor, and the story of the first.
async fn open(location: &Location) -> (Store, ArticleId) {
    let store = crate::open(location).await;
    let staff = [(ADA, "ada", Role::Author), (BO, "bo", Role::Author), (ED, "ed", Role::Editor)];
    for (id, name, role) in staff {
        let account = joined(&store, &format!("{name}@example.org"), role).await;
        assert_eq!(account.id, id);
    }
    let draft = Draft { headline: "Ferry".into(), ..Draft::default() };
    let by_ada = Attribution { by: ADA, at: at(0) };
    let id = store.begin_story("draft-1", &draft, by_ada).await.expect("asked").expect("begun");
    (store, id)
}

async fn assignment(store: &Store, id: ArticleId) -> Assignment {
    store.story(id).await.expect("asked").expect("a story").entry.assignment()
}

async fn a_story_has_writers_an_editor_and_a_deadline(location: &Location) {
    let (store, id) = open(location).await;
    let first = assignment(&store, id).await;
    assert_eq!(first, Assignment::new(vec![ADA], None, None));
    let wanted = Assignment::new(vec![BO, ADA], Some(ED), Some(at(60)));
    let by_ed = Attribution { by: ED, at: at(1) };
    assert_eq!(store.assign(id, &first, &wanted, by_ed).await.expect("asked"), Assigned::Done);
    let story = store.story(id).await.expect("asked").expect("a story");
    assert_eq!(story.entry.assignment(), wanted);
    // Nobody who writes at that time is disturbed.
    assert_eq!(story.entry.version, 1);
    let list = async |query: StoryQuery| {
        store.stories(&StoryQuery { most: 9, ..query }, at(2)).await.expect("asked").len()
    };
    let of_editor = |editor| StoryQuery { editor: Some(editor), ..StoryQuery::default() };
    assert_eq!((list(of_editor(ED)).await, list(of_editor(ADA)).await), (1, 0));
    assert_eq!(list(StoryQuery { writer: Some(BO), ..StoryQuery::default() }).await, 1);

    let query = AuditQuery { kind: Some(AuditKind::Content), ..AuditQuery::default() };
    let entry = store.audit_log(&query, 9).await.expect("read").remove(0);
    assert_eq!((entry.action, entry.article), (AuditAction::AssignedArticle, Some(id)));
    let changes: Vec<_> = entry.changes.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(changes, ["writers", "editor", "deadline"]);
    assert_eq!(entry.changes[0].after.as_deref(), Some("1, 2"));
    // What changes nothing leaves no entry.
    assert_eq!(store.assign(id, &wanted, &wanted, by_ed).await.expect("asked"), Assigned::Done);
    assert_eq!(store.audit_log(&query, 9).await.expect("read")[0].number, entry.number);
}

async fn roles_decide_about_assignments_when_they_are_written(location: &Location) {
    let (store, id) = open(location).await;
    let first = assignment(&store, id).await;
    let assign = async |wanted: &Assignment, by| {
        let attribution = Attribution { by, at: at(1) };
        store.assign(id, &first, wanted, attribution).await.expect("asked")
    };
    let refused = Assigned::Refused;
    let due = Assignment::new(vec![ADA], None, Some(at(9)));
    assert_eq!(assign(&due, ADA).await, refused(InvalidAssignment::OnlyEditors));
    let reader = AccountId(4);
    let email = "reader@example.org".parse().expect("an address");
    store.register(&email, at(0)).await.expect("registered");
    let to_reader = Assignment::new(vec![ADA, reader], None, None);
    assert_eq!(assign(&to_reader, ED).await, refused(InvalidAssignment::NoWriter(reader)));
    let to_author = Assignment::new(vec![ADA], Some(BO), None);
    assert_eq!(assign(&to_author, ED).await, refused(InvalidAssignment::NoEditor(BO)));
    assert_eq!(assignment(&store, id).await, first);
    assert_eq!(assign(&Assignment::new(vec![ADA, BO], None, None), ADA).await, Assigned::Done);
}

async fn of_two_assignments_at_once_one_is_behind(location: &Location) {
    let (store, id) = open(location).await;
    for round in 0..5 {
        let seen = assignment(&store, id).await;
        let assign = |number: u16| {
            let (store, seen) = (store.clone(), seen.clone());
            async move {
                let due = at(100 + 10 * round + i64::from(number));
                let wanted = Assignment::new(vec![ADA], Some(ED), Some(due));
                let by_ed = Attribution { by: ED, at: at(1) };
                store.assign(id, &seen, &wanted, by_ed).await
            }
        };
        let results: Vec<_> = at_once(2, assign).await;
        let done = results.iter().filter(|result| **result == Assigned::Done).count();
        assert_eq!(done, 1, "{results:?}");
        assert!(results.contains(&Assigned::Behind), "{results:?}");
    }
}

async fn an_assignment_outlives_the_account_of_its_editor(location: &Location) {
    let (store, id) = open(location).await;
    let wanted = Assignment::new(vec![ADA, BO], Some(ED), Some(at(60)));
    let (seen, by_ed) = (assignment(&store, id).await, Attribution { by: ED, at: at(1) });
    assert_eq!(store.assign(id, &seen, &wanted, by_ed).await.expect("asked"), Assigned::Done);
    for gone in [ED, BO] {
        let account = store.accounts(&[gone]).await.expect("read").remove(0);
        assert!(store.delete_account(&account, at(2)).await.expect("deleted"));
    }
    assert_eq!(assignment(&store, id).await, Assignment::new(vec![ADA], None, Some(at(60))));
}
