//! Letters that come back: reading the report of a mail server that could not deliver one (RFC 3464).

use mailparse::{MailHeaderMap, ParsedMail, body::Body};
use masthead_circulation::EmailAddress;

/// A letter that has not reached its reader, and never will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// Whose address it was.
    pub to: EmailAddress,
    /// What the mail server says.
    pub reason: String,
}

/// What is no report of a letter that came back.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseBounceError {
    /// It is no mail at all.
    #[error("this is no mail: {0}")]
    NoMail(String),
    /// It is mail, but not from a mail server about a delivery.
    #[error("this mail is no delivery report (RFC 3464)")]
    NoReport,
}

/// The letters that a report says have come back. Delays and good news are none.
pub fn read(mail: &[u8]) -> Result<Vec<Bounce>, ParseBounceError> {
    let mail =
        mailparse::parse_mail(mail).map_err(|error| ParseBounceError::NoMail(error.to_string()))?;
    let report = mail.parts().find(|part| part.ctype.mimetype == "message/delivery-status");
    let text = report.and_then(text).ok_or(ParseBounceError::NoReport)?;
    // First what is said of all recipients, then, after empty lines, what is said of each.
    let text = text.replace("\r\n", "\n");
    Ok(text.split("\n\n").filter_map(bounce).collect())
}

fn text(part: &ParsedMail<'_>) -> Option<String> {
    match part.get_body_encoded() {
        Body::SevenBit(body) | Body::EightBit(body) => body.get_as_string().ok(),
        Body::Base64(body) | Body::QuotedPrintable(body) => body.get_decoded_as_string().ok(),
        Body::Binary(_) => None,
    }
}

/// What is said of one recipient, if it is that the letter came back (RFC 3464, section 2.3).
fn bounce(fields: &str) -> Option<Bounce> {
    let fields = format!("{}\n\n", fields.trim_start_matches('\n'));
    let (fields, _) = mailparse::parse_headers(fields.as_bytes()).ok()?;
    let field = |name: &str| fields.get_first_value(name).unwrap_or_default();
    if !field("Action").trim().eq_ignore_ascii_case("failed") {
        return None;
    }
    let after_kind = |value: String| match value.split_once(';') {
        Some((_, value)) => value.trim().to_owned(),
        None => value.trim().to_owned(),
    };
    let to = after_kind(field("Final-Recipient"));
    let original = after_kind(field("Original-Recipient"));
    let to = original.parse().or_else(|_| to.parse()).ok()?;
    let said = after_kind(field("Diagnostic-Code"));
    let reason = if said.is_empty() { format!("status {}", field("Status")) } else { said };
    Some(Bounce { to, reason: reason.split_whitespace().collect::<Vec<_>>().join(" ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(recipient: &str) -> String {
        format!(
            "From: postmaster@mail.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nIt came back.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; mail.example\r\n\r\n{recipient}\r\n\r\n--b--\r\n"
        )
    }

    fn ada(reason: &str) -> Vec<Bounce> {
        vec![Bounce { to: "ada@example.org".parse().expect("an address"), reason: reason.into() }]
    }

    #[test]
    fn who_has_not_got_a_letter_and_why_is_read() {
        let said = "Final-Recipient: rfc822; ada@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\
                    Diagnostic-Code: smtp; 550 5.1.1 no such\r\n  mailbox here";
        let read_it = read(report(said).as_bytes());
        assert_eq!(read_it, Ok(ada("550 5.1.1 no such mailbox here")));
        let bare = "Original-Recipient: rfc822;ada@example.org\r\nFinal-Recipient: rfc822; x@y.example\r\n\
                    Action: FAILED\r\nStatus: 5.2.2";
        assert_eq!(read(report(bare).as_bytes()), Ok(ada("status 5.2.2")));
    }

    #[test]
    fn a_delay_is_no_bounce_and_other_mail_no_report() {
        let late = "Final-Recipient: rfc822; ada@example.org\r\nAction: delayed\r\nStatus: 4.4.1";
        assert_eq!(read(report(late).as_bytes()), Ok(vec![]));
        assert_eq!(read(b"Subject: Hello\r\n\r\nHello"), Err(ParseBounceError::NoReport));
        assert_eq!(read(b""), Err(ParseBounceError::NoReport));
        let nonsense = report("Action: failed\r\nFinal-Recipient: rfc822; nobody");
        assert_eq!(read(nonsense.as_bytes()), Ok(vec![]));
    }
}
