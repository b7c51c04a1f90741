//! Readers: their cookies and the articles they request.

use std::{
    fs,
    io::{BufWriter, Write},
    path::Path,
};

use jiff::{Timestamp, tz::TimeZone};
use masthead_access::{
    ArticleId,
    token::{Keyring, Sealer, Token},
};
use masthead_circulation::{
    AccountId, BillingInterval, Channel, Introduction, Mandate, Money, Secret, Session,
    Subscription, SubscriptionId, Terms, Unit,
};
use masthead_store::{Location, Store};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::BenchError;

/// Writes the cookies of readers who have read these articles this month.
pub fn cookies(
    file: &Path,
    keys: &str,
    address: &str,
    readers: u32,
    read: &[u32],
) -> Result<(), BenchError> {
    let sealer = Sealer::new(&Keyring::parse(keys)?, address);
    let mut rng = StdRng::seed_from_u64(rand::rng().random());
    let now = Timestamp::now();
    let mut out = BufWriter::new(fs::File::create(file)?);
    for _ in 0..readers {
        let mut token = Token::fresh(&mut rng);
        for article in read {
            token.has_read = true;
            token.reads.insert(ArticleId(*article), now);
        }
        writeln!(out, "masthead={}", sealer.seal(&token, &mut rng))?;
    }
    Ok(out.flush()?)
}

/// Registers readers, signs each in on one device, and writes the session cookies.
pub async fn members(file: &Path, paper: &Path, readers: u32) -> Result<(), BenchError> {
    let store = Store::open(&Location::Sqlite(paper.join("data/masthead.db"))).await?;
    signed_in(file, &store, "reader", readers).await?;
    Ok(())
}

/// Like [`members`], for readers with a subscription.
pub async fn subscribers(file: &Path, paper: &Path, readers: u32) -> Result<(), BenchError> {
    let store = Store::open(&Location::Sqlite(paper.join("data/masthead.db"))).await?;
    let accounts = signed_in(file, &store, "subscriber", readers).await?;
    let held = accounts.into_iter().map(|account| {
        let held = subscription(account, None, Timestamp::now())?;
        let due = held.due(&TimeZone::UTC).map(|(when, _)| when);
        Ok((held, due))
    });
    let held = held.collect::<Result<Vec<_>, BenchError>>()?;
    for some in held.chunks(500) {
        store.import_subscriptions(some).await?;
    }
    Ok(())
}

async fn signed_in(
    file: &Path,
    store: &Store,
    name: &str,
    readers: u32,
) -> Result<Vec<AccountId>, BenchError> {
    let now = Timestamp::now();
    let mut out = BufWriter::new(fs::File::create(file)?);
    let mut accounts = Vec::new();
    for number in 0..readers {
        let email = format!("{name}{number}@example.org").parse()?;
        let (account, _) = store.register(&email, now).await?;
        writeln!(out, "masthead-session={}", sign_in(store, account.id).await?)?;
        accounts.push(account.id);
    }
    out.flush()?;
    Ok(accounts)
}

/// Signs an account in on a device. Returns the secret of the session.
pub async fn sign_in(store: &Store, account: AccountId) -> Result<Secret, BenchError> {
    let now = Timestamp::now();
    let secret = Secret::generate(&mut rand::rng());
    let (key, device) = (secret.digest(), "A device".to_owned());
    store.create_session(&Session::of_browser(key, account, device, now)).await?;
    Ok(secret)
}

/// Creates a subscription at 9 a month that starts at `now`, optionally with a trial of this many
/// days.
pub fn subscription(
    account: AccountId,
    trial: Option<u16>,
    now: Timestamp,
) -> Result<Subscription, BenchError> {
    let currency = "USD".parse()?;
    let lasts = |count| BillingInterval { count, unit: Unit::Day };
    let terms = Terms {
        product: "web".to_owned(),
        name: "The Bench online".to_owned(),
        channels: vec![Channel::Web],
        price: "web-monthly".to_owned(),
        offer: None,
        introduction: trial.map(|days| Introduction {
            amount: Money::zero(currency),
            lasts: lasts(days),
            card: false,
        }),
        amount: Money::of(900, currency),
        every: BillingInterval::one(Unit::Month),
    };
    let mandate =
        Mandate { processor: "sandbox".to_owned(), reference: "good".to_owned(), card: None };
    let id = SubscriptionId(0);
    Ok(Subscription::start(id, account, terms, mandate, now, &TimeZone::UTC))
}

/// Draws from `addresses` by Zipf's law: the n-th is drawn 1/n as often as the first.
pub fn zipf(addresses: &[String], draws: usize) -> Vec<String> {
    let mut total = 0.0;
    let mut cumulated = Vec::with_capacity(addresses.len());
    for rank in 1..=u32::try_from(addresses.len()).unwrap_or(u32::MAX) {
        total += 1.0 / f64::from(rank);
        cumulated.push(total);
    }
    let mut rng = StdRng::seed_from_u64(2);
    let draw = |_| {
        let at = rng.random::<f64>() * total;
        addresses[cumulated.partition_point(|end| *end < at)].clone()
    };
    (0..draws).map(draw).collect()
}
