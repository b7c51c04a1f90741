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
        invite_owner(store, &publication.address, now).await;
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

/// Prints a link for the first owner. A full disk is no reason not to serve readers.
async fn invite_owner(store: &Store, address: &str, now: Timestamp) {
    match masthead_desk::open_link(store, address, Role::Owner, now).await {
        Ok(link) => {
            outln!(
                "Nobody owns its desk yet. The first person to open this address does, so keep it to yourself:"
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
