//! What `/readyz` says about database and tasks.

#![allow(clippy::expect_used, clippy::panic)]

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use masthead_telemetry::{Supervisor, Task, TaskRegistry};
use masthead_web::readiness::{DatabaseState, Readiness, ReadinessProbe};
use tokio::time::Instant;

const OK: DatabaseState = DatabaseState::Ok { is_copy: false };
const SECOND: Duration = Duration::from_secs(1);

fn json() -> HeaderMap {
    HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("application/json"))])
}

async fn answer(readiness: &Readiness, request: &HeaderMap) -> (StatusCode, String) {
    let answer = readiness.response(request);
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test(start_paused = true)]
async fn it_names_each_task_and_fails_with_a_vital_one() {
    let tasks = Arc::new(TaskRegistry::default());
    let mut supervisor = Supervisor::new(Arc::clone(&tasks));
    supervisor.start(Task::new("most-read", SECOND, || async { Ok::<_, std::io::Error>(()) }));
    let broken = || async { Err::<(), _>(std::io::Error::other("no route to db.internal")) };
    supervisor.start(Task::new("renewals", SECOND, broken).vital());
    tokio::time::sleep(3 * SECOND).await;
    let ready = Readiness::new(OK, &tasks, Timestamp::now());
    let (status, text) = answer(&ready, &HeaderMap::new()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.starts_with("ready\ndatabase: ok\nmost-read: ok, last success "), "{text}");
    assert!(text.contains("\nrenewals: failing, no success yet\n"), "{text}");
    tokio::time::sleep(30 * SECOND).await;
    let stale = Readiness::new(OK, &tasks, Timestamp::now());
    let (status, text) = answer(&stale, &json()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let said: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(said["ready"], false);
    assert_eq!(said["database"], true);
    assert_eq!(said["tasks"][0]["name"], "most-read");
    assert_eq!(said["tasks"][0]["state"], "ok");
    assert!(said["tasks"][0]["seconds_ago"].is_u64());
    assert_eq!(said["tasks"][1]["state"], "stale");
    assert!(!text.contains("db.internal"), "the public is not told why: {text}");
    let (_, told) = answer(&stale.with_errors(), &json()).await;
    assert!(told.contains("no route to db.internal"), "{told}");
}

#[tokio::test]
async fn a_database_that_is_away_makes_it_fail() {
    let away = Readiness::new(DatabaseState::Away, &TaskRegistry::default(), Timestamp::now());
    let (status, text) = answer(&away, &HeaderMap::new()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(text, "The database does not answer.\ndatabase: away\n");
}

#[tokio::test]
async fn a_database_that_answers_and_cannot_be_used_makes_it_fail() {
    let probe = ReadinessProbe::default();
    let refused = async { Err::<bool, _>(io::Error::other("a standby at db.internal")) };
    let unusable = probe.check(refused, |_| true, &TaskRegistry::default()).await;
    let (status, text) = answer(&unusable, &HeaderMap::new()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(text, "The database cannot be used.\ndatabase: unusable\n");
}

#[tokio::test(start_paused = true)]
async fn everybody_who_asks_has_one_answer_of_the_database_a_second() {
    let (probe, tasks) = (ReadinessProbe::default(), TaskRegistry::default());
    let asked = AtomicUsize::new(0);
    let ask = || async {
        probe
            .check(
                async {
                    asked.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(SECOND / 2).await;
                    Ok::<_, io::Error>(true)
                },
                |_| false,
                &tasks,
            )
            .await
    };
    for times in 1..=3 {
        let all = futures_util::future::join_all((0..100).map(|_| ask())).await;
        for readiness in all {
            let (status, text) = answer(&readiness, &HeaderMap::new()).await;
            assert_eq!(status, StatusCode::OK);
            assert!(text.contains("This is a restored copy"), "{text}");
        }
        assert_eq!(asked.load(Ordering::SeqCst), times);
        tokio::time::advance(SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_database_that_never_answers_is_away_after_two_seconds() {
    let (probe, tasks) = (ReadinessProbe::default(), TaskRegistry::default());
    let begun = Instant::now();
    let ask = |later: Duration| {
        let (probe, tasks) = (&probe, &tasks);
        async move {
            tokio::time::sleep(later).await;
            let asked = Instant::now();
            let silent = std::future::pending::<Result<bool, io::Error>>();
            let readiness = probe.check(silent, |_| false, tasks).await;
            assert!(asked.elapsed() <= 2 * SECOND, "{:?}", asked.elapsed());
            answer(&readiness, &HeaderMap::new()).await.0
        }
    };
    // Those who ask while it is asked wait for the same answer.
    let delays = (0..20).map(|number| ask(SECOND * number / 10));
    for status in futures_util::future::join_all(delays).await {
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert!(begun.elapsed() <= 2 * SECOND, "{:?}", begun.elapsed());
}
