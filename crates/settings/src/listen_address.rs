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

/// Reads names that a listener answers to, such as those of services in a network of containers.
pub(crate) fn names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => Err(D::Error::custom(format!(
            "\"{name}\" is not a host name; write only the name, without http:// and port, such as \"masthead\" or \
             \"metrics.internal\""
        ))),
        None => Ok(names),
    }
}

fn is_name(host: &str) -> bool {
    !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

fn is_listen_address(text: &str) -> bool {
    let named = text.rsplit_once(':');
    text.parse::<SocketAddr>().is_ok()
        || named.is_some_and(|(host, port)| is_name(host) && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use serde::de::value::{Error as ValueError, SeqDeserializer};

    use super::*;

    #[test]
    fn names_have_neither_scheme_nor_port() {
        let read =
            |name: &'static str| names(SeqDeserializer::<_, ValueError>::new([name].into_iter()));
        for name in ["masthead", "masthead_web_1", "metrics.internal", "10.0.0.7"] {
            assert_eq!(read(name), Ok(vec![name.to_owned()]), "{name}");
        }
        for name in ["", "masthead:9090", "http://masthead", "mast head", "*"] {
            let refused = read(name).expect_err("no name").to_string();
            assert!(refused.contains("write only the name"), "{refused}");
        }
    }

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
