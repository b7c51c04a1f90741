//! Long work that staff ask for: one server has it at a time, and it is finished once.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::staff::Role;
use masthead_store::{JobEnd, JobProgress, Location, Store};

use crate::{open, staff::joined};

on_both_engines!(
    a_job_is_claimed_by_one_server_and_goes_on_where_another_was_killed,
    finished_jobs_are_forgotten_and_open_ones_are_not,
    a_job_that_is_begun_at_once_is_left_to_others_if_its_server_is_killed,
    attempts_in_a_row_are_counted_and_a_job_that_was_given_up_goes_on_once,
);

const KIND: &str = "extend";

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + 60 * minutes).expect("an instant")
}

async fn a_job_is_claimed_by_one_server_and_goes_on_where_another_was_killed(location: &Location) {
    let (one, other) = (open(location).await, open(location).await);
    let ada = joined(&one, "ada@example.org", Role::Support).await;
    one.add_job(KIND, "{}", ada.id, at(0)).await.expect("added");
    let (first, second) = tokio::join!(one.claim_job(at(0)), other.claim_job(at(0)));
    let (first, second) = (first.expect("asked"), second.expect("asked"));
    assert!(first.is_some() != second.is_some(), "{first:?} {second:?}");
    let mut killed = first.or(second).expect("a job");
    let half = JobProgress { position: 7, done: 3, skipped: 1, failed: 0 };
    assert!(one.advance_job(&mut killed, half, None, at(1)).await.expect("noted"));
    assert_eq!(other.claim_job(at(2)).await.expect("asked"), None);
    // It does not say anything any more.
    let mut taken = other.claim_job(at(9)).await.expect("asked").expect("free again");
    assert_eq!((taken.progress, taken.by), (half, Some(ada.id)));
    let whole = JobProgress { position: 9, done: 5, ..half };
    assert!(
        !one.advance_job(&mut killed, whole, Some(JobEnd::Done), at(9)).await.expect("asked"),
        "too late"
    );
    assert!(other.advance_job(&mut taken, whole, Some(JobEnd::Done), at(9)).await.expect("noted"));
    assert!(
        !other.advance_job(&mut taken, half, Some(JobEnd::Done), at(9)).await.expect("asked"),
        "twice"
    );
    assert_eq!(one.claim_job(at(99)).await.expect("asked"), None);
    let jobs = one.jobs(KIND, at(99), 9).await.expect("read");
    assert!(jobs.is_empty(), "asked for before: {jobs:?}");
    let jobs = one.jobs(KIND, at(0), 9).await.expect("read");
    assert_eq!((jobs.len(), jobs[0].progress, jobs[0].finished), (1, whole, Some(at(9))));
}

async fn finished_jobs_are_forgotten_and_open_ones_are_not(location: &Location) {
    let store = open(location).await;
    let ada = joined(&store, "ada@example.org", Role::Support).await;
    for _ in 0..2 {
        store.add_job(KIND, "{}", ada.id, at(0)).await.expect("added");
    }
    let mut done = store.claim_job(at(0)).await.expect("asked").expect("a job");
    store
        .advance_job(&mut done, JobProgress::default(), Some(JobEnd::Done), at(0))
        .await
        .expect("noted");
    let other = store.claim_job(at(0)).await.expect("asked").expect("the other");
    store.prune_jobs(at(0) + SignedDuration::from_secs(1)).await.expect("pruned");
    let left = store.jobs(KIND, at(0), 9).await.expect("read");
    assert_eq!(left.iter().map(|job| job.id).collect::<Vec<_>>(), [other.id]);
}

async fn a_job_that_is_begun_at_once_is_left_to_others_if_its_server_is_killed(
    location: &Location,
) {
    let (one, other) = (open(location).await, open(location).await);
    let ada = joined(&one, "ada@example.org", Role::Support).await;
    let begun = one.add_claimed_job(KIND, "{}", ada.id, at(0)).await.expect("added");
    assert_eq!(other.claim_job(at(1)).await.expect("asked"), None);
    let taken = other.claim_job(at(3)).await.expect("asked").expect("free");
    assert_eq!((taken.id, taken.parameters.as_str()), (begun.id, "{}"));
    // The first cannot put it off any more; the second can.
    one.postpone_job(&begun, at(99)).await.expect("asked");
    other.postpone_job(&taken, at(20)).await.expect("put off");
    assert_eq!(other.claim_job(at(19)).await.expect("asked"), None);
    let mut again = one.claim_job(at(21)).await.expect("asked").expect("due again");
    let end = Some(JobEnd::Stopped);
    assert!(one.advance_job(&mut again, JobProgress::default(), end, at(21)).await.expect("noted"));
    let jobs = one.jobs(KIND, at(0), 9).await.expect("read");
    assert_eq!((jobs.len(), jobs[0].is_stopped, jobs[0].finished), (1, true, Some(at(21))));
}

async fn attempts_in_a_row_are_counted_and_a_job_that_was_given_up_goes_on_once(
    location: &Location,
) {
    let (one, other) = (open(location).await, open(location).await);
    let ada = joined(&one, "ada@example.org", Role::Support).await;
    let bo = joined(&one, "bo@example.org", Role::Support).await;
    one.add_job(KIND, "{}", ada.id, at(0)).await.expect("added");
    let claim = async |minutes| one.claim_job(at(minutes)).await.expect("asked").expect("a job");
    let overtaken = claim(0).await;
    assert_eq!(overtaken.attempts, 1);
    assert_eq!(claim(5).await.attempts, 2, "its server was killed");
    one.postpone_job(&overtaken, at(0)).await.expect("its claim has expired");
    let mut job = claim(10).await;
    assert_eq!(job.attempts, 3);
    let half = JobProgress { position: 7, done: 3, skipped: 1, failed: 0 };
    assert!(one.advance_job(&mut job, half, None, at(10)).await.expect("noted"));
    let job = claim(20).await;
    assert_eq!(job.attempts, 1, "it went on");
    one.postpone_job(&job, at(21)).await.expect("put off");
    let mut job = claim(22).await;
    assert_eq!(job.attempts, 1, "it was put off");
    let id = job.id;
    let resume = async |store: &Store, kind| store.resume_job(id, &[kind], bo.id, at(30)).await;
    assert!(!resume(&one, KIND).await.expect("asked"), "it is not given up");
    one.advance_job(&mut job, half, Some(JobEnd::Stopped), at(23)).await.expect("noted");
    assert!(!resume(&one, "another").await.expect("asked"), "of another kind");
    let (first, second) = tokio::join!(resume(&one, KIND), resume(&other, KIND));
    assert!(first.expect("asked") != second.expect("asked"), "once");
    let going_on = claim(30).await;
    assert_eq!((going_on.by, going_on.is_stopped, going_on.finished), (Some(bo.id), false, None));
    let from_there = JobProgress { position: 7, ..JobProgress::default() };
    assert_eq!(going_on.progress, from_there, "counted from 0");
}
