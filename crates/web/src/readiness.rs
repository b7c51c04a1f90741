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
    /// Whether the database answers and can be used.
    database: bool,
    #[serde(skip)]
    state: DatabaseState,
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

/// How the database is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DatabaseState {
    /// It answers and can be used.
    Ok {
        /// Whether it is a restored copy that was not activated.
        is_copy: bool,
    },
    /// It answers, and can only be read, or its file was deleted. The log says which.
    Unusable,
    /// It does not answer.
    #[default]
    Away,
}

impl DatabaseState {
    /// The word in the text.
    fn name(self) -> &'static str {
        match self {
            Self::Ok { .. } => "ok",
            Self::Unusable => "unusable",
            Self::Away => "away",
        }
    }
}

/// Asks the database whether it is there. Anybody may ask the server, so it asks the database once at a time, and at most
/// once a second.
#[derive(Default)]
pub struct ReadinessProbe {
    latest: Mutex<Option<(Instant, DatabaseState)>>,
}

impl ReadinessProbe {
    /// The readiness of a server that runs these tasks. `usable` asks the database whether it can be used, and returns whether it is a
    /// restored copy. The database is away if that takes longer than two seconds, or fails with an error of which `answers` is not
    /// true.
    pub async fn check<E: fmt::Display>(
        &self,
        usable: impl Future<Output = Result<bool, E>>,
        answers: impl Fn(&E) -> bool,
        tasks: &TaskRegistry,
    ) -> Readiness {
        let deadline = Instant::now() + PATIENCE;
        // A request that waits for the answer to another waits no longer than for its own.
        let asking = timeout_at(deadline, self.ask(usable, answers, deadline));
        Readiness::new(asking.await.unwrap_or_default(), tasks, Timestamp::now())
    }

    async fn ask<E: fmt::Display>(
        &self,
        usable: impl Future<Output = Result<bool, E>>,
        answers: impl Fn(&E) -> bool,
        deadline: Instant,
    ) -> DatabaseState {
        let mut latest = self.latest.lock().await;
        if let Some((_, state)) = latest.filter(|(at, _)| at.elapsed() < SHARED) {
            return state;
        }
        // A little earlier, so that those who wait get this answer.
        let state = match timeout_at(deadline - MARGIN, usable).await {
            Ok(Ok(is_copy)) => DatabaseState::Ok { is_copy },
            Ok(Err(error)) if answers(&error) => {
                tracing::error!(%error, "readyz: database cannot be used");
                DatabaseState::Unusable
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "readyz: database does not answer");
                DatabaseState::Away
            }
            Err(_) => {
                tracing::warn!("readyz: database does not answer in time");
                DatabaseState::Away
            }
        };
        *latest = Some((Instant::now(), state));
        state
    }
}

impl Readiness {
    /// The readiness of a server with such a database, and that runs these tasks.
    pub fn new(database: DatabaseState, tasks: &TaskRegistry, now: Timestamp) -> Self {
        let statuses = tasks.statuses(now).into_iter();
        let tasks: Vec<Task> = statuses.map(|status| Task { status, error: None }).collect();
        let stale = |task: &Task| task.status.vital && task.status.state == TaskState::Stale;
        let is_usable = matches!(database, DatabaseState::Ok { .. });
        let ready = is_usable && !tasks.iter().any(stale);
        let restored_copy = database == DatabaseState::Ok { is_copy: true };
        Self { ready, database: is_usable, state: database, restored_copy, tasks }
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
        let whole = match self.state {
            DatabaseState::Ok { .. } if self.ready => "ready",
            DatabaseState::Ok { .. } => "A background task is stale.",
            DatabaseState::Unusable => "The database cannot be used.",
            DatabaseState::Away => "The database does not answer.",
        };
        let database = self.state.name();
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
