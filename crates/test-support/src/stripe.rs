//! A test double for Stripe: the Python program `localstripe`, with a front end for what it lacks
//! according to the API reference: Checkout Sessions, idempotency keys, and outages.

mod lists;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::Client, client::legacy::connect::HttpConnector, rt::TokioExecutor,
};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::python::Program;

/// The secret for signing webhooks.
pub const WEBHOOK_SECRET: &str = "whsec_proof";
/// The secret API key.
pub const SECRET_KEY: &str = "sk_test_proof";

/// `localstripe`'s own command would listen on all interfaces.
const START: &str = "from aiohttp import web; from localstripe.server import app;";

type Form = Vec<(String, String)>;

/// Stripe, for one test.
#[derive(Clone)]
pub struct StripeDouble(Arc<StripeState>);

struct StripeState {
    address: SocketAddr,
    localstripe: String,
    client: Client<HttpConnector, Full<Bytes>>,
    sessions: Mutex<HashMap<String, Value>>,
    /// The responses by idempotency key. `None` while the first request is being processed.
    answers: Mutex<HashMap<String, Option<(StatusCode, Bytes)>>>,
    down: AtomicBool,
    /// So many answers to come are unreadable, though the request was processed.
    unreadable: AtomicU32,
    /// Why refunds are refused; empty if they are made.
    refusal: Mutex<String>,
    /// Whether the search knows nothing that was made.
    search_lags: AtomicBool,
    /// What it says of disputes.
    disputes: Mutex<HashMap<String, Value>>,
    /// Whether the refunds so far have failed after they were made.
    refunds_failed: AtomicBool,
    next: AtomicU32,
    created: AtomicU32,
    _program: Program,
}

impl StripeDouble {
    /// Starts the double.
    pub async fn start() -> Self {
        let port = crate::free_port();
        let start = format!("{START} web.run_app(app, host='127.0.0.1', port={port})");
        let program = Program::start("localstripe", &["-c", &start]);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let double = Self(Arc::new(StripeState {
            address: listener.local_addr().expect("an address"),
            localstripe: format!("http://127.0.0.1:{port}"),
            client: Client::builder(TokioExecutor::new()).build_http(),
            sessions: Mutex::default(),
            answers: Mutex::default(),
            down: AtomicBool::new(false),
            unreadable: AtomicU32::new(0),
            refusal: Mutex::default(),
            search_lags: AtomicBool::new(false),
            disputes: Mutex::default(),
            refunds_failed: AtomicBool::new(false),
            next: AtomicU32::new(1),
            created: AtomicU32::new(0),
            _program: program,
        }));
        let router = Router::new().fallback(front).with_state(double.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        for _ in 0..200 {
            if double.localstripe(&Method::GET, "/v1/customers", Vec::new()).await.is_some() {
                return double;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("localstripe did not start");
    }

    /// Returns the URL of its API.
    pub fn api(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// Starts or ends an outage.
    pub fn go_down(&self, down: bool) {
        self.0.down.store(down, Ordering::Relaxed);
    }

    /// Processes the next requests that create something, and answers them with the page of a load balancer.
    pub fn lose_answers(&self, number: u32) {
        self.0.unreadable.store(number, Ordering::Relaxed);
    }

    /// Refuses refunds with this message from now on, or makes them if it is empty.
    pub fn refuse_refunds(&self, message: &str) {
        message.clone_into(&mut self.0.refusal.lock().expect("a lock"));
    }

    /// Has the search lag behind, or not any more.
    pub fn delay_search(&self, lags: bool) {
        self.0.search_lags.store(lags, Ordering::Relaxed);
    }

    /// All refunds fail after they were made, as a bank may still have them do after days.
    pub fn fail_refunds(&self) {
        self.0.refunds_failed.store(true, Ordering::Relaxed);
    }

    /// Returns how many Payment Intents were created, not counting repeated idempotency keys.
    pub fn payments_made(&self) -> u32 {
        self.0.created.load(Ordering::Relaxed)
    }

    /// Forgets all idempotency keys, as Stripe does after a day.
    pub fn forget_keys(&self) {
        self.0.answers.lock().expect("a lock").clear();
    }

    /// Pays a Checkout Session with a card, as the reader's browser and Stripe's page do. Returns
    /// `false` if the card is declined.
    pub async fn pay(&self, session: &str, number: &str) -> bool {
        let form = self.session(session)["form"].clone();
        let field = |name: &str| form[name].as_str().map(str::to_owned);
        let customer = match field("customer") {
            Some(customer) => customer,
            None => {
                let email = field("customer_email").expect("an address");
                id(&self.make("/v1/customers", vec![("email", &email)]).await)
            }
        };
        let card = vec![
            ("type", "card"),
            ("card[number]", number),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2031"),
            ("card[cvc]", "123"),
        ];
        let method = self.make("/v1/payment_methods", card).await;
        let method_id = id(&method);
        let attach = format!("/v1/payment_methods/{method_id}/attach");
        if self.make(&attach, vec![("customer", &customer)]).await.get("error").is_some() {
            return false;
        }
        let pays = field("mode").as_deref() == Some("payment");
        let mut paid_with = String::from("expanded");
        if pays {
            let amount = field("line_items[0][price_data][unit_amount]").expect("an amount");
            let currency = field("line_items[0][price_data][currency]").expect("a currency");
            let order = field("payment_intent_data[metadata][order]").expect("an order");
            let intent = vec![
                ("amount", amount.as_str()),
                ("currency", &currency),
                ("customer", &customer),
                ("payment_method", &method_id),
                ("confirm", "true"),
                ("metadata[order]", &order),
            ];
            let made = self.make("/v1/payment_intents", intent).await;
            if made["status"] != "succeeded" {
                return false;
            }
            paid_with = id(&made);
        }
        let mut sessions = self.0.sessions.lock().expect("a lock");
        let session = sessions.get_mut(session).expect("a session");
        session["status"] = json!("complete");
        session["payment_status"] = json!(if pays { "paid" } else { "no_payment_required" });
        session["customer"] = json!(customer);
        let intent = json!({ "id": paid_with, "status": "succeeded", "payment_method": method });
        session[if pays { "payment_intent" } else { "setup_intent" }] = intent;
        true
    }

    /// Completes a Checkout Session without `localstripe`, for tests with many of them.
    pub fn complete(&self, session: &str) {
        let mut sessions = self.0.sessions.lock().expect("a lock");
        let session = sessions.get_mut(session).expect("a session");
        let number = session["id"].as_str().unwrap_or_default().replace("cs_test", "cus");
        let card = json!({ "brand": "visa", "last4": "4242", "exp_year": 2031, "exp_month": 12 });
        session["status"] = json!("complete");
        session["payment_status"] = json!("paid");
        session["customer"] = json!(number);
        session["payment_intent"] = json!({ "payment_method": { "id": "pm_1", "card": card } });
    }

    /// Expires a Checkout Session.
    pub fn expire(&self, session: &str) {
        let mut sessions = self.0.sessions.lock().expect("a lock");
        sessions.get_mut(session).expect("a session")["status"] = json!("expired");
    }

    /// Returns the ids of all sessions, latest last.
    pub fn sessions(&self) -> Vec<String> {
        let mut ids: Vec<String> =
            self.0.sessions.lock().expect("a lock").keys().cloned().collect();
        ids.sort();
        ids
    }

    /// Returns a session, with the form that created it.
    pub fn session(&self, session: &str) -> Value {
        self.0.sessions.lock().expect("a lock").get(session).cloned().expect("a session")
    }

    /// Makes `localstripe` send its webhooks to an address.
    pub async fn send_messages_to(&self, address: &str) {
        let form = vec![("url", address), ("secret", WEBHOOK_SECRET)];
        self.make("/_config/webhooks/proof", form).await;
    }

    async fn make(&self, path: &str, form: Vec<(&str, &str)>) -> Value {
        let form = form.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let answer = self.localstripe(&Method::POST, path, form).await.expect("an answer");
        serde_json::from_slice(&answer.1).unwrap_or_default()
    }

    async fn localstripe(
        &self,
        method: &Method,
        path: &str,
        form: Form,
    ) -> Option<(StatusCode, Bytes)> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.0.localstripe))
            .header("authorization", format!("Bearer {SECRET_KEY}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(body)))
            .expect("a request");
        let answer = self.0.client.request(request).await.ok()?;
        let status = answer.status();
        Some((status, answer.into_body().collect().await.ok()?.to_bytes()))
    }

    fn new_session(&self, form: &Form) -> Value {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let id = format!("cs_test_{number:06}");
        let form: serde_json::Map<String, Value> =
            form.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let session = json!({
            "id": id,
            "object": "checkout.session",
            "url": format!("{}/pay/{id}", self.api()),
            "status": "open",
            "payment_status": "unpaid",
            "customer": null,
            "payment_intent": null,
            "setup_intent": null,
            "form": form,
        });
        self.0.sessions.lock().expect("a lock").insert(id, session.clone());
        session
    }

    async fn answer(&self, method: &Method, path: &str, body: &[u8]) -> (StatusCode, Bytes) {
        let form: Form = form_urlencoded::parse(body).into_owned().collect();
        let bare = path.split('?').next().unwrap_or_default();
        let json = |value: &Value| (StatusCode::OK, Bytes::from(value.to_string()));
        if method == Method::POST && bare == "/v1/checkout/sessions" {
            return json(&self.new_session(&form));
        }
        if let Some(session) = bare.strip_prefix("/v1/checkout/sessions/") {
            return match session.strip_suffix("/expire") {
                Some(session) => self.close(session),
                None => json(&self.session(session)),
            };
        }
        if bare == "/v1/disputes" {
            return self.list_disputes(path).await;
        }
        if let Some(dispute) = bare.strip_prefix("/v1/disputes/") {
            return self.known_dispute(dispute);
        }
        if bare == "/v1/payment_intents/search" {
            return self.search(path).await;
        }
        if method == Method::GET && bare == "/v1/payment_intents" {
            return self.intents_of(path).await;
        }
        if bare == "/v1/refunds" {
            return match *method {
                Method::POST => self.refund(form).await,
                _ if path.contains("payment_intent=") => self.refunds_of(path).await,
                _ => self.list_refunds(path).await,
            };
        }
        if method == Method::POST && bare == "/v1/payment_intents" {
            self.0.created.fetch_add(1, Ordering::Relaxed);
        }
        self.localstripe(method, path, form)
            .await
            .unwrap_or((StatusCode::BAD_GATEWAY, Bytes::new()))
    }

    /// Expires a Checkout Session for its owner, as long as it is open.
    fn close(&self, session: &str) -> (StatusCode, Bytes) {
        if self.session(session)["status"] != "open" {
            let message = "Only Checkout Sessions with a status in [\"open\"] can be expired.";
            return refused(message);
        }
        self.expire(session);
        (StatusCode::OK, Bytes::from(self.session(session).to_string()))
    }
}

/// Answers a request, and does what it asks for also if its client is gone meanwhile.
async fn front(State(double): State<StripeDouble>, request: Request) -> Response {
    tokio::spawn(respond(double, request)).await.expect("an answer")
}

async fn respond(double: StripeDouble, request: Request) -> Response {
    let answer = |status: StatusCode, body: Bytes| {
        let mut answer = Response::new(Body::from(body));
        *answer.status_mut() = status;
        answer
    };
    if double.0.down.load(Ordering::Relaxed) {
        let down = json!({ "error": { "type": "api_error", "message": "Stripe is down." } });
        return answer(StatusCode::SERVICE_UNAVAILABLE, down.to_string().into());
    }
    let (parts, body) = request.into_parts();
    let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let key = key.map(str::to_owned);
    if let Some(key) = &key {
        let known = {
            let mut answers = double.0.answers.lock().expect("a lock");
            let known = answers.get(key).cloned();
            answers.entry(key.clone()).or_default();
            known
        };
        match known {
            Some(Some((status, body))) => return answer(status, body),
            Some(None) => {
                let in_use =
                    json!({ "error": { "type": "idempotency_error", "message": "It is in use." } });
                return answer(StatusCode::CONFLICT, in_use.to_string().into());
            }
            None => {}
        }
    }
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let (status, body) = double.answer(&parts.method, &path, &body).await;
    if let Some(key) = key {
        double.0.answers.lock().expect("a lock").insert(key, Some((status, body.clone())));
        let unreadable = &double.0.unreadable;
        let lost = unreadable
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if lost.is_ok() {
            return answer(StatusCode::OK, "<html>Please wait.</html>".into());
        }
    }
    answer(status, body)
}

fn refused(message: &str) -> (StatusCode, Bytes) {
    let error = json!({ "error": { "type": "invalid_request_error", "message": message } });
    (StatusCode::BAD_REQUEST, error.to_string().into())
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap_or_else(|| panic!("no id in {object}")).to_owned()
}

/// Returns a webhook as Stripe sends it, and its signature.
pub fn message(id: &str, kind: &str, object: &Value, at: i64) -> (String, String) {
    let body = json!({
        "id": id,
        "object": "event",
        "type": kind,
        "created": at,
        "data": { "object": object },
    });
    let body = body.to_string();
    let signature = sign(&body, WEBHOOK_SECRET, at);
    (body, signature)
}

/// Returns the `Stripe-Signature` header for a body.
pub fn sign(body: &str, secret: &str, at: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}
