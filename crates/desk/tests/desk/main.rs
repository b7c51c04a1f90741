//! The desk, tested through its real router.

#![allow(clippy::expect_used, clippy::panic)]

mod experiments;
mod figures;
mod fronts;
mod home;
mod joining;
mod messages;
mod meter;
mod newsroom;
mod offers;
mod people;
mod products;
mod reader_view;
mod readers;
mod routes;
mod sections;
mod support_actions;
mod tasks;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use async_trait::async_trait;
use axum::{Router, body::Body, response::Response};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::{
    Policy,
    message::{Locale, Message, Messages},
    robots::Crawlers,
    token::Keyring,
};
use masthead_circulation::{
    Account, AccountId, EmailAddress, Secret, Session, StaffActor, SubscriptionId,
    staff::{Invitation, Role},
};
use masthead_desk::{ActionError, DeskServices, DeskState, SettingsStore};
use masthead_editorial::{
    Author, Kind, Piece, Section, SectionStyle, Sponsor, Status, TeaserLength, Topic,
};
use masthead_media::MediaLibrary;
use masthead_publication::{AccountCache, Live, Previews, Publication, SearchIndex, ThemeError};
use masthead_settings::PartChange;
use masthead_store::{Location, Store, Written};
use masthead_web::cookies::Cookies;
use tower::ServiceExt;

const ADDRESS: &str = "http://paper.example";

/// Records the actions for subscribers, in words.
#[derive(Default)]
struct RecordedActions(Mutex<Vec<String>>);

impl RecordedActions {
    fn done(&self, what: String) {
        self.0.lock().expect("actions").push(what);
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().expect("actions").clone()
    }
}

#[async_trait]
impl masthead_desk::SubscriberActions for RecordedActions {
    async fn reset_meter(
        &self,
        reader: &Account,
        staff_actor: StaffActor,
    ) -> Result<(), ActionError> {
        self.done(format!(
            "{} reset for {}: {}",
            reader.email,
            staff_actor.by.map_or(0, |by| by.0),
            staff_actor.reason
        ));
        Ok(())
    }

    async fn cancel(
        &self,
        subscription: SubscriptionId,
        staff_actor: StaffActor,
    ) -> Result<(), ActionError> {
        self.done(format!("S-{} cancelled: {}", subscription.0, staff_actor.reason));
        Ok(())
    }

    async fn refund(
        &self,
        reader: &Account,
        payment: u32,
        amount: &str,
        staff_actor: StaffActor,
    ) -> Result<(), ActionError> {
        let (reader, why) = (&reader.email, staff_actor.reason);
        self.done(format!("{amount} of payment {payment} paid back to {reader}: {why}"));
        Ok(())
    }

    async fn refund_number(
        &self,
        payment: u32,
        amount: &str,
        staff_actor: StaffActor,
    ) -> Result<(), ActionError> {
        self.done(format!("{amount} of payment {payment} paid back: {}", staff_actor.reason));
        Ok(())
    }

    async fn prolong(
        &self,
        subscription: SubscriptionId,
        ends: Timestamp,
        staff_actor: StaffActor,
    ) -> Result<(), ActionError> {
        self.done(format!("S-{} lasts until {ends}: {}", subscription.0, staff_actor.reason));
        Ok(())
    }

    async fn give(
        &self,
        reader: &EmailAddress,
        price: &str,
        until: Option<Timestamp>,
        staff_actor: StaffActor,
    ) -> Result<(), ActionError> {
        match price {
            "web" => {
                self.done(format!("{price} for {reader} until {until:?}: {}", staff_actor.reason));
            }
            "broken" => return Err(ActionError::failed("the disk is full")),
            _ => {
                let fault = "Nothing was changed: there is no such price.";
                return Err(ActionError::Rejected(fault.to_owned()));
            }
        }
        Ok(())
    }
}

/// Saves settings in the database. What is in force is changed by [`TestDesk::put_in_force`], as the configuration file
/// is read by the binary.
struct StoredSettings(Store, Arc<Mutex<Option<String>>>);

#[async_trait]
impl SettingsStore for StoredSettings {
    fn own_messages(&self) -> Result<Vec<Message>, ActionError> {
        Ok(Vec::new())
    }

    fn reload_error(&self) -> Option<String> {
        self.1.lock().expect("an error").clone()
    }

    async fn set(
        &self,
        change: &PartChange,
        version: i32,
        when: (AccountId, Timestamp),
    ) -> Result<Written, ActionError> {
        let part = change.part();
        let text = change.to_toml().map_err(ActionError::failed)?;
        self.0.set(part.name(), version, &text, when).await.map_err(ActionError::failed)
    }
}

/// A publication with two sections, one product, and a meter of 3 articles a month, or 5 with an account.
fn publication() -> Publication {
    let section = |slug: &str, name: &str| SectionStyle {
        slug: slug.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        color: String::new(),
    };
    Publication {
        settings_fingerprint: 0,
        name: "The Paper".to_owned(),
        tagline: String::new(),
        address: ADDRESS.to_owned(),
        locale: Locale::new("en").expect("a locale"),
        policy: Policy::new(TimeZone::UTC),
        messages: Messages::default(),
        experiment: None,
        sections: vec![section("town", "Town"), section("sport", "Sport")],
        fronts: Vec::new(),
        teaser: TeaserLength::Paragraphs(2),
        crawlers: Crawlers::new(Vec::new()),
        trusted_proxies: Vec::new(),
        is_demo: false,
        catalogue: offers::catalogue(),
        grace: SignedDuration::from_hours(36),
        seller: String::new(),
        transfer: String::new(),
    }
}

/// A published article in Town, on the topic of tides.
fn article(slug: &str, headline: &str) -> Piece {
    Piece {
        slug: slug.to_owned(),
        kind: Kind::Article("article".to_owned()),
        status: Status::Published,
        section: Some(Section { slug: "town".to_owned(), name: "Town".to_owned() }),
        kicker: String::new(),
        headline: headline.to_owned(),
        deck: String::new(),
        authors: vec![Author {
            slug: "ada-quill".to_owned(),
            name: "Ada Quill".to_owned(),
            ..Author::default()
        }],
        dateline: String::new(),
        picture: None,
        body: "<p>It stands.</p><p>There is a treasure under it.</p><p>Nobody has it.</p>"
            .to_owned(),
        topics: vec![Topic { slug: "tides".to_owned(), name: "Tides".to_owned() }],
        tier: None,
        sponsor: None,
        published: Some("2026-11-20T09:00:00Z".parse().expect("a time")),
        updated: None,
        corrections: Vec::new(),
        canonical: None,
        language: None,
        former_addresses: vec![format!("/old/{slug}")],
    }
}

/// A desk on a real database with the real live state, and its clock.
struct TestDesk {
    router: Router,
    store: Store,
    live: Arc<Live>,
    search: Arc<SearchIndex>,
    clock: Arc<AtomicI64>,
    actions: Arc<RecordedActions>,
    tasks: Arc<masthead_telemetry::TaskRegistry>,
    reload_error: Arc<Mutex<Option<String>>>,
    _folder: tempfile::TempDir,
}

impl TestDesk {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        Self::at(&location, folder).await
    }

    async fn open_on_postgres() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        Self::at(&Location::Postgres(masthead_test_support::postgres::database()), folder).await
    }

    async fn at(location: &Location, folder: tempfile::TempDir) -> Self {
        let store = Store::open(location).await.expect("a database");
        let store = store.with_keys(&Keyring::generate(&mut rand::rng()));
        let clock = Arc::new(AtomicI64::new(1_800_000_000));
        let time = Arc::clone(&clock);
        let time = Arc::new(move || at(time.load(Ordering::SeqCst)));
        let live = Live::open(publication(), store.clone(), None, 1 << 20, time).await;
        let live = live.expect("a live state");
        let accounts = Arc::new(AccountCache::new(store.clone(), 100));
        let index = Some(folder.path().join("search"));
        let search = Arc::new(SearchIndex::new(Arc::clone(&live), store.clone(), index));
        let actions = Arc::new(RecordedActions::default());
        let tasks = Arc::default();
        let reload_error = Arc::default();
        let desk = DeskState::new(DeskServices {
            store: store.clone(),
            live: Arc::clone(&live),
            previews: Arc::new(Previews::new(Arc::clone(&live), store.clone(), accounts)),
            search: Arc::clone(&search),
            actions: Arc::clone(&actions) as Arc<dyn masthead_desk::SubscriberActions>,
            settings: Arc::new(StoredSettings(store.clone(), Arc::clone(&reload_error))),
            media: Arc::new(MediaLibrary::in_folder(folder.path()).expect("a folder")),
            cookies: Cookies::new(false),
            outbox_wakeup: Arc::default(),
            tasks: Arc::clone(&tasks),
        });
        let router = masthead_desk::routes::router(&desk);
        Self { router, store, live, search, clock, actions, tasks, reload_error, _folder: folder }
    }

    /// Publishes the first article, about the bridge, and the second, which a sponsor has paid for.
    async fn publish_articles(&self) {
        let mut paid = article("paid", "Paid");
        paid.sponsor =
            Some(Sponsor { name: "The Ropeworks".to_owned(), disclosure: "Paid for.".to_owned() });
        self.store.save(&article("bridge", "The <bridge>")).await.expect("saved");
        self.store.save(&paid).await.expect("saved");
        self.live.refresh().await.expect("refreshed");
    }

    /// Puts changed settings in force.
    async fn put_in_force(&self, change: impl FnOnce(&mut Publication)) {
        let mut publication = publication();
        change(&mut publication);
        let loaded = self.live.update_settings(async |_| Ok::<_, ThemeError>(publication)).await;
        loaded.expect("in force");
    }

    fn now(&self) -> Timestamp {
        at(self.clock.load(Ordering::SeqCst))
    }

    fn wait(&self, time: SignedDuration) {
        self.clock.fetch_add(time.as_secs(), Ordering::SeqCst);
    }

    /// The address of an invitation that was not sent.
    async fn link(&self, to: Option<&str>, role: Role) -> String {
        let secret = Secret::generate(&mut rand::rng());
        let invitation = Invitation {
            key: secret.digest(),
            email: to.map(email),
            role,
            by: None,
            at: self.now(),
        };
        self.store.invite(&invitation, &[]).await.expect("invited");
        format!("/desk/join/{secret}")
    }

    /// A member of the staff, and their session cookie.
    async fn staff(&self, at: &str, role: Role) -> (Account, String) {
        let link = self.link(Some(at), role).await;
        let answer = self.post(&link, "", "name=").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let account = self.store.account_at(&email(at)).await.expect("asked").expect("joined");
        (account, cookie(&answer))
    }

    /// The session cookie of a reader.
    async fn reader(&self, at: &str) -> String {
        let (account, _) = self.store.register(&email(at), self.now()).await.expect("registered");
        let secret = Secret::generate(&mut rand::rng());
        let (key, now) = (secret.digest(), self.now());
        let session =
            Session { key, account: account.id, device: String::new(), begun: now, seen: now };
        self.store.create_session(&session).await.expect("signed in");
        format!("masthead-session={secret}")
    }

    async fn get(&self, path: &str, cookie: &str) -> Response {
        self.send(Request::get(path).header(header::COOKIE, cookie), Body::empty()).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> Response {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(form.to_owned())).await
    }

    async fn send(&self, request: http::request::Builder, body: Body) -> Response {
        let request = request.body(body).expect("a request");
        self.router.clone().oneshot(request).await.expect("an answer")
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("an instant")
}

fn email(text: &str) -> EmailAddress {
    text.parse().expect("an address")
}

/// The cookie that a response sets, as a browser sends it back.
fn cookie(answer: &Response) -> String {
    let set = answer.headers()[header::SET_COOKIE].to_str().expect("text");
    set.split(';').next().expect("a pair").to_owned()
}

fn leads_to(answer: &Response) -> &str {
    answer.headers().get(header::LOCATION).map_or("", |to| to.to_str().expect("text"))
}

async fn text(answer: Response) -> String {
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(body.to_vec()).expect("UTF-8")
}
