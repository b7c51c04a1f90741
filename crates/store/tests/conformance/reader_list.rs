//! The newsroom's list of readers: statuses, filters, pages, numbers, labels and notes.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Account, AccountId, Actor, AuditAction, AuditChange, Ending, Event, Mandate, Money,
    ReaderStatus, State, Subscription, SubscriptionId, staff::Role,
};
use masthead_store::{
    AuditQuery, JobEnd, JobEntry, LabelChange, LabelPart, Location, NewSubscription, ReaderEntry,
    ReaderOrder, ReaderQuery, ReaderSelection, Store, SubscriptionChange,
};

use crate::{
    open,
    staff::joined,
    subscriptions::{checkout, now, payment, subscription},
};

on_both_engines!(
    a_reader_has_the_status_of_the_subscription_that_goes_on,
    staff_are_no_readers_unless_they_subscribe,
    readers_are_filtered_counted_and_listed_page_by_page,
    readers_are_found_by_numbers_and_references,
    searches_for_very_long_words_find_nothing,
    labels_are_added_once_and_removed_from_all_who_fit,
    very_many_readers_are_labelled_in_parts,
    notes_are_kept_until_they_are_deleted,
    readers_are_found_by_the_page_on_which_they_subscribed,
    subscriptions_are_added_up_by_when_they_were_paid,
    past_months_keep_the_price_of_their_time,
    failed_payments_and_overdue_invoices_are_counted,
    complimentary_subscriptions_are_found_for_those_who_fit,
);

async fn searches_for_very_long_words_find_nothing(location: &Location) {
    let store = open(location).await;
    reader(&store, "ada", now()).await;
    for long in ["_", "%", "\\", "é"].map(|character| character.repeat(30_000)) {
        let query = ReaderQuery { text: long.clone(), ..ReaderQuery::default() };
        assert!(store.readers(&query, 9).await.expect("read").is_empty());
        assert_eq!(store.count_readers(&query).await.expect("counted"), 0);
        let query = AuditQuery { words: long, ..AuditQuery::default() };
        assert!(store.audit_log(&query, 9).await.expect("read").is_empty());
    }
}

async fn subscriptions_are_added_up_by_when_they_were_paid(location: &Location) {
    let store = open(location).await;
    let at = |days: i64| now() + SignedDuration::from_hours(24 * days);
    let (ada, bob) = (reader(&store, "ada", now()).await, reader(&store, "bob", now()).await);
    let mut all = Vec::new();
    for (account, begun, ended) in
        [(&ada, -40, Some(-20)), (&ada, -5, None), (&bob, -40, None), (&bob, -50, Some(-1))]
    {
        let mut held = subscription(account);
        held.begun = at(begun);
        if let Some(ended) = ended {
            held.state = State::Ended { at: at(ended), why: Ending::Cancelled };
        }
        all.push((held, None));
    }
    let mut free = subscription(&bob);
    free.terms.amount = Money::zero(free.terms.amount.currency());
    all.push((free, None));
    store.import_subscriptions(&all).await.expect("imported");
    let spans = store.paid_spans(&[at(-45), at(-30), at(-10)]).await.expect("read");
    let mut seen: Vec<_> =
        spans.iter().map(|of| (of.started, of.ended, of.count, of.monthly.minor())).collect();
    seen.sort_unstable();
    assert_eq!(
        seen,
        [(0, Some(3), 1, 1200), (1, None, 1, 1200), (1, Some(2), 1, 1200), (3, None, 1, 1200)]
    );
    assert_eq!(store.paid_spans(&[]).await.expect("read").len(), 2);
}

async fn past_months_keep_the_price_of_their_time(location: &Location) {
    let store = open(location).await;
    let at = |days: i64| now() + SignedDuration::from_hours(24 * days);
    let held = begin(&store, subscription(&reader(&store, "ada", now()).await)).await;
    let bounds = [at(-30), at(5), at(15)];
    let changes = async || store.price_changes(&bounds).await.expect("read");
    assert!(changes().await.is_empty(), "nothing has changed");
    let set = async |before: &Subscription, minor: u64, day: i64| {
        let mut after = before.clone();
        after.terms.amount = Money::of(minor, after.terms.amount.currency());
        let (actor, what) = (Actor::Reader, "switched");
        let (before, payment) = (before.clone(), None);
        let change =
            SubscriptionChange { before, after, due: None, actor, what, payment, emails: vec![] };
        assert!(store.change(&change, at(day)).await.expect("changed"));
        store.subscription(held.id).await.expect("read").expect("there")
    };
    let dearer = set(&held, 1500, 10).await;
    set(&dearer, 1000, 20).await;
    let mut seen: Vec<_> = changes()
        .await
        .iter()
        .map(|of| (of.started, of.ended, of.changed, of.difference))
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, [(1, None, 2, 300), (1, None, 3, -500)]);
    // A pause brings in nothing, and its time stays known after it.
    let latest = store.subscription(held.id).await.expect("read").expect("there");
    change(&store, &latest, Event::Paused { until: at(60) }).await;
    let paused = changes().await.iter().map(|of| of.difference).sum::<i64>();
    assert_eq!(paused, 300 - 500 - 1000);
}

async fn failed_payments_and_overdue_invoices_are_counted(location: &Location) {
    let store = open(location).await;
    let hours = SignedDuration::from_hours;
    let ada = reader(&store, "ada", now()).await;
    let mut all = vec![(subscription(&ada), None)];
    for (is_manual, since) in [(false, -1), (false, 5), (true, -1), (true, 0), (true, 5)] {
        let since = now() + hours(since);
        let mut held = subscription(&ada);
        held.state = State::Grace { since, ends: since + hours(48), tries: 0 };
        held.mandate = if is_manual {
            Mandate::manual()
        } else {
            Mandate { processor: "bank".into(), reference: "x".into(), card: None }
        };
        all.push((held, None));
    }
    store.import_subscriptions(&all).await.expect("imported");
    assert_eq!(store.count_failed_payments().await.expect("counted"), 2);
    assert_eq!(store.count_overdue_invoices(now()).await.expect("counted"), 2);
    // Paid, it is not counted any more.
    let due = store.subscriptions_of(ada.id).await.expect("read");
    let invoice = due.iter().find(|held| held.mandate.is_manual()).expect("an invoice");
    change(&store, invoice, Event::Withdrawn).await;
    let later = now() + hours(9);
    assert_eq!(store.count_overdue_invoices(later).await.expect("counted"), 2);
}

async fn complimentary_subscriptions_are_found_for_those_who_fit(location: &Location) {
    let store = open(location).await;
    let (ada, bob) = (reader(&store, "ada", now()).await, reader(&store, "bob", now()).await);
    let mut all = vec![(subscription(&ada), None)];
    for account in [&ada, &bob] {
        let mut free = subscription(account);
        free.terms.amount = Money::zero(free.terms.amount.currency());
        all.push((free, None));
    }
    store.import_subscriptions(&all).await.expect("imported");
    let found = async |of: &ReaderSelection, after: u32, most: u64| {
        let after = SubscriptionId(after);
        let found = store.complimentary_subscriptions(of, after, most).await.expect("read");
        found.iter().map(|held| held.account).collect::<Vec<_>>()
    };
    let everybody = ReaderSelection::All(ReaderQuery::default());
    assert_eq!(found(&everybody, 0, 9).await, [ada.id, bob.id]);
    assert_eq!(found(&everybody, 0, 1).await, [ada.id]);
    assert_eq!(found(&everybody, 2, 9).await, [bob.id]);
    let query = ReaderQuery { text: "bob".into(), ..ReaderQuery::default() };
    assert_eq!(found(&ReaderSelection::All(query), 0, 9).await, [bob.id]);
    assert_eq!(found(&ReaderSelection::Chosen(vec![ada.id]), 0, 9).await, [ada.id]);
}

async fn reader(store: &Store, name: &str, at: Timestamp) -> Account {
    let email = format!("{name}@example.org").parse().expect("an address");
    store.register(&email, at).await.expect("registered").0
}

async fn entry(store: &Store, reader: &Account) -> ReaderEntry {
    store.reader_entries(&[reader.id]).await.expect("read").remove(0)
}

async fn begin(store: &Store, subscription: Subscription) -> Subscription {
    let account = subscription.account;
    let begun = NewSubscription {
        held: store.subscriptions_of(account).await.expect("read"),
        subscription,
        due: None,
        actor: Actor::Reader,
        payment: None,
        emails: Vec::new(),
        changes: Vec::new(),
    };
    let id = store.begin_subscription(None, begun, now()).await.expect("begun").expect("a number");
    store.subscription(id).await.expect("read").expect("there")
}

async fn change(store: &Store, before: &Subscription, event: Event) -> Subscription {
    let after = before.after(event, now()).expect("possible");
    let change = SubscriptionChange {
        before: before.clone(),
        after,
        due: None,
        actor: Actor::Reader,
        what: "changed",
        payment: None,
        emails: Vec::new(),
    };
    assert!(store.change(&change, now()).await.expect("changed"));
    store.subscription(before.id).await.expect("read").expect("there")
}

async fn a_reader_has_the_status_of_the_subscription_that_goes_on(location: &Location) {
    let store = open(location).await;
    let ada = reader(&store, "ada", now()).await;
    assert_eq!(entry(&store, &ada).await.status, ReaderStatus::Registered);
    let held = begin(&store, subscription(&ada)).await;
    let first = entry(&store, &ada).await;
    assert_eq!((first.status, first.product.as_str()), (ReaderStatus::Subscriber, "web"));
    let grace = SignedDuration::from_hours(48);
    let refused = change(&store, &held, Event::PaymentFailed { grace }).await;
    assert_eq!(entry(&store, &ada).await.status, ReaderStatus::PastDue);
    change(&store, &refused, Event::Withdrawn).await;
    assert_eq!(entry(&store, &ada).await.status, ReaderStatus::Lapsed);
    let mut free = subscription(&ada);
    free.terms.amount = Money::zero(free.terms.amount.currency());
    free.terms.product = "print".to_owned();
    free.mandate = Mandate::manual();
    store.import_subscriptions(&[(free, None)]).await.expect("imported");
    let last = entry(&store, &ada).await;
    assert_eq!((last.status, last.product.as_str()), (ReaderStatus::Complimentary, "print"));
}

async fn staff_are_no_readers_unless_they_subscribe(location: &Location) {
    let store = open(location).await;
    let ada = reader(&store, "ada", now()).await;
    let olu = joined(&store, "olu@example.org", Role::Owner).await;
    let listed = async || -> Vec<AccountId> {
        let all = store.readers(&ReaderQuery::default(), 9).await.expect("read");
        let count = store.count_readers(&ReaderQuery::default()).await.expect("counted");
        assert_eq!(all.len() as u64, count);
        all.into_iter().map(|entry| entry.account.id).collect()
    };
    assert_eq!(listed().await, [ada.id]);
    begin(&store, subscription(&olu)).await;
    assert_eq!(listed().await, [ada.id, olu.id]);
}

async fn readers_are_filtered_counted_and_listed_page_by_page(location: &Location) {
    let store = open(location).await;
    let hour = |hours| now() + SignedDuration::from_hours(hours);
    let mut all = Vec::new();
    for (name, at) in [("d", 1), ("b", 2), ("c", 2), ("a", 3)] {
        all.push(reader(&store, name, hour(at)).await);
    }
    begin(&store, subscription(&all[0])).await;
    for (order, expected) in [
        (ReaderOrder::Newest, "a c b d"),
        (ReaderOrder::Oldest, "d b c a"),
        (ReaderOrder::Email, "a b c d"),
    ] {
        let mut query = ReaderQuery { order, ..ReaderQuery::default() };
        let mut seen = Vec::new();
        while let Some(next) = store.readers(&query, 1).await.expect("read").pop() {
            query.after = Some(next.account.id);
            seen.push(next.account.email.as_str()[..1].to_owned());
        }
        assert_eq!(seen.join(" "), expected, "{order:?}");
    }
    let count = async |query: ReaderQuery| store.count_readers(&query).await.expect("counted");
    let status = |status| ReaderQuery { status: Some(status), ..ReaderQuery::default() };
    assert_eq!(count(status(ReaderStatus::Subscriber)).await, 1);
    assert_eq!(count(status(ReaderStatus::Registered)).await, 3);
    assert_eq!(count(ReaderQuery { product: "web".into(), ..ReaderQuery::default() }).await, 1);
    let (from, until) = (Some(hour(2)), Some(hour(3)));
    assert_eq!(count(ReaderQuery { from, until, ..ReaderQuery::default() }).await, 2);
    assert_eq!(count(ReaderQuery { text: "A@ex".into(), ..ReaderQuery::default() }).await, 1);
    // A reader who is deleted while the list is read does not end it.
    let gone = ReaderQuery { after: Some(AccountId(999)), ..ReaderQuery::default() };
    assert_eq!(store.readers(&gone, 9).await.expect("read").len(), 4);
}

async fn readers_are_found_by_numbers_and_references(location: &Location) {
    let store = open(location).await;
    let ada = reader(&store, "ada", now()).await;
    let bob = reader(&store, "bob", now()).await;
    let held = begin(&store, subscription(&bob)).await;
    let paid = store.record_payment(&payment(&ada), now()).await.expect("recorded");
    assert_eq!((held.id, paid.number.0), (SubscriptionId(1), 1));
    assert_eq!(store.accounts_by_number(1).await.expect("asked"), [ada.id, bob.id]);
    assert!(store.accounts_by_number(2).await.expect("asked").is_empty());
    assert_eq!(store.accounts_by_reference("cs_1").await.expect("asked"), [ada.id]);
    assert!(store.accounts_by_reference("").await.expect("asked").len() < 2);
}

async fn labels_are_added_once_and_removed_from_all_who_fit(location: &Location) {
    let store = open(location).await;
    let (ada, bob) = (reader(&store, "ada", now()).await, reader(&store, "bob", now()).await);
    let add = LabelChange::Add("club".to_owned());
    assert!(store.label_reader(&ada, &add, None, now()).await.expect("labelled"));
    assert!(!store.label_reader(&ada, &add, None, now()).await.expect("labelled"), "it has it");
    let all = ReaderSelection::All(ReaderQuery::default());
    assert_eq!(store.label_readers(&all, &add, None, now()).await.expect("labelled"), 1);
    let other = LabelChange::Add("a school".to_owned());
    let chosen = ReaderSelection::Chosen(vec![bob.id, AccountId(999)]);
    assert_eq!(store.label_readers(&chosen, &other, None, now()).await.expect("labelled"), 1);
    assert_eq!(store.labels_of(bob.id).await.expect("read"), ["a school", "club"]);
    assert_eq!(entry(&store, &bob).await.labels, ["a school", "club"]);
    assert_eq!(store.all_labels(9).await.expect("read"), ["club", "a school"]);
    let labelled = ReaderQuery { label: "a school".into(), ..ReaderQuery::default() };
    assert_eq!(store.count_readers(&labelled).await.expect("counted"), 1);
    // What an action changes does not keep it from finding its readers.
    let remove = LabelChange::Remove("a school".to_owned());
    let those = ReaderSelection::All(labelled);
    assert_eq!(store.label_readers(&those, &remove, None, now()).await.expect("removed"), 1);
    assert_eq!(store.all_labels(9).await.expect("read"), ["club"]);
    assert!(store.delete_account(&bob, now()).await.expect("deleted"));
    assert!(store.labels_of(bob.id).await.expect("read").is_empty());
}

async fn very_many_readers_are_labelled_in_parts(location: &Location) {
    let store = open(location).await;
    for number in 0..7 {
        reader(&store, &format!("reader{number}"), now()).await;
    }
    let club = LabelChange::Add("club".to_owned());
    let remove = LabelChange::Remove("club".to_owned());
    let everybody = ReaderSelection::All(ReaderQuery::default());
    let labelled = ReaderQuery { label: "club".into(), ..ReaderQuery::default() };
    let labelled = ReaderSelection::All(labelled);
    let ada = joined(&store, "ada@example.org", Role::Support).await;
    // What a part changes does not keep the next from finding the others.
    for (selection, change, most) in [(&everybody, &club, 3), (&labelled, &remove, 3)] {
        let mut job = store.add_claimed_job("label", "{}", ada.id, now()).await.expect("added");
        let part = LabelPart { selection, change, most };
        let done = loop {
            let done = store.label_part(&part, &job).await.expect("changed").expect("ours");
            if done.readers > 0 {
                // A server that was killed before it went on, or two that do the same part, count it once.
                assert_eq!(store.label_part(&part, &job).await.expect("asked"), None);
            }
            if done.readers < most {
                break done.progress;
            }
            assert!(store.advance_job(&mut job, done.progress, None, now()).await.expect("noted"));
        };
        assert_eq!((done.done, done.skipped), (7, 0));
        let changes = vec![change.audit(), AuditChange::fact("readers", done.done)];
        let entry = JobEntry { action: AuditAction::LabelledReaders, changes };
        let end = (JobEnd::Stopped, Some(entry));
        assert!(store.end_job(&mut job, done, end.clone(), now()).await.expect("noted"));
        assert!(!store.end_job(&mut job, done, end, now()).await.expect("asked"), "twice");
    }
    assert!(store.all_labels(9).await.expect("read").is_empty());
    let log = store.audit_log(&AuditQuery::default(), 99).await.expect("read");
    let entries: Vec<_> =
        log.iter().filter(|entry| entry.action == AuditAction::LabelledReaders).collect();
    assert_eq!(entries.len(), 2, "one for each job: {entries:?}");
    assert!(entries[0].changes.contains(&AuditChange::fact("readers", 7)), "{entries:?}");
}

async fn notes_are_kept_until_they_are_deleted(location: &Location) {
    let store = open(location).await;
    let (ada, sue) = (reader(&store, "ada", now()).await, reader(&store, "sue", now()).await);
    assert!(store.add_note(&ada, "Call on Monday", sue.id, now()).await.expect("added"));
    let note = store.notes_about(ada.id).await.expect("read").remove(0);
    assert_eq!((note.by, note.text.as_str()), (Some(sue.id), "Call on Monday"));
    assert!(!store.delete_note(&sue, note.number, sue.id, now()).await.expect("asked"));
    let log = store.audit_log_about(&ada.email, 9).await.expect("read");
    assert!(!format!("{log:?}").contains("Monday"), "a note that is deleted is gone: {log:?}");
    assert!(store.delete_account(&sue, now()).await.expect("deleted"));
    assert_eq!(store.notes_about(ada.id).await.expect("read")[0].by, None);
    assert!(store.delete_note(&ada, note.number, ada.id, now()).await.expect("deleted"));
    assert!(store.notes_about(ada.id).await.expect("read").is_empty());
    assert!(!store.add_note(&sue, "Gone", ada.id, now()).await.expect("asked"));
}

async fn readers_are_found_by_the_page_on_which_they_subscribed(location: &Location) {
    let store = open(location).await;
    let (ada, bob) = (reader(&store, "ada", now()).await, reader(&store, "bob", now()).await);
    let bought = checkout(1, &ada);
    store.begin_checkout(&bought, None).await.expect("begun");
    store.begin_checkout(&checkout(2, &bob), None).await.expect("begun");
    let begun = NewSubscription {
        held: Vec::new(),
        subscription: subscription(&ada),
        due: None,
        actor: Actor::Reader,
        payment: None,
        emails: Vec::new(),
        changes: Vec::new(),
    };
    store.begin_subscription(Some(&bought), begun, now()).await.expect("begun").expect("one");
    let source = ReaderQuery { source: "/news/a".into(), ..ReaderQuery::default() };
    let found = store.readers(&source, 9).await.expect("read");
    assert_eq!(found.iter().map(|of| of.account.id).collect::<Vec<_>>(), [ada.id]);
    let conversions = store.conversions_of(ada.id).await.expect("read");
    assert_eq!(
        (conversions[0].from.as_str(), conversions[0].offer.as_str()),
        ("/news/a", "winter")
    );
    assert!(store.conversions_of(bob.id).await.expect("read").is_empty());
}
