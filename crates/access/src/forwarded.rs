//! The address of a client that is behind proxies, from the header in which they forward it.
//!
//! Only what a trusted proxy has added is believed: the list is read from its end, and the first address that is not
//! a trusted proxy's is the client's. Whatever a client wrote itself is before that.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use ipnet::IpNet;
use strum::EnumCount as _;

/// The header in which the publisher's proxies forward the client's address.
///
/// Only one is believed. If a proxy sets one header and passes the others on, a client could write the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum_macros::EnumCount)]
pub enum ForwardingHeader {
    /// `X-Forwarded-For`: addresses, separated by commas.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `X-Real-IP`: one address.
    XRealIp,
}

impl ForwardingHeader {
    /// Every header.
    pub const ALL: [Self; Self::COUNT] = [Self::XForwardedFor, Self::Forwarded, Self::XRealIp];

    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
            Self::XRealIp => "x-real-ip",
        }
    }

    /// Returns the address in one element of the list, or `None` if there is none in it, such as in `unknown`.
    fn address(self, element: &str) -> Option<IpAddr> {
        match self {
            Self::XForwardedFor | Self::XRealIp => node(element),
            Self::Forwarded => {
                let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
                let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
                node(value)
            }
        }
    }
}

/// The text names no header that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a header that forwards addresses; write x-forwarded-for, forwarded or x-real-ip"
)]
pub struct ParseForwardingHeaderError(String);

impl FromStr for ForwardingHeader {
    type Err = ParseForwardingHeaderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|header| header.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| ParseForwardingHeaderError(text.to_owned()))
    }
}

impl std::fmt::Display for ForwardingHeader {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}

/// A trusted proxy has forwarded something that is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proxy at {proxy} forwards no address of its client")]
pub struct UnreadableClient {
    /// The proxy. Its clients are limited as if they were one at this address.
    pub proxy: IpAddr,
}

/// Returns the client's address: that of the peer or, if the peer is a trusted proxy, the last forwarded address that
/// is not a trusted proxy's. `values` are the values of the header, in the order in which they were received.
///
/// # Errors
///
/// [`UnreadableClient`] if an element that is to be believed is not an address. An empty element is not skipped,
/// because the element before it may be the client's own. A trusted proxy that forwards nothing at all makes the
/// request itself, as health checks do, so its own address is returned.
pub fn client<'a>(
    peer: IpAddr,
    trusted: &[IpNet],
    header: ForwardingHeader,
    values: impl DoubleEndedIterator<Item = &'a [u8]>,
) -> Result<IpAddr, UnreadableClient> {
    let mut client = peer.to_canonical();
    for value in values.rev() {
        // No address contains a comma, so quoted strings need not be told apart (RFC 7239, section 6).
        for element in value.rsplit(|byte| *byte == b',') {
            if !is_trusted(client, trusted) {
                return Ok(client);
            }
            let text = std::str::from_utf8(element).ok();
            let address = text.and_then(|text| header.address(text));
            client = address.ok_or(UnreadableClient { proxy: client })?;
        }
    }
    Ok(client)
}

/// Returns whether an address is in one of these networks.
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|network| network.contains(&address))
}

/// Reads an address with or without brackets, port and quotes (RFC 7239, section 6).
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches([' ', '\t']);
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.ip().to_canonical());
    }
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    inside.parse::<Ipv6Addr>().ok().map(|address| IpAddr::V6(address).to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn read(header: ForwardingHeader, values: &[&str], peer: &str) -> Result<String, String> {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        let peer = peer.parse().expect("an address");
        client(peer, &trusted, header, values.iter().map(|value| value.as_bytes()))
            .map(|client| client.to_string())
            .map_err(|error| error.proxy.to_string())
    }

    fn forwarded_for(value: &str) -> Result<String, String> {
        read(ForwardingHeader::XForwardedFor, &[value], PROXY)
    }

    #[test]
    fn only_what_trusted_proxies_have_added_is_believed() {
        let read = |values: &[&str], peer| read(ForwardingHeader::XForwardedFor, values, peer);
        assert_eq!(read(&["203.0.113.9"], "198.51.100.1"), Ok("198.51.100.1".into()));
        assert_eq!(read(&["203.0.113.9"], PROXY), Ok("203.0.113.9".into()));
        assert_eq!(read(&["203.0.113.9"], "::ffff:10.0.0.1"), Ok("203.0.113.9".into()));
        assert_eq!(read(&["1.2.3.4, 203.0.113.9, 10.0.0.2"], PROXY), Ok("203.0.113.9".into()));
        assert_eq!(read(&["1.2.3.4", "203.0.113.9"], PROXY), Ok("203.0.113.9".into()));
        assert_eq!(read(&["nonsense, 203.0.113.9"], PROXY), Ok("203.0.113.9".into()));
        assert_eq!(read(&["10.0.0.3, 10.0.0.2"], PROXY), Ok("10.0.0.3".into()));
        assert_eq!(read(&[], PROXY), Ok(PROXY.into()));
    }

    #[test]
    fn an_address_may_have_a_port_and_brackets() {
        for (text, address) in [
            ("203.0.113.9:4431", "203.0.113.9"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("\t 203.0.113.9 ", "203.0.113.9"),
        ] {
            assert_eq!(forwarded_for(text), Ok(address.into()), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_address_leaves_the_address_of_the_proxy() {
        for text in [
            "unknown",
            "_hidden",
            "",
            " ",
            "1.2.3.4, ",
            "1.2.3.4:",
            "1.2.3.4:99999",
            "256.1.1.1",
            "[1.2.3.4]",
            "[::1",
            "example.org",
            "1.2.3.4 5.6.7.8",
        ] {
            assert_eq!(forwarded_for(text), Err(PROXY.into()), "{text:?}");
        }
        assert_eq!(forwarded_for("unknown, 10.0.0.2"), Err("10.0.0.2".into()));
    }

    #[test]
    fn the_standard_header_is_read_with_quotes_and_parameters() {
        let read = |value| read(ForwardingHeader::Forwarded, &[value], PROXY);
        for (text, address) in [
            ("for=203.0.113.9", "203.0.113.9"),
            ("For=\"203.0.113.9:4431\";proto=https", "203.0.113.9"),
            ("proto=https; for=\"[2001:db8::7]:443\"", "2001:db8::7"),
            ("for=1.2.3.4, for=203.0.113.9", "203.0.113.9"),
            ("for=\"unclosed, for=203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(read(text), Ok(address.into()), "{text}");
        }
        for text in ["for=unknown", "for=_secret", "proto=https", "by=1.2.3.4", "for=", ""] {
            assert_eq!(read(text), Err(PROXY.into()), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_before_what_the_proxy_added_changes_the_client(before in "\\PC{0,60}") {
            for header in ForwardingHeader::ALL {
                let added = match header {
                    ForwardingHeader::Forwarded => "for=203.0.113.9",
                    ForwardingHeader::XForwardedFor | ForwardingHeader::XRealIp => "203.0.113.9",
                };
                let joined = format!("{before},{added}");
                prop_assert_eq!(read(header, &[joined.as_str()], PROXY), Ok("203.0.113.9".to_owned()));
                prop_assert_eq!(
                    read(header, &[before.as_str(), added], PROXY),
                    Ok("203.0.113.9".to_owned())
                );
            }
        }

        #[test]
        fn any_bytes_are_an_address_or_refused(value: Vec<u8>) {
            let trusted = ["10.0.0.0/8".parse().expect("a network")];
            let proxy: IpAddr = PROXY.parse().expect("an address");
            for header in ForwardingHeader::ALL {
                if let Err(error) = client(proxy, &trusted, header, [&value[..]].into_iter()) {
                    prop_assert!(is_trusted(error.proxy, &trusted));
                }
            }
        }

        #[test]
        fn every_address_is_read_in_every_form(address: IpAddr, port: u16) {
            let socket = SocketAddr::new(address, port).to_string();
            for text in [address.to_string(), socket.clone(), format!("\"{socket}\"")] {
                prop_assert_eq!(node(&text), Some(address.to_canonical()));
            }
        }
    }
}
