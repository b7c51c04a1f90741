//! The admin listener with what is measured for it, and the state that `masthead doctor` reads.

use std::{
    io,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use jiff::Timestamp;
use masthead_site::Site;
use masthead_store::{Measurements, Store, StoreError};
use masthead_telemetry::{Exporter, Supervisor, Task, metrics};

use crate::{
    admin::Admin,
    server_state::{ServerState, StateFile},
};

/// How often it is checked that the database can be used.
const DATABASE: Duration = Duration::from_secs(5);
/// How often the database and what waits in it are measured.
const MEASUREMENTS: Duration = Duration::from_secs(10);

/// How often the state of the server is noted.
const STATE: Duration = Duration::from_secs(10);

/// Starts to note the state of a server that listens at `listen`.
pub fn start_state(supervisor: &mut Supervisor, site: &Arc<Site>, file: StateFile, listen: String) {
    let (site, file) = (Arc::clone(site), Arc::new(file));
    supervisor.start(Task::new("server-state", STATE, move || {
        let (site, file, listen) = (Arc::clone(&site), Arc::clone(&file), listen.clone());
        let write = move || file.write(&ServerState::of(&site, &listen, Timestamp::now()));
        async move { tokio::task::spawn_blocking(write).await.map_err(io::Error::other)? }
    }));
}

/// Starts to check that the database can still be used, which is otherwise seen only when something is written.
pub fn start_database_check(supervisor: &mut Supervisor, store: &Store) {
    let store = store.clone();
    supervisor.start(Task::new("database-check", DATABASE, move || {
        let store = store.clone();
        async move { store.check_usable().await.map(drop) }
    }));
}

/// Starts to serve the admin listener, if there is one, with so many connections, and to measure what it exports.
pub fn start_admin(
    supervisor: &mut Supervisor,
    site: &Arc<Site>,
    store: &Store,
    admin: Option<(Admin, usize)>,
) {
    let Some((admin, connections)) = admin else { return };
    start_measurements(supervisor, site, store, &admin.exporter);
    supervisor.start_service(admin.service(store.clone(), Arc::clone(&site.tasks), connections));
}

fn start_measurements(
    supervisor: &mut Supervisor,
    site: &Arc<Site>,
    store: &Store,
    exporter: &Exporter,
) {
    let (site, store, exporter) = (Arc::clone(site), store.clone(), exporter.clone());
    supervisor.start(Task::new("measurements", MEASUREMENTS, move || {
        let (site, store, exporter) = (Arc::clone(&site), store.clone(), exporter.clone());
        async move {
            exporter.run_upkeep();
            let counts = &site.live.pages().counts;
            metrics().page_cache_hits.absolute(counts.hits.load(Relaxed));
            metrics().page_cache_misses.absolute(counts.misses.load(Relaxed));
            metrics().page_cache_checks.absolute(counts.checks.load(Relaxed));
            let mismatches = u32::try_from(site.billing.mismatches()).unwrap_or(u32::MAX);
            metrics().reconciliation_mismatches.set(f64::from(mismatches));
            let now = Timestamp::now();
            record(store.measure(now).await, now)
        }
    }));
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are exact in an f64")]
fn record(measured: Result<Measurements, StoreError>, now: Timestamp) -> Result<(), StoreError> {
    let metrics = metrics();
    metrics.database_up.set(f64::from(u8::from(measured.is_ok())));
    let measured = measured?;
    metrics.database_wait_seconds.record(measured.wait);
    metrics.database_idle.set(f64::from(measured.idle));
    metrics.database_busy.set(f64::from(measured.busy));
    metrics.outbox_waiting.set(measured.outbox_waiting as f64);
    let age = measured.outbox_oldest.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64());
    metrics.outbox_oldest_seconds.set(age.max(0.0));
    metrics.renewals_due.set(measured.renewals_due as f64);
    Ok(())
}
