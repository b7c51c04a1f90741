//! How addresses are written. None has a user or a password: addresses are written to logs, which must have neither.

use serde::{Deserialize, Deserializer, de::Error};
use url::{Host, Url};

/// Reads an address without a user and a password. The error does not repeat them.
fn without_user<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let address = String::deserialize(from)?;
    let rest = address.split_once("//").map_or(&*address, |(_, rest)| rest);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    // An address that is not valid is not parsed; one that is may have another number of slashes.
    let parsed = Url::parse(&address).ok();
    let has_user = |url: Url| !url.username().is_empty() || url.password().is_some();
    if authority.contains('@') || parsed.is_some_and(has_user) {
        return Err(D::Error::custom(
            "an address here has no user and no password; leave out what is before the @, and the @",
        ));
    }
    Ok(address)
}

/// An address that begins with `https://`.
pub(crate) fn https_url<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = without_user(from)?;
    match Url::parse(&text) {
        Ok(url) if url.scheme() == "https" && url.has_host() => Ok(text),
        Ok(_) | Err(_) => Err(D::Error::custom(format!(
            "\"{text}\" is not an address that begins with https://; write one such as https://ca.example/directory"
        ))),
    }
}

/// Reads the address of a site, without a path. A slash at its end is dropped.
pub(crate) fn web_address<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let address = without_user(from)?;
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    match rest.map(|rest| rest.trim_end_matches('/')) {
        Some(host) if !host.is_empty() && !host.contains(['/', ' ', '?', '#']) => {
            let address = address.trim_end_matches('/');
            in_ascii(address).ok_or_else(|| {
                D::Error::custom(format!("\"{address}\" has a host name that is not valid"))
            })
        }
        _ => Err(D::Error::custom(format!(
            "\"{address}\" is not the address of a site; write one such as https://example.org"
        ))),
    }
}

/// Returns an address as browsers send it: an internationalised host name in ASCII.
fn in_ascii(address: &str) -> Option<String> {
    if address.is_ascii() {
        return Some(address.to_owned());
    }
    Some(Url::parse(address).ok()?.origin().ascii_serialization())
}

/// Reads the address of an issuer.
pub(crate) fn issuer<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let issuer = without_user(from)?;
    if is_safe_issuer(&issuer) {
        return Ok(issuer);
    }
    Err(D::Error::custom(format!(
        "\"{issuer}\": an issuer's address begins with https://, such as https://id.example"
    )))
}

/// Returns whether an issuer is reached by TLS, or is on this machine (OpenID Connect Discovery 1.0, section 3, requires
/// `https`).
fn is_safe_issuer(issuer: &str) -> bool {
    let Ok(address) = Url::parse(issuer) else { return false };
    let is_here = match address.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(number)) => number.is_loopback(),
        Some(Host::Ipv6(number)) => number.is_loopback(),
        None => return false,
    };
    address.scheme() == "https" || (is_here && address.scheme() == "http")
}

#[cfg(test)]
mod tests {
    use serde::de::{IntoDeserializer, value::Error};

    use super::*;

    #[test]
    fn internationalised_hosts_are_read_in_ascii() {
        let address =
            |text: &str| web_address(IntoDeserializer::<Error>::into_deserializer(text.to_owned()));
        assert_eq!(
            address("https://münchen.example/"),
            Ok("https://xn--mnchen-3ya.example".into())
        );
        assert_eq!(address("https://Paper.example:8443"), Ok("https://Paper.example:8443".into()));
    }

    #[test]
    fn an_address_with_a_password_is_refused_and_not_repeated() {
        for text in [
            "https://user:hunter2@ca.example/directory",
            "https://hunter2@ca.example",
            "https://:hunter2@ca.example:8443?a=b",
            "https://user:hunter2@",
            "https:/user:hunter2@ca.example",
            "https:///user:hunter2@ca.example",
            "https:\\\\user:hunter2@ca.example",
            "user:hunter2@ca.example",
        ] {
            let value = || IntoDeserializer::<Error>::into_deserializer(text.to_owned());
            for read in [https_url(value()), web_address(value()), issuer(value())] {
                let error = read.expect_err(text).to_string();
                assert!(error.contains("no password") && !error.contains("hunter2"), "{error}");
            }
        }
        let directory = "https://ca.example/directory/@account?to=a@b.example";
        let read = https_url(IntoDeserializer::<Error>::into_deserializer(directory.to_owned()));
        assert_eq!(read.as_deref(), Ok(directory));
    }

    #[test]
    fn an_issuer_is_reached_by_tls_or_is_on_this_machine() {
        for (issuer, is_safe) in [
            ("https://id.example", true),
            ("https://id.example/realm", true),
            ("http://localhost:9000", true),
            ("http://127.0.0.1:9000", true),
            ("http://id.example", false),
            ("id.example", false),
            ("", false),
        ] {
            assert_eq!(is_safe_issuer(issuer), is_safe, "{issuer}");
        }
    }
}
