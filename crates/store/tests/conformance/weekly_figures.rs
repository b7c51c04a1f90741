//! The weekly email of figures.

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use masthead_circulation::{Account, staff::Role};
use masthead_store::{Email, EmailBody, FiguresRecipient, FiguresWeek, Location, Store};

use crate::{races::at_once, staff::joined, upgrade::old};

on_both_engines!(
    owners_get_it_and_others_who_may_see_figures_if_they_want_it,
    it_is_sent_once_by_any_number_of_servers,
    what_was_switched_on_begins_with_the_next_one,
    another_time_zone_brings_no_week_twice,
    an_email_that_cannot_be_written_waits,
    an_upgrade_sends_no_week_again,
);

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

fn due() -> Timestamp {
    "2027-01-18T07:00:00Z".parse().expect("a time")
}

/// The week whose email is due at an instant.
fn week(due: Timestamp) -> FiguresWeek {
    FiguresWeek { monday: due.to_zoned_datetime(TimeZone::UTC).date(), due }
}

fn monday(at: Timestamp) -> Date {
    week(at).monday
}

async fn open(location: &Location) -> (Store, Vec<Account>) {
    let store = crate::open(location).await;
    let mut people = Vec::new();
    for role in [Role::Owner, Role::Editor, Role::Author] {
        people.push(joined(&store, &format!("{role}@example.org"), role).await);
    }
    (store, people)
}

async fn recipients(store: &Store, due: Timestamp) -> Vec<String> {
    let all = store.figures_recipients(week(due), due).await.expect("read");
    all.into_iter().map(|one| one.role.name().to_owned()).collect()
}

fn email(to: &FiguresRecipient) -> Email {
    Email {
        to: to.account.email.clone(),
        account: Some(to.account.id),
        kind: "weekly_figures".into(),
        subject: "Figures".into(),
        body: EmailBody::default(),
        useful_for: None,
    }
}

/// Sends what is due. Returns how many emails.
async fn send(
    store: &Store,
    due: Timestamp,
    now: Timestamp,
) -> Result<u64, masthead_store::StoreError> {
    let mut sent = 0;
    for to in store.figures_recipients(week(due), now).await? {
        sent += u64::from(store.send_weekly_figures(&to, &email(&to), week(due), now).await?);
    }
    Ok(sent)
}

async fn owners_get_it_and_others_who_may_see_figures_if_they_want_it(location: &Location) {
    let (store, people) = open(location).await;
    assert_eq!(recipients(&store, due()).await, ["owner"]);
    let long_ago = due() - WEEK;
    for (person, is_on) in people.iter().zip([false, true, true]) {
        store.set_weekly_figures(person.id, is_on, monday(long_ago)).await.expect("stored");
    }
    // Authors may not see figures.
    assert_eq!(recipients(&store, due()).await, ["editor"]);
    let editor = store.figures_recipients(week(due()), due()).await.expect("read").remove(0);
    // Somebody whose role was changed meanwhile gets nothing that was written for the other.
    let now = due();
    store.appoint(&people[1], Role::Author, None, now).await.expect("appointed");
    let sent = store.send_weekly_figures(&editor, &email(&editor), week(due()), now).await;
    assert!(!sent.expect("asked"));
    // Who joins after it was due waits for the next one.
    assert_eq!(recipients(&store, Timestamp::UNIX_EPOCH).await, [""; 0]);
}

async fn it_is_sent_once_by_any_number_of_servers(location: &Location) {
    let (store, _) = open(location).await;
    for week in 0..3 {
        let due = due() + WEEK * week;
        let server = |_| {
            let store = store.clone();
            async move { send(&store, due, due).await }
        };
        assert_eq!(at_once(4, server).await.into_iter().sum::<u64>(), 1);
        assert_eq!(
            send(&store, due, due + SignedDuration::from_hours(100)).await.expect("asked"),
            0
        );
    }
    assert_eq!(store.emails(99).await.expect("read").len(), 3);
}

async fn what_was_switched_on_begins_with_the_next_one(location: &Location) {
    let (store, people) = open(location).await;
    let editor = &people[1];
    assert!(!store.wants_weekly_figures(editor.id, Role::Editor).await.expect("read"));
    store.set_weekly_figures(editor.id, true, monday(due())).await.expect("stored");
    assert!(store.wants_weekly_figures(editor.id, Role::Editor).await.expect("read"));
    assert_eq!(recipients(&store, due()).await, ["owner"]);
    assert_eq!(recipients(&store, due() + WEEK).await, ["owner", "editor"]);
    // Saved again, nothing changes.
    store.set_weekly_figures(editor.id, true, monday(due() + WEEK * 2)).await.expect("stored");
    assert_eq!(recipients(&store, due() + WEEK).await, ["owner", "editor"]);
}

async fn another_time_zone_brings_no_week_twice(location: &Location) {
    let (store, people) = open(location).await;
    let owner = &people[0];
    assert_eq!(send(&store, due(), due()).await.expect("sent"), 1);
    // Further west the same Monday is due some hours later, and until then that of the week before was the last.
    let west = due() + SignedDuration::from_hours(9);
    assert_eq!(send(&store, west, west).await.expect("asked"), 0);
    assert_eq!(send(&store, due() - WEEK, west).await.expect("asked"), 0);
    store.set_weekly_figures(owner.id, false, monday(due() - WEEK)).await.expect("stored");
    store.set_weekly_figures(owner.id, true, monday(due() - WEEK)).await.expect("stored");
    assert_eq!(send(&store, west, west).await.expect("asked"), 0);
    assert_eq!(send(&store, due() + WEEK, due() + WEEK).await.expect("sent"), 1);
}

async fn an_email_that_cannot_be_written_waits(location: &Location) {
    let (store, people) = open(location).await;
    store.set_weekly_figures(people[1].id, true, monday(due() - WEEK)).await.expect("stored");
    let later = due() + SignedDuration::from_hours(6);
    store.defer_weekly_figures(people[0].id, later).await.expect("deferred");
    assert_eq!(send(&store, due(), due()).await.expect("sent"), 1, "the other");
    assert_eq!(send(&store, due(), later).await.expect("sent"), 1);
    let next = due() + WEEK;
    assert_eq!(send(&store, next, next).await.expect("sent"), 2);
}

async fn an_upgrade_sends_no_week_again(location: &Location) {
    old(location).await;
    let store = crate::open(location).await;
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    let back = i64::from(today.weekday().since(Weekday::Monday));
    let monday = today.checked_sub(back.days()).expect("a day");
    let due = "2100-01-01T07:00:00Z".parse().expect("a time");
    let recipients = async |monday| {
        let week = FiguresWeek { monday, due };
        store.figures_recipients(week, due).await.expect("read").len()
    };
    assert_eq!(recipients(monday).await, 0, "it was sent before the upgrade");
    let later = monday.checked_add(14.days()).expect("a day");
    assert_eq!(recipients(later).await, 1, "the owner");
}
