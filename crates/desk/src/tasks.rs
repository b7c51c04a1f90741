//! The background tasks of the server, as owners see them on the first page.

use jiff::Timestamp;
use masthead_telemetry::{TaskRegistry, TaskState, TaskStatus};
use serde::Serialize;

use crate::format::capitalized;

/// A row of the table of tasks.
#[derive(Default, Serialize)]
pub(crate) struct TaskRow {
    name: String,
    state: String,
}

/// The tasks of this server, in the order in which they were started.
pub(crate) fn rows(tasks: &TaskRegistry, now: Timestamp) -> Vec<TaskRow> {
    let statuses = tasks.statuses(now).into_iter();
    statuses.map(|status| TaskRow { name: title(status.name), state: state(&status) }).collect()
}

/// "search-index" as "Search index".
fn title(name: &str) -> String {
    capitalized(&name.replace('-', " "))
}

fn state(status: &TaskStatus) -> String {
    let ran = match status.seconds_ago {
        None => "Has not run yet".to_owned(),
        Some(seconds) => format!("Last ran {} ago", duration(seconds)),
    };
    match status.state {
        TaskState::Ok | TaskState::Starting => ran,
        TaskState::Failing => format!("Failing. {ran}"),
        TaskState::Stale => format!("Stopped. {ran}"),
    }
}

fn duration(seconds: u64) -> String {
    match (seconds / 60, seconds) {
        (0, 1) => "1 second".to_owned(),
        (0, seconds) => format!("{seconds} seconds"),
        (1, _) => "1 minute".to_owned(),
        (minutes, _) => format!("{minutes} minutes"),
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
            last_error: None,
        };
        assert_eq!(title("search-index"), "Search index");
        assert_eq!(state(&status(TaskState::Ok, Some(3))), "Last ran 3 seconds ago");
        assert_eq!(state(&status(TaskState::Failing, Some(75))), "Failing. Last ran 1 minute ago");
        assert_eq!(state(&status(TaskState::Stale, None)), "Stopped. Has not run yet");
    }
}
