//! Checking the account at Stripe: with a test key a charge that is refunded, and with a live key none.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::any,
};
use masthead_circulation::Money;
use masthead_payments::{
    AccountMode, CheckFault, CheckStep, Processor, ProcessorCheck, Stripe, stripe::StripeAccount,
};
use serde_json::{Value, json};

/// What Stripe would be asked, in order, and what it answers.
#[derive(Clone)]
struct Double {
    asked: Arc<Mutex<Vec<String>>>,
    livemode: bool,
    endpoints: Value,
    /// Whether the key may read disputes.
    reads_disputes: bool,
}

async fn answer(State(double): State<Double>, address: Uri, body: String) -> Response {
    let path = address.path().trim_start_matches("/v1").to_owned();
    double.asked.lock().expect("a lock").push(format!("{path} {body}").trim().to_owned());
    if path == "/disputes" && !double.reads_disputes {
        let error = json!({ "type": "invalid_request_error", "message": "rak_dispute_read" });
        return (StatusCode::FORBIDDEN, Json(json!({ "error": error }))).into_response();
    }
    let answer = match path.as_str() {
        "/balance" => json!({ "livemode": double.livemode }),
        "/webhook_endpoints" => json!({ "data": double.endpoints, "has_more": false }),
        "/disputes" => json!({ "data": [{ "id": "dp_1", "amount": 1200 }], "has_more": true }),
        "/payment_intents" => json!({ "id": "pi_1", "status": "succeeded" }),
        _ => json!({ "amount": 1000, "created": 1, "status": "succeeded" }),
    };
    Json(answer).into_response()
}

/// Checks with a key, and returns each step with its fault, and what Stripe was asked.
async fn check(
    key: &str,
    livemode: bool,
    endpoints: Value,
) -> (Vec<(CheckStep, Option<CheckFault>)>, Vec<String>) {
    check_with(key, Double { asked: Arc::default(), livemode, endpoints, reads_disputes: true })
        .await
}

/// The same at this double.
async fn check_with(
    key: &str,
    double: Double,
) -> (Vec<(CheckStep, Option<CheckFault>)>, Vec<String>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let api = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(any(answer)).with_state(double.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let stripe = Stripe::new(StripeAccount {
        secret_key: key.to_owned(),
        webhook_secret: "whsec_test".to_owned(),
        tax: false,
        api: Some(api),
    })
    .expect("Stripe");
    let is_test = key.contains("_test_");
    assert_eq!(stripe.mode(), if is_test { AccountMode::Test } else { AccountMode::Live });
    let amount = Money::of(1000, "EUR".parse().expect("a currency"));
    let request = ProcessorCheck { address: "https://paper.example", amount, key: "check-1" };
    let steps = stripe.check(&request).await;
    let asked = double.asked.lock().expect("a lock").clone();
    (steps.into_iter().map(|step| (step.step, step.fault)).collect(), asked)
}

fn endpoint(events: &[&str]) -> Value {
    let url = "https://paper.example/webhooks/stripe";
    json!([{ "url": url, "status": "enabled", "enabled_events": events }])
}

#[tokio::test]
async fn a_test_key_charges_a_test_card_and_refunds_it() {
    let (steps, asked) = check("sk_test_1", false, endpoint(&["*"])).await;
    let all = [
        CheckStep::Key,
        CheckStep::Endpoint,
        CheckStep::Disputes,
        CheckStep::Charge,
        CheckStep::Refund,
    ];
    assert_eq!(steps, all.map(|step| (step, None)));
    assert!(asked[3].contains("payment_method=pm_card_visa"), "{asked:?}");
    assert!(asked[3].contains("amount=1000") && asked[3].contains("currency=eur"), "{asked:?}");
    assert!(asked[4].starts_with("/refunds") && asked[4].contains("pi_1"), "{asked:?}");
}

#[tokio::test]
async fn a_live_key_charges_nothing() {
    for (key, livemode) in [("sk_live_1", true), ("rk_live_1", true), ("sk_test_1", true)] {
        let (steps, asked) = check(key, livemode, endpoint(&["*"])).await;
        assert_eq!(asked.len(), 3, "{key}: {asked:?}");
        assert!(asked.iter().all(|asked| !asked.contains("payment_intents")), "{key}: {asked:?}");
        let unclear = (CheckStep::Charge, Some(CheckFault::UnclearMode));
        assert_eq!(steps.contains(&unclear), key.contains("_test_"), "{key}: {steps:?}");
    }
}

#[tokio::test]
async fn a_restricted_key_that_may_not_read_disputes_is_found() {
    let (asked, endpoints) = (Arc::default(), endpoint(&["*"]));
    let double = Double { asked, livemode: true, endpoints, reads_disputes: false };
    let (steps, _) = check_with("rk_live_1", double).await;
    let Some((_, Some(CheckFault::Refused(answer)))) =
        steps.iter().find(|(step, _)| *step == CheckStep::Disputes)
    else {
        panic!("it is refused: {steps:?}");
    };
    assert!(answer.contains("403"), "{answer}");
    assert_eq!(steps.iter().filter(|(_, fault)| fault.is_some()).count(), 1, "{steps:?}");
}

#[tokio::test]
async fn an_endpoint_that_is_missing_or_lacks_events_is_named() {
    let fault = async |endpoints| {
        let (steps, _) = check("sk_live_1", true, endpoints).await;
        steps
            .into_iter()
            .find(|(step, _)| *step == CheckStep::Endpoint)
            .and_then(|(_, fault)| fault)
    };
    let missing = fault(json!([])).await;
    let url = "https://paper.example/webhooks/stripe".to_owned();
    assert_eq!(missing, Some(CheckFault::NoEndpoint(url)));
    let disabled = json!([{
        "url": "https://paper.example/webhooks/stripe", "status": "disabled", "enabled_events": ["*"],
    }]);
    assert_eq!(fault(disabled).await, Some(CheckFault::Disabled));
    let missing = async |events: &[&str]| match fault(endpoint(events)).await {
        Some(CheckFault::MissingEvents(missing)) => missing,
        other => panic!("events are missing: {other:?}"),
    };
    let (all, others) = (missing(&[]).await, missing(&["checkout.session.completed"]).await);
    let expected = all.iter().filter(|event| *event != &"checkout.session.completed");
    assert!(others.iter().eq(expected), "{others:?} of {all:?}");
    assert_eq!(others.len() + 1, all.len(), "{all:?}");
}
