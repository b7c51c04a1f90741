//! Listeners that take each other's port.

use std::net::{SocketAddr, ToSocketAddrs as _};

use masthead_publication::config::Config;

use crate::error::CliError;

/// Checks that no two listeners have the same address and port.
///
/// # Errors
///
/// Returns an error that names the two keys.
pub fn check_clashes(config: &Config) -> Result<(), CliError> {
    let listeners = [
        ("listen under [server]", &config.server.listen),
        ("admin under [server]", &config.server.admin),
        ("redirect under [tls]", &config.tls.redirect),
    ];
    for (index, (name, address)) in listeners.iter().enumerate() {
        for (other, other_address) in &listeners[index + 1..] {
            if clash(address, other_address) {
                return Err(CliError::new(format!(
                    "masthead.toml has the same port for {name} and {other}; write another one, such as \"127.0.0.1:9090\""
                )));
            }
        }
    }
    Ok(())
}

fn clash(one: &str, other: &str) -> bool {
    // A name that is not known here may be known where the server runs.
    let addresses = |text: &str| text.to_socket_addrs().map(Iterator::collect::<Vec<_>>);
    let (Ok(one), Ok(other)) = (addresses(one), addresses(other)) else { return false };
    one.iter().any(|one| other.iter().any(|other| overlap(*one, *other)))
}

/// With port 0 the system chooses one that is free.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let is_same = one.ip() == other.ip();
    let takes_all = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && (is_same || takes_all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_listeners_clash_on_one_port_of_one_address() {
        for (one, other, clashes) in [
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("0.0.0.0:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "[::]:80", true),
            ("127.0.0.1:80", "127.0.0.2:80", false),
            ("127.0.0.1:80", "127.0.0.1:81", false),
            ("127.0.0.1:0", "127.0.0.1:0", false),
            ("127.0.0.1:80", "", false),
        ] {
            assert_eq!(clash(one, other), clashes, "{one} {other}");
        }
    }
}
