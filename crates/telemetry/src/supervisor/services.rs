//! Keeps a service running.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, interval_at},
};
use tokio_util::sync::CancellationToken;

use super::{delay, failed, panicked, succeeded};
use crate::{Service, TaskHealth};

/// How often a running service counts as successful. One that ends before that has not recovered.
const BEAT: Duration = Duration::from_secs(1);

pub(super) async fn supervise(service: Service, health: Arc<TaskHealth>, stop: CancellationToken) {
    while let Err(failures) = attempt(&service, &health, &stop).await {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(delay(BEAT, failures)) => {}
        }
    }
}

/// Runs the service until it ends.
///
/// # Errors
///
/// Returns the number of failures in a row if it failed or panicked.
async fn attempt(
    service: &Service,
    health: &TaskHealth,
    stop: &CancellationToken,
) -> Result<(), u64> {
    // The run is a task of its own, so that a panic ends only the run.
    let mut run = JoinSet::new();
    run.spawn((service.run)(stop.clone()));
    let mut beats = interval_at(Instant::now() + BEAT, BEAT);
    let ended = loop {
        tokio::select! {
            ended = run.join_next() => break ended,
            _ = beats.tick() => succeeded(health),
        }
    };
    match ended {
        Some(Ok(Ok(()))) | None => Ok(()),
        Some(Ok(Err(error))) => Err(failed(health, &error.to_string())),
        Some(Err(error)) => Err(panicked(health, error)),
    }
}
