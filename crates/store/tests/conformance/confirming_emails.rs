//! Whatever changes money or a contract is stored together with the email that confirms it, or not at all: a server that is killed
//! in between loses neither.

use jiff::tz::TimeZone;
use masthead_circulation::{
    Account, Actor, Card, Checkout, Digest, EndingKind, EndingRequest, Event, Mandate, Purpose,
    Refund, RefundStatus, StaffActor, Subscription, UnusedReason, Withdrawal, WithdrawalWay,
};
use masthead_store::{
    EndingResult, Location, NewWithdrawal, SettledRefund, Store, StoreError, SubscriptionChange,
    WithdrawnPayment,
};

use crate::{
    beginning::paid,
    open,
    orders::{order, payment_of},
    subscriptions::{ada, checkout, now, receipt, usd},
};

on_both_engines!(
    an_order_is_stored_with_its_email,
    changes_of_a_subscription_are_stored_with_their_emails,
    cancelling_and_withdrawing_are_stored_with_their_emails,
    what_becomes_of_a_payment_is_stored_with_its_email,
);

/// A server whose emails cannot be stored, because it has no keys to seal them with.
async fn without_emails(location: &Location) -> Store {
    Store::open(location).await.expect("a database")
}

/// Everything about a reader's money and contracts.
async fn everything(store: &Store, ada: &Account) -> String {
    let held = store.subscriptions_of(ada.id).await.expect("read");
    let payments = store.payments_of(ada.id).await.expect("read");
    let refunds = store.refunds_of(ada.id).await.expect("read");
    let open = store.open_checkouts_of(ada.id).await.expect("read");
    let declared = store.withdrawals_of(ada.id).await.expect("read");
    let mut audit = Vec::new();
    for held in &held {
        audit.push(store.audit_of(held.id).await.expect("read").len());
    }
    format!("{held:?} {payments:?} {refunds:?} {open:?} {declared:?} {audit:?}")
}

/// Checks that `act` changes nothing where its email cannot be stored, and both where it can.
async fn is_stored_with_its_email(
    location: &Location,
    ada: &Account,
    what: &str,
    act: impl AsyncFn(&Store) -> Result<bool, StoreError>,
) {
    let (store, broken) = (open(location).await, without_emails(location).await);
    let before = everything(&store, ada).await;
    let emails = store.emails(99).await.expect("read").len();
    let failed = act(&broken).await;
    assert!(failed.is_err(), "{what}: {failed:?}");
    assert_eq!(everything(&store, ada).await, before, "{what} was stored without its email");
    assert!(act(&store).await.expect("stored"), "{what}");
    assert_ne!(everything(&store, ada).await, before, "{what}");
    assert_eq!(store.emails(99).await.expect("read").len(), emails + 1, "{what}");
}

fn change(before: &Subscription, after: Subscription, ada: &Account) -> SubscriptionChange {
    SubscriptionChange {
        before: before.clone(),
        due: after.due(&TimeZone::UTC).map(|(when, _)| when),
        after,
        actor: Actor::Reader,
        what: "changed",
        payment: None,
        emails: vec![receipt(ada)],
    }
}

async fn begun(location: &Location) -> (Store, Account) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let (checkout, begun) = paid(&store, &ada, 1).await;
    store.begin_subscription(Some(&checkout), begun, now()).await.expect("begun");
    (store, ada)
}

async fn only(store: &Store, ada: &Account) -> Subscription {
    store.subscriptions_of(ada.id).await.expect("read").remove(0)
}

async fn an_order_is_stored_with_its_email(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let (checkout, begun) = paid(&store, &ada, 1).await;
    is_stored_with_its_email(location, &ada, "an order", async |store| {
        let id = store.begin_subscription(Some(&checkout), begun.clone(), now()).await?;
        Ok(id.is_some())
    })
    .await;
}

async fn changes_of_a_subscription_are_stored_with_their_emails(location: &Location) {
    let (store, ada) = begun(location).await;
    let until = now() + jiff::SignedDuration::from_hours(24 * 28);
    for event in [Event::Cancelled, Event::Uncancelled, Event::Paused { until }, Event::Resumed] {
        let before = only(&store, &ada).await;
        let after = before.after(event, now()).expect("legal");
        let change = change(&before, after, &ada);
        is_stored_with_its_email(location, &ada, event.name(), async |store| {
            store.change(&change, now()).await
        })
        .await;
    }
    let before = only(&store, &ada).await;
    let card = Card { brand: "Visa".into(), last4: "0001".into(), year: 2031, month: 1 };
    let mandate = Mandate { card: Some(card), ..before.mandate.clone() };
    let change = change(&before, Subscription { mandate, ..before.clone() }, &ada);
    let purpose = Purpose::UpdateCard(before.id);
    let card = Checkout { key: Digest([9; 32]), purpose, ..checkout(9, &ada) };
    store.begin_checkout(&card, None).await.expect("begun");
    is_stored_with_its_email(location, &ada, "another card", async |store| {
        store.settle_with(&card, &change, now()).await
    })
    .await;
}

async fn cancelling_and_withdrawing_are_stored_with_their_emails(location: &Location) {
    let (store, ada) = begun(location).await;
    let before = only(&store, &ada).await;
    let after = before.after(Event::Cancelled, now()).expect("legal");
    let changes =
        [SubscriptionChange { what: Event::Cancelled.name(), ..change(&before, after, &ada) }];
    let link = EndingRequest::new(EndingKind::Cancellation, ada.id, 0, "", now());
    is_stored_with_its_email(location, &ada, "a cancellation by a link", async |store| {
        let result = store.cancel_by_link(&link, &changes, now()).await?;
        Ok(result == EndingResult::Done)
    })
    .await;

    let before = only(&store, &ada).await;
    let after = before.after(Event::Withdrawn, now()).expect("legal");
    let changes = [SubscriptionChange {
        what: Event::Withdrawn.name(),
        due: None,
        ..change(&before, after, &ada)
    }];
    let declarations = [Withdrawal {
        subscription: before.id,
        at: now(),
        name: "Ada Example".into(),
        email: ada.email.to_string(),
        way: WithdrawalWay::SignedIn,
    }];
    let payment = store.payments_of(ada.id).await.expect("read").remove(0);
    let payments = [WithdrawnPayment { payment, by_processor: true }];
    is_stored_with_its_email(location, &ada, "a withdrawal", async |store| {
        let new = NewWithdrawal {
            account: ada.id,
            link: None,
            changes: &changes,
            declarations: &declarations,
            payments: &payments,
        };
        Ok(store.withdraw_from_contracts(&new, now()).await? == EndingResult::Done)
    })
    .await;
}

async fn what_becomes_of_a_payment_is_stored_with_its_email(location: &Location) {
    let (store, ada) = begun(location).await;
    let order = order(&only(&store, &ada).await, "late");
    let payment = store.record_payment(&payment_of(&order), now()).await.expect("recorded");
    let emails = [receipt(&ada)];
    is_stored_with_its_email(location, &ada, "a payment that nothing takes", async |store| {
        let reason = UnusedReason::PaidAlready;
        store.set_payment_aside(payment.number, reason, &emails, now()).await
    })
    .await;
    let payment = store.payment(payment.number).await.expect("read").expect("there");
    let refund = Refund {
        payment: payment.number,
        account: payment.account,
        amount: payment.amount,
        before: usd(0),
        elsewhere: usd(0),
        at: now(),
        actor: Actor::Staff(Some(StaffActor { by: None, reason: "Twice".into() })),
        attempt: 0,
        status: RefundStatus::Asked,
        failed: None,
    };
    store.ask_refund(&refund, now()).await.expect("asked");
    is_stored_with_its_email(location, &ada, "a refund", async |store| {
        let settled = SettledRefund { refund: &refund, payment: &payment, emails: &emails };
        store.settle_refund(&settled, now()).await
    })
    .await;
}
