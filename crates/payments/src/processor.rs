//! The interface of a processor.

use async_trait::async_trait;
use jiff::Timestamp;
use masthead_circulation::{AccountId, Checkout, EmailAddress, Mandate, Money};

/// Where a reader pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentPage {
    /// By what the processor knows the checkout.
    pub reference: String,
    /// The address of the page: a path of the site's own, or of the processor's.
    pub page: String,
}

/// A reader on the way to the till.
#[derive(Clone, Copy, Debug)]
pub struct CheckoutRequest<'a> {
    /// What for.
    pub checkout: &'a Checkout,
    /// Their address.
    pub email: &'a EmailAddress,
    /// What has paid so far, where another card is to take its place.
    pub mandate: Option<&'a Mandate>,
    /// The address of the site, without a slash at the end.
    pub address: &'a str,
    /// The path on the site to which they come back.
    pub path: &'a str,
}

/// What became of a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckoutOutcome {
    /// Nothing yet.
    Open,
    /// It is paid, and the mandate is good for what follows.
    Paid(Mandate),
    /// It cannot be paid any more.
    Over,
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
    /// Since when it is due. An order is given again where its answer was lost.
    pub due: Timestamp,
    /// When it is given.
    pub now: Timestamp,
}

/// What came of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collected {
    /// The money is there.
    Paid,
    /// The bank has not made up its mind.
    Pending,
    /// It is for the reader to pay, who has to be asked.
    AwaitingTransfer,
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

/// An order to pay something back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// The number of the payment: of each something is paid back once, however often the order is given.
    pub number: u32,
    /// Whose it was.
    pub account: AccountId,
    /// Who collected it.
    pub processor: String,
    /// The key of the order by which it was collected, where there was no checkout.
    pub order: String,
    /// By what the processor knows the checkout in which it was paid; empty where there was none.
    pub reference: String,
    /// How much is paid back.
    pub amount: Money,
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

    /// Sends a reader to pay.
    async fn begin(&self, errand: &CheckoutRequest<'_>) -> Result<PaymentPage, ProcessorError>;

    /// What has become of a checkout.
    async fn outcome(&self, checkout: &Checkout) -> Result<CheckoutOutcome, ProcessorError>;

    /// Collects what is due.
    async fn collect(&self, order: &Order) -> Result<Collected, ProcessorError>;

    /// Pays something back.
    async fn repay(&self, repayment: &RefundRequest) -> Result<(), ProcessorError>;
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
