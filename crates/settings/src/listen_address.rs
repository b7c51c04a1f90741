//! Addresses and ports to listen on. Whether they can be used is known only when a server starts.

use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, de::Error};

/// Reads an address and a port.
pub(crate) fn required<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if is_listen_address(&text) {
        return Ok(text);
    }
    Err(D::Error::custom(format!(
        "\"{text}\" is not an address with a port from 0 to 65535; write one such as 127.0.0.1:8080, or 0.0.0.0:8080 for all \
         addresses of this machine"
    )))
}

/// Reads an address and a port, or nothing.
pub(crate) fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() || is_listen_address(&text) {
        return Ok(text);
    }
    Err(D::Error::custom(format!(
        "\"{text}\" is not an address with a port from 0 to 65535; write one such as 127.0.0.1:9090, or leave the key out"
    )))
}

fn is_listen_address(text: &str) -> bool {
    let is_name = |host: &str| {
        !host.is_empty()
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let named = text.rsplit_once(':');
    text.parse::<SocketAddr>().is_ok()
        || named.is_some_and(|(host, port)| is_name(host) && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for text in ["127.0.0.1:8080", "0.0.0.0:0", "[::1]:8080", "localhost:80", "web_1:80"] {
            assert!(is_listen_address(text), "{text}");
        }
        for text in
            ["", "8080", ":8080", "127.0.0.1", "127.0.0.1:99999", "::1", "http://a:80", "a b:80"]
        {
            assert!(!is_listen_address(text), "{text}");
        }
    }
}
