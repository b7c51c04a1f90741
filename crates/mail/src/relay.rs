//! The relay: the mail server that takes our letters.

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::AddressError,
    message::{Mailbox, MultiPart, header::ContentType},
    transport::smtp,
};
use masthead_store::OutboxEntry;

/// A relay, and the sender that readers see.
pub struct Relay {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a relay cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The sender is none.
    #[error("\"{from}\" is no sender ({reason}); write one such as The Paper <news@paper.example>")]
    From {
        /// As written.
        from: String,
        /// Why not.
        reason: AddressError,
    },
    /// The address of the relay is none.
    #[error(
        "the relay's address cannot be used ({0}); write one such as smtps://user:password@mail.example or smtp://user:password@mail.example:587?tls=required"
    )]
    Address(smtp::Error),
    /// Mail would travel in the open.
    #[error(
        "mail to this relay would not be encrypted; write smtps://… or add ?tls=required to its address"
    )]
    Open,
}

/// Why a letter was not taken.
#[derive(Debug)]
pub struct Refused {
    /// Whether there is no use in trying again.
    pub for_good: bool,
    /// What the relay said.
    pub reason: String,
}

impl Relay {
    /// The relay at `address`, for letters that come `from` this sender.
    pub fn new(address: &str, from: &str) -> Result<Self, RelayError> {
        let from =
            from.parse().map_err(|reason| RelayError::From { from: from.to_owned(), reason })?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(address)
            .map_err(RelayError::Address)?
            .build();
        if !(address.starts_with("smtps:") || address.contains("tls=required") || is_here(address))
        {
            return Err(RelayError::Open);
        }
        Ok(Self { transport, from })
    }

    /// Hands a letter over.
    pub async fn send(&self, posted: &OutboxEntry) -> Result<(), Refused> {
        let message = self.message(posted).map_err(|reason| Refused { for_good: true, reason })?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => {
                Err(Refused { for_good: error.is_permanent(), reason: error.to_string() })
            }
        }
    }

    fn message(&self, posted: &OutboxEntry) -> Result<Message, String> {
        let letter = &posted.letter;
        let to = letter.to.as_str().parse().map_err(|error: AddressError| error.to_string())?;
        let written = posted.written.as_second();
        let id = format!("<{}.{written}@{}>", posted.id, self.from.email.domain());
        let html = lettre::message::SinglePart::builder()
            .header(ContentType::TEXT_HTML)
            .body(letter.html.clone());
        let text = lettre::message::SinglePart::builder()
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&letter.subject)
            .message_id(Some(id))
            .multipart(MultiPart::alternative().singlepart(text).singlepart(html))
            .map_err(|error| error.to_string())
    }
}

/// Whether the relay is on this machine, where nobody listens in between.
fn is_here(address: &str) -> bool {
    let after = address.split_once("://").map_or("", |(_, rest)| rest);
    let host = after.rsplit_once('@').map_or(after, |(_, host)| host);
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|here| {
        host.strip_prefix(here)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn mail_travels_encrypted_or_not_at_all() {
        let relay = |address: &str| {
            Relay::new(address, "The Paper <news@paper.example>").map_err(|error| error.to_string())
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
        assert!(Relay::new("smtp://localhost", "nobody").is_err());
    }
}
