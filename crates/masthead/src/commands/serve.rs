//! `masthead serve`: the publication's site, until it is told to stop.

use std::{
    io::{self, IsTerminal},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use masthead_circulation::staff::Role;
use masthead_desk::{Desk, Foundations, Imprint, routes};
use masthead_mail::{OutboxCleaner, OutboxWorker};
use masthead_media::MediaLibrary;
use masthead_publication::{Clock, Publication, watch};
use masthead_site::{
    Settings, Site,
    demo_clock::DemoClock,
    serve::{Limits, serve},
};
use masthead_store::Store;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

use crate::{
    billing_tasks,
    config::{Config, LogFormat},
    error::CliError,
    folder::Folder,
    front::Front,
    live_config::LiveConfig,
    services,
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
pub async fn run(dir: &Path, place: &Place) -> Result<(), CliError> {
    let config = Folder::config(dir)?;
    start_log(config.server.log);
    let listener = listen(place.listen.as_deref().unwrap_or(&config.server.listen)).await?;
    open(dir, config, place, listener, None).await
}

/// Says once, for people, where the publication is.
fn announce(name: &str, listener: &TcpListener, address: &str) {
    match listener.local_addr() {
        Ok(local) if !is_at(local, address) => {
            outln!("{name} is at {address}, listening on http://{local}");
        }
        Ok(_) | Err(_) => outln!("{name} is at {address}"),
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
) -> Result<(), CliError> {
    let folder = Folder::new(dir, &config, place.data.as_deref());
    folder.prepare()?;
    let store = folder.store(&config, place.database.as_deref()).await?;
    let keys = folder.keys()?;
    let settings = Settings {
        demo: demo.as_ref().map(|demo| Arc::clone(&demo.clock)),
        ..settings(&folder, &config)?
    };
    let gallery = Arc::clone(&settings.gallery);
    look_at(&gallery).await?;
    let relay = services::relay(&config.mail)?;
    let keep_emails = config.mail.keep();
    let address = demo.as_ref().map(|demo| demo.address.clone());
    let live_config = LiveConfig::open(dir.to_path_buf(), address.clone(), store.clone()).await?;
    let mut config = live_config.config(config);
    make_demo(&mut config.publication, address.as_deref());
    let theme = folder.theme(&config);
    let (name, found_at) = (config.publication.name.clone(), config.publication.address.clone());
    let (outbox, staff) = (store.clone(), store.clone());
    let clock: Clock = match demo {
        Some(Demo { clock, .. }) => Arc::new(move || clock.now()),
        None => Arc::new(Timestamp::now),
    };
    let site = Site::open(config.publication, store, &keys, settings, Arc::clone(&clock)).await?;
    live_config.attach(&site.live);
    let desk = desk(&site, &staff, &clock, (gallery, Arc::clone(&live_config)));
    let sums = tokio::spawn(Arc::clone(&desk).keep_sums());
    let watcher = watch(&live_config, dir, &theme);
    let course = tokio::spawn(live_config.watch());
    let fresh = tokio::spawn(Arc::clone(&site).keep_fresh());
    let tally = tokio::spawn(Arc::clone(&site.counters).run());
    let most_read = tokio::spawn(Arc::clone(&site).keep_most_read());
    let index = tokio::spawn(Arc::clone(&site.search_index).run());
    let billing_tasks = billing_tasks::start(&site);
    let cleaner = OutboxCleaner::new(outbox.clone(), keep_emails, Arc::clone(&clock));
    let outbox_cleaner = tokio::spawn(cleaner.run());
    let outbox_worker = relay.map(|relay| {
        let worker = OutboxWorker::new(outbox, relay, site.outbox_wakeup(), Arc::clone(&clock));
        tokio::spawn(worker.run())
    });
    announce(&name, &listener, &found_at);
    if !staff.has_owner().await? {
        let link = masthead_desk::open_link(&staff, &found_at, Role::Owner, clock()).await?;
        outln!(
            "Nobody owns its desk yet. Whoever opens this address first does, so keep it to yourself:"
        );
        outln!("{link}");
    }
    let router = site.router().merge(routes::router(&desk));
    serve(listener, router, Limits::default(), told_to_stop()).await;
    site.close().await;
    tracing::info!("stopped");
    if let Some(outbox_worker) = outbox_worker {
        outbox_worker.abort();
    }
    outbox_cleaner.abort();
    sums.abort();
    course.abort();
    tally.abort();
    most_read.abort();
    index.abort();
    drop(billing_tasks);
    fresh.abort();
    drop(watcher);
    Ok(())
}

/// The desk beside a site.
fn desk(
    site: &Arc<Site>,
    store: &Store,
    clock: &Clock,
    (gallery, live_config): (Arc<MediaLibrary>, Arc<LiveConfig>),
) -> Arc<Desk> {
    let of = Arc::clone(site);
    let imprint = move || {
        let publication = &of.snapshot().publication;
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
        helm: live_config,
        gallery,
        cookies: site.cookies(),
        clock: Arc::clone(clock),
        outbox_wakeup: site.outbox_wakeup(),
    })
}

/// Finds out whether pictures can be kept. What is down may come back, and readers are served without it.
async fn look_at(gallery: &MediaLibrary) -> Result<(), CliError> {
    match gallery.try_out().await {
        Ok(()) => Ok(()),
        Err(error) if error.is_refusal() => Err(CliError::new(format!(
            "pictures cannot be kept where masthead.toml says ({error}); check bucket, region and keys under [pictures]"
        ))),
        Err(error) => {
            tracing::error!(%error, "pictures can neither be kept nor shown; it is tried again whenever somebody asks");
            Ok(())
        }
    }
}

/// How the site of a publication works.
pub fn settings(folder: &Folder, config: &Config) -> Result<Settings, CliError> {
    Ok(Settings {
        theme: Some(folder.theme(config)),
        gallery: Arc::new(folder.gallery(config)?),
        search: Some(folder.search()),
        page_cache: config.server.page_cache * 1024 * 1024,
        recent_readers: config.server.recent_readers,
        fresh_per_network: config.fresh_per_network,
        processor: services::processor(&config.payments)?,
        openid: config.openid.iter().map(services::provider).collect::<Result<_, _>>()?,
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

/// Takes up changes of the configuration and the theme. A broken one is told of and not taken up.
fn watch(live_config: &Arc<LiveConfig>, dir: &Path, theme: &Path) -> Option<impl Sized + use<>> {
    let file = Folder::config_file(dir);
    let live_config = Arc::clone(live_config);
    let runtime = tokio::runtime::Handle::current();
    let reload = move || match runtime.block_on(live_config.reload()) {
        Ok(()) => tracing::info!("settings: reloaded file and theme"),
        Err(error) => {
            tracing::error!(%error, "settings: reload failed, the last good settings stay in force");
        }
    };
    match watch::watch(dir, &[&file, theme], reload) {
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
