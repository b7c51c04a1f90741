//! What the address of the publication, https and the trusted proxies have to do with each other.

use std::net::IpAddr;

use ipnet::IpNet;
use masthead_access::network::is_internal;
use masthead_publication::config::Config;

use super::Finding;

const WHAT: &str = "proxy";
/// The widest public networks that one proxy or load balancer has, as lengths of prefixes: larger ones are most likely a mistake.
const WIDEST_V4: u8 = 24;
const WIDEST_V6: u8 = 48;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let address = &config.publication.address;
    let mut findings = Vec::new();
    let is_public = !address.contains("://localhost") && !address.contains("://127.0.0.1");
    if is_public && address.starts_with("http://") {
        findings.push(Finding::error(
            WHAT,
            format!("readers reach {address} without encryption, so cookies can be copied"),
            "put a proxy that speaks https in front, and write address = \"https://…\"",
        ));
    }
    let has_proxy = address.starts_with("https://") && !config.tls.is_on();
    if has_proxy && config.server.trusted_proxies.is_empty() {
        findings.push(Finding::error(
            WHAT,
            format!("readers use https, but this server speaks http on {} and trusts no proxy, so all readers seem to come from \
                one address", config.server.listen),
            "name the proxy's network under trusted_proxies, such as [\"127.0.0.1/32\"]",
        ));
    }
    findings.extend(config.server.trusted_proxies.iter().filter_map(trusted));
    if findings.is_empty() {
        findings.push(Finding::ok(WHAT, "address and trusted_proxies fit"));
    }
    findings
}

/// Whether a trusted network is one from which strangers can connect. They could then claim any address, and no limit that counts
/// addresses would hold.
fn trusted(network: &IpNet) -> Option<Finding> {
    let remedy = "name only the addresses from which your proxies connect under trusted_proxies";
    if network.prefix_len() == 0 {
        let text = format!(
            "trusted_proxies contains {network}, the whole internet: anybody can claim to be any reader, so no limit on addresses \
             holds"
        );
        return Some(Finding::error(WHAT, text, remedy));
    }
    let widest = if network.addr().is_ipv4() { WIDEST_V4 } else { WIDEST_V6 };
    let is_wide = network.prefix_len() < widest && !is_private(network);
    is_wide.then(|| {
        let text = format!(
            "trusted_proxies contains {network}, a public network: everybody in it can claim to be any reader"
        );
        let remedy = "leave it only if all of it belongs to your content delivery network; otherwise name single addresses";
        Finding::warning(WHAT, text, remedy)
    })
}

/// Whether all addresses of a network are private: its first and its last are, in the same range.
fn is_private(network: &IpNet) -> bool {
    let is_shared = |address: IpAddr| match address {
        // RFC 6598, which providers use behind their own translation of addresses.
        IpAddr::V4(v4) => v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]),
        IpAddr::V6(_) => false,
    };
    let ends = [network.network(), network.broadcast()];
    ends.iter().all(|end| is_internal(*end)) || ends.iter().all(|end| is_shared(*end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Level;

    fn level(network: &str) -> Option<Level> {
        trusted(&network.parse().expect("a network")).map(|finding| finding.level)
    }

    #[test]
    fn networks_of_strangers_are_not_trusted() {
        for network in ["0.0.0.0/0", "::/0"] {
            assert_eq!(level(network), Some(Level::Error), "{network}");
        }
        for network in
            ["8.0.0.0/8", "173.245.48.0/20", "2400:cb00::/32", "128.0.0.0/1", "8.0.0.0/5"]
        {
            assert_eq!(level(network), Some(Level::Warning), "{network}");
        }
    }

    #[test]
    fn single_proxies_and_private_networks_are_trusted() {
        for network in [
            "127.0.0.1/32",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "fd00::/8",
            "::1/128",
            "203.0.113.7/32",
            "203.0.113.0/24",
        ] {
            assert_eq!(level(network), None, "{network}");
        }
    }
}
