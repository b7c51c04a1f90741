//! Webhooks in order, and the same shuffled and repeated.

use std::path::Path;

use axum::{body::Body, extract::Request};
use http::{Method, StatusCode, header};
use jiff::Timestamp;
use masthead_circulation::AccountId;
use masthead_payments::stripe::StripeAccount;
use masthead_store::{Location, Store};
use masthead_test_support::stripe::{SECRET_KEY, StripeDouble, WEBHOOK_SECRET, message};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::json;
use tower::ServiceExt;

use super::{requests::ask, site};
use crate::{BenchError, Report, readers};

const SESSIONS: u32 = 2500;

/// Compares 10,000 webhooks in order with the same webhooks shuffled and repeated three times.
pub(super) async fn shuffle_webhooks(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    let ordered = verify_webhook(folder, "ordered", false).await?;
    let shuffled = verify_webhook(folder, "shuffled", true).await?;
    let kept = ordered == shuffled;
    let seen = format!("{} subscriptions, {} emails", shuffled.0.len(), shuffled.1);
    report.promise("10,000 messages, thrice and shuffled", &seen, "as in order and once", kept);
    Ok(())
}

/// Returns the standing of every reader after the webhooks, and the number of e-mails.
async fn verify_webhook(
    folder: &Path,
    name: &str,
    shuffle: bool,
) -> Result<(Vec<String>, usize), BenchError> {
    let stripe = StripeDouble::start().await;
    let account = StripeAccount {
        secret_key: SECRET_KEY.to_owned(),
        webhook_secret: WEBHOOK_SECRET.to_owned(),
        tax: false,
        api: Some(stripe.api()),
    };
    let store = Store::open(&Location::Sqlite(folder.join(format!("{name}.db")))).await?;
    let site = site(folder, store.clone(), Some(account)).await?;
    let router = site.router();
    let now = Timestamp::now();
    let mut events = Vec::new();
    for number in 0..SESSIONS {
        let email = format!("reader{number}@example.org").parse()?;
        let (account, _) = store.register(&email, now).await?;
        let cookie = format!("masthead-session={}", readers::sign_in(&store, account.id).await?);
        let (_, payment_page) =
            ask(&router, Method::POST, "/checkout/web-monthly", &cookie, "from=%2F").await?;
        let payment_page = payment_page.ok_or("no payment page")?;
        let session = payment_page.rsplit('/').next().unwrap_or_default().to_owned();
        // Every fifth reader does not pay.
        if number % 5 != 4 {
            stripe.complete(&session);
        }
        let checkout = json!({ "id": session });
        let order = json!({ "id": "pi", "metadata": { "order": format!("{number}-0-0") } });
        let kinds = [
            ("checkout.session.completed", &checkout),
            ("checkout.session.async_payment_succeeded", &checkout),
            ("payment_intent.succeeded", &order),
            ("customer.created", &order),
        ];
        for (kind, object) in kinds {
            events.push(message(&format!("evt_{number}_{kind}"), kind, object, now.as_second()));
        }
    }
    if shuffle {
        events = [events.clone(), events.clone(), events].concat();
        events.shuffle(&mut StdRng::seed_from_u64(4));
    }
    for (body, signature) in events {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/webhooks/stripe")
            .header(header::HOST, "127.0.0.1")
            .header("stripe-signature", signature)
            .body(Body::from(body))?;
        let status = router.clone().oneshot(request).await?.status();
        if status != StatusCode::OK {
            return Err(format!("a message is answered with {status}").into());
        }
    }
    let mut states = Vec::new();
    for number in 1..=SESSIONS {
        let account = AccountId(number);
        for held in store.subscriptions_of(account).await? {
            let paid = store.payments_of(account).await?.len();
            let (state, card) = (held.state.name(), held.mandate.card.map(|card| card.last4));
            states.push(format!("{number} {} {state} {card:?} {paid}", held.terms.price));
        }
    }
    let emails = store.emails(u64::from(SESSIONS) * 8).await?.len();
    Ok((states, emails))
}
