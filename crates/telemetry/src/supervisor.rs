//! Runs background tasks and services, restarts those that fail, and reports it.

mod services;

use std::{sync::Arc, time::Duration};

use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, error::Elapsed},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Service, Task, TaskHealth, TaskRegistry,
    task::{MIN_STALE_AFTER, Relaxation},
};

/// The delay after a first failure. Each further one doubles it.
const FIRST_DELAY: Duration = Duration::from_millis(250);
/// The longest delay, unless the task's period is longer.
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// Owns all background tasks and services of a server. Dropping it aborts them.
#[derive(Debug)]
pub struct Supervisor {
    registry: Arc<TaskRegistry>,
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Supervisor {
    /// A supervisor without tasks that reports to `registry`.
    pub fn new(registry: Arc<TaskRegistry>) -> Self {
        Self { registry, tasks: JoinSet::new(), stop: CancellationToken::new() }
    }

    /// Starts a task. Must be called within a Tokio runtime.
    pub fn start(&mut self, task: Task) {
        let health = self.registry.register(task.name, task.stale_after, task.is_vital);
        self.tasks.spawn(supervise(task, health, self.stop.clone()));
    }

    /// Starts a service. Must be called within a Tokio runtime.
    pub fn start_service(&mut self, service: Service) {
        let health = self.registry.register(service.name, MIN_STALE_AFTER, false);
        self.tasks.spawn(services::supervise(service, health, self.stop.clone()));
    }

    /// Stops all tasks and services. Runs that have begun may finish for as long as `grace`, and are then aborted.
    pub async fn stop(mut self, grace: Duration) {
        self.stop.cancel();
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, finished).await.is_err() {
            tracing::warn!(tasks = self.tasks.len(), "background: tasks aborted at shutdown");
        }
    }
}

async fn supervise(task: Task, health: Arc<TaskHealth>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let failures = attempt(&task, &health).await;
        tokio::select! {
            () = stop.cancelled() => {}
            end = rest(&task, failures) => {
                if end == RestEnd::Woken {
                    health.woken();
                }
            }
        }
    }
}

/// Runs the task once and reports the result. Returns the number of failures in a row.
async fn attempt(task: &Task, health: &TaskHealth) -> u64 {
    // The run is a task of its own, so that a panic ends only the run.
    let mut run = JoinSet::new();
    run.spawn((task.run)());
    let ended = match tokio::time::timeout(task.stale_after, run.join_next()).await {
        Ok(ended) => ended,
        Err(_) => {
            let seconds = task.stale_after.as_secs();
            tracing::error!(task = task.name, seconds, "background: task does not finish");
            run.join_next().await
        }
    };
    match ended {
        Some(Ok(Ok(()))) | None => {
            succeeded(health);
            0
        }
        Some(Ok(Err(error))) => failed(health, &error.to_string()),
        Some(Err(error)) => panicked(health, error),
    }
}

/// Notes a success, and reports the outage that it ended.
fn succeeded(health: &TaskHealth) {
    if let Some(outage) = health.succeeded() {
        let seconds = outage.duration.as_secs_f64();
        let failures = outage.failures;
        tracing::info!(task = health.name, seconds, failures, "background: task recovered");
    }
}

/// Reports the first failure of an outage. The others are counted.
fn failed(health: &TaskHealth, error: &str) -> u64 {
    let failures = health.failed(error.to_owned(), false);
    if failures == 1 {
        tracing::error!(task = health.name, error, "background: task failed, retrying");
    }
    failures
}

fn panicked(health: &TaskHealth, error: JoinError) -> u64 {
    let error = message(error);
    let failures = health.failed(error.clone(), true);
    tracing::error!(task = health.name, error, failures, "background: task panicked, restarting");
    failures
}

fn message(error: JoinError) -> String {
    let payload = match error.try_into_panic() {
        Ok(payload) => payload,
        Err(error) => return error.to_string(),
    };
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
}

/// Why a rest has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RestEnd {
    /// The task was woken.
    Woken,
    /// Its time is over.
    Over,
}

impl RestEnd {
    fn of(notified: Result<(), Elapsed>) -> Self {
        notified.map_or(Self::Over, |()| Self::Woken)
    }
}

/// Waits until the next run is due.
async fn rest(task: &Task, failures: u64) -> RestEnd {
    if failures > 0 {
        // Not woken: what wakes it would otherwise set the pace of the retries.
        tokio::time::sleep(delay(task.period, failures)).await;
        return RestEnd::Over;
    }
    if let Some(relaxation) = &task.relaxation {
        return rest_relaxed(task.period, relaxation).await;
    }
    match &task.wakeup {
        Some(wakeup) => RestEnd::of(tokio::time::timeout(task.period, wakeup.notified()).await),
        None => {
            tokio::time::sleep(task.period).await;
            RestEnd::Over
        }
    }
}

/// Waits for the period, and then until something is to be done, nobody would say so, or the longest rest is over.
async fn rest_relaxed(period: Duration, relaxation: &Relaxation) -> RestEnd {
    let begun = Instant::now();
    tokio::time::sleep(period).await;
    while (relaxation.is_reliable)() && begun.elapsed() < relaxation.longest {
        // In steps: that it is no longer reliable wakes nobody.
        if tokio::time::timeout(period, relaxation.wakeup.notified()).await.is_ok() {
            return RestEnd::Woken;
        }
    }
    RestEnd::Over
}

/// The delay after this many failures in a row.
fn delay(period: Duration, failures: u64) -> Duration {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    let delay = FIRST_DELAY.max(period.min(LONGEST_DELAY)) * 2_u32.pow(doublings);
    delay.min(LONGEST_DELAY.max(period))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_ten_seconds_or_the_period() {
        let short = Duration::from_millis(250);
        assert_eq!(delay(short, 1), Duration::from_millis(250));
        assert_eq!(delay(short, 3), Duration::from_secs(1));
        assert_eq!(delay(short, 1_000), Duration::from_secs(10));
        let long = Duration::from_mins(5);
        assert_eq!(delay(long, 1), Duration::from_secs(10), "sooner than its period");
        assert_eq!(delay(long, 1_000), long);
    }
}
