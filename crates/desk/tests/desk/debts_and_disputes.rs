//! What readers owe, and what their banks have taken back.

use http::StatusCode;
use jiff::SignedDuration;
use masthead_circulation::{
    Account, Actor, AuditAction, Dispute, DisputeStatus, Mandate, NewPayment, Payment, State,
    Subscription, UnusedReason, staff::Role,
};
use masthead_store::SubscriptionChange;

use crate::{
    TestDesk, email,
    readers::{subscribe, subscribe_with},
    support_actions::{act, held, last_entry, payment, reader, with_a_reader},
    text,
};

/// A reader whose address has left the invoices of two earlier accounts unpaid. Returns the numbers of their subscriptions.
pub async fn debtor(desk: &TestDesk, at: &str) -> (Account, Vec<u32>) {
    let mut owed = Vec::new();
    for _ in 0..2 {
        let (reader, _) = reader(desk, at).await;
        subscribe_with(desk, reader.id, Mandate::manual()).await;
        let now = desk.now();
        let unpaid = held(desk, &reader).await;
        let ends = now + SignedDuration::from_hours(1);
        let after = Subscription {
            state: State::Grace { since: now, ends, tries: 1 },
            paid: None,
            ..unpaid.clone()
        };
        let change = SubscriptionChange {
            before: unpaid.clone(),
            after,
            due: None,
            actor: Actor::Calendar,
            what: "payment-failed",
            payment: None,
            emails: Vec::new(),
        };
        assert!(desk.store.change(&change, now).await.expect("changed"));
        assert!(desk.store.delete_account(&reader, now).await.expect("deleted"));
        owed.push(unpaid.id.0);
    }
    (reader(desk, at).await.0, owed)
}

#[tokio::test]
async fn each_debt_of_an_address_is_shown_and_forgiven_by_itself() {
    let (desk, sue, rea) = with_a_reader().await;
    let (owing, debts) = debtor(&desk, "owe@example.org").await;
    let page = format!("/desk/readers/{}", owing.id.0);
    let shown = text(desk.get(&page, &sue).await).await;
    for debt in &debts {
        assert!(shown.contains(&format!("the invoice for S-{debt} unpaid")), "{shown}");
    }
    let forgive = |debt: u32| format!("/debts/{debt}/forgiveness");
    let other = format!("/desk/readers/{}{}", rea.id.0, forgive(debts[0]));
    let refused = desk.post(&other, &sue, "reason=x").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "it is another reader's");
    let unreasoned = desk.post(&format!("{page}{}", forgive(debts[0])), &sue, "reason=").await;
    assert_eq!(unreasoned.status(), StatusCode::UNPROCESSABLE_ENTITY);
    act(&desk, &sue, &page, (&forgive(debts[0]), "reason=Goodwill")).await;
    let left = text(desk.get(&page, &sue).await).await;
    assert!(!left.contains(&format!("S-{} unpaid", debts[0])), "{left}");
    assert!(left.contains(&format!("S-{} unpaid", debts[1])), "{left}");
    let again = desk.post(&format!("{page}{}", forgive(debts[0])), &sue, "reason=x").await;
    assert!(text(again).await.contains("isn’t owed any more"));
    let record = desk.store.audit_log_about(&owing.email, 9).await.expect("read").remove(0);
    assert_eq!((record.action, &*record.reason), (AuditAction::ChangedSubscription, "Goodwill"));
}

/// A reader with a subscription whose payment their bank has taken back.
pub async fn disputed(desk: &TestDesk, at: &str) -> (Account, Payment) {
    let (reader, _) = reader(desk, at).await;
    subscribe(desk, reader.id).await;
    let subscription = Some(held(desk, &reader).await.id);
    let new = NewPayment { subscription, ..payment(&reader, at) };
    let payment = desk.store.record_payment(&new, desk.now()).await.expect("recorded");
    // Without the dispute it could be refunded.
    let reason = UnusedReason::SubscriptionEnded;
    let aside = desk.store.set_payment_aside(payment.number, reason, &[], desk.now()).await;
    assert!(aside.expect("written"));
    let dispute = Dispute {
        processor: "sandbox".to_owned(),
        reference: format!("dp_{}", payment.number),
        payment: payment.number,
        account: Some(reader.id),
        amount: payment.amount,
        reason: "product not received".to_owned(),
        status: DisputeStatus::NeedsResponse,
        opened: desk.now(),
        evidence_due: Some(desk.now() + SignedDuration::from_hours(24 * 7)),
    };
    let question = desk.store.next_dispute_question().await.expect("a question");
    let recorded = desk.store.record_dispute(&dispute, question, &payment, desk.now()).await;
    assert!(recorded.expect("recorded"));
    (reader, payment)
}

#[tokio::test]
async fn a_dispute_is_shown_with_its_deadline_and_staff_may_end_the_subscription() {
    let (desk, sue, _) = with_a_reader().await;
    let (author, _) = desk.staff("aut@example.org", Role::Author).await;
    let (reader, _) = disputed(&desk, "dis@example.org").await;
    let page = format!("/desk/readers/{}", reader.id.0);
    let shown = text(desk.get(&page, &sue).await).await;
    assert!(shown.contains("Disputed: the bank has taken £8 back"), "{shown}");
    assert!(shown.contains("Evidence is due by") && shown.contains("End subscription now"));
    assert!(!shown.contains("Refund invoice"), "the bank has the money: {shown}");
    let home = text(desk.get("/desk", &sue).await).await;
    assert!(home.contains("Open disputes") && home.contains("Evidence is due by"), "{home}");
    // Everybody who helps readers is told, once.
    for _ in 0..2 {
        desk.state.tell_staff().await.expect("told");
    }
    let told = async |to: &str| {
        let sent = desk.store.emails_to(&email(to), 9).await.expect("read");
        sent.iter().filter(|sent| sent.subject.contains("is disputed")).count()
    };
    assert_eq!(told("sue@example.org").await, 1);
    assert_eq!(told(author.email.as_str()).await, 0);
    let id = held(&desk, &reader).await.id.0;
    let end = format!("/subscriptions/{id}/termination");
    act(&desk, &sue, &page, (&end, "reason=Charged+back")).await;
    let ended = held(&desk, &reader).await;
    assert!(matches!(ended.state, State::Ended { .. }));
    let last = last_entry(&desk, &ended).await;
    assert_eq!(last, ("ended-by-staff".to_owned(), "Charged back".to_owned()));
    let again = desk.post(&format!("{page}{end}"), &sue, "reason=x").await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
}
