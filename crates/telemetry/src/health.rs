//! What is known about each background task and service: when it last succeeded, and what went wrong since.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// The health of all tasks of a server.
#[derive(Debug, Default)]
pub struct TaskRegistry {
    tasks: RwLock<Vec<Arc<TaskHealth>>>,
}

impl TaskRegistry {
    /// Adds a task or service. It counts as started now.
    pub(crate) fn register(
        &self,
        name: &'static str,
        stale_after: Duration,
        is_vital: bool,
    ) -> Arc<TaskHealth> {
        let (started, history) = (Instant::now(), Mutex::default());
        let health = Arc::new(TaskHealth { name, is_vital, stale_after, started, history });
        self.tasks.write().push(Arc::clone(&health));
        health
    }

    /// The state of each task, in the order in which they were started. `now` is the time of day.
    pub fn statuses(&self, now: Timestamp) -> Vec<TaskStatus> {
        self.tasks.read().iter().map(|task| task.status(now)).collect()
    }

    /// The state of the task called `name`; `None` if no such task was started.
    pub fn status(&self, name: &str, now: Timestamp) -> Option<TaskStatus> {
        self.tasks.read().iter().find(|task| task.name == name).map(|task| task.status(now))
    }

    /// Whether no vital task is stale.
    pub fn is_ready(&self) -> bool {
        let tasks = self.tasks.read();
        tasks.iter().all(|task| !task.is_vital || task.state() != TaskState::Stale)
    }
}

/// How a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    /// It has not finished a run yet.
    Starting,
    /// Its last run succeeded.
    Ok,
    /// Its last run failed; it is retried.
    Failing,
    /// It has not succeeded for longer than it may: it fails, or it hangs.
    Stale,
}

impl TaskState {
    /// The word for it in `/readyz`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Stale => "stale",
        }
    }
}

/// The state of a task at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskStatus {
    /// Its name.
    pub name: &'static str,
    /// Whether the server is ready only while this task is not stale.
    pub vital: bool,
    /// How it is doing.
    pub state: TaskState,
    /// The end of its last successful run; for a service, when it was last seen running.
    pub last_success: Option<Timestamp>,
    /// Whole seconds since then.
    pub seconds_ago: Option<u64>,
    /// Runs that failed or panicked.
    pub failures: u64,
    /// Runs that panicked. The task was restarted after each.
    pub restarts: u64,
    /// Runs that began because something was to be done, and not because time was over.
    pub wakeups: u64,
    /// Why the last failed run failed. Not for the public: it may name hosts and files.
    #[serde(skip)]
    pub last_error: Option<String>,
}

/// A time during which every run failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// From the first failure to the first success.
    pub duration: Duration,
    /// Runs that failed.
    pub failures: u64,
}

#[derive(Debug, Default)]
struct History {
    last_success: Option<Instant>,
    /// The first failure since, and how many there were.
    outage: Option<(Instant, u64)>,
    last_error: Option<String>,
    failures: u64,
    restarts: u64,
    wakeups: u64,
}

/// The health of one task.
#[derive(Debug)]
pub struct TaskHealth {
    pub(crate) name: &'static str,
    is_vital: bool,
    stale_after: Duration,
    started: Instant,
    history: Mutex<History>,
}

impl TaskHealth {
    /// Notes a successful run. Returns the outage that it ended.
    pub(crate) fn succeeded(&self) -> Option<Outage> {
        let mut history = self.history.lock();
        history.last_success = Some(Instant::now());
        let (since, failures) = history.outage.take()?;
        Some(Outage { duration: since.elapsed(), failures })
    }

    /// Notes a failed run. Returns the number of failures in a row, this one included.
    pub(crate) fn failed(&self, error: String, panicked: bool) -> u64 {
        let mut history = self.history.lock();
        history.last_error = Some(error);
        history.failures += 1;
        history.restarts += u64::from(panicked);
        let (_, failures) = history.outage.get_or_insert_with(|| (Instant::now(), 0));
        *failures += 1;
        *failures
    }

    /// Notes that it was woken.
    pub(crate) fn woken(&self) {
        self.history.lock().wakeups += 1;
    }

    fn state(&self) -> TaskState {
        state(&self.history.lock(), self)
    }

    fn status(&self, now: Timestamp) -> TaskStatus {
        let history = self.history.lock();
        let since = history.last_success.map(|at| at.elapsed());
        let at = |since| now.checked_sub(SignedDuration::try_from(since).ok()?).ok();
        TaskStatus {
            name: self.name,
            vital: self.is_vital,
            state: state(&history, self),
            last_success: since.and_then(at),
            seconds_ago: since.map(|since| since.as_secs()),
            failures: history.failures,
            restarts: history.restarts,
            wakeups: history.wakeups,
            last_error: history.last_error.clone(),
        }
    }
}

fn state(history: &History, task: &TaskHealth) -> TaskState {
    let last = history.last_success.unwrap_or(task.started);
    if last.elapsed() > task.stale_after {
        TaskState::Stale
    } else if history.outage.is_some() {
        TaskState::Failing
    } else if history.last_success.is_some() {
        TaskState::Ok
    } else {
        TaskState::Starting
    }
}
