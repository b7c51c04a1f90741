//! `masthead serve`: serves the publication until it is stopped.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use masthead_circulation::staff::Role;
use masthead_desk::{DeskServices, DeskState, routes};
use masthead_mail::{OutboxCleaner, OutboxWorker};
use masthead_media::MediaLibrary;
use masthead_publication::{Clock, LiveSettings, config::Config, watch};
use masthead_settings::AccessLogFormat;
use masthead_site::{
    Settings, Site,
    demo_clock::DemoClock,
    serve::{Limits, serve},
};
use masthead_store::Store;
use masthead_telemetry::Supervisor;
use masthead_web::{
    access_log::{AccessLog, Format},
    observe::Observe,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{admin::Admin, error::CliError, folder::Folder, log, process, services, tasks};

/// How long background tasks may finish what they have begun when the server stops.
const GRACE: Duration = Duration::from_secs(20);

/// Locations that override the configuration.
#[derive(clap::Args, Clone, Default)]
pub struct Place {
    /// The directory for database, pictures and keys (for the demo: for the whole publication).
    #[arg(long, global = true, env = "MASTHEAD_DATA")]
    pub data: Option<PathBuf>,
    /// "sqlite", or a PostgreSQL URL.
    #[arg(long, global = true, env = "MASTHEAD_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
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
    let listener = listen(listen_at.listen.as_deref().unwrap_or(&config.server.listen)).await?;
    open(dir, config, place, listener, None).await
}

/// Prints the address of the publication.
fn announce(name: &str, listener: &TcpListener, address: &str) {
    match listener.local_addr() {
        Ok(local) if !is_at(local, address) => {
            outln!("{name} is at {address}, listening on http://{local}");
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

/// Binds the address to listen on.
pub async fn listen(address: &str) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error| {
        CliError::new(match error.kind() {
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
    listener: TcpListener,
    demo: Option<Demo>,
) -> Result<(), CliError> {
    process::raise_file_limit();
    // Before anything records: handles of metrics are bound to what is installed by then.
    let admin = Admin::open(&config.server).await?;
    let access_log = access_log(config.server.access_log)?;
    let folder = Folder::new(dir, &config, place.data.as_deref());
    folder.prepare()?;
    let keys = folder.keys()?;
    let relay = services::relay(&config.mail)?;
    check_media_store(&folder.media_library(&config)?).await?;
    services::processor(&config.payments)?;
    let _lock = folder.lock(&config, place.database.as_deref())?;
    // Last of what may fail: once the database is upgraded, an older version cannot open it.
    let store = folder.upgraded_store(&config, place.database.as_deref()).await?;
    let address = demo.as_ref().map(|demo| demo.address.as_str());
    let source = folder.settings_source(&config, address);
    let demo_clock = demo.map(|demo| demo.clock);
    let clock: Clock = match demo_clock.clone() {
        Some(clock) => Arc::new(move || clock.now()),
        None => Arc::new(Timestamp::now),
    };
    let (live_settings, start) =
        LiveSettings::open(source, store.clone(), Arc::clone(&clock)).await?;
    let settings = Settings { demo: demo_clock, ..settings(&folder, &config, start.theme)? };
    let media_library = Arc::clone(&settings.media_library);
    let (name, found_at) = (start.publication.name.clone(), start.publication.address.clone());
    let (outbox, staff) = (store.clone(), store.clone());
    let site = Site::open(start.publication, store, &keys, settings, Arc::clone(&clock)).await?;
    live_settings.attach(&site.live);
    let desk = desk(&site, &staff, (media_library, Arc::clone(&live_settings)));
    let watcher = watch(&live_settings, dir, &folder.theme(&config));
    tokio::spawn(reload_on_hangup(Arc::clone(&live_settings)));
    let mut supervisor = Supervisor::new(Arc::clone(&site.tasks));
    tasks::start(&mut supervisor, &site, &desk, &live_settings, config.retention);
    let cleaner = OutboxCleaner::new(outbox.clone(), config.mail.keep(), Arc::clone(&clock));
    let worker = relay
        .map(|relay| OutboxWorker::new(outbox, relay, site.outbox_wakeup(), Arc::clone(&clock)));
    tasks::start_outbox(&mut supervisor, cleaner, worker);
    let stop_admin = CancellationToken::new();
    if let Some(admin) = admin {
        tasks::start_measurements(&mut supervisor, &site, &staff, &admin.exporter);
        admin.serve(staff.clone(), Arc::clone(&site.tasks), stop_admin.clone());
    }
    announce(&name, &listener, &found_at);
    if !staff.has_owner().await? {
        let link = masthead_desk::open_link(&staff, &found_at, Role::Owner, clock()).await?;
        outln!(
            "Nobody owns its desk yet. The first person to open this address does, so keep it to yourself:"
        );
        outln!("{link}");
    }
    let router = site.router().merge(routes::router(&desk)).layer(Observe::new(access_log.clone()));
    process::notify_systemd("READY=1");
    serve(listener, router, Limits::default(), process::shutdown()).await;
    process::notify_systemd("STOPPING=1");
    supervisor.stop(GRACE).await;
    site.close().await;
    stop_admin.cancel();
    if let Some(access_log) = access_log {
        access_log.flush();
    }
    tracing::info!("server: stopped");
    drop(watcher);
    Ok(())
}

/// The access log on standard output; `None` if it is off.
fn access_log(format: AccessLogFormat) -> Result<Option<AccessLog>, CliError> {
    let format = match format {
        AccessLogFormat::Off => return Ok(None),
        AccessLogFormat::Text => Format::Text,
        AccessLogFormat::Json => Format::Json,
    };
    let log = AccessLog::start(format, io::stdout());
    log.map(Some)
        .map_err(|error| CliError::new(format!("the access log cannot be started: {error}")))
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
        billing: Arc::clone(&site.billing),
        settings: live_settings,
        media: media_library,
        cookies: site.cookies(),
        outbox_wakeup: site.outbox_wakeup(),
        tasks: Arc::clone(&site.tasks),
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

/// The settings of a publication's site.
pub fn settings(
    folder: &Folder,
    config: &Config,
    theme: Option<PathBuf>,
) -> Result<Settings, CliError> {
    Ok(Settings {
        theme,
        media_library: Arc::new(folder.media_library(config)?),
        search: Some(folder.search()),
        page_cache: config.server.page_cache * 1024 * 1024,
        recent_readers: config.server.recent_readers,
        processor: services::processor(&config.payments)?,
        openid: config.openid.iter().map(services::provider).collect::<Result<_, _>>()?,
        demo: None,
    })
}

/// Applies changes of the configuration and the theme. A broken one is logged and not applied.
fn watch(
    live_settings: &Arc<LiveSettings>,
    dir: &Path,
    theme: &Path,
) -> Option<impl Sized + use<>> {
    let file = Folder::config_file(dir);
    let live_settings = Arc::clone(live_settings);
    let runtime = tokio::runtime::Handle::current();
    let reload = move || runtime.block_on(reload(&live_settings));
    match watch::watch(dir, &[&file, theme], reload) {
        Ok(watcher) => Some(watcher),
        Err(error) => {
            tracing::warn!(%error, "settings: file and theme cannot be watched, changes need a restart");
            None
        }
    }
}

async fn reload(live_settings: &LiveSettings) {
    match live_settings.reload().await {
        Ok(()) => tracing::info!("settings: reloaded file and theme"),
        Err(error) => {
            tracing::error!(%error, "settings: reload failed, the last good settings stay in force");
        }
    }
}

/// Reloads settings and theme when an operator asks for it by SIGHUP.
async fn reload_on_hangup(live_settings: Arc<LiveSettings>) {
    process::on_hangup(|| reload(&live_settings)).await;
}
