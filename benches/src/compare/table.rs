//! The table of the comparison, in Markdown.

use std::{env, process::Command, time::Duration};

use jiff::Timestamp;

use super::{ghost::Ghost, visit::Visit};
use crate::load::Measured;

/// A line of the table.
pub struct Row {
    pub what: &'static str,
    /// `None` if it could not be measured.
    pub seen: Option<Seen>,
}

/// What was measured of a server and its readers, and what the server can do.
pub struct Seen {
    pub measured: Measured,
    /// The resident memory in bytes.
    pub memory: u64,
    /// The size of the page with its head.
    pub page: usize,
    pub visit: Visit,
    /// Whether the server counts what each reader has read and decides on it.
    pub meter: bool,
    /// Whether the server decides who gets the text.
    pub wall: bool,
}

impl Row {
    /// A server that is not installed.
    pub fn missing(what: &'static str) -> Self {
        Self { what, seen: None }
    }

    fn line(&self) -> String {
        let Some(seen) = &self.seen else {
            return format!("| {} | not installed | | | | | | | | |", self.what);
        };
        let measured = &seen.measured;
        let yes = |can| if can { "yes" } else { "no" };
        format!(
            "| {} | {:.0} | {} | {} | {} | {} MB | {:.1} kB | {} + {} | {} | {} |",
            self.what,
            measured.per_second,
            rounded(measured.processor_per_request),
            rounded(measured.p50),
            rounded(measured.p99),
            seen.memory / 1_000_000,
            kilobytes(seen.page),
            seen.visit.own,
            seen.visit.others,
            yes(seen.meter),
            yes(seen.wall),
        )
    }
}

/// Prints the table, the date and the versions.
pub fn print(rows: &[Row], ghost: Option<&Ghost>) {
    let day = Timestamp::now().strftime("%-d %B %Y");
    println!("\n{day}: {}", versions(ghost).join(", "));
    println!(
        "\n| | requests per second | processor per request | p50 | p99 | memory | page | requests, own + third-party | meter | wall |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|---|---|"
    );
    for row in rows {
        println!("{}", row.line());
    }
}

fn versions(ghost: Option<&Ghost>) -> Vec<String> {
    let masthead = env::current_exe().map(|bench| bench.with_file_name("masthead"));
    let masthead = masthead.ok().and_then(|program| said(Command::new(program).arg("--version")));
    let nginx = said(Command::new("nginx").arg("-v"));
    let nginx = nginx.map(|said| said.trim_start_matches("nginx version: ").replace('/', " "));
    let ghost = ghost.map(|ghost| {
        let [ghost, node] = &ghost.versions;
        format!("Ghost {ghost} on Node.js {node} with SQLite")
    });
    [masthead, nginx, ghost].into_iter().flatten().collect()
}

/// Returns what a program says, whether to its output or, as nginx does, its errors.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&said).trim().to_owned())
}

/// Returns a duration with three digits.
fn rounded(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    if micros < 1000.0 { format!("{micros:.0} µs") } else { format!("{:.1} ms", micros / 1000.0) }
}

#[allow(clippy::cast_precision_loss)]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}
