//! Load generation: a run of `wrk` on the second core.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{BenchError, servers::Server};

const CONNECTIONS: u32 = 64;
/// After how many seconds a request has failed.
const TIMEOUT: &str = "10";

/// The requests of a run.
#[derive(Clone)]
pub struct Load {
    /// The addresses, one per line.
    pub paths: PathBuf,
    /// How many requests are made for each address before the next.
    pub stride: u32,
    /// The cookies, one per line, or `None` for first visits.
    pub cookies: Option<PathBuf>,
    /// After how many requests an address or cookie repeats.
    pub lasts: Option<u64>,
    /// How many connections there are at the same time.
    pub connections: u32,
}

/// The result of a run.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    pub requests: u64,
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    pub processor_per_request: Duration,
}

impl Load {
    /// Writes the addresses to a file.
    pub fn new(folder: &Path, name: &str, paths: &[String]) -> Result<Self, BenchError> {
        let file = folder.join(format!("{name}.paths"));
        fs::write(&file, paths.join("\n"))?;
        let connections = CONNECTIONS;
        Ok(Self { paths: file, stride: 1, cookies: None, lasts: None, connections })
    }

    /// Runs for this many seconds.
    pub fn run(
        &self,
        folder: &Path,
        server: &Server,
        seconds: u32,
    ) -> Result<Measured, BenchError> {
        let script = folder.join("wrk.lua");
        fs::write(&script, include_str!("wrk.lua"))?;
        let before = server.processor_time();
        let mut wrk = Command::new("taskset");
        wrk.args([
            "-c",
            "1",
            "wrk",
            "-t1",
            "-c",
            &self.connections.to_string(),
            "--timeout",
            TIMEOUT,
        ])
        .args(["-d", &format!("{seconds}s"), "-s"])
        .arg(&script)
        .arg(format!("http://127.0.0.1:{}/", server.port))
        .arg("--")
        .arg(&self.paths)
        .arg(self.stride.to_string())
        .args(&self.cookies);
        let output = wrk.output().map_err(|error| {
            format!("wrk does not start ({error}); on Debian: apt-get install wrk")
        })?;
        let used = server.processor_time().saturating_sub(before);
        let said = String::from_utf8_lossy(&output.stdout);
        let line = said.lines().find_map(|line| line.strip_prefix("measured "));
        let line = line.ok_or_else(|| {
            format!("wrk measured nothing: {said}{}", String::from_utf8_lossy(&output.stderr))
        })?;
        let numbers: Vec<u64> = line.split(' ').filter_map(|n| n.parse().ok()).collect();
        let &[requests, micros, p50, p99, failed] = &numbers[..] else {
            return Err(format!("wrk said something else: {line}").into());
        };
        if failed > 0 || requests == 0 {
            return Err(format!("{failed} of {requests} requests failed").into());
        }
        if self.lasts.is_some_and(|lasts| lasts < requests) {
            return Err(format!("{requests} requests; there were readers for fewer").into());
        }
        #[allow(clippy::cast_precision_loss)]
        Ok(Measured {
            requests,
            per_second: requests as f64 / (micros as f64 / 1e6),
            p50: Duration::from_micros(p50),
            p99: Duration::from_micros(p99),
            processor_per_request: used / u32::try_from(requests)?,
        })
    }
}
