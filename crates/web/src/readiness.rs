//! The answer of `/readyz`: whether the server can do its work, and how each background task is doing.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use masthead_telemetry::{TaskRegistry, TaskState, TaskStatus};
use serde::Serialize;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

/// How long the database may take to answer, for everything that it is asked.
const PATIENCE: Duration = Duration::from_secs(2);
/// What is left of that when it has not answered, to say so.
const MARGIN: Duration = Duration::from_millis(50);
/// How long its answer is good for all who ask.
const SHARED: Duration = Duration::from_secs(1);

/// What operators are told about a restored copy.
pub const RESTORED_COPY: &str = "This is a restored copy, or a database that was moved: it charges nobody, sells nothing and \
    sends no mail. If the original is gone for good, stop all its servers, run masthead activate here and start this server again.";

/// What `/readyz` says.
#[derive(Debug, Serialize)]
pub struct Readiness {
    ready: bool,
    database: bool,
    /// Whether this is a restored copy that was not activated.
    restored_copy: bool,
    tasks: Vec<Task>,
}

#[derive(Debug, Serialize)]
struct Task {
    #[serde(flatten)]
    status: TaskStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// What the database said.
#[derive(Clone, Copy, Debug, Default)]
struct DatabaseAnswer {
    is_there: bool,
    is_copy: bool,
}

/// Asks the database whether it is there. Anybody may ask the server, so it asks the database once at a time, and at most
/// once a second.
#[derive(Default)]
pub struct ReadinessProbe {
    latest: Mutex<Option<(Instant, DatabaseAnswer)>>,
}

impl ReadinessProbe {
    /// The readiness of a server that runs these tasks. `restored` asks the database whether this is a restored copy. The
    /// database is away if that fails or takes longer than two seconds.
    pub async fn check<E: fmt::Display>(
        &self,
        restored: impl Future<Output = Result<bool, E>>,
        tasks: &TaskRegistry,
    ) -> Readiness {
        let deadline = Instant::now() + PATIENCE;
        // A request that waits for the answer to another waits no longer than for its own.
        let answer = timeout_at(deadline, self.ask(restored, deadline)).await.unwrap_or_default();
        let readiness = Readiness::new(answer.is_there, tasks, Timestamp::now());
        Readiness { restored_copy: answer.is_copy, ..readiness }
    }

    async fn ask<E: fmt::Display>(
        &self,
        restored: impl Future<Output = Result<bool, E>>,
        deadline: Instant,
    ) -> DatabaseAnswer {
        let mut latest = self.latest.lock().await;
        if let Some((_, answer)) = latest.filter(|(at, _)| at.elapsed() < SHARED) {
            return answer;
        }
        // A little earlier, so that those who wait get this answer.
        let answer = match timeout_at(deadline - MARGIN, restored).await {
            Ok(Ok(is_copy)) => DatabaseAnswer { is_there: true, is_copy },
            Ok(Err(error)) => {
                tracing::warn!(%error, "readyz: database does not answer");
                DatabaseAnswer::default()
            }
            Err(_) => {
                tracing::warn!("readyz: database does not answer in time");
                DatabaseAnswer::default()
            }
        };
        *latest = Some((Instant::now(), answer));
        answer
    }
}

impl Readiness {
    /// The readiness of a server whose database answers or not, and that runs these tasks.
    pub fn new(database: bool, tasks: &TaskRegistry, now: Timestamp) -> Self {
        let statuses = tasks.statuses(now).into_iter();
        let tasks: Vec<Task> = statuses.map(|status| Task { status, error: None }).collect();
        let stale = |task: &Task| task.status.vital && task.status.state == TaskState::Stale;
        let ready = database && !tasks.iter().any(stale);
        Self { ready, database, restored_copy: false, tasks }
    }

    /// Adds the last error of each task that fails. Errors may name hosts and files, so this is for the
    /// admin listener alone.
    #[must_use]
    pub fn with_errors(mut self) -> Self {
        for task in &mut self.tasks {
            let fails = matches!(task.status.state, TaskState::Failing | TaskState::Stale);
            task.error = task.status.last_error.take().filter(|_| fails);
        }
        self
    }

    /// The response: 200 if the server is ready, else 503; JSON if the client accepts it, else text.
    pub fn response(&self, request: &HeaderMap) -> Response {
        let (kind, body) = if accepts_json(request) {
            ("application/json", serde_json::to_string(self).unwrap_or_default())
        } else {
            ("text/plain; charset=utf-8", self.text())
        };
        let mut answer = Response::new(Body::from(body));
        if !self.ready {
            *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        answer
    }

    /// One line for the whole, one for the database, and one for each task.
    fn text(&self) -> String {
        let whole = match (self.ready, self.database) {
            (true, _) => "ready",
            (false, false) => "The database does not answer.",
            (false, true) => "A background task is stale.",
        };
        let database = if self.database { "ok" } else { "away" };
        let mut text = format!("{whole}\ndatabase: {database}\n");
        if self.restored_copy {
            let _ = writeln!(text, "{RESTORED_COPY}");
        }
        for Task { status, error } in &self.tasks {
            let _ = write!(text, "{}: {}", status.name, status.state.name());
            let _ = match status.seconds_ago {
                Some(1) => write!(text, ", last success 1 second ago"),
                Some(seconds) => write!(text, ", last success {seconds} seconds ago"),
                None => write!(text, ", no success yet"),
            };
            if let Some(error) = error {
                let _ = write!(text, ": {error}");
            }
            text.push('\n');
        }
        text
    }
}

fn accepts_json(request: &HeaderMap) -> bool {
    let accept = request.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}
