//! The interface of a processor.

use async_trait::async_trait;
use jiff::Timestamp;
use masthead_circulation::{AccountId, Checkout, Mandate, Money};

/// Where a reader pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Till {
    /// By what the processor knows the checkout.
    pub reference: String,
    /// The address of the page: a path of the site's own, or of the processor's.
    pub page: String,
}

/// What became of a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet.
    Open,
    /// It is paid, and the mandate is good for what follows.
    Paid(Mandate),
}

/// An order to collect what is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The same order has the same key, however often it is given.
    pub key: String,
    /// From whom.
    pub account: AccountId,
    /// With what.
    pub mandate: Mandate,
    /// How much.
    pub amount: Money,
    /// When.
    pub now: Timestamp,
}

/// What came of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collected {
    /// The money is there.
    Paid,
    /// It is not, and will not be with this card as it is.
    Refused(Refusal),
}

/// Why a card was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The bank says no, and not why.
    Declined,
    /// The card has expired.
    Expired,
    /// The bank wants the reader to confirm it, which they did not.
    Unconfirmed,
}

/// Why a processor gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProcessorError {
    /// It does not answer, or not now. Ask again later: nothing is lost.
    #[error("the payment processor does not answer: {0}")]
    Unreachable(String),
    /// It answers with what makes no sense.
    #[error("the payment processor refuses what it was asked: {0}")]
    Misunderstood(String),
}

/// Who collects money for us.
#[async_trait]
pub trait Processor: Send + Sync {
    /// The name by which mandates know it.
    fn name(&self) -> &'static str;

    /// Sends a reader to pay. `path` is the address of the checkout on the site, `address` that of the
    /// site itself.
    async fn begin(
        &self,
        checkout: &Checkout,
        address: &str,
        path: &str,
    ) -> Result<Till, ProcessorError>;

    /// What has become of a checkout.
    async fn outcome(&self, checkout: &Checkout) -> Result<Outcome, ProcessorError>;

    /// Collects what is due.
    async fn collect(&self, order: &Order) -> Result<Collected, ProcessorError>;
}

impl Refusal {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}
