//! The access log: one line for each request, without anything that tells who the reader is.

use std::{
    fmt::Write as _,
    io::{self, Write},
    time::Duration,
};

use jiff::Timestamp;
use masthead_telemetry::{lines::LineWriter, metrics};
use serde::{Deserialize, Serialize};

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The values in the order of [`AccessLogEntry`], separated by spaces.
    Text,
    /// One JSON object per line.
    Json,
}

/// An answered request.
#[derive(Debug, Serialize)]
pub struct AccessLogEntry<'a> {
    /// When the answer began.
    pub time: Timestamp,
    /// The method of the request.
    pub method: &'a str,
    /// The path without its query; the route if the path has parameters, because they may be secrets.
    pub path: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// The meter's decision; "none" if the path is not an article.
    pub decision: &'static str,
    /// Milliseconds from the request's header to the answer's header.
    pub ms: f64,
    /// The length of the body; `None` if it is not known beforehand.
    pub bytes: Option<u64>,
}

/// Writes lines on a thread of its own.
#[derive(Clone, Debug)]
pub struct AccessLog {
    format: Format,
    lines: LineWriter,
}

impl AccessLog {
    /// Starts a log that writes to `output`.
    ///
    /// # Errors
    ///
    /// Returns an error if the system refuses another thread.
    pub fn start(format: Format, output: impl Write + Send + 'static) -> io::Result<Self> {
        Ok(Self { format, lines: LineWriter::start("access-log", output)? })
    }

    /// Adds a line, or drops it if too many are waiting.
    pub fn add(&self, line: &AccessLogEntry<'_>) {
        if !self.lines.add(self.write(line)) {
            metrics().access_log_dropped.increment(1);
        }
    }

    /// What writes the lines.
    pub fn lines(&self) -> &LineWriter {
        &self.lines
    }

    /// Waits until every line so far is written.
    pub fn flush(&self) {
        self.lines.flush();
    }

    fn write(&self, line: &AccessLogEntry<'_>) -> String {
        match self.format {
            Format::Json => serde_json::to_string(line).unwrap_or_default(),
            Format::Text => text(line),
        }
    }
}

fn text(line: &AccessLogEntry<'_>) -> String {
    let AccessLogEntry { time, method, path, status, decision, ms, bytes } = line;
    let mut text = format!("{time:.3} {method} {path} {status} {decision} {ms:.3}ms ");
    // Writing to a string cannot fail.
    let _ = match bytes {
        Some(bytes) => write!(text, "{bytes}"),
        None => write!(text, "-"),
    };
    text
}

/// The milliseconds of a duration, to the microsecond.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}
