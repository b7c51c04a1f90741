//! What `/readyz` says about database and tasks.

#![allow(clippy::expect_used, clippy::panic)]

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use masthead_telemetry::{Supervisor, Task, TaskRegistry};
use masthead_web::readiness::Readiness;

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
    let ready = Readiness::new(true, &tasks, Timestamp::now());
    let (status, text) = answer(&ready, &HeaderMap::new()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.starts_with("ready\ndatabase: ok\nmost-read: ok, last success "), "{text}");
    assert!(text.contains("\nrenewals: failing, no success yet\n"), "{text}");
    tokio::time::sleep(30 * SECOND).await;
    let stale = Readiness::new(true, &tasks, Timestamp::now());
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
    let away = Readiness::new(false, &TaskRegistry::default(), Timestamp::now());
    let (status, text) = answer(&away, &HeaderMap::new()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(text, "The database does not answer.\ndatabase: away\n");
}
