//! Letters, and where the demonstration shows them.

use serde::Serialize;

use super::{Chrome, Link};

/// What every letter has.
#[derive(Clone, Debug, Serialize)]
pub struct LetterHead {
    /// The publication's name.
    pub publication: String,
    /// Where it is found.
    pub address: String,
    /// The language that it writes in.
    pub language: String,
    /// The subject.
    pub subject: String,
}

/// A name with its value, such as "Paid with" and a card.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// What it is here.
    pub value: String,
}

/// A letter about a subscription, as HTML and as text.
#[derive(Debug, Serialize)]
pub struct SubscriptionLetter {
    /// See [`LetterHead`].
    #[serde(flatten)]
    pub head: LetterHead,
    /// What it says.
    pub text: String,
    /// The particulars.
    pub facts: Vec<Fact>,
    /// The button.
    pub button: Link,
}

/// The letter that tells of a new passkey, as HTML and as text.
#[derive(Debug, Serialize)]
pub struct PasskeyLetter {
    /// See [`LetterHead`].
    #[serde(flatten)]
    pub head: LetterHead,
    /// Where it was made, as its reader would know it.
    pub device: String,
}

/// The letter with which somebody signs in, as HTML and as text.
#[derive(Debug, Serialize)]
pub struct SignInLetter {
    /// See [`LetterHead`].
    #[serde(flatten)]
    pub head: LetterHead,
    /// The link.
    pub link: String,
    /// The code.
    pub code: String,
}

/// A letter in the demonstration's outbox.
#[derive(Debug, Serialize)]
pub struct LetterContext {
    /// Where it is seen as it looks.
    pub href: String,
    /// Whom to.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// The demonstration's outbox.
#[derive(Debug, Serialize)]
pub struct OutboxContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The letters, the latest first.
    pub letters: Vec<LetterContext>,
}

/// The letter in which one end is asked to agree, as HTML and as text.
#[derive(Debug, Serialize)]
pub struct AddressLetter {
    /// See [`LetterHead`].
    #[serde(flatten)]
    pub head: LetterHead,
    /// The link.
    pub link: String,
    /// The new address.
    pub email: String,
    /// Whether this is the letter to the old address.
    pub old: bool,
}
