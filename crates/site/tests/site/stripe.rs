//! Paying at Stripe: its payment page, what is collected later, and messages that come twice, late, shuffled and
//! forged, or never.

use axum::body::Body;
use http::{Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use masthead_access::Tier;
use masthead_circulation::{PaymentSource, RenewalOrder};
use masthead_payments::stripe::StripeAccount;
use masthead_publication::{Publication, Sales};
use masthead_site::ClientIp;
use masthead_test_support::stripe::{SECRET_KEY, StripeDouble, WEBHOOK_SECRET, message, sign};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::json;
use tower::ServiceExt;

use crate::{
    newspaper::{Browser, Newspaper, Reply, SOMEWHERE, tiered},
    post::{kinds, sign_in},
    shop::{ADA, ada, held, location, number, payments, sells},
};

pub(crate) const GOOD: &str = "4242424242424242";
const DECLINED_LATER: &str = "4000000000000341";
const DECLINED: &str = "4000000000000002";

pub(crate) async fn paper(stripe: &StripeDouble) -> Newspaper {
    let account = StripeAccount {
        secret_key: SECRET_KEY.into(),
        webhook_secret: WEBHOOK_SECRET.into(),
        tax: true,
        api: Some(stripe.api()),
    };
    let sells_at_stripe = |publication: &mut Publication| {
        sells(publication);
        publication.sales = Sales::Open;
    };
    let paper = Newspaper::open_with(sells_at_stripe, None, |settings| {
        let stripe = masthead_payments::Stripe::new(account).expect("Stripe");
        settings.processors = vec![std::sync::Arc::new(stripe)];
    })
    .await;
    paper.publish_metered("ab").await;
    paper.publish(&tiered("locked", Tier::Subscribers)).await;
    paper
}

/// Agrees and is sent to Stripe; the session there.
pub(crate) async fn open_session(browser: &mut Browser, path: &str, form: &str) -> String {
    let page = location(&browser.post(path, form).await);
    assert!(page.starts_with("http://127.0.0.1:"), "{page}");
    page.rsplit('/').next().expect("a session").to_owned()
}

/// Agrees, is sent to Stripe, and pays there; the session, and the path to come back to.
pub(crate) async fn pay(
    stripe: &StripeDouble,
    browser: &mut Browser,
    path: &str,
    card: &str,
) -> (String, String) {
    let session = open_session(browser, path, "from=/news/locked").await;
    stripe.pay(&session, card).await;
    let back = stripe.session(&session)["form"]["success_url"].as_str().expect("a way").to_owned();
    let back = back.strip_prefix("https://paper.example").expect("our own").to_owned();
    (session, back)
}

pub(crate) async fn send(paper: &Newspaper, message: &(String, String)) -> Reply {
    send_from(paper, SOMEWHERE, message).await
}

async fn send_from(paper: &Newspaper, from: &str, (body, signature): &(String, String)) -> Reply {
    let mut stripe = paper.browser().from(from).sending("stripe-signature", signature);
    stripe.post("/webhooks/stripe", body).await
}

pub(crate) fn completed(number: u32, session: &str, at: Timestamp) -> (String, String) {
    let object = json!({ "id": session, "object": "checkout.session" });
    message(&format!("evt_{number}"), "checkout.session.completed", &object, at.as_second())
}

#[tokio::test]
async fn three_months_for_nine_dollars_at_stripe() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    let page = ada.get("/checkout/winter").await;
    let policy = page.header("content-security-policy").expect("a policy").to_owned();
    assert!(policy.contains("form-action 'self' https://checkout.stripe.com"), "{policy}");
    assert!(!page.text().contains("no money is taken"));

    let (session, back) = pay(&stripe, &mut ada, "/checkout/winter", GOOD).await;
    let asked = stripe.session(&session)["form"].clone();
    let field = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(field("mode"), "payment");
    assert_eq!(field("line_items[0][price_data][unit_amount]"), "900");
    assert_eq!(field("line_items[0][price_data][currency]"), "usd");
    assert_eq!(field("payment_intent_data[setup_future_usage]"), "off_session");
    assert_eq!(field("payment_intent_data[metadata][order]"), field("client_reference_id"));
    assert_eq!(field("automatic_tax[enabled]"), "true");
    assert_eq!(field("customer_email"), ADA);
    assert_eq!(location(&ada.get(&back).await), "/news/locked");
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    assert_eq!(payments(&paper).await, [900]);
    let account = ada.get("/account").await.text();
    assert!(account.contains("Visa ending in 4242"), "{account}");

    // The next payment is collected without the reader, once, however often it is ordered.
    paper.set_clock("2027-02-24T09:00:00Z");
    let both = tokio::join!(paper.site.billing.renew_due(), paper.site.billing.renew_due());
    both.0.and(both.1).expect("attended to");
    assert_eq!(payments(&paper).await, [900, 1200]);
    assert_eq!(stripe.payments_made(), 1);
}

#[tokio::test]
async fn a_declined_card_is_replaced_at_stripe() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    // Refused on the payment page: nothing is bought, and the reader is told so.
    let (_, back) = pay(&stripe, &mut ada, "/checkout/trial-with-card", DECLINED).await;
    assert!(ada.get(&back).await.text().contains("Payment not completed"));
    assert!(held(&paper).await.is_empty());

    let (session, back) = pay(&stripe, &mut ada, "/checkout/trial-with-card", DECLINED_LATER).await;
    assert_eq!(stripe.session(&session)["form"]["mode"], "setup");
    ada.get(&back).await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=trial");
    paper.go_to("2026-12-05T09:00:00Z").await;
    paper.go_to("2026-12-08T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=grace");
    assert_eq!(kinds(&paper, ADA).await, ["trial_begun", "trial_renewing", "payment_failed"]);
    let card_page = format!("/account/subscriptions/{}/card", number(&paper).await);
    let (session, back) = pay(&stripe, &mut ada, &card_page, GOOD).await;
    let asked = stripe.session(&session)["form"].clone();
    assert!(asked["customer"].as_str().is_some_and(|customer| customer.starts_with("cus_")));
    assert_eq!(asked["line_items[0][price_data][unit_amount]"], "1200");
    assert_eq!(location(&ada.get(&back).await), "/account");
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    assert_eq!(payments(&paper).await, [1200]);
    paper.go_to("2027-01-08T09:00:00Z").await;
    assert_eq!(payments(&paper).await, [1200, 1200]);
}

#[tokio::test]
async fn stripe_may_be_down_at_any_time_and_nothing_is_lost() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    // At checkout.
    stripe.go_down(true);
    let closed = ada.post("/checkout/web-monthly", "").await;
    assert_eq!(closed.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(closed.text().contains("Payments aren’t available at the moment"));
    stripe.go_down(false);
    // After payment.
    let (session, back) = pay(&stripe, &mut ada, "/checkout/web-monthly", GOOD).await;
    stripe.go_down(true);
    let waiting = ada.get(&back).await;
    assert_eq!(waiting.status, StatusCode::ACCEPTED);
    assert!(waiting.text().contains("Please don’t pay twice."));
    // During a message: it is sent again.
    let event = completed(1, &session, paper.now());
    assert_eq!(send(&paper, &event).await.status, StatusCode::SERVICE_UNAVAILABLE);
    stripe.go_down(false);
    assert_eq!(send(&paper, &event).await.status, StatusCode::OK);
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    assert_eq!(location(&ada.get(&back).await), "/news/locked");
    // When a renewal is due: it is tried again, and the reader reads on.
    stripe.go_down(true);
    paper.go_to("2026-12-24T09:00:00Z").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    assert_eq!(payments(&paper).await, [1200]);
    stripe.go_down(false);
    paper.go_to("2026-12-24T09:10:00Z").await;
    assert_eq!(payments(&paper).await, [1200, 1200]);
}

#[tokio::test]
async fn a_lost_message_and_a_reader_who_never_comes_back() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    let (_, _) = pay(&stripe, &mut ada, "/checkout/web-monthly", GOOD).await;
    assert_eq!(ada.access("/news/locked").await, "wall;reason=subscribers");
    paper.go_to("2026-11-24T09:01:30Z").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    // A session that nobody comes to is closed by Stripe, and given up here.
    let mut bob = paper.browser();
    sign_in(&paper, &mut bob, "bob@example.org", "/").await;
    let session = open_session(&mut bob, "/checkout/few", "code=FEW").await;
    stripe.expire(&session);
    paper.go_to("2026-11-24T09:45:00Z").await;
    assert!(paper.store.open_checkouts(paper.now(), 9).await.expect("read").is_empty());
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_for_days_is_not_given_twice() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    let (_, back) = pay(&stripe, &mut ada, "/checkout/web-monthly", GOOD).await;
    ada.get(&back).await;
    let held = held(&paper).await.remove(0);
    paper.set_clock("2026-12-24T09:00:00Z");
    // The server asked Stripe to collect, and died before it could write the answer down.
    let source = PaymentSource::Renewal(RenewalOrder {
        subscription: held.id,
        period: paper.now().as_second(),
        attempt: 0,
        amount: held.terms.amount,
        mandate: (&held.mandate).into(),
    });
    let order = masthead_payments::Order {
        key: source.to_string(),
        former_key: None,
        account: Some(held.account),
        mandate: held.mandate.clone(),
        amount: held.terms.amount,
        due: paper.now(),
        now: paper.now(),
        is_repeated: false,
    };
    let account = StripeAccount {
        secret_key: SECRET_KEY.into(),
        webhook_secret: WEBHOOK_SECRET.into(),
        tax: false,
        api: Some(stripe.api()),
    };
    let dying = masthead_payments::Stripe::new(account).expect("Stripe");
    let collected = masthead_payments::Processor::collect(&dying, &order).await.expect("answered");
    assert_eq!(collected, masthead_payments::Collected::Paid);
    assert_eq!(stripe.payments_made(), 1);
    stripe.forget_keys();
    // By a clock that is behind, it was given a moment ago, or is not due yet.
    let early = paper.now() - SignedDuration::from_hours(72);
    for (now, is_repeated) in [(paper.now(), true), (early, true), (early, false)] {
        let again = masthead_payments::Order { now, is_repeated, ..order.clone() };
        let found = masthead_payments::Processor::collect(&dying, &again).await.expect("answered");
        assert_eq!(found, masthead_payments::Collected::Paid);
        assert_eq!(stripe.payments_made(), 1);
    }
    // Nor does it help that the search has not seen it.
    stripe.delay_search(true);
    paper.go_to("2026-12-27T09:00:00Z").await;
    assert_eq!(payments(&paper).await, [1200, 1200]);
    assert_eq!(stripe.payments_made(), 1, "it was found, and not collected again");
}

#[tokio::test]
async fn an_order_whose_answer_cannot_be_read_is_asked_for_again() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    let (_, back) = pay(&stripe, &mut ada, "/checkout/web-monthly", GOOD).await;
    ada.get(&back).await;
    stripe.lose_answers(1);
    paper.go_to("2026-12-24T09:00:00Z").await;
    assert_eq!((stripe.payments_made(), payments(&paper).await), (1, vec![1200]));
    let later = paper.now() + SignedDuration::from_hours(1);
    assert_eq!(paper.store.open_charges(later, 9).await.expect("read").len(), 1, "it stays open");
    paper.go_to("2026-12-24T09:11:00Z").await;
    assert_eq!((stripe.payments_made(), payments(&paper).await), (1, vec![1200, 1200]));
}

#[tokio::test]
async fn repeated_late_shuffled_and_forged_messages_change_nothing() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut sessions = Vec::new();
    for number in 0..6 {
        let mut reader = paper.browser();
        sign_in(&paper, &mut reader, &format!("reader{number}@example.org"), "/").await;
        let session = open_session(&mut reader, "/checkout/web-monthly", "").await;
        // Every third reader does not pay.
        if number % 3 != 2 {
            assert!(stripe.pay(&session, GOOD).await);
        }
        sessions.push(session);
    }
    let mut events: Vec<(String, String)> = Vec::new();
    for (number, session) in (1_u32..).zip(&sessions) {
        for _ in 0..3 {
            events.push(completed(number, session, paper.now()));
        }
        let object = json!({ "id": "pi_1", "object": "payment_intent", "metadata": { "order": format!("{number}-0-0") } });
        events.push(message(
            &format!("evt_order_{number}"),
            "payment_intent.succeeded",
            &object,
            paper.now().as_second(),
        ));
    }
    events.shuffle(&mut StdRng::seed_from_u64(7));
    for event in &events {
        assert_eq!(send(&paper, event).await.status, StatusCode::OK);
    }
    let emails = paper.store.emails(200).await.expect("emails");
    let receipts = emails.iter().filter(|email| email.kind == "receipt").count();
    assert_eq!(receipts, 4);

    let (body, signature) = completed(99, &sessions[2], paper.now());
    let late = completed(99, &sessions[2], paper.now() - SignedDuration::from_mins(6));
    for forged in [
        (body.clone(), sign(&body, "whsec_guessed", paper.now().as_second())),
        (format!("{body} "), signature.clone()),
        (body.clone(), String::new()),
        late,
    ] {
        assert_eq!(send(&paper, &forged).await.status, StatusCode::BAD_REQUEST);
    }
    // What a message says is not believed: that session was not paid.
    assert_eq!(send(&paper, &(body, signature)).await.status, StatusCode::OK);
    let emails = paper.store.emails(200).await.expect("emails");
    assert_eq!(emails.iter().filter(|email| email.kind == "receipt").count(), 4);
}

#[tokio::test]
async fn messages_that_localstripe_signs_are_accepted() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = paper.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    // Its messages are of today, whatever day the newspaper is on.
    paper.set_clock(&Timestamp::now().to_string());
    stripe.send_messages_to(&format!("http://{address}/webhooks/stripe")).await;
    let mut ada = ada(&paper).await;
    let (_, back) = pay(&stripe, &mut ada, "/checkout/web-monthly", GOOD).await;
    ada.get(&back).await;
    for _ in 0..100 {
        if paper.store.webhooks().await.expect("read") > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no message was heard");
}

/// A body of which nothing ever comes.
fn silent() -> Body {
    Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>())
}

#[tokio::test]
async fn slow_senders_of_one_network_keep_no_message_of_another_out() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let post = |from: [u8; 4], body: Body| {
        let router = paper.router.clone();
        let request = Request::post("/webhooks/stripe").header("host", "paper.example");
        let request = request.extension(ClientIp(from.into())).body(body).expect("a request");
        async move { router.oneshot(request).await.expect("an answer").status() }
    };
    let (attacker, other) = ([203, 0, 113, 7], [198, 51, 100, 7]);
    assert_eq!(post(attacker, vec![b'x'; 300_000].into()).await, StatusCode::PAYLOAD_TOO_LARGE);
    let slow: Vec<_> = (0..300).map(|_| tokio::spawn(post(attacker, silent()))).collect();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let (waiting, refused): (Vec<_>, Vec<_>) =
        slow.into_iter().partition(|slow| !slow.is_finished());
    assert_eq!(waiting.len(), 16, "one network has a part of the places");
    for refused in refused {
        assert_eq!(refused.await.expect("ended"), StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(post(attacker, Body::empty()).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(post(other, Body::empty()).await, StatusCode::BAD_REQUEST, "unsigned");
    let session = open_session(&mut ada(&paper).await, "/checkout/winter", "").await;
    let signed = completed(1, &session, paper.now());
    assert_eq!(send_from(&paper, "198.51.100.7", &signed).await.status, StatusCode::OK);
    for waiting in waiting {
        assert_eq!(waiting.await.expect("ended"), StatusCode::REQUEST_TIMEOUT);
    }
    assert_eq!(post(attacker, Body::empty()).await, StatusCode::BAD_REQUEST, "places are free");
}

#[tokio::test]
async fn another_checkout_of_an_offer_closes_the_first_at_stripe() {
    let stripe = StripeDouble::start().await;
    let paper = paper(&stripe).await;
    let mut ada = ada(&paper).await;
    let first = open_session(&mut ada, "/checkout/few", "code=FEW").await;
    let second = open_session(&mut ada, "/checkout/few", "code=FEW").await;
    assert_eq!(paper.store.redemptions().await.expect("read"), [("few".to_owned(), 1)]);
    paper.go_to("2026-11-24T09:01:30Z").await;
    assert_eq!(stripe.session(&first)["status"], "expired");
    assert_eq!(stripe.session(&second)["status"], "open");
    paper.go_to("2026-11-24T09:03:00Z").await;
    let open = paper.store.open_checkouts(paper.now(), 9).await.expect("read");
    assert_eq!(open.iter().map(|open| open.reference.as_str()).collect::<Vec<_>>(), [second]);
}
