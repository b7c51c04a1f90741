//! What only a running server sees: background tasks that fail, such as sending emails, and proxies that send no client's address.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use masthead_telemetry::TaskState;
use masthead_web::forwarding::ForwardingFault;

use super::Finding;
use crate::{
    folder::Folder,
    server_state::{self, FailingTask, ServerState},
};

const WHAT: &str = "server";
/// A server notes its state more often than this.
const RECENT: SignedDuration = SignedDuration::from_mins(1);

/// Looks at every server that runs with the publication's data directory.
pub(super) fn check(folder: &Folder) -> Vec<Finding> {
    let servers = server_state::running(folder.data());
    if servers.is_empty() {
        return vec![Finding::warning(
            WHAT,
            format!(
                "no server runs with the data directory {}, so what only a server sees was not checked: background tasks and the requests \
                 of proxies",
                folder.data().display()
            ),
            "start it, for example with systemctl start masthead, and run masthead doctor again; or run it where the server runs",
        )];
    }
    let now = Timestamp::now();
    servers.into_iter().flat_map(|server| of_server(server, now)).collect()
}

fn of_server(server: Option<ServerState>, now: Timestamp) -> Vec<Finding> {
    let Some(server) = server else {
        let text = "a server runs, and has not said how it is";
        let remedy =
            "wait some seconds if it was just started; if it is of another version, restart it";
        return vec![Finding::warning(WHAT, text, remedy)];
    };
    let listen = &server.listen;
    if now.duration_since(server.at) > RECENT {
        let text = format!("the server at {listen} has not said how it is since {}", server.at);
        let remedy = format!("look at its log and /readyz; process {} may hang", server.process);
        return vec![Finding::error(WHAT, text, remedy)];
    }
    let tasks = server.tasks.iter().map(|task| of_task(task, listen));
    let proxies = server.proxies.iter().map(|(fault, peer)| of_proxy(*fault, *peer, listen));
    let mut findings: Vec<Finding> = tasks.chain(proxies).collect();
    if findings.is_empty() {
        findings.push(Finding::ok(
            WHAT,
            format!("the server at {listen} runs, all its background tasks work, and proxies forward readers' addresses"),
        ));
    }
    findings
}

fn of_task(task: &FailingTask, listen: &str) -> Finding {
    let FailingTask { name, state, last_success, error } = task;
    let since = match last_success {
        Some(at) => format!("since {at}"),
        None => "since the start".to_owned(),
    };
    let error = if error.is_empty() { "a run does not end" } else { error.as_str() };
    let text =
        format!("{name}: the task of the server at {listen} has not worked {since}: {error}");
    let remedy = format!(
        "correct what it says; the guide's chapter Monitoring says what the task does, and the server's log has more: search for task=\"{name}\""
    );
    match state {
        TaskState::Stale => Finding::error(WHAT, text, remedy),
        _ => Finding::warning(WHAT, text, remedy),
    }
}

fn of_proxy(fault: ForwardingFault, peer: IpAddr, listen: &str) -> Finding {
    let (text, remedy) = match fault {
        ForwardingFault::Untrusted => (
            "forwards clients' addresses, and is not in trusted_proxies, so all its readers are limited as one",
            "if it is your proxy, list it under trusted_proxies in masthead.toml and restart the server",
        ),
        ForwardingFault::Unreadable => (
            "is a trusted proxy, and forwards no readable address in the header that forwarding_header names, so its readers are limited \
             as one",
            "let it send that header with the client's address alone, or set forwarding_header to the one that it sends",
        ),
        ForwardingFault::Missing => (
            "is a trusted proxy, and sends no client's address, so all its readers are limited as one",
            "let it set X-Forwarded-For, or the header that forwarding_header names (nginx: proxy_set_header X-Forwarded-For \
             $proxy_add_x_forwarded_for)",
        ),
    };
    let text = format!("{peer}, seen by the server at {listen} within the last hour, {text}");
    Finding::error("proxy", text, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Level;

    fn server(tasks: Vec<FailingTask>, proxies: Vec<(ForwardingFault, IpAddr)>) -> ServerState {
        let (listen, at) = ("127.0.0.1:8080".to_owned(), Timestamp::UNIX_EPOCH);
        ServerState { process: 7, listen, at, tasks, proxies }
    }

    #[test]
    fn everything_that_a_server_sees_is_a_finding() {
        let at = |seconds| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        let well = of_server(Some(server(Vec::new(), Vec::new())), at(5));
        assert_eq!(well.iter().map(|found| found.level).collect::<Vec<_>>(), [Level::Ok]);
        let late = of_server(Some(server(Vec::new(), Vec::new())), at(600));
        assert_eq!((late[0].level, late.len()), (Level::Error, 1));
        let failing = |state| FailingTask {
            name: "outbox".to_owned(),
            state,
            last_success: None,
            error: "the relay refuses the password".to_owned(),
        };
        let tasks = vec![failing(TaskState::Failing), failing(TaskState::Stale)];
        let proxies = vec![(ForwardingFault::Missing, IpAddr::from([10, 0, 0, 1]))];
        let found = of_server(Some(server(tasks, proxies)), at(5));
        let levels: Vec<_> = found.iter().map(|found| found.level).collect();
        assert_eq!(levels, [Level::Warning, Level::Error, Level::Error]);
        assert!(found[0].text.contains("the relay refuses the password"), "{}", found[0].text);
        assert!(found[2].text.starts_with("10.0.0.1,"), "{}", found[2].text);
        assert!(found[2].remedy.contains("proxy_set_header"), "{}", found[2].remedy);
        assert_eq!(of_server(None, at(5))[0].level, Level::Warning);
    }
}
