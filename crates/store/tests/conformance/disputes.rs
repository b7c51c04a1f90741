//! Disputes: each is stored once, whatever messages come, and decided before or after a change of plan and a refund.

use jiff::SignedDuration;
use masthead_circulation::{
    Actor, Dispute, DisputeStatus, Payment, Refund, RefundStatus, StaffActor,
};
use masthead_store::{Location, RefundStart, Store};
use sea_orm::ConnectionTrait;

use crate::{
    connect, open,
    subscriptions::{ada, bought, now, usd},
};

on_both_engines!(
    a_dispute_is_stored_once_and_not_opened_again,
    a_disputed_payment_is_not_refunded,
    staff_are_told_once_of_each_state,
    a_dispute_that_cannot_be_read_holds_up_no_other,
    a_dispute_stays_without_the_account,
);

fn dispute(payment: &Payment, status: DisputeStatus) -> Dispute {
    Dispute {
        processor: "bank".into(),
        reference: "dp_1".into(),
        payment: payment.number,
        account: payment.account,
        amount: usd(900),
        reason: "fraudulent".into(),
        status,
        opened: now(),
        evidence_due: Some(now() + SignedDuration::from_hours(24 * 7)),
    }
}

/// A payment that a subscription goes on for.
async fn paid(store: &Store) -> Payment {
    let ada = ada(store).await;
    bought(store, &ada).await;
    store.payments_of(ada.id).await.expect("read").remove(0)
}

async fn record(store: &Store, payment: &Payment, status: DisputeStatus) -> bool {
    store.record_dispute(&dispute(payment, status), payment, now()).await.expect("no failure")
}

async fn status(store: &Store, payment: &Payment) -> DisputeStatus {
    let all = store.disputes_of_payments(&[payment.number]).await.expect("read");
    assert_eq!(all, store.disputes_of(payment.account.expect("an account")).await.expect("read"));
    assert_eq!(all.len(), 1);
    all[0].status
}

async fn a_dispute_is_stored_once_and_not_opened_again(location: &Location) {
    use DisputeStatus::{Inquiry, Lost, NeedsResponse, UnderReview, Won};
    let store = open(location).await;
    let payment = paid(&store).await;
    let at_once = (0..8).map(|_| {
        let (store, payment) = (store.clone(), payment.clone());
        tokio::spawn(async move { record(&store, &payment, Inquiry).await })
    });
    let mut new = 0;
    for recorded in at_once.collect::<Vec<_>>() {
        new += u32::from(recorded.await.expect("joined"));
    }
    assert_eq!(new, 1, "of many messages at once one is new");
    for (next, is_new, expected) in [
        (NeedsResponse, true, NeedsResponse),
        (NeedsResponse, false, NeedsResponse),
        (UnderReview, true, UnderReview),
        (Lost, true, Lost),
        (NeedsResponse, false, Lost),
        (Lost, false, Lost),
        (Won, true, Won),
        (UnderReview, false, Won),
    ] {
        assert_eq!(record(&store, &payment, next).await, is_new, "{next:?}");
        assert_eq!(status(&store, &payment).await, expected);
    }
    let id = payment.subscription.expect("a subscription");
    let audit = store.audit_of(id).await.expect("read");
    let noted = audit.iter().filter(|entry| entry.what.starts_with("dispute-"));
    let noted: Vec<(&str, &Actor)> = noted.map(|entry| (&*entry.what, &entry.actor)).collect();
    let expected = ["inquiry", "opened", "under-review", "lost", "won"];
    assert_eq!(noted.len(), expected.len(), "{noted:?}");
    for name in expected {
        let name = format!("dispute-{name}");
        assert!(noted.contains(&(name.as_str(), &Actor::Processor)), "{name}: {noted:?}");
    }
}

async fn a_disputed_payment_is_not_refunded(location: &Location) {
    let store = open(location).await;
    let payment = paid(&store).await;
    let refund = Refund {
        payment: payment.number,
        account: payment.account,
        amount: usd(900),
        before: usd(0),
        at: now(),
        actor: Actor::Staff(Some(StaffActor { by: None, reason: "Asked".into() })),
        attempt: 0,
        status: RefundStatus::Asked,
        failed: None,
    };
    let ask = async || store.ask_refund(&refund, now()).await.expect("asked");
    record(&store, &payment, DisputeStatus::NeedsResponse).await;
    assert_eq!(ask().await, RefundStart::Disputed);
    assert!(store.refunds_of_payments(&[payment.number]).await.expect("read").is_empty());
    record(&store, &payment, DisputeStatus::Won).await;
    assert!(matches!(ask().await, RefundStart::Open(_)));
}

async fn staff_are_told_once_of_each_state(location: &Location) {
    let store = open(location).await;
    let payment = paid(&store).await;
    let told = async |status| {
        let dispute = dispute(&payment, status);
        store.tell_of_dispute(&dispute, &[], now()).await.expect("no failure")
    };
    assert!(!told(DisputeStatus::NeedsResponse).await, "there is none");
    record(&store, &payment, DisputeStatus::NeedsResponse).await;
    assert_eq!(store.disputes_to_tell(9).await.expect("read").len(), 1);
    assert!(!told(DisputeStatus::Lost).await, "it is not so");
    assert!(told(DisputeStatus::NeedsResponse).await);
    assert!(!told(DisputeStatus::NeedsResponse).await, "another server did");
    assert!(store.disputes_to_tell(9).await.expect("read").is_empty());
    record(&store, &payment, DisputeStatus::NeedsResponse).await;
    assert!(store.disputes_to_tell(9).await.expect("read").is_empty(), "nothing is new");
    // They have sent the evidence themselves.
    assert!(record(&store, &payment, DisputeStatus::UnderReview).await);
    assert!(store.disputes_to_tell(9).await.expect("read").is_empty(), "it is no news");
    let earlier = Some(now() + SignedDuration::from_hours(24));
    let sooner = Dispute { evidence_due: earlier, ..dispute(&payment, DisputeStatus::UnderReview) };
    assert!(store.record_dispute(&sooner, &payment, now()).await.expect("stored"));
    assert!(!told(DisputeStatus::UnderReview).await, "the deadline is another");
    assert!(store.tell_of_dispute(&sooner, &[], now()).await.expect("told"));
    assert!(record(&store, &payment, DisputeStatus::UnderReview).await, "there is more time");
    assert!(store.disputes_to_tell(9).await.expect("read").is_empty(), "nobody has to hurry");
    record(&store, &payment, DisputeStatus::Lost).await;
    assert!(told(DisputeStatus::Lost).await);
    assert!(store.open_disputes(9).await.expect("read").is_empty());
}

async fn a_dispute_that_cannot_be_read_holds_up_no_other(location: &Location) {
    let store = open(location).await;
    let payment = paid(&store).await;
    for reference in ["dp_1", "dp_2", "dp_3"] {
        let one = dispute(&payment, DisputeStatus::NeedsResponse);
        let one = Dispute { reference: reference.into(), ..one };
        assert!(store.record_dispute(&one, &payment, now()).await.expect("stored"));
    }
    for sql in [
        "UPDATE disputes SET status = 'riddle' WHERE reference = 'dp_1'",
        "UPDATE disputes SET currency = 'riddle' WHERE reference = 'dp_2'",
    ] {
        connect(location).await.execute_unprepared(sql).await.expect("written");
    }
    for found in [store.disputes_to_tell(9).await, store.open_disputes(9).await] {
        let found = found.expect("the other");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].reference, "dp_3");
    }
}

async fn a_dispute_stays_without_the_account(location: &Location) {
    let store = open(location).await;
    let payment = paid(&store).await;
    record(&store, &payment, DisputeStatus::NeedsResponse).await;
    let ada = ada(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let payment = store.payment(payment.number).await.expect("read").expect("there");
    assert!(record(&store, &payment, DisputeStatus::Lost).await);
    let all = store.disputes_of_payments(&[payment.number]).await.expect("read");
    assert_eq!((all[0].account, all[0].status), (None, DisputeStatus::Lost));
}
