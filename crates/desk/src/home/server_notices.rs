//! What owners have to change in the server's configuration: each notice says what is wrong, and what to set.

use std::net::IpAddr;

use masthead_payments::{processor_keys, sandbox};
use masthead_publication::{Publication, Sales};
use masthead_store::StoreError;
use masthead_telemetry::TaskState;
use masthead_web::forwarding::ForwardingFault;

use crate::{state::DeskState, words::DeskWords};

/// Returns what is wrong now.
pub(super) async fn list(desk: &DeskState, words: DeskWords) -> Result<Vec<String>, StoreError> {
    let faults = desk.forwarding.recent(desk.now());
    let mut notices: Vec<String> =
        faults.map(|(fault, peer)| of_proxy(fault, peer, words)).collect();
    if desk.store.restored_at().await?.is_some() {
        notices.push(words.text("server_restored").to_owned());
    }
    notices.extend(of_certificate(desk, words));
    notices.extend(of_clocks(desk, words));
    notices.extend(desk.last_backup_fault(words).await?);
    let settings = desk.settings();
    notices.extend(of_sales(&settings, words));
    notices.extend(of_left_over(desk, words).await?);
    notices.extend(of_contact(&settings, words));
    Ok(notices)
}

fn of_proxy(fault: ForwardingFault, peer: IpAddr, words: DeskWords) -> String {
    let name = match fault {
        ForwardingFault::Untrusted => "server_proxy_untrusted",
        ForwardingFault::Unreadable => "server_proxy_unreadable",
        ForwardingFault::Missing => "server_proxy_missing",
    };
    words.fill(name, &[("peer", &peer)])
}

/// Why there is no new certificate, if the server orders them.
fn of_certificate(desk: &DeskState, words: DeskWords) -> Option<String> {
    let error = error_of("acme", desk)?;
    Some(words.fill("server_certificate", &[("error", &error)]))
}

/// Why the machine's clock cannot be relied on.
fn of_clocks(desk: &DeskState, words: DeskWords) -> impl Iterator<Item = String> {
    let errors =
        ["system-clock", "database-clock"].into_iter().filter_map(move |it| error_of(it, desk));
    errors.map(move |error| words.fill("server_clock", &[("error", &error)]))
}

/// Why a task fails; `None` if it does not.
fn error_of(task: &str, desk: &DeskState) -> Option<String> {
    let task = desk.tasks.status(task, desk.now())?;
    let is_failing = matches!(task.state, TaskState::Failing | TaskState::Stale);
    task.last_error.filter(|_| is_failing)
}

fn of_sales(publication: &Publication, words: DeskWords) -> Option<String> {
    let is_closed = publication.sales == Sales::Closed && !publication.catalogue.is_empty();
    is_closed.then(|| words.fill("server_sales", &[("keys", &processor_keys())]))
}

/// Subscriptions that were begun at the sandbox, when readers do not pay there any more.
async fn of_left_over(desk: &DeskState, words: DeskWords) -> Result<Option<String>, StoreError> {
    if !desk.billing.processors().is_closed(sandbox::NAME) {
        return Ok(None);
    }
    let left_over = desk.store.subscriptions_going_on_at(sandbox::NAME).await?;
    Ok((left_over > 0).then(|| words.count("server_sandbox", left_over)))
}

fn of_contact(publication: &Publication, words: DeskWords) -> Option<String> {
    let is_public = publication.is_secure() && !publication.is_demo;
    let is_missing = is_public && publication.http.security_contact.is_empty();
    is_missing.then(|| words.text("server_contact").to_owned())
}
