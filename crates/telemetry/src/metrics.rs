//! The handles of all metrics. They are registered once, so that recording allocates nothing.

use std::{sync::OnceLock, time::Duration};

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use strum::EnumCount as _;

use crate::descriptions as names;

static METRICS: OnceLock<Metrics> = OnceLock::new();

/// The metrics of this process. They record nothing unless an [`Exporter`](crate::Exporter) was
/// installed before the first call.
pub fn metrics() -> &'static Metrics {
    METRICS.get_or_init(Metrics::register)
}

/// How a request was served: the meter's decision, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumCount)]
pub enum ServedAs {
    /// Not an article: no decision was made.
    Other,
    /// The full text, without counting.
    Open,
    /// The full text, for one read.
    Metered,
    /// The teaser.
    Wall,
}

impl ServedAs {
    const ALL: [Self; Self::COUNT] = [Self::Other, Self::Open, Self::Metered, Self::Wall];

    /// Reads the start of a `Masthead-Access` header; `None` is a response without one.
    pub fn from_header(value: Option<&[u8]>) -> Self {
        let word = value.and_then(|value| value.split(|byte| *byte == b';').next());
        match word {
            Some(b"open") => Self::Open,
            Some(b"metered") => Self::Metered,
            Some(b"wall") => Self::Wall,
            Some(_) | None => Self::Other,
        }
    }

    /// The value of the label `decision`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Other => "none",
            Self::Open => "open",
            Self::Metered => "metered",
            Self::Wall => "wall",
        }
    }
}

/// The HTTP statuses with a series of their own. All others are counted as `other`.
const STATUSES: [(u16, &str); 15] = [
    (200, "200"),
    (303, "303"),
    (304, "304"),
    (308, "308"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (409, "409"),
    (413, "413"),
    (422, "422"),
    (429, "429"),
    (500, "500"),
    (503, "503"),
];
const OTHER: &str = "other";

/// The metrics of requests.
pub struct RequestMetrics {
    /// By decision, then by position in `STATUSES`; the last is `other`.
    counts: [[Counter; STATUSES.len() + 1]; ServedAs::ALL.len()],
    seconds: [Histogram; ServedAs::ALL.len()],
}

impl RequestMetrics {
    fn register() -> Self {
        let count = |served: ServedAs, status: &'static str| counter!(names::REQUESTS, "decision" => served.name(), "status" => status);
        Self {
            counts: ServedAs::ALL.map(|served| {
                std::array::from_fn(|index| {
                    count(served, STATUSES.get(index).map_or(OTHER, |(_, name)| name))
                })
            }),
            seconds: ServedAs::ALL
                .map(|served| histogram!(names::REQUEST_SECONDS, "decision" => served.name())),
        }
    }

    /// Records an answered request.
    pub fn record(&self, served: ServedAs, status: u16, duration: Duration) {
        let index = STATUSES.binary_search_by_key(&status, |(status, _)| *status);
        let served = served as usize;
        self.counts[served][index.unwrap_or(STATUSES.len())].increment(1);
        self.seconds[served].record(duration);
    }
}

/// Handles of all metrics except those of tasks, which are read off their health.
pub struct Metrics {
    /// Requests answered.
    pub requests: RequestMetrics,
    /// Pages found in the page cache.
    pub page_cache_hits: Counter,
    /// Pages that had to be rendered.
    pub page_cache_misses: Counter,
    /// Pages that were compared with what they would show after a change.
    pub page_cache_checks: Counter,
    /// Lines of the access log that were dropped.
    pub access_log_dropped: Counter,
    /// Emails waiting.
    pub outbox_waiting: Gauge,
    /// Age of the oldest email waiting, in seconds.
    pub outbox_oldest_seconds: Gauge,
    /// Emails accepted by the mail server.
    pub emails_sent: Counter,
    /// Emails to be tried again.
    pub emails_deferred: Counter,
    /// Emails given up.
    pub emails_failed: Counter,
    /// Subscriptions with something due.
    pub renewals_due: Gauge,
    /// Renewals paid.
    pub renewals_collected: Counter,
    /// Renewals that the processor refused.
    pub renewals_refused: Counter,
    /// Renewals that the bank has yet to decide on.
    pub renewals_pending: Counter,
    /// Renewals without an answer from the processor.
    pub renewals_error: Counter,
    /// Mismatches found by the last reconciliation.
    pub reconciliation_mismatches: Gauge,
    /// Whether the database answers.
    pub database_up: Gauge,
    /// Connections not in use.
    pub database_idle: Gauge,
    /// Connections in use.
    pub database_busy: Gauge,
    /// Time to get a connection.
    pub database_wait_seconds: Histogram,
    /// Revisions that the search index is behind.
    pub search_lag: Gauge,
    /// Reads to be written.
    pub account_reads_waiting: Gauge,
    /// Reads that were dropped.
    pub account_reads_dropped: Counter,
    /// Events that were counted without their article.
    pub audience_events_coarsened: Counter,
    /// Requests for other hosts, which were redirected.
    pub hosts_redirected: Counter,
    /// Requests without a valid host, which were refused.
    pub hosts_refused: Counter,
    /// Connections of networks that had all that they may have.
    pub connections_refused: Counter,
    /// When the certificate in use expires, in Unix time.
    pub certificate_expiry: Gauge,
}

impl Metrics {
    /// Registers all metrics with the recorder that is installed.
    pub fn register() -> Self {
        let email = |result| counter!(names::EMAILS, "result" => result);
        let renewal = |result| counter!(names::RENEWALS, "result" => result);
        let host = |result| counter!(names::HOSTS, "result" => result);
        let connections = |state| gauge!(names::DATABASE_CONNECTIONS, "state" => state);
        Self {
            requests: RequestMetrics::register(),
            page_cache_hits: counter!(names::PAGE_CACHE_HITS),
            page_cache_misses: counter!(names::PAGE_CACHE_MISSES),
            page_cache_checks: counter!(names::PAGE_CACHE_CHECKS),
            access_log_dropped: counter!(names::ACCESS_LOG_DROPPED),
            outbox_waiting: gauge!(names::OUTBOX_WAITING),
            outbox_oldest_seconds: gauge!(names::OUTBOX_OLDEST_SECONDS),
            emails_sent: email("sent"),
            emails_deferred: email("deferred"),
            emails_failed: email("failed"),
            renewals_due: gauge!(names::RENEWALS_DUE),
            renewals_collected: renewal("collected"),
            renewals_refused: renewal("refused"),
            renewals_pending: renewal("pending"),
            renewals_error: renewal("error"),
            reconciliation_mismatches: gauge!(names::RECONCILIATION_MISMATCHES),
            database_up: gauge!(names::DATABASE_UP),
            database_idle: connections("idle"),
            database_busy: connections("busy"),
            database_wait_seconds: histogram!(names::DATABASE_WAIT_SECONDS),
            search_lag: gauge!(names::SEARCH_LAG),
            account_reads_waiting: gauge!(names::ACCOUNT_READS_WAITING),
            account_reads_dropped: counter!(names::ACCOUNT_READS_DROPPED),
            audience_events_coarsened: counter!(names::AUDIENCE_EVENTS_COARSENED),
            hosts_redirected: host("redirected"),
            hosts_refused: host("refused"),
            connections_refused: counter!(names::CONNECTIONS_REFUSED),
            certificate_expiry: gauge!(names::CERTIFICATE_EXPIRY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_sorted_and_named_by_their_number() {
        assert!(STATUSES.is_sorted_by_key(|(status, _)| *status));
        assert!(STATUSES.iter().all(|(status, name)| status.to_string() == *name));
    }

    #[test]
    fn the_decision_is_the_first_word_of_the_header() {
        let read = |value: &str| ServedAs::from_header(Some(value.as_bytes()));
        assert_eq!(read("metered;left=2"), ServedAs::Metered);
        assert_eq!(read("open;reason=free"), ServedAs::Open);
        assert_eq!(read("wall;reason=meter"), ServedAs::Wall);
        assert_eq!(ServedAs::from_header(None), ServedAs::Other);
    }
}
