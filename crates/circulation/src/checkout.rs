//! A reader on the way to paying: from the button to the answer of the processor.

use jiff::Timestamp;

use crate::{AccountId, Digest, Money, SubscriptionId, Terms, offer::HONOURED};

/// What a checkout is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new subscription.
    Begin,
    /// Another card for this one, and what is due for it.
    Mend(SubscriptionId),
}

/// How far a checkout has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The reader has not paid, or the bank has not answered.
    Open,
    /// It is paid, and what was bought is there.
    Done,
    /// The reader went away.
    Abandoned,
}

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// What the secret in its address digests to.
    pub key: Digest,
    /// Who pays.
    pub account: AccountId,
    /// What for.
    pub purpose: Purpose,
    /// What is agreed by paying.
    pub terms: Terms,
    /// What is paid now; may be nothing.
    pub amount: Money,
    /// When it was begun. The terms are those of this instant.
    pub begun: Timestamp,
    /// Where on the site the reader came from, to go back to.
    pub from: String,
    /// The experiment that ran and the reader's side in it, where one did.
    pub trial: String,
    /// Which processor collects: `sandbox` or `stripe`; empty where nothing is collected.
    pub processor: String,
    /// By what the processor knows it; empty until it does.
    pub reference: String,
    /// How far it has come.
    pub progress: Progress,
}

impl Checkout {
    /// Whether it may still be paid.
    pub fn is_honoured(&self, now: Timestamp) -> bool {
        self.progress == Progress::Open && now.duration_since(self.begun) <= HONOURED
    }
}

impl Progress {
    /// The progress with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Open, Self::Done, Self::Abandoned].into_iter().find(|known| known.name() == name)
    }

    /// Its name, as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Abandoned => "abandoned",
        }
    }
}
