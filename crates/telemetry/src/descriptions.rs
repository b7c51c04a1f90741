//! What each metric means. The guide's table is compared with this list by a test.

/// How a metric behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows, and starts at 0 when the server starts.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Observations, counted in buckets.
    Histogram,
}

/// A metric.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// Its name, with the unit as Prometheus recommends.
    pub name: &'static str,
    /// How it behaves.
    pub kind: MetricKind,
    /// One sentence, exported as its help text.
    pub help: &'static str,
}

const fn counter(name: &'static str, help: &'static str) -> Description {
    Description { name, kind: MetricKind::Counter, help }
}

const fn gauge(name: &'static str, help: &'static str) -> Description {
    Description { name, kind: MetricKind::Gauge, help }
}

const fn histogram(name: &'static str, help: &'static str) -> Description {
    Description { name, kind: MetricKind::Histogram, help }
}

/// Every metric that a server exports.
pub const DESCRIPTIONS: &[Description] = &[
    counter(REQUESTS, "Requests answered, by decision of the meter and HTTP status."),
    histogram(REQUEST_SECONDS, "Time from a request's header to its answer's header."),
    counter(PAGE_CACHE_HITS, "Pages answered from the page cache."),
    counter(PAGE_CACHE_MISSES, "Pages rendered because the page cache did not have them."),
    counter(PAGE_CACHE_CHECKS, "Pages compared, after a change, with what they would show now."),
    counter(
        ACCESS_LOG_DROPPED,
        "Lines of the access log dropped because it was written too slowly.",
    ),
    gauge(OUTBOX_WAITING, "Emails waiting in the outbox."),
    gauge(OUTBOX_OLDEST_SECONDS, "Age of the oldest email waiting in the outbox."),
    counter(EMAILS, "Emails by result of the attempt: sent, deferred or failed."),
    gauge(RENEWALS_DUE, "Subscriptions with something due now: a renewal, a notice or an end."),
    counter(
        RENEWALS,
        "Attempts to collect a renewal by result: collected, refused, pending or error.",
    ),
    gauge(RECONCILIATION_MISMATCHES, "Mismatches found by the last reconciliation."),
    gauge(DATABASE_UP, "1 if the database answered the last measurement, else 0."),
    gauge(DATABASE_CONNECTIONS, "Open database connections by state: idle or busy."),
    histogram(
        DATABASE_WAIT_SECONDS,
        "Time to get a database connection, sampled by the measurements.",
    ),
    gauge(SEARCH_LAG, "Revisions that the search index is behind the database."),
    gauge(ACCOUNT_READS_WAITING, "Reads of signed-in readers not yet written to the database."),
    counter(ACCOUNT_READS_DROPPED, "Reads dropped because too many were waiting for the database."),
    counter(
        AUDIENCE_EVENTS_COARSENED,
        "Events counted without their article because too many were waiting for the database.",
    ),
    counter(
        HOSTS,
        "Requests that named another host or none, by what was done: redirected or refused.",
    ),
    counter(
        CONNECTIONS_REFUSED,
        "Connections closed at once because their network had all that it may have.",
    ),
    gauge(CERTIFICATE_EXPIRY, "Unix time at which the certificate in use expires."),
    gauge(TASK_HEALTHY, "1 if the background task is neither failing nor stale, else 0."),
    gauge(TASK_LAST_SUCCESS, "Unix time of the task's last successful run; 0 before the first."),
    counter(TASK_FAILURES, "Runs of the background task that failed or panicked."),
    counter(
        TASK_RESTARTS,
        "Runs of the background task that panicked; it was restarted after each.",
    ),
    counter(
        TASK_WAKEUPS,
        "Runs of the background task that began because something was written or is to be done.",
    ),
];

pub(crate) const REQUESTS: &str = "masthead_requests_total";
pub(crate) const REQUEST_SECONDS: &str = "masthead_request_duration_seconds";
pub(crate) const PAGE_CACHE_HITS: &str = "masthead_page_cache_hits_total";
pub(crate) const PAGE_CACHE_MISSES: &str = "masthead_page_cache_misses_total";
pub(crate) const PAGE_CACHE_CHECKS: &str = "masthead_page_cache_checks_total";
pub(crate) const ACCESS_LOG_DROPPED: &str = "masthead_access_log_dropped_total";
pub(crate) const OUTBOX_WAITING: &str = "masthead_outbox_waiting";
pub(crate) const OUTBOX_OLDEST_SECONDS: &str = "masthead_outbox_oldest_seconds";
pub(crate) const EMAILS: &str = "masthead_emails_total";
pub(crate) const RENEWALS_DUE: &str = "masthead_renewals_due";
pub(crate) const RENEWALS: &str = "masthead_renewals_total";
pub(crate) const RECONCILIATION_MISMATCHES: &str = "masthead_reconciliation_mismatches";
pub(crate) const DATABASE_UP: &str = "masthead_database_up";
pub(crate) const DATABASE_CONNECTIONS: &str = "masthead_database_connections";
pub(crate) const DATABASE_WAIT_SECONDS: &str = "masthead_database_wait_seconds";
pub(crate) const SEARCH_LAG: &str = "masthead_search_lag_revisions";
pub(crate) const ACCOUNT_READS_WAITING: &str = "masthead_account_reads_waiting";
pub(crate) const ACCOUNT_READS_DROPPED: &str = "masthead_account_reads_dropped_total";
pub(crate) const AUDIENCE_EVENTS_COARSENED: &str = "masthead_audience_events_coarsened_total";
pub(crate) const HOSTS: &str = "masthead_other_hosts_total";
pub(crate) const CONNECTIONS_REFUSED: &str = "masthead_connections_refused_total";
pub(crate) const CERTIFICATE_EXPIRY: &str = "masthead_certificate_expiry_timestamp_seconds";
pub(crate) const TASK_HEALTHY: &str = "masthead_task_healthy";
pub(crate) const TASK_LAST_SUCCESS: &str = "masthead_task_last_success_timestamp_seconds";
pub(crate) const TASK_FAILURES: &str = "masthead_task_failures_total";
pub(crate) const TASK_RESTARTS: &str = "masthead_task_restarts_total";
pub(crate) const TASK_WAKEUPS: &str = "masthead_task_wakeups_total";
