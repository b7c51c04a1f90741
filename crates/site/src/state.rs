//! What every handler of the site works on.

use std::{net::IpAddr, path::PathBuf, sync::Arc};

use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use masthead_access::{sealed_box::SealedBox, token::Keyring};
use masthead_billing::{Billing, PublicationServices};
use masthead_identity::{Openid, openid::Provider, passkeys::relying_party};
use masthead_media::MediaLibrary;
use masthead_payments::{OpenProcessorError, Processor, SandboxAccess};
use masthead_publication::{
    AccountCache, AudienceCounters, Clock, Live, Previews, Sales, SearchIndex, SiteSnapshot,
    StartSettings,
};
use masthead_store::{Retention, Store, StoreError};
use masthead_telemetry::{TaskRegistry, security::SecurityLog};
use masthead_web::{
    cookies::Cookies,
    forwarding::{ForwardingFault, ForwardingMonitor},
    readiness::ReadinessProbe,
    throttle::LogThrottle,
};
use tokio::sync::{Notify, Semaphore};

use crate::{
    background::BackgroundWork,
    demo_clock::DemoClock,
    edge::HostMonitor,
    email_limits::EmailLimits,
    limits::{self, Limits},
    reader::AnonymousMeter,
    response,
    streams::Streams,
    webhooks::WebhookPlaces,
};

/// How long reads are kept beyond the meter's window, in case the publisher chooses a longer one.
const READS_KEPT: SignedDuration = SignedDuration::from_hours(40 * 24);
/// What a site needs besides the publication's settings.
pub struct Settings {
    /// The publication's pictures.
    pub media_library: Arc<MediaLibrary>,
    /// The folder of the search index; without it nothing can be searched.
    pub search: Option<PathBuf>,
    /// Memory for ready pages, in bytes.
    pub page_cache: u64,
    /// Number of readers whose latest token is remembered.
    pub recent_readers: usize,
    /// The processors that readers pay at, new ones at the last. Without one they pay as the publication's `sales` says.
    pub processors: Vec<Arc<dyn Processor>>,
    /// Where readers may sign in with an account that they have elsewhere.
    pub openid: Vec<Provider>,
    /// The log of what concerns security.
    pub security_log: SecurityLog,
    /// The clock of the demo, which shows its outbox to everybody.
    pub demo: Option<Arc<DemoClock>>,
}

/// Why a site cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenSiteError {
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The payment processors cannot be put together.
    #[error(transparent)]
    Processors(#[from] OpenProcessorError),
}

/// The state of a publication's site.
pub struct Site {
    pub(crate) store: Store,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    /// What is in force.
    pub live: Arc<Live>,
    /// Signed-in readers in memory.
    pub accounts: Arc<AccountCache>,
    /// The counts behind the desk's figures.
    pub counters: Arc<AudienceCounters>,
    /// The search index.
    pub search_index: Arc<SearchIndex>,
    /// The health of the background tasks that work for the site.
    pub tasks: Arc<TaskRegistry>,
    /// Requests of proxies that are not configured, or not as they should be.
    pub forwarding: Arc<ForwardingMonitor>,
    /// Requests for other hosts.
    pub(crate) hosts: HostMonitor,
    /// What a reader would see, and why.
    pub previews: Arc<Previews>,
    /// The log of what concerns security.
    pub security_log: SecurityLog,
    pub(crate) anonymous_meter: AnonymousMeter,
    pub(crate) cookies: Cookies,
    pub(crate) limits: Limits,
    /// Places for messages of payment processors.
    pub(crate) webhooks: WebhookPlaces,
    /// Turns at making a PDF file of an invoice.
    pub(crate) printing: Arc<Semaphore>,
    /// When messages that are refused are logged.
    pub(crate) refused_webhooks: LogThrottle,
    pub(crate) email_limits: EmailLimits,
    /// Seals what links in emails say.
    pub(crate) link_keys: SealedBox,
    /// What happens to subscriptions.
    pub billing: Arc<Billing>,
    /// The content security policy of pages with forms that may lead to a payment page.
    pub(crate) form_policy: HeaderValue,
    pub(crate) openid: Openid,
    /// Notified when there is a new email in the outbox.
    pub(crate) outbox_wakeup: Arc<Notify>,
    /// What goes on after a response.
    pub(crate) background: BackgroundWork,
    /// Responses that stay open.
    pub(crate) streams: Streams,
    /// Whether the database is there, for everybody who asks.
    pub(crate) readiness: ReadinessProbe,
}

/// What runs for the whole publication, and is shared with billing.
struct RunningServices {
    live: Arc<Live>,
    accounts: Arc<AccountCache>,
    counters: Arc<AudienceCounters>,
    outbox_wakeup: Arc<Notify>,
}

impl RunningServices {
    async fn open(
        start: StartSettings,
        store: &Store,
        keys: &Keyring,
        settings: &Settings,
        clock: &Clock,
    ) -> Result<Self, StoreError> {
        let accounts = Arc::new(AccountCache::new(store.clone(), settings.recent_readers));
        accounts.catch_up().await?;
        let now = Arc::clone(clock);
        let live = Live::open(start, store.clone(), settings.page_cache, now).await?;
        let counters =
            AudienceCounters::new(Arc::clone(&live), Arc::clone(&accounts), store.clone(), keys);
        let outbox_wakeup = Arc::new(Notify::new());
        Ok(Self { live, accounts, counters: Arc::new(counters), outbox_wakeup })
    }
}

/// Whether readers may pay at the sandbox.
fn sandbox_access(sales: Sales) -> SandboxAccess {
    match sales {
        Sales::Sandbox => SandboxAccess::Open,
        Sales::Open | Sales::Invoices | Sales::Closed => SandboxAccess::Closed,
    }
}

/// The content security policy of pages from which a reader goes on to a processor.
fn form_policy(billing: &Billing) -> HeaderValue {
    response::form_policy(
        billing.processors().all().filter_map(masthead_payments::Processor::form_action),
    )
}

impl Site {
    /// A site with everything that is already published.
    pub async fn open(
        start: StartSettings,
        store: Store,
        keys: &Keyring,
        settings: Settings,
        clock: Clock,
    ) -> Result<Arc<Self>, OpenSiteError> {
        let publication = Arc::clone(&start.publication);
        let anonymous_meter = AnonymousMeter::new(&publication, keys, settings.recent_readers);
        let running = RunningServices::open(start, &store, keys, &settings, &clock).await?;
        let RunningServices { live, accounts, counters, outbox_wakeup } = running;
        let billing = Billing::new(
            store.clone(),
            settings.processors.clone(),
            sandbox_access(publication.sales),
            PublicationServices {
                live: Arc::clone(&live),
                accounts: Arc::clone(&accounts),
                counters: Arc::clone(&counters),
                outbox_wakeup: Arc::clone(&outbox_wakeup),
            },
        )?;
        let search_index =
            SearchIndex::new(Arc::clone(&live), store.clone(), settings.search.clone());
        let previews = Previews::new(
            Arc::clone(&live),
            store.clone(),
            Arc::clone(&accounts),
            Arc::clone(&settings.media_library),
        );
        Ok(Arc::new(Self {
            form_policy: form_policy(&billing),
            billing: Arc::new(billing),
            openid: Openid::new(settings.openid.clone()),
            security_log: settings.security_log.clone(),
            store,
            settings,
            clock,
            live,
            accounts,
            counters,
            search_index: Arc::new(search_index),
            previews: Arc::new(previews),
            tasks: Arc::default(),
            anonymous_meter,
            cookies: Cookies::new(publication.is_secure()),
            webhooks: WebhookPlaces::default(),
            printing: Arc::new(Semaphore::new(limits::INVOICES_PRINTED_AT_ONCE)),
            refused_webhooks: LogThrottle::default(),
            email_limits: EmailLimits::new(keys, publication.is_demo),
            link_keys: SealedBox::new(keys),
            limits: Limits::new(publication.is_demo),
            forwarding: Arc::default(),
            hosts: HostMonitor::default(),
            outbox_wakeup,
            background: BackgroundWork::default(),
            streams: Streams::default(),
            readiness: ReadinessProbe::default(),
        }))
    }

    /// Takes offers that have reached their limit off all pages.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn mark_sold_out(&self) -> Result<(), StoreError> {
        let snapshot = self.snapshot();
        let offers = snapshot.publication.catalogue.offers().iter();
        let limits: Vec<(&str, u32)> =
            offers.filter_map(|offer| Some((offer.slug.as_str(), offer.limit?))).collect();
        self.live.set_sold_out(self.store.sold_out(&limits).await?).await;
        Ok(())
    }

    /// Deletes what was read and no longer counts for any meter, and what was kept of readers who left long ago.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn prune_reads(&self) -> Result<(), StoreError> {
        let now = (self.clock)();
        self.store.prune_former_readers(now).await?;
        self.store.prune_reads(self.opens(now) - READS_KEPT.as_secs()).await
    }

    /// Deletes notifications of changed accounts that every server has read.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn forget_account_changes(&self) -> Result<(), StoreError> {
        self.store.prune_account_changes().await
    }

    /// Returns what was wrong with proxies within the last hour, and their addresses.
    pub fn forwarding_faults(&self) -> Vec<(ForwardingFault, IpAddr)> {
        self.forwarding.recent((self.clock)()).collect()
    }

    /// Deletes what was kept long enough.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn prune(&self, retention: Retention) -> Result<(), StoreError> {
        let deleted = self.store.prune(retention, (self.clock)()).await?;
        if deleted > 0 {
            tracing::info!(deleted, "retention: deleted what was kept long enough");
        }
        Ok(())
    }

    /// Returns the host that passkeys work for now; `None` if the site cannot have any.
    pub(crate) fn relying_party(&self) -> Option<String> {
        relying_party(&self.live.peek().publication.address)
    }

    /// Returns the publication's cookies.
    pub fn cookies(&self) -> Cookies {
        self.cookies
    }

    /// Returns what is notified when there is a new email in the outbox.
    pub fn outbox_wakeup(&self) -> Arc<Notify> {
        Arc::clone(&self.outbox_wakeup)
    }

    /// Returns what is in force.
    pub fn snapshot(&self) -> Arc<SiteSnapshot> {
        self.live.snapshot()
    }

    /// Brings what is in force and the signed-in readers up to date with the database and the clock.
    /// Returns whether there is a new snapshot.
    pub async fn refresh(&self) -> Result<bool, StoreError> {
        let polled = self.accounts.poll_changes().await;
        // Even if the database fails: what is due by the clock needs none.
        let refreshed = self.live.refresh().await;
        polled.and(refreshed)
    }

    /// Ends responses that stay open. Called when the server is about to stop: it waits for the end of all responses.
    pub fn end_streams(&self) {
        self.streams.close();
    }

    /// Waits for what goes on after the responses so far.
    pub async fn finish_background_work(&self) {
        self.background.finish().await;
    }

    /// Writes everything that is still in memory to the database. Called after the server has stopped.
    pub async fn close(&self) {
        self.end_streams();
        self.finish_background_work().await;
        if let Err(error) = self.accounts.flush().await {
            tracing::error!(%error, "accounts: reads cannot be written at shutdown");
        }
        if let Err(error) = self.counters.write().await {
            tracing::error!(%error, "audience: counts cannot be written at shutdown");
        }
    }

    /// Returns the first second of the meter's window that holds `now`.
    pub(crate) fn opens(&self, now: Timestamp) -> i64 {
        self.live.peek().window_opens(now)
    }
}
