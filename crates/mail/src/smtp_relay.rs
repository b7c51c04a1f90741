//! The relay: the mail server that accepts the publication's email.

use std::time::Duration;

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::{AddressError, Envelope},
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp,
};
use masthead_store::{EmailBody, OutboxEntry};
use sha2::{Digest, Sha256};

use crate::relay_addresses::{check_relay, replies_and_bounces, sender};

/// How long a whole SMTP conversation may take. A link to sign in is valid for a quarter of an hour, and must not wait long behind what
/// a relay does not answer.
pub(crate) const TIMEOUT: Duration = Duration::from_mins(1);
/// How long it may take to connect and sign in.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(30);

/// A relay that is reached by SMTP, and the sender that readers see.
pub struct SmtpRelay {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// Where answers of readers go, if not to the sender.
    reply_to: Option<Mailbox>,
    /// Where reports of failed deliveries go, if not to the sender.
    bounces: Option<Address>,
}

/// Why a relay cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The sender is not an address.
    #[error("\"{from}\" is no sender ({reason}); write one such as The Paper <news@paper.example>")]
    From {
        /// As written.
        from: String,
        /// Why not.
        reason: AddressError,
    },
    /// The reply address is not a valid address.
    #[error(
        "reply_to = \"{reply_to}\" is no address ({reason}); write one such as desk@paper.example"
    )]
    ReplyTo {
        /// As written.
        reply_to: String,
        /// Why not.
        reason: AddressError,
    },
    /// The bounce address is not a valid address.
    #[error(
        "bounces = \"{bounces}\" is no address ({reason}); write one such as bounces@paper.example"
    )]
    Bounces {
        /// As written.
        bounces: String,
        /// Why not.
        reason: AddressError,
    },
    /// The address of the relay cannot be read.
    #[error(
        "the relay's address cannot be used ({0}); write one such as smtps://user:password@mail.example or smtp://user:password@mail.example:587?tls=required; in user and password write %23 for #, %2F for /, %3F for ?, %40 for @ and %25 for %, or give the password as MASTHEAD_MAIL_PASSWORD, as it is"
    )]
    Address(smtp::Error),
    /// It is no address of a mail server.
    #[error(
        "the relay's address begins with smtps:// or smtp://; write one such as smtps://user:password@mail.example"
    )]
    Scheme,
    /// Its address says something that is not known.
    #[error(
        "the relay's address has \"{0}\" at its end; write smtps://…, or smtp://…?tls=required for a relay that begins without \
         TLS"
    )]
    Parameter(String),
    /// A character of the user or the password ends that part of the address.
    #[error(
        "the relay's address has a / ? or # before the @; if it is part of the user or the password, write %2F for /, %3F for ? \
         and %23 for #, or give the password as MASTHEAD_MAIL_PASSWORD, as it is"
    )]
    Unencoded,
    /// Mail would travel unencrypted.
    #[error(
        "mail to this relay would not be encrypted; write smtps://… or add ?tls=required to its address"
    )]
    Open,
}

/// Why an email was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The relay refuses this email, now and later (RFC 5321, section 4.2.1: 5yz).
    #[error("{0}")]
    Rejected(String),
    /// The relay refuses this email for now (RFC 5321, section 4.2.1: 4yz).
    #[error("{0}")]
    Deferred(String),
    /// The relay cannot be reached, or refuses us and not the recipient: no email can be sent now.
    #[error("{0}")]
    Unusable(String),
    /// The relay accepts us and did not answer. The email may have been sent.
    #[error("{0}")]
    Unanswered(String),
}

impl SmtpRelay {
    /// The relay at `address`, for email that comes `from` this sender.
    ///
    /// # Errors
    ///
    /// Returns [`RelayError`] if the address or the sender cannot be used, or mail would travel unencrypted.
    pub fn new(address: &str, from: &str) -> Result<Self, RelayError> {
        let from = sender(from)?;
        check_relay(address)?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(address)
            .map_err(RelayError::Address)?
            .build();
        if !(address.starts_with("smtps:") || address.contains("tls=required") || is_local(address))
        {
            return Err(RelayError::Open);
        }
        Ok(Self { transport, from, reply_to: None, bounces: None })
    }

    /// The same relay, where readers answer to `reply_to`, and reports of failed deliveries go to `bounces`. Empty
    /// texts leave both to the sender.
    ///
    /// # Errors
    ///
    /// Returns [`RelayError`] if either is not an address.
    pub fn with_addresses(self, reply_to: &str, bounces: &str) -> Result<Self, RelayError> {
        let (reply_to, bounces) = replies_and_bounces(reply_to, bounces)?;
        Ok(Self { reply_to, bounces, ..self })
    }

    /// Checks the addresses for a relay that is not configured yet. Each may be empty.
    ///
    /// # Errors
    ///
    /// Returns [`RelayError`] if one of them is not an address.
    pub fn check_addresses(from: &str, reply_to: &str, bounces: &str) -> Result<(), RelayError> {
        if !from.is_empty() {
            sender(from)?;
        }
        replies_and_bounces(reply_to, bounces).map(drop)
    }

    /// Connects and signs in, without sending anything.
    ///
    /// # Errors
    ///
    /// Returns [`SendError`] if the relay cannot be reached or refuses the password.
    #[tracing::instrument(skip_all)]
    pub async fn check(&self) -> Result<(), SendError> {
        match tokio::time::timeout(SIGN_IN_TIMEOUT, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(SendError::Unusable("the relay hangs up".to_owned())),
            Ok(Err(error)) => Err(SendError::Unusable(error.to_string())),
            Err(_) => Err(SendError::Unusable("the relay does not answer".to_owned())),
        }
    }

    /// The domain of the sender, for which DNS must name the relay.
    pub fn domain(&self) -> &str {
        self.from.email.domain()
    }

    /// Sends an email.
    ///
    /// # Errors
    ///
    /// Returns [`SendError`] if the relay has not accepted it within a minute.
    #[tracing::instrument(skip_all)]
    pub async fn send(&self, email: &OutboxEntry, body: &EmailBody) -> Result<(), SendError> {
        let message = self.message(email, body).map_err(SendError::Rejected)?;
        match tokio::time::timeout(TIMEOUT, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(self.classify(&error).await),
            Err(_) => Err(SendError::Unanswered("the relay does not answer".to_owned())),
        }
    }

    async fn classify(&self, error: &smtp::Error) -> SendError {
        let text = error.to_string();
        let code = error.status().map(u16::from);
        if error.is_transient() {
            SendError::Deferred(text)
        } else if code.is_some_and(refuses_us) || !self.accepts_us().await {
            SendError::Unusable(text)
        } else if !error.is_permanent() {
            SendError::Unanswered(text)
        } else if refuses_recipient(code, enhanced_code(&text)) {
            SendError::Rejected(text)
        } else {
            SendError::Deferred(text)
        }
    }

    /// Whether we can connect and sign in. If not, a refusal was not meant for the recipient.
    async fn accepts_us(&self) -> bool {
        let tested = tokio::time::timeout(SIGN_IN_TIMEOUT, self.transport.test_connection()).await;
        matches!(tested, Ok(Ok(true)))
    }

    /// The same for every try, and without the email's number: that would tell how many emails there are.
    fn message_id(&self, email: &OutboxEntry) -> String {
        let domain = self.from.email.domain();
        if email.message_id.is_empty() {
            let digest = Sha256::digest(format!("{}.{}", email.id, email.written.as_nanosecond()));
            return format!("<{}@{domain}>", hex::encode(&digest[..16]));
        }
        format!("<{}@{domain}>", email.message_id)
    }

    fn message(&self, email: &OutboxEntry, body: &EmailBody) -> Result<Message, String> {
        let to: Address =
            email.to.as_str().parse().map_err(|error: AddressError| error.to_string())?;
        let bounces = self.bounces.clone().unwrap_or_else(|| self.from.email.clone());
        let envelope =
            Envelope::new(Some(bounces), vec![to.clone()]).map_err(|error| error.to_string())?;
        let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body.text.clone());
        let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(body.html.clone());
        let builder = match self.reply_to.clone() {
            Some(reply_to) => Message::builder().reply_to(reply_to),
            None => Message::builder(),
        };
        builder
            .envelope(envelope)
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&email.subject)
            .message_id(Some(self.message_id(email)))
            // No automatic answers, such as those of people on holiday (RFC 3834, section 5).
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative().singlepart(text).singlepart(html))
            .map_err(|error| error.to_string())
    }
}

/// Whether an answer with this code is about signing in (RFC 4954, section 6).
fn refuses_us(code: u16) -> bool {
    matches!(code, 530 | 534 | 535 | 538)
}

/// Whether a permanent answer is about the recipient (RFC 3463: X.1.1 to X.1.6, X.1.10 and X.2; without such a code
/// RFC 5321, section 4.2.3). Other refusals, such as for the sender or a quota, may end.
fn refuses_recipient(code: Option<u16>, enhanced: Option<(u16, u16)>) -> bool {
    match enhanced {
        Some((1, detail)) => matches!(detail, 1..=6 | 10),
        Some((subject, _)) => subject == 2,
        None => matches!(code, Some(550 | 551 | 553)),
    }
}

/// Returns subject and detail of the enhanced status code (RFC 3463) at the beginning of an answer in the text of an
/// error, such as `(1, 1)` of "permanent error (550): 5.1.1 No such user".
fn enhanced_code(error: &str) -> Option<(u16, u16)> {
    let (_, answer) = error.split_once("): ")?;
    let mut numbers = answer.split_whitespace().next()?.strip_prefix("5.")?.split('.');
    let code = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    numbers.next().is_none().then_some(code)
}

/// What the log has of why an email was not sent: of an answer only its codes, because relays repeat the recipient's address, and of
/// anything else every word that is no address. The outbox has the whole answer.
pub(crate) fn without_addresses(fault: &str) -> String {
    let answer = fault.split_once(" error (").and_then(|(_, rest)| rest.split_once(')'));
    if let Some((code, rest)) = answer.filter(|(code, _)| code.parse::<u16>().is_ok()) {
        let first = rest.trim_start_matches(':').split_whitespace().next().unwrap_or_default();
        let is_code = first.split('.').count() == 3
            && first
                .split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        let enhanced = if is_code { format!(" {first}") } else { String::new() };
        return format!("the relay has answered {code}{enhanced}; masthead outbox has the answer");
    }
    let words = fault.split(' ').map(|word| if word.contains('@') { "(an address)" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// Says that a program has written this email (RFC 3834, section 5).
#[derive(Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Whether the relay is on this machine, so that nothing travels over a network.
fn is_local(address: &str) -> bool {
    let after = address.split_once("://").map_or("", |(_, rest)| rest);
    let host = after.rsplit_once('@').map_or(after, |(_, host)| host);
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|local| {
        host.strip_prefix(local)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_the_codes_of_an_answer_and_no_address() {
        for (fault, logged) in [
            (
                "permanent error (550): <ada@example.org>: Recipient address rejected",
                "the relay has answered 550; masthead outbox has the answer",
            ),
            (
                "permanent error (550): 5.1.1 ada: no such user",
                "the relay has answered 550 5.1.1; masthead outbox has the answer",
            ),
            ("nobody takes mail to ada@example.org now", "nobody takes mail to (an address) now"),
            ("it came too late to be of use", "it came too late to be of use"),
        ] {
            assert_eq!(without_addresses(fault), logged);
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

    #[tokio::test]
    async fn unencrypted_relays_are_refused_unless_local() {
        let relay = |address: &str| {
            SmtpRelay::new(address, "The Paper <news@paper.example>")
                .map_err(|error| error.to_string())
        };
        for good in [
            "smtps://ada:secret@mail.example",
            "smtp://mail.example:587?tls=required",
            "smtp://127.0.0.1:2525",
            "smtp://localhost",
        ] {
            assert!(relay(good).is_ok(), "{good}");
        }
        for bad in
            ["smtp://mail.example", "smtp://127.0.0.1.mail.example", "http://mail.example", ""]
        {
            assert!(relay(bad).is_err(), "{bad}");
        }
        assert!(SmtpRelay::new("smtp://localhost", "nobody").is_err());
    }
}
