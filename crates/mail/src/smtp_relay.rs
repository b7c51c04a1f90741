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
use masthead_access::unbroken;
use masthead_circulation::EmailAddress;
use masthead_store::{EmailBody, OutboxEntry};
use sha2::{Digest, Sha256};

use crate::{
    bounce::OWN_ID,
    relay_addresses::{check_relay, replies_and_bounces, sender},
    relay_error::RelayError,
    send_error::{RelayFault, SendError, enhanced_code, refuses_recipient, refuses_us},
};

/// How long a whole SMTP conversation may take. A link to sign in is valid for a quarter of an hour, and must not wait long behind what
/// a relay does not answer.
pub(crate) const TIMEOUT: Duration = Duration::from_mins(1);
/// How long it may take to connect and sign in.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(30);
const NO_ANSWER: &str = "the relay does not answer";
const NO_UTF8: &str = "the relay takes no addresses with characters other than ASCII before the @ (SMTPUTF8); use another address, or another relay";

/// A relay that is reached by SMTP, and the sender that readers see.
pub struct SmtpRelay {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// Where answers of readers go, if not to the sender.
    reply_to: Option<Mailbox>,
    /// Where reports of failed deliveries go, if not to the sender.
    bounces: Option<Address>,
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
            Ok(Ok(false)) => Err(SendError::Unusable(RelayFault::own("the relay hangs up"))),
            Ok(Err(error)) => Err(SendError::Unusable(RelayFault::of_relay(&error))),
            Err(_) => Err(SendError::Unusable(RelayFault::own(NO_ANSWER))),
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
        let message = self.message(email, body);
        let message = message.map_err(|error| SendError::Rejected(RelayFault::of_email(error)))?;
        match tokio::time::timeout(TIMEOUT, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(self.classify(&error, &email.to).await),
            Err(_) => Err(SendError::Unanswered(RelayFault::own(NO_ANSWER))),
        }
    }

    async fn classify(&self, error: &smtp::Error, to: &EmailAddress) -> SendError {
        let fault = RelayFault::of_relay(error);
        let code = error.status().map(u16::from);
        if error.is_client() && !to.as_str().is_ascii() {
            // The library does not ask relays that do not offer SMTPUTF8 (RFC 6531).
            SendError::Rejected(RelayFault::own(NO_UTF8))
        } else if error.is_transient() {
            SendError::Deferred(fault)
        } else if code.is_some_and(refuses_us) || !self.accepts_us().await {
            SendError::Unusable(fault)
        } else if !error.is_permanent() {
            SendError::Unanswered(fault)
        } else if refuses_recipient(code, enhanced_code(&error.to_string())) {
            SendError::Rejected(fault)
        } else {
            SendError::Deferred(fault)
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
            .subject(literal(&email.subject))
            .header(OwnId(self.message_id(email)))
            .message_id(Some(self.message_id(email)))
            // No automatic answers, such as those of people on holiday (RFC 3834, section 5).
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative().singlepart(text).singlepart(html))
            .map_err(|error| error.to_string())
    }
}

/// A subject in which mail programs decode nothing: a name in it may look like an encoded word (RFC 2047, section 2). It has no soft
/// hyphens, which mail programs show.
fn literal(subject: &str) -> String {
    unbroken(subject).replace("=?", "= ?")
}

/// Repeats the Message-ID, which some relays replace, so that a report of a bounce can be recognised.
#[derive(Clone)]
struct OwnId(String);

impl Header for OwnId {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str(OWN_ID)
    }

    fn parse(id: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(id.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
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
    fn encoded_words_in_subjects_are_not_decoded() {
        let subject = literal("=?utf-8?b?4oCu?= has invited you");
        assert_eq!(subject, "= ?utf-8?b?4oCu?= has invited you");
        assert_eq!(literal("Is 1+1=2? = yes"), "Is 1+1=2? = yes");
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
