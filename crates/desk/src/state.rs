//! What all handlers share.

use std::sync::Arc;

use masthead_billing::Billing;
use masthead_identity::passkeys::relying_party;
use masthead_media::MediaLibrary;
use masthead_publication::{AccountCache, Live, LiveSettings, Previews, SearchIndex};
use masthead_store::Store;
use masthead_telemetry::{TaskRegistry, security::SecurityLog};
use masthead_web::{cookies::Cookies, forwarding::ForwardingMonitor};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    archives::OpenedArchive,
    assets::Assets,
    backups::BackupPlace,
    email::{MailFacts, records::MailRecordCheck},
    figures::totals::TotalsCache,
    newsroom::{embed_cards::EmbedSites, upload_room::UploadRoom},
    templates::Templates,
};

/// What the desk is given.
pub struct DeskServices {
    /// The publication's database.
    pub store: Store,
    /// What is in force.
    pub live: Arc<Live>,
    /// What a reader would see, and why.
    pub previews: Arc<Previews>,
    /// The search index.
    pub search: Arc<SearchIndex>,
    /// Signed-in readers in memory.
    pub accounts: Arc<AccountCache>,
    /// What happens to subscriptions.
    pub billing: Arc<Billing>,
    /// The settings, to change them.
    pub settings: Arc<LiveSettings>,
    /// The publication's pictures.
    pub media: Arc<MediaLibrary>,
    /// Says what is at the addresses of embeds.
    pub embeds: EmbedSites,
    /// The publication's cookies.
    pub cookies: Cookies,
    /// Wakes the outbox worker when there is new mail.
    pub outbox_wakeup: Arc<Notify>,
    /// Whether mail is sent: otherwise it waits in the outbox.
    pub sends_mail: bool,
    /// How mail is sent, to show it.
    pub mail: MailFacts,
    /// Looks up what DNS says about the sender.
    pub mail_records: MailRecordCheck,
    /// The health of the server's background tasks.
    pub tasks: Arc<TaskRegistry>,
    /// Requests of proxies that are not configured, or not as they should be.
    pub forwarding: Arc<ForwardingMonitor>,
    /// The log of what concerns security.
    pub security_log: SecurityLog,
    /// Where backups are made.
    pub backups: BackupPlace,
}

/// The state of the desk of a publication.
pub struct DeskState {
    pub(crate) store: Store,
    pub(crate) live: Arc<Live>,
    pub(crate) previews: Arc<Previews>,
    pub(crate) search: Arc<SearchIndex>,
    pub(crate) accounts: Arc<AccountCache>,
    pub(crate) billing: Arc<Billing>,
    pub(crate) live_settings: Arc<LiveSettings>,
    pub(crate) media: Arc<MediaLibrary>,
    pub(crate) embeds: EmbedSites,
    pub(crate) cookies: Cookies,
    pub(crate) outbox_wakeup: Arc<Notify>,
    pub(crate) sends_mail: bool,
    pub(crate) mail: MailFacts,
    pub(crate) mail_records: MailRecordCheck,
    pub(crate) tasks: Arc<TaskRegistry>,
    pub(crate) forwarding: Arc<ForwardingMonitor>,
    pub(crate) security_log: SecurityLog,
    pub(crate) templates: Templates,
    pub(crate) assets: Assets,
    pub(crate) totals: TotalsCache,
    pub(crate) uploads: UploadRoom,
    /// The archive that a job of this server works on.
    pub(crate) open_archive: Mutex<Option<Arc<OpenedArchive>>>,
    /// Wakes the task that does what staff have asked for.
    pub(crate) jobs_wakeup: Arc<Notify>,
    pub(crate) backups: BackupPlace,
    /// Wakes the task that makes backups.
    pub(crate) backups_wakeup: Arc<Notify>,
    /// Interrupts the backup that this server makes.
    pub(crate) backups_stop: CancellationToken,
}

impl DeskState {
    /// The state of a desk with these services.
    pub fn new(services: DeskServices) -> Arc<Self> {
        Arc::new(Self {
            store: services.store,
            live: services.live,
            previews: services.previews,
            search: services.search,
            accounts: services.accounts,
            billing: services.billing,
            live_settings: services.settings,
            media: services.media,
            embeds: services.embeds,
            cookies: services.cookies,
            outbox_wakeup: services.outbox_wakeup,
            sends_mail: services.sends_mail,
            mail: services.mail,
            mail_records: services.mail_records,
            tasks: services.tasks,
            forwarding: services.forwarding,
            security_log: services.security_log,
            templates: Templates::new(),
            assets: Assets::new(),
            totals: TotalsCache::default(),
            uploads: UploadRoom::default(),
            open_archive: Mutex::default(),
            jobs_wakeup: Arc::new(Notify::new()),
            backups: services.backups,
            backups_wakeup: Arc::new(Notify::new()),
            backups_stop: CancellationToken::new(),
        })
    }

    /// Notified when staff have asked for something that is done by [`DeskState::run_jobs`].
    pub fn jobs_wakeup(&self) -> Arc<Notify> {
        Arc::clone(&self.jobs_wakeup)
    }

    /// Notified when staff have asked for something that is done by [`DeskState::run_backups`].
    pub fn backups_wakeup(&self) -> Arc<Notify> {
        Arc::clone(&self.backups_wakeup)
    }

    /// The host that passkeys work for now; `None` if the site cannot have any.
    pub(crate) fn relying_party(&self) -> Option<String> {
        relying_party(&self.publication().address)
    }
}
