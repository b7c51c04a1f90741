//! The background tasks and services of a server: what runs, how often, and when it counts as stale.
//!
//! To add one, add it here and to the table in the guide's chapter `monitoring.md`; a test compares the
//! two. See [`Task`] for what a run may do. What does not end by itself is a [`Service`]. Another test looks for
//! what runs beside them.

use std::{
    convert::Infallible,
    hint, io,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use masthead_desk::DeskState;
use masthead_mail::{OutboxCleaner, OutboxWorker};
use masthead_publication::{LiveSettings, publication::RetentionSettings, retention};
use masthead_site::{Site, strips::StripReader};
use masthead_store::{ChangeFeed, Measurements, Store, StoreError, Topic};
use masthead_telemetry::{Exporter, Service, Supervisor, Task, metrics};

use crate::{
    admin::Admin,
    commands::serve::{Logs, Reloader},
    listeners::Tls,
    wall_clock::WallClock,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
/// How soon readers see published changes.
const REFRESH: Duration = Duration::from_millis(250);
/// How soon settings that were changed on another server are in force here.
const SETTINGS: Duration = Duration::from_millis(500);
/// The longest time without reading again what other servers may have written, while notifications of it arrive.
const RELAXED: Duration = Duration::from_secs(10);
/// The longest time until something is done about a subscription that is due by the clock, while notifications of changed
/// subscriptions arrive.
const RENEWALS: Duration = Duration::from_secs(5);
/// The interval after which a killed server loses its counts.
const COUNTERS: Duration = Duration::from_secs(5);
/// How often the outbox is read without a notification: retries, and emails written by another server.
const OUTBOX: Duration = Duration::from_secs(5);
/// How soon a certificate that is due is ordered. The time after a failure is longer.
const ACME: Duration = Duration::from_secs(10);
/// How often it is checked whether the source of a strip is due.
const STRIPS: Duration = Duration::from_secs(10);
/// How often freed memory is returned to the system.
const MEMORY: Duration = Duration::from_secs(10);
/// How often the database and what waits in it are measured.
const MEASUREMENTS: Duration = Duration::from_secs(10);
/// How often it is tried to watch files that cannot be watched. Otherwise changes wake the task.
const FILES: Duration = Duration::from_secs(10);
/// How soon emails about notifications are written.
const NOTIFICATIONS: Duration = Duration::from_secs(10);
/// How often the machine's clock is compared with the one that only counts.
const SYSTEM_CLOCK: Duration = Duration::from_secs(5);
/// How often logs that have a stream or a file of their own are checked.
const LOGS: Duration = Duration::from_secs(10);

/// Starts the tasks of every server, which read again what `changes` says was written.
pub fn start(
    supervisor: &mut Supervisor,
    site: &Arc<Site>,
    desk: &Arc<DeskState>,
    settings: &Arc<LiveSettings>,
    changes: &ChangeFeed,
    wall_clock: &WallClock,
) {
    start_content(supervisor, site, changes);
    start_system_clock(supervisor, wall_clock);
    start_retention(supervisor, site, settings, wall_clock);
    let settings = Arc::clone(settings);
    let settings = Task::new("settings", SETTINGS, move || {
        let settings = Arc::clone(&settings);
        async move { settings.poll().await }
    });
    supervisor.start(relaxed(settings, RELAXED, changes, &[Topic::Settings]));
    let library = Arc::clone(desk);
    let pictures = Task::new("pictures", 10 * MINUTE, move || {
        let desk = Arc::clone(&library);
        async move { desk.find_pictures().await }
    });
    supervisor.start(pictures);
    let desk = Arc::clone(desk);
    supervisor.start(Task::new("figures", 8 * MINUTE, move || {
        let desk = Arc::clone(&desk);
        async move { desk.refresh_figures().await }
    }));
    supervisor.start(Task::new("memory", MEMORY, async || return_freed_memory()));
}

/// Starts the tasks that write emails to the staff and do their long work, which a restored copy does not run: the original does.
pub fn start_staff_tasks(supervisor: &mut Supervisor, desk: &Arc<DeskState>) {
    let (worker, wakeup) = (Arc::clone(desk), desk.jobs_wakeup());
    let jobs = Task::new("desk-jobs", 10 * SECOND, move || {
        let desk = Arc::clone(&worker);
        async move { desk.run_jobs().await }
    });
    // A run does everything that staff have asked for.
    supervisor.start(jobs.woken_by(wakeup).stale_after(30 * MINUTE));
    let (staff, figures) = (Arc::clone(desk), Arc::clone(desk));
    supervisor.start(Task::new("notifications", NOTIFICATIONS, move || {
        let desk = Arc::clone(&staff);
        async move { desk.tell_staff().await }
    }));
    supervisor.start(Task::new("weekly-figures", MINUTE, move || {
        let desk = Arc::clone(&figures);
        async move { desk.send_weekly_figures().await }
    }));
}

/// Lets the allocator return to the system what was freed a second ago or earlier. It does so when a thread ends that has
/// allocated something, and hardly ever otherwise: a server that has become quiet would keep the memory of its busiest moment.
fn return_freed_memory() -> io::Result<()> {
    let thread = thread::Builder::new().name("memory".to_owned());
    thread.spawn(|| drop(hint::black_box(Box::new(0)))).map(drop)
}

/// Lets a task rest until something of these topics was written, as long as `changes` says so.
fn relaxed(task: Task, longest: Duration, changes: &ChangeFeed, topics: &[Topic]) -> Task {
    let (wakeup, changes) = (changes.subscribe(topics), changes.clone());
    task.relaxed(longest, wakeup, move || changes.is_live())
}

/// Starts to listen to what is written by others.
fn start_changes(supervisor: &mut Supervisor, changes: &ChangeFeed) {
    let changes = changes.clone();
    supervisor.start_service(Service::new("changes", move |stop| {
        let changes = changes.clone();
        async move {
            tokio::select! {
                () = stop.cancelled() => Ok(()),
                lost = changes.listen() => lost.map(|_| ()),
            }
        }
    }));
}

/// The tasks for what readers see and for what is stored about their visits.
fn start_content(supervisor: &mut Supervisor, site: &Arc<Site>, changes: &ChangeFeed) {
    start_changes(supervisor, changes);
    let refresh =
        of(site, "refresh", REFRESH, |site| async move { site.refresh().await.map(|_| ()) });
    let topics = [Topic::Accounts, Topic::Content];
    supervisor.start(relaxed(refresh.vital(), RELAXED, changes, &topics));
    let clock = of(site, "clock", REFRESH, |site| async move {
        site.live.advance().await;
        Ok::<_, Infallible>(())
    });
    supervisor.start(clock.vital());
    let reads =
        of(site, "account-reads", SECOND, |site| async move { site.accounts.write_reads().await });
    supervisor.start(reads.woken_by(site.accounts.reads_wakeup()));
    let counters =
        of(site, "counters", COUNTERS, |site| async move { site.counters.write().await });
    supervisor.start(counters);
    let most_read =
        |site: Arc<Site>| async move { site.live.refresh_most_read().await.map(|_| ()) };
    supervisor.start(of(site, "most-read", 5 * MINUTE, most_read));
    let index =
        of(site, "search-index", SECOND, |site| async move { site.search_index.refresh().await });
    let (wakeup, changed, searched) =
        (changes.subscribe(&[Topic::Content, Topic::Settings]), changes.clone(), Arc::clone(site));
    let index = index
        .relaxed(RELAXED, wakeup, move || changed.is_live() && searched.search_index.is_current());
    // The first run reads the whole archive.
    supervisor.start(index.stale_after(10 * MINUTE));
    let sold_out = of(site, "sold-out", SECOND, |site| async move { site.mark_sold_out().await });
    // Settings say how often an offer may be taken.
    supervisor.start(relaxed(sold_out, RELAXED, changes, &[Topic::Offers, Topic::Settings]));
}

/// Starts the tasks for subscriptions, which a restored copy does not run. Each has its own period, so that none waits for another.
/// Billing orders nothing for a while after the clock has jumped, which the task `system-clock` says.
pub fn start_billing(supervisor: &mut Supervisor, site: &Arc<Site>, changes: &ChangeFeed) {
    let renewals = |site: Arc<Site>| async move { site.billing.renew_due().await.map(drop) };
    let renewals = of(site, "renewals", SECOND, renewals);
    let renewals = relaxed(renewals, RENEWALS, changes, &[Topic::Accounts]);
    // A run collects everything that is due, and each collection waits for the processor.
    supervisor.start(renewals.vital().stale_after(5 * MINUTE));
    let requested = |site: Arc<Site>| async move { site.write_requested_emails().await };
    supervisor.start(of(site, "requested-emails", MINUTE, requested));
    let orders =
        of(site, "orders", MINUTE, |site| async move { site.billing.sweep_orders().await });
    supervisor.start(orders.stale_after(30 * MINUTE));
    let payments =
        of(site, "payments", MINUTE, |site| async move { site.billing.sweep_payments().await });
    supervisor.start(payments.stale_after(30 * MINUTE));
    let checkouts =
        of(site, "checkouts", MINUTE, |site| async move { site.billing.sweep_checkouts().await });
    supervisor.start(checkouts.stale_after(30 * MINUTE));
    let refunds =
        of(site, "refunds", MINUTE, |site| async move { site.billing.sweep_refunds().await });
    supervisor.start(refunds.stale_after(30 * MINUTE));
    let reconciliation = |site: Arc<Site>| async move { site.billing.reconcile_daily().await };
    supervisor.start(of(site, "reconciliation", 60 * MINUTE, reconciliation));
}

/// Starts to watch the machine's clock. The task fails for a while after it has jumped.
fn start_system_clock(supervisor: &mut Supervisor, wall_clock: &WallClock) {
    let wall_clock = wall_clock.clone();
    supervisor.start(Task::new("system-clock", SYSTEM_CLOCK, move || {
        let checked = wall_clock.check();
        async move { checked }
    }));
}

/// Starts to delete what was kept long enough, by the settings that are in force at each run. While this server has not
/// everything in force that is set, it deletes nothing: a period may be longer by now. A shorter period deletes only at the second run:
/// a file that was saved without its periods for a moment deletes nothing.
fn start_retention(
    supervisor: &mut Supervisor,
    site: &Arc<Site>,
    settings: &Arc<LiveSettings>,
    wall_clock: &WallClock,
) {
    let (settings, wall_clock) = (Arc::clone(settings), wall_clock.clone());
    let last: Arc<Mutex<Option<RetentionSettings>>> = Arc::default();
    let prune = move |site: Arc<Site>| {
        let (settings, last) = (Arc::clone(&settings), Arc::clone(&last));
        let is_right = wall_clock.check().is_ok();
        async move {
            // It is tried again in an hour.
            if !is_right {
                return Ok(());
            }
            site.forget_account_changes().await?;
            site.prune_reads().await?;
            // What was set on another server a moment ago counts as well.
            if settings.poll().await.is_err() || settings.reload_error().is_some() {
                return Ok(());
            }
            let now = site.live.peek().publication.retention;
            let before = last.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
            let Some(before) = before else { return Ok(()) };
            site.prune(retention(now.longer(before))).await
        }
    };
    supervisor.start(of(site, "retention", 60 * MINUTE, prune));
}

/// Starts to clean the outbox and, with a relay, to send email. In the first hour of a server nothing is deleted, as with retention: it
/// may have started with a wrong clock.
pub fn start_outbox(
    supervisor: &mut Supervisor,
    cleaner: OutboxCleaner,
    worker: Option<OutboxWorker>,
    wall_clock: &WallClock,
) {
    let (cleaner, wall_clock, began) = (Arc::new(cleaner), wall_clock.clone(), Instant::now());
    supervisor.start(Task::new("outbox-cleaner", MINUTE, move || {
        let cleaner = Arc::clone(&cleaner);
        let (is_right, is_new) = (wall_clock.check().is_ok(), began.elapsed() < 60 * MINUTE);
        async move {
            let cleaned = match (is_right, is_new) {
                (false, _) => return Ok(()),
                (true, true) => cleaner.tick_without_deleting().await,
                (true, false) => cleaner.tick().await,
            };
            cleaned.map(drop)
        }
    }));
    let Some(worker) = worker.map(Arc::new) else { return };
    let wakeup = worker.wakeup();
    let task = Task::new("outbox", OUTBOX, move || {
        let worker = Arc::clone(&worker);
        async move { worker.tick().await.map(|_| ()) }
    });
    // A run sends everything that is due.
    supervisor.start(task.vital().woken_by(wakeup).stale_after(15 * MINUTE));
}

/// Starts to read certificates again when their files have changed or, with ACME, to order and renew them.
pub fn start_certificates(supervisor: &mut Supervisor, tls: Option<Tls>) {
    let Some(tls) = tls else { return };
    let files = tls.clone();
    supervisor.start(Task::new("certificates", MINUTE, move || {
        let files = files.clone();
        async move { files.reload().await }
    }));
    let Some(renewal) = tls.renewal.clone() else { return };
    let acme = Task::new("acme", ACME, move || {
        let (tls, renewal) = (tls.clone(), Arc::clone(&renewal));
        async move { tls.renew(&renewal).await }
    });
    supervisor.start(acme);
}

/// Starts to apply changes of the configuration and the theme when their files change, and with the certificates on SIGHUP.
pub fn start_reloading(supervisor: &mut Supervisor, reloader: Reloader, tls: Option<Tls>) {
    let reloader = Arc::new(reloader);
    let (reloading, changed) = (Arc::clone(&reloader), reloader.changed());
    let files = Task::new("files", FILES, move || {
        let reloader = Arc::clone(&reloader);
        async move { reloader.reload_changes().await }
    });
    supervisor.start(files.woken_by(changed));
    supervisor.start_service(Service::new("reload", move |stop| {
        let (reloader, tls) = (Arc::clone(&reloading), tls.clone());
        async move {
            reloader.reload_on_hangup(tls.as_ref(), stop).await;
            Ok::<_, Infallible>(())
        }
    }));
}

/// Starts to check the logs that are written on threads of their own.
pub fn start_logs(supervisor: &mut Supervisor, logs: &Logs) {
    for writer in logs.writers() {
        let (name, writer) = (writer.name(), writer.clone());
        supervisor.start(Task::new(name, LOGS, move || {
            let writer = writer.clone();
            async move { writer.check().await }
        }));
    }
}

/// Starts to read the sources of strips. Each is read as often as the publisher has set.
pub fn start_strips(supervisor: &mut Supervisor, strips: StripReader) {
    let strips = Arc::new(strips);
    let task = Task::new("strips", STRIPS, move || {
        let strips = Arc::clone(&strips);
        async move { strips.run().await }
    });
    // A run waits for slow servers.
    supervisor.start(task.stale_after(5 * MINUTE));
}

/// Starts to redirect plain http to https, if it is configured.
pub fn start_redirects(supervisor: &mut Supervisor, redirects: Option<Service>) {
    if let Some(redirects) = redirects {
        supervisor.start_service(redirects);
    }
}

/// Starts to serve the admin listener, if there is one, and to measure what it exports.
pub fn start_admin(
    supervisor: &mut Supervisor,
    site: &Arc<Site>,
    store: &Store,
    admin: Option<Admin>,
) {
    let Some(admin) = admin else { return };
    start_measurements(supervisor, site, store, &admin.exporter);
    supervisor.start_service(admin.service(store.clone(), Arc::clone(&site.tasks)));
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

/// A task that needs the site.
fn of<R, E>(
    site: &Arc<Site>,
    name: &'static str,
    period: Duration,
    run: impl Fn(Arc<Site>) -> R + Send + Sync + 'static,
) -> Task
where
    R: Future<Output = Result<(), E>> + Send + 'static,
    E: Into<masthead_telemetry::TaskError>,
{
    let site = Arc::clone(site);
    Task::new(name, period, move || run(Arc::clone(&site)))
}

#[cfg(test)]
mod tests {
    use std::{fs, hint};

    use super::*;

    const MEGABYTE: usize = 1024 * 1024;

    /// The resident memory of this process, in MB.
    fn resident() -> usize {
        let pages = fs::read_to_string("/proc/self/statm").expect("the system's figures");
        let pages: usize = pages.split(' ').nth(1).and_then(|n| n.parse().ok()).expect("a number");
        pages * 4096 / MEGABYTE
    }

    #[test]
    fn freed_memory_returns_to_the_system_though_nothing_else_happens() {
        let texts: Vec<String> = (0..800_000).map(|number| number.to_string().repeat(40)).collect();
        drop(hint::black_box(texts));
        let (before, begun) = (resident(), Instant::now());
        while resident() + 100 > before {
            assert!(begun.elapsed() < Duration::from_secs(30), "{before} MB stay");
            return_freed_memory().expect("a thread");
            thread::sleep(Duration::from_millis(500));
        }
    }
}
