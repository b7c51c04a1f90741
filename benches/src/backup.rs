//! Benchmark of `masthead backup` beside a server that readers use: how long it takes, and how long the slowest request
//! waits meanwhile, compared with the time before it. Readers are new and signed in, so the server writes as well.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use masthead_circulation::EmailAddress;
use masthead_store::{Location, Store};

use crate::{BenchError, Report, publication, readers, servers::Server};

const ARTICLES: u32 = 100_000;
const ACCOUNTS: u32 = 100_000;
/// How many accounts are registered in one write.
const BATCH: u32 = 1000;
/// How many of them are signed in.
const MEMBERS: u32 = 2000;
/// Readers at once, each of whom requests a page every few milliseconds.
const READERS: usize = 4;
const PAUSE: Duration = Duration::from_millis(10);
/// How long readers are watched before the backup begins.
const BEFORE: Duration = Duration::from_secs(15);

pub async fn measure(report: &mut Report, folder: &Path) -> Result<(), BenchError> {
    println!("\nbackup of {ARTICLES} articles and {ACCOUNTS} accounts, SQLite");
    let paper = folder.join("paper-backup");
    let addresses = publication::make(&paper, ARTICLES).await?;
    register(&paper).await?;
    let cookies = folder.join("backup.cookies");
    readers::members(&cookies, &paper, MEMBERS).await?;
    let cookies: Vec<String> =
        fs::read_to_string(cookies)?.lines().map(ToOwned::to_owned).collect();
    let server = Server::masthead(&paper)?;
    server.wait_for_index()?;
    let before = watch(&server, &addresses, &cookies, || {
        thread::sleep(BEFORE);
        Ok(())
    })?;
    println!("before: {before}");
    let (begun, file) = (Instant::now(), folder.join("backup.tar.zst"));
    let during = watch(&server, &addresses, &cookies, || back_up(&paper, &file))?;
    let took = begun.elapsed();
    println!("during: {during}; {} MB", fs::metadata(&file)?.len() / 1_000_000);
    let seen = format!("{:.1} s", took.as_secs_f64());
    report.promise("backup beside a server", &seen, "under 60 s", took < Duration::from_mins(1));
    let kept = during.slowest < Duration::from_millis(50);
    report.promise("the slowest request", &format!("{:.1?}", during.slowest), "under 50 ms", kept);
    Ok(())
}

async fn register(paper: &Path) -> Result<(), BenchError> {
    let store = Store::open(&Location::Sqlite(paper.join("data/masthead.db"))).await?;
    let now = Timestamp::now();
    for first in (0..ACCOUNTS).step_by(BATCH as usize) {
        let some: Vec<(EmailAddress, Timestamp)> = (first..first + BATCH)
            .map(|number| Ok((format!("account{number}@example.org").parse()?, now)))
            .collect::<Result<_, BenchError>>()?;
        store.import_accounts(&some).await?;
    }
    Ok(())
}

/// Runs the program on the core that the server does not have.
fn back_up(paper: &Path, file: &Path) -> Result<(), BenchError> {
    let program = std::env::current_exe()?.with_file_name("masthead");
    let mut backup = Command::new("taskset");
    backup.args(["-c", "1"]).arg(program).arg("--dir").arg(paper).arg("backup").arg(file);
    let output = backup.stdout(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(())
}

/// What readers have waited.
struct Waits {
    requests: usize,
    p99: Duration,
    slowest: Duration,
}

impl std::fmt::Display for Waits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { requests, p99, slowest } = self;
        write!(f, "{requests} requests, p99 {p99:.1?}, slowest {slowest:.1?}")
    }
}

/// Lets readers request pages while something runs.
fn watch(
    server: &Server,
    addresses: &[String],
    cookies: &[String],
    run: impl FnOnce() -> Result<(), BenchError>,
) -> Result<Waits, BenchError> {
    let is_over = AtomicBool::new(false);
    let mut waits = thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|reader| {
                let is_over = &is_over;
                scope.spawn(move || read(server, addresses, cookies, reader, is_over))
            })
            .collect();
        let ran = run();
        is_over.store(true, Ordering::Relaxed);
        let mut waits = Vec::new();
        for reader in readers {
            waits.extend(reader.join().map_err(|_| "a reader has failed")??);
        }
        ran.map(|()| waits)
    })?;
    waits.sort_unstable();
    let p99 = waits.get(waits.len() * 99 / 100).copied().unwrap_or_default();
    Ok(Waits { requests: waits.len(), p99, slowest: waits.last().copied().unwrap_or_default() })
}

/// One article after another, each other time as somebody who is signed in.
fn read(
    server: &Server,
    addresses: &[String],
    cookies: &[String],
    reader: usize,
    is_over: &AtomicBool,
) -> Result<Vec<Duration>, BenchError> {
    let mut waits = Vec::new();
    let places = (reader..).step_by(READERS);
    for place in places.take_while(|_| !is_over.load(Ordering::Relaxed)) {
        let cookie = if place % 2 == 0 { "" } else { &cookies[place % cookies.len()] };
        let begun = Instant::now();
        server.get(&addresses[place % addresses.len()], cookie)?;
        waits.push(begun.elapsed());
        thread::sleep(PAUSE);
    }
    Ok(waits)
}
