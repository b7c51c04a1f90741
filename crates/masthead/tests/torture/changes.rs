//! What is changed on one server is in force on another: because PostgreSQL notifies it, and without notifications while its connection for
//! them is gone. That it was notified is seen by what its tasks count, and not by the time that it took: the machine may be busy. An
//! idle server asks the database little.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    client::Client,
    cluster::Cluster,
    node::free_address,
    paper::Paper,
    rounds::{Tally, rounds},
    settings::{left, save_meter},
};

/// Ends the connections that servers listen on.
const END_LISTENERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'masthead-changes'";
/// Counts them.
const LISTENERS: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'masthead-changes'";
/// How long anything may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long an idle server is watched.
const WATCHED: u32 = 20;
/// What an idle server may ask in a second.
const MAX_QUERIES: u32 = 2;

/// How long it takes until an article is published on a server that did not publish it.
fn time_to_publish(paper: &Paper, number: u32, there: SocketAddr) -> Duration {
    paper.publish_one(number);
    let mut reader = paper.client(number);
    reader.go_to(there);
    let path = format!("/news/article-{number}");
    wait(&path, || reader.get(&path).is_some_and(|page| page.status == 200))
}

/// How long it takes until the meter is set on a server on which it was not set.
fn time_to_set(paper: &Paper, owner: &mut Client, allowance: usize, there: SocketAddr) -> Duration {
    save_meter(owner, &allowance.to_string());
    let mut anybody = paper.client(2);
    anybody.go_to(there);
    wait("the setting", || {
        left(&anybody.clone().get("/news/article-1").expect("an answer")) + 1 == allowance
    })
}

/// Waits until something is so. Returns how long that took.
fn wait(what: &str, mut is_so: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}: not yet");
        thread::sleep(Duration::from_millis(5));
    }
    begun.elapsed()
}

/// How many runs of a task have begun because it was notified, and not because time was over.
fn wakeups(admin: SocketAddr, task: &str) -> u64 {
    let metrics = Client::new(admin, 1).get("/metrics").expect("the metrics").body;
    let name = format!("masthead_task_wakeups_total{{task=\"{task}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("no {name} in {metrics}"))
}

/// Changes something on one server, and returns how long it took to be in force on another, which must have been notified.
fn notified(admin: SocketAddr, task: &str, change: impl FnOnce() -> Duration) -> Duration {
    let before = wakeups(admin, task);
    let time = change();
    // One that was about to look by itself is woken after that.
    wait("notified", || wakeups(admin, task) > before);
    time
}

fn wait_for_listeners(cluster: &Cluster, count: &str) {
    wait("listening", || cluster.sql(LISTENERS).trim() == count);
    // Until each has heard itself.
    thread::sleep(Duration::from_secs(2));
}

#[test]
fn a_change_reaches_another_server_by_notification_and_without() {
    let mut tally = Tally::new("changes");
    let cluster = Cluster::start_new();
    let database = format!("postgres://postgres@{}/postgres?sslmode=disable", cluster.address());
    let paper = Paper::new(Some(&database));
    paper.publish(1);
    let (here, there, admin) = (paper.start(), free_address(), free_address());
    // Of the other server: the first one goes on without.
    paper.workshop.configure("admin = \"\"", &format!("admin = \"{admin}\""));
    let other = paper.start_with(there, &[]);
    let mut owner = paper.owner();
    for round in 0..rounds(2) {
        wait_for_listeners(&cluster, "2");
        let number = 2 + 2 * round;
        let published = notified(admin, "refresh", || time_to_publish(&paper, number, there));
        let set = notified(admin, "settings", || {
            time_to_set(&paper, &mut owner, 10 + number as usize, there)
        });
        tally.add("ms to publish, notified", millis(published));
        tally.add("ms to set, notified", millis(set));

        let is_over = AtomicBool::new(false);
        let (published, set) = thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    cluster.sql(END_LISTENERS);
                    thread::sleep(Duration::from_millis(20));
                }
            });
            let published = time_to_publish(&paper, number + 1, there);
            let set = time_to_set(&paper, &mut owner, 11 + number as usize, there);
            is_over.store(true, Ordering::SeqCst);
            (published, set)
        });
        tally.add("ms to publish, cut off", millis(published));
        tally.add("ms to set, cut off", millis(set));
    }
    drop((here, other));
    paper.assert_no_panic();
}

fn millis(time: Duration) -> usize {
    usize::try_from(time.as_millis()).unwrap_or(usize::MAX)
}

#[test]
fn an_idle_server_asks_the_database_twice_a_second_at_most() {
    let mut tally = Tally::new("an idle server");
    let cluster = Cluster::start_new();
    cluster.sql("ALTER SYSTEM SET log_statement = 'all'");
    cluster.sql("SELECT pg_reload_conf()");
    let database = format!("postgres://postgres@{}/postgres?sslmode=disable", cluster.address());
    let paper = Paper::that_sells(Some(&database));
    paper.publish(20);
    let node = paper.start();
    wait_for_listeners(&cluster, "1");
    thread::sleep(Duration::from_secs(10));
    let before = cluster.statements();
    thread::sleep(Duration::from_secs(WATCHED.into()));
    let asked = cluster.statements().split_off(before.len());
    drop(node);
    tally.add("seconds", WATCHED as usize);
    tally.add("queries", asked.len());
    assert!(asked.len() <= (WATCHED * MAX_QUERIES) as usize, "{asked:#?}");
    assert!(!asked.is_empty(), "what is asked is not seen");
}
