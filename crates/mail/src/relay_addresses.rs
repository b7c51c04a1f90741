//! The addresses under `[mail]`: of the relay, and of those who send and are answered.

use lettre::{Address, address::AddressError, message::Mailbox};

use crate::relay_error::RelayError;

/// Checks the scheme and the parameter of a relay's address: the library names neither.
pub(crate) fn check_relay(address: &str) -> Result<(), RelayError> {
    let (scheme, rest) = address.split_once("://").unwrap_or_default();
    if !matches!(scheme, "smtp" | "smtps") {
        return Err(RelayError::Scheme);
    }
    // The library would take what is before for the host, and an error could show the password.
    if rest.rsplit_once('@').is_some_and(|(user, _)| user.contains(['/', '?', '#'])) {
        return Err(RelayError::Unencoded);
    }
    let parameters = rest.split_once('?').map_or("", |(_, parameters)| parameters);
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        if !matches!(parameter, "tls=required" | "tls=opportunistic") {
            return Err(RelayError::Parameter(parameter.to_owned()));
        }
    }
    Ok(())
}

/// Reads the sender.
pub(crate) fn sender(from: &str) -> Result<Mailbox, RelayError> {
    let sender: Result<Mailbox, _> = from.parse();
    sender
        .and_then(|Mailbox { name, email }| Ok(Mailbox { name, email: in_ascii(email)? }))
        .map_err(|reason| RelayError::From { from: from.to_owned(), reason })
}

/// Returns an address with its domain in ASCII (RFC 5890), as every relay takes it.
fn in_ascii(address: Address) -> Result<Address, AddressError> {
    if address.domain().is_ascii() {
        return Ok(address);
    }
    let domain =
        idna::domain_to_ascii(address.domain()).map_err(|_| AddressError::InvalidDomain)?;
    Address::new(address.user(), domain)
}

/// Reads where answers and reports of failed deliveries go; empty for neither.
pub(crate) fn replies_and_bounces(
    reply_to: &str,
    bounces: &str,
) -> Result<(Option<Mailbox>, Option<Address>), RelayError> {
    let is_given = |text: &&str| !text.is_empty();
    let reply_to = Some(reply_to).filter(is_given).map(|text| {
        let mailbox = text.parse().and_then(|Mailbox { name, email }: Mailbox| {
            Ok(Mailbox { name, email: in_ascii(email)? })
        });
        mailbox.map_err(|reason| RelayError::ReplyTo { reply_to: text.to_owned(), reason })
    });
    let bounces = Some(bounces).filter(is_given).map(|text| {
        let address = text.parse().and_then(in_ascii);
        address.map_err(|reason| RelayError::Bounces { bounces: text.to_owned(), reason })
    });
    Ok((reply_to.transpose()?, bounces.transpose()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SmtpRelay;

    #[test]
    fn domains_are_written_in_ascii() {
        let sent = sender("The Paper <news@b\u{fc}cher.example>").expect("a sender");
        assert_eq!(sent.email.to_string(), "news@xn--bcher-kva.example");
        let (reply_to, bounces) =
            replies_and_bounces("desk@b\u{fc}cher.example", "bounces@b\u{fc}cher.example")
                .expect("addresses");
        let reply_to = reply_to.map(|mailbox| mailbox.email.to_string());
        assert_eq!(reply_to.as_deref(), Some("desk@xn--bcher-kva.example"));
        let bounces = bounces.map(|address| address.to_string());
        assert_eq!(bounces.as_deref(), Some("bounces@xn--bcher-kva.example"));
    }

    #[test]
    fn a_relay_that_cannot_be_used_is_explained_in_our_words() {
        for (address, said) in [
            ("http://mail.example", "begins with smtps:// or smtp://"),
            ("mail.example", "begins with smtps:// or smtp://"),
            ("smtp://mail.example?tls=yes", "\"tls=yes\""),
            ("smtps://mail.example?verify=no", "\"verify=no\""),
            ("smtps://ada:secr#t@mail.example", "MASTHEAD_MAIL_PASSWORD"),
            ("smtps://ada:secr/t@mail.example", "%2F for /"),
            ("smtps://ada:secr?t@mail.example", "%3F for ?"),
        ] {
            let refused = SmtpRelay::new(address, "news@paper.example").err();
            let refused = refused.map(|error| error.to_string()).unwrap_or_default();
            assert!(refused.contains(said), "{address}: {refused}");
            assert!(!refused.contains("secr"), "{refused}");
        }
    }
}
