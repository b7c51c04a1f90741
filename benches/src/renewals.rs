//! Benchmark of a night of renewals: of a million subscriptions on PostgreSQL a part is due, and the processor takes 300 ms
//! for each call. One server collects, and then two together. What a night of 30,000 would take is extrapolated; the
//! processor, and not the database, sets the pace, so the time grows with the number that is due.

mod processor;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use masthead_circulation::{AccountId, EmailAddress, Mandate, Subscription};
use masthead_site::Site;
use masthead_store::{Location, Store};
use masthead_test_support::postgres;

use self::processor::SlowProcessor;
use crate::{
    BenchError, Report, readers,
    subscribers::{memory, site_with_clock},
};

const SUBSCRIPTIONS: u32 = 1_000_000;
/// Those that are due for one server, and again for two.
const DUE: u32 = 3_000;
/// Those that are due in the night that is promised.
const NIGHT: u32 = 30_000;
const BATCH: u32 = 1000;
/// How long after the database was made the night is: on the first day Stripe is also asked for orders of earlier versions.
const LATER: SignedDuration = SignedDuration::from_hours(48);
const MEGABYTE: u64 = 1024 * 1024;

pub async fn measure(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    println!("\n{SUBSCRIPTIONS} subscriptions, PostgreSQL, a processor that takes 300 ms per call");
    let location = Location::Postgres(postgres::database());
    let store = Store::open(&location).await?;
    fill(&store).await?;
    for servers in 1..=2 {
        let processor = SlowProcessor::start().await?;
        let mut nodes = Vec::new();
        for _ in 0..servers {
            let (store, account) = (Store::open(&location).await?, Some(processor.account()));
            let clock = Arc::new(|| Timestamp::now() + LATER);
            nodes.push(site_with_clock(folder, store, account, clock).await?);
        }
        make_due(&store, servers - 1).await?;
        collect(report, &nodes, &processor).await?;
    }
    Ok(())
}

/// Subscriptions that are paid for.
async fn fill(store: &Store) -> Result<(), BenchError> {
    let now = Timestamp::now();
    for first in (0..SUBSCRIPTIONS).step_by(BATCH as usize) {
        let accounts: Vec<(EmailAddress, Timestamp)> = (first..first + BATCH)
            .map(|number| Ok((format!("reader{number}@example.org").parse()?, now)))
            .collect::<Result<_, BenchError>>()?;
        store.import_accounts(&accounts).await?;
        let rows = (first..first + BATCH)
            .filter(|number| *number >= 2 * DUE)
            .map(|number| subscription(number, now))
            .collect::<Result<Vec<_>, BenchError>>()?;
        store.import_subscriptions(&rows).await?;
    }
    Ok(())
}

/// Adds subscriptions whose month has ended an hour ago.
async fn make_due(store: &Store, round: u32) -> Result<(), BenchError> {
    let ended = Timestamp::now() + LATER - SignedDuration::from_hours(1);
    let begun = ended.to_zoned_datetime(TimeZone::UTC).checked_sub(1.month())?.timestamp();
    let numbers = round * DUE..(round + 1) * DUE;
    let rows: Vec<_> =
        numbers.map(|number| subscription(number, begun)).collect::<Result<_, BenchError>>()?;
    for some in rows.chunks(BATCH as usize) {
        store.import_subscriptions(some).await?;
    }
    Ok(())
}

fn subscription(
    number: u32,
    begun: Timestamp,
) -> Result<(Subscription, Option<Timestamp>), BenchError> {
    let mut held = readers::subscription(AccountId(number + 1), None, begun)?;
    let reference = format!("cus_{number}/pm_{number}");
    held.mandate = Mandate { processor: "stripe".to_owned(), reference, card: None };
    let due = held.due(&TimeZone::UTC).map(|(when, _)| when);
    Ok((held, due))
}

async fn collect(
    report: &mut Report,
    nodes: &[Arc<Site>],
    processor: &SlowProcessor,
) -> Result<(), BenchError> {
    let (before, begun) = (memory()?, Instant::now());
    try_join_all(nodes.iter().map(|node| renew_all(node))).await?;
    let took = begun.elapsed();
    let grown = memory()?.saturating_sub(before) / MEGABYTE;
    let (calls, orders, most) = processor.counts();
    let night = took * NIGHT / DUE;
    let servers = nodes.len();
    let what = format!("{NIGHT} renewals, {servers} server(s)");
    let seen = format!("{:.0} min ({DUE} in {:.0} s)", minutes(night), took.as_secs_f64());
    report.promise(&what, &seen, "under an hour", night < Duration::from_hours(1));
    let seen = format!("{calls} calls, {orders} orders");
    let kept = calls == orders && orders == DUE as usize;
    report.promise("each is asked for once", &seen, &format!("{DUE}"), kept);
    let bound = 8 * servers;
    let seen = format!("{most}");
    report.promise("calls in flight", &seen, &format!("at most {bound}"), most <= bound);
    report.promise("memory grows by", &format!("{grown} MB"), "under 32 MB", grown < 32);
    Ok(())
}

/// Runs until nothing is due. A run ends after a minute.
async fn renew_all(node: &Site) -> Result<(), BenchError> {
    while node.billing.renew_due().await? > 0 {}
    Ok(())
}

fn minutes(time: Duration) -> f64 {
    time.as_secs_f64() / 60.0
}
