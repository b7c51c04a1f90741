//! Support actions.

use http::StatusCode;
use jiff::Timestamp;
use masthead_circulation::{
    Account, Money, NewPayment, Payment, Refund, RefundStatus, StaffActor, UnusedReason,
    staff::Role,
};
use masthead_store::ReconciliationReport;

use super::{TestDesk, email, leads_to, readers::subscribe, text};

/// A desk with somebody of support at it, and a reader.
async fn with_a_reader() -> (TestDesk, String, Account) {
    let desk = TestDesk::open().await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    desk.reader("rea@example.org").await;
    let rea = desk.store.account_at(&email("rea@example.org")).await.expect("asked");
    (desk, sue, rea.expect("an account"))
}

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

/// A payment of 8.00 GBP that no subscription has.
async fn late_payment(desk: &TestDesk, reader: &Account) -> Payment {
    let payment = NewPayment {
        source: "renewal".into(),
        processor: "sandbox".into(),
        reference: String::new(),
        account: Some(reader.id),
        subscription: None,
        what: "The Paper online".into(),
        amount: Money::of(800, "GBP".parse().expect("a currency")),
        from: now(),
        through: now(),
        card: String::new(),
    };
    desk.store.record_payment(&payment, now()).await.expect("recorded")
}

#[tokio::test]
async fn every_action_is_recorded_with_its_reason() {
    let (desk, sue, rea) = with_a_reader().await;
    let page = format!("/desk/readers/{}", rea.id.0);
    let gifts = text(desk.get(&page, &sue).await).await;
    assert!(gifts.contains("Give a subscription") && gifts.contains("The Paper online, €9"));
    let actions = [
        ("/meter", "reason=+She+read+by+mistake+"),
        ("/subscription", "price=web&until=2027-02-28&reason=Sorry"),
        ("/subscription", "price=web&until=&reason=A+friend"),
    ];
    for (to, form) in actions {
        let answer = desk.post(&format!("{page}{to}"), &sue, form).await;
        assert_eq!((answer.status(), leads_to(&answer)), (StatusCode::SEE_OTHER, &*page), "{form}");
    }
    subscribe(&desk, rea.id).await;
    let with_one = text(desk.get(&page, &sue).await).await;
    assert!(with_one.contains("Cancel S-1") && !with_one.contains("Give a subscription"));
    desk.post(&format!("{page}/subscriptions/1/cancellation"), &sue, "reason=By+phone").await;
    let longer = format!("{page}/subscriptions/1/extension");
    let undated = desk.post(&longer, &sue, "reason=Ill&until=").await;
    assert!(text(undated).await.contains("Choose the last day of the trial."));
    desk.post(&longer, &sue, "reason=Ill&until=2027-02-28").await;
    desk.post(&format!("{page}/payments/3/refund"), &sue, "reason=Sorry&amount=+4.50+").await;
    let sue = desk.store.account_at(&email("sue@example.org")).await.expect("asked");
    let sue = sue.expect("works here").id.0;
    assert_eq!(
        desk.actions.all(),
        [
            format!("rea@example.org reset for {sue}: She read by mistake"),
            "web for rea@example.org until Some(2027-03-01T00:00:00Z): Sorry".to_owned(),
            "web for rea@example.org until None: A friend".to_owned(),
            "S-1 cancelled: By phone".to_owned(),
            "S-1 lasts until 2027-03-01T00:00:00Z: Ill".to_owned(),
            "4.50 of payment 3 paid back to rea@example.org: Sorry".to_owned(),
        ]
    );
}

#[tokio::test]
async fn actions_need_a_reason_and_the_right_reader() {
    let (desk, sue, rea) = with_a_reader().await;
    desk.reader("other@example.org").await;
    let other = desk.store.account_at(&email("other@example.org")).await.expect("asked");
    subscribe(&desk, other.expect("an account").id).await;
    let page = format!("/desk/readers/{}", rea.id.0);
    let long = format!("reason={}", "a".repeat(501));
    let cases = [
        ("/meter", "reason=+", "Write why"),
        ("/meter", "", "Write why"),
        ("/meter", &*long, "500 characters or fewer"),
        ("/subscriptions/1/cancellation", "reason=x", "no subscription S-1"),
        ("/subscriptions/1/extension", "reason=x&until=2027-03-01", "no subscription S-1"),
        ("/subscriptions/9/cancellation", "reason=x", "no subscription S-9"),
        ("/subscription", "price=none&reason=Kept", "there is no such price"),
        ("/subscription", "price=web&until=tomorrow&reason=Kept", "as year, month and day"),
        ("/subscription", "price=web&until=2020-01-01&reason=Kept", "That day has passed"),
    ];
    for (to, form, fault) in cases {
        let answer = desk.post(&format!("{page}{to}"), &sue, form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{to} {form}");
        let page = text(answer).await;
        assert!(page.contains(fault), "{fault}: {page}");
        if form.contains("Kept") {
            assert!(page.contains("value=\"Kept\""), "what was typed stays");
        }
    }
    let broken = desk.post(&format!("{page}/subscription"), &sue, "price=broken&reason=x").await;
    assert_eq!(broken.status(), StatusCode::SERVICE_UNAVAILABLE);
    for nobody in ["/desk/readers/4000/meter", "/desk/readers/x/meter"] {
        let answer = desk.post(nobody, &sue, "reason=x").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(desk.actions.all(), [""; 0]);
}

#[tokio::test]
async fn a_payment_that_no_subscription_can_take_is_listed_until_staff_decide() {
    let (desk, sue, rea) = with_a_reader().await;
    let now = now();
    let payment = late_payment(&desk, &rea).await;
    let reason = UnusedReason::SubscriptionEnded;
    let aside = desk.store.set_payment_aside(payment.number, reason, &[], now).await;
    assert!(aside.expect("written"));
    let home = text(desk.get("/desk", &sue).await).await;
    assert!(home.contains("Payments to decide about") && home.contains("had ended"), "{home}");
    let page = format!("/desk/readers/{}", rea.id.0);
    let keep = format!("{page}/payments/{}/keep", payment.number);
    assert!(text(desk.get(&page, &sue).await).await.contains(&keep));
    desk.reader("other@example.org").await;
    let other = desk.store.account_at(&email("other@example.org")).await.expect("asked");
    let others = format!("/desk/readers/{}", other.expect("an account").id.0);
    let wrong = format!("{others}/payments/{}/keep", payment.number);
    let refused = desk.post(&wrong, &sue, "reason=Agreed").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let kept = desk.post(&keep, &sue, "reason=Agreed").await;
    assert_eq!(leads_to(&kept), page);
    assert!(!text(desk.get("/desk", &sue).await).await.contains("Payments to decide about"));
    let again = desk.post(&keep, &sue, "reason=Agreed").await;
    assert!(text(again).await.contains("does not wait for a decision"));
}

#[tokio::test]
async fn a_payment_of_a_deleted_account_has_a_page_of_its_own() {
    let (desk, sue, rea) = with_a_reader().await;
    let now = now();
    let payment = late_payment(&desk, &rea).await;
    let page = format!("/desk/payments/{}", payment.number);
    let readers = leads_to(&desk.get(&page, &sue).await).to_owned();
    assert_eq!(readers, format!("/desk/readers/{}#payments", rea.id.0));
    let reason = UnusedReason::NothingToPayFor;
    let aside = desk.store.set_payment_aside(payment.number, reason, &[], now).await;
    assert!(aside.expect("written"));
    assert!(desk.store.delete_account(&rea).await.expect("deleted"));
    let home = text(desk.get("/desk", &sue).await).await.replace("&#x2f;", "/");
    assert!(home.contains(&page) && home.contains("of a deleted account"), "{home}");
    let refunded = desk.post(&format!("{page}/refund"), &sue, "reason=Late&amount=8.00").await;
    assert_eq!(leads_to(&refunded), page);
    assert_eq!(desk.actions.all(), ["8.00 of payment 1 paid back: Late"]);
    let silent = desk.post(&format!("{page}/keep"), &sue, "reason=").await;
    assert_eq!(silent.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let kept = desk.post(&format!("{page}/keep"), &sue, "reason=Agreed").await;
    assert_eq!(leads_to(&kept), page);
    assert!(!text(desk.get("/desk", &sue).await).await.contains("of a deleted account"));
    let none = desk.get("/desk/payments/4000", &sue).await;
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_refund_that_the_processor_refused_is_listed_with_its_reason() {
    let (desk, sue, rea) = with_a_reader().await;
    let now = now();
    let payment = late_payment(&desk, &rea).await;
    let reason = UnusedReason::SubscriptionEnded;
    desk.store.set_payment_aside(payment.number, reason, &[], now).await.expect("written");
    let refund = Refund {
        payment: payment.number,
        account: Some(rea.id),
        amount: payment.amount,
        at: now,
        helper: StaffActor { by: None, reason: "Ended".into() },
        attempt: 0,
        status: RefundStatus::Asked,
    };
    desk.store.ask_refund(&refund, now).await.expect("asked");
    let page = format!("/desk/readers/{}", rea.id.0);
    let keep = format!("{page}/payments/{}/keep", payment.number);
    let waiting = text(desk.get(&page, &sue).await).await;
    assert!(waiting.contains("tried again by itself") && !waiting.contains(&keep), "{waiting}");
    desk.store.refuse_refund(&refund, "The charge is disputed").await.expect("noted");
    let home = text(desk.get("/desk", &sue).await).await;
    assert!(home.contains("Refunds that were refused") && home.contains("disputed"), "{home}");
    let page = text(desk.get(&page, &sue).await).await;
    assert!(page.contains("disputed") && page.contains(&keep), "{page}");
}

#[tokio::test]
async fn what_does_not_agree_is_shown_to_those_who_help_readers() {
    let (desk, sue, _) = with_a_reader().await;
    let (_, ann) = desk.staff("ann@example.org", Role::Author).await;
    let report = ReconciliationReport {
        at: "2026-11-24T09:00:00Z".parse().expect("a time"),
        mismatches: vec!["order 7 was collected and has no payment".to_owned()],
    };
    desk.store.keep_reconciliation(&report).await.expect("kept");
    assert!(text(desk.get("/desk", &sue).await).await.contains("order 7 was collected"));
    assert!(!text(desk.get("/desk", &ann).await).await.contains("order 7 was collected"));
}
