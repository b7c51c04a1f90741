//! `masthead serve`: the publication's site, until it is told to stop.

use std::{
    io::{self, IsTerminal},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use masthead_access::{Allowance, ArticleId, message::Message};
use masthead_circulation::{Account, AccountId, Email, Helper, Offer, SubscriptionId, staff::Role};
use masthead_desk::{Desk, Foundations, House, Imprint, Named, Refused, Showroom, rooms};
use masthead_editorial::{Front as Arrangement, Piece, Section};
use masthead_identity::openid::Provider;
use masthead_media::Gallery;
use masthead_payments::stripe::StripeAccount;
use masthead_post::{Postman, Relay};
use masthead_site::{
    Publication, Settings, Site,
    by_hand::{EntryError, PaidHow},
    demo::DemoClock,
    refresh,
    serve::{Limits, serve},
    site::Clock,
};
use masthead_store::Store;
use masthead_web::seen::{Seen, Stands, Viewer};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

use crate::{
    config::{Config, LogFormat, MailConfig, OpenidConfig, PaymentsConfig},
    fault::Fault,
    folder::Folder,
    helm::Helm,
};

/// Where things are, where that differs from the configuration.
#[derive(clap::Args, Clone, Default)]
pub struct Place {
    /// The address and port to listen on.
    #[arg(long, global = true, env = "MASTHEAD_LISTEN")]
    pub listen: Option<String>,
    /// The directory for database, pictures and keys (for the demo: for the whole publication).
    #[arg(long, global = true, env = "MASTHEAD_DATA")]
    pub data: Option<PathBuf>,
    /// "sqlite", or a PostgreSQL URL.
    #[arg(long, global = true, env = "MASTHEAD_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
}

/// Serves the publication in `dir`.
pub async fn run(dir: &Path, place: &Place) -> Result<(), Fault> {
    let config = Folder::config(dir)?;
    start_log(config.server.log);
    let listener = listen(place.listen.as_deref().unwrap_or(&config.server.listen)).await?;
    open(dir, config, place, listener, None).await
}

/// Says once, for people, where the publication is.
fn announce(name: &str, listener: &TcpListener, address: &str) {
    match listener.local_addr() {
        Ok(local) if !is_at(local, address) => {
            say!("{name} is at {address}, listening on http://{local}");
        }
        Ok(_) | Err(_) => say!("{name} is at {address}"),
    }
}

/// Whether a browser on this machine finds an address there.
fn is_at(local: SocketAddr, address: &str) -> bool {
    address == format!("http://{local}") || address == on_this_machine(local)
}

/// Where a browser on this machine finds what listens there: under a name, for passkeys need one.
pub fn on_this_machine(local: SocketAddr) -> String {
    if local.ip().is_loopback() {
        format!("http://localhost:{}", local.port())
    } else {
        format!("http://{local}")
    }
}

/// Takes hold of an address.
pub async fn listen(address: &str) -> Result<TcpListener, Fault> {
    TcpListener::bind(address).await.map_err(|error| {
        Fault::new(match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "another program listens on {address} already; stop it, or choose another port with \
                 --listen 127.0.0.1:8081"
            ),
            io::ErrorKind::PermissionDenied => format!(
                "this user may not listen on {address}; choose a port above 1023 with --listen"
            ),
            _ => format!(
                "it is not possible to listen on {address} ({error}); write an address and a port, such \
                 as 127.0.0.1:8080"
            ),
        })
    })
}

/// What is different where a publication is the demonstration.
pub struct Demo {
    /// Where readers find it, whatever the configuration says.
    pub address: String,
    /// What time it is there.
    pub clock: Arc<DemoClock>,
}

/// Opens the publication in `dir` and serves it on `listener`.
pub async fn open(
    dir: &Path,
    config: Config,
    place: &Place,
    listener: TcpListener,
    demo: Option<Demo>,
) -> Result<(), Fault> {
    let folder = Folder::new(dir, &config, place.data.as_deref());
    folder.prepare()?;
    let store = folder.store(&config, place.database.as_deref()).await?;
    let keys = folder.keys()?;
    let settings = Settings {
        demo: demo.as_ref().map(|demo| Arc::clone(&demo.clock)),
        ..settings(&folder, &config)?
    };
    let relay = relay(&config.mail)?;
    let address = demo.as_ref().map(|demo| demo.address.clone());
    let helm = Helm::take(dir.to_path_buf(), address.clone(), store.clone()).await?;
    let mut config = helm.config(config);
    make_demo(&mut config.publication, address.as_deref());
    let theme = folder.theme(&config);
    let (name, found_at) = (config.publication.name.clone(), config.publication.address.clone());
    let (outbox, staff) = (store.clone(), store.clone());
    let clock: Clock = match demo {
        Some(Demo { clock, .. }) => Arc::new(move || clock.now()),
        None => Arc::new(Timestamp::now),
    };
    let site = Site::open(config.publication, store, &keys, settings, Arc::clone(&clock)).await?;
    helm.steer(&site);
    let desk = desk(&site, &staff, &clock, (folder.media(), Arc::clone(&helm)));
    let sums = tokio::spawn(Arc::clone(&desk).keep_sums());
    let watcher = watch(&helm, dir, &theme);
    let course = tokio::spawn(helm.keep_course());
    let fresh = tokio::spawn(Arc::clone(&site).keep_fresh());
    let tally = tokio::spawn(Arc::clone(&site).keep_tally());
    let most_read = tokio::spawn(Arc::clone(&site).keep_most_read());
    let index = tokio::spawn(Arc::clone(&site).keep_index());
    let calendar = tokio::spawn(Arc::clone(&site).keep_calendar());
    let postman = relay.map(|relay| tokio::spawn(Postman::new(outbox, relay, site.bell()).run()));
    announce(&name, &listener, &found_at);
    if !staff.has_owner().await? {
        let link = masthead_desk::open_link(&staff, &found_at, Role::Owner, clock()).await?;
        say!(
            "Nobody owns its desk yet. Whoever opens this address first does, so keep it to yourself:"
        );
        say!("{link}");
    }
    let router = site.router().merge(rooms::router(&desk));
    serve(listener, router, Limits::default(), told_to_stop()).await;
    site.close().await;
    tracing::info!("stopped");
    if let Some(postman) = postman {
        postman.abort();
    }
    sums.abort();
    course.abort();
    tally.abort();
    most_read.abort();
    index.abort();
    calendar.abort();
    fresh.abort();
    drop(watcher);
    Ok(())
}

/// The desk beside a site.
fn desk(
    site: &Arc<Site>,
    store: &Store,
    clock: &Clock,
    (pictures, helm): (PathBuf, Arc<Helm>),
) -> Arc<Desk> {
    let of = Arc::clone(site);
    let imprint = move || {
        let publication = &of.printing().publication;
        Imprint {
            name: publication.name.clone(),
            address: publication.address.clone(),
            zone: publication.policy.zone.clone(),
        }
    };
    Desk::new(Foundations {
        store: store.clone(),
        imprint: Arc::new(imprint),
        showroom: Arc::new(Front(Arc::clone(site))),
        house: Arc::new(Front(Arc::clone(site))),
        helm,
        gallery: Arc::new(Gallery::new(pictures)),
        cookies: site.cookies(),
        clock: Arc::clone(clock),
        bell: site.bell(),
    })
}

/// The site, as the desk knows it.
struct Front(Arc<Site>);

#[async_trait]
impl Showroom for Front {
    fn latest(&self, most: usize) -> Vec<(String, String)> {
        self.0.latest(most)
    }

    fn sections(&self) -> Vec<Section> {
        self.0.sections()
    }

    fn named(&self, id: ArticleId) -> Option<Named> {
        self.0.named(id).map(named)
    }

    fn messages(&self) -> Vec<Message> {
        self.0.messages()
    }

    fn offers(&self) -> Vec<(String, String)> {
        self.0.offers()
    }

    async fn said(&self, message: &Message) -> Result<Option<Vec<u8>>, String> {
        self.0.said(message).await.map_err(|error| error.to_string())
    }

    async fn written_with(&self, words: &str, most: usize) -> Vec<ArticleId> {
        self.0.written_with(words, most).await
    }

    fn article_at(&self, address: &str) -> Option<Named> {
        self.0.article_at(address).map(named)
    }

    fn topics(&self) -> Vec<(String, String)> {
        self.0.topics()
    }

    fn arranged(&self, front: &Arrangement) -> Result<Option<Vec<u8>>, String> {
        self.0.arranged(front).map_err(|error| error.to_string())
    }

    fn cost(&self, offer: &Offer) -> String {
        self.0.cost(offer)
    }

    fn offered(&self, offer: &Offer) -> Result<Vec<u8>, String> {
        self.0.offered(offer).map_err(|error| error.to_string())
    }

    fn meter(&self) -> (Allowance, Allowance, Date) {
        self.0.meter()
    }

    fn names(&self) -> (Vec<String>, Vec<String>) {
        self.0.names()
    }

    fn products(&self) -> Vec<(String, String)> {
        self.0.products()
    }

    async fn preview(
        &self,
        id: ArticleId,
        piece: Piece,
        viewer: &Viewer,
    ) -> Result<Option<Seen>, String> {
        self.0.preview(id, piece, viewer).await.map_err(|error| error.to_string())
    }

    async fn refresh(&self) {
        // What fails here is tried again a moment later, and told of in the log.
        let _ = self.0.refresh().await;
    }

    async fn seen(&self, address: &str, viewer: &Viewer) -> Result<Option<Seen>, String> {
        self.0.seen(address, viewer).await.map_err(|error| error.to_string())
    }

    async fn stands(&self, account: AccountId) -> Result<Stands, String> {
        self.0.stands(account).await.map_err(|error| error.to_string())
    }
}

#[async_trait]
impl House for Front {
    fn prices(&self) -> Vec<(String, String)> {
        self.0.prices()
    }

    async fn reset_meter(&self, reader: &Account, helper: Helper) -> Result<(), Refused> {
        self.0.reset_meter(reader, &helper).await.map_err(Refused::failed)
    }

    async fn cancel(&self, subscription: SubscriptionId, helper: Helper) -> Result<(), Refused> {
        self.0.enter_cancellation(subscription, Some(helper)).await.map(|_| ()).map_err(refused)
    }

    async fn refund(
        &self,
        reader: &Account,
        payment: u32,
        amount: &str,
        helper: Helper,
    ) -> Result<(), Refused> {
        self.0.refund(reader, payment, amount, helper).await.map_err(refused)
    }

    async fn prolong(
        &self,
        subscription: SubscriptionId,
        ends: Timestamp,
        helper: Helper,
    ) -> Result<(), Refused> {
        self.0.prolong_trial(subscription, ends, Some(helper)).await.map(|_| ()).map_err(refused)
    }

    async fn give(
        &self,
        reader: &Email,
        price: &str,
        until: Option<Timestamp>,
        helper: Helper,
    ) -> Result<(), Refused> {
        let how = PaidHow::Free(until);
        let given = self.0.enter_subscription(reader, price, how, Some(helper)).await;
        given.map(|_| ()).map_err(refused)
    }
}

fn named(of: masthead_site::Named) -> Named {
    let masthead_site::Named { headline, address, section, authors, is_sponsored } = of;
    Named { headline, address, section, authors, is_sponsored }
}

fn refused(error: EntryError) -> Refused {
    match error {
        EntryError::Failed(error) => Refused::failed(error),
        told => Refused::Told(format!("Nothing was changed: {told}.")),
    }
}

/// How the site of a publication works.
pub fn settings(folder: &Folder, config: &Config) -> Result<Settings, Fault> {
    Ok(Settings {
        theme: Some(folder.theme(config)),
        media: folder.media(),
        search: Some(folder.search()),
        page_cache: config.server.page_cache * 1024 * 1024,
        recent_readers: config.server.recent_readers,
        fresh_per_network: config.fresh_per_network,
        stripe: stripe(&config.payments)?,
        openid: config.openid.iter().map(provider).collect::<Result<_, _>>()?,
        demo: None,
    })
}

/// The demonstration is found where it is served, and says what it is.
fn make_demo(publication: &mut Publication, address: Option<&str>) {
    if let Some(address) = address {
        address.clone_into(&mut publication.address);
        publication.is_demo = true;
    }
}

/// The account at Stripe, where there is one. The environment goes before the file.
fn stripe(payments: &PaymentsConfig) -> Result<Option<StripeAccount>, Fault> {
    let given = |name: &str, written: &str| {
        let given = std::env::var(name).ok().filter(|value| !value.is_empty());
        given.unwrap_or_else(|| written.to_owned())
    };
    let secret_key = given("MASTHEAD_STRIPE_KEY", &payments.stripe_key);
    let webhook_secret = given("MASTHEAD_STRIPE_WEBHOOK_SECRET", &payments.webhook_secret);
    match (secret_key.is_empty(), webhook_secret.is_empty()) {
        (true, true) => Ok(None),
        (false, false) => {
            let (tax, api) = (payments.tax, payments.api.clone());
            Ok(Some(StripeAccount { secret_key, webhook_secret, tax, api }))
        }
        (false, true) => Err(Fault::new(
            "[payments] in masthead.toml has a stripe_key and no webhook_secret; add an endpoint for \
             /webhooks/stripe in Stripe's dashboard and copy its signing secret",
        )),
        (true, false) => Err(Fault::new(
            "[payments] in masthead.toml has a webhook_secret and no stripe_key; copy the secret key \
             from Stripe's dashboard",
        )),
    }
}

/// A provider of accounts. The environment goes before the file.
fn provider(openid: &OpenidConfig) -> Result<Provider, Fault> {
    let variable =
        format!("MASTHEAD_OPENID_{}_SECRET", openid.slug.to_uppercase().replace('-', "_"));
    let given = std::env::var(&variable).ok().filter(|value| !value.is_empty());
    let client_secret = given.unwrap_or_else(|| openid.client_secret.clone());
    if client_secret.is_empty() {
        return Err(Fault::new(format!(
            "[[openid]] \"{}\" in masthead.toml has no client_secret; write one, or give it as {variable}",
            openid.slug
        )));
    }
    let OpenidConfig { slug, name, issuer, client_id, .. } = openid.clone();
    Ok(Provider { slug, name, issuer, client_id, client_secret })
}

/// The relay for mail, where there is one.
fn relay(mail: &MailConfig) -> Result<Option<Relay>, Fault> {
    if mail.relay.is_empty() {
        return Ok(None);
    }
    let relay = Relay::new(&mail.relay, &mail.from);
    relay.map(Some).map_err(|error| Fault::new(format!("[mail] in masthead.toml: {error}")))
}

/// Takes up changes of the configuration and the theme. A broken one is told of and not taken up.
fn watch(helm: &Arc<Helm>, dir: &Path, theme: &Path) -> Option<impl Sized + use<>> {
    let file = Folder::config_file(dir);
    let helm = Arc::clone(helm);
    let take_up = move || match helm.take_up() {
        Ok(()) => tracing::info!("took up the configuration and the theme"),
        Err(fault) => tracing::error!("not taken up, the last good one goes on: {fault}"),
    };
    match refresh::watch(dir, &[&file, theme], take_up) {
        Ok(watcher) => Some(watcher),
        Err(error) => {
            tracing::warn!(%error, "changes of configuration and theme are not seen until a restart");
            None
        }
    }
}

async fn told_to_stop() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// Starts the log on standard error. `RUST_LOG` says what is in it.
pub fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,sea_orm_migration=warn,notify=warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
