//! Opens what serves a publication: its store, its site and its desk.

use std::{path::Path, sync::Arc};

use masthead_access::token::Keyring;
use masthead_desk::{BackupPlace, DeskServices, DeskState, EmbedSites, MailFacts, MailRecordCheck};
use masthead_media::MediaLibrary;
use masthead_publication::{Clock, LiveSettings, Sales, config::Config};
use masthead_site::{Settings, Site, demo_clock::DemoClock};
use masthead_store::{KeyAgreement, Store};
use masthead_telemetry::security::SecurityLog;
use masthead_web::{
    outside::{OutsideClient, OutsideRules},
    readiness::RESTORED_COPY,
};

use super::{
    DemoStart, Place,
    announcement::{warn_of_build, warn_of_sales},
};
use crate::{
    commands::doctor::mail_records,
    error::CliError,
    folder::Folder,
    services::{self, SiteServices},
    wall_clock::WallClock,
};

/// What a site is opened with.
pub(super) struct SiteOptions<'a> {
    pub(super) folder: &'a Folder,
    pub(super) config: &'a Config,
    pub(super) keys: &'a Keyring,
    pub(super) services: SiteServices,
    pub(super) security_log: SecurityLog,
    pub(super) demo: Option<DemoStart>,
    /// Whether the database is a restored copy that was not activated.
    pub(super) is_copy: bool,
    pub(super) wall_clock: WallClock,
}

/// An open publication.
pub(super) struct OpenSite {
    pub(super) site: Arc<Site>,
    pub(super) desk: Arc<DeskState>,
    pub(super) settings: Arc<LiveSettings>,
    pub(super) clock: Clock,
}

/// Opens the store, after upgrading it.
pub(super) async fn store(
    folder: &Folder,
    config: &Config,
    place: &Place,
    keys: &Keyring,
) -> Result<Store, CliError> {
    let store = folder.upgraded_store(config, place.database.as_deref()).await?;
    if agree(&store, keys).await {
        // Before a later rotation drops the key that they are sealed with.
        let resealed = store.reseal_authenticators().await?;
        if resealed > 0 {
            tracing::info!(
                resealed,
                "keys: secrets of authenticator apps encrypted with the newest key"
            );
        }
    }
    // The upgrade and what belongs to it have waited as long as they had to.
    store.limit_lock_waits();
    Ok(store)
}

/// Compares the keys with those of other servers. Returns `false` if they are others, with which nothing may be sealed again that the
/// others read: only this server could read it afterwards.
async fn agree(store: &Store, keys: &Keyring) -> bool {
    match store.register_keys(keys).await.map(KeyAgreement::fault) {
        Ok(None) => true,
        Ok(Some((fault, remedy))) => {
            tracing::error!("keys: {fault}; {remedy}");
            false
        }
        // Such as on a full disk: the server starts all the same.
        Err(error) => {
            tracing::error!(%error, "keys: not compared with those of other servers");
            false
        }
    }
}

/// Opens the site and the desk beside it. A restored copy sells nothing.
pub(super) async fn site(options: SiteOptions<'_>, store: &Store) -> Result<OpenSite, CliError> {
    let SiteOptions { folder, config, keys, services, security_log, demo, is_copy, wall_clock } =
        options;
    let (address, demo_clock) = demo.map(|demo| (demo.address, demo.clock)).unzip();
    let sales = services::sales(&config.payments, address.is_some());
    let (sales, services) =
        if is_copy { (Sales::Closed, services.of_copy()) } else { (sales, services) };
    let source = folder.settings_source(config, address.as_deref(), sales);
    let clock = clock(demo_clock.clone(), wall_clock);
    let (live, start) = LiveSettings::open(source, store.clone(), Arc::clone(&clock)).await?;
    if is_copy {
        tracing::warn!("server: {RESTORED_COPY}");
    } else {
        warn_of_sales(&start.publication);
    }
    if !start.publication.is_demo {
        warn_of_build();
    }
    let media_library = Arc::clone(&services.media_library);
    let settings = services.settings(folder, config);
    let settings = Settings { demo: demo_clock, security_log, ..settings };
    let site = Site::open(start, store.clone(), keys, settings, Arc::clone(&clock));
    let site = site.await?;
    live.attach(&site.live);
    let mail = MailOfDesk {
        is_sent: !is_copy && services::relay(&config.mail)?.is_some(),
        facts: services::mail_facts(&config.mail)?,
        records: mail_records::for_desk(&config.mail),
    };
    let backups = services::backup_place(folder, config)?;
    let desk = desk(&site, store, media_library, Arc::clone(&live), (mail, backups, folder.data()));
    Ok(OpenSite { site, desk, settings: live, clock })
}

fn clock(demo: Option<Arc<DemoClock>>, wall_clock: WallClock) -> Clock {
    match demo {
        Some(clock) => Arc::new(move || clock.now()),
        None => Arc::new(move || wall_clock.now()),
    }
}

/// What the desk shows of email.
struct MailOfDesk {
    is_sent: bool,
    facts: MailFacts,
    records: MailRecordCheck,
}

/// Creates the desk next to a site.
fn desk(
    site: &Arc<Site>,
    store: &Store,
    media: Arc<MediaLibrary>,
    settings: Arc<LiveSettings>,
    (mail, backups, data): (MailOfDesk, BackupPlace, &Path),
) -> Arc<DeskState> {
    DeskState::new(DeskServices {
        store: store.clone(),
        live: Arc::clone(&site.live),
        previews: Arc::clone(&site.previews),
        search: Arc::clone(&site.search_index),
        accounts: Arc::clone(&site.accounts),
        billing: Arc::clone(&site.billing),
        settings,
        media,
        embeds: EmbedSites::new(OutsideClient::new(OutsideRules::PUBLIC)),
        cookies: site.cookies(),
        outbox_wakeup: site.outbox_wakeup(),
        sends_mail: mail.is_sent,
        mail: mail.facts,
        mail_records: mail.records,
        tasks: Arc::clone(&site.tasks),
        forwarding: Arc::clone(&site.forwarding),
        security_log: site.security_log.clone(),
        backups,
        temporary: data.to_path_buf(),
    })
}

/// Checks that pictures can be stored. A temporary failure is only logged, because the site works
/// without pictures.
pub(super) async fn check_media_store(media_library: &MediaLibrary) -> Result<(), CliError> {
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
