//! The background tasks of the server, as owners see them on the first page.

use jiff::Timestamp;
use masthead_telemetry::{TaskRegistry, TaskState, TaskStatus};
use serde::Serialize;

use crate::{format::capitalized, words::DeskWords};

/// A row of the table of tasks.
#[derive(Default, Serialize)]
pub(crate) struct TaskRow {
    pub name: String,
    pub state: String,
    /// Whether it fails, or has stopped.
    pub is_failing: bool,
}

/// The tasks of this server, in the order in which they were started.
pub(crate) fn rows(tasks: &TaskRegistry, now: Timestamp, words: DeskWords) -> Vec<TaskRow> {
    let statuses = tasks.statuses(now).into_iter();
    statuses
        .map(|status| TaskRow {
            name: title(status.name),
            state: state(&status, words),
            is_failing: matches!(status.state, TaskState::Failing | TaskState::Stale),
        })
        .collect()
}

/// "search-index" as "Search index".
fn title(name: &str) -> String {
    capitalized(&name.replace('-', " "))
}

fn state(status: &TaskStatus, words: DeskWords) -> String {
    let ran = match status.seconds_ago {
        None => words.text("task_never").to_owned(),
        Some(seconds) => words.fill("task_ran", &[("time", &duration(seconds, words))]),
    };
    match status.state {
        TaskState::Ok | TaskState::Starting => ran,
        TaskState::Failing => words.fill("task_failing", &[("ran", &ran)]),
        TaskState::Stale => words.fill("task_stopped", &[("ran", &ran)]),
    }
}

fn duration(seconds: u64, words: DeskWords) -> String {
    match seconds / 60 {
        0 => words.count("seconds", seconds),
        minutes => words.count("minutes", minutes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_say_when_the_task_last_ran() {
        let status = |state, seconds_ago| TaskStatus {
            name: "search-index",
            vital: false,
            state,
            last_success: None,
            seconds_ago,
            failures: 0,
            restarts: 0,
            wakeups: 0,
            last_error: None,
        };
        let state = |status: &TaskStatus| state(status, DeskWords::default());
        assert_eq!(title("search-index"), "Search index");
        assert_eq!(state(&status(TaskState::Ok, Some(3))), "Last ran 3 seconds ago");
        assert_eq!(state(&status(TaskState::Failing, Some(75))), "Failing. Last ran 1 minute ago");
        assert_eq!(state(&status(TaskState::Stale, None)), "Stopped. Has not run yet");
    }
}
