//! What owners have to change in the server's configuration: each notice says what is wrong, and what to set.

use std::net::IpAddr;

use masthead_payments::{processor_keys, sandbox};
use masthead_publication::{Publication, Sales};
use masthead_store::StoreError;
use masthead_telemetry::TaskState;
use masthead_web::{forwarding::ForwardingFault, readiness::RESTORED_COPY};

use crate::state::DeskState;

/// Returns what is wrong now.
pub(super) async fn list(desk: &DeskState) -> Result<Vec<String>, StoreError> {
    let faults = desk.forwarding.recent(desk.now());
    let mut notices: Vec<String> = faults.map(|(fault, peer)| of_proxy(fault, peer)).collect();
    if desk.store.restored_at().await?.is_some() {
        notices.push(RESTORED_COPY.to_owned());
    }
    notices.extend(of_certificate(desk));
    let settings = desk.settings();
    notices.extend(of_sales(&settings));
    notices.extend(of_left_over(desk).await?);
    notices.extend(of_contact(&settings));
    Ok(notices)
}

fn of_proxy(fault: ForwardingFault, peer: IpAddr) -> String {
    match fault {
        ForwardingFault::Untrusted => format!(
            "A request from {peer} forwards a reader's address, but {peer} is not a trusted proxy. If it is your proxy, \
             add it to trusted_proxies under [server] in masthead.toml. Until then all readers behind it count as one \
             network."
        ),
        ForwardingFault::Unreadable => format!(
            "The proxy at {peer} forwards no readable address. Set it up to send the header that forwarding_header \
             under [server] in masthead.toml names. Until then its readers count as one network."
        ),
    }
}

/// Why there is no new certificate, if the server orders them.
fn of_certificate(desk: &DeskState) -> Option<String> {
    let task = desk.tasks.status("acme", desk.now())?;
    let is_failing = matches!(task.state, TaskState::Failing | TaskState::Stale);
    let error = task.last_error.filter(|_| is_failing)?;
    Some(format!("No certificate for https could be ordered: {error}."))
}

fn of_sales(publication: &Publication) -> Option<String> {
    let is_closed = publication.sales == Sales::Closed && !publication.catalogue.is_empty();
    is_closed.then(|| {
        format!(
            "Readers can't subscribe, because there is no payment processor. Set {} under [payments] in masthead.toml, \
             transfer to be paid by invoice, or sandbox = true to try the checkout.",
            processor_keys()
        )
    })
}

/// Subscriptions that were begun at the sandbox, when readers do not pay there any more.
async fn of_left_over(desk: &DeskState) -> Result<Option<String>, StoreError> {
    if !desk.billing.processors().is_closed(sandbox::NAME) {
        return Ok(None);
    }
    let left_over = desk.store.subscriptions_going_on_at(sandbox::NAME).await?;
    let subscriptions = match left_over {
        0 => return Ok(None),
        1 => "1 subscription was".to_owned(),
        more => format!("{more} subscriptions were"),
    };
    Ok(Some(format!(
        "{subscriptions} begun at the sandbox, where nobody pays. They end with the time that they have, unless their \
         readers enter a card on the account page before."
    )))
}

fn of_contact(publication: &Publication) -> Option<String> {
    let is_public = publication.is_secure() && !publication.is_demo;
    (is_public && publication.http.security_contact.is_empty()).then(|| {
        "Nobody can look up where to report a weakness of this site. Set security_contact under [server] in \
         masthead.toml to an email address."
            .to_owned()
    })
}
