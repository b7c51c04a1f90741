//! A subscription begins only if the account's subscriptions are those that it was decided on.

use masthead_circulation::{
    Account, Actor, Checkout, Digest, Ending, Event, NewPayment, PaymentSource, PaymentStatus,
    Progress, State, Subscription, SubscriptionId,
};
use masthead_store::{AppliedPayment, Location, NewSubscription, Store, SubscriptionChange};

use crate::{
    open,
    orders::{order, payment_of},
    subscriptions::{ada, begun, bought, checkout, now, payment},
};

on_both_engines!(
    of_many_paid_checkouts_at_once_one_begins,
    nothing_begins_beside_what_was_not_known,
    nothing_begins_after_a_change_that_was_not_known,
    an_unpaid_checkout_that_was_given_up_begins_nothing,
    an_account_is_deleted_while_its_payments_are_recorded,
    an_ended_subscription_does_not_go_on_beside_another,
    of_a_late_payment_and_a_purchase_at_once_one_subscription_goes_on,
);

/// A checkout of its own, paid.
pub(crate) async fn paid(store: &Store, account: &Account, key: u8) -> (Checkout, NewSubscription) {
    let checkout = checkout(key, account);
    store.begin_checkout(&checkout, None).await.expect("begun");
    let source = PaymentSource::Checkout(Digest([key; 32]));
    let new = NewPayment { source, ..payment(account) };
    let payment = store.record_payment(&new, now()).await.expect("recorded");
    let (number, from, through) = (payment.number, payment.from, payment.through);
    (checkout, begun(account, AppliedPayment { number, from, through }))
}

pub(crate) async fn begin(
    store: &Store,
    checkout: &Checkout,
    begun: NewSubscription,
) -> Option<SubscriptionId> {
    store.begin_subscription(Some(checkout), begun, now()).await.expect("a database")
}

async fn of_many_paid_checkouts_at_once_one_begins(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let mut all = Vec::new();
    for key in 1..=20 {
        all.push(paid(&store, &ada, key).await);
    }
    let tries = all.into_iter().map(|(checkout, begun)| {
        let store = store.clone();
        tokio::spawn(async move { begin(&store, &checkout, begun).await })
    });
    let mut made = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        made.extend(attempt.await.expect("joined"));
    }
    assert_eq!(made.len(), 1);
    assert_eq!(store.subscriptions_of(ada.id).await.expect("read").len(), 1);
    let payments = store.payments_of(ada.id).await.expect("read");
    let applied = payments.iter().filter(|payment| payment.status == PaymentStatus::Applied);
    assert_eq!((payments.len(), applied.count()), (20, 1));
    // What began nothing has changed nothing: it can be decided again.
    assert_eq!(store.open_checkouts_of(ada.id).await.expect("read").len(), 19);
    assert_eq!(store.emails(99).await.expect("read").len(), 1);
}

async fn nothing_begins_beside_what_was_not_known(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let (checkout, begun) = paid(&store, &ada, 2).await;
    assert_eq!(begin(&store, &checkout, begun.clone()).await, None);
    let known = NewSubscription { held: vec![held], ..begun };
    assert!(begin(&store, &checkout, known).await.is_some());
}

async fn nothing_begins_after_a_change_that_was_not_known(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let after = held.after(Event::Cancelled, now()).expect("legal");
    let change = masthead_store::SubscriptionChange {
        before: held.clone(),
        after,
        due: None,
        actor: masthead_circulation::Actor::Reader,
        what: "cancelled",
        payment: None,
        emails: Vec::new(),
    };
    let (checkout, begun) = paid(&store, &ada, 2).await;
    let known = NewSubscription { held: vec![held.clone()], ..begun };
    // One that the beginning itself changes is known to change.
    let replacing = NewSubscription { changes: vec![change.clone()], ..known.clone() };
    assert!(store.change(&change, now()).await.expect("changed"));
    assert_eq!(begin(&store, &checkout, known.clone()).await, None);
    assert_eq!(begin(&store, &checkout, replacing).await, None);
    let latest = store.subscription(held.id).await.expect("read").expect("there");
    let again = masthead_store::SubscriptionChange { before: latest.clone(), ..change };
    let replacing = NewSubscription { held: vec![latest], changes: vec![again], ..known };
    assert!(begin(&store, &checkout, replacing).await.is_some());
}

async fn an_unpaid_checkout_that_was_given_up_begins_nothing(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    for (key, given_up) in [(1, Progress::Abandoned), (2, Progress::Unresolved)] {
        let (checkout, begun) = paid(&store, &ada, key).await;
        let unpaid = NewSubscription { payment: None, ..begun.clone() };
        match given_up {
            Progress::Abandoned => store.abandon_checkout(&checkout).await.expect("given up"),
            _ => store.give_up_checkout(&checkout).await.expect("given up"),
        }
        assert_eq!(begin(&store, &checkout, unpaid).await, None);
        // What was paid is delivered, however late.
        let held = store.subscriptions_of(ada.id).await.expect("read");
        assert!(begin(&store, &checkout, NewSubscription { held, ..begun }).await.is_some());
    }
}

async fn an_account_is_deleted_while_its_payments_are_recorded(location: &Location) {
    let store = open(location).await;
    for round in 1..=30 {
        let ada = ada(&store).await;
        let (checkout, begun) = paid(&store, &ada, round).await;
        let id = begin(&store, &checkout, begun).await.expect("bought");
        let held = store.subscription(id).await.expect("read").expect("there");
        let order = order(&held, &format!("order-{round}"));
        store.start_charge(&order, held.version, now()).await.expect("written");
        let new = payment_of(&order);
        let recording: Vec<_> = (0..8)
            .map(|_| {
                let (store, new) = (store.clone(), new.clone());
                tokio::spawn(async move { store.record_payment(&new, now()).await })
            })
            .collect();
        let deleting = store.clone();
        let deleting = tokio::spawn(async move { deleting.delete_account(&ada, now()).await });
        for recorded in recording {
            recorded.await.expect("joined").expect("recorded");
        }
        assert!(deleting.await.expect("joined").expect("deleted"));
    }
    let payments =
        store.payments_after(masthead_circulation::PaymentNumber(0), 99).await.expect("read");
    assert!(payments.iter().all(|payment| payment.account.is_none()));
    assert_eq!(payments.len(), 60);
}

/// A subscription that has ended, and the change that a late payment makes of it.
async fn revived(store: &Store, account: &Account, key: u8) -> (Subscription, SubscriptionChange) {
    let (checkout, begun) = paid(store, account, key).await;
    let id = begin(store, &checkout, begun).await.expect("bought");
    let held = store.subscription(id).await.expect("read").expect("there");
    let change = |before: &Subscription, state| SubscriptionChange {
        before: before.clone(),
        after: Subscription { state, ..before.clone() },
        due: None,
        actor: Actor::Reader,
        what: "changed",
        payment: None,
        emails: Vec::new(),
    };
    let ended = State::Ended { at: now(), why: Ending::Unpaid };
    assert!(store.change(&change(&held, ended), now()).await.expect("ended"));
    let ended = store.subscription(held.id).await.expect("read").expect("there");
    let revival = change(&ended, held.state);
    (ended, revival)
}

async fn an_ended_subscription_does_not_go_on_beside_another(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let (ended, revival) = revived(&store, &ada, 1).await;
    let (checkout, begun) = paid(&store, &ada, 2).await;
    let begun = NewSubscription { held: vec![ended.clone()], ..begun };
    let begun = begin(&store, &checkout, begun).await.expect("bought");
    assert!(!store.change(&revival, now()).await.expect("no failure"));
    assert_eq!(store.subscription(ended.id).await.expect("read"), Some(ended));
    // It does once the other is over too.
    let other = store.subscription(begun).await.expect("read").expect("there");
    let over = State::Ended { at: now(), why: Ending::Cancelled };
    let end = SubscriptionChange {
        after: Subscription { state: over, ..other.clone() },
        before: other,
        ..revival.clone()
    };
    assert!(store.change(&end, now()).await.expect("ended"));
    assert!(store.change(&revival, now()).await.expect("changed"));
}

async fn of_a_late_payment_and_a_purchase_at_once_one_subscription_goes_on(location: &Location) {
    let store = open(location).await;
    for round in 1..=20 {
        let ada = ada(&store).await;
        let (ended, revival) = revived(&store, &ada, 2 * round).await;
        let (checkout, begun) = paid(&store, &ada, 2 * round + 1).await;
        let begun = NewSubscription { held: vec![ended], ..begun };
        let reviving = store.clone();
        let reviving = tokio::spawn(async move { reviving.change(&revival, now()).await });
        let bought = begin(&store, &checkout, begun).await;
        let is_revived = reviving.await.expect("joined").expect("no failure");
        assert_ne!(is_revived, bought.is_some(), "round {round}");
        assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    }
}
