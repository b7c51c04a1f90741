//! E-mail addresses, which identify readers.

use std::{fmt, str::FromStr};

use email_address::Options;

/// An e-mail address (RFC 5321, section 4.1.2) in lower case, so that spelling variants do not
/// create two accounts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// The error for a text that is not an e-mail address.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not an e-mail address; write one such as ada@example.org")]
pub struct InvalidEmail(String);

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = Options::default().with_required_tld().without_display_text();
        let address = email_address::EmailAddress::parse_with_options(
            text.trim(),
            plain.without_domain_literal(),
        );
        match address {
            Ok(address) => Ok(Self(address.as_str().to_lowercase())),
            Err(_) => Err(InvalidEmail(text.trim().chars().take(80).collect())),
        }
    }
}

impl EmailAddress {
    /// Returns the address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_normalized_and_validated() {
        let address = |text: &str| text.parse::<EmailAddress>().map(|email| email.to_string());
        assert_eq!(address(" Ada@Example.ORG "), Ok("ada@example.org".to_owned()));
        for text in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a b@example.org",
            "ada@localhost",
            "a@b@c.org",
            "Ada <ada@example.org>",
            "ada@[127.0.0.1]",
            "ada@example.org\r\nBcc: x@example.org",
        ] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
