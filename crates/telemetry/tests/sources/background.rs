//! What runs in the background is a task or a service, so that it is restarted and an operator sees how it is doing.

use crate::sources;

/// Files that start something beside the tasks and services, and why they may.
const ALLOWED: [(&str, &str); 11] = [
    ("backup/src/worker.rs", "a thread that a task waits for, and that ends with it"),
    ("masthead/src/signals.rs", "waits for a second signal until the server has stopped"),
    (
        "masthead/src/tasks/memory.rs",
        "a thread that ends at once, so that the allocator returns memory",
    ),
    (
        "site/src/background.rs",
        "sends an email after a response, or what an open page hears, and ends",
    ),
    ("site/src/serve.rs", "ends with its connection"),
    (
        "site/src/serve/unread.rs",
        "reads for two seconds what a refused request still sends, and ends",
    ),
    ("site/src/account/page.rs", "settles what one reader has opened, and ends"),
    ("site/src/subscribe/checkout.rs", "closes what one reader has left, and ends"),
    ("telemetry/src/lines.rs", "a thread, which a task checks"),
    ("telemetry/src/supervisor.rs", "starts tasks and services"),
    ("telemetry/src/supervisor/services.rs", "starts a service"),
];

/// Whether a line starts a thread or an asynchronous task. Blocking work of a request ends with it.
fn starts_something(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    ["spawn(", "spawn_local(", "spawn_on(", "spawn_scoped("].iter().any(|call| {
        code.match_indices(call)
            .any(|(at, _)| !code[..at].ends_with(|c: char| c == '_' || c.is_alphanumeric()))
    })
}

#[test]
fn what_runs_in_the_background_is_a_task_or_a_service() {
    let sources = sources();
    let mut starts: Vec<&str> = sources
        .iter()
        .filter(|source| source.text.lines().any(starts_something))
        .map(|source| source.path.as_str())
        .collect();
    starts.sort_unstable();
    let mut allowed: Vec<&str> = ALLOWED.iter().map(|(path, _)| *path).collect();
    allowed.sort_unstable();
    assert_eq!(
        starts, allowed,
        "add a Task or a Service to masthead/src/tasks.rs, or say here why it may run beside them"
    );
}
