//! Refunds: a payment is refunded or kept, once, however many requests come at the same time.

use std::slice;

use jiff::SignedDuration;
use masthead_circulation::{
    Account, Actor, Money, Payment, PaymentStatus, Refund, RefundStatus, StaffActor, UnusedReason,
};
use masthead_store::{Location, RefundStart, SettledRefund, Store};

use crate::{
    beginning::{begin, paid},
    open,
    orders::{order, payment_of},
    subscriptions::{ada, bought, now, usd},
};

on_both_engines!(
    a_pending_payment_is_either_refunded_or_kept,
    a_pending_payment_is_refunded_as_a_whole_or_not_at_all,
    a_payment_that_is_recorded_and_not_applied_is_not_refunded,
    a_refund_whose_answer_was_lost_is_claimed_by_one_server,
    a_refused_refund_waits_for_staff_who_ask_again_or_keep_it,
    a_refund_outlives_the_account_and_says_nothing_about_the_reader,
    an_account_is_deleted_while_its_payments_are_refunded,
    deleting_an_account_keeps_the_reasons_of_other_refunds,
);

fn staff() -> StaffActor {
    StaffActor { by: None, reason: "They agreed".into() }
}

fn reason(refund: &Refund) -> &str {
    refund.actor.staff_actor().map_or("", |staff| &staff.reason)
}

fn refund(payment: &Payment, amount: Money) -> Refund {
    Refund {
        payment: payment.number,
        account: payment.account,
        amount,
        before: usd(0),
        elsewhere: usd(0),
        at: now(),
        actor: Actor::Staff(Some(staff())),
        attempt: 0,
        status: RefundStatus::Asked,
        failed: None,
    }
}

async fn recorded(store: &Store, ada: &Account, key: &str) -> Payment {
    let held = store.subscriptions_of(ada.id).await.expect("read").remove(0);
    store.record_payment(&payment_of(&order(&held, key)), now()).await.expect("recorded")
}

async fn pending(store: &Store, ada: &Account, key: &str) -> Payment {
    let number = recorded(store, ada, key).await.number;
    let reason = UnusedReason::SubscriptionEnded;
    assert!(store.set_payment_aside(number, reason, &[], now()).await.expect("set aside"));
    store.payment(number).await.expect("read").expect("there")
}

async fn status(store: &Store, payment: &Payment) -> PaymentStatus {
    store.payment(payment.number).await.expect("read").expect("there").status
}

async fn a_pending_payment_is_either_refunded_or_kept(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    bought(&store, &ada).await;
    for round in 0..5 {
        let payment = pending(&store, &ada, &format!("round-{round}")).await;
        let deciding = (0..16).map(|number| {
            let (store, payment) = (store.clone(), payment.clone());
            tokio::spawn(async move {
                if number % 2 == 0 {
                    return store
                        .keep_payment(&payment, &staff(), now())
                        .await
                        .map(|kept| (kept, false));
                }
                let start = store.ask_refund(&refund(&payment, payment.amount), now()).await?;
                Ok((false, matches!(start, RefundStart::Open(_))))
            })
        });
        let (mut kept, mut refunded) = (0, 0);
        for decided in deciding.collect::<Vec<_>>() {
            let (keeps, refunds) = decided.await.expect("joined").expect("no failure");
            kept += u32::from(keeps);
            refunded += u32::from(refunds);
        }
        assert!(kept <= 1, "kept {kept} times");
        assert_eq!(kept == 1, refunded == 0, "kept {kept} times, and {refunded} refunds");
        let expected = if kept == 1 { PaymentStatus::Kept } else { PaymentStatus::RefundPending };
        assert_eq!(status(&store, &payment).await, expected);
    }
}

async fn a_pending_payment_is_refunded_as_a_whole_or_not_at_all(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    bought(&store, &ada).await;
    let payment = pending(&store, &ada, "k").await;
    let part = refund(&payment, usd(400));
    let start = store.ask_refund(&part, now()).await.expect("asked");
    assert_eq!(start, RefundStart::OnlyWhole(usd(1200)));
    let whole = refund(&payment, usd(1200));
    let start = store.ask_refund(&whole, now()).await.expect("asked");
    assert_eq!(start, RefundStart::Open(whole.clone()));
    // While it is open nothing else is decided.
    assert!(!store.keep_payment(&payment, &staff(), now()).await.expect("asked"));
    assert_eq!(status(&store, &payment).await, PaymentStatus::RefundPending);
    let settled = SettledRefund { refund: &whole, payment: &payment, emails: &[] };
    assert!(store.settle_refund(&settled, now()).await.expect("settled"));
    assert_eq!(status(&store, &payment).await, PaymentStatus::Refunded);
    assert!(!store.keep_payment(&payment, &staff(), now()).await.expect("asked"));
}

async fn a_payment_that_is_recorded_and_not_applied_is_not_refunded(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    bought(&store, &ada).await;
    let payment = recorded(&store, &ada, "k").await;
    let start = store.ask_refund(&refund(&payment, usd(1200)), now()).await.expect("asked");
    assert_eq!(start, RefundStart::NotRefundable(PaymentStatus::Recorded));
    assert!(store.refunds_of(ada.id).await.expect("read").is_empty());
}

async fn a_refund_whose_answer_was_lost_is_claimed_by_one_server(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    bought(&store, &ada).await;
    let payment = store.payments_of(ada.id).await.expect("read").remove(0);
    let wanted = refund(&payment, usd(400));
    let retry_at = now() + SignedDuration::from_mins(10);
    store.ask_refund(&wanted, retry_at).await.expect("asked");
    assert!(store.open_refunds(now(), 9).await.expect("read").is_empty(), "it is too early");
    assert_eq!(store.open_refunds(retry_at, 9).await.expect("read"), slice::from_ref(&wanted));
    let next = retry_at + SignedDuration::from_mins(20);
    let claiming = (0..8).map(|_| {
        let (store, wanted) = (store.clone(), wanted.clone());
        tokio::spawn(async move { store.claim_refund(&wanted, retry_at, next).await })
    });
    let mut claimed = 0;
    for claim in claiming.collect::<Vec<_>>() {
        claimed += u32::from(claim.await.expect("joined").expect("no failure"));
    }
    assert_eq!(claimed, 1);
    assert!(store.open_refunds(retry_at, 9).await.expect("read").is_empty());
    let settled = SettledRefund { refund: &wanted, payment: &payment, emails: &[] };
    assert!(store.settle_refund(&settled, now()).await.expect("settled"));
    assert!(store.open_refunds(next, 9).await.expect("read").is_empty());
}

async fn a_refused_refund_waits_for_staff_who_ask_again_or_keep_it(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    bought(&store, &ada).await;
    let payment = store.payments_of(ada.id).await.expect("read").remove(0);
    let first = refund(&payment, usd(400));
    store.ask_refund(&first, now()).await.expect("asked");
    store.refuse_refund(&first, "disputed").await.expect("noted");
    assert!(store.open_refunds(now(), 9).await.expect("read").is_empty());
    let refused = store.refused_refunds(9).await.expect("read").remove(0);
    assert_eq!(refused.payment, payment);
    assert_eq!(refused.refund.status, RefundStatus::Refused("disputed".into()));
    // Another amount is another attempt, and what is late about the first one changes nothing. A refund
    // that was made without a mark may be as old as the first one.
    let later = now() + SignedDuration::from_hours(1);
    let again = Refund { at: later, ..refund(&payment, usd(500)) };
    let start = store.ask_refund(&again, now()).await.expect("asked");
    let second = Refund { attempt: 1, ..refund(&payment, usd(500)) };
    assert_eq!(start, RefundStart::Open(second.clone()));
    store.refuse_refund(&first, "disputed").await.expect("nothing");
    assert_eq!(store.open_refunds(now(), 9).await.expect("read"), slice::from_ref(&second));
    store.refuse_refund(&second, "disputed").await.expect("noted");
    assert!(store.keep_payment(&payment, &staff(), now()).await.expect("kept"));
    assert!(store.refused_refunds(9).await.expect("read").is_empty());
    assert_eq!(status(&store, &payment).await, PaymentStatus::Applied);
    assert!(!store.keep_payment(&payment, &staff(), now()).await.expect("asked"));
    // Staff change their minds. The processor has answered the first two attempts.
    let start = store.ask_refund(&again, now()).await.expect("asked");
    assert_eq!(start, RefundStart::Open(Refund { attempt: 2, ..second }));
}

async fn a_refund_outlives_the_account_and_says_nothing_about_the_reader(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    bought(&store, &ada).await;
    let payment = store.payments_of(ada.id).await.expect("read").remove(0);
    store.ask_refund(&refund(&payment, usd(400)), now()).await.expect("asked");
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let left = store.open_refunds(now(), 9).await.expect("read").remove(0);
    assert_eq!((left.account, reason(&left)), (None, ""));
    let payment = store.payment(payment.number).await.expect("read").expect("there");
    assert_eq!((payment.account, payment.reference.as_str()), (None, "cs_1"));
    let settled = SettledRefund { refund: &left, payment: &payment, emails: &[] };
    assert!(store.settle_refund(&settled, now()).await.expect("settled"));
}

/// A payment of a new subscription of this reader that can be refunded.
async fn applied(store: &Store, account: &Account, key: u8) -> Payment {
    let (checkout, begun) = paid(store, account, key).await;
    assert!(begin(store, &checkout, begun).await.is_some());
    store.payments_of(account.id).await.expect("read").remove(0)
}

async fn an_account_is_deleted_while_its_payments_are_refunded(location: &Location) {
    let store = open(location).await;
    for round in 1..=30 {
        let ada = ada(&store).await;
        let payment = applied(&store, &ada, round).await;
        let asking: Vec<_> = (0..8)
            .map(|_| {
                let (store, wanted) = (store.clone(), refund(&payment, usd(400)));
                tokio::spawn(async move { store.ask_refund(&wanted, now()).await })
            })
            .collect();
        let deleting = store.clone();
        let deleting = tokio::spawn(async move { deleting.delete_account(&ada, now()).await });
        for asked in asking {
            let start = asked.await.expect("joined").expect("asked");
            assert!(matches!(start, RefundStart::Open(_)), "{start:?}");
        }
        assert!(deleting.await.expect("joined").expect("deleted"));
    }
    let refunds = store.open_refunds(now(), 99).await.expect("read");
    assert_eq!(refunds.len(), 30);
    assert!(refunds.iter().all(|refund| refund.account.is_none()));
}

async fn deleting_an_account_keeps_the_reasons_of_other_refunds(location: &Location) {
    let store = open(location).await;
    let reader = ada(&store).await;
    let payment = applied(&store, &reader, 1).await;
    assert!(store.delete_account(&reader, now()).await.expect("deleted"));
    // Staff give a reason after the account was deleted.
    let wanted = Refund { account: None, ..refund(&payment, usd(400)) };
    store.ask_refund(&wanted, now()).await.expect("asked");
    let another = ada(&store).await;
    assert!(store.delete_account(&another, now()).await.expect("deleted"));
    let left = store.open_refunds(now(), 9).await.expect("read").remove(0);
    assert_eq!(reason(&left), reason(&wanted));
}
