//! Benchmarks of subscriptions: a night with 300,000 of them, the account page and signing in among
//! a million accounts, 10,000 webhooks in any order, and 200 servers killed during payments.

mod kills;
mod lists;
mod requests;
mod webhooks;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::{
    Policy, Window,
    message::{Locale, Messages},
    robots::Crawlers,
    token::Keyring,
};
use masthead_circulation::{
    AccountId, Catalogue, Channel, EmailAddress, Event, Money, Price, Product, Subscription,
};
use masthead_editorial::{Menus, SlugScript, TeaserLength};
use masthead_media::MediaLibrary;
use masthead_payments::{Processor, Stripe, stripe::StripeAccount};
use masthead_publication::{Clock, Publication, StartSettings};
use masthead_site::{Settings, Site};
use masthead_store::{Location, Store};
use masthead_telemetry::security::SecurityLog;
use rand::{SeedableRng, rngs::StdRng};

use self::{kills::kill_servers, lists::lists, requests::pages, webhooks::shuffle_webhooks};
use crate::{BenchError, Report, readers};

const ACCOUNTS: u32 = 1_000_000;
const SUBSCRIPTIONS: u32 = 300_000;
const BATCH: u32 = 1000;

pub async fn measure(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    println!("\n{ACCOUNTS} accounts, {SUBSCRIPTIONS} subscriptions, SQLite");
    let store = Store::open(&Location::Sqlite(folder.join("subscribers.db"))).await?;
    let store = store.with_keys(&keys());
    fill(&store).await?;
    let site = site(folder, store.clone(), None).await?;
    let before = memory()?;
    pages(report, &site, &store).await?;
    lists(report, &store).await?;
    let grown = memory()?.saturating_sub(before) / 1_000_000;
    let promised = "under 64 MB";
    report.promise("memory grows by", &format!("{grown} MB"), promised, grown < 64);
    run_night(report, &site).await?;
    shuffle_webhooks(report, folder).await?;
    kill_servers(report, folder).await
}

async fn fill(store: &Store) -> Result<(), BenchError> {
    let now = Timestamp::now();
    for first in (0..ACCOUNTS).step_by(BATCH as usize) {
        let some: Vec<(EmailAddress, Timestamp)> = (first..first + BATCH)
            .map(|number| Ok((format!("reader{number}@example.org").parse()?, now)))
            .collect::<Result<_, BenchError>>()?;
        store.import_accounts(&some).await?;
    }
    for first in (0..SUBSCRIPTIONS).step_by(BATCH as usize) {
        let some: Vec<(Subscription, Option<Timestamp>)> = (first..first + BATCH)
            .map(|number| due(number, now))
            .collect::<Result<_, BenchError>>()?;
        store.import_subscriptions(&some).await?;
    }
    Ok(())
}

/// A subscription that is due tonight: a trial that ends in two days, one that has ended, or a
/// cancelled subscription that has reached its end.
fn due(number: u32, now: Timestamp) -> Result<(Subscription, Option<Timestamp>), BenchError> {
    let day = SignedDuration::from_hours(24);
    let account = AccountId(number + 1);
    let held = match number % 3 {
        0 => readers::subscription(account, Some(14), now - day * 12)?,
        1 => readers::subscription(account, Some(14), now - day * 15)?,
        _ => {
            let begun = now - day * 32;
            readers::subscription(account, None, begun)?.after(Event::Cancelled, begun + day)?
        }
    };
    let due = held.due(&TimeZone::UTC).map(|(when, _)| when);
    Ok((held, due))
}

async fn site(
    folder: &Path,
    store: Store,
    stripe: Option<StripeAccount>,
) -> Result<Arc<Site>, BenchError> {
    site_with_clock(folder, store, stripe, Arc::new(Timestamp::now)).await
}

/// A publication that sells at Stripe, if there is an account, and whose time is that of `clock`.
pub async fn site_with_clock(
    folder: &Path,
    store: Store,
    stripe: Option<StripeAccount>,
    clock: Clock,
) -> Result<Arc<Site>, BenchError> {
    let mut processors: Vec<Arc<dyn Processor>> = Vec::new();
    if let Some(account) = stripe {
        processors.push(Arc::new(Stripe::new(account)?));
    }
    let settings = Settings {
        openid: Vec::new(),
        media_library: Arc::new(MediaLibrary::in_folder(folder)?),
        search: None,
        page_cache: 1 << 20,
        recent_readers: 100_000,
        security_log: SecurityLog::default(),
        processors,
        demo: None,
    };
    let currency = "USD".parse()?;
    let product = Product {
        slug: "web".to_owned(),
        name: "The Bench online".to_owned(),
        description: String::new(),
        channels: vec![Channel::Web],
        benefits: Vec::new(),
        recommended: false,
        tax: None,
    };
    let price = Price {
        slug: "web-monthly".to_owned(),
        product: "web".to_owned(),
        amount: Money::of(900, currency),
        every: "1 month".parse()?,
    };
    let catalogue = Catalogue::new(vec![product], vec![price], Vec::new());
    let publication = Publication {
        desk_versions: masthead_publication::publication::DeskVersions::default(),
        name: "The Bench".to_owned(),
        tagline: String::new(),
        address: "http://127.0.0.1".to_owned(),
        locale: Locale::new("en")?.into(),
        slugs: SlugScript::Latin,
        policy: Policy::new(TimeZone::UTC),
        messages: Messages::built_in(true, Window::Month, "en"),
        own_messages: Vec::new(),
        experiment: None,
        sections: Vec::new(),
        menus: Menus::default(),
        topics: Vec::new(),
        fronts: Vec::new(),
        strips: Vec::new(),
        breaking: None,
        teaser: TeaserLength::Paragraphs(1),
        crawlers: Crawlers::new(Vec::new()),
        http: masthead_publication::HttpSettings::default(),
        is_demo: false,
        sales: masthead_publication::Sales::Open,
        catalogue: catalogue?,
        grace: SignedDuration::from_hours(14 * 24),
        addresses: masthead_publication::publication::AddressRules::default(),
        withdrawal: masthead_circulation::WithdrawalPeriod::default(),
        cancels_at_once: false,
        transfer: String::new(),
        includes_tax: false,
        accent: None,
        logo: None,
        backups: masthead_settings::BackupSettings::default(),
        retention: masthead_publication::publication::RetentionSettings::default(),
        seller: String::new(),
    };
    let keys = keys();
    let start = StartSettings::check(publication, None, clock()).await?;
    let store = store.with_keys(&keys);
    Ok(Site::open(start, store, &keys, settings, clock).await?)
}

/// The same keys for every server of a run.
fn keys() -> Keyring {
    Keyring::generate(&mut StdRng::seed_from_u64(4))
}

/// Runs one night: everything that is due for all subscriptions, including the e-mails.
async fn run_night(report: &mut Report, site: &Arc<Site>) -> Result<(), BenchError> {
    let begun = Instant::now();
    let done = site.billing.renew_due().await?;
    let took = begun.elapsed();
    let seen = format!("{:.1} s for {done}", took.as_secs_f64());
    let kept = took < Duration::from_mins(1) && done >= SUBSCRIPTIONS as usize;
    report.promise("reminders and ends of a night", &seen, "under 60 s", kept);
    Ok(())
}

/// Returns the resident memory of this process, in bytes.
pub fn memory() -> Result<u64, BenchError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    Ok(kilobytes.ok_or("the system does not say how much memory is used")? * 1024)
}
