//! Checkouts: from choosing an offer to the processor's answer.

use jiff::Timestamp;

use crate::{AccountId, Digest, Money, SubscriptionId, Terms, offer::CHECKOUT_LIFETIME};

/// The purpose of a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new subscription.
    Begin,
    /// Changes the card of this subscription, and pays what is due.
    UpdateCard(SubscriptionId),
}

/// The status of a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not paid, or the bank has not answered yet.
    Open,
    /// Paid and delivered.
    Done,
    /// Given up by the reader.
    Abandoned,
}

/// A checkout of one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The digest of the secret in its address.
    pub key: Digest,
    /// Who pays; `None` once the account is deleted. It can still be paid at the processor then.
    pub account: Option<AccountId>,
    /// What it is for.
    pub purpose: Purpose,
    /// What the reader agrees to by paying.
    pub terms: Terms,
    /// What is paid now. May be zero.
    pub amount: Money,
    /// When it was started. The terms are those of this time.
    pub begun: Timestamp,
    /// The path on the site to return to.
    pub from: String,
    /// The running experiment and the reader's arm in it, such as `7B`, or empty.
    pub trial: String,
    /// The processor that collects: `sandbox` or `stripe`, or empty if nothing is collected.
    pub processor: String,
    /// The processor's id of the checkout. Empty until the processor has assigned one.
    pub reference: String,
    /// The status.
    pub progress: Progress,
}

impl Checkout {
    /// Returns `true` if it can still be paid.
    pub fn can_be_paid(&self, now: Timestamp) -> bool {
        self.progress == Progress::Open && now.duration_since(self.begun) <= CHECKOUT_LIFETIME
    }
}

impl Progress {
    /// Returns the progress with this name, or `None` if there is none.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Open, Self::Done, Self::Abandoned].into_iter().find(|known| known.name() == name)
    }

    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Abandoned => "abandoned",
        }
    }
}
