//! Why an email was not sent: the whole reason for the outbox, and for the log only what we say ourselves, because relays repeat the
//! addresses of recipients in any form.

use std::{error::Error as _, io};

use lettre::transport::smtp;

/// Why an email was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The relay refuses this email, now and later (RFC 5321, section 4.2.1: 5yz).
    #[error("{0}")]
    Rejected(RelayFault),
    /// The relay refuses this email for now (RFC 5321, section 4.2.1: 4yz).
    #[error("{0}")]
    Deferred(RelayFault),
    /// The relay cannot be reached, or refuses us and not the recipient: no email can be sent now.
    #[error("{0}")]
    Unusable(RelayFault),
    /// The relay accepts us and did not answer. The email may have been sent.
    #[error("{0}")]
    Unanswered(RelayFault),
}

impl SendError {
    /// What went wrong.
    pub fn fault(&self) -> &RelayFault {
        match self {
            Self::Rejected(fault)
            | Self::Deferred(fault)
            | Self::Unusable(fault)
            | Self::Unanswered(fault) => fault,
        }
    }
}

/// What went wrong with an email: all of it, and what the log has of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct RelayFault {
    text: String,
    logged: String,
}

impl RelayFault {
    /// A fault in words of our own.
    pub(crate) fn own(text: &'static str) -> Self {
        Self { text: text.to_owned(), logged: text.to_owned() }
    }

    /// An email that cannot be composed. The reason may have its recipient's address.
    pub(crate) fn of_email(text: String) -> Self {
        Self {
            text,
            logged: "the email cannot be composed; masthead outbox has the reason".to_owned(),
        }
    }

    /// An answer of the relay, or a connection without one.
    pub(crate) fn of_relay(error: &smtp::Error) -> Self {
        let text = error.to_string();
        let logged = match error.status() {
            Some(code) => {
                let enhanced = enhanced_status(&text).map(|code| format!(" {code}"));
                let enhanced = enhanced.unwrap_or_default();
                format!("the relay has answered {code}{enhanced}; masthead outbox has the answer")
            }
            None => format!("{}; masthead outbox has the reason", kind(error)),
        };
        Self { text, logged }
    }

    /// What the log has of it: the codes of an answer, or what kind of fault it is. It never has a word of the relay's.
    pub fn logged(&self) -> &str {
        &self.logged
    }
}

/// What kind of fault it is that is no refusal.
fn kind(error: &smtp::Error) -> String {
    let said = if error.is_timeout() {
        "the relay did not answer in time"
    } else if error.is_response() {
        "the relay's answer cannot be understood"
    } else if error.is_tls() {
        "the connection to the relay cannot be encrypted"
    } else if error.is_client() {
        "the relay lacks what is needed to send the email"
    } else {
        "the connection to the relay failed"
    };
    match io_kind(error) {
        // The system's words.
        Some(kind) => format!("{said} ({kind})"),
        None => said.to_owned(),
    }
}

fn io_kind(error: &smtp::Error) -> Option<io::ErrorKind> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            return Some(inner.kind()).filter(|kind| *kind != io::ErrorKind::Other);
        }
        source = inner.source();
    }
    None
}

/// Returns the enhanced status code (RFC 3463) at the beginning of an answer in the text of an error, such as "5.1.1".
fn enhanced_status(error: &str) -> Option<&str> {
    let (_, answer) = error.split_once("): ")?;
    let first = answer.split_whitespace().next()?;
    let is_number = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = first.split('.');
    let is_class = parts.next().is_some_and(|class| matches!(class, "2" | "4" | "5"));
    let numbers = parts.clone().filter(|part| is_number(part)).count();
    (is_class && numbers == 2 && parts.count() == 2).then_some(first)
}

/// Whether an answer with this code is about signing in (RFC 4954, section 6).
pub(crate) fn refuses_us(code: u16) -> bool {
    matches!(code, 530 | 534 | 535 | 538)
}

/// Whether a permanent answer is about the recipient (RFC 3463: X.1.1 to X.1.6, X.1.10 and X.2; without such a code
/// RFC 5321, section 4.2.3). Other refusals, such as for the sender or a quota, may end.
pub(crate) fn refuses_recipient(code: Option<u16>, enhanced: Option<(u16, u16)>) -> bool {
    match enhanced {
        Some((1, detail)) => matches!(detail, 1..=6 | 10),
        Some((subject, _)) => subject == 2,
        None => matches!(code, Some(550 | 551 | 553)),
    }
}

/// Returns subject and detail of the permanent enhanced status code at the beginning of an answer in the text of an error, such as
/// `(1, 1)` of "permanent error (550): 5.1.1 No such user".
pub(crate) fn enhanced_code(error: &str) -> Option<(u16, u16)> {
    let (subject, detail) = enhanced_status(error)?.strip_prefix("5.")?.split_once('.')?;
    Some((subject.parse().ok()?, detail.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_code_is_three_numbers_and_nothing_else() {
        let status = |answer: &str| {
            enhanced_status(&format!("permanent error (550): {answer}")).map(str::to_owned)
        };
        for (answer, code) in [("5.1.1 ada: no such user", "5.1.1"), ("4.7.100\tlater", "4.7.100")]
        {
            assert_eq!(status(answer).as_deref(), Some(code), "{answer}");
        }
        for answer in [
            "<ada@example.org>: refused",
            "5.1.1@example.org unknown",
            "5.1.1111 unknown",
            "195.1.7 unknown",
            "5.1.1.1",
            "5.1.",
            "",
        ] {
            assert_eq!(status(answer), None, "{answer}");
        }
    }

    #[test]
    fn only_refusals_of_the_recipient_are_final() {
        let is_final = |code: u16, answer: &str| {
            let error = format!("permanent error ({code}): {answer}");
            refuses_recipient(Some(code), enhanced_code(&error))
        };
        for (code, answer) in [
            (550, "5.1.1 No such user"),
            (550, "5.1.10 Recipient not found"),
            (552, "5.2.2 Mailbox full"),
            (550, "nobody here"),
            (550, "unknown to 195.1.7.20"),
        ] {
            assert!(is_final(code, answer), "{code} {answer}");
        }
        for (code, answer) in [
            (553, "5.1.8 Sender address rejected"),
            (550, "5.7.60 Client does not have permissions to send as this sender"),
            (550, "5.4.5 Daily sending quota exceeded"),
            (554, "5.7.1 Client host rejected"),
            (554, "Sending paused"),
        ] {
            assert!(!is_final(code, answer), "{code} {answer}");
        }
    }
}
