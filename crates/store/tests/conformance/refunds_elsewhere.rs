//! Refunds that were made at a processor and not from here: what is stored of them, and what follows from it.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Actor, Money, Payment, PaymentStatus, ProcessorRefund, Refund, RefundMark, RefundStatus,
    StaffActor, UnusedReason,
};
use masthead_store::{ListedRefunds, Location, RefundElsewhere, RefundStart, SettledRefund, Store};

use crate::{
    open,
    orders::{order, payment_of},
    subscriptions::{ada, bought, now, usd},
};

on_both_engines!(
    what_reduced_a_refund_from_here_is_not_counted_twice,
    an_old_refund_is_booked_without_consequences,
    a_refund_in_another_currency_is_not_counted,
    a_payment_that_is_recorded_stays_so_until_it_is_applied_or_set_aside,
    a_refund_in_place_of_an_attempt_that_fails_is_decided_again,
    a_refund_in_place_of_an_earlier_attempt_that_fails_is_missing,
);

async fn paid(store: &Store) -> Payment {
    let ada = ada(store).await;
    bought(store, &ada).await;
    store.payments_of(ada.id).await.expect("read").remove(0)
}

fn asked(payment: &Payment, minor: u64) -> Refund {
    let staff = StaffActor { by: None, reason: "They agreed".into() };
    Refund {
        payment: payment.number,
        account: payment.account,
        amount: usd(minor),
        before: usd(0),
        elsewhere: usd(0),
        at: now(),
        actor: Actor::Staff(Some(staff)),
        attempt: 0,
        status: RefundStatus::Asked,
        failed: None,
    }
}

/// Staff refund this from here, and the processor makes it.
async fn refund(store: &Store, payment: &Payment, minor: u64) -> Refund {
    let start = store.ask_refund(&asked(payment, minor), now()).await.expect("asked");
    let RefundStart::Open(refund) = start else { panic!("it is not asked for: {start:?}") };
    let settled = SettledRefund { refund: &refund, payment, emails: &[] };
    assert!(store.settle_refund(&settled, now()).await.expect("settled"));
    refund
}

fn listed(reference: &str, minor: u64, made: Timestamp) -> ProcessorRefund {
    let (reference, amount) = (reference.to_owned(), usd(minor));
    ProcessorRefund { reference, amount, made, is_failed: false, mark: None }
}

fn marked(refund: &Refund, reference: &str, minor: u64) -> ProcessorRefund {
    let mark = RefundMark { payment: refund.payment, attempt: Some(refund.attempt) };
    ProcessorRefund { mark: Some(mark), ..listed(reference, minor, now()) }
}

async fn book(store: &Store, payment: &Payment, refunds: &[ProcessorRefund]) -> bool {
    let listed = ListedRefunds { processor: "bank", payment, refunds, emails: &[] };
    store.book_refunds_elsewhere(&listed, now()).await.expect("booked")
}

async fn known(store: &Store, payment: &Payment) -> Refund {
    let refunds = store.refunds_of_payments(&[payment.number]).await.expect("read");
    refunds.into_iter().next().expect("a refund")
}

async fn what_reduced_a_refund_from_here_is_not_counted_twice(location: &Location) {
    let store = open(location).await;
    let payment = paid(&store).await;
    // All was asked for, and the processor had only the rest.
    let own = refund(&store, &payment, 900).await;
    let early = now() - SignedDuration::from_hours(24);
    let all = [listed("re_1", 500, early), marked(&own, "re_2", 400)];
    assert!(book(&store, &payment, &all).await);
    let stored = known(&store, &payment).await;
    assert_eq!((stored.refunded(), stored.elsewhere), (usd(900), usd(0)));
    // The money of that from here does not arrive.
    assert!(store.fail_refund(&own, &payment, "closed", now()).await.expect("failed"));
    let stored = known(&store, &payment).await;
    assert_eq!((stored.refunded(), stored.elsewhere), (usd(500), usd(500)));
    // The rest is asked for, which is all there is.
    let rest = refund(&store, &payment, 400).await;
    let all = [all[0].clone(), marked(&rest, "re_3", 400)];
    assert!(!book(&store, &payment, &all).await, "all of it is known");
    assert_eq!(known(&store, &payment).await.refunded(), usd(900));
    let status = store.payment(payment.number).await.expect("read").expect("a payment").status;
    assert_eq!(status, PaymentStatus::Applied);
}

async fn an_old_refund_is_booked_without_consequences(location: &Location) {
    let store = open(location).await;
    let payment = paid(&store).await;
    let old = listed("re_1", 300, now() - SignedDuration::from_hours(8 * 24));
    let recent = listed("re_2", 400, now() - SignedDuration::from_hours(6 * 24));
    assert!(book(&store, &payment, &[old.clone(), recent.clone()]).await);
    assert_eq!(known(&store, &payment).await.refunded(), usd(700));
    let references = |refunds: Vec<RefundElsewhere>| -> Vec<String> {
        refunds.into_iter().map(|refund| refund.reference).collect()
    };
    assert_eq!(references(store.refunds_to_tell(9).await.expect("read")), ["re_2"]);
    assert_eq!(references(store.refunds_to_follow(9).await.expect("read")), ["re_2"]);
    // That it fails is news.
    assert!(book(&store, &payment, &[failed(&old), recent]).await);
    assert_eq!(references(store.refunds_to_tell(9).await.expect("read")), ["re_1", "re_2"]);
}

async fn a_refund_in_another_currency_is_not_counted(location: &Location) {
    let store = open(location).await;
    let payment = paid(&store).await;
    let euros = Money::of(300, "EUR".parse().expect("a currency"));
    let other = ProcessorRefund { amount: euros, ..listed("re_1", 300, now()) };
    assert!(book(&store, &payment, &[other, listed("re_2", 400, now())]).await);
    assert_eq!(known(&store, &payment).await.refunded(), usd(400));
    let booked = store.refunds_elsewhere_of(&[payment.number]).await.expect("read");
    assert_eq!(booked.iter().map(|refund| refund.amount).collect::<Vec<_>>(), [euros, usd(400)]);
}

fn failed(refund: &ProcessorRefund) -> ProcessorRefund {
    ProcessorRefund { is_failed: true, ..refund.clone() }
}

async fn a_refund_in_place_of_an_attempt_that_fails_is_decided_again(location: &Location) {
    let store = open(location).await;
    let payment = paid(&store).await;
    refund(&store, &payment, 400).await;
    let taken = listed("re_1", 400, now());
    assert!(book(&store, &payment, std::slice::from_ref(&taken)).await);
    assert_eq!(known(&store, &payment).await.refunded(), usd(400));
    assert!(book(&store, &payment, &[failed(&taken)]).await);
    let stored = known(&store, &payment).await;
    assert!(matches!(stored.status, RefundStatus::Refused(_)), "{stored:?}");
    assert_eq!((stored.refunded(), stored.failed), (usd(0), Some(now())));
    assert_eq!(store.refused_refunds(9).await.expect("read").len(), 1);
    let references = store.stored_refunds("bank", &["re_1"]).await.expect("read");
    assert_eq!(references, [("re_1".to_owned(), true)], "nothing is asked any more");
    assert!(!book(&store, &payment, &[failed(&taken)]).await);
    // Staff ask again.
    refund(&store, &payment, 400).await;
    assert_eq!(known(&store, &payment).await.refunded(), usd(400));
}

async fn a_refund_in_place_of_an_earlier_attempt_that_fails_is_missing(location: &Location) {
    let store = open(location).await;
    let payment = aside(&store).await;
    let early = now() - SignedDuration::from_hours(24);
    let first = listed("re_1", 300, early);
    assert!(book(&store, &payment, std::slice::from_ref(&first)).await);
    // The rest is asked for, and made at the processor.
    refund(&store, &payment, 900).await;
    let taken = listed("re_2", 900, now());
    assert!(book(&store, &payment, &[first.clone(), taken.clone()]).await);
    assert_eq!(status(&store, &payment).await, PaymentStatus::Refunded);
    // The first does not arrive, so that it is asked for here.
    assert!(book(&store, &payment, &[failed(&first), taken.clone()]).await);
    assert_eq!(status(&store, &payment).await, PaymentStatus::RefundPending);
    let second = refund(&store, &payment, 300).await;
    assert_eq!((second.attempt, second.before), (2, usd(900)));
    let all = [failed(&first), failed(&taken), marked(&second, "re_3", 300)];
    assert!(book(&store, &payment, &all).await);
    let stored = known(&store, &payment).await;
    assert_eq!((stored.before, stored.refunded()), (usd(0), usd(300)));
    assert_eq!(status(&store, &payment).await, PaymentStatus::RefundPending);
    assert!(!book(&store, &payment, &all).await);
}

async fn status(store: &Store, payment: &Payment) -> PaymentStatus {
    store.payment(payment.number).await.expect("read").expect("a payment").status
}

async fn recorded(store: &Store) -> Payment {
    let ada = ada(store).await;
    bought(store, &ada).await;
    let held = store.subscriptions_of(ada.id).await.expect("read").remove(0);
    store.record_payment(&payment_of(&order(&held, "k")), now()).await.expect("recorded")
}

/// A payment that no subscription can take.
async fn aside(store: &Store) -> Payment {
    let number = recorded(store).await.number;
    let reason = UnusedReason::SubscriptionEnded;
    assert!(store.set_payment_aside(number, reason, &[], now()).await.expect("set aside"));
    store.payment(number).await.expect("read").expect("there")
}

async fn a_payment_that_is_recorded_stays_so_until_it_is_applied_or_set_aside(location: &Location) {
    let store = open(location).await;
    let payment = recorded(&store).await;
    let all = listed("re_1", 1200, now());
    assert!(book(&store, &payment, std::slice::from_ref(&all)).await);
    assert_eq!(status(&store, &payment).await, PaymentStatus::Recorded);
    let (number, reason) = (payment.number, UnusedReason::SubscriptionEnded);
    assert!(store.set_payment_aside(number, reason, &[], now()).await.expect("set aside"));
    assert_eq!(status(&store, &payment).await, PaymentStatus::Refunded);
    assert!(store.pending_refunds(9).await.expect("read").is_empty());
    // The money of it comes back to the publication, so that staff decide.
    assert!(book(&store, &payment, &[failed(&all)]).await);
    assert_eq!(status(&store, &payment).await, PaymentStatus::RefundPending);
}
