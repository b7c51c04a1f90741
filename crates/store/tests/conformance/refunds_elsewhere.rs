//! Refunds that were made at a processor and not from here: what is stored of them, and what follows from it.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Actor, Payment, PaymentStatus, ProcessorRefund, Refund, RefundMark, RefundStatus, StaffActor,
};
use masthead_store::{ListedRefunds, Location, RefundStart, SettledRefund, Store};

use crate::{
    open,
    subscriptions::{ada, bought, now, usd},
};

on_both_engines!(what_reduced_a_refund_from_here_is_not_counted_twice,);

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
    let own = refund(&store, &payment, 1200).await;
    let early = now() - SignedDuration::from_hours(24);
    let all = [listed("re_1", 500, early), marked(&own, "re_2", 700)];
    assert!(book(&store, &payment, &all).await);
    let stored = known(&store, &payment).await;
    assert_eq!((stored.refunded(), stored.elsewhere), (usd(1200), usd(0)));
    // The money of that from here does not arrive.
    assert!(store.fail_refund(&own, &payment, "closed", now()).await.expect("failed"));
    let stored = known(&store, &payment).await;
    assert_eq!((stored.refunded(), stored.elsewhere), (usd(500), usd(500)));
    // The rest is asked for, which is all there is.
    let rest = refund(&store, &payment, 700).await;
    let all = [all[0].clone(), marked(&rest, "re_3", 700)];
    assert!(!book(&store, &payment, &all).await, "all of it is known");
    assert_eq!(known(&store, &payment).await.refunded(), usd(1200));
    let status = store.payment(payment.number).await.expect("read").expect("a payment").status;
    assert_eq!(status, PaymentStatus::Applied);
}
