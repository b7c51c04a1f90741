//! The access log: one line for each request, without anything that tells who the reader is.

use std::{
    fmt::Write as _,
    io::{self, BufWriter, Write},
    sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    thread,
    time::Duration,
};

use jiff::Timestamp;
use masthead_telemetry::metrics;
use serde::{Deserialize, Serialize};

/// Lines that may wait to be written. Beyond that they are dropped and counted.
const WAITING: usize = 8192;

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

enum Message {
    Line(String),
    Flush(SyncSender<()>),
}

/// Writes lines on a thread of its own.
#[derive(Clone, Debug)]
pub struct AccessLog {
    format: Format,
    lines: SyncSender<Message>,
}

impl AccessLog {
    /// Starts a log that writes to `output`.
    ///
    /// # Errors
    ///
    /// Returns an error if the system refuses another thread.
    pub fn start(format: Format, output: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, received) = sync_channel(WAITING);
        let thread = thread::Builder::new().name("access-log".to_owned());
        thread.spawn(move || write_lines(&received, BufWriter::new(output)))?;
        Ok(Self { format, lines })
    }

    /// Adds a line, or drops it if too many are waiting.
    pub fn add(&self, line: &AccessLogEntry<'_>) {
        if self.lines.try_send(Message::Line(self.write(line))).is_err() {
            metrics().access_log_dropped.increment(1);
        }
    }

    /// Waits until every line so far is written.
    pub fn flush(&self) {
        let (done, written) = sync_channel(1);
        if self.lines.send(Message::Flush(done)).is_ok() {
            // It returns an error if the thread ended, and then there is nothing to wait for.
            let _ = written.recv();
        }
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

/// Writes until all senders are gone. What cannot be written is given up: there is nowhere to say so.
fn write_lines(received: &Receiver<Message>, mut output: impl Write) {
    let mut next = received.recv().ok();
    while let Some(message) = next {
        let _ = match message {
            Message::Line(line) => writeln!(output, "{line}"),
            Message::Flush(done) => {
                let flushed = output.flush();
                // It fails if the one who waited is gone.
                let _ = done.send(());
                flushed
            }
        };
        next = match received.try_recv() {
            Ok(message) => Some(message),
            Err(TryRecvError::Empty) => {
                let _ = output.flush();
                received.recv().ok()
            }
            Err(TryRecvError::Disconnected) => None,
        };
    }
    let _ = output.flush();
}

/// The milliseconds of a duration, to the microsecond.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}
