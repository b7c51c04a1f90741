//! Benchmark of the meter of signed-in readers on PostgreSQL, where every read that counts is decided in the
//! database: how long such a read takes, and how many there can be, with one and with two servers. The
//! database does not wait for the disk.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use masthead_access::{ArticleId, Read, Reads};
use masthead_circulation::{AccountId, EmailAddress};
use masthead_publication::AccountCache;
use masthead_store::{Location, Store};
use masthead_test_support::postgres;

use crate::{BenchError, Report, publication};

const ACCOUNTS: u32 = 2000;
/// The allowance: so many reads of each account count.
const ALLOWANCE: u32 = 5;
/// Requests at once, as many as a server has connections to the database.
const AT_ONCE: usize = 8;

pub async fn measure(report: &mut Report) -> Result<(), BenchError> {
    println!("\n{ACCOUNTS} signed-in readers, PostgreSQL");
    let location = Location::Postgres(postgres::database());
    let store = Store::open(&location).await?;
    publication::fill(&store, 2 * ALLOWANCE).await?;
    let accounts = register(&store).await?;
    for (servers, accounts) in accounts.chunks(accounts.len() / 2).enumerate() {
        let servers = servers + 1;
        let mut caches = Vec::new();
        for _ in 0..servers {
            caches.push(AccountCache::new(Store::open(&location).await?, ACCOUNTS as usize));
        }
        let counted = read(&caches, accounts).await?;
        let what = format!("a read that counts, {servers} server(s)");
        let seen = format!("{:.1?} ({:.0}/s)", counted.median, counted.per_second);
        report.promise(&what, &seen, "under 20 ms", counted.median < Duration::from_millis(20));
        let again = read(&caches, accounts).await?;
        let kept = again.median < Duration::from_micros(20);
        report.promise("a re-read", &format!("{:.1?}", again.median), "under 20 \u{b5}s", kept);
    }
    Ok(())
}

struct DecisionTimes {
    median: Duration,
    per_second: f64,
}

async fn register(store: &Store) -> Result<Vec<AccountId>, BenchError> {
    let readers: Vec<(EmailAddress, Timestamp)> = (0..ACCOUNTS)
        .map(|number| Ok((format!("reader{number}@example.org").parse()?, Timestamp::now())))
        .collect::<Result<_, BenchError>>()?;
    store.import_accounts(&readers).await?;
    Ok(store
        .accounts_after(0, ACCOUNTS.into())
        .await?
        .into_iter()
        .map(|account| account.id)
        .collect())
}

/// Lets every account read as many articles as its meter allows, in turn on each server. The second time,
/// these are re-reads.
async fn read(
    servers: &[AccountCache],
    accounts: &[AccountId],
) -> Result<DecisionTimes, BenchError> {
    for server in servers {
        for account in accounts {
            server.member(*account, 0).await?;
        }
    }
    // One article after another, so that the reads of one account do not wait for each other.
    let visits = (0..ALLOWANCE as usize).flat_map(|article| {
        let visit =
            move |(number, account)| (&servers[(article + number) % servers.len()], account);
        accounts
            .iter()
            .enumerate()
            .map(visit)
            .map(move |(server, account)| (server, *account, article))
    });
    let begun = Instant::now();
    let visits = visits.map(|(server, account, article)| visit(server, account, article));
    let mut each: Vec<Duration> =
        stream::iter(visits).buffer_unordered(AT_ONCE).try_collect().await?;
    #[allow(clippy::cast_precision_loss)]
    let per_second = each.len() as f64 / begun.elapsed().as_secs_f64();
    each.sort();
    Ok(DecisionTimes { median: each[each.len() / 2], per_second })
}

async fn visit(
    server: &AccountCache,
    account: AccountId,
    article: usize,
) -> Result<Duration, BenchError> {
    let member = server.member(account, 0).await?;
    // The first article of a database has the number 1.
    let article = ArticleId(u32::try_from(article)? + 1);
    let begun = Instant::now();
    let count = |reads: &mut Reads| {
        if !reads.contains(article) {
            reads.put(Read { article, at: 1 });
        }
    };
    server.visit(&member, 0, count).await?;
    Ok(begun.elapsed())
}
