//! Reports of qmail, which are text (<https://cr.yp.to/proto/qsbmf.txt>).

use super::{Bounce, own_id, recipient};

/// What every report begins with.
const BEGINNING: &str = "Hi. This is the";
/// What begins the paragraph before the email that came back.
const BREAK: &str = "---";

/// Reads the bounces in a report, or returns `None` if the text is none.
pub(super) fn read(text: &str) -> Option<Vec<Bounce>> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim_start();
    if !text.starts_with(BEGINNING) {
        return None;
    }
    let (report, returned) = text.split_once(&format!("\n{BREAK}")).unwrap_or((text, ""));
    // The rest of the paragraph says what follows.
    let returned = returned.split_once("\n\n").map_or("", |(_, returned)| returned);
    let message_id = own_id(returned.as_bytes());
    let bounces = report.split("\n\n").filter_map(|paragraph| bounce(paragraph.trim()));
    Some(bounces.map(|found| Bounce { message_id: message_id.clone(), ..found }).collect())
}

/// Reads the paragraph about a recipient: the address in brackets and a colon, and then the reason.
fn bounce(paragraph: &str) -> Option<Bounce> {
    let (address, reason) = paragraph.strip_prefix('<')?.split_once(">:")?;
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(Bounce { to: recipient::read(address), reason, message_id: None })
}

#[cfg(test)]
mod tests {
    use super::super::{ParseBounceError, read};

    #[test]
    fn recipient_reason_and_message_id_are_read() {
        let report = "Subject: failure notice\r\n\r\nHi. This is the qmail-send program at mail.example.\r\n\
                      I'm afraid I wasn't able to deliver your message.\r\n\r\n<ada@example.org>:\r\nSorry, no \
                      mailbox here\r\nby that name. (#5.1.1)\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n\
                      Return-Path: <news@paper.example>\r\nMessage-ID: <0a1b@paper.example>\r\n\r\nHello\r\n";
        let bounces = read(report.as_bytes()).expect("a report");
        assert_eq!(bounces.len(), 1);
        assert_eq!(bounces[0].to, "ada@example.org".parse().ok());
        assert_eq!(bounces[0].reason, "Sorry, no mailbox here by that name. (#5.1.1)");
        assert_eq!(bounces[0].message_id.as_deref(), Some("0a1b"));
        let reply = "Subject: Hello\r\n\r\nHi. This is Ada.\r\n";
        assert_eq!(read(reply.as_bytes()), Err(ParseBounceError::NoReport));
    }
}
