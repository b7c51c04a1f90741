//! What readers buy: each thing happens once, whoever else tries at the same time.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_circulation::{
    Account, AccountId, Actor, Card, Channel, Checkout, Digest, Event, Introduction, Mandate,
    Money, Payment, Progress, Purpose, Refund, StaffActor, State, Subscription, SubscriptionId,
    Terms,
};
use masthead_store::{
    Charge, Email, EmailBody, Location, NewSubscription, Store, SubscriptionChange,
};

use crate::open;

on_both_engines!(
    a_checkout_begins_one_subscription,
    of_two_changes_at_once_one_is_made,
    an_offer_is_taken_as_often_as_its_limit_says,
    what_is_due_comes_in_order,
    an_order_is_answered_once,
    a_payment_is_paid_back_once,
    a_deleted_account_keeps_no_subscription,
);

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn usd(minor: u64) -> Money {
    Money::of(minor, "USD".parse().expect("a currency"))
}

fn terms() -> Terms {
    Terms {
        product: "web".into(),
        name: "Web".into(),
        channels: vec![Channel::Web, Channel::App],
        price: "web-monthly".into(),
        offer: Some("winter".into()),
        introduction: Some(Introduction {
            amount: usd(900),
            lasts: "3 months".parse().expect("a length"),
            card: true,
        }),
        amount: usd(1200),
        every: "1 month".parse().expect("a length"),
    }
}

fn checkout(key: u8, account: &Account) -> Checkout {
    Checkout {
        key: Digest([key; 32]),
        account: account.id,
        purpose: Purpose::Begin,
        terms: terms(),
        amount: usd(900),
        begun: now(),
        from: "/news/a".into(),
        trial: "7B".to_owned(),
        processor: "sandbox".into(),
        reference: String::new(),
        progress: Progress::Open,
    }
}

fn subscription(account: &Account) -> Subscription {
    let mandate = Mandate {
        processor: "sandbox".into(),
        reference: "good".into(),
        card: Some(Card { brand: "Visa".into(), last4: "4242".into(), year: 2030, month: 1 }),
    };
    Subscription::begun((SubscriptionId(0), account.id), terms(), mandate, now(), &TimeZone::UTC)
}

fn payment(account: &Account) -> Payment {
    Payment {
        number: 0,
        source: "first".into(),
        account: account.id,
        subscription: SubscriptionId(0),
        what: "Web, 3 months".into(),
        amount: usd(900),
        at: now(),
        from: now(),
        through: now() + SignedDuration::from_hours(24 * 90),
        card: "Visa 4242".into(),
    }
}

fn letter(account: &Account) -> Email {
    Email {
        to: account.email.clone(),
        account: Some(account.id),
        kind: "receipt".into(),
        subject: "Receipt".into(),
        body: EmailBody { text: "Thank you.".into(), html: "<p>Thank you.</p>".into() },
        useful_for: None,
    }
}

fn begun(account: &Account) -> NewSubscription {
    let subscription = subscription(account);
    NewSubscription {
        due: subscription.due(&TimeZone::UTC).map(|(when, _)| when),
        subscription,
        actor: Actor::Reader,
        payment: Some(payment(account)),
        letters: vec![letter(account)],
        changes: Vec::new(),
    }
}

async fn ada(store: &Store) -> Account {
    let email = "ada@example.org".parse().expect("an address");
    store.register(&email, now()).await.expect("registered").0
}

async fn bought(store: &Store, account: &Account) -> Subscription {
    let checkout = checkout(1, account);
    assert!(store.begin_checkout(&checkout, None).await.expect("begun"));
    let id =
        store.begin_subscription(Some(&checkout), begun(account), now()).await.expect("bought");
    store.subscription(id.expect("new")).await.expect("read").expect("there")
}

async fn a_checkout_begins_one_subscription(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let checkout = checkout(1, &ada);
    assert!(store.begin_checkout(&checkout, None).await.expect("begun"));
    assert_eq!(store.checkout(&checkout.key).await.expect("read"), Some(checkout.clone()));
    let tries = (0..6).map(|_| {
        let (store, checkout, begun) = (store.clone(), checkout.clone(), begun(&ada));
        tokio::spawn(async move { store.begin_subscription(Some(&checkout), begun, now()).await })
    });
    let mut made = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        made.extend(attempt.await.expect("joined").expect("no failure"));
    }
    assert_eq!(made.len(), 1);
    let held = store.subscriptions_of(ada.id).await.expect("read");
    assert_eq!(held, [Subscription { id: made[0], ..subscription(&ada) }]);
    let payments = store.payments_of(ada.id).await.expect("read");
    assert_eq!(payments.len(), 1);
    assert_eq!((payments[0].subscription, payments[0].amount), (made[0], usd(900)));
    assert_eq!(store.emails(9).await.expect("read").len(), 1);
    let done = store.checkout(&checkout.key).await.expect("read").expect("there");
    assert_eq!(done.progress, Progress::Done);
    assert!(store.open_checkouts_of(ada.id).await.expect("read").is_empty());
    let audit = store.audit_of(made[0]).await.expect("read");
    assert_eq!(
        (audit.len(), audit[0].what.as_str(), audit[0].after.as_str()),
        (1, "begun", "active")
    );
}

fn cancelled(before: &Subscription, ada: &Account) -> SubscriptionChange {
    let after = before.after(Event::Cancelled, now()).expect("legal");
    SubscriptionChange {
        before: before.clone(),
        due: after.due(&TimeZone::UTC).map(|(when, _)| when),
        after,
        actor: Actor::Reader,
        what: "cancelled",
        payment: None,
        letters: vec![letter(ada)],
    }
}

async fn of_two_changes_at_once_one_is_made(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let before = bought(&store, &ada).await;
    let change = cancelled(&before, &ada);
    let tries = (0..4).map(|_| {
        let (store, change) = (store.clone(), change.clone());
        tokio::spawn(async move { store.change(&change, now()).await })
    });
    let mut made = 0;
    for attempt in tries.collect::<Vec<_>>() {
        made += u32::from(attempt.await.expect("joined").expect("no failure"));
    }
    assert_eq!(made, 1);
    let after = store.subscription(before.id).await.expect("read").expect("there");
    assert!(matches!(after.state, State::Cancelling { .. }));
    assert_eq!(after.version, 1);
    assert_eq!(store.emails(9).await.expect("read").len(), 2);
    let audit = store.audit_of(before.id).await.expect("read");
    let last = audit.last().expect("a line");
    let words = (last.actor.clone(), last.what.as_str(), last.before.as_str(), last.after.as_str());
    assert_eq!(words, (Actor::Reader, "cancelled", "active", "cancelling"));
}

async fn an_offer_is_taken_as_often_as_its_limit_says(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let tries = (0..8).map(|key| {
        let (store, checkout) = (store.clone(), checkout(key, &ada));
        tokio::spawn(async move { store.begin_checkout(&checkout, Some(3)).await })
    });
    let mut taken = 0;
    for attempt in tries.collect::<Vec<_>>() {
        taken += u32::from(attempt.await.expect("joined").expect("no failure"));
    }
    assert_eq!(taken, 3);
    assert_eq!(store.sold_out(&[("winter", 3)]).await.expect("read"), ["winter"]);
    let open = store.open_checkouts_of(ada.id).await.expect("read");
    assert_eq!(open.len(), 3);
    // Who goes away makes room, once.
    store.abandon_checkout(&open[0]).await.expect("abandoned");
    store.abandon_checkout(&open[0]).await.expect("abandoned");
    assert!(store.sold_out(&[("winter", 3)]).await.expect("read").is_empty());
    assert!(store.begin_checkout(&checkout(20, &ada), Some(3)).await.expect("begun"));
    assert!(!store.begin_checkout(&checkout(21, &ada), Some(3)).await.expect("refused"));
}

async fn what_is_due_comes_in_order(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let due = held.due(&TimeZone::UTC).expect("something to do").0;
    let before = due - SignedDuration::from_secs(1);
    assert!(store.due_subscriptions(before, 9).await.expect("read").is_empty());
    assert_eq!(store.due_subscriptions(due, 9).await.expect("read"), std::slice::from_ref(&held));
    store.defer(&held, due + SignedDuration::from_hours(1)).await.expect("put off");
    assert!(store.due_subscriptions(due, 9).await.expect("read").is_empty());
    let later = due + SignedDuration::from_hours(1);
    assert_eq!(store.due_subscriptions(later, 9).await.expect("read").len(), 1);
    assert_eq!(store.open_checkouts(now(), 9).await.expect("read"), []);
    store.begin_checkout(&checkout(7, &ada), None).await.expect("begun");
    assert_eq!(store.open_checkouts(later, 9).await.expect("read").len(), 1);
}

async fn an_order_is_answered_once(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let charge = Charge { key: "k".into(), account: ada.id, reference: "good".into(), paid: true };
    assert_eq!(store.charge("k").await.expect("read"), None);
    store.keep_charge(&charge).await.expect("kept");
    let other = Charge { paid: false, ..charge.clone() };
    store.keep_charge(&other).await.expect("kept");
    assert_eq!(store.charge("k").await.expect("read"), Some(charge));
}

async fn a_payment_is_paid_back_once(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let payment = store.payments_of(ada.id).await.expect("read").remove(0);
    let helper = StaffActor { by: AccountId(77), reason: "By phone".into() };
    let wish = Refund {
        payment: payment.number,
        account: ada.id,
        amount: usd(400),
        at: now(),
        helper: helper.clone(),
        settled: false,
    };
    assert_eq!(store.ask_refund(&wish).await.expect("asked"), wish);
    let more = Refund { amount: usd(900), ..wish.clone() };
    assert_eq!(store.ask_refund(&more).await.expect("asked"), wish, "the first one stands");
    let tries = (0..4).map(|_| {
        let (store, wish, payment) = (store.clone(), wish.clone(), payment.clone());
        let letters = [letter(&ada)];
        tokio::spawn(async move { store.settle_refund(&wish, &payment, &letters, now()).await })
    });
    let mut settled = 0;
    for attempt in tries.collect::<Vec<_>>() {
        settled += u32::from(attempt.await.expect("joined").expect("no failure"));
    }
    assert_eq!(settled, 1);
    let noted = Refund { settled: true, ..wish };
    let noted = [noted];
    assert_eq!(store.refunds_of(ada.id).await.expect("read"), noted);
    let numbers = [payment.number, 4000];
    assert_eq!(store.refunds_of_payments(&numbers).await.expect("read"), noted);
    assert_eq!(store.emails(9).await.expect("read").len(), 2);
    let audit = store.audit_of(held.id).await.expect("read");
    let last = audit.last().expect("a line");
    assert_eq!((last.what.as_str(), &last.actor), ("refunded", &Actor::Staff(Some(helper))));
    assert_eq!((last.before.as_str(), last.after.as_str()), ("active", "active"));
}

async fn a_deleted_account_keeps_no_subscription(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    store.delete_account(&ada).await.expect("deleted");
    assert_eq!(store.subscription(held.id).await.expect("read"), None);
    assert!(store.audit_of(held.id).await.expect("read").is_empty());
    assert_eq!(store.checkout(&Digest([1; 32])).await.expect("read"), None);
    assert_eq!(store.payments_of(ada.id).await.expect("read").len(), 1);
}
