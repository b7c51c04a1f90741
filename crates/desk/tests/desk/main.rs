//! The desk, tested through its real router.

#![allow(clippy::expect_used, clippy::panic)]

mod article_imports;
mod assignment;
mod audit;
mod authors;
mod backups;
mod beginning;
mod bounded_work;
mod breaking;
mod commenting;
mod debts_and_disputes;
mod embeds;
mod experiments;
mod exports;
mod figures;
mod fronts;
mod home;
mod joining;
mod language;
mod live_coverage;
mod logo;
mod long_forms;
mod mail_records;
mod menus;
mod messages;
mod meter;
mod newsroom;
mod notifications;
mod offers;
mod open_forms;
mod outage;
mod own_pages;
mod people;
mod pictures;
mod planning;
mod processor;
mod products;
mod publication;
mod query_count;
mod reader_imports;
mod reader_list;
mod reader_view;
mod readers;
mod redirects;
mod reviewing;
mod routes;
mod second_factor;
mod sections;
mod security_log;
mod support_actions;
mod tasks;
mod topics;
mod uploads;
mod writing;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{Router, body::Body, response::Response};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use masthead_access::token::Keyring;
use masthead_backup::BackupFiles;
use masthead_billing::{Billing, PublicationServices};
use masthead_circulation::{
    Account, EmailAddress, Secret, Session,
    staff::{Invitation, Role},
};
use masthead_desk::{BackupPlace, DeskServices, DeskState, EmbedSites, MailFacts, MailRecordCheck};
use masthead_editorial::{Appearance, Author, Kind, Piece, Section, Sponsor, Status, Topic};
use masthead_media::MediaLibrary;
use masthead_payments::{Processor, SandboxAccess};
use masthead_publication::{
    AccountCache, AudienceCounters, Clock, Live, LiveSettings, Previews, Sales, SearchIndex,
    SettingsSource, settings::LoadError,
};
use masthead_store::{Location, Store};
use masthead_telemetry::{lines::LineWriter, security::SecurityLog};
use masthead_test_support::captured::Captured;
use masthead_web::{
    cookies::Cookies,
    outside::{OutsideClient, OutsideRules},
};
use tower::ServiceExt;

const ADDRESS: &str = "http://paper.example";

/// A publication with two sections, one product, and a meter of 3 articles a month, or 5 with an account.
const CONFIG: &str = r#"[publication]
name = "The Paper"
address = "http://paper.example"
locale = "en"
zone = "UTC"

[subscriptions]
currency = "EUR"
grace = "36 hours"

[[sections]]
slug = "town"
name = "Town"

[[sections]]
slug = "sport"
name = "Sport"

[[products]]
slug = "web"
name = "The Paper online"
channels = ["web"]

[[prices]]
slug = "monthly"
product = "web"
amount = "9"
every = "1 month"

[[offers]]
slug = "spring"
name = "Spring"
price = "monthly"
first = "5"
lasts = "2 months"
for = "new"
ends = 2026-04-30
"#;

/// A published article in Town, on the topic of tides.
fn article(slug: &str, headline: &str) -> Piece {
    Piece {
        slug: slug.to_owned(),
        kind: Kind::Article("article".to_owned()),
        design: None,
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
        appearance: Appearance::default(),
        language: None,
        former_addresses: vec![format!("/old/{slug}")],
    }
}

/// For the servers of tests, which are on this machine and have no certificate.
const LOCAL: OutsideRules =
    OutsideRules { plain_http: true, is_allowed: |address| address.is_loopback() };

/// Servers of tests describe their addresses themselves; no others are asked.
fn local_description(address: &str) -> Option<String> {
    let is_described = address.starts_with("http://127.0.0.1:") && !address.contains(".pdf");
    is_described.then(|| address.to_owned())
}

/// A desk on a real database with the real live state, and its clock.
struct TestDesk {
    router: Router,
    state: Arc<DeskState>,
    store: Store,
    live: Arc<Live>,
    accounts: Arc<AccountCache>,
    search: Arc<SearchIndex>,
    clock: Arc<AtomicI64>,
    tasks: Arc<masthead_telemetry::TaskRegistry>,
    forwarding: Arc<masthead_web::forwarding::ForwardingMonitor>,
    settings: Arc<LiveSettings>,
    media: Arc<MediaLibrary>,
    security_log: SecurityLog,
    /// What was written to it.
    logged: Captured,
    folder: tempfile::TempDir,
}

impl TestDesk {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        Self::at(&location, folder, Sales::Open).await
    }

    async fn open_on_postgres() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let location = Location::Postgres(masthead_test_support::postgres::database());
        Self::at(&location, folder, Sales::Open).await
    }

    async fn open_selling(sales: Sales) -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        Self::at(&location, folder, sales).await
    }

    /// With a payment processor.
    async fn open_with(processor: Arc<dyn Processor>) -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        Self::at_with(&location, folder, Sales::Open, Some(processor)).await
    }

    async fn at(location: &Location, folder: tempfile::TempDir, sales: Sales) -> Self {
        Self::at_with(location, folder, sales, None).await
    }

    async fn at_with(
        location: &Location,
        folder: tempfile::TempDir,
        sales: Sales,
        processor: Option<Arc<dyn Processor>>,
    ) -> Self {
        let store = Store::open(location).await.expect("a database");
        let keys = Keyring::generate(&mut rand::rng());
        let store = store.with_keys(&keys);
        let clock = Arc::new(AtomicI64::new(1_800_000_000));
        let time = Arc::clone(&clock);
        let time: Clock = Arc::new(move || at(time.load(Ordering::SeqCst)));
        let file = folder.path().join("masthead.toml");
        std::fs::write(&file, CONFIG).expect("written");
        let source = SettingsSource { file, theme: None, demo_address: None, sales };
        let settings = LiveSettings::open(source, store.clone(), Arc::clone(&time)).await;
        let (settings, start) = settings.expect("settings");
        let live = Live::open(start, store.clone(), 1 << 20, time).await;
        let live = live.expect("a live state");
        settings.attach(&live);
        let accounts = Arc::new(AccountCache::new(store.clone(), 100));
        let index = Some(folder.path().join("search"));
        let search = Arc::new(SearchIndex::new(Arc::clone(&live), store.clone(), index));
        let counters =
            AudienceCounters::new(Arc::clone(&live), Arc::clone(&accounts), store.clone(), &keys);
        let outbox_wakeup = Arc::default();
        let services = PublicationServices {
            live: Arc::clone(&live),
            accounts: Arc::clone(&accounts),
            counters: Arc::new(counters),
            outbox_wakeup: Arc::clone(&outbox_wakeup),
        };
        let billing = Billing::new(store.clone(), processor, SandboxAccess::Closed, services)
            .expect("billing");
        let tasks = Arc::default();
        let forwarding = Arc::default();
        let logged = Captured::default();
        let lines = LineWriter::start("security-log", logged.clone()).expect("a thread");
        let security_log = SecurityLog::to(lines);
        let media = Arc::new(MediaLibrary::in_folder(folder.path()).expect("a folder"));
        let desk = DeskState::new(DeskServices {
            store: store.clone(),
            live: Arc::clone(&live),
            previews: Arc::new(Previews::new(
                Arc::clone(&live),
                store.clone(),
                Arc::clone(&accounts),
                Arc::clone(&media),
            )),
            search: Arc::clone(&search),
            accounts: Arc::clone(&accounts),
            billing: Arc::new(billing),
            settings: Arc::clone(&settings),
            media: Arc::clone(&media),
            mail_records: MailRecordCheck::new(mail_records::of_tests),
            embeds: EmbedSites::at(OutsideClient::new(LOCAL), local_description),
            cookies: Cookies::new(false),
            outbox_wakeup,
            sends_mail: true,
            mail: MailFacts {
                from: "The Paper <news@paper.example>".into(),
                relay: "mail.paper.example".into(),
                ..MailFacts::default()
            },
            tasks: Arc::clone(&tasks),
            forwarding: Arc::clone(&forwarding),
            security_log: security_log.clone(),
            backups: backup_place(folder.path()),
        });
        let router = masthead_desk::routes::router(&desk);
        Self {
            router,
            state: desk,
            store,
            live,
            accounts,
            search,
            clock,
            tasks,
            forwarding,
            settings,
            media,
            security_log,
            logged,
            folder,
        }
    }

    /// Publishes the first article, about the bridge, and the second, which a sponsor has paid for.
    async fn publish_articles(&self) {
        let mut paid = article("paid", "Paid");
        paid.sponsor =
            Some(Sponsor { name: "The Ropeworks".to_owned(), disclosure: "Paid for.".to_owned() });
        self.store.save(&article("bridge", "The <bridge>"), Timestamp::now()).await.expect("saved");
        self.store.save(&paid, Timestamp::now()).await.expect("saved");
        self.live.refresh().await.expect("refreshed");
    }

    /// Puts another configuration file in force.
    async fn configure(&self, file: &str) -> Result<(), LoadError> {
        std::fs::write(self.folder.path().join("masthead.toml"), file).expect("written");
        self.settings.reload().await
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

    /// A cookie with the token of an app that may do everything that an app can for this account.
    async fn app(&self, account: &Account) -> String {
        let secret = Secret::generate(&mut rand::rng());
        let scopes = "articles account".parse().expect("scopes");
        let (key, name) = (secret.digest(), "Firefox, Linux".to_owned());
        let session = Session::of_app(key, account.id, name, scopes, self.now());
        self.store.create_session(&session).await.expect("signed in");
        format!("masthead-session={secret}")
    }

    /// The session cookie of a reader.
    async fn reader(&self, at: &str) -> String {
        let (account, _) = self.store.register(&email(at), self.now()).await.expect("registered");
        let secret = Secret::generate(&mut rand::rng());
        let (key, now) = (secret.digest(), self.now());
        let session = Session::of_browser(key, account.id, String::new(), now);
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

/// A place for backups in the folder of a desk, and the keys that they have.
fn backup_place(folder: &Path) -> BackupPlace {
    std::fs::write(folder.join("keys"), "keys").expect("written");
    let files = BackupFiles {
        settings: folder.join("masthead.toml"),
        keys: folder.join("keys"),
        theme: folder.join("theme"),
        data: folder.to_path_buf(),
        version: "0.0.0".to_owned(),
    };
    let (folder, server) = (folder.join("backups"), "one".to_owned());
    BackupPlace { files, folder, server, passphrase: None }
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

/// The body. The no-break spaces of dates are spaces, so that they can be found.
async fn text(answer: Response) -> String {
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(body.to_vec()).expect("UTF-8").replace('\u{a0}', " ")
}
