//! A small newspaper to ask for pages, and browsers that keep its cookies.

use std::{
    collections::BTreeMap,
    io::Read,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, extract::Request};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::{
    Policy, Tier,
    message::{Locale, Messages},
    robots::{Crawler, Crawlers},
    token::Keyring,
};
use masthead_circulation::Catalogue;
use masthead_editorial::{
    Appearance, Author, Design, Kind, Menus, Piece, Section, SectionStyle, SlugScript, Sponsor,
    Status, TeaserLength, Topic,
};
use masthead_media::MediaLibrary;
use masthead_publication::{
    Clock, HttpSettings, Publication, Sales, SiteSnapshot, SnapshotParts, StartSettings, Theme,
    ThemeError,
};
use masthead_site::{ClientIp, Settings, Site};
use masthead_store::{Location, Store};
use masthead_telemetry::security::SecurityLog;
use tempfile::TempDir;
use tower::ServiceExt;

/// An address that no rule exempts.
pub const SOMEWHERE: &str = "203.0.113.7";
/// The network of the crawler that is let in.
pub const CRAWLER: &str = "192.0.2.7";
/// The proxy that is believed.
pub const PROXY: &str = "10.0.0.1";

/// A newspaper in a folder of its own, on a day that the test sets.
pub struct Newspaper {
    pub site: Arc<Site>,
    pub store: Store,
    pub router: Router,
    pub folder: TempDir,
    now: Arc<Mutex<Timestamp>>,
}

impl Newspaper {
    /// On SQLite, with 3 metered articles a month in Tokyo.
    pub async fn new() -> Self {
        Self::open(|_| {}, None).await
    }

    pub async fn with(change: impl FnOnce(&mut Publication)) -> Self {
        Self::open(change, None).await
    }

    /// One on each database.
    pub async fn on_both() -> [Self; 2] {
        Self::on_both_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn on_both_with(change: impl Fn(&mut Publication)) -> [Self; 2] {
        let postgres = Location::Postgres(masthead_test_support::postgres::database());
        [Self::open(&change, None).await, Self::open(&change, Some(postgres)).await]
    }

    pub async fn open(change: impl FnOnce(&mut Publication), location: Option<Location>) -> Self {
        Self::open_with(change, location, |_| {}).await
    }

    pub async fn open_with(
        change: impl FnOnce(&mut Publication),
        location: Option<Location>,
        set: impl FnOnce(&mut Settings),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let location =
            location.unwrap_or_else(|| Location::Sqlite(folder.path().join("masthead.db")));
        let keys = Keyring::generate(&mut rand::rng());
        let store = Store::open(&location).await.expect("a database").with_keys(&keys);
        let mut publication = publication();
        change(&mut publication);
        let now = Arc::new(Mutex::new("2026-11-24T09:00:00Z".parse().expect("a time")));
        let clock = Arc::clone(&now);
        let clock: Clock = Arc::new(move || *clock.lock().expect("a clock"));
        let mut settings = settings(&folder);
        set(&mut settings);
        let start = start(publication, &folder, clock()).await;
        let site = Site::open(start, store.clone(), &keys, settings, clock).await;
        let site = site.expect("a site");
        let router = site.router();
        Self { site, store, router, folder, now }
    }

    pub fn now(&self) -> Timestamp {
        *self.now.lock().expect("a clock")
    }

    pub fn set_clock(&self, now: &str) {
        *self.now.lock().expect("a clock") = now.parse().expect("a time");
    }

    /// Saves a piece and lets the site see it.
    pub async fn publish(&self, piece: &Piece) {
        self.store.save(piece, Timestamp::now()).await.expect("saved");
        self.refresh().await;
    }

    /// Publishes plain metered articles `a`, `b`, `c` and so on.
    pub async fn publish_metered(&self, slugs: &str) {
        for slug in slugs.chars() {
            self.store.save(&article(&slug.to_string()), Timestamp::now()).await.expect("saved");
        }
        self.refresh().await;
    }

    pub async fn refresh(&self) {
        self.site.refresh().await.expect("refreshed");
    }

    /// Puts these settings in force, and the theme as it is now.
    pub async fn republish(&self, publication: Publication) -> Result<(), ThemeError> {
        let theme = self.folder.path().join("theme");
        let publication = Arc::new(publication);
        let load = async |current: &Arc<SiteSnapshot>| {
            let theme =
                Theme::load_checked(Some(&theme), &publication, Some(&current.theme), self.now())?;
            Ok(Some(SnapshotParts { publication, theme, ..current.parts() }))
        };
        self.site.live.update(load).await.map(|_| ())
    }

    /// Moves the clock, and does everything that is due by then, as the calendar does.
    pub async fn go_to(&self, now: &str) {
        self.set_clock(now);
        self.refresh().await;
        self.site.billing.sweep_checkouts().await.expect("swept");
        self.site.billing.sweep_orders().await.expect("swept");
        self.site.billing.sweep_payments().await.expect("swept");
        self.site.billing.renew_due().await.expect("attended to");
    }

    /// The same publication, as another start of the server would have it.
    pub async fn reopen(&self) -> Router {
        self.another(|_| {}).await.router()
    }

    /// Another server of the same publication.
    pub async fn another(&self, change: impl FnOnce(&mut Publication)) -> Arc<Site> {
        let now = Arc::clone(&self.now);
        let clock: Clock = Arc::new(move || *now.lock().expect("a clock"));
        let keys = Keyring::generate(&mut rand::rng());
        let store = self.store.clone();
        let mut publication = publication();
        change(&mut publication);
        let start = start(publication, &self.folder, clock()).await;
        let site = Site::open(start, store, &keys, settings(&self.folder), clock).await;
        site.expect("a site")
    }

    pub fn browser(&self) -> Browser {
        Browser::of(self.router.clone())
    }
}

async fn start(publication: Publication, folder: &TempDir, now: Timestamp) -> StartSettings {
    let theme = Some(folder.path().join("theme"));
    StartSettings::check(publication, theme, now).await.expect("a theme")
}

fn settings(folder: &TempDir) -> Settings {
    Settings {
        media_library: Arc::new(
            MediaLibrary::in_folder(&folder.path().join("media")).expect("a folder"),
        ),
        search: Some(folder.path().join("search")),
        page_cache: 4 << 20,
        recent_readers: 1000,
        processors: Vec::new(),
        openid: Vec::new(),
        security_log: SecurityLog::default(),
        demo: Some(Arc::default()),
    }
}

pub fn publication() -> Publication {
    let section = |slug: &str, name: &str| SectionStyle {
        slug: slug.into(),
        name: name.into(),
        description: String::new(),
        color: String::new(),
        design: Design::News,
    };
    Publication {
        desk_versions: masthead_publication::publication::DeskVersions::default(),
        name: "The Paper".into(),
        tagline: String::new(),
        address: "https://paper.example".into(),
        locale: Locale::new("en").expect("a locale").into(),
        slugs: SlugScript::Latin,
        policy: Policy::new(TimeZone::get("Asia/Tokyo").expect("a zone")),
        messages: Messages::default(),
        own_messages: Vec::new(),
        experiment: None,
        sections: vec![section("news", "News"), section("sport", "Sport")],
        menus: Menus::default(),
        topics: Vec::new(),
        fronts: Vec::new(),
        strips: Vec::new(),
        breaking: None,
        teaser: TeaserLength::Paragraphs(1),
        crawlers: Crawlers::new(vec![Crawler {
            user_agent: "Googlebot".into(),
            networks: vec!["192.0.2.0/24".parse().expect("a network")],
        }]),
        http: HttpSettings {
            trusted_proxies: vec!["10.0.0.0/8".parse().expect("a network")],
            ..HttpSettings::default()
        },
        is_demo: false,
        sales: Sales::Sandbox,
        catalogue: Catalogue::default(),
        grace: SignedDuration::from_hours(14 * 24),
        addresses: masthead_publication::publication::AddressRules::default(),
        withdrawal: masthead_circulation::WithdrawalPeriod::default(),
        cancels_at_once: false,
        transfer: String::new(),
        includes_tax: false,
        accent: None,
        logo: None,
        retention: masthead_publication::publication::RetentionSettings::default(),
        backups: masthead_publication::publication::BackupSettings::default(),
        seller: String::new(),
    }
}

/// A metered article of ten paragraphs, each with a sentence that stands nowhere else.
pub fn article(slug: &str) -> Piece {
    let paragraph = |number: usize| format!("<p>{}</p>", sentence(slug, number));
    Piece {
        slug: slug.into(),
        kind: Kind::Article("article".into()),
        design: None,
        status: Status::Published,
        section: Some(Section { slug: "news".into(), name: "News".into() }),
        kicker: String::new(),
        headline: format!("Headline {slug}"),
        deck: format!("Deck of {slug}."),
        authors: vec![Author {
            slug: "writer".into(),
            name: "A Writer".into(),
            ..Author::default()
        }],
        dateline: String::new(),
        picture: None,
        body: (0..10).map(paragraph).collect(),
        topics: vec![Topic { slug: "matter".into(), name: "Matter".into() }],
        tier: None,
        sponsor: None,
        published: Some("2026-11-20T09:00:00Z".parse().expect("a time")),
        updated: None,
        corrections: Vec::new(),
        canonical: None,
        appearance: Appearance::default(),
        language: None,
        former_addresses: vec![format!("/old/{slug}"), format!("/?p={slug}")],
    }
}

/// The sentence of a paragraph; the first is the teaser.
pub fn sentence(slug: &str, number: usize) -> String {
    format!("Paragraph {number} of the article called {slug} stands only in its text.")
}

pub fn tiered(slug: &str, tier: Tier) -> Piece {
    Piece { tier: Some(tier), ..article(slug) }
}

pub fn sponsored(slug: &str) -> Piece {
    let sponsor = Sponsor { name: "A Sponsor".into(), disclosure: "They paid.".into() };
    Piece { sponsor: Some(sponsor), tier: Some(Tier::Subscribers), ..article(slug) }
}

pub fn later(than: Timestamp, minutes: i64) -> Timestamp {
    than + SignedDuration::from_mins(minutes)
}

/// Somebody who reads: keeps the cookies that are set.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    /// The meter's cookie.
    pub cookie: Option<String>,
    /// All others.
    pub jar: BTreeMap<String, String>,
    pub headers: HeaderMap,
    pub address: IpAddr,
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Browser {
    pub fn of(router: Router) -> Self {
        let address = SOMEWHERE.parse().expect("an address");
        Self { router, cookie: None, jar: BTreeMap::new(), headers: HeaderMap::new(), address }
    }

    /// The same browser, sending this header as well.
    pub fn sending(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, value.parse().expect("a value"));
        self
    }

    pub fn from(mut self, address: &str) -> Self {
        self.address = address.parse().expect("an address");
        self
    }

    /// Goes on at another server, with the cookies that it has.
    pub fn move_to(&mut self, router: Router) {
        self.router = router;
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.ask(&Method::GET, path).await
    }

    pub async fn ask(&mut self, method: &Method, path: &str) -> Reply {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method.clone();
        self.send(request, path).await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, form: &str) -> Reply {
        let mut request = Request::new(Body::from(form.to_owned()));
        *request.method_mut() = Method::POST;
        let kind = "application/x-www-form-urlencoded".parse().expect("a value");
        self.headers.insert(header::CONTENT_TYPE, kind);
        let reply = self.send(request, path).await;
        self.headers.remove(header::CONTENT_TYPE);
        reply
    }

    async fn send(&mut self, mut request: Request, path: &str) -> Reply {
        *request.uri_mut() = path.parse().expect("an address");
        *request.headers_mut() = self.headers.clone();
        let host = HeaderValue::from_static("paper.example");
        request.headers_mut().entry(header::HOST).or_insert(host);
        let others = self.jar.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies: Vec<String> = self.cookie.iter().cloned().chain(others).collect();
        if !cookies.is_empty() {
            let cookies = cookies.join("; ").parse().expect("a value");
            request.headers_mut().insert(header::COOKIE, cookies);
        }
        request.extensions_mut().insert(ClientIp(self.address));
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes().to_vec();
        let reply = Reply { status: parts.status, headers: parts.headers, bytes };
        for set in reply.headers.get_all(header::SET_COOKIE) {
            self.keep(set.to_str().expect("a cookie"));
        }
        reply
    }

    fn keep(&mut self, set: &str) {
        let (name, value) =
            set.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
        if name.ends_with("masthead") {
            self.cookie = Some(format!("{name}={value}"));
        } else if set.contains("Max-Age=0;") {
            self.jar.remove(name);
        } else {
            self.jar.insert(name.to_owned(), value.to_owned());
        }
    }

    /// What `Masthead-Access` says of an article.
    pub async fn access(&mut self, path: &str) -> String {
        self.get(path).await.header("masthead-access").unwrap_or_default().to_owned()
    }
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body without its content encoding. The no-break spaces of dates are spaces, so that they can be found.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if self.bytes.is_empty() {
            return text;
        }
        match self.header("content-encoding") {
            Some("gzip") => flate2::read::GzDecoder::new(&self.bytes[..]).read_to_string(&mut text),
            Some("br") => {
                brotli::Decompressor::new(&self.bytes[..], 4096).read_to_string(&mut text)
            }
            _ => {
                text = String::from_utf8_lossy(&self.bytes).into_owned();
                Ok(text.len())
            }
        }
        .expect("an encoding that is what it says");
        text.replace('\u{a0}', " ")
    }
}
