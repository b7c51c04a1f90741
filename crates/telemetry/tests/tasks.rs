//! Tasks that fail, panic and hang, on a clock that is moved by hand.

#![allow(clippy::expect_used, clippy::panic)]

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use masthead_telemetry::{Service, Supervisor, Task, TaskRegistry, TaskState, TaskStatus};
use parking_lot::Mutex;
use tokio::{sync::Notify, time::sleep};

const SECOND: Duration = Duration::from_secs(1);

/// Collects what is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || log.clone()).finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn count(&self, text: &str) -> usize {
        String::from_utf8_lossy(&self.0.lock()).matches(text).count()
    }
}

fn supervisor() -> (Arc<TaskRegistry>, Supervisor) {
    let registry = Arc::new(TaskRegistry::default());
    (Arc::clone(&registry), Supervisor::new(registry))
}

fn status(registry: &TaskRegistry, name: &str) -> TaskStatus {
    registry.status(name, Timestamp::now()).expect("a task of that name")
}

#[tokio::test(start_paused = true)]
async fn a_panicking_task_is_restarted_and_reported() {
    let log = Log::default();
    let _guard = log.start();
    let (registry, mut supervisor) = supervisor();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    supervisor.start(Task::new("renewals", SECOND, move || {
        let run = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            assert!(run != 1, "the second run breaks");
            Ok::<_, io::Error>(())
        }
    }));
    sleep(Duration::from_millis(1_500)).await;
    let failing = status(&registry, "renewals");
    assert_eq!(failing.state, TaskState::Failing);
    assert_eq!((failing.failures, failing.restarts), (1, 1));
    assert_eq!(failing.last_error.as_deref(), Some("the second run breaks"));
    sleep(5 * SECOND).await;
    assert!(runs.load(Ordering::SeqCst) >= 5);
    assert_eq!(status(&registry, "renewals").state, TaskState::Ok);
    assert_eq!(log.count("background: task panicked, restarting"), 1);
    assert_eq!(log.count("background: task recovered"), 1);
    assert_eq!(log.count("task=\"renewals\""), 2);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_logged_once_and_once_when_it_is_over() {
    let log = Log::default();
    let _guard = log.start();
    let (registry, mut supervisor) = supervisor();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let began = tokio::time::Instant::now();
    supervisor.start(
        Task::new("refresh", SECOND / 4, move || {
            counted.fetch_add(1, Ordering::SeqCst);
            async move {
                let is_down = began.elapsed() < Duration::from_mins(1);
                if is_down { Err(io::Error::other("no database")) } else { Ok(()) }
            }
        })
        .vital(),
    );
    sleep(25 * SECOND).await;
    assert!(registry.is_ready(), "it may fail for a while");
    sleep(10 * SECOND).await;
    assert_eq!(status(&registry, "refresh").state, TaskState::Stale);
    assert!(!registry.is_ready());
    let tries = runs.load(Ordering::SeqCst);
    assert!((5..12).contains(&tries), "tries are further and further apart: {tries}");
    sleep(40 * SECOND).await;
    assert!(registry.is_ready());
    assert_eq!(log.count("background: task failed, retrying"), 1);
    assert_eq!(log.count("no database"), 1);
    assert_eq!(log.count("background: task recovered"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_hangs_becomes_stale() {
    let log = Log::default();
    let _guard = log.start();
    let (registry, mut supervisor) = supervisor();
    let hang = || std::future::pending::<io::Result<()>>();
    supervisor.start(Task::new("outbox", SECOND, hang).vital());
    supervisor.start(Task::new("figures", SECOND, hang));
    sleep(SECOND).await;
    assert_eq!(status(&registry, "outbox").state, TaskState::Starting);
    assert!(registry.is_ready());
    sleep(30 * SECOND).await;
    assert_eq!(status(&registry, "outbox").state, TaskState::Stale);
    assert_eq!(status(&registry, "figures").state, TaskState::Stale);
    assert!(!registry.is_ready());
    assert_eq!(log.count("background: task does not finish"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stale_task_that_is_not_vital_leaves_the_server_ready() {
    let (registry, mut supervisor) = supervisor();
    supervisor.start(Task::new("figures", SECOND, std::future::pending::<io::Result<()>>));
    sleep(Duration::from_mins(2)).await;
    assert_eq!(status(&registry, "figures").state, TaskState::Stale);
    assert!(registry.is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_notification_wakes_a_healthy_task_and_does_not_hurry_a_failing_one() {
    let (registry, mut supervisor) = supervisor();
    let (wakeup, runs) = (Arc::new(Notify::new()), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&runs);
    let task = Task::new("outbox", Duration::from_mins(1), move || {
        let run = counted.fetch_add(1, Ordering::SeqCst);
        async move { if run < 2 { Ok(()) } else { Err(io::Error::other("away")) } }
    });
    supervisor.start(task.woken_by(Arc::clone(&wakeup)));
    sleep(SECOND).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    wakeup.notify_one();
    sleep(SECOND).await;
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    for _ in 0..50 {
        wakeup.notify_one();
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(runs.load(Ordering::SeqCst), 3, "it waits for its delay");
    assert_eq!(status(&registry, "outbox").state, TaskState::Failing);
}

#[tokio::test(start_paused = true)]
async fn stopping_lets_a_run_finish() {
    let (_, mut supervisor) = supervisor();
    let done = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&done);
    supervisor.start(Task::new("renewals", SECOND, move || {
        let counted = Arc::clone(&counted);
        async move {
            sleep(5 * SECOND).await;
            counted.fetch_add(1, Ordering::SeqCst);
            Ok::<_, io::Error>(())
        }
    }));
    sleep(SECOND).await;
    supervisor.stop(10 * SECOND).await;
    assert_eq!(done.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_ends_early_is_begun_again_and_reported() {
    let log = Log::default();
    let _guard = log.start();
    let (registry, mut supervisor) = supervisor();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    supervisor.start_service(Service::new("admin", move |stop| {
        let run = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            match run {
                0 => Err(io::Error::other("no file descriptors")),
                1 => panic!("the second run breaks"),
                _ => {
                    stop.cancelled().await;
                    Ok(())
                }
            }
        }
    }));
    sleep(Duration::from_millis(100)).await;
    assert_eq!(status(&registry, "admin").state, TaskState::Failing);
    assert_eq!(status(&registry, "admin").last_error.as_deref(), Some("no file descriptors"));
    sleep(Duration::from_mins(2)).await;
    let running = status(&registry, "admin");
    assert_eq!(running.state, TaskState::Ok, "it succeeds for as long as it runs");
    assert_eq!((running.failures, running.restarts), (2, 1));
    assert!(running.seconds_ago.is_some_and(|seconds| seconds <= 1));
    assert_eq!(runs.load(Ordering::SeqCst), 3);
    assert_eq!(log.count("background: task failed, retrying"), 1);
    assert_eq!(log.count("background: task recovered"), 1);
    supervisor.stop(SECOND).await;
    assert_eq!(log.count("background: tasks aborted at shutdown"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_has_ended_is_no_longer_seen_running() {
    let (registry, mut supervisor) = supervisor();
    supervisor.start_service(Service::new("redirects", |_| async { Ok::<_, io::Error>(()) }));
    sleep(Duration::from_mins(1)).await;
    assert_eq!(status(&registry, "redirects").state, TaskState::Stale);
}

/// A task that counts its runs, and what wakes it while it is reliable.
fn relaxed_task(supervisor: &mut Supervisor) -> (Arc<AtomicU32>, Arc<Notify>, Arc<AtomicBool>) {
    let (runs, wakeup) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
    let reliable = Arc::new(AtomicBool::new(true));
    let (counted, is_reliable) = (Arc::clone(&runs), Arc::clone(&reliable));
    let task = Task::new("refresh", SECOND, move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, io::Error>(()) }
    });
    let is_reliable = move || is_reliable.load(Ordering::SeqCst);
    supervisor.start(task.relaxed(10 * SECOND, Arc::clone(&wakeup), is_reliable));
    (runs, wakeup, reliable)
}

#[tokio::test(start_paused = true)]
async fn a_relaxed_task_runs_when_it_is_notified_and_never_more_often_than_its_period() {
    let (registry, mut supervisor) = supervisor();
    let (runs, wakeup, _) = relaxed_task(&mut supervisor);
    let wakeups = || status(&registry, "refresh").wakeups;
    sleep(9 * SECOND).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1, "nothing was to be done");
    assert_eq!(wakeups(), 0);
    wakeup.notify_one();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(runs.load(Ordering::SeqCst), 2, "at once");
    assert_eq!(wakeups(), 1);
    for _ in 0..100 {
        wakeup.notify_one();
        sleep(Duration::from_millis(20)).await;
    }
    let busy = runs.load(Ordering::SeqCst);
    assert!((3..=4).contains(&busy), "{busy}");
    // One that came during the last period is still to be handled.
    sleep(2 * SECOND).await;
    let (woken, busy) = (wakeups(), runs.load(Ordering::SeqCst));
    sleep(25 * SECOND).await;
    assert_eq!(wakeups(), woken, "time was over");
    let rested = runs.load(Ordering::SeqCst) - busy;
    assert!((2..=3).contains(&rested), "{rested}: it may have missed a notification");
}

#[tokio::test(start_paused = true)]
async fn a_relaxed_task_keeps_its_period_while_nobody_would_wake_it() {
    let (_, mut supervisor) = supervisor();
    let (runs, _, reliable) = relaxed_task(&mut supervisor);
    sleep(Duration::from_millis(3_500)).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    reliable.store(false, Ordering::SeqCst);
    sleep(5 * SECOND).await;
    let runs = runs.load(Ordering::SeqCst);
    assert!((5..=6).contains(&runs), "{runs}");
}
