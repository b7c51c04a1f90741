//! The site: which address gets which page, and who is counted on the way.

use std::{net::IpAddr, path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    response::Response,
    routing::get,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use jiff::Timestamp;
use masthead_access::{ArticleId, Standing, Treatment, message::Moments, token::Keyring};
use masthead_audience::Counters;
use masthead_identity::{Openid, openid::Provider};
use masthead_media::MediaLibrary;
use masthead_payments::{OpenProcessorError, Processor, Processors};
use masthead_store::{Store, StoreError};
use masthead_web::cookies::Cookies;
use percent_encoding::percent_decode_str;
use tokio::sync::Notify;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    account,
    accounts::AccountCache,
    api,
    charge_log::StoreChargeLog,
    compression::Encoding,
    counting,
    demo::{self, DemoClock},
    edition::{Edition, Entry, Target},
    feeds,
    layout::Form,
    pictures,
    publication::Publication,
    reader::{AnonymousMeter, Visit, client_address},
    response,
    search::{self, SearchIndex},
    snapshot::{PageError, PageKey, SiteSnapshot, Situation},
    subscribe,
    theme::{Theme, ThemeError},
    webhooks,
};

/// Where "how the meter works" is explained.
const METER_PAGE: &str = "/how-the-meter-works";

/// Tells what time it is. A test's site lives on whichever day the test is about.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How much a site keeps in memory, and where it finds what.
pub struct Settings {
    /// The publisher's theme, over the built-in one.
    pub theme: Option<PathBuf>,
    /// The pictures.
    pub gallery: Arc<MediaLibrary>,
    /// Where the index is kept by which articles are found; without it none are.
    pub search: Option<PathBuf>,
    /// Ready pages, in bytes.
    pub page_cache: u64,
    /// Readers whose latest token is remembered.
    pub recent_readers: usize,
    /// First reads an hour from one network; none without a limit.
    pub fresh_per_network: Option<u32>,
    /// The processor that readers pay at; without one they pay at the sandbox.
    pub processor: Option<Arc<dyn Processor>>,
    /// Where readers may have an account to sign in with.
    pub openid: Vec<Provider>,
    /// The clock of the demonstration, which shows its outbox to everybody.
    pub demo: Option<Arc<DemoClock>>,
}

/// Why a site cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The theme is broken.
    #[error("the theme is broken: {0}")]
    Theme(#[from] ThemeError),
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The payment processors cannot be put together.
    #[error(transparent)]
    Processors(#[from] OpenProcessorError),
}

/// A publication's site.
pub struct Site {
    pub(crate) store: Store,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) snapshot: ArcSwap<SiteSnapshot>,
    pub(crate) anonymous_meter: AnonymousMeter,
    pub(crate) counters: Counters,
    /// Articles, those that are read most first.
    pub(crate) most_read: ArcSwap<Vec<ArticleId>>,
    pub(crate) search_index: SearchIndex,
    pub(crate) accounts: AccountCache,
    pub(crate) cookies: Cookies,
    pub(crate) limits: account::Limits,
    pub(crate) processors: Processors,
    /// The content security policy of pages with forms that may lead to a payment page.
    pub(crate) form_policy: HeaderValue,
    pub(crate) openid: Openid,
    /// Rings when there is a new letter in the outbox.
    pub(crate) outbox_wakeup: Arc<Notify>,
    /// Held by whoever makes the next printing.
    pub(crate) refreshing: tokio::sync::Mutex<()>,
}

/// The address that a connection comes from, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

impl Site {
    /// A site with everything that is published already in it.
    pub async fn open(
        publication: Publication,
        store: Store,
        keys: &Keyring,
        settings: Settings,
        clock: Clock,
    ) -> Result<Arc<Self>, SiteError> {
        let theme = Theme::load(
            settings.theme.as_deref(),
            publication.locale.language(),
            &publication.sections,
        )?;
        let anonymous_meter = AnonymousMeter::new(
            &publication,
            keys,
            settings.recent_readers,
            settings.fresh_per_network,
        );
        let snapshot = SiteSnapshot::new(
            Arc::new(publication),
            Arc::new(theme),
            Arc::new(Edition::default()),
            clock(),
            settings.page_cache,
        );
        snapshot.prove()?;
        let cookies = Cookies::new(snapshot.publication.is_secure());
        let log = Arc::new(StoreChargeLog(store.clone()));
        let processors = Processors::new(log, settings.processor.clone())?;
        let site = Arc::new(Self {
            accounts: AccountCache::new(store.clone(), settings.recent_readers),
            form_policy: response::form_policy(
                processors.all().filter_map(|processor| processor.form_action()),
            ),
            processors,
            openid: Openid::new(settings.openid.clone()),
            store,
            settings,
            clock,
            snapshot: ArcSwap::from_pointee(snapshot),
            anonymous_meter,
            counters: counting::counters(keys),
            most_read: ArcSwap::new(Arc::default()),
            search_index: SearchIndex::default(),
            cookies,
            limits: account::Limits::default(),
            outbox_wakeup: Arc::default(),
            refreshing: tokio::sync::Mutex::default(),
        });
        site.accounts.catch_up().await?;
        site.refresh().await?;
        site.read_most().await?;
        Ok(site)
    }

    /// Everything that readers can ask for.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/media/{name}", get(pictures::show))
            .route("/assets/{*name}", get(asset))
            .route("/healthz", get(async || response::plain(StatusCode::OK, "ok\n")))
            .route("/readyz", get(ready))
            .merge(account::routes())
            .merge(subscribe::routes())
            .merge(webhooks::routes())
            .merge(api::routes())
            .merge(feeds::routes())
            .merge(search::routes())
            .merge(if self.settings.demo.is_some() { demo::routes() } else { Router::new() })
            .fallback(address)
            .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| response::broken()))
            .with_state(Arc::clone(self))
    }

    /// The publication's cookies.
    pub fn cookies(&self) -> Cookies {
        self.cookies
    }

    /// Rings when there is a new letter in the outbox.
    pub fn outbox_wakeup(&self) -> Arc<Notify> {
        Arc::clone(&self.outbox_wakeup)
    }

    /// Writes down what is still to be written. To be called when the server has stopped.
    pub async fn close(&self) {
        self.accounts.flush().await;
        self.write_counters().await;
    }

    /// The first second of the meter's window that holds `now`.
    pub(crate) fn opens(&self, now: Timestamp) -> i64 {
        let policy = &self.snapshot.load().publication.policy;
        policy.window.opens(now, &policy.zone)
    }

    /// The address that a request comes from.
    pub(crate) fn client(&self, request: &Request) -> IpAddr {
        let trusted = &self.snapshot.load().publication.trusted_proxies;
        client_address(request.headers(), peer(request), trusted)
    }

    /// The printing that readers get now.
    pub fn snapshot(&self) -> Arc<SiteSnapshot> {
        self.snapshot.load_full()
    }

    /// A page on which nothing is counted.
    async fn plain_page(
        &self,
        sheet: PageKey,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Response {
        let snapshot = self.snapshot();
        let encoding = Encoding::accepted(headers);
        match snapshot.page(sheet, encoding, &self.store).await {
            Ok(page) => {
                let cookie = self.anonymous_meter.refresh_cookie(headers);
                response::page(status, page.assemble(|_| None), encoding, headers, cookie)
            }
            Err(error) => self.failed(&error, headers).await,
        }
    }

    pub(crate) async fn not_found(&self, headers: &HeaderMap) -> Response {
        Box::pin(self.plain_page(PageKey::Error(404), StatusCode::NOT_FOUND, headers)).await
    }

    /// What a reader sees where a page could not be made.
    pub(crate) async fn failed(&self, error: &PageError, headers: &HeaderMap) -> Response {
        if matches!(error, PageError::Absent) {
            return self.not_found(headers).await;
        }
        tracing::error!(%error, "a page could not be made");
        let encoding = Encoding::accepted(headers);
        match self.snapshot().page(PageKey::Error(500), encoding, &self.store).await {
            Ok(page) => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                response::page(status, page.assemble(|_| None), encoding, headers, None)
            }
            Err(_) => response::broken(),
        }
    }

    /// Decides what this reader gets of an article or page, and counts it where it counts.
    pub(crate) async fn visit(
        &self,
        snapshot: &SiteSnapshot,
        entry: &Entry,
        request: &Visitor<'_>,
        now: Timestamp,
    ) -> Visit {
        let publication = &snapshot.publication;
        let counts = request.method == Method::GET;
        let article = entry.article();
        let Visitor { headers, peer, .. } = *request;
        let opens = publication.policy.window.opens(now, &publication.policy.zone);
        let when = (now, opens);
        let member = self.accounts.of(headers, self.cookies.session, opens, now).await;
        match member {
            Some((_, member)) => {
                let member = (&self.accounts, &*member);
                self.anonymous_meter.visit_of_member(
                    publication,
                    &article,
                    headers,
                    member,
                    when,
                    counts,
                )
            }
            None => self.anonymous_meter.visit(publication, &article, headers, peer, when, counts),
        }
    }

    /// An article or page, for this reader.
    async fn piece(
        &self,
        snapshot: &SiteSnapshot,
        entry: &Entry,
        request: &Visitor<'_>,
    ) -> Response {
        let now = (self.clock)();
        let headers = request.headers;
        let encoding = Encoding::accepted(headers);
        let visit = self.visit(snapshot, entry, request, now).await;
        if let Some(reader) = visit.counted.filter(|_| !entry.is_page()) {
            let from = counting::referrer(&snapshot.publication, headers);
            let when = counting::when(snapshot, now);
            self.counters.visit(when, entry.id, &visit.decision, reader, from);
            self.count_trial(snapshot, &visit, reader, now);
        }
        let form = if visit.decision.delivers_full_text() { Form::Full } else { Form::Teaser };
        let sheet = PageKey::Piece(entry.id, form);
        let page = match snapshot.page(sheet, encoding, &self.store).await {
            Ok(page) => page,
            Err(error) => return self.failed(&error, headers).await,
        };
        let situation = situation(snapshot, &visit, now);
        let name = visit.called();
        let said = |placement| snapshot.message(situation, name, placement, encoding);
        let whole = page.assemble(said);
        let mut answer = response::page(StatusCode::OK, whole, encoding, headers, visit.cookie);
        if let Ok(value) = HeaderValue::from_str(&visit.decision.header()) {
            answer.headers_mut().insert("masthead-access", value);
        }
        answer
    }
}

/// Who asks, and how.
pub(crate) struct Visitor<'a> {
    pub method: &'a Method,
    pub headers: &'a HeaderMap,
    pub peer: IpAddr,
}

/// What there is to say to a reader after a visit.
pub(crate) fn situation(snapshot: &SiteSnapshot, visit: &Visit, now: Timestamp) -> Situation {
    let policy = &snapshot.publication.policy;
    let Visit { decision, reads, history, .. } = visit;
    let offers = snapshot.offers(*history);
    let moments = Moments::of(decision, policy, now, !offers.is_empty());
    let end = match decision.trace.standing {
        Standing::Trial { ends } | Standing::Subscribed { ends: Some(ends) } => Some(ends),
        Standing::TrialEnded { at } | Standing::SubscriptionEnded { at } => Some(at),
        Standing::Anonymous
        | Standing::Registered
        | Standing::Subscribed { ends: None }
        | Standing::Grace
        | Standing::Member
        | Standing::Staff => None,
    };
    let date = |at: Timestamp| at.to_zoned_datetime(policy.zone.clone()).date();
    Situation {
        allowance: decision.meter.map(|meter| meter.allowance),
        moments,
        arm: visit.arm.filter(|_| tries_words(&snapshot.publication)),
        left: decision.left(),
        resets_on: policy.window.resets_on(reads, now, &policy.zone),
        ended_on: end.filter(|_| moments.iter().next().is_some()).map(date),
        offers,
        may_buy: history.may_buy(),
    }
}

/// Whether other words are tried on half of the readers: then what is said differs by their side.
fn tries_words(publication: &Publication) -> bool {
    let tried = publication.experiment.as_ref().map(|running| &running.tried);
    matches!(tried, Some(Treatment::Message(_)))
}

/// Any address that is not the site's own machinery.
async fn address(State(site): State<Arc<Site>>, request: Request) -> Response {
    let (method, headers) = (request.method(), request.headers());
    if method != Method::GET && method != Method::HEAD {
        let mut answer =
            response::plain(StatusCode::METHOD_NOT_ALLOWED, "This address can only be read.\n");
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    if is_speculative(headers) {
        return speculation_refused();
    }
    let peer = peer(&request);
    let path = request.uri().path();
    let snapshot = site.snapshot();
    match snapshot.edition.find(path) {
        Some(Target::Piece(entry)) => {
            let visitor = Visitor { method, headers, peer };
            site.piece(&snapshot, entry, &visitor).await
        }
        Some(Target::Moved(to)) => response::moved(&to.address),
        Some(Target::Section(_) | Target::Topic(_) | Target::Author(_)) => {
            let number = parameter(request.uri(), "page").map_or(Some(1), |page| page.parse().ok());
            let sheet = PageKey::List(path.into(), number.unwrap_or(0));
            site.plain_page(sheet, StatusCode::OK, headers).await
        }
        None if path == METER_PAGE => {
            site.plain_page(PageKey::Meter, StatusCode::OK, headers).await
        }
        None => match former(&snapshot.edition, request.uri()) {
            Some(to) => response::moved(&to),
            None if path == "/" => site.plain_page(PageKey::Home, StatusCode::OK, headers).await,
            None => site.not_found(headers).await,
        },
    }
}

pub(crate) fn peer(request: &Request) -> IpAddr {
    request.extensions().get::<Peer>().map_or([0, 0, 0, 0].into(), |peer| peer.0)
}

/// Where to go from an address that is written in another way, or was left.
fn former(edition: &Edition, uri: &Uri) -> Option<String> {
    // WordPress had every piece at `/?p=ID` and `/?page_id=ID` as well.
    for name in ["p", "page_id"] {
        let numbered = parameter(uri, name).map(|id| format!("/?{name}={id}"));
        if let Some(Target::Moved(to)) = numbered.and_then(|address| edition.find(&address)) {
            return Some(to.address.to_string());
        }
    }
    let decoded = percent_decode_str(uri.path()).decode_utf8().ok()?;
    let plain = decoded.trim_end_matches('/');
    let lower = plain.to_lowercase();
    if lower == METER_PAGE {
        return Some(lower);
    }
    [plain, &lower, &format!("{plain}/")].into_iter().find_map(|written| {
        Some(match edition.find(written)? {
            Target::Moved(to) => to.address.to_string(),
            Target::Piece(_) | Target::Section(_) | Target::Topic(_) | Target::Author(_) => {
                written.to_owned()
            }
        })
    })
}

/// The value of a parameter in the query.
fn parameter<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    let pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Whether a browser loads this on suspicion, for a person who may never go there.
pub(crate) fn is_speculative(headers: &HeaderMap) -> bool {
    let purposes = ["sec-purpose", "purpose", "x-moz"];
    let values = purposes.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    values.flat_map(|value| value.split([';', ',', ' '])).any(|word| {
        ["prefetch", "prerender", "preview"].contains(&word.to_ascii_lowercase().as_str())
    })
}

/// The browser asks again when the person really goes there, and the read is counted then.
pub(crate) fn speculation_refused() -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

async fn asset(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let snapshot = site.snapshot();
    let Some(asset) = snapshot.theme.assets.get(&name) else {
        return site.not_found(request.headers()).await;
    };
    let versioned = parameter(request.uri(), "v") == Some(&asset.version);
    response::asset(asset, Encoding::accepted(request.headers()), versioned)
}

async fn ready(State(site): State<Arc<Site>>) -> Response {
    match site.store.ping().await {
        Ok(()) => response::plain(StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let text = "The database does not answer.\n";
            response::plain(StatusCode::SERVICE_UNAVAILABLE, text)
        }
    }
}
