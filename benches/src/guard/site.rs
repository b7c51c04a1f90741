//! The server of a publication within this process, put together as `masthead serve` does.

use std::{fs, path::Path, sync::Arc};

use jiff::Timestamp;
use masthead_access::token::Keyring;
use masthead_desk::{BackupPlace, DeskServices, DeskState, EmbedSites, MailRecordCheck, routes};
use masthead_media::MediaLibrary;
use masthead_publication::{Clock, LiveSettings, Sales, SettingsSource, config::Config};
use masthead_site::{
    Settings, Site,
    serve::{ConnectionLimits, Server},
};
use masthead_store::{Location, Store};
use masthead_telemetry::security::SecurityLog;
use masthead_web::{
    observe::Observe,
    outside::{OutsideClient, OutsideRules},
};

use crate::BenchError;

/// Opens the publication in `folder`, without background tasks.
pub async fn server(folder: &Path) -> Result<Server, BenchError> {
    let keys = Keyring::parse(&fs::read_to_string(folder.join("data/keys"))?)?;
    let store = Store::open(&Location::Sqlite(folder.join("data/masthead.db"))).await?;
    let store = store.with_keys(&keys);
    let file = folder.join("masthead.toml");
    let config = Config::read(&file)?;
    let clock: Clock = Arc::new(Timestamp::now);
    let source = SettingsSource { file, theme: None, demo_address: None, sales: Sales::Invoices };
    let (settings, start) = LiveSettings::open(source, store.clone(), Arc::clone(&clock)).await?;
    let media_library = Arc::new(MediaLibrary::in_folder(&folder.join("data/media"))?);
    let of_site = Settings {
        media_library: Arc::clone(&media_library),
        search: None,
        page_cache: config.server.page_cache * 1024 * 1024,
        recent_readers: config.server.recent_readers,
        processors: Vec::new(),
        openid: Vec::new(),
        security_log: SecurityLog::default(),
        demo: None,
    };
    let site = Site::open(start, store.clone(), &keys, of_site, clock).await?;
    settings.attach(&site.live);
    let desk = desk(&site, store, media_library, settings);
    let router = site.router_with(routes::router(&desk), Observe::default());
    Ok(Server::new(router, ConnectionLimits::default(), |_| false))
}

fn desk(
    site: &Site,
    store: Store,
    media: Arc<MediaLibrary>,
    settings: Arc<LiveSettings>,
) -> Arc<DeskState> {
    DeskState::new(DeskServices {
        store,
        live: Arc::clone(&site.live),
        previews: Arc::clone(&site.previews),
        search: Arc::clone(&site.search_index),
        accounts: Arc::clone(&site.accounts),
        billing: Arc::clone(&site.billing),
        settings,
        media,
        mail_records: MailRecordCheck::new(|| async { Vec::new() }),
        embeds: EmbedSites::new(OutsideClient::new(OutsideRules::PUBLIC)),
        cookies: site.cookies(),
        outbox_wakeup: site.outbox_wakeup(),
        tasks: Arc::clone(&site.tasks),
        forwarding: Arc::clone(&site.forwarding),
        security_log: site.security_log.clone(),
        sends_mail: false,
        mail: masthead_desk::MailFacts::default(),
        backups: BackupPlace::default(),
        temporary: std::env::temp_dir(),
    })
}
