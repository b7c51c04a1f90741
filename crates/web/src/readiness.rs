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

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

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

impl Readiness {
    /// The readiness of a server that runs these tasks. The database is away if `ping` fails or takes
    /// longer than two seconds.
    pub async fn check<E: fmt::Display>(
        ping: impl Future<Output = Result<(), E>>,
        tasks: &TaskRegistry,
    ) -> Self {
        let database = match tokio::time::timeout(PATIENCE, ping).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "readyz: database does not answer");
                false
            }
            Err(_) => {
                tracing::warn!("readyz: database does not answer in time");
                false
            }
        };
        Self::new(database, tasks, Timestamp::now())
    }

    /// The readiness of a server whose database answers or not, and that runs these tasks.
    pub fn new(database: bool, tasks: &TaskRegistry, now: Timestamp) -> Self {
        let statuses = tasks.statuses(now).into_iter();
        let tasks: Vec<Task> = statuses.map(|status| Task { status, error: None }).collect();
        let stale = |task: &Task| task.status.vital && task.status.state == TaskState::Stale;
        let ready = database && !tasks.iter().any(stale);
        Self { ready, database, restored_copy: false, tasks }
    }

    /// Says that this is a restored copy, if it is.
    #[must_use]
    pub fn of_copy(mut self, restored_copy: bool) -> Self {
        self.restored_copy = restored_copy;
        self
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
