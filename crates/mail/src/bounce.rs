//! Bounces: reads the report of a mail server that could not deliver an email (RFC 3464; RFC 6533 for addresses beyond ASCII).
//!
//! To read the reports of another kind of server, add a module beside `qmail`, and ask it in [`read`].

mod qmail;
mod recipient;

use mailparse::{MailHeaderMap, ParsedMail, body::Body};
use masthead_circulation::EmailAddress;

/// The header in which emails repeat their Message-ID.
pub(crate) const OWN_ID: &str = "X-Masthead-Message-ID";

/// An email that could not be delivered, for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// The recipient, if the report names them. If mail to them is forwarded, it may be another address than the email was sent to.
    pub to: Option<EmailAddress>,
    /// The reason that the mail server gives.
    pub reason: String,
    /// The first part of the Message-ID of the email that came back, if the report has it: what is before its @.
    pub message_id: Option<String>,
}

/// Why a mail cannot be read as a delivery report.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseBounceError {
    /// It is not a mail.
    #[error("this is no mail: {0}")]
    NoMail(String),
    /// It is a mail, but not a report about a delivery.
    #[error("this mail is no delivery report (RFC 3464)")]
    NoReport,
}

/// Reads the bounces in a report. Delays and successful deliveries are left out.
///
/// # Errors
///
/// Returns [`ParseBounceError`] if the mail is not a delivery report.
pub fn read(mail: &[u8]) -> Result<Vec<Bounce>, ParseBounceError> {
    let mail =
        mailparse::parse_mail(mail).map_err(|error| ParseBounceError::NoMail(error.to_string()))?;
    let is_report = |part: &&ParsedMail<'_>| {
        let kind = part.ctype.mimetype.as_str();
        matches!(kind, "message/delivery-status" | "message/global-delivery-status")
    };
    let Some(text) = mail.parts().find(is_report).and_then(text) else {
        return text(&mail).and_then(|text| qmail::read(&text)).ok_or(ParseBounceError::NoReport);
    };
    // The fields of the message come first, then, after empty lines, those of each recipient.
    let text = text.replace("\r\n", "\n");
    let message_id = original(&mail);
    let bounces = text.split("\n\n").filter_map(bounce);
    Ok(bounces.map(|found| Bounce { message_id: message_id.clone(), ..found }).collect())
}

/// The first part of the Message-ID of the email that the report returns, whole or only its header (RFC 3462, section 1). What the email
/// itself says of it counts, since relays may replace it.
fn original(mail: &ParsedMail<'_>) -> Option<String> {
    let is_original = |part: &&ParsedMail<'_>| {
        let kind = part.ctype.mimetype.as_str();
        matches!(kind, "message/rfc822" | "message/global" | "message/global-headers")
            || matches!(kind, "text/rfc822-headers" | "message/rfc822-headers")
    };
    own_id(&mail.parts().find(is_original)?.get_body_raw().ok()?)
}

/// The first part of the Message-ID of a returned email, or of its header.
fn own_id(returned: &[u8]) -> Option<String> {
    let (headers, _) = mailparse::parse_headers(returned.trim_ascii_start()).ok()?;
    let message_id =
        headers.get_first_value(OWN_ID).or_else(|| headers.get_first_value("Message-ID"))?;
    let message_id = message_id.trim().trim_start_matches('<').trim_end_matches('>');
    Some(message_id.split_once('@').map_or(message_id, |(first, _)| first).to_owned())
}

fn text(part: &ParsedMail<'_>) -> Option<String> {
    match part.get_body_encoded() {
        Body::SevenBit(body) | Body::EightBit(body) => body.get_as_string().ok(),
        Body::Base64(body) | Body::QuotedPrintable(body) => body.get_decoded_as_string().ok(),
        Body::Binary(_) => None,
    }
}

/// Reads the fields of one recipient (RFC 3464, section 2.3). Returns `None` unless delivery has failed for good.
fn bounce(fields: &str) -> Option<Bounce> {
    let fields = format!("{}\n\n", fields.trim_start_matches('\n'));
    let (fields, _) = mailparse::parse_headers(fields.as_bytes()).ok()?;
    let field = |name: &str| fields.get_first_value(name).unwrap_or_default();
    if !field("Action").trim().eq_ignore_ascii_case("failed") {
        return None;
    }
    let without_type = |value: String| match value.split_once(';') {
        Some((_, value)) => value.trim().to_owned(),
        None => value.trim().to_owned(),
    };
    // The second may be one that the reader forwards to.
    let recipients = ["Original-Recipient", "Final-Recipient"];
    let to = recipients.into_iter().find_map(|name| recipient::read(&field(name)));
    let diagnostic = without_type(field("Diagnostic-Code"));
    let reason =
        if diagnostic.is_empty() { format!("status {}", field("Status")) } else { diagnostic };
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(Bounce { to, reason, message_id: None })
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
        let to = Some("ada@example.org".parse().expect("an address"));
        vec![Bounce { to, reason: reason.into(), message_id: None }]
    }

    #[test]
    fn recipient_and_reason_are_read() {
        let fields = "Final-Recipient: rfc822; ada@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\
                      Diagnostic-Code: smtp; 550 5.1.1 no such\r\n  mailbox here";
        let bounces = read(report(fields).as_bytes());
        assert_eq!(bounces, Ok(ada("550 5.1.1 no such mailbox here")));
        let bare = "Original-Recipient: rfc822;ada@example.org\r\nFinal-Recipient: rfc822; x@y.example\r\n\
                    Action: FAILED\r\nStatus: 5.2.2";
        assert_eq!(read(report(bare).as_bytes()), Ok(ada("status 5.2.2")));
    }

    #[test]
    fn a_report_about_addresses_beyond_ascii_is_read() {
        let fields = "Final-Recipient: utf-8; ada@example.org\r\nAction: failed\r\nStatus: 5.1.1";
        let global = report(fields).replace("message/delivery", "message/global-delivery");
        assert_eq!(read(global.as_bytes()), Ok(ada("status 5.1.1")));
    }

    #[test]
    fn the_message_id_of_the_returned_email_is_read() {
        let fields = "Final-Recipient: rfc822; ada@example.org\r\nAction: failed\r\nStatus: 5.1.1";
        for kind in ["message/rfc822", "text/rfc822-headers"] {
            let returned = format!(
                "{fields}\r\n\r\n--b\r\nContent-Type: {kind}\r\n\r\nFrom: news@paper.example\r\n\
                 Message-Id: <0a1b@paper.example>\r\nSubject: Hello"
            );
            let bounces = read(report(&returned).as_bytes()).expect("a report");
            assert_eq!(bounces[0].message_id.as_deref(), Some("0a1b"), "{kind}");
            assert_eq!(bounces[0].reason, "status 5.1.1", "{kind}");
            // A relay has replaced it.
            let replaced = format!("{returned}\r\n{OWN_ID}: <2c3d@paper.example>");
            let bounces = read(report(&replaced).as_bytes()).expect("a report");
            assert_eq!(bounces[0].message_id.as_deref(), Some("2c3d"), "{kind}");
        }
    }

    #[test]
    fn delays_are_not_bounces_and_other_mail_is_not_a_report() {
        let late = "Final-Recipient: rfc822; ada@example.org\r\nAction: delayed\r\nStatus: 4.4.1";
        assert_eq!(read(report(late).as_bytes()), Ok(vec![]));
        assert_eq!(read(b"Subject: Hello\r\n\r\nHello"), Err(ParseBounceError::NoReport));
        assert_eq!(read(b""), Err(ParseBounceError::NoReport));
        let nameless = report("Action: failed\r\nFinal-Recipient: rfc822; nobody\r\nStatus: 5.0.0");
        let bounces = read(nameless.as_bytes()).expect("a report");
        assert_eq!((&bounces[0].to, bounces[0].reason.as_str()), (&None, "status 5.0.0"));
    }
}
