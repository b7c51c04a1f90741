//! Emails, which the crate `mail` composes, and the page on which the demonstration shows them.

use serde::Serialize;

use super::{Chrome, Link};

/// What every email has in common.
#[derive(Clone, Debug, Serialize)]
pub struct EmailHead {
    /// The publication's name.
    pub publication: String,
    /// The publication's address.
    pub address: String,
    /// The language of the publication, as a BCP 47 tag.
    pub language: String,
    /// The direction of its text: `ltr` or `rtl`.
    pub direction: &'static str,
    /// The subject.
    pub subject: String,
}

/// A name with its value, such as "Paid with" and a card.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// An email about a subscription, as HTML and as text.
#[derive(Debug, Serialize)]
pub struct SubscriptionEmailContext {
    /// See [`EmailHead`].
    #[serde(flatten)]
    pub head: EmailHead,
    /// What it says.
    pub text: String,
    /// The facts, such as what was paid.
    pub facts: Vec<Fact>,
    /// Until when and where the reader can withdraw from the contract, if the email is about a new one.
    pub withdrawal: Option<WithdrawalHint>,
    /// The button.
    pub button: Link,
}

/// Until when a reader can withdraw from a contract, and where.
#[derive(Debug, Serialize)]
pub struct WithdrawalHint {
    /// A sentence with the last day.
    pub text: String,
    /// The page.
    pub link: Link,
}

/// The email that tells what has changed about signing in, as HTML and as text.
#[derive(Debug, Serialize)]
pub struct SecurityEmailContext {
    /// See [`EmailHead`].
    #[serde(flatten)]
    pub head: EmailHead,
    /// What has changed.
    pub text: String,
}

/// The email to sign in with, as HTML and as text.
#[derive(Debug, Serialize)]
pub struct SignInEmailContext {
    /// See [`EmailHead`].
    #[serde(flatten)]
    pub head: EmailHead,
    /// The link.
    pub link: String,
    /// The code.
    pub code: String,
}

/// The email that asks a reader to confirm a cancellation or a withdrawal from the contract, or says that there is nothing to end,
/// as HTML and as text.
#[derive(Debug, Serialize)]
pub struct EndingEmailContext {
    /// See [`EmailHead`].
    #[serde(flatten)]
    pub head: EmailHead,
    /// What it says.
    pub text: String,
    /// The button.
    pub button: Link,
    /// What there is to know besides.
    pub hint: String,
}

/// An email in the demonstration's outbox.
#[derive(Debug, Serialize)]
pub struct OutboxEmailContext {
    /// The address that shows it as HTML.
    pub href: String,
    /// The recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// What it says; empty if that is not kept any more.
    pub text: String,
}

/// The demonstration's outbox.
#[derive(Debug, Serialize)]
pub struct OutboxContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The emails, the latest first.
    pub emails: Vec<OutboxEmailContext>,
}

/// The email that asks one end of a change of address to agree, as HTML and as text.
#[derive(Debug, Serialize)]
pub struct AddressEmailContext {
    /// See [`EmailHead`].
    #[serde(flatten)]
    pub head: EmailHead,
    /// The link.
    pub link: String,
    /// The new address.
    pub email: String,
    /// Whether this is the email to the old address.
    pub old: bool,
}
