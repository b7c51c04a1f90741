//! Subscriptions and payments: everything happens once, even with parallel requests.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::{Arm, Assignment};
use masthead_circulation::{
    Account, AccountId, Actor, Card, Channel, Checkout, Digest, Ending, Event, Introduction,
    Mandate, Money, NewPayment, PaymentNumber, PaymentSource, PaymentStatus, Progress, Purpose,
    Refund, RefundStatus, StaffActor, State, Subscription, SubscriptionId, Terms, UnusedReason,
};
use masthead_store::{
    AppliedPayment, CheckoutStart, Email, EmailBody, Location, NewSubscription, RefundStart,
    SettledRefund, Store, SubscriptionChange,
};

use crate::{
    open,
    orders::{order, payment_of},
};

on_both_engines!(
    a_checkout_begins_one_subscription,
    of_two_parallel_changes_one_is_made,
    an_offer_is_taken_as_often_as_its_limit_says,
    what_is_due_comes_in_order,
    a_payment_is_recorded_once_and_applied_once,
    a_payment_that_no_subscription_can_take_waits_for_staff,
    a_payment_is_paid_back_once,
    a_deleted_account_keeps_no_subscription,
    subscriptions_are_read_in_batches_of_whole_accounts,
);

pub(crate) fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

pub(crate) fn usd(minor: u64) -> Money {
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

pub(crate) fn checkout(key: u8, account: &Account) -> Checkout {
    Checkout {
        key: Digest([key; 32]),
        account: Some(account.id),
        purpose: Purpose::Begin,
        terms: terms(),
        amount: usd(900),
        begun: now(),
        from: "/news/a".into(),
        experiment: Some(Assignment { experiment: 7, arm: Arm::B }),
        processor: "sandbox".into(),
        reference: String::new(),
        is_superseded: false,
        progress: Progress::Open,
    }
}

pub(crate) fn subscription(account: &Account) -> Subscription {
    let mandate = Mandate {
        processor: "sandbox".into(),
        reference: "good".into(),
        card: Some(Card { brand: "Visa".into(), last4: "4242".into(), year: 2030, month: 1 }),
    };
    Subscription::start(SubscriptionId(0), account.id, terms(), mandate, now(), &TimeZone::UTC)
}

pub(crate) fn payment(account: &Account) -> NewPayment {
    NewPayment {
        source: PaymentSource::Checkout(Digest([1; 32])),
        processor: "sandbox".into(),
        reference: "cs_1".into(),
        account: Some(account.id),
        subscription: None,
        what: "Web, 3 months".into(),
        amount: usd(900),
        from: now(),
        through: now() + SignedDuration::from_hours(24 * 90),
        card: "Visa 4242".into(),
        tax: None,
    }
}

async fn recorded(store: &Store, account: &Account) -> AppliedPayment {
    let payment = store.record_payment(&payment(account), now()).await.expect("recorded");
    AppliedPayment { number: payment.number, from: payment.from, through: payment.through }
}

pub(crate) fn receipt(account: &Account) -> Email {
    Email {
        to: account.email.clone(),
        account: Some(account.id),
        kind: "receipt".into(),
        subject: "Receipt".into(),
        body: EmailBody { text: "Thank you.".into(), html: "<p>Thank you.</p>".into() },
        useful_for: None,
    }
}

pub(crate) fn begun(account: &Account, payment: AppliedPayment) -> NewSubscription {
    let subscription = subscription(account);
    NewSubscription {
        due: subscription.due(&TimeZone::UTC).map(|(when, _)| when),
        subscription,
        held: Vec::new(),
        actor: Actor::Reader,
        payment: Some(payment),
        emails: vec![receipt(account)],
        changes: Vec::new(),
    }
}

pub(crate) async fn ada(store: &Store) -> Account {
    reader(store, "ada").await
}

pub(crate) async fn reader(store: &Store, name: &str) -> Account {
    let email = format!("{name}@example.org").parse().expect("an address");
    store.register(&email, now()).await.expect("registered").0
}

pub(crate) async fn bought(store: &Store, account: &Account) -> Subscription {
    let checkout = checkout(1, account);
    store.begin_checkout(&checkout, None).await.expect("begun");
    let begun = begun(account, recorded(store, account).await);
    let id = store.begin_subscription(Some(&checkout), begun, now()).await.expect("bought");
    store.subscription(id.expect("new")).await.expect("read").expect("there")
}

async fn a_checkout_begins_one_subscription(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let checkout = checkout(1, &ada);
    store.begin_checkout(&checkout, None).await.expect("begun");
    assert_eq!(store.checkout(&checkout.key).await.expect("read"), Some(checkout.clone()));
    let payment = recorded(&store, &ada).await;
    let tries = (0..6).map(|_| {
        let (store, checkout, begun) = (store.clone(), checkout.clone(), begun(&ada, payment));
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
    assert_eq!((payments[0].subscription, payments[0].amount), (Some(made[0]), usd(900)));
    assert_eq!(payments[0].status, PaymentStatus::Applied);
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
        emails: vec![receipt(ada)],
    }
}

async fn of_two_parallel_changes_one_is_made(location: &Location) {
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
    let mut tries = Vec::new();
    for key in 0..50 {
        let reader = reader(&store, &format!("reader{key}")).await;
        let (store, checkout) = (store.clone(), checkout(key, &reader));
        tries.push(tokio::spawn(async move {
            let start = store.begin_checkout(&checkout, Some(3)).await.expect("no failure");
            (start != CheckoutStart::SoldOut).then_some(checkout)
        }));
    }
    let mut taken = Vec::new();
    for attempt in tries {
        taken.extend(attempt.await.expect("joined"));
    }
    assert_eq!(taken.len(), 3);
    assert_eq!(store.sold_out(&[("winter", 3)]).await.expect("read"), ["winter"]);
    // Who goes away makes room, once.
    store.abandon_checkout(&taken[0]).await.expect("abandoned");
    store.abandon_checkout(&taken[0]).await.expect("abandoned");
    assert!(store.sold_out(&[("winter", 3)]).await.expect("read").is_empty());
    let (bo, cy) = (reader(&store, "bo").await, reader(&store, "cy").await);
    let begun = CheckoutStart::Begun { supersedes: false };
    let begin = async |checkout| store.begin_checkout(&checkout, Some(3)).await.expect("asked");
    assert_eq!(begin(checkout(60, &bo)).await, begun);
    assert_eq!(begin(checkout(61, &cy)).await, CheckoutStart::SoldOut);
}

async fn what_is_due_comes_in_order(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let due = held.due(&TimeZone::UTC).expect("something to do").0;
    let before = due - SignedDuration::from_secs(1);
    let later = due + SignedDuration::from_hours(1);
    let claim = async |now| {
        let until = now + SignedDuration::from_mins(2);
        store.claim_due_subscriptions(now, until, 9).await.expect("claimed")
    };
    assert!(claim(before).await.is_empty());
    assert_eq!(claim(due).await, std::slice::from_ref(&held));
    assert!(claim(due).await.is_empty(), "it is claimed");
    store.defer(&held, later).await.expect("put off");
    assert!(claim(due + SignedDuration::from_mins(2)).await.is_empty());
    assert_eq!(claim(later).await.len(), 1);
    assert_eq!(claim(later + SignedDuration::from_mins(2)).await.len(), 1, "the claim is over");
    assert_eq!(store.open_checkouts(now(), 9).await.expect("read"), []);
    store.begin_checkout(&checkout(7, &ada), None).await.expect("begun");
    assert_eq!(store.open_checkouts(later, 9).await.expect("read").len(), 1);
}

async fn a_payment_is_recorded_once_and_applied_once(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let new = payment_of(&order(&held, "renewal"));
    let tries = (0..6).map(|_| {
        let (store, new) = (store.clone(), new.clone());
        tokio::spawn(async move { store.record_payment(&new, now()).await })
    });
    let mut numbers = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        numbers.push(attempt.await.expect("joined").expect("recorded").number);
    }
    numbers.dedup();
    assert_eq!(numbers.len(), 1);
    let later = now() + SignedDuration::from_secs(1);
    assert_eq!(store.unapplied_payments(PaymentNumber(0), later, 9).await.expect("read").len(), 1);
    let payment = AppliedPayment { number: numbers[0], from: new.from, through: new.through };
    let change = SubscriptionChange { payment: Some(payment), ..cancelled(&held, &ada) };
    assert!(store.change(&change, now()).await.expect("changed"));
    assert!(store.unapplied_payments(PaymentNumber(0), later, 9).await.expect("read").is_empty());
    // A second change cannot apply it again, and changes nothing.
    let latest = store.subscription(held.id).await.expect("read").expect("there");
    let after = latest.after(Event::Uncancelled, now()).expect("legal");
    let again = SubscriptionChange { before: latest.clone(), after, ..change };
    assert!(!store.change(&again, now()).await.expect("no failure"));
    assert_eq!(store.subscription(held.id).await.expect("read"), Some(latest));
    let aside = UnusedReason::PaidAlready;
    assert!(!store.set_payment_aside(numbers[0], aside, &[], now()).await.expect("no failure"));
    // It is recorded even if the account is gone, so that the money is accounted for.
    store.delete_account(&ada, now()).await.expect("deleted");
    let gone = NewPayment { source: "late".into(), ..new };
    let late = store.record_payment(&gone, now()).await.expect("recorded");
    assert_eq!((late.account, late.subscription, late.amount), (None, None, usd(1200)));
}

async fn a_payment_that_no_subscription_can_take_waits_for_staff(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let mut aside = Vec::new();
    for key in ["refunded", "kept"] {
        let new = payment_of(&order(&held, key));
        let payment = store.record_payment(&new, now()).await.expect("recorded");
        let (number, reason) = (payment.number, UnusedReason::SubscriptionEnded);
        let emails = [receipt(&ada)];
        assert!(store.set_payment_aside(number, reason, &emails, now()).await.expect("aside"));
        assert!(!store.set_payment_aside(number, reason, &emails, now()).await.expect("once"));
        aside.push(store.payment(number).await.expect("read").expect("there"));
    }
    assert_eq!(store.emails(9).await.expect("read").len(), 3);
    let pending = store.pending_refunds(9).await.expect("read");
    assert_eq!(pending.len(), 2);
    assert_eq!(pending[0].reason, UnusedReason::SubscriptionEnded);
    let staff = StaffActor { by: None, reason: "They agreed".into() };
    assert!(store.keep_payment(&aside[1], &staff, now()).await.expect("kept"));
    assert!(!store.keep_payment(&aside[1], &staff, now()).await.expect("once"));
    let refund = Refund {
        payment: aside[0].number,
        account: Some(ada.id),
        amount: usd(1200),
        before: usd(0),
        elsewhere: usd(0),
        at: now(),
        actor: Actor::Staff(Some(staff)),
        attempt: 0,
        status: RefundStatus::Asked,
        failed: None,
    };
    let open = store.ask_refund(&refund, now()).await.expect("asked");
    assert_eq!(open, RefundStart::Open(refund.clone()));
    let settled = SettledRefund { refund: &refund, payment: &aside[0], emails: &[] };
    assert!(store.settle_refund(&settled, now()).await.expect("settled"));
    assert!(store.pending_refunds(9).await.expect("read").is_empty());
    let status = async |number| store.payment(number).await.expect("read").expect("there").status;
    assert_eq!(status(aside[0].number).await, PaymentStatus::Refunded);
    assert_eq!(status(aside[1].number).await, PaymentStatus::Kept);
}

async fn a_payment_is_paid_back_once(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let payment = store.payments_of(ada.id).await.expect("read").remove(0);
    let email = "sue@example.org".parse().expect("an address");
    let (sue, _) = store.register(&email, now()).await.expect("registered");
    let staff = StaffActor { by: Some(sue.id), reason: "By phone".into() };
    let wish = Refund {
        payment: payment.number,
        account: Some(ada.id),
        amount: usd(400),
        before: usd(0),
        elsewhere: usd(0),
        at: now(),
        actor: Actor::Staff(Some(staff.clone())),
        attempt: 0,
        status: RefundStatus::Asked,
        failed: None,
    };
    let ask = async |refund: &Refund| store.ask_refund(refund, now()).await.expect("asked");
    assert_eq!(ask(&wish).await, RefundStart::Open(wish.clone()));
    let more = Refund { amount: usd(900), ..wish.clone() };
    assert_eq!(ask(&more).await, RefundStart::Taken(wish.clone()), "the first one stays");
    let tries = (0..4).map(|_| {
        let (store, wish, payment) = (store.clone(), wish.clone(), payment.clone());
        let emails = [receipt(&ada)];
        tokio::spawn(async move {
            let settled = SettledRefund { refund: &wish, payment: &payment, emails: &emails };
            store.settle_refund(&settled, now()).await
        })
    });
    let mut settled = 0;
    for attempt in tries.collect::<Vec<_>>() {
        settled += u32::from(attempt.await.expect("joined").expect("no failure"));
    }
    assert_eq!(settled, 1);
    let noted = Refund { status: RefundStatus::Settled, ..wish };
    let noted = [noted];
    assert_eq!(store.refunds_of(ada.id).await.expect("read"), noted);
    let numbers = [payment.number, PaymentNumber(4000)];
    assert_eq!(store.refunds_of_payments(&numbers).await.expect("read"), noted);
    assert_eq!(store.emails(9).await.expect("read").len(), 2);
    let audit = store.audit_of(held.id).await.expect("read");
    let last = audit.last().expect("a line");
    assert_eq!((last.what.as_str(), &last.actor), ("refunded", &Actor::Staff(Some(staff))));
    assert_eq!((last.before.as_str(), last.after.as_str()), ("active", "active"));
}

async fn a_deleted_account_keeps_no_subscription(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    store.delete_account(&ada, now()).await.expect("deleted");
    assert_eq!(store.subscription(held.id).await.expect("read"), None);
    assert!(store.audit_of(held.id).await.expect("read").is_empty());
    assert_eq!(store.checkout(&Digest([1; 32])).await.expect("read"), None);
    let payments =
        store.payments_after(masthead_circulation::PaymentNumber(0), 9).await.expect("read");
    assert_eq!(payments.len(), 1, "books are kept");
    assert_eq!((payments[0].account, payments[0].subscription), (None, None));
}

async fn subscriptions_are_read_in_batches_of_whole_accounts(location: &Location) {
    let store = open(location).await;
    let mut accounts = Vec::new();
    for name in ["ada", "bo", "cy"] {
        let email = format!("{name}@example.org").parse().expect("an address");
        accounts.push(store.register(&email, now()).await.expect("registered").0);
    }
    let [ada, bo, cy] = accounts.as_slice() else { panic!("three accounts") };
    let ended = |account: &Account| Subscription {
        state: State::Ended { at: now(), why: Ending::Cancelled },
        ..subscription(account)
    };
    let all = [subscription(cy), ended(bo), ended(bo), subscription(bo), subscription(ada)];
    let all = all.map(|subscription| (subscription, None));
    store.import_subscriptions(&all).await.expect("taken in");
    let mut batches = Vec::new();
    let mut after = AccountId(0);
    loop {
        let batch = store.subscriptions_of_accounts_after(after, 2).await.expect("read");
        let Some(last) = batch.last() else { break };
        after = last.account;
        batches.push(batch.iter().map(|of| of.account).collect::<Vec<_>>());
    }
    assert_eq!(batches, [vec![ada.id, bo.id, bo.id, bo.id], vec![cy.id]]);
    assert_eq!(store.transitions_of(&[]).await.expect("read"), []);
}
