//! The security log: who signed in, what was refused, who saw and changed what, for a program that watches for attacks.
//!
//! Each entry is a line of the normal log with the target `security`, and a JSON object in a log of its own if there is one.
//! People are named by the numbers of their accounts and never by address: a log is kept longer, and read by more people,
//! than the database. Networks are cut to /24 and /48, as everywhere. An entry has no secret, code or link.
//!
//! To add an event: a variant of [`SecurityEvent`] with its name, and a row in `docs/src/security.md`; a test compares the two.

mod event;
mod flood;

pub use event::SecurityEvent;

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use self::flood::FloodLimit;
use crate::lines::LineWriter;

/// What became of what somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SecurityOutcome {
    /// It was done.
    Success,
    /// It was refused, or did not work.
    Failure,
}

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityOrigin {
    /// The network of the client, such as `203.0.113.0/24`.
    pub network: Option<String>,
    /// The id that a proxy in front gave the request.
    pub request: Option<String>,
}

/// One entry.
#[derive(Clone, Debug, Serialize)]
pub struct SecurityEntry<'a> {
    event: SecurityEvent,
    outcome: SecurityOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
    /// Whether a member of the staff does it.
    #[serde(skip)]
    is_of_staff: bool,
}

impl<'a> SecurityEntry<'a> {
    /// Something that was done.
    pub fn success(event: SecurityEvent, origin: &'a SecurityOrigin) -> Self {
        Self::new(event, SecurityOutcome::Success, origin)
    }

    /// Something that was refused, or did not work.
    pub fn failure(event: SecurityEvent, origin: &'a SecurityOrigin) -> Self {
        Self::new(event, SecurityOutcome::Failure, origin)
    }

    fn new(event: SecurityEvent, outcome: SecurityOutcome, origin: &'a SecurityOrigin) -> Self {
        let (network, request) = (origin.network.as_deref(), origin.request.as_deref());
        Self {
            event,
            outcome,
            detail: None,
            account: None,
            subject: None,
            network,
            request,
            is_of_staff: false,
        }
    }

    /// Names the account that does it, by its number.
    #[must_use]
    pub fn by(self, account: impl Into<Option<u32>>) -> Self {
        Self { account: account.into(), ..self }
    }

    /// Says whether that account is of the staff. Then the entry is written, however many there are: somebody who copies the
    /// readers one by one, or uses a colleague's session, must not disappear among others.
    #[must_use]
    pub fn of_staff(self, is_of_staff: bool) -> Self {
        Self { is_of_staff, ..self }
    }

    /// Says how it was done, or why it was refused.
    #[must_use]
    pub fn detail(self, detail: &'static str) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// Names what it was done to, such as `account:7`.
    #[must_use]
    pub fn subject(self, subject: Option<String>) -> Self {
        Self { subject, ..self }
    }
}

/// The line of a log of its own.
#[derive(Serialize)]
struct Line<'a> {
    time: Timestamp,
    #[serde(flatten)]
    entry: &'a SecurityEntry<'a>,
    #[serde(skip_serializing_if = "is_zero")]
    left_out: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// See the module's documentation. All clones are one log.
#[derive(Clone, Debug, Default)]
pub struct SecurityLog {
    lines: Option<LineWriter>,
    flood: Arc<FloodLimit>,
}

impl SecurityLog {
    /// A log that is written to `lines` as well as to the normal log.
    pub fn to(lines: LineWriter) -> Self {
        Self { lines: Some(lines), flood: Arc::default() }
    }

    /// Writes an entry, unless it is one of too many that readers or strangers have caused (see `flood`): those are counted.
    pub fn record(&self, entry: &SecurityEntry<'_>) {
        let now = Timestamp::now();
        let Some(left_out) = self.flood.admit(entry, now) else { return };
        tracing::info!(
            target: "security",
            event = entry.event.name(),
            outcome = entry.outcome.name(),
            detail = entry.detail,
            account = entry.account,
            subject = entry.subject.as_deref(),
            network = entry.network,
            request = entry.request,
            left_out = (left_out > 0).then_some(left_out),
            "security: {}", entry.event.name()
        );
        let Some(lines) = &self.lines else { return };
        let line = serde_json::to_string(&Line { time: now, entry, left_out });
        match line.map(|line| lines.add(line)) {
            Ok(true) => {}
            Ok(false) => tracing::error!("security: the log is behind, an entry is here only"),
            Err(error) => tracing::error!(%error, "security: entry cannot be written as JSON"),
        }
    }

    /// What writes the log of its own; `None` if there is none.
    pub fn lines(&self) -> Option<&LineWriter> {
        self.lines.as_ref()
    }

    /// Waits until every entry so far is written.
    pub fn flush(&self) {
        if let Some(lines) = &self.lines {
            lines.flush();
        }
    }
}

impl SecurityOutcome {
    /// The word in the log.
    fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}
