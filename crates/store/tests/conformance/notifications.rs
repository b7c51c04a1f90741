//! What members of the staff are told about articles.

use jiff::{SignedDuration, Timestamp};
use masthead_access::ArticleId;
use masthead_circulation::{
    AccountId, Assignment, NotificationChoice, NotificationEvent, staff::Role,
};
use masthead_editorial::{
    SlugScript,
    draft::{Draft, PublishDetails, WorkflowState},
    passage::Passage,
};
use masthead_store::{
    Assigned, Attribution, CommentWritten, Email, EmailBody, Location, NewComment, Notification,
    NotificationCursor, ReadNotifications, Store, StoryChange, Written,
};
use sea_orm::ConnectionTrait;

use crate::{connect, races::at_once, staff::joined};

on_both_engines!(
    everybody_is_told_what_concerns_them_and_never_what_they_did,
    nobody_is_told_of_an_article_that_they_may_not_open,
    who_works_on_articles_no_more_keeps_nothing_about_them,
    the_list_goes_on_page_after_page,
    an_email_that_cannot_be_written_is_tried_again_later_and_holds_up_no_other,
    mentions_are_told_once_and_refused_if_the_article_is_not_theirs,
    opening_an_article_marks_its_notifications_and_the_list_all,
    choices_decide_what_is_shown_and_sent,
    ten_comments_are_two_emails,
    of_two_servers_one_sends_an_email,
    notifications_end_with_their_article_and_their_account,
);

pub(crate) const ADA: AccountId = AccountId(1);
pub(crate) const BO: AccountId = AccountId(2);
pub(crate) const ED: AccountId = AccountId(3);
pub(crate) const EVE: AccountId = AccountId(4);

/// The minutes of a day.
pub(crate) const DAY: i64 = 24 * 60;

pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + 60 * minutes).expect("an instant")
}

pub(crate) fn by(by: AccountId, minutes: i64) -> Attribution {
    Attribution { by, at: at(minutes) }
}

pub(crate) fn draft() -> Draft {
    Draft { headline: "Ferry".into(), body: "<p>It left.</p>".into(), ..Draft::default() }
}

/// A database with two authors and two editors, and a story of the first.
pub(crate) async fn open(location: &Location) -> (Store, ArticleId) {
    let store = crate::open(location).await;
    let people =
        [("ada", Role::Author), ("bo", Role::Author), ("ed", Role::Editor), ("eve", Role::Editor)];
    for (name, role) in people {
        joined(&store, &format!("{name}@example.org"), role).await;
    }
    let id = store.begin_story("draft-1", &draft(), by(ADA, 0)).await.expect("asked");
    (store, id.expect("begun"))
}

pub(crate) async fn told(store: &Store, account: AccountId) -> Vec<Notification> {
    let may_edit = account == ED || account == EVE;
    store.notifications(account, may_edit, None, 99).await.expect("read")
}

async fn events(store: &Store, account: AccountId) -> Vec<NotificationEvent> {
    told(store, account).await.into_iter().map(|told| told.event).collect()
}

async fn submit(store: &Store, id: ArticleId, version: i64, minutes: i64) {
    let (work, change) = (WorkflowState::Review, StoryChange::Sent);
    let written = store.set_work(id, version, work, change, by(ADA, minutes)).await;
    assert_eq!(written.expect("asked"), Written::Done(version + 1));
}

pub(crate) async fn publish(store: &Store, id: ArticleId, version: i64) {
    let slug = "ferry".to_owned();
    let how = PublishDetails { slug, published: at(9), correction: None, slugs: SlugScript::Latin };
    let piece = draft().publish(how, &[], None);
    let change = StoryChange::Published;
    let written = store.publish_story(id, version, piece, change, by(ED, 9)).await;
    assert!(matches!(written.expect("asked"), Written::Done(_)));
}

async fn comment(store: &Store, id: ArticleId, text: &str, whose: Attribution) -> CommentWritten {
    let written = NewComment { request: format!("{id:?} {text} {whose:?}"), text: text.to_owned() };
    store.begin_thread(id, &Passage::default(), &written, whose).await.expect("asked")
}

pub(crate) async fn assign(store: &Store, id: ArticleId, wanted: &Assignment, whose: Attribution) {
    let seen = store.story(id).await.expect("asked").expect("a story").entry.assignment();
    let assigned = store.assign(id, &seen, wanted, whose).await.expect("asked");
    assert_eq!(assigned, Assigned::Done);
}

async fn everybody_is_told_what_concerns_them_and_never_what_they_did(location: &Location) {
    use NotificationEvent::{Assigned, Commented, Published, Returned, Submitted};
    let (store, id) = open(location).await;
    submit(&store, id, 1, 1).await;
    assert_eq!(
        (events(&store, ED).await, events(&store, EVE).await),
        (vec![Submitted], vec![Submitted])
    );
    store.return_story(id, "Too long", by(ED, 2)).await.expect("asked");
    let returned = told(&store, ADA).await.remove(0);
    assert_eq!(
        (returned.event, returned.by, returned.detail.as_str()),
        (Returned, Some(ED), "Too long")
    );
    assert_eq!((returned.headline.as_str(), returned.article), ("Ferry", id));

    // Only the responsible editor hears of the next submission.
    assign(&store, id, &Assignment::new(vec![ADA, BO], Some(EVE), None), by(ED, 3)).await;
    assert_eq!(events(&store, BO).await, [Assigned]);
    submit(&store, id, 3, 4).await;
    assert_eq!(events(&store, ED).await, [Submitted]);
    assert_eq!(events(&store, EVE).await, [Submitted, Assigned, Submitted]);

    comment(&store, id, "True?", by(ED, 5)).await;
    let number = store.comment_threads(id).await.expect("read")[0].number;
    let reply = NewComment { request: "r".into(), text: "Yes".into() };
    store.reply(id, number, &reply, by(ADA, 6)).await.expect("asked");
    assert_eq!(events(&store, ED).await, [Commented, Submitted]);
    let heard = told(&store, ED).await.remove(0);
    assert_eq!((heard.detail.as_str(), heard.thread), ("Yes", Some(number)));
    assert_eq!(events(&store, BO).await, [Commented, Commented, Assigned]);

    publish(&store, id, 4).await;
    assert_eq!(events(&store, ADA).await, [Published, Commented, Returned]);
    assert_eq!(events(&store, ED).await, [Commented, Submitted]);
}

async fn nobody_is_told_of_an_article_that_they_may_not_open(location: &Location) {
    let (store, id) = open(location).await;
    assign(&store, id, &Assignment::new(vec![ADA, BO], None, None), by(ED, 1)).await;
    comment(&store, id, "True?", by(ED, 2)).await;
    assert_eq!(told(&store, BO).await.len(), 2);
    // Somebody who is taken off an article sees nothing of it, and is sent nothing.
    assign(&store, id, &Assignment::new(vec![ADA], None, None), by(ED, 3)).await;
    assert!(told(&store, BO).await.is_empty());
    assert_eq!(store.unread_notifications(BO, false, 9).await.expect("counted"), 0);
    let due = store.due_staff_emails(at(60), 9).await.expect("read");
    assert!(due.iter().all(|email| email.account.id != BO), "{due:?}");
    comment(&store, id, "Really?", by(ED, 4)).await;
    assert!(told(&store, BO).await.is_empty());
    // It comes back with the right.
    assign(&store, id, &Assignment::new(vec![ADA, BO], None, None), by(ED, 5)).await;
    assert_eq!(told(&store, BO).await.len(), 3);
}

async fn who_works_on_articles_no_more_keeps_nothing_about_them(location: &Location) {
    let (store, id) = open(location).await;
    comment(&store, id, "True?", by(ED, 1)).await;
    assert_eq!(store.all_notifications(ADA).await.expect("read").len(), 1);
    let ada = store.accounts(&[ADA]).await.expect("read").remove(0);
    store.appoint(&ada, Role::Editor, None, at(2)).await.expect("appointed");
    assert_eq!(store.all_notifications(ADA).await.expect("read").len(), 1);
    store.appoint(&ada, Role::Support, None, at(3)).await.expect("appointed");
    assert!(store.all_notifications(ADA).await.expect("read").is_empty());
    assert!(store.due_staff_emails(at(9), 9).await.expect("read").is_empty());
}

async fn the_list_goes_on_page_after_page(location: &Location) {
    let (store, id) = open(location).await;
    for number in 0..7 {
        comment(&store, id, &number.to_string(), by(ED, 1)).await;
    }
    let all: Vec<i32> = told(&store, ADA).await.iter().map(|told| told.number).collect();
    // The third and the fifth are read, so they come last.
    let read = [all[2], all[4]];
    let marked = store.mark_notifications_read(ADA, ReadNotifications::Numbered(&read), at(2));
    assert_eq!(marked.await.expect("marked"), 2);
    let expected: Vec<i32> = told(&store, ADA).await.iter().map(|told| told.number).collect();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.notifications(ADA, false, after, 2).await.expect("read");
        let Some(last) = page.last() else { break };
        after = Some(NotificationCursor { is_read: last.is_read, number: last.number });
        found.extend(page.iter().map(|told| told.number));
    }
    assert_eq!(found, expected);
    assert_eq!(found[5..], read);
}

async fn an_email_that_cannot_be_written_is_tried_again_later_and_holds_up_no_other(
    location: &Location,
) {
    let (store, id) = open(location).await;
    let due = async |minutes| {
        let due = store.due_staff_emails(at(minutes), 1).await.expect("read");
        due.into_iter().map(|email| email.account.id).collect::<Vec<_>>()
    };
    comment(&store, id, "@ada@example.org", by(ED, 0)).await;
    comment(&store, id, "@ed@example.org", by(ADA, 1)).await;
    assert_eq!(due(1).await, [ADA], "who has waited longest comes first");
    store.defer_staff_email(ADA, id, at(1)).await.expect("deferred");
    assert_eq!((due(2).await, due(10).await), (vec![ED], vec![ED]));
    send(&store, at(10)).await;
    // It waits as long again as it has waited, and a day at most.
    assert_eq!((due(10).await, due(11).await), (vec![], vec![ADA]));
    store.defer_staff_email(ADA, id, at(30)).await.expect("deferred");
    assert_eq!((due(59).await, due(60).await), (vec![], vec![ADA]));
    store.defer_staff_email(ADA, id, at(9 * DAY)).await.expect("deferred");
    assert_eq!((due(10 * DAY - 1).await, due(10 * DAY).await), (vec![], vec![ADA]));
    // What cannot be read is put off by itself.
    let sql = "UPDATE notifications SET event = 'sang' WHERE account = 1";
    connect(location).await.execute_unprepared(sql).await.expect("written");
    comment(&store, id, "@eve@example.org", by(ADA, 1)).await;
    let due = store.due_staff_emails(at(10 * DAY), 9).await.expect("read");
    assert_eq!(due.iter().map(|email| email.account.id).collect::<Vec<_>>(), [EVE]);
    let sql = "UPDATE notifications SET event = 'commented' WHERE account = 1";
    connect(location).await.execute_unprepared(sql).await.expect("written");
    let due = store.due_staff_emails(at(10 * DAY + 1), 9).await.expect("read");
    assert_eq!(due.iter().map(|email| email.account.id).collect::<Vec<_>>(), [EVE], "not yet");
}

async fn mentions_are_told_once_and_refused_if_the_article_is_not_theirs(location: &Location) {
    use NotificationEvent::{Commented, Mentioned};
    let (store, id) = open(location).await;
    let names = store.mentionable(id).await.expect("read");
    let names: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["ada@example.org", "ed@example.org", "eve@example.org"]);
    let text = "@ada@example.org @ed@example.org?";
    assert_eq!(comment(&store, id, text, by(EVE, 1)).await, CommentWritten::Done);
    assert_eq!(
        (events(&store, ADA).await, events(&store, ED).await),
        (vec![Mentioned], vec![Mentioned])
    );
    assert!(told(&store, EVE).await.is_empty());
    let refused = comment(&store, id, "@bo@example.org?", by(EVE, 2)).await;
    assert_eq!(refused, CommentWritten::MayNotOpen { name: "bo@example.org".into() });
    assert_eq!(store.comment_threads(id).await.expect("read").len(), 1);
    assert!(told(&store, BO).await.is_empty());
    comment(&store, id, "mail@ed@example.org", by(EVE, 3)).await;
    assert_eq!(
        (events(&store, ADA).await, events(&store, ED).await),
        (vec![Commented, Mentioned], vec![Mentioned])
    );
}

async fn opening_an_article_marks_its_notifications_and_the_list_all(location: &Location) {
    let (store, id) = open(location).await;
    let other = store.begin_story("draft-2", &draft(), by(ADA, 0)).await.expect("asked");
    let other = other.expect("begun");
    for story in [id, other] {
        comment(&store, story, "One", by(ED, 1)).await;
        comment(&store, story, "Two", by(ED, 2)).await;
    }
    let unread = async || store.unread_notifications(ADA, false, 3).await.expect("counted");
    let mark =
        async |which| store.mark_notifications_read(ADA, which, at(3)).await.expect("marked");
    let own = ReadNotifications::OfArticle(id);
    assert_eq!(unread().await, 3, "no more than asked for");
    assert_eq!((mark(own).await, mark(own).await), (2, 0));
    let list = told(&store, ADA).await;
    let read: Vec<bool> = list.iter().map(|told| told.is_read).collect();
    assert_eq!((unread().await, read), (2, vec![false, false, true, true]));
    // Only what was on the page is marked, and only what is one's own.
    let shown: Vec<i32> = list.iter().map(|told| told.number).collect();
    comment(&store, id, "Three", by(ED, 4)).await;
    let of_others = store.mark_notifications_read(BO, ReadNotifications::Numbered(&shown), at(3));
    assert_eq!(of_others.await.expect("asked"), 0);
    assert_eq!((mark(ReadNotifications::Numbered(&shown)).await, unread().await), (2, 1));
    assert_eq!(store.unread_notifications(BO, false, 9).await.expect("counted"), 0);
}

async fn choices_decide_what_is_shown_and_sent(location: &Location) {
    let (store, id) = open(location).await;
    let defaults = store.notification_choices(ADA).await.expect("read");
    let mailed: Vec<_> =
        defaults.iter().filter(|(_, choice)| choice.by_email).map(|own| own.0.name()).collect();
    assert_eq!(mailed, ["submitted", "returned", "mentioned", "assigned", "deadline"]);
    assert!(defaults.iter().all(|(_, choice)| choice.at_desk));
    let choose = async |by_email, at_desk| {
        let choice = NotificationChoice { by_email, at_desk };
        let chosen = [(NotificationEvent::Commented, choice)];
        store.set_notification_choices(ADA, &chosen).await.expect("stored");
    };
    let comments = ["Neither", "Email", "Desk"];
    for (minute, (by_email, at_desk)) in
        [(false, false), (true, false), (false, true)].into_iter().enumerate()
    {
        choose(by_email, at_desk).await;
        comment(&store, id, comments[minute], by(ED, 1)).await;
    }
    let shown: Vec<String> = told(&store, ADA).await.into_iter().map(|told| told.detail).collect();
    assert_eq!(shown, ["Desk"]);
    let email = store.due_staff_emails(at(2), 9).await.expect("read").remove(0);
    let sent: Vec<&str> = email.notifications.iter().map(|told| told.detail.as_str()).collect();
    assert_eq!((email.account.id, sent), (ADA, vec!["Email"]));
    assert_eq!(email.language, "");
    store.set_staff_language(ADA, "de").await.expect("stored");
    assert_eq!(store.due_staff_emails(at(2), 9).await.expect("read")[0].language, "de");
}

fn email(to: &masthead_store::StaffEmail) -> Email {
    Email {
        to: to.account.email.clone(),
        account: Some(to.account.id),
        kind: "notification".into(),
        subject: format!("{} notifications", to.notifications.len()),
        body: EmailBody::default(),
        useful_for: None,
    }
}

/// Sends what is due. Returns the subjects.
async fn send(store: &Store, now: Timestamp) -> Vec<String> {
    let mut subjects = Vec::new();
    for told in store.due_staff_emails(now, 99).await.expect("read") {
        if store.send_staff_email(&told, &email(&told), now).await.expect("sent") {
            subjects.push(email(&told).subject);
        }
    }
    subjects
}

async fn ten_comments_are_two_emails(location: &Location) {
    let (store, id) = open(location).await;
    let text = |number: i64| format!("@ada@example.org {number}");
    comment(&store, id, &text(0), by(ED, 0)).await;
    assert_eq!(send(&store, at(0)).await, ["1 notifications"]);
    for number in 1..10 {
        comment(&store, id, &text(number), by(ED, 0)).await;
        assert_eq!(send(&store, at(0)).await, [""; 0]);
    }
    assert_eq!(send(&store, at(10) - SignedDuration::from_secs(1)).await, [""; 0]);
    assert_eq!(send(&store, at(10)).await, ["9 notifications"]);
    assert_eq!(send(&store, at(99)).await, [""; 0]);
    assert_eq!(store.emails(99).await.expect("read").len(), 2);
}

async fn of_two_servers_one_sends_an_email(location: &Location) {
    let (store, id) = open(location).await;
    for round in 0..5 {
        let minute = 20 * round;
        comment(&store, id, &format!("@ada@example.org {round}"), by(ED, minute)).await;
        let server = |_| {
            let store = store.clone();
            async move {
                let mut sent = 0;
                for told in store.due_staff_emails(at(minute), 99).await? {
                    sent +=
                        i32::from(store.send_staff_email(&told, &email(&told), at(minute)).await?);
                }
                Ok(sent)
            }
        };
        assert_eq!(at_once(3, server).await.into_iter().sum::<i32>(), 1);
    }
    assert_eq!(store.emails(99).await.expect("read").len(), 5);
}

async fn notifications_end_with_their_article_and_their_account(location: &Location) {
    let (store, id) = open(location).await;
    let blank = store.begin_story("draft-2", &Draft::default(), by(ADA, 0)).await.expect("asked");
    let blank = blank.expect("begun");
    for story in [id, blank] {
        comment(&store, story, "True?", by(ED, 1)).await;
    }
    assert_eq!(told(&store, ADA).await.len(), 2);
    store.delete_blank_story(blank, 1, by(ADA, 2)).await.expect("deleted");
    assert_eq!(store.all_notifications(ADA).await.expect("read").len(), 1);
    let ed = store.accounts(&[ED]).await.expect("read").remove(0);
    store.delete_account(&ed, at(3)).await.expect("deleted");
    assert_eq!(told(&store, ADA).await[0].by, None);
    let ada = store.accounts(&[ADA]).await.expect("read").remove(0);
    store.delete_account(&ada, at(4)).await.expect("deleted");
    assert!(store.all_notifications(ADA).await.expect("read").is_empty());
}
