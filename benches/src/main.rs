//! Benchmarks: metered pages compared with the same bytes from nginx, with one core each for server
//! and load, and how the rate depends on the size of the archive and the number of readers.
//!
//! Run with `just bench`. Needs `nginx` and `wrk`, and takes about eight minutes. Prints the
//! measured and the promised values, and exits with an error if a promise is not kept. Archive
//! sizes can be given: `target/dist/bench 10000`. `target/dist/bench subscribers` measures only
//! subscriptions, `target/dist/bench renewals` only a night of renewals, `target/dist/bench meter` only the meter of signed-in readers on PostgreSQL,
//! `target/dist/bench desk` only the desk, `target/dist/bench backup` only a backup, and `target/dist/bench idle` only idle
//! connections, for which `ulimit -n` has to be at least 30,000. `target/dist/bench start`, `memory` and `publish` measure
//! what archives of up to a million articles cost. `target/dist/bench compare` compares with other servers, and
//! `target/dist/bench guard` counts instructions: see [`guard`].

mod backup;
mod compare;
mod desk;
mod editor;
mod growth;
mod guard;
mod idle;
mod load;
mod meter;
mod publication;
mod readers;
mod renewals;
mod servers;
mod subscribers;
mod tls;

use std::{fs, path::Path, process::ExitCode, time::Duration};

use crate::{
    load::{Load, Measured},
    servers::Server,
};

/// An error of the benchmark, shown to the person who runs it.
type BenchError = Box<dyn std::error::Error + Send + Sync>;

/// The number of runs of each measurement, of which the median counts.
const ROUNDS: usize = 3;
const SECONDS: u32 = 6;
/// The number of different readers in a run. Each reads at most twice.
const READERS: u32 = 300_000;
/// The number of signed-in readers. Each reads as often as their meter allows.
const MEMBERS: u32 = 40_000;
const MEMBERS_READ: u32 = 5;
/// What can be measured alone.
const PARTS: [&str; 9] =
    ["subscribers", "renewals", "meter", "desk", "idle", "backup", "start", "memory", "publish"];
const SUBSCRIBERS: u32 = 10_000;
const MILLION: u32 = 1_000_000;

/// The measured values, and whether every promise is kept.
#[derive(Default)]
struct Report {
    broken: bool,
}

impl Report {
    fn promise(&mut self, what: &str, seen: &str, promised: &str, kept: bool) {
        let verdict = if kept { "kept" } else { "NOT KEPT" };
        println!("{what:<44} {seen:>22}   {promised:<24} {verdict}");
        self.broken |= !kept;
    }
}

/// The allocator of the program, whose parts some benchmarks run in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let mut report = Report::default();
    match run(&mut report) {
        Ok(()) if !report.broken => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("bench: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(report: &mut Report) -> Result<(), BenchError> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match asked.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["guard"] => runtime.block_on(guard::run(report, None)),
        ["guard", kept] => runtime.block_on(guard::run(report, Some(Path::new(kept)))),
        ["guard-measure", folder] => guard::measure(&runtime, Path::new(folder)),
        _ => runtime.block_on(measure(report, &asked)),
    }
}

async fn measure(report: &mut Report, asked: &[String]) -> Result<(), BenchError> {
    println!("{}", machine());
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let mut single = Vec::new();
    if asked == ["compare"] {
        return compare::measure(folder).await;
    }
    if asked.is_empty() || asked == ["subscribers"] {
        subscribers::measure(report, folder).await?;
    }
    if asked.is_empty() || asked == ["renewals"] {
        renewals::measure(report, folder).await?;
    }
    if asked.is_empty() || asked == ["meter"] {
        meter::measure(report).await?;
    }
    if asked.is_empty() || asked == ["desk"] {
        desk::measure(report, folder).await?;
    }
    if asked.is_empty() || asked == ["idle"] {
        idle::measure(report, folder).await?;
    }
    if asked.is_empty() || asked == ["backup"] {
        backup::measure(report, folder).await?;
    }
    if asked.is_empty() || asked == ["start"] {
        growth::start(report, folder).await?;
    }
    if asked.is_empty() || asked == ["memory"] {
        growth::memory(report, folder).await?;
    }
    if asked.is_empty() || asked == ["publish"] {
        growth::publish(report, folder).await?;
    }
    let sizes: Vec<u32> = match asked {
        [] => vec![10, 10_000, 100_000],
        [only] if PARTS.contains(&only.as_str()) => return Ok(()),
        sizes => sizes.iter().map(|size| size.parse()).collect::<Result<_, _>>()?,
    };
    for articles in sizes {
        println!("\n{articles} articles");
        let paper = folder.join(format!("paper-{articles}"));
        let addresses = publication::make(&paper, articles).await?;
        let server = Server::masthead(&paper)?;
        if articles == 100_000 {
            let seen = format!("{:.2} s", server.start.as_secs_f64());
            let kept = server.start < Duration::from_secs(3);
            report.promise("start to first answer", &seen, "under 3 s", kept);
        }
        println!("all can be searched after {:.1} s", server.wait_for_index()?.as_secs_f64());
        let bench = Bench { folder, paper: &paper, server: &server, addresses: &addresses };
        if articles == 10 {
            bench.beside_nginx(report)?;
            bench.members(report).await?;
            bench.subscribers(report).await?;
        }
        let one = bench.returning("one article")?;
        if articles > 10 {
            let spread = bench.spread()?;
            let share = spread.per_second / one.per_second;
            report.promise(
                "spread by Zipf's law, of the single-article figure",
                &format!("{share:.2} ({})", rate(&spread)),
                "at least 0.80",
                share >= 0.8,
            );
        }
        if articles == 100_000 {
            bench.memory(report)?;
            bench.million(report, &one)?;
        }
        single.push((articles, one));
    }
    println!("\nmetered article, returning readers, by size of the archive");
    for (articles, one) in single {
        println!("{articles:>8} articles: {} p99 {:.2?}", rate(&one), one.p99);
    }
    Ok(())
}

/// A running publication to measure.
struct Bench<'a> {
    folder: &'a Path,
    paper: &'a Path,
    server: &'a Server,
    addresses: &'a [String],
}

impl Bench<'_> {
    fn beside_nginx(&self, report: &mut Report) -> Result<(), BenchError> {
        let scenarios = [
            ("metered, returning readers", 0.7, &[3][..], "full"),
            ("first visit, no cookie", 0.6, &[], "full"),
            ("re-read", 0.6, &[1, 2], "full"),
            ("wall", 0.6, &[3, 4, 5], "teaser"),
        ];
        for (what, promised, read, form) in scenarios {
            let page = self.server.get(&self.addresses[0], "")?;
            let page = if form == "full" { page } else { self.teaser()? };
            let nginx = Server::nginx(self.folder, &page)?;
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                let load = self.load(what, read)?;
                theirs.push(load.run(self.folder, &nginx, SECONDS)?);
                ours.push(load.run(self.folder, self.server, SECONDS)?);
            }
            let (ours, theirs) = (median(ours), median(theirs));
            let share = ours.per_second / theirs.per_second;
            println!(
                "{what}: {} bytes; nginx {}; masthead {}",
                page.len(),
                rate(&theirs),
                rate(&ours)
            );
            let seen = format!("{share:.2}");
            report.promise(what, &seen, &format!("at least {promised:.2}"), share >= promised);
            if promised > 0.65 {
                let kept = ours.p99 < Duration::from_millis(10);
                report.promise("p99", &format!("{:.2?}", ours.p99), "under 10 ms", kept);
            }
        }
        Ok(())
    }

    /// Measures signed-in readers whose sessions are cached.
    async fn members(&self, report: &mut Report) -> Result<(), BenchError> {
        let cookies = self.folder.join("members.cookies");
        readers::members(&cookies, self.paper, MEMBERS).await?;
        let questions: Vec<String> =
            self.addresses.iter().map(|address| format!("/api/v1/access{address}")).collect();
        let mut warm = Load::new(self.folder, "questions", &questions[..1])?;
        warm.cookies = Some(cookies.clone());
        if warm.run(self.folder, self.server, 30)?.requests < u64::from(MEMBERS) {
            return Err("not every member was here before the measurement".into());
        }
        let mut load = Load::new(self.folder, "members", &self.addresses[..5])?;
        load.stride = MEMBERS;
        load.cookies = Some(cookies);
        load.lasts = Some(u64::from(MEMBERS * MEMBERS_READ));
        let page = self.server.get(&self.addresses[0], "")?;
        let nginx = Server::nginx(self.folder, &page)?;
        // A short run, because the readers' reads are used up. Each is also written to the
        // database.
        let mut theirs = vec![load.run(self.folder, &nginx, 2)?];
        let ours = load.run(self.folder, self.server, 3)?;
        for _ in 1..ROUNDS {
            theirs.push(load.run(self.folder, &nginx, 2)?);
        }
        let theirs = median(theirs);
        let share = ours.per_second / theirs.per_second;
        println!("signed-in, metered: nginx {}; masthead {}", rate(&theirs), rate(&ours));
        let kept = share >= 0.6;
        report.promise("signed-in, metered", &format!("{share:.2}"), "at least 0.60", kept);
        Ok(())
    }

    /// Measures subscribers, whose reads are not counted.
    async fn subscribers(&self, report: &mut Report) -> Result<(), BenchError> {
        let cookies = self.folder.join("subscribers.cookies");
        readers::subscribers(&cookies, self.paper, SUBSCRIBERS).await?;
        let mut load = Load::new(self.folder, "subscribers", &self.addresses[..1])?;
        load.cookies = Some(cookies);
        let page = self.server.get(&self.addresses[0], "")?;
        let nginx = Server::nginx(self.folder, &page)?;
        // Every reader makes one request before the measurement.
        load.run(self.folder, self.server, 6)?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            theirs.push(load.run(self.folder, &nginx, SECONDS)?);
            ours.push(load.run(self.folder, self.server, SECONDS)?);
        }
        let (ours, theirs) = (median(ours), median(theirs));
        let share = ours.per_second / theirs.per_second;
        println!("subscriber: nginx {}; masthead {}", rate(&theirs), rate(&ours));
        let kept = share >= 0.6;
        report.promise("subscriber", &format!("{share:.2}"), "at least 0.60", kept);
        Ok(())
    }

    /// Returns the page that a reader at the wall gets.
    fn teaser(&self) -> Result<Vec<u8>, BenchError> {
        let cookies = self.cookies("one", 1, &[3, 4, 5])?;
        self.server.get(&self.addresses[0], fs::read_to_string(cookies)?.trim())
    }

    /// Readers who have read these articles and now request the first article, then the second.
    fn load(&self, name: &str, read: &[u32]) -> Result<Load, BenchError> {
        let mut load = Load::new(self.folder, "single", &self.addresses[..2])?;
        load.stride = READERS;
        if !read.is_empty() {
            load.cookies = Some(self.cookies(name, READERS, read)?);
            load.lasts = Some(2 * u64::from(READERS));
        }
        Ok(load)
    }

    fn cookies(
        &self,
        name: &str,
        readers: u32,
        read: &[u32],
    ) -> Result<std::path::PathBuf, BenchError> {
        let file = self.folder.join(format!("{name}.cookies"));
        let keys = fs::read_to_string(self.paper.join("data/keys"))?;
        readers::cookies(&file, &keys, publication::ADDRESS, readers, read)?;
        Ok(file)
    }

    fn returning(&self, name: &str) -> Result<Measured, BenchError> {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push(self.load(name, &[3])?.run(self.folder, self.server, SECONDS)?);
        }
        Ok(median(rounds))
    }

    /// The same readers, spread over up to 10,000 articles.
    fn spread(&self) -> Result<Measured, BenchError> {
        let among = &self.addresses[..self.addresses.len().min(10_000)];
        // Every page is rendered once before the measurement, which is about serving.
        for address in among {
            self.server.get(address, "")?;
        }
        let paths = readers::zipf(among, 500_000);
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let mut load = Load::new(self.folder, "spread", &paths)?;
            load.cookies = Some(self.cookies("spread", READERS, &[3])?);
            rounds.push(load.run(self.folder, self.server, SECONDS)?);
        }
        Ok(median(rounds))
    }

    fn memory(&self, report: &mut Report) -> Result<(), BenchError> {
        let memory = self.server.memory()?;
        let bound = 60_000_000 + 1_000 * self.addresses.len() as u64;
        let promised = format!("under {} MB", bound / 1_000_000);
        let seen = format!("{} MB", memory / 1_000_000);
        report.promise("resident memory", &seen, &promised, memory < bound);
        // Mostly pages of the search index, which the system can reclaim.
        println!("of which {} MB are files", self.server.mapped()? / 1_000_000);
        Ok(())
    }

    /// Measures a million different readers, one after another.
    fn million(&self, report: &mut Report, one: &Measured) -> Result<(), BenchError> {
        let mut load = Load::new(self.folder, "single", &self.addresses[..2])?;
        load.stride = MILLION;
        load.cookies = Some(self.cookies("million", MILLION, &[3])?);
        let before = self.server.memory()?;
        // A third more time than needed, so that every reader has a turn.
        let seconds = (f64::from(MILLION) * 1.3 / one.per_second).ceil();
        let seconds = Duration::from_secs_f64(seconds).as_secs();
        let measured = load.run(self.folder, self.server, u32::try_from(seconds)?)?;
        if measured.requests < u64::from(MILLION) {
            return Err(format!("only {} of a million readers came", measured.requests).into());
        }
        let grown = self.server.memory()?.saturating_sub(before);
        let seen = format!("{} MB", grown / 1_000_000);
        report.promise(
            "a million readers: memory grows by",
            &seen,
            "under 16 MB",
            grown < 16_000_000,
        );
        let share = measured.per_second / one.per_second;
        report.promise("and the speed is", &format!("{share:.2}"), "at least 0.90", share >= 0.9);
        Ok(())
    }
}

fn median(mut rounds: Vec<Measured>) -> Measured {
    rounds.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    rounds[rounds.len() / 2]
}

fn rate(measured: &Measured) -> String {
    format!(
        "{:.0}/s, {:.1?} of processor each",
        measured.per_second, measured.processor_per_request
    )
}

/// Describes the machine.
fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{cores} cores of {}, Linux {}; server on core 0, wrk on core 1, 64 connections, median of {ROUNDS} runs of {SECONDS} s",
        model.trim_start_matches([' ', '\t', ':']),
        kernel.trim()
    )
}
