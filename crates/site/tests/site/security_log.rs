//! What the site writes to the security log.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::{Method, StatusCode};
use masthead_circulation::staff::Role;
use masthead_payments::stripe::StripeAccount;
use masthead_publication::Publication;
use masthead_site::Settings;
use masthead_telemetry::{lines::LineWriter, security::SecurityLog};
use masthead_test_support::{
    captured::Captured,
    stripe::{SECRET_KEY, WEBHOOK_SECRET},
};
use serde_json::Value;
use tracing::{
    Event, Level, Metadata, Subscriber,
    instrument::WithSubscriber,
    span::{Attributes, Id, Record},
};

use crate::{
    newspaper::{Browser, Newspaper},
    post::{ask, code, latest, link, sign_in},
    shop::{ADA, DOOR, buy, sells},
    staff::let_in,
};

/// A newspaper with a security log.
struct Logged {
    paper: Newspaper,
    log: SecurityLog,
    lines: Captured,
}

impl Logged {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::of(|_| {}, change).await
    }

    async fn selling() -> Self {
        Self::of(sells, |_| {}).await
    }

    async fn of(
        publish: impl FnOnce(&mut Publication),
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let lines = Captured::default();
        let writer = LineWriter::start("security-log", lines.clone()).expect("a thread");
        let log = SecurityLog::to(writer);
        let own = log.clone();
        let paper = Newspaper::open_with(publish, None, |settings| {
            settings.security_log = own;
            change(settings);
        })
        .await;
        Self { paper, log, lines }
    }

    /// A browser at 203.0.113.9, behind a proxy that numbers requests.
    fn browser(&self) -> Browser {
        self.paper.browser().from("203.0.113.9").sending("x-request-id", "r-1")
    }

    /// Returns the entries since the last call, as "event outcome detail", and checks what all must have.
    fn entries(&self) -> Vec<String> {
        self.log.flush();
        let entries = self.lines.json();
        self.lines.clear();
        let word = |entry: &Value, key: &str| entry[key].as_str().unwrap_or("-").to_owned();
        let words = |entry: &Value| {
            assert!(entry["time"].is_string(), "{entry}");
            ["event", "outcome", "detail"].map(|key| word(entry, key)).join(" ")
        };
        entries.iter().map(words).collect()
    }
}

#[tokio::test]
async fn sign_ins_are_logged_with_account_network_and_method_and_without_address_or_secret() {
    let logged = Logged::new().await;
    let mut ada = logged.browser();
    let mail = ask(&logged.paper, &mut ada, ADA, "/").await;
    ada.post("/sign-in/code", "code=000000").await;
    ada.get(&link(&mail)).await;
    logged.log.flush();
    let (text, entries) = (logged.lines.text(), logged.lines.json());
    for secret in [ADA, "ada", &code(&mail), link(&mail).rsplit('/').next().expect("a secret")] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(!text.contains("203.0.113.9"), "{text}");
    for entry in &entries {
        assert_eq!(
            (&entry["network"], &entry["request"]),
            (&"203.0.113.0/24".into(), &"r-1".into())
        );
    }
    let account = logged.paper.store.account_at(&ADA.parse().expect("an address")).await;
    let account = account.expect("asked").expect("registered");
    assert_eq!(entries[1]["account"], account.id.0);
    assert_eq!(entries[1]["subject"], "reader");
    assert_eq!(logged.entries(), ["sign-in failure code", "sign-in success link"]);
}

#[tokio::test]
async fn sign_ins_that_fail_are_logged_whatever_the_method() {
    let logged = Logged::new().await;
    let mut eve = logged.browser();
    let unknown = "A".repeat(43);
    eve.get(&format!("/sign-in/with/{unknown}")).await;
    eve.post("/sign-in/code", "code=000000").await;
    eve.post("/sign-in/passkey", "challenge=a&answer=b").await;
    eve.get("/sign-in/openid/nobody/answer?code=a&state=b").await;
    assert_eq!(
        logged.entries(),
        [
            "sign-in failure link",
            "sign-in failure code",
            "sign-in failure passkey",
            "sign-in failure openid"
        ]
    );
}

#[tokio::test]
async fn what_readers_do_to_their_account_is_logged() {
    let logged = Logged::new().await;
    let mut ada = logged.browser();
    sign_in(&logged.paper, &mut ada, ADA, "/").await;
    ada.get("/account/data.json").await;
    ada.post("/account/sessions/end", "").await;
    sign_in(&logged.paper, &mut ada, ADA, "/").await;
    ada.post("/account/deletion", "sure=yes").await;
    assert_eq!(
        logged.entries(),
        [
            "sign-in success link",
            "own-data-exported success -",
            "sessions-ended success -",
            "sign-in success link",
            "account-deleted success -",
        ]
    );
}

#[tokio::test]
async fn what_says_where_a_reader_is_or_what_they_read_is_logged() {
    let logged = Logged::new().await;
    let mut ada = logged.browser();
    sign_in(&logged.paper, &mut ada, ADA, "/").await;
    ada.post("/account/following/feed", "").await;
    ada.post("/account/delivery", DOOR).await;
    ada.post("/account/delivery", "delivery_name=&delivery_lines=").await;
    ada.post("/account/delivery/removal", "").await;
    for _ in 0..6 {
        ada.post("/account/address", "email=ada%2Bnew%40example.org").await;
        ada.get("/account/data.json").await;
    }
    assert_eq!(
        logged.entries(),
        [
            "sign-in success link",
            "feed-renewed success -",
            "delivery-changed success -",
            "delivery-changed success -",
            "own-data-exported success -",
            "own-data-exported success -",
            "own-data-exported success -",
            "own-data-exported success -",
            "own-data-exported success -",
            "rate-limited failure address-changes",
            "rate-limited failure exports",
        ]
    );
}

#[tokio::test]
async fn a_cancellation_by_link_is_logged_with_the_account() {
    let logged = Logged::selling().await;
    let mut ada = logged.browser();
    sign_in(&logged.paper, &mut ada, ADA, "/").await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let mut stranger = logged.browser();
    stranger.post("/cancel", "email=ada%40example.org").await;
    logged.paper.site.finish_background_work().await;
    let path = link(&latest(&logged.paper, ADA, "cancellation").await);
    logged.entries();
    stranger.post(&path, "").await;
    assert_eq!(logged.entries(), Vec::<String>::new(), "nothing was chosen");
    stranger.post(&path, "all=yes").await;
    logged.log.flush();
    let entry = logged.lines.json().remove(0);
    assert_eq!((&entry["event"], &entry["account"]), (&"ended-by-link".into(), &1.into()));
}

#[tokio::test]
async fn apps_and_their_tokens_are_logged() {
    let logged = Logged::new().await;
    let mut ada = logged.browser();
    sign_in(&logged.paper, &mut ada, ADA, "/").await;
    let mut app = logged.browser();
    let asked = app.post("/api/v1/app", "name=Reader").await;
    let codes: Value = serde_json::from_str(&asked.text()).expect("JSON");
    let user_code = codes["user_code"].as_str().expect("a code");
    let let_in = ada.post("/sign-in/app", &format!("code={user_code}&answer=yes")).await;
    assert_eq!(let_in.status, StatusCode::OK, "{}", let_in.text());
    let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";
    let device_code = codes["device_code"].as_str().expect("a code");
    let form = format!("grant_type={grant}&device_code={device_code}");
    let token: Value =
        serde_json::from_str(&app.post("/api/v1/app/token", &form).await.text()).expect("JSON");
    let bearer = format!("Bearer {}", token["access_token"].as_str().expect("a token"));
    let mut app = logged.browser().sending("authorization", &bearer);
    app.ask(&Method::DELETE, "/api/v1/session").await;
    assert_eq!(
        logged.entries(),
        [
            "sign-in success link",
            "app-answered success approved",
            "token-issued success -",
            "token-revoked success -"
        ]
    );
}

#[tokio::test]
async fn attempts_that_fail_hide_no_sign_in() {
    let logged = Logged::new().await;
    let mut ada = logged.browser();
    let mail = ask(&logged.paper, &mut ada, ADA, "/").await;
    let unknown = "A".repeat(43);
    let mut eve = logged.browser();
    for _ in 0..100 {
        eve.get(&format!("/sign-in/with/{unknown}")).await;
    }
    ada.get(&link(&mail)).await;
    let entries = logged.entries();
    assert!(entries.len() > 60, "failures are logged as well");
    assert_eq!(entries.last().map(String::as_str), Some("sign-in success link"));
}

#[tokio::test]
async fn staff_who_were_readers_before_sign_in_as_staff() {
    let logged = Logged::new().await;
    let mut ada = logged.browser();
    sign_in(&logged.paper, &mut ada, ADA, "/").await;
    ada.get("/account").await;
    let account = let_in(&logged.paper, Role::Editor).await;
    sign_in(&logged.paper, &mut ada, ADA, "/").await;
    logged.paper.refresh().await;
    sign_in(&logged.paper, &mut ada, ADA, "/").await;
    logged.paper.store.dismiss(&account, None, logged.paper.now()).await.expect("dismissed");
    sign_in(&logged.paper, &mut ada, ADA, "/").await;
    logged.log.flush();
    let subjects: Vec<Value> =
        logged.lines.json().iter().map(|entry| entry["subject"].clone()).collect();
    assert_eq!(subjects, ["reader", "staff", "staff", "reader"]);
}

/// Counts the warnings of the normal log.
#[derive(Clone, Default)]
struct Warnings(Arc<AtomicUsize>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn forged_webhooks_are_logged_and_fill_no_log() {
    let logged = Logged::with(|settings| {
        let account = StripeAccount {
            secret_key: SECRET_KEY.into(),
            webhook_secret: WEBHOOK_SECRET.into(),
            tax: false,
            api: None,
        };
        let stripe = masthead_payments::Stripe::new(account).expect("Stripe");
        settings.processors = vec![Arc::new(stripe)];
    })
    .await;
    let warnings = Warnings::default();
    let mut eve = logged.browser();
    async {
        for _ in 0..70 {
            assert_eq!(eve.post("/webhooks/stripe", "{}").await.status, StatusCode::BAD_REQUEST);
        }
    }
    .with_subscriber(warnings.clone())
    .await;
    assert_eq!(logged.entries(), vec!["webhook-refused failure stripe"; 60]);
    assert_eq!(warnings.0.load(Ordering::Relaxed), 1, "one line a minute");
}

#[tokio::test]
async fn limits_and_hosts_are_logged_and_a_flood_is_counted() {
    let logged = Logged::new().await;
    let mut eve = logged.browser();
    for _ in 0..70 {
        eve.post("/sign-in/code", "code=000000").await;
    }
    let entries = logged.entries();
    let limited = entries.iter().filter(|entry| *entry == "rate-limited failure forms").count();
    assert_eq!((entries.len(), limited), (70, 10), "{entries:?}");
    for _ in 0..100 {
        eve.clone().sending("host", "a b@c").get("/").await;
    }
    logged.log.flush();
    let written = logged.lines.json();
    assert!((60..100).contains(&written.len()), "{}", written.len());
    assert!(written.iter().all(|entry| entry["detail"] == "malformed"));
    let mut other = logged.paper.browser().from("198.51.100.7").sending("host", "a b@c");
    other.get("/").await;
    logged.log.flush();
    let written = logged.lines.json();
    assert_eq!(written.last().expect("an entry")["network"], "198.51.100.0/24");
    let left_out: u64 = written.iter().filter_map(|entry| entry["left_out"].as_u64()).sum();
    assert_eq!(written.len() as u64 + left_out, 101, "each is written or counted");
}
