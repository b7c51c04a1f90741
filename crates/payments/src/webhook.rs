//! What processors send. A message is never believed: it only names what to ask the processor about.

use http::HeaderMap;
use jiff::Timestamp;
use masthead_circulation::PaymentNumber;

/// A message whose signature is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookMessage {
    /// Its number at the processor.
    pub id: String,
    /// What to ask about.
    pub subject: WebhookSubject,
}

/// What a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookSubject {
    /// The checkout with this reference at the processor.
    Checkout(String),
    /// The order with this key.
    Order(String),
    /// The card behind the mandate with this reference.
    Card(String),
    /// A refund of this payment that was made from here.
    Refund(PaymentNumber),
    /// A refund of the payment with this number at the processor, wherever it was made.
    RefundOf(String),
    /// The dispute with this number at the processor.
    Dispute(String),
    /// Nothing that concerns a publication.
    Nothing,
}

/// Why a message is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The processor sends no messages.
    #[error("this processor sends no messages")]
    NotSent,
    /// The signature is missing or not the processor's.
    #[error("the signature is not Stripe's; check webhook_secret under [payments]")]
    Forged,
    /// The message was signed too long ago, or in the future.
    #[error("the message is older than five minutes, or this machine's clock is wrong")]
    Late,
    /// The signature is right and the content is no event.
    #[error("the message is no event")]
    Malformed,
}

/// A request to the address for messages.
#[derive(Clone, Copy, Debug)]
pub struct WebhookRequest<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, exactly as it was sent.
    pub body: &'a [u8],
    /// When it arrived.
    pub now: Timestamp,
}
