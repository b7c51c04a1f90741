//! `masthead serve`: serves the publication until it is stopped.

mod announcement;
mod logs;
mod opening;
mod reloader;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::builder::{OsStringValueParser, TypedValueParser};
use masthead_desk::routes;
use masthead_mail::{OutboxCleaner, OutboxWorker, SmtpRelay};
use masthead_publication::config::Config;
use masthead_site::{demo_clock::DemoClock, strips::StripReader};
use masthead_store::{ChangeFeed, Store};
use masthead_telemetry::Supervisor;
use masthead_web::{
    observe::Observe,
    outside::{OutsideClient, OutsideRules},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::{
    announcement::announce,
    opening::{OpenSite, SiteOptions},
};
pub use self::{
    announcement::on_this_machine,
    logs::{Logs, check_security_log},
    reloader::Reloader,
};
use crate::{
    admin::Admin,
    database_clock::DatabaseClock,
    error::CliError,
    folder::Folder,
    listeners::{Listeners, Sockets, Tls},
    log, process,
    server_state::StateFile,
    services::{self, SiteServices},
    signals::ShutdownSignals,
    tasks,
    wall_clock::{TimeSources, WallClock},
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

/// What differs in the demonstration.
pub struct DemoStart {
    /// The address that overrides the configuration.
    pub address: String,
    /// The time in the demonstration.
    pub clock: Arc<DemoClock>,
}

/// Opens the publication in `dir` and serves it on `listener`, until the process is asked to end.
pub async fn open(
    dir: &Path,
    config: Config,
    place: &Place,
    listening: (Sockets, TcpListener),
    demo: Option<DemoStart>,
) -> Result<(), CliError> {
    // From now on, so that the process is never ended by a signal itself.
    let mut signals = ShutdownSignals::listen();
    let starting = Box::pin(start(dir, config, place, listening, demo));
    let started = tokio::select! {
        started = starting => started?,
        () = signals.next() => {
            tracing::info!("server: stopped before it had started");
            return Ok(());
        }
    };
    serve(started, signals).await
}

/// A publication that is open, with its tasks.
struct Started {
    listeners: Listeners,
    opened: OpenSite,
    store: Store,
    logs: Logs,
    supervisor: Supervisor,
    /// The lock of an SQLite database.
    lock: Option<File>,
}

/// Opens the publication in `dir`, and starts its tasks.
async fn start(
    dir: &Path,
    config: Config,
    place: &Place,
    (sockets, listener): (Sockets, TcpListener),
    demo: Option<DemoStart>,
) -> Result<Started, CliError> {
    process::raise_file_limit();
    // Before anything records: handles of metrics are bound to what is installed by then.
    let admin = Admin::open(&config.server).await?;
    let folder = Folder::new(dir, &config, place.data.as_deref());
    folder.check_theme(&config)?;
    folder.prepare()?;
    let logs = Logs::open(dir, &config.server)?;
    let listeners = Listeners::open(dir, &folder, &config, sockets, listener).await?;
    let keys = folder.keys(&config, place.database.as_deref()).await?;
    let relay = services::relay(&config.mail)?;
    let services = SiteServices::new(&folder, &config)?;
    opening::check_media_store(&services.media_library).await?;
    let lock = folder.lock(&config, place.database.as_deref())?;
    // Last of what may fail: once the database is upgraded, an older version cannot open it.
    let store = opening::store(&folder, &config, place, &keys).await?;
    let is_copy = store.restored_at().await?.is_some();
    let wall_clock = watched_clock(&store, &config, &services, is_copy || demo.is_some()).await?;
    let options = SiteOptions {
        folder: &folder,
        config: &config,
        keys: &keys,
        services,
        security_log: logs.security.clone(),
        demo,
        is_copy,
        wall_clock: wall_clock.clone(),
    };
    let opened = opening::site(options, &store).await?;
    let mut supervisor = Supervisor::new(Arc::clone(&opened.site.tasks));
    let relay = relay.filter(|_| !is_copy);
    let changes = ChangeFeed::new(store.clone());
    let database_clock = DatabaseClock::default();
    // Before anything is due. The task says what is wrong.
    drop(database_clock.compare(&store).await);
    let clocks = (wall_clock.clone(), database_clock.clone());
    let database = store.clone();
    // What is charged must be recorded, at the right time.
    let may_charge =
        move || clocks.0.check().is_ok() && clocks.1.agrees() && database.has_its_file();
    opened.site.billing.set_charge_check(Box::new(may_charge));
    tasks::start_database_clock(&mut supervisor, &store, &database_clock);
    let clocks = (&wall_clock, &database_clock);
    start_tasks(&mut supervisor, &opened, &config, &store, (&changes, clocks), relay);
    if !is_copy {
        tasks::start_billing(&mut supervisor, &opened.site, &changes);
        tasks::start_staff_tasks(&mut supervisor, &opened.desk);
    }
    let tls = if is_copy { listeners.tls.clone().map(Tls::of_copy) } else { listeners.tls.clone() };
    tasks::start_certificates(&mut supervisor, tls.clone());
    let reloader = Reloader::new(dir, &folder, config, Arc::clone(&opened.settings));
    tasks::start_reloading(&mut supervisor, reloader, tls);
    let client = OutsideClient::new(OutsideRules::PUBLIC);
    let strips = StripReader::new(Arc::clone(&opened.site.live), dir.to_owned(), client);
    tasks::start_strips(&mut supervisor, strips);
    tasks::start_logs(&mut supervisor, &logs);
    let admin = admin.map(|admin| (admin, listeners.admin_connections()));
    tasks::start_database_check(&mut supervisor, &store);
    tasks::start_admin(&mut supervisor, &opened.site, &store, admin);
    start_state(&mut supervisor, &opened, &folder, &listeners);
    Ok(Started { listeners, opened, store, logs, supervisor, lock })
}

/// Begins to watch the clock. A copy charges and publishes nothing, and a demonstration has a time of its own.
async fn watched_clock(
    store: &Store,
    config: &Config,
    services: &SiteServices,
    is_trusted: bool,
) -> Result<WallClock, CliError> {
    if is_trusted {
        return Ok(WallClock::watch());
    }
    let processors = services.processors.iter().filter_map(|it| it.api().map(str::to_owned));
    let authority = config.tls.acme.then(|| config.tls.acme_directory.clone());
    let issuers = config.openid.iter().map(|provider| provider.issuer.clone());
    let sources = TimeSources::new(processors.chain(authority).chain(issuers));
    Ok(WallClock::start(store, sources).await?)
}

/// Starts the tasks of every server, and those for email.
fn start_tasks(
    supervisor: &mut Supervisor,
    opened: &OpenSite,
    config: &Config,
    store: &Store,
    (changes, clocks): (&ChangeFeed, (&WallClock, &DatabaseClock)),
    relay: Option<SmtpRelay>,
) {
    let OpenSite { site, desk, settings, clock } = opened;
    tasks::start(supervisor, site, desk, settings, changes, clocks);
    let cleaner = OutboxCleaner::new(store.clone(), config.mail.keep(), Arc::clone(clock));
    let worker =
        |relay| OutboxWorker::new(store.clone(), relay, site.outbox_wakeup(), Arc::clone(clock));
    tasks::start_outbox(supervisor, cleaner, relay.map(worker), clocks);
}

/// Starts to note how the server is, for `masthead doctor`. A server whose disk is full goes on without.
fn start_state(
    supervisor: &mut Supervisor,
    opened: &OpenSite,
    folder: &Folder,
    listeners: &Listeners,
) {
    let listen = listeners.listener.local_addr().map(|address| address.to_string());
    match StateFile::create(folder.data()) {
        Ok(file) => tasks::start_state(supervisor, &opened.site, file, listen.unwrap_or_default()),
        Err(error) => {
            tracing::warn!(%error, "server: state not noted, so masthead doctor does not see this server");
        }
    }
}

/// Serves until the process is asked to end, and then finishes what has begun.
async fn serve(started: Started, mut signals: ShutdownSignals) -> Result<(), CliError> {
    let Started { mut listeners, opened, store, logs, mut supervisor, lock: _lock } = started;
    let OpenSite { site, desk, clock, .. } = &opened;
    let stopping = CancellationToken::new();
    tasks::start_redirects(&mut supervisor, listeners.redirects(site, &stopping));
    announce(site, &store, &listeners, clock()).await?;
    let router = site.router_with(routes::router(desk), Observe::new(logs.access.clone()));
    process::notify_systemd("READY=1");
    let written = logs.clone();
    let stop = async {
        signals.next().await;
        signals.end_at_next(move || written.flush());
        site.end_streams();
        desk.stop_backups();
        stopping.cancel();
    };
    listeners.serve(site, router, stop).await;
    process::notify_systemd("STOPPING=1");
    supervisor.stop(GRACE).await;
    site.close().await;
    logs.flush();
    tracing::info!("server: stopped");
    Ok(())
}
