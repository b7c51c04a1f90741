//! Withdrawals from contracts: the declaration, the end of the subscription and what is to be refunded are stored once and together,
//! and every payment is refunded in full.

use std::slice;

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Account, Actor, EndingKind, EndingRequest, Event, Payment, PaymentStatus, Refund, RefundStatus,
    StaffActor, Subscription, UnusedReason, Withdrawal, WithdrawalWay,
};
use masthead_store::{
    EndingResult, Location, NewWithdrawal, RefundStart, SettledRefund, Store, SubscriptionChange,
    WithdrawnPayment,
};

use crate::{
    open,
    orders::{order, payment_of},
    subscriptions::{ada, bought, now, receipt, usd},
};

on_both_engines!(
    of_many_withdrawals_at_once_one_is_stored,
    a_link_withdraws_once_and_all_or_nothing,
    of_a_payment_that_was_refunded_in_part_the_rest_is_refunded,
    what_is_refunded_by_hand_waits_for_staff,
    a_rest_that_is_refused_waits_for_staff,
    a_refund_that_staff_asked_for_comes_first,
    what_is_collected_meanwhile_is_refunded_as_well,
    an_earlier_part_that_fails_later_waits_for_staff,
    a_deleted_account_keeps_its_refund_and_no_declaration,
);

fn later() -> Timestamp {
    now() + SignedDuration::from_hours(1)
}

fn ended(held: &Subscription, ada: &Account) -> SubscriptionChange {
    SubscriptionChange {
        before: held.clone(),
        after: held.after(Event::Withdrawn, later()).expect("legal"),
        due: None,
        actor: Actor::Reader,
        what: Event::Withdrawn.name(),
        payment: None,
        emails: vec![receipt(ada)],
    }
}

fn declared(held: &Subscription, ada: &Account) -> Withdrawal {
    Withdrawal {
        subscription: held.id,
        at: later(),
        name: "Ada Example".into(),
        email: ada.email.to_string(),
        way: WithdrawalWay::Link,
    }
}

/// Withdraws from the contract of each of these subscriptions.
async fn withdraw(
    store: &Store,
    ada: &Account,
    held: &[Subscription],
    link: Option<&EndingRequest>,
    by_processor: bool,
) -> EndingResult {
    let changes: Vec<_> = held.iter().map(|held| ended(held, ada)).collect();
    let declarations: Vec<_> = held.iter().map(|held| declared(held, ada)).collect();
    let payments = store.payments_of(ada.id).await.expect("read");
    let is_theirs = |paid: &Payment| held.iter().any(|held| paid.subscription == Some(held.id));
    let payments: Vec<_> = payments
        .into_iter()
        .filter(is_theirs)
        .map(|payment| WithdrawnPayment { payment, by_processor })
        .collect();
    let new = NewWithdrawal {
        account: ada.id,
        link,
        changes: &changes,
        declarations: &declarations,
        payments: &payments,
    };
    store.withdraw_from_contracts(&new, later()).await.expect("a database")
}

async fn only_payment(store: &Store, ada: &Account) -> Payment {
    store.payments_of(ada.id).await.expect("read").remove(0)
}

fn by_staff(payment: &Payment, minor: u64) -> Refund {
    Refund {
        payment: payment.number,
        account: payment.account,
        amount: usd(minor),
        before: usd(0),
        elsewhere: usd(0),
        at: now(),
        actor: Actor::Staff(Some(StaffActor { by: None, reason: "They agreed".into() })),
        attempt: 0,
        status: RefundStatus::Asked,
        failed: None,
    }
}

/// Staff refund a part of a payment.
async fn refund_part(store: &Store, payment: &Payment, minor: u64) {
    let refund = by_staff(payment, minor);
    let start = store.ask_refund(&refund, now()).await.expect("asked");
    assert_eq!(start, RefundStart::Open(refund.clone()));
    settle(store, payment, &refund).await;
}

async fn settle(store: &Store, payment: &Payment, refund: &Refund) {
    let settled = SettledRefund { refund, payment, emails: &[] };
    assert!(store.settle_refund(&settled, later()).await.expect("settled"));
}

async fn of_many_withdrawals_at_once_one_is_stored(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let tries = (0..20).map(|_| {
        let (store, ada, held) = (store.clone(), ada.clone(), held.clone());
        tokio::spawn(async move { withdraw(&store, &ada, &[held], None, true).await })
    });
    let mut done = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.expect("joined") {
            EndingResult::Done => done += 1,
            result => assert_eq!(result, EndingResult::Changed),
        }
    }
    assert_eq!(done, 1);
    let after = store.subscription(held.id).await.expect("read").expect("there");
    assert!(after.is_withdrawn(), "{after:?}");
    let declarations = store.withdrawals_of(ada.id).await.expect("read");
    assert_eq!(declarations, [declared(&held, &ada)]);
    let audit = store.audit_of(held.id).await.expect("read");
    assert_eq!(audit.iter().filter(|entry| entry.what == "withdrawn").count(), 1);
    assert_eq!(store.emails(9).await.expect("read").len(), 2, "the receipt and this");
    // The refund is open at once, and staff have nothing to decide while it is.
    let refund = store.open_refunds(later(), 9).await.expect("read").remove(0);
    assert_eq!((refund.amount, refund.actor.clone(), refund.attempt), (usd(900), Actor::Reader, 0));
    let payment = only_payment(&store, &ada).await;
    assert_eq!(payment.status, PaymentStatus::RefundPending);
    assert!(store.pending_refunds(9).await.expect("read").is_empty());
    settle(&store, &payment, &refund).await;
    assert_eq!(only_payment(&store, &ada).await.status, PaymentStatus::Refunded);
}

async fn a_link_withdraws_once_and_all_or_nothing(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let first = bought(&store, &ada).await;
    let other = crate::subscriptions::subscription(&ada);
    store.import_subscriptions(&[(other, None)]).await.expect("taken in");
    let second = store.subscriptions_of(ada.id).await.expect("read").remove(0);
    let request =
        |before| EndingRequest::new(EndingKind::Withdrawal, ada.id, before, "Ada Example", later());
    let stale = Subscription { version: 7, ..second.clone() };
    let both = [first.clone(), stale];
    let result = withdraw(&store, &ada, &both, Some(&request(0)), true).await;
    assert_eq!(result, EndingResult::Changed);
    assert_eq!(store.subscription(first.id).await.expect("read"), Some(first.clone()));
    assert!(store.withdrawals_of(ada.id).await.expect("read").is_empty());
    assert_eq!(only_payment(&store, &ada).await.status, PaymentStatus::Applied);
    // Two tabs choose one each: the link is used by one of them.
    let tabs = [first, second].map(|held| {
        let (store, ada, request) = (store.clone(), ada.clone(), request(0));
        tokio::spawn(async move { withdraw(&store, &ada, &[held], Some(&request), true).await })
    });
    let mut done = 0;
    for tab in tabs {
        match tab.await.expect("joined") {
            EndingResult::Done => done += 1,
            result => assert_eq!(result, EndingResult::Used),
        }
    }
    assert_eq!(done, 1);
    let count = async |kind| store.endings_of(ada.id, kind).await.expect("read");
    assert_eq!(count(EndingKind::Withdrawal).await, 1);
    assert_eq!(count(EndingKind::Cancellation).await, 0);
}

async fn of_a_payment_that_was_refunded_in_part_the_rest_is_refunded(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let payment = only_payment(&store, &ada).await;
    refund_part(&store, &payment, 400).await;
    assert_eq!(withdraw(&store, &ada, &[held], None, true).await, EndingResult::Done);
    let rest = store.open_refunds(later(), 9).await.expect("read").remove(0);
    assert_eq!((rest.amount, rest.before, rest.attempt), (usd(500), usd(400), 1));
    assert_eq!(rest.refunded(), usd(400), "until it is settled");
    settle(&store, &payment, &rest).await;
    let all = store.refunds_of(ada.id).await.expect("read");
    assert_eq!((all.len(), all[0].refunded()), (1, usd(900)));
    assert_eq!(only_payment(&store, &ada).await.status, PaymentStatus::Refunded);

    // Of one that was refunded in full nothing is left.
    let other = crate::subscriptions::reader(&store, "bob").await;
    let (checkout, begun) = crate::beginning::paid(&store, &other, 2).await;
    assert!(crate::beginning::begin(&store, &checkout, begun).await.is_some());
    let held = store.subscriptions_of(other.id).await.expect("read");
    let payment = only_payment(&store, &other).await;
    refund_part(&store, &payment, 900).await;
    assert_eq!(withdraw(&store, &other, &held, None, true).await, EndingResult::Done);
    assert!(store.open_refunds(later(), 9).await.expect("read").is_empty());
    assert_eq!(only_payment(&store, &other).await.status, PaymentStatus::Applied);
}

async fn what_is_refunded_by_hand_waits_for_staff(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let payment = only_payment(&store, &ada).await;
    refund_part(&store, &payment, 400).await;
    assert_eq!(withdraw(&store, &ada, &[held], None, false).await, EndingResult::Done);
    assert!(store.open_refunds(later(), 9).await.expect("read").is_empty());
    let pending = store.pending_refunds(9).await.expect("read").remove(0);
    assert_eq!(pending.reason, UnusedReason::Withdrawn);
    let again = store.ask_refund(&by_staff(&payment, 400), later()).await.expect("asked");
    assert_eq!(again, RefundStart::OnlyWhole(usd(500)), "all that is left");
    let wanted = by_staff(&payment, 500);
    let RefundStart::Open(rest) = store.ask_refund(&wanted, later()).await.expect("asked") else {
        panic!("it is not open");
    };
    assert_eq!((rest.amount, rest.before, rest.attempt), (usd(500), usd(400), 1));
    settle(&store, &payment, &rest).await;
    assert!(store.pending_refunds(9).await.expect("read").is_empty());
    let taken = store.ask_refund(&wanted, later()).await.expect("asked");
    assert!(matches!(taken, RefundStart::Taken(_)), "{taken:?}");
}

async fn a_rest_that_is_refused_waits_for_staff(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let payment = only_payment(&store, &ada).await;
    refund_part(&store, &payment, 400).await;
    assert_eq!(withdraw(&store, &ada, &[held], None, true).await, EndingResult::Done);
    let rest = store.open_refunds(later(), 9).await.expect("read").remove(0);
    store.refuse_refund(&rest, "disputed").await.expect("noted");
    let refused = store.refused_refunds(9).await.expect("read").remove(0);
    assert_eq!(refused.refund.refunded(), usd(400), "what was refunded before stays so");
    let start = store.ask_refund(&by_staff(&payment, 500), later()).await.expect("asked");
    let RefundStart::Open(again) = start else { panic!("{start:?}") };
    assert_eq!((again.amount, again.before, again.attempt), (usd(500), usd(400), 2));
    settle(&store, &payment, &again).await;
    // The bank fails after all: the rest is to be refunded again, and no more than that.
    assert!(store.fail_refund(&again, &payment, "closed", later()).await.expect("noted"));
    assert_eq!(only_payment(&store, &ada).await.status, PaymentStatus::RefundPending);
    let known = store.refunds_of(ada.id).await.expect("read").remove(0);
    assert_eq!(known.refunded(), usd(400));
    let more = store.ask_refund(&by_staff(&payment, 900), later()).await.expect("asked");
    assert_eq!(more, RefundStart::OnlyWhole(usd(500)));
}

async fn a_refund_that_staff_asked_for_comes_first(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let payment = only_payment(&store, &ada).await;
    let part = by_staff(&payment, 400);
    store.ask_refund(&part, now()).await.expect("asked");
    assert_eq!(withdraw(&store, &ada, &[held], None, true).await, EndingResult::Done);
    let open = store.open_refunds(later(), 9).await.expect("read");
    assert_eq!(open, slice::from_ref(&part), "it is asked for as it was");
    settle(&store, &payment, &part).await;
    let pending = store.pending_refunds(9).await.expect("read").remove(0);
    assert_eq!((pending.payment.number, pending.reason), (payment.number, UnusedReason::Withdrawn));
}

async fn what_is_collected_meanwhile_is_refunded_as_well(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let record = async |key: &str| {
        let late = payment_of(&order(&held, key));
        store.record_payment(&late, now()).await.expect("recorded")
    };
    // One is recorded and not applied when the reader withdraws, and another comes afterwards.
    let before = record("before").await;
    let result = withdraw(&store, &ada, slice::from_ref(&held), None, true).await;
    assert_eq!(result, EndingResult::Done);
    let after = record("after").await;
    let paid = WithdrawnPayment { payment: after.clone(), by_processor: true };
    assert!(store.set_withdrawn_aside(&paid, &[], later()).await.expect("set aside"));
    assert!(!store.set_withdrawn_aside(&paid, &[], later()).await.expect("once"));
    for late in [before, after] {
        let late = store.payment(late.number).await.expect("read").expect("there");
        assert_eq!(late.status, PaymentStatus::RefundPending);
    }
    assert_eq!(store.open_refunds(later(), 9).await.expect("read").len(), 3);
}

async fn an_earlier_part_that_fails_later_waits_for_staff(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    let payment = only_payment(&store, &ada).await;
    refund_part(&store, &payment, 500).await;
    assert_eq!(withdraw(&store, &ada, &[held], None, true).await, EndingResult::Done);
    let rest = store.open_refunds(later(), 9).await.expect("read").remove(0);
    settle(&store, &payment, &rest).await;
    let reopen = async |refund: &Refund| {
        store.reopen_refund(refund, &payment, usd(500), later()).await.expect("noted")
    };
    assert!(reopen(&rest).await);
    assert!(!reopen(&rest).await, "once");
    let pending = store.pending_refunds(9).await.expect("read").remove(0);
    assert_eq!((pending.payment.number, pending.left), (payment.number, usd(500)));
    let known = store.refunds_of(ada.id).await.expect("read").remove(0);
    assert_eq!(known.refunded(), usd(400));
    let start = store.ask_refund(&by_staff(&payment, 500), later()).await.expect("asked");
    let RefundStart::Open(again) = start else { panic!("{start:?}") };
    assert_eq!((again.before, again.attempt), (usd(400), 2));
    settle(&store, &payment, &again).await;
    assert_eq!(only_payment(&store, &ada).await.status, PaymentStatus::Refunded);
}

async fn a_deleted_account_keeps_its_refund_and_no_declaration(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    assert_eq!(withdraw(&store, &ada, &[held], None, true).await, EndingResult::Done);
    assert!(store.delete_account(&ada, later()).await.expect("deleted"));
    assert!(store.withdrawals_of(ada.id).await.expect("read").is_empty());
    let left = store.open_refunds(later(), 9).await.expect("read").remove(0);
    assert_eq!((left.account, left.amount), (None, usd(900)));
    let payment = store.payment(left.payment).await.expect("read").expect("there");
    settle(&store, &payment, &left).await;
    let payment = store.payment(left.payment).await.expect("read").expect("there");
    assert_eq!(payment.status, PaymentStatus::Refunded);
}
