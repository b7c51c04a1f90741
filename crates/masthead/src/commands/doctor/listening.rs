//! Whether this machine has the addresses that the server listens on.

use std::{
    io,
    net::{SocketAddr, TcpListener, ToSocketAddrs as _},
};

use masthead_publication::config::Config;

use super::Finding;

const WHAT: &str = "listen";

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let listeners = [
        ("listen under [server]", &config.server.listen),
        ("admin under [server]", &config.server.admin),
        ("redirect under [tls]", &config.tls.redirect),
    ];
    let named = listeners.into_iter().filter(|(_, address)| !address.is_empty());
    let findings: Vec<Finding> = named.filter_map(|(key, address)| absent(key, address)).collect();
    if findings.is_empty() {
        return vec![Finding::ok(
            WHAT,
            "this machine has the addresses that the server listens on",
        )];
    }
    findings
}

/// An address that no interface of this machine has. It is only a warning, because the server may take its sockets from systemd, or run
/// in a container.
fn absent(key: &str, address: &str) -> Option<Finding> {
    let remedy =
        "name an address of this machine, such as 127.0.0.1:8080, unless the server runs elsewhere";
    let Ok(mut addresses) = address.to_socket_addrs() else {
        let text = format!("{key} has {address}, a name that this machine does not know");
        return Some(Finding::warning(WHAT, text, remedy));
    };
    let is_absent = !addresses.any(is_local);
    is_absent.then(|| {
        Finding::warning(
            WHAT,
            format!("{key} has {address}, and no interface here has that address"),
            remedy,
        )
    })
}

/// Whether an interface has this address. Any free port shows it, so a server that runs is not disturbed.
fn is_local(address: SocketAddr) -> bool {
    let bound = TcpListener::bind((address.ip(), 0));
    !bound.is_err_and(|error| error.kind() == io::ErrorKind::AddrNotAvailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_another_machine_is_found() {
        for (address, is_found) in [
            ("127.0.0.1:8080", false),
            ("0.0.0.0:1", false),
            // For documentation (RFC 5737): no machine has it.
            ("192.0.2.7:8080", true),
        ] {
            assert_eq!(absent("listen", address).is_some(), is_found, "{address}");
        }
    }
}
