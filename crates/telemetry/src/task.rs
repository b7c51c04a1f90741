//! One piece of background work.

use std::{error::Error, fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::sync::Notify;

/// Why a run failed. Any error converts into it.
pub type TaskError = Box<dyn Error + Send + Sync>;

type Run = dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), TaskError>> + Send>> + Send + Sync;

/// A task is stale if it has not succeeded for this many periods …
const STALE_PERIODS: u32 = 10;
/// … and for at least this long. A service is stale if it has not run for as long.
pub(crate) const MIN_STALE_AFTER: Duration = Duration::from_secs(30);

/// A relaxed task is not stale before this many of its longest rests are over.
const RELAXED_STALE_PERIODS: u32 = 3;

/// Work that is repeated for as long as the server runs.
///
/// ```
/// use std::time::Duration;
/// use masthead_telemetry::Task;
///
/// let task = Task::new("counters", Duration::from_secs(5), || async {
///     Ok::<_, std::io::Error>(())
/// });
/// assert_eq!(task.name(), "counters");
/// ```
pub struct Task {
    pub(crate) name: &'static str,
    pub(crate) period: Duration,
    pub(crate) stale_after: Duration,
    pub(crate) is_vital: bool,
    pub(crate) wakeup: Option<Arc<Notify>>,
    pub(crate) relaxation: Option<Relaxation>,
    pub(crate) run: Box<Run>,
}

/// When a task may rest for longer than its period.
pub(crate) struct Relaxation {
    /// Notified when there is something to do.
    pub wakeup: Arc<Notify>,
    /// Whether that can be relied on at the moment.
    pub is_reliable: Box<dyn Fn() -> bool + Send + Sync>,
    /// The longest rest.
    pub longest: Duration,
}

impl Task {
    /// A task that is run once at the start and then `period` after the end of each run.
    ///
    /// A run should do what there is to do and return. It counts as stale after ten periods without
    /// success, at least 30 seconds; see [`Task::stale_after`].
    pub fn new<F, R, E>(name: &'static str, period: Duration, run: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<TaskError>,
    {
        let run = move || -> Pin<Box<dyn Future<Output = Result<(), TaskError>> + Send>> {
            let run = run();
            Box::pin(async move { run.await.map_err(Into::into) })
        };
        Self {
            name,
            period,
            stale_after: (period * STALE_PERIODS).max(MIN_STALE_AFTER),
            is_vital: false,
            wakeup: None,
            relaxation: None,
            run: Box::new(run),
        }
    }

    /// Marks the task as vital: the server is not ready while it is stale.
    #[must_use]
    pub fn vital(self) -> Self {
        Self { is_vital: true, ..self }
    }

    /// Sets how long after its last success the task counts as stale.
    #[must_use]
    pub fn stale_after(self, stale_after: Duration) -> Self {
        Self { stale_after, ..self }
    }

    /// Also runs the task when `wakeup` is notified, unless its last run failed.
    #[must_use]
    pub fn woken_by(self, wakeup: Arc<Notify>) -> Self {
        Self { wakeup: Some(wakeup), ..self }
    }

    /// Lets the task rest until `wakeup` is notified, for `longest` at most, as long as `is_reliable` says that it would be.
    /// It never runs more often than its period says, and as often while `wakeup` cannot be relied on.
    #[must_use]
    pub fn relaxed(
        self,
        longest: Duration,
        wakeup: Arc<Notify>,
        is_reliable: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        let stale_after = self.stale_after.max(longest * RELAXED_STALE_PERIODS);
        let relaxation = Relaxation { wakeup, is_reliable: Box::new(is_reliable), longest };
        Self { relaxation: Some(relaxation), stale_after, ..self }
    }

    /// The name in logs, metrics and `/readyz`.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("name", &self.name)
            .field("period", &self.period)
            .finish_non_exhaustive()
    }
}
