//! What a server says when it starts: its address, and what its publisher has to do first.

use std::{net::SocketAddr, sync::Arc};

use jiff::Timestamp;
use masthead_circulation::staff::Role;
use masthead_payments::processor_keys;
use masthead_publication::{Publication, Sales};
use masthead_site::Site;
use masthead_store::{Store, StoreError};

use crate::listeners::Listeners;

/// Prints the address of the publication and, if nobody owns its desk, a link for the first owner.
pub(super) async fn announce(
    site: &Arc<Site>,
    store: &Store,
    listeners: &Listeners,
    now: Timestamp,
) -> Result<(), StoreError> {
    let publication = Arc::clone(&site.live.peek().publication);
    print_address(&publication.name, listeners, &publication.address);
    if !store.has_owner().await? {
        let local = listeners.listener.local_addr().ok().filter(|_| listeners.tls.is_none());
        invite_owner(store, &trial_address(local, &publication.address), now).await;
    }
    Ok(())
}

fn print_address(name: &str, listeners: &Listeners, address: &str) {
    let scheme = if listeners.tls.is_some() { "https" } else { "http" };
    match listeners.listener.local_addr() {
        Ok(local) if !is_at(local, address) => {
            outln!("{name} is at {address}, listening on {scheme}://{local}");
        }
        Ok(_) | Err(_) => outln!("{name} is at {address}"),
    }
}

/// Returns `true` if a browser on this machine reaches the server at `address`.
fn is_at(local: SocketAddr, address: &str) -> bool {
    address == format!("http://{local}") || address == on_this_machine(local)
}

/// Returns the address for a browser on this machine. It uses a host name, because passkeys require
/// one.
pub fn on_this_machine(local: SocketAddr) -> String {
    if local.ip().is_loopback() {
        format!("http://localhost:{}", local.port())
    } else {
        format!("http://{local}")
    }
}

/// Returns the address at which a browser on this machine finds the desk. A publication that is tried here, and listens on
/// another port than its own, is at that port.
fn trial_address(local: Option<SocketAddr>, address: &str) -> String {
    let is_trial = ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|host| {
        address.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    });
    match local {
        Some(local) if is_trial && local.ip().is_loopback() => on_this_machine(local),
        Some(_) | None => address.to_owned(),
    }
}

/// Prints a link for the first owner. A full disk is no reason not to serve readers.
async fn invite_owner(store: &Store, address: &str, now: Timestamp) {
    match masthead_desk::open_link(store, address, Role::Owner, now).await {
        Ok(link) => {
            outln!(
                "There is no owner yet. Open this link to create the owner account. Do not share it:"
            );
            outln!("{link}");
        }
        Err(error) => {
            tracing::error!(%error, "desk: no link for the first owner, run masthead staff link owner");
        }
    }
}

/// Says in the log if the program was compiled with the profile `release`, which is not optimised.
pub(super) fn warn_of_build() {
    if env!("MASTHEAD_OPT_LEVEL") == "0" && !cfg!(debug_assertions) {
        tracing::warn!(
            "serve: this program was compiled for a trial and is slow; on a server, install one that was compiled with \
             --profile dist"
        );
    }
}

/// Says in the log if readers cannot pay, or pay with nothing.
pub(super) fn warn_of_sales(publication: &Publication) {
    match publication.sales {
        Sales::Closed if !publication.catalogue.is_empty() => tracing::warn!(
            "payments: nothing is sold, because there is no payment processor; set {} under [payments] in masthead.toml, \
             transfer to be paid by invoice, or sandbox = true to try the checkout",
            processor_keys()
        ),
        Sales::Sandbox if !publication.is_demo => tracing::warn!(
            "payments: readers pay at the sandbox, which collects nothing; set {} under [payments] before you sell",
            processor_keys()
        ),
        Sales::Open | Sales::Sandbox | Sales::Invoices | Sales::Closed => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_where_it_listens_and_a_publication_at_its_address() {
        let local = "127.0.0.1:9000".parse().ok();
        assert_eq!(trial_address(local, "http://localhost:8080"), "http://localhost:9000");
        assert_eq!(trial_address(local, "https://paper.example"), "https://paper.example");
        assert_eq!(trial_address(local, "http://localhost.example"), "http://localhost.example");
        assert_eq!(trial_address(None, "http://localhost:8080"), "http://localhost:8080");
        let public = "203.0.113.7:80".parse().ok();
        assert_eq!(trial_address(public, "http://localhost:8080"), "http://localhost:8080");
    }
}
