//! The check of the payment processor: what is charged is refunded, whatever becomes of the browser and the server in between.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::any,
};
use jiff::SignedDuration;
use masthead_circulation::{AuditAction, staff::Role};
use masthead_payments::{Stripe, stripe::StripeAccount};
use masthead_store::AuditQuery;
use serde_json::json;

use super::{TestDesk, text};

/// What a double of Stripe has done, by idempotency key.
#[derive(Clone, Default)]
struct Ledger {
    charges: Arc<Mutex<HashMap<String, u32>>>,
    refunds: Arc<Mutex<HashMap<String, u32>>>,
    /// How many refunds are answered with an error after they were made.
    lost: Arc<Mutex<u32>>,
    /// How many charges are never answered.
    hanging: Arc<Mutex<u32>>,
}

/// Takes one of what is left.
fn take(left: &Mutex<u32>) -> bool {
    let mut left = left.lock().expect("a lock");
    let has_some = *left > 0;
    *left = left.saturating_sub(1);
    has_some
}

fn count(of: &Mutex<HashMap<String, u32>>, headers: &HeaderMap) {
    let key = headers["idempotency-key"].to_str().expect("text").to_owned();
    *of.lock().expect("a lock").entry(key).or_default() += 1;
}

async fn answer(State(ledger): State<Ledger>, headers: HeaderMap, address: Uri) -> Response {
    let path = address.path().trim_start_matches("/v1").to_owned();
    match path.as_str() {
        "/balance" => Json(json!({ "livemode": false })).into_response(),
        "/disputes" | "/webhook_endpoints" => {
            Json(json!({ "data": [], "has_more": false })).into_response()
        }
        "/payment_intents" => {
            count(&ledger.charges, &headers);
            if take(&ledger.hanging) {
                tokio::time::sleep(Duration::from_mins(10)).await;
            }
            Json(json!({ "id": "pi_1", "status": "succeeded" })).into_response()
        }
        _ => {
            count(&ledger.refunds, &headers);
            if take(&ledger.lost) {
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            Json(json!({ "amount": 900, "created": 1, "status": "succeeded" })).into_response()
        }
    }
}

/// A desk whose readers pay at a double of Stripe, in test mode, and the cookie of its owner.
async fn open() -> (TestDesk, Ledger, String) {
    let ledger = Ledger::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let api = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(any(answer)).with_state(ledger.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let stripe = Stripe::new(StripeAccount {
        secret_key: "sk_test_1".to_owned(),
        webhook_secret: "whsec_test".to_owned(),
        tax: false,
        api: Some(api),
    });
    let desk = TestDesk::open_with(Arc::new(stripe.expect("Stripe"))).await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    (desk, ledger, olu)
}

/// How many charges and refunds there are, by their keys.
fn made(ledger: &Ledger) -> (usize, usize) {
    let keys = |of: &Mutex<HashMap<String, u32>>| of.lock().expect("a lock").len();
    (keys(&ledger.charges), keys(&ledger.refunds))
}

async fn checks(desk: &TestDesk) -> usize {
    let log = desk.store.audit_log(&AuditQuery::default(), 99).await.expect("read");
    log.iter().filter(|entry| entry.action == AuditAction::CheckedProcessor).count()
}

const PAGE: &str = "/desk/payment-processor";

#[tokio::test]
async fn a_check_charges_and_refunds_once_and_leaves_an_entry() {
    let (desk, ledger, olu) = open().await;
    let page = text(desk.post(PAGE, &olu, "").await).await;
    assert!(page.contains("Refund of the test charge"), "{page}");
    assert!(page.contains("Reading disputes"), "{page}");
    for _ in 0..2 {
        assert_eq!((made(&ledger), checks(&desk).await), ((1, 1), 1));
        desk.wait(SignedDuration::from_mins(30));
        desk.state.run_jobs().await.expect("run");
    }
}

#[tokio::test]
async fn a_refund_without_an_answer_is_asked_for_again_with_the_same_key() {
    let (desk, ledger, olu) = open().await;
    *ledger.lost.lock().expect("a lock") = 2;
    let page = text(desk.post(PAGE, &olu, "").await).await;
    assert!(page.contains("tried again automatically"), "{page}");
    assert_eq!(checks(&desk).await, 0, "it has not ended");
    for _ in 0..4 {
        desk.wait(SignedDuration::from_mins(11));
        desk.state.run_jobs().await.expect("run");
    }
    assert_eq!((made(&ledger), checks(&desk).await), ((1, 1), 1));
    assert_eq!(ledger.refunds.lock().expect("a lock").values().sum::<u32>(), 3, "asked for");
}

#[tokio::test]
async fn a_check_whose_server_was_killed_is_finished_by_another() {
    let (desk, ledger, olu) = open().await;
    *ledger.hanging.lock().expect("a lock") = 1;
    let post = desk.post(PAGE, &olu, "");
    // Charged, and not refunded when the server goes away.
    let dropped = tokio::time::timeout(Duration::from_secs(2), post).await;
    assert!(dropped.is_err() && made(&ledger) == (1, 0), "{:?}", made(&ledger));
    desk.state.run_jobs().await.expect("run");
    assert_eq!(made(&ledger), (1, 0), "it is left to the first for two minutes");
    desk.wait(SignedDuration::from_mins(3));
    desk.state.run_jobs().await.expect("run");
    assert_eq!((made(&ledger), checks(&desk).await), ((1, 1), 1));
}

#[tokio::test]
async fn what_stripe_has_forgotten_is_not_charged_again() {
    let (desk, ledger, olu) = open().await;
    *ledger.hanging.lock().expect("a lock") = 1;
    let post = desk.post(PAGE, &olu, "");
    assert!(tokio::time::timeout(Duration::from_secs(2), post).await.is_err());
    desk.wait(SignedDuration::from_hours(25));
    desk.state.run_jobs().await.expect("run");
    let charges: u32 = ledger.charges.lock().expect("a lock").values().sum();
    assert_eq!((charges, made(&ledger).1), (1, 0));
}
