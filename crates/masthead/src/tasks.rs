//! The background tasks and services of a server: what runs, how often, and when it counts as stale.
//!
//! To add one, add it here or in the module of its part, and to the table in the guide's chapter `monitoring.md`; a test compares
//! the two. See [`Task`] for what a run may do. What does not end by itself is a [`Service`]. Another test looks for
//! what runs beside them.

mod billing;
mod content;
mod memory;
mod monitoring;
mod retention;

use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

use masthead_desk::DeskState;
use masthead_mail::{OutboxCleaner, OutboxWorker};
use masthead_publication::LiveSettings;
use masthead_site::{Site, strips::StripReader};
use masthead_store::{ChangeFeed, Store, Topic};
use masthead_telemetry::{Service, Supervisor, Task};

use self::memory::return_freed_memory;
pub use self::{
    billing::start_billing,
    monitoring::{start_admin, start_database_check, start_state},
};
use crate::{
    commands::serve::{Logs, Reloader},
    database_clock::DatabaseClock,
    listeners::Tls,
    wall_clock::WallClock,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
/// How soon settings that were changed on another server are in force here.
const SETTINGS: Duration = Duration::from_millis(500);
/// The longest time without reading again what other servers may have written, while notifications of it arrive.
const RELAXED: Duration = Duration::from_secs(10);
/// How often the outbox is read without a notification: retries, and emails written by another server.
const OUTBOX: Duration = Duration::from_secs(5);
/// How soon a certificate that is due is ordered. The time after a failure is longer.
const ACME: Duration = Duration::from_secs(10);
/// How often it is checked whether the source of a strip is due.
const STRIPS: Duration = Duration::from_secs(10);
/// How often freed memory is returned to the system.
const MEMORY: Duration = Duration::from_secs(10);
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
    (wall_clock, database_clock): (&WallClock, &DatabaseClock),
) {
    content::start(supervisor, site, changes);
    start_system_clock(supervisor, wall_clock);
    retention::start(supervisor, site, settings, (wall_clock, database_clock));
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
    let (backups, wakeup) = (Arc::clone(desk), desk.backups_wakeup());
    let backups = Task::new("backups", 30 * SECOND, move || {
        let desk = Arc::clone(&backups);
        async move { desk.run_backups().await }
    });
    // A run makes a whole backup.
    supervisor.start(backups.woken_by(wakeup).stale_after(12 * 60 * MINUTE));
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

/// Lets a task rest until something of these topics was written, as long as `changes` says so.
fn relaxed(task: Task, longest: Duration, changes: &ChangeFeed, topics: &[Topic]) -> Task {
    let (wakeup, changes) = (changes.subscribe(topics), changes.clone());
    task.relaxed(longest, wakeup, move || changes.is_live())
}

/// Starts to watch the machine's clock. The task fails for a while after it has jumped, and while its time at the start is not confirmed.
fn start_system_clock(supervisor: &mut Supervisor, wall_clock: &WallClock) {
    let wall_clock = wall_clock.clone();
    supervisor.start(Task::new("system-clock", SYSTEM_CLOCK, move || {
        let wall_clock = wall_clock.clone();
        async move { wall_clock.tick().await }
    }));
}

/// Starts to compare the machine's clock with PostgreSQL's. The task fails while they differ.
pub fn start_database_clock(supervisor: &mut Supervisor, store: &Store, clock: &DatabaseClock) {
    if !store.is_shared() {
        return;
    }
    let (store, clock) = (store.clone(), clock.clone());
    supervisor.start(Task::new("database-clock", MINUTE, move || {
        let (store, clock) = (store.clone(), clock.clone());
        async move { clock.compare(&store).await }
    }));
}

/// Starts to clean the outbox and, with a relay, to send email. In the first hour of a server nothing is deleted, as with retention: it
/// may have started with a wrong clock.
pub fn start_outbox(
    supervisor: &mut Supervisor,
    cleaner: OutboxCleaner,
    worker: Option<OutboxWorker>,
    (wall_clock, database_clock): (&WallClock, &DatabaseClock),
) {
    let (cleaner, wall_clock, began) = (Arc::new(cleaner), wall_clock.clone(), Instant::now());
    let database_clock = database_clock.clone();
    supervisor.start(Task::new("outbox-cleaner", MINUTE, move || {
        let cleaner = Arc::clone(&cleaner);
        let is_right = wall_clock.check().is_ok() && database_clock.agrees();
        let is_new = began.elapsed() < 60 * MINUTE;
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
