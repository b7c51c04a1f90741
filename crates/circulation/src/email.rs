//! Email addresses, which identify readers.

use std::{fmt, str::FromStr};

use email_address::Options;
use unicode_normalization::UnicodeNormalization as _;

/// An email address (RFC 5321, section 4.1.2; RFC 6531) in one spelling, so that variants do not create two accounts: in lower
/// case and NFC (UAX #15), with the domain in ASCII (RFC 5890), as mail servers and some browsers write it.
///
/// Lower case never makes two different addresses one: a character that is not ASCII and whose lower case is, such as the
/// Kelvin sign, is refused. So are characters that cannot be seen or change the order of others, because an address is
/// shown to people who decide by it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// The domains of Gmail, which deliver to the same mailboxes and ignore dots.
const GMAIL: [&str; 2] = ["gmail.com", "googlemail.com"];

/// The error for a text that is not an email address.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not an email address; write one such as ada@example.org")]
pub struct InvalidEmail(String);

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.chars().any(|c| is_deceptive(c) || folds_to_ascii(c)) {
            return Err(InvalidEmail::new(text));
        }
        let address = respelled(text).ok_or_else(|| InvalidEmail::new(text))?;
        // A domain that has no spelling in ASCII cannot exist.
        let is_usable = address.rsplit_once('@').is_some_and(|(_, domain)| domain.is_ascii());
        // Relays do not take quoted local parts.
        if is_usable && !text.starts_with('"') {
            Ok(Self(address))
        } else {
            Err(InvalidEmail::new(text))
        }
    }
}

impl EmailAddress {
    /// Reads an address that is stored. It was checked when it was entered, perhaps by an earlier version that refused less,
    /// and what is stored with it must stay readable.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not an address at all.
    pub fn from_stored(text: &str) -> Result<Self, InvalidEmail> {
        match respelled(text) {
            Some(address) => Ok(Self(address)),
            None => Self::unchanged(text),
        }
    }

    /// Reads the stored address of an account, in lower case but otherwise as it is spelled: two accounts whose addresses are two
    /// spellings of one must stay two.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not an address at all.
    pub fn unchanged(text: &str) -> Result<Self, InvalidEmail> {
        parse(text).map(|address| Self(address.as_str().to_lowercase()))
    }

    /// Returns how versions before the one spelling have stored the address: with its domain in Unicode. `None` if that is the same.
    pub fn with_unicode_domain(address: &str) -> Option<String> {
        let (local, domain) = address.rsplit_once('@')?;
        let (readable, result) = idna::domain_to_unicode(domain);
        (result.is_ok() && readable != domain).then(|| format!("{local}@{readable}"))
    }

    /// Returns the address of the mailbox that most providers deliver an address to: without what follows a `+` in the local part, and at
    /// Gmail without dots and under one domain. It is no address to write to: some providers know no such tags.
    pub fn mailbox_of(address: &str) -> String {
        let Some((local, domain)) = address.rsplit_once('@') else { return address.to_owned() };
        let untagged = local.split('+').next().filter(|name| !name.is_empty()).unwrap_or(local);
        if GMAIL.contains(&domain) {
            return format!("{}@{}", untagged.replace('.', ""), GMAIL[0]);
        }
        format!("{untagged}@{domain}")
    }

    /// Returns the address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn parse(text: &str) -> Result<email_address::EmailAddress, InvalidEmail> {
    let options = Options::default().with_required_tld().without_display_text();
    email_address::EmailAddress::parse_with_options(text, options.without_domain_literal())
        .map_err(|_| InvalidEmail::new(text))
}

/// Returns the address in one spelling. `None` if that is no address, or has yet another spelling: it could not be read again.
fn respelled(text: &str) -> Option<String> {
    let address = one_spelling(&parse(text).ok()?);
    let again = one_spelling(&parse(&address).ok()?);
    (again == address).then_some(address)
}

/// Returns the address in one spelling. A domain that has none in ASCII stays as it is.
fn one_spelling(address: &email_address::EmailAddress) -> String {
    let local: String = address.local_part().to_lowercase().nfc().collect();
    let domain = address.domain().to_lowercase();
    let domain = idna::domain_to_ascii_strict(&domain).unwrap_or(domain);
    format!("{local}@{domain}")
}

impl InvalidEmail {
    fn new(text: &str) -> Self {
        Self(text.chars().filter(|c| !is_deceptive(*c)).take(80).collect())
    }
}

/// Whether a character is not ASCII, but its lower case is or begins with a character that is.
fn folds_to_ascii(c: char) -> bool {
    !c.is_ascii() && c.to_lowercase().any(|lower| lower.is_ascii())
}

/// Whether a character controls text instead of being seen: controls, marks of direction (UAX #9), joiners, and other
/// characters without a width.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
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
    fn addresses_of_one_mailbox_have_one_form() {
        for (address, mailbox) in [
            ("ada@example.org", "ada@example.org"),
            ("ada+trial+2@example.org", "ada@example.org"),
            ("a.da@example.org", "a.da@example.org"),
            ("a.d.a+2@gmail.com", "ada@gmail.com"),
            ("ada@googlemail.com", "ada@gmail.com"),
            ("+ada@example.org", "+ada@example.org"),
        ] {
            assert_eq!(EmailAddress::mailbox_of(address), mailbox);
        }
    }

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
            "\"a b\"@example.org",
            "ada@example.org\r\nBcc: x@example.org",
        ] {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_has_one_spelling() {
        let address = |text: &str| text.parse::<EmailAddress>().map(|email| email.to_string());
        // What Firefox sends, and what Chrome sends.
        for text in
            ["ada@b\u{fc}cher.example", "ada@xn--bcher-kva.example", "Ada@BU\u{308}CHER.Example"]
        {
            assert_eq!(address(text), Ok("ada@xn--bcher-kva.example".to_owned()), "{text}");
        }
        assert_eq!(address("jo\u{308}rg@example.org"), Ok("j\u{f6}rg@example.org".to_owned()));
        assert_eq!(address("a.b+c@example.org"), Ok("a.b+c@example.org".to_owned()));
    }

    #[test]
    fn addresses_that_only_look_alike_are_never_one() {
        let address = |text: &str| text.parse::<EmailAddress>().ok();
        let kate = address("Kate@example.org");
        assert!(kate.is_some());
        // The Kelvin sign and the capital I with a dot have lower cases in ASCII.
        for text in ["\u{212a}ate@example.org", "kate@\u{212a}.example", "\u{130}da@example.org"] {
            assert_eq!(address(text), None, "{text}");
        }
        // A full-width letter and a Cyrillic one are other letters.
        for text in ["\u{ff2b}ate@example.org", "k\u{430}te@example.org"] {
            assert_ne!(address(text), kate, "{text}");
        }
        assert_eq!(address("JÜRGEN@example.org"), address("jürgen@example.org"));
    }

    #[test]
    fn characters_that_hide_or_turn_text_are_refused() {
        for hidden in ["\u{202e}", "\u{200b}", "\u{2066}", "\u{feff}", "\u{ad}", "\u{7}", "\u{85}"]
        {
            for text in [format!("a{hidden}da@example.org"), format!("ada@exam{hidden}ple.org")] {
                let refused = text.parse::<EmailAddress>().expect_err("refused");
                assert!(!refused.to_string().contains(hidden), "{refused}");
            }
        }
    }

    #[test]
    fn an_address_whose_one_spelling_is_no_address_is_refused_and_stays_readable() {
        // A full-width at sign, and the Greek question mark, which is a semicolon in NFC.
        for text in ["ada@a\u{ff20}b.example", "a\u{37e}b@example.org"] {
            assert!(text.parse::<EmailAddress>().is_err(), "{text}");
            let stored = EmailAddress::from_stored(text).expect("an address");
            assert_eq!(EmailAddress::from_stored(stored.as_str()), Ok(stored), "{text}");
        }
    }

    #[test]
    fn the_domain_of_an_address_can_be_read() {
        let readable = EmailAddress::with_unicode_domain("ada@xn--bcher-kva.example");
        assert_eq!(readable.as_deref(), Some("ada@b\u{fc}cher.example"));
        assert_eq!(EmailAddress::with_unicode_domain("ada@example.org"), None);
    }

    #[test]
    fn an_account_keeps_the_spelling_of_its_address() {
        let email = EmailAddress::unchanged("Ada@b\u{fc}cher.example").expect("an address");
        assert_eq!(email.as_str(), "ada@b\u{fc}cher.example");
    }

    #[test]
    fn an_address_that_an_earlier_version_has_accepted_stays_readable() {
        let stored = EmailAddress::from_stored("a\u{202e}da@example.org").expect("an address");
        assert_eq!(stored.as_str(), "a\u{202e}da@example.org");
        assert!(EmailAddress::from_stored("nonsense").is_err());
        assert!(EmailAddress::unchanged("nonsense").is_err());
    }
}
