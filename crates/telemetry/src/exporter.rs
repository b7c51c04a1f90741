//! The metrics in the Prometheus text format.

use jiff::Timestamp;
use metrics::{counter, gauge, with_local_recorder};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use crate::{DESCRIPTIONS, MetricKind, Metrics, TaskRegistry, TaskState, descriptions as names};

/// The upper bounds of the buckets of durations, in seconds: from a page in memory to a processor that
/// hardly answers.
const BUCKETS: &[f64] = &[
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    10.0,
];

/// Why metrics cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExporterError {
    /// The exporter refused its settings, or another one was installed before.
    #[error("the metrics exporter cannot be started: {0}")]
    Build(#[from] BuildError),
    /// Another exporter was installed before.
    #[error("the metrics exporter cannot be started: another one is installed")]
    Installed,
}

/// Collects what this process records.
#[derive(Clone)]
pub struct Exporter {
    handle: PrometheusHandle,
}

impl Exporter {
    /// Installs the exporter for the whole process and registers all metrics.
    ///
    /// # Errors
    ///
    /// Returns an error if another exporter was installed before.
    pub fn install() -> Result<Self, ExporterError> {
        let recorder = recorder()?;
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_| ExporterError::Installed)?;
        describe();
        crate::metrics();
        Ok(Self { handle })
    }

    /// All metrics as text. Those of tasks are read from `tasks`.
    pub fn render(&self, tasks: &TaskRegistry, now: Timestamp) -> String {
        record_tasks(tasks, now);
        self.handle.render()
    }

    /// Moves observations into their buckets. To be called every few seconds, because observations are
    /// otherwise kept until the next scrape.
    pub fn run_upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// What a separate recorder exports for these tasks, with every other metric at 0. For tests.
    ///
    /// # Errors
    ///
    /// Returns an error if the exporter refuses its settings.
    #[doc(hidden)]
    pub fn sample(tasks: &TaskRegistry, now: Timestamp) -> Result<String, ExporterError> {
        let recorder = recorder()?;
        let handle = recorder.handle();
        with_local_recorder(&recorder, || {
            describe();
            let metrics = Metrics::register();
            metrics.requests.record(crate::ServedAs::Other, 200, std::time::Duration::ZERO);
            metrics.database_wait_seconds.record(0.0);
            record_tasks(tasks, now);
        });
        Ok(handle.render())
    }
}

fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let durations = Matcher::Suffix("_seconds".to_owned());
    Ok(PrometheusBuilder::new().set_buckets_for_metric(durations, BUCKETS)?.build_recorder())
}

fn describe() {
    for description in DESCRIPTIONS {
        match description.kind {
            MetricKind::Counter => metrics::describe_counter!(description.name, description.help),
            MetricKind::Gauge => metrics::describe_gauge!(description.name, description.help),
            MetricKind::Histogram => {
                metrics::describe_histogram!(description.name, description.help);
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in an f64")]
fn record_tasks(tasks: &TaskRegistry, now: Timestamp) {
    for task in tasks.statuses(now) {
        let healthy = matches!(task.state, TaskState::Ok | TaskState::Starting);
        let last = task.last_success.map_or(0, Timestamp::as_second);
        gauge!(names::TASK_HEALTHY, "task" => task.name).set(f64::from(u8::from(healthy)));
        gauge!(names::TASK_LAST_SUCCESS, "task" => task.name).set(last as f64);
        counter!(names::TASK_FAILURES, "task" => task.name).absolute(task.failures);
        counter!(names::TASK_RESTARTS, "task" => task.name).absolute(task.restarts);
        counter!(names::TASK_WAKEUPS, "task" => task.name).absolute(task.wakeups);
    }
}
