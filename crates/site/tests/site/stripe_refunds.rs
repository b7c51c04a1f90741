//! Refunds at Stripe, and payments of readers who delete their account.

use http::StatusCode;
use masthead_circulation::{Payment, PaymentNumber, PaymentStatus, RefundStatus, StaffActor};
use masthead_test_support::stripe::{StripeDouble, message};
use serde_json::json;

use crate::{
    newspaper::{Browser, Newspaper},
    post::kinds,
    shop::{ADA, ada, payments},
    stripe::{GOOD, completed, open_session, paper, pay, send},
};

#[tokio::test]
async fn stripe_pays_back_what_it_has_collected_and_only_once() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    let (_, back) = pay(&stripe, &mut ada, "/checkout/winter", GOOD).await;
    ada.get(&back).await;
    paper.go_to("2027-02-24T09:00:00Z").await;
    assert_eq!(payments(&paper).await, [900, 1200]);
    let email = ADA.parse().expect("an address");
    let reader = paper.store.account_at(&email).await.expect("asked").expect("an account");
    let paid = paper.store.payments_of(reader.id).await.expect("asked");
    let sue = crate::staff::colleague(&paper).await;
    let helper = || StaffActor { by: Some(sue), reason: "By phone".to_owned() };
    let refund = async |number, amount| {
        paper
            .site
            .billing
            .refund(&reader, number, amount, helper())
            .await
            .map_err(|error| error.to_string())
    };
    // What cannot be asked now is noted, and asked again; it may have been heard of all the same.
    stripe.go_down(true);
    let refused = refund(paid[0].number, "12").await.expect_err("down");
    assert!(refused.contains("Ask for the same again later"), "{refused}");
    let noted = paper.store.refunds_of(reader.id).await.expect("asked");
    assert!(!noted[0].is_settled());
    stripe.go_down(false);
    let other = refund(paid[0].number, "3").await.expect_err("another amount");
    assert!(other.contains("12.00 USD"), "{other}");
    refund(paid[0].number, "12").await.expect("by its order");
    refund(paid[1].number, "4.50").await.expect("by its checkout");
    let mut back = stripe.refunds().await;
    back.sort_unstable();
    assert_eq!(back, [450, 1200]);
    assert_eq!(kinds(&paper, ADA).await.iter().filter(|kind| *kind == "refunded").count(), 2);
}

fn helper() -> StaffActor {
    StaffActor { by: None, reason: "By phone".to_owned() }
}

/// A reader who has paid a month by card.
async fn paid() -> (StripeDouble, Newspaper, Browser) {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    let (_, back) = pay(&stripe, &mut ada, "/checkout/web-monthly", GOOD).await;
    ada.get(&back).await;
    (stripe, paper, ada)
}

async fn delete_account(browser: &mut Browser) {
    let gone = browser.post("/account/deletion", "sure=yes").await;
    assert_eq!(gone.status, StatusCode::OK);
}

async fn only_payment(paper: &Newspaper) -> Payment {
    let mut all = paper.store.payments_after(PaymentNumber(0), 9).await.expect("read");
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[tokio::test]
async fn what_is_paid_at_stripe_after_the_account_is_deleted_waits_for_staff() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    let session = open_session(&mut ada, "/checkout/web-monthly", "from=/news/locked").await;
    delete_account(&mut ada).await;
    assert!(stripe.pay(&session, GOOD).await);
    assert_eq!(send(&paper, &completed(1, &session, paper.now())).await.status, StatusCode::OK);
    let payment = only_payment(&paper).await;
    assert_eq!((payment.account, payment.status), (None, PaymentStatus::RefundPending));
    assert_eq!(paper.site.billing.pending_refunds().await.expect("read").len(), 1);
    assert!(paper.site.billing.reconcile().await.expect("compared").mismatches.is_empty());
    paper.site.billing.refund_number(payment.number, None, helper()).await.expect("refunded");
    assert_eq!(stripe.refunds().await, [1200]);
    assert_eq!(only_payment(&paper).await.status, PaymentStatus::Refunded);
}

#[tokio::test]
async fn a_session_that_nobody_is_to_pay_any_more_is_closed_at_stripe() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    let session = open_session(&mut ada, "/checkout/web-monthly", "").await;
    delete_account(&mut ada).await;
    paper.go_to("2026-11-24T09:01:30Z").await;
    assert_eq!(stripe.session(&session)["status"], "expired");
    paper.go_to("2026-11-24T09:03:00Z").await;
    assert!(paper.store.open_checkouts(paper.now(), 9).await.expect("read").is_empty());
}

#[tokio::test]
async fn a_payment_is_refunded_without_its_account_and_its_checkout() {
    let (stripe, paper, mut ada) = paid().await;
    delete_account(&mut ada).await;
    let payment = only_payment(&paper).await;
    assert_eq!(payment.account, None);
    let refund = async || paper.site.billing.refund_number(payment.number, None, helper()).await;
    refund().await.expect("refunded");
    refund().await.expect_err("once");
    assert_eq!(stripe.refunds().await, [1200]);
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_found_and_not_made_twice() {
    let (stripe, paper, _) = paid().await;
    let number = only_payment(&paper).await.number;
    stripe.lose_answers(1);
    let refund =
        async |amount| paper.site.billing.refund_number(number, Some(amount), helper()).await;
    refund("4").await.expect_err("the answer was lost");
    // Stripe forgets the key after a day. Staff ask again at the same time as the sweep.
    stripe.forget_keys();
    paper.set_clock("2026-11-26T09:00:00Z");
    let found = paper.site.billing.reconcile().await.expect("compared").mismatches;
    assert_eq!(found.len(), 1, "{found:?}");
    let both = tokio::join!(refund("4"), paper.site.billing.sweep_refunds());
    both.1.expect("swept");
    assert_eq!(stripe.refunds().await, [400]);
    assert!(paper.site.billing.reconcile().await.expect("compared").mismatches.is_empty());
    assert_eq!(kinds(&paper, ADA).await, ["receipt", "refunded"]);
}

#[tokio::test]
async fn a_refund_that_stripe_refuses_waits_for_staff() {
    let (stripe, paper, _) = paid().await;
    let number = only_payment(&paper).await.number;
    stripe.refuse_refunds("The charge is disputed.");
    let refund = async || paper.site.billing.refund_number(number, None, helper()).await;
    let refused = refund().await.expect_err("refused").to_string();
    assert!(refused.contains("The charge is disputed."), "{refused}");
    let waiting = paper.site.billing.refused_refunds().await.expect("read");
    assert_eq!(waiting.len(), 1);
    // Stripe would answer the same key the same way.
    stripe.refuse_refunds("");
    paper.set_clock("2026-11-25T09:00:00Z");
    paper.site.billing.sweep_refunds().await.expect("swept");
    assert!(stripe.refunds().await.is_empty(), "it is not asked for again by itself");
    refund().await.expect("refunded");
    assert_eq!(stripe.refunds().await, [1200]);
}

#[tokio::test]
async fn a_refund_that_fails_at_the_bank_later_waits_for_staff() {
    let (stripe, paper, _) = paid().await;
    let number = only_payment(&paper).await.number;
    paper.site.billing.refund_number(number, Some("4"), helper()).await.expect("refunded");
    stripe.fail_refunds();
    let object = json!({ "id": "re_1", "metadata": { "payment": number.to_string() } });
    let at = paper.now().as_second();
    // The messages come shuffled and more than once; each of these kinds alone would do.
    for (id, kind) in [
        ("evt_3", "refund.failed"),
        ("evt_1", "charge.refund.updated"),
        ("evt_3", "refund.failed"),
        ("evt_2", "refund.updated"),
    ] {
        let sent = send(&paper, &message(id, kind, &object, at)).await;
        assert_eq!(sent.status, StatusCode::OK);
        let known = paper.store.refunds_of_payments(&[number]).await.expect("read").remove(0);
        let reason = "the refund failed: expired_or_canceled_card".to_owned();
        assert_eq!(known.status, RefundStatus::Refused(reason), "{kind}");
    }
    assert_eq!(paper.site.billing.reconcile().await.expect("compared").mismatches.len(), 1);
    let waiting = paper.site.billing.refused_refunds().await.expect("read");
    assert_eq!(waiting.len(), 1);
}

#[tokio::test]
async fn a_payment_that_the_search_does_not_know_yet_is_refunded_later() {
    let (stripe, paper, _) = paid().await;
    paper.go_to("2026-12-24T09:00:00Z").await;
    assert_eq!(payments(&paper).await, [1200, 1200]);
    let renewal = paper.store.payments_after(PaymentNumber(0), 9).await.expect("read").remove(1);
    stripe.delay_search(true);
    let refund = async || paper.site.billing.refund_number(renewal.number, None, helper()).await;
    let early = refund().await.expect_err("not found yet").to_string();
    assert!(early.contains("tried again by itself"), "{early}");
    stripe.delay_search(false);
    paper.set_clock("2026-12-24T09:11:00Z");
    paper.site.billing.sweep_refunds().await.expect("swept");
    assert_eq!(stripe.refunds().await, [1200]);
}

#[tokio::test]
async fn a_withdrawal_refunds_the_rest_at_stripe_once_also_if_the_answer_is_lost() {
    let (stripe, paper, mut ada) = paid().await;
    let payment = only_payment(&paper).await;
    let billing = &paper.site.billing;
    billing.refund_number(payment.number, Some("4"), helper()).await.expect("refunded");
    let id = payment.subscription.expect("a subscription").0;
    let form = format!("name=Ada&subscription-{id}=yes");
    let done = ada.post("/account/withdrawal", &form).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    stripe.lose_answers(1);
    billing.sweep_refunds().await.expect("swept");
    // Stripe forgets the key after a day, and the rest is found by what it is marked with.
    stripe.forget_keys();
    paper.set_clock("2026-11-26T09:00:00Z");
    billing.sweep_refunds().await.expect("swept");
    let mut back = stripe.refunds().await;
    back.sort_unstable();
    assert_eq!(back, [400, 800]);
    assert_eq!(only_payment(&paper).await.status, PaymentStatus::Refunded);
    assert!(billing.reconcile().await.expect("compared").mismatches.is_empty());
}

#[tokio::test]
async fn what_is_refunded_in_stripes_dashboard_is_booked_once_and_stops_renewals() {
    let (stripe, paper, mut ada) = paid().await;
    let payment = only_payment(&paper).await;
    let order = payment.source.to_string();
    let intent = stripe.refund_in_dashboard(&order, 500).await;
    let at = paper.now().as_second();
    let charge = json!({
        "id": "ch_1", "object": "charge", "amount_refunded": 500, "payment_intent": intent,
        "customer": "cus_1", "metadata": {},
    });
    let refund =
        json!({ "id": "re_1", "object": "refund", "payment_intent": intent, "metadata": {} });
    let refunded = async || {
        let known = paper.store.refunds_of_payments(&[payment.number]).await.expect("read").pop();
        known.map(|known| known.refunded().minor())
    };
    stripe.go_down(true);
    let sent = send(&paper, &message("evt_1", "charge.refunded", &charge, at)).await;
    assert_ne!(sent.status, StatusCode::OK, "Stripe sends it again");
    stripe.go_down(false);
    // In any order, and three times.
    for (id, kind, object) in [
        ("evt_3", "refund.updated", &refund),
        ("evt_2", "refund.created", &refund),
        ("evt_1", "charge.refunded", &charge),
        ("evt_1", "charge.refunded", &charge),
        ("evt_4", "charge.refund.updated", &refund),
    ] {
        assert_eq!(send(&paper, &message(id, kind, object, at)).await.status, StatusCode::OK);
        assert_eq!(refunded().await, Some(500), "{kind}");
    }
    let account = ada.get("/account").await.text();
    assert!(account.contains("$5 refunded"), "{account}");
    assert_eq!(kinds(&paper, ADA).await, ["receipt", "refunded"]);
    // The rest, whose messages are lost.
    stripe.refund_in_dashboard(&order, 700).await;
    for _ in 0..2 {
        assert!(paper.site.billing.reconcile().await.expect("compared").mismatches.is_empty());
        assert_eq!(refunded().await, Some(1200));
    }
    assert_eq!(stripe.refunds().await.len(), 2);
    // A month later they would have to sign in again for it.
    let own = ada.get("/account/data.json").await.text();
    assert!(own.contains("refunded at the payment processor"), "{own}");
    paper.go_to("2026-12-26T09:00:00Z").await;
    assert_eq!(payments(&paper).await, [1200], "nothing more is collected");
}

#[tokio::test]
async fn what_stripe_has_refunded_without_a_message_reduces_nothing_else() {
    let (stripe, paper, _) = paid().await;
    let payment = only_payment(&paper).await;
    let order = payment.source.to_string();
    let billing = &paper.site.billing;
    stripe.refund_in_dashboard(&order, 300).await;
    billing.reconcile().await.expect("compared");
    stripe.refund_in_dashboard(&order, 200).await;
    billing.refund_number(payment.number, Some("4"), helper()).await.expect("refunded");
    let made: u64 = stripe.refunds().await.iter().sum();
    assert_eq!(made, 900, "all of what was asked for");
    assert!(billing.reconcile().await.expect("compared").mismatches.is_empty());
    let known = paper.store.refunds_of_payments(&[payment.number]).await.expect("read").remove(0);
    assert_eq!(known.refunded().minor(), made);
}
