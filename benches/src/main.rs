//! Benchmarks: metered pages compared with the same bytes from nginx, with one core each for server
//! and load, and how the rate depends on the size of the archive and the number of readers.
//!
//! Run with `just bench`. Needs `nginx` and `wrk`, and takes about half an hour. Prints the
//! measured and the promised values, and exits with an error if a promise is not kept. Archive
//! sizes can be given: `target/dist/bench 10000`. `target/dist/bench nginx` measures only the hot path next to nginx,
//! `target/dist/bench signed-in` only its row of signed-in readers,
//! `target/dist/bench subscribers` only subscriptions, `target/dist/bench renewals` only a night of renewals, `target/dist/bench meter` only the meter of signed-in readers on PostgreSQL,
//! `target/dist/bench desk` only the desk, `target/dist/bench nesting` only what an author may send, `target/dist/bench backup` only a backup, `target/dist/bench import` only an import from WordPress, and `target/dist/bench idle` only idle
//! connections, for which `ulimit -n` has to be at least 30,000. `target/dist/bench start`, `memory` and `publish` measure
//! what archives of up to a million articles cost. `target/dist/bench compare` compares with other servers, and
//! `target/dist/bench guard` counts instructions: see [`guard`].

// The futures of whole benchmarks are deeply nested.
#![recursion_limit = "256"]

mod archive;
mod backup;
mod compare;
mod desk;
mod editor;
mod growth;
mod guard;
mod hot_path;
mod idle;
mod import;
mod load;
mod meter;
mod nesting;
mod publication;
mod readers;
mod renewals;
mod servers;
mod subscribers;
mod tls;

use std::{fs, path::Path, process::ExitCode};

use crate::{hot_path::HotPath, load::Measured};

/// An error of the benchmark, shown to the person who runs it.
type BenchError = Box<dyn std::error::Error + Send + Sync>;

/// The number of runs of each measurement, of which the median counts.
const ROUNDS: usize = 3;
const SECONDS: u32 = 6;
/// What can be measured alone.
const PARTS: [&str; 13] = [
    "nginx",
    "signed-in",
    "subscribers",
    "renewals",
    "meter",
    "desk",
    "idle",
    "backup",
    "start",
    "memory",
    "publish",
    "nesting",
    "import",
];

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
    if asked.is_empty() || asked == ["nesting"] {
        nesting::measure(report, folder).await?;
    }
    if asked.is_empty() || asked == ["import"] {
        import::measure(report, folder).await?;
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
    if asked.is_empty() || asked == ["nginx"] || asked == ["signed-in"] {
        let paper = folder.join("paper-nginx");
        let addresses = Box::pin(publication::make(&paper, 10)).await?;
        let hot_path = HotPath { folder, paper: &paper, addresses: &addresses };
        if asked == ["signed-in"] {
            Box::pin(hot_path.measure_members(report)).await?;
        } else {
            Box::pin(hot_path.measure(report)).await?;
        }
    }
    let sizes: Vec<u32> = match asked {
        [] => Vec::new(),
        [only] if PARTS.contains(&only.as_str()) => return Ok(()),
        sizes => sizes.iter().map(|size| size.parse()).collect::<Result<_, _>>()?,
    };
    Box::pin(archive::measure(report, folder, &sizes)).await
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
