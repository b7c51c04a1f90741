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
    answers_in_any_order_leave_the_same,
    questions_of_all_servers_have_one_order,
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
    record_as(store, payment, &dispute(payment, status)).await
}

async fn record_as(store: &Store, payment: &Payment, dispute: &Dispute) -> bool {
    let question = store.next_dispute_question().await.expect("a question");
    store.record_dispute(dispute, question, payment, now()).await.expect("no failure")
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

/// Every order of some things.
fn permutations<T: Clone>(of: &[T]) -> Vec<Vec<T>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let first = |index: usize| {
        let (mut rest, one) = (of.to_vec(), of[index].clone());
        rest.remove(index);
        permutations(&rest).into_iter().map(move |rest| [vec![one.clone()], rest].concat())
    };
    (0..of.len()).flat_map(first).collect()
}

/// What a processor has answered, in the order of the questions, and what is to be stored in the end.
async fn answers_in_any_order_leave_the_same(location: &Location) {
    use DisputeStatus::{Inquiry, InquiryClosed, Lost, NeedsResponse, UnderReview, Won};
    let store = open(location).await;
    let payment = paid(&store).await;
    let courses = [
        (vec![Inquiry, NeedsResponse, UnderReview, Lost], Lost),
        (vec![NeedsResponse, UnderReview, NeedsResponse, UnderReview], UnderReview),
        (vec![Inquiry, UnderReview, NeedsResponse], NeedsResponse),
        // What is decided stays so, whatever is said of it later.
        (vec![NeedsResponse, Won, UnderReview, Inquiry], Won),
        (vec![Inquiry, InquiryClosed, Inquiry], InquiryClosed),
        // The bank demands the money although its inquiry was closed.
        (vec![Inquiry, InquiryClosed, NeedsResponse], NeedsResponse),
        // A decision that is changed by another.
        (vec![Lost, UnderReview, Won], Won),
    ];
    let mut number = 0;
    for (course, expected) in courses {
        let mut answers = Vec::new();
        for (index, status) in course.iter().enumerate() {
            let question = store.next_dispute_question().await.expect("a question");
            let amount = usd(900 + index as u64);
            answers.push((question, Dispute { amount, ..dispute(&payment, *status) }));
        }
        let last = answers.iter().rposition(|(_, answer)| answer.status == expected);
        for order in permutations(&answers) {
            number += 1;
            let reference = format!("dp_in_any_order_{number}");
            // Each message three times: at once, and again after all others.
            let again = order.iter().rev().chain(&order);
            for (question, answer) in order.iter().chain(again) {
                let answer = Dispute { reference: reference.clone(), ..answer.clone() };
                store
                    .record_dispute(&answer, *question, &payment, now())
                    .await
                    .expect("no failure");
            }
            let all = store.disputes_of_payments(&[payment.number]).await.expect("read");
            let stored = all.iter().find(|it| it.reference == reference).expect("stored");
            assert_eq!(stored.status, expected, "{order:?}");
            let amount = answers[last.expect("it is one of them")].1.amount;
            assert_eq!(stored.amount, amount, "all of one answer: {order:?}");
        }
    }
}

async fn questions_of_all_servers_have_one_order(location: &Location) {
    let (store, other) = (open(location).await, open(location).await);
    let first = store.next_dispute_question().await.expect("a question");
    let at_once = (0..16).map(|number| {
        let store = if number % 2 == 0 { store.clone() } else { other.clone() };
        tokio::spawn(async move { store.next_dispute_question().await.expect("a question") })
    });
    let mut all = Vec::new();
    for question in at_once.collect::<Vec<_>>() {
        all.push(question.await.expect("joined"));
    }
    let last = other.next_dispute_question().await.expect("a question");
    assert!(all.iter().all(|question| first < *question && *question < last));
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 16, "no two have the same");
}

async fn a_disputed_payment_is_not_refunded(location: &Location) {
    let store = open(location).await;
    let payment = paid(&store).await;
    let refund = Refund {
        payment: payment.number,
        account: payment.account,
        amount: usd(900),
        before: usd(0),
        elsewhere: usd(0),
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
    assert!(record_as(&store, &payment, &sooner).await);
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
        assert!(record_as(&store, &payment, &one).await);
    }
    for sql in [
        "UPDATE disputes SET status = 'riddle' WHERE reference = 'dp_1'",
        "UPDATE disputes SET currency = 'riddle' WHERE reference = 'dp_2'",
    ] {
        connect(location).await.execute_unprepared(sql).await.expect("written");
    }
    assert!(store.disputes_of_payments(&[payment.number]).await.is_err(), "money is withheld");
    for found in [
        store.disputes_to_tell(9).await,
        store.open_disputes(9).await,
        store.readable_disputes_of(&[payment.number]).await,
    ] {
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
