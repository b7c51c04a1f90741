//! Reminders of deadlines.

use masthead_access::ArticleId;
use masthead_circulation::{AccountId, Assignment, NotificationChoice, NotificationEvent};
use masthead_editorial::draft::WorkflowState;
use masthead_store::{Location, Store, StoryChange};

use crate::{
    notifications::{ADA, BO, DAY, ED, EVE, assign, at, by, draft, open, publish, told},
    races::at_once,
};

on_both_engines!(
    reminders_are_given_once_for_each_deadline,
    a_deadline_that_comes_back_is_told_of_again,
    of_two_servers_one_reminds,
    what_is_finished_is_not_reminded_of,
);

async fn due_at(store: &Store, id: ArticleId, minutes: i64) {
    let wanted = Assignment::new(vec![ADA], Some(ED), Some(at(minutes)));
    assign(store, id, &wanted, by(ED, 0)).await;
}

/// The deadlines of which somebody was reminded, in minutes, the latest reminder first.
async fn reminders(store: &Store, account: AccountId) -> Vec<i64> {
    let told = told(store, account).await;
    let deadlines = told.into_iter().filter(|told| told.event == NotificationEvent::Deadline);
    let planned = deadlines.filter_map(|told| told.planned);
    planned.map(|due| due.duration_since(at(0)).as_mins()).collect()
}

async fn reminders_are_given_once_for_each_deadline(location: &Location) {
    let (store, id) = open(location).await;
    due_at(&store, id, 2 * DAY).await;
    let remind = async |minutes| store.remind_of_deadlines(at(minutes)).await.expect("reminded");
    remind(DAY - 1).await;
    assert_eq!(reminders(&store, ADA).await, [0; 0]);
    for minute in [DAY, DAY + 1, 2 * DAY - 1] {
        remind(minute).await;
        assert_eq!(reminders(&store, ADA).await, [2 * DAY]);
    }
    assert_eq!(reminders(&store, ED).await, [2 * DAY], "the responsible editor");
    assert_eq!(reminders(&store, EVE).await, [0; 0], "and no other");
    remind(2 * DAY).await;
    remind(2 * DAY + 5).await;
    assert_eq!(reminders(&store, ADA).await, [2 * DAY; 2], "near, and passed");
    due_at(&store, id, 3 * DAY).await;
    remind(2 * DAY + 6).await;
    assert_eq!(reminders(&store, ADA).await, [3 * DAY, 2 * DAY, 2 * DAY]);
    // A server that was off for long says nothing of what is long over.
    due_at(&store, id, 4 * DAY).await;
    remind(40 * DAY).await;
    assert_eq!(reminders(&store, ADA).await.len(), 3);
    // One who does not want any is not asked again and again, and gets none later.
    let off = NotificationChoice { by_email: false, at_desk: false };
    let choices = [(NotificationEvent::Deadline, off)];
    store.set_notification_choices(ADA, &choices).await.expect("stored");
    remind(4 * DAY).await;
    assert_eq!(reminders(&store, ADA).await.len(), 3);
    let sent = store.due_staff_emails(at(4 * DAY), 99).await.expect("read");
    let to_ada = sent.iter().find(|email| email.account.id == ADA).expect("an email");
    assert_eq!(to_ada.notifications.len(), 3, "what was wanted");
}

async fn a_deadline_that_comes_back_is_told_of_again(location: &Location) {
    let (store, id) = open(location).await;
    let remind = async |minutes| store.remind_of_deadlines(at(minutes)).await.expect("reminded");
    due_at(&store, id, 60).await;
    remind(1).await;
    assert_eq!(reminders(&store, ADA).await, [60]);
    // Away and back again before anybody was reminded of the other.
    for deadline in [5 * DAY, 60] {
        due_at(&store, id, deadline).await;
        remind(2).await;
    }
    assert_eq!(
        (reminders(&store, ADA).await, reminders(&store, ED).await),
        (vec![60; 2], vec![60; 2])
    );
    // Another change of the assignment is no other deadline.
    let wanted = Assignment::new(vec![ADA, BO], Some(ED), Some(at(60)));
    assign(&store, id, &wanted, by(ED, 3)).await;
    remind(4).await;
    assert_eq!(reminders(&store, ADA).await, [60; 2]);
    assert_eq!(reminders(&store, BO).await, [60]);
}

async fn of_two_servers_one_reminds(location: &Location) {
    let (store, id) = open(location).await;
    due_at(&store, id, 60).await;
    let server = |_| {
        let store = store.clone();
        async move { store.remind_of_deadlines(at(1)).await }
    };
    at_once(4, server).await;
    assert_eq!((reminders(&store, ADA).await, reminders(&store, ED).await), (vec![60], vec![60]));
}

async fn what_is_finished_is_not_reminded_of(location: &Location) {
    let (store, published) = open(location).await;
    let archived = store.begin_story("draft-2", &draft(), by(ADA, 0)).await.expect("asked");
    let archived = archived.expect("begun");
    for story in [published, archived] {
        due_at(&store, story, 60).await;
    }
    publish(&store, published, 1).await;
    let (work, change) = (WorkflowState::Archived, StoryChange::Archived);
    store.set_work(archived, 1, work, change, by(ADA, 1)).await.expect("asked");
    store.remind_of_deadlines(at(61)).await.expect("reminded");
    assert_eq!(reminders(&store, ADA).await, [0; 0]);
    let (work, change) = (WorkflowState::Writing, StoryChange::Returned);
    store.set_work(archived, 2, work, change, by(ADA, 62)).await.expect("asked");
    store.remind_of_deadlines(at(63)).await.expect("reminded");
    assert_eq!(reminders(&store, ADA).await, [60]);
}
