//! Readers: the cookies that they bring, and which articles they ask for.

use std::{
    fs,
    io::{BufWriter, Write},
    path::Path,
};

use jiff::Timestamp;
use masthead_access::{
    ArticleId,
    token::{Keyring, Sealer, Token},
};
use masthead_circulation::{Secret, Session};
use masthead_store::{Location, Store};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::Fault;

/// Writes the cookies of readers who have read these articles this month.
pub fn cookies(
    file: &Path,
    keys: &str,
    address: &str,
    readers: u32,
    read: &[u32],
) -> Result<(), Fault> {
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

/// Registers readers, signs each in on one device, and writes their sessions' cookies.
pub async fn members(file: &Path, paper: &Path, readers: u32) -> Result<(), Fault> {
    let store = Store::open(&Location::Sqlite(paper.join("data/masthead.db"))).await?;
    let now = Timestamp::now();
    let mut out = BufWriter::new(fs::File::create(file)?);
    for number in 0..readers {
        let email = format!("reader{number}@example.org").parse()?;
        let (account, _) = store.register(&email, now).await?;
        let secret = Secret::fresh(&mut rand::rng());
        let (key, device) = (secret.digest(), "A device".to_owned());
        let session = Session { key, account: account.id, device, begun: now, seen: now };
        store.begin_session(&session).await?;
        writeln!(out, "masthead-session={secret}")?;
    }
    Ok(out.flush()?)
}

/// Draws from `addresses` by Zipf's law: the n-th is asked for 1/n as often as the first.
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
