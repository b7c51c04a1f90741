//! `masthead serve`: serves the publication until it is stopped.

mod logs;
mod reloader;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::builder::{OsStringValueParser, TypedValueParser};
use jiff::Timestamp;
use masthead_circulation::staff::Role;
use masthead_desk::{DeskServices, DeskState, routes};
use masthead_identity::openid::Provider;
use masthead_mail::{OutboxCleaner, OutboxWorker};
use masthead_media::MediaLibrary;
use masthead_payments::Processor;
use masthead_publication::{Clock, LiveSettings, Publication, Sales, config::Config};
use masthead_site::{Settings, Site, demo_clock::DemoClock};
use masthead_store::Store;
use masthead_telemetry::{Supervisor, security::SecurityLog};
use masthead_web::observe::Observe;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use self::logs::check_security_log;
use self::{
    logs::{access_log, security_log},
    reloader::Reloader,
};
use crate::{
    admin::Admin,
    error::CliError,
    folder::Folder,
    front::{Front, Sockets, Tls},
    log, process, services, tasks,
};

/// How long background tasks may finish what they have begun when the server stops.
const GRACE: Duration = Duration::from_secs(20);

/// Locations that override the configuration.
#[derive(clap::Args, Clone, Default)]
pub struct Place {
    /// The directory for database, pictures and keys (for the demo: for the whole publication).
    #[arg(long, global = true, env = "MASTHEAD_DATA", value_parser = path())]
    pub data: Option<PathBuf>,
    /// "sqlite", or a PostgreSQL URL.
    #[arg(long, global = true, env = "MASTHEAD_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
}

/// Reads a path. An empty one is accepted, because files for containers set variables that have no value.
pub fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

impl Place {
    /// The same without what is empty.
    #[must_use]
    pub fn without_empty(self) -> Self {
        let Self { data, database } = self;
        Self {
            data: data.filter(|data| !data.as_os_str().is_empty()),
            database: database.filter(|database| !database.is_empty()),
        }
    }
}

/// Where a server listens, if not where the configuration says.
#[derive(clap::Args, Clone, Default)]
pub struct Listen {
    /// The address and port to listen on.
    #[arg(long, env = "MASTHEAD_LISTEN")]
    pub listen: Option<String>,
}

/// Serves the publication in `dir`.
pub async fn run(dir: &Path, place: &Place, listen_at: &Listen) -> Result<(), CliError> {
    let config = Folder::config(dir)?;
    log::start(config.server.log);
    let mut sockets = Sockets::from_environment();
    let address = listen_at.listen.as_deref().unwrap_or(&config.server.listen);
    let listener = sockets.listen(0, address).await?;
    open(dir, config, place, (sockets, listener), None).await
}

/// Prints the address of the publication.
fn announce(name: &str, front: &Front, address: &str) {
    let scheme = if front.tls.is_some() { "https" } else { "http" };
    match front.listener.local_addr() {
        Ok(local) if !is_at(local, address) => {
            outln!("{name} is at {address}, listening on {scheme}://{local}");
        }
        Ok(_) | Err(_) => outln!("{name} is at {address}"),
    }
}

/// Returns `true` if a browser on this machine reaches the server at `address`.
fn is_at(local: SocketAddr, address: &str) -> bool {
    address == format!("http://{local}") || address == on_this_machine(local)
}

/// Returns the address for a browser on this machine. It uses a host name, because passkeys require
/// one.
pub fn on_this_machine(local: SocketAddr) -> String {
    if local.ip().is_loopback() {
        format!("http://localhost:{}", local.port())
    } else {
        format!("http://{local}")
    }
}

/// What differs in the demonstration.
pub struct Demo {
    /// The address that overrides the configuration.
    pub address: String,
    /// The time in the demonstration.
    pub clock: Arc<DemoClock>,
}

/// Opens the publication in `dir` and serves it on `listener`.
pub async fn open(
    dir: &Path,
    config: Config,
    place: &Place,
    (sockets, listener): (Sockets, TcpListener),
    demo: Option<Demo>,
) -> Result<(), CliError> {
    process::raise_file_limit();
    // Before anything records: handles of metrics are bound to what is installed by then.
    let admin = Admin::open(&config.server).await?;
    let access_log = access_log(config.server.access_log)?;
    let security_log = security_log(dir, &config.server.security_log)?;
    let folder = Folder::new(dir, &config, place.data.as_deref());
    folder.check_theme(&config)?;
    folder.prepare()?;
    let front = Front::open(dir, &folder, &config, sockets, listener).await?;
    let keys = folder.keys()?;
    let relay = services::relay(&config.mail)?;
    let services = SiteServices::new(&folder, &config)?;
    check_media_store(&services.media_library).await?;
    let _lock = folder.lock(&config, place.database.as_deref())?;
    // Last of what may fail: once the database is upgraded, an older version cannot open it.
    let store = folder.upgraded_store(&config, place.database.as_deref()).await?;
    // Before a later rotation drops the key that they are sealed with.
    let resealed = store.reseal_authenticators().await?;
    if resealed > 0 {
        tracing::info!(resealed, "keys: secrets of authenticator apps sealed with the newest key");
    }
    let address = demo.as_ref().map(|demo| demo.address.as_str());
    let restored = store.restored_at().await?;
    let sales = services::sales(&config.payments, address.is_some());
    let (sales, services, relay) = match restored {
        Some(_) => (Sales::Closed, services.of_copy(), None),
        None => (sales, services, relay),
    };
    let source = folder.settings_source(&config, address, sales);
    let demo_clock = demo.map(|demo| demo.clock);
    let clock: Clock = match demo_clock.clone() {
        Some(clock) => Arc::new(move || clock.now()),
        None => Arc::new(Timestamp::now),
    };
    let (live_settings, start) =
        LiveSettings::open(source, store.clone(), Arc::clone(&clock)).await?;
    let media_library = Arc::clone(&services.media_library);
    let settings = services.settings(&folder, &config, start.theme);
    let settings = Settings { demo: demo_clock, security_log: security_log.clone(), ..settings };
    match restored {
        Some(_) => tracing::warn!("server: {}", masthead_web::readiness::RESTORED_COPY),
        None => warn_of_sales(&start.publication),
    }
    let (name, found_at) = (start.publication.name.clone(), start.publication.address.clone());
    let (outbox, staff) = (store.clone(), store.clone());
    let site = Site::open(start.publication, store, &keys, settings, Arc::clone(&clock)).await?;
    live_settings.attach(&site.live);
    let desk = desk(&site, &staff, (media_library, Arc::clone(&live_settings)));
    let (keep_emails, retention) = (config.mail.keep(), config.retention);
    let reloader = Arc::new(Reloader::new(dir, &folder, config, Arc::clone(&live_settings)));
    let watcher = reloader::watch(&reloader);
    tokio::spawn(reloader::reload_on_hangup(reloader, front.tls.clone()));
    let mut supervisor = Supervisor::new(Arc::clone(&site.tasks));
    tasks::start(&mut supervisor, &site, &desk, &live_settings, retention);
    if restored.is_none() {
        tasks::start_billing(&mut supervisor, &site);
    }
    let tls = front.tls.clone();
    let tls = if restored.is_some() { tls.map(Tls::of_copy) } else { tls };
    tasks::start_certificates(&mut supervisor, tls);
    let cleaner = OutboxCleaner::new(outbox.clone(), keep_emails, Arc::clone(&clock));
    let worker = relay
        .map(|relay| OutboxWorker::new(outbox, relay, site.outbox_wakeup(), Arc::clone(&clock)));
    tasks::start_outbox(&mut supervisor, cleaner, worker);
    let stop_admin = CancellationToken::new();
    if let Some(admin) = admin {
        tasks::start_measurements(&mut supervisor, &site, &staff, &admin.exporter);
        admin.serve(staff.clone(), Arc::clone(&site.tasks), stop_admin.clone());
    }
    announce(&name, &front, &found_at);
    if !staff.has_owner().await? {
        invite_owner(&staff, &found_at, clock()).await;
    }
    let router = site.router_with(routes::router(&desk));
    let router = router.layer(Observe::new(access_log.clone()));
    process::notify_systemd("READY=1");
    front.serve(&site, router, process::shutdown()).await;
    process::notify_systemd("STOPPING=1");
    supervisor.stop(GRACE).await;
    site.close().await;
    stop_admin.cancel();
    if let Some(access_log) = access_log {
        access_log.flush();
    }
    security_log.flush();
    tracing::info!("server: stopped");
    drop(watcher);
    Ok(())
}

/// Says in the log if readers cannot pay, or pay with nothing.
fn warn_of_sales(publication: &Publication) {
    match publication.sales {
        Sales::Closed if !publication.catalogue.is_empty() => tracing::warn!(
            "payments: nothing is sold, because there is no payment processor; set stripe_key and webhook_secret under \
             [payments] in masthead.toml, transfer to be paid by invoice, or sandbox = true to try the checkout"
        ),
        Sales::Sandbox if !publication.is_demo => tracing::warn!(
            "payments: readers pay at the sandbox, which collects nothing; set stripe_key under [payments] before you sell"
        ),
        Sales::Open | Sales::Sandbox | Sales::Invoices | Sales::Closed => {}
    }
}

/// Creates the desk next to a site.
fn desk(
    site: &Arc<Site>,
    store: &Store,
    (media_library, live_settings): (Arc<MediaLibrary>, Arc<LiveSettings>),
) -> Arc<DeskState> {
    DeskState::new(DeskServices {
        store: store.clone(),
        live: Arc::clone(&site.live),
        previews: Arc::clone(&site.previews),
        search: Arc::clone(&site.search_index),
        accounts: Arc::clone(&site.accounts),
        billing: Arc::clone(&site.billing),
        settings: live_settings,
        media: media_library,
        cookies: site.cookies(),
        outbox_wakeup: site.outbox_wakeup(),
        tasks: Arc::clone(&site.tasks),
        forwarding: Arc::clone(&site.forwarding),
        security_log: site.security_log.clone(),
    })
}

/// Checks that pictures can be stored. A temporary failure is only logged, because the site works
/// without pictures.
async fn check_media_store(media_library: &MediaLibrary) -> Result<(), CliError> {
    match media_library.check_writable().await {
        Ok(()) => Ok(()),
        Err(error) if error.is_permanent() => Err(CliError::new(format!(
            "pictures cannot be kept where masthead.toml says ({error}); check bucket, region and keys under [pictures]"
        ))),
        Err(error) => {
            tracing::error!(%error, "pictures: store cannot be reached, retrying at each request");
            Ok(())
        }
    }
}

/// Prints a link for the first owner. A full disk is no reason not to serve readers.
async fn invite_owner(store: &Store, address: &str, now: Timestamp) {
    match masthead_desk::open_link(store, address, Role::Owner, now).await {
        Ok(link) => {
            outln!(
                "Nobody owns its desk yet. The first person to open this address does, so keep it to yourself:"
            );
            outln!("{link}");
        }
        Err(error) => {
            tracing::error!(%error, "desk: no link for the first owner, run masthead staff link owner");
        }
    }
}

/// The services that a site uses, made from the configuration.
pub struct SiteServices {
    media_library: Arc<MediaLibrary>,
    processors: Vec<Arc<dyn Processor>>,
    openid: Vec<Provider>,
}

impl SiteServices {
    /// The services that the configuration names.
    ///
    /// # Errors
    ///
    /// Fails if one of them is not configured as it should be.
    pub fn new(folder: &Folder, config: &Config) -> Result<Self, CliError> {
        Ok(Self {
            media_library: Arc::new(folder.media_library(config)?),
            processors: masthead_payments::configured(&config.payments)?,
            openid: Self::providers(config)?,
        })
    }

    /// The same without a payment processor: a restored copy neither charges nor hears from it.
    #[must_use]
    pub fn of_copy(self) -> Self {
        Self { processors: Vec::new(), ..self }
    }

    /// Where readers may sign in with an account that they have elsewhere.
    pub fn providers(config: &Config) -> Result<Vec<Provider>, CliError> {
        config.openid.iter().map(services::provider).collect()
    }

    /// The settings of a publication's site.
    pub fn settings(self, folder: &Folder, config: &Config, theme: Option<PathBuf>) -> Settings {
        let Self { media_library, processors, openid } = self;
        Settings {
            theme,
            media_library,
            search: Some(folder.search()),
            page_cache: config.server.page_cache * 1024 * 1024,
            recent_readers: config.server.recent_readers,
            processors,
            openid,
            security_log: SecurityLog::default(),
            demo: None,
        }
    }
}
