//! The interface of a processor.

use async_trait::async_trait;
use jiff::Timestamp;
use masthead_circulation::{
    AccountId, Checkout, DisputeStatus, EmailAddress, Mandate, Money, PaymentNumber,
    ProcessorRefund,
};

use crate::{
    AccountMode, CheckFault, CheckedStep, ProcessorCheck, WebhookError, WebhookMessage,
    WebhookRequest,
};

/// Where a reader pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentPage {
    /// The processor's reference for the checkout.
    pub reference: String,
    /// The address of the page: a path on the site, or an address of the processor.
    pub page: String,
}

/// A reader on the way to the payment page.
#[derive(Clone, Copy, Debug)]
pub struct CheckoutRequest<'a> {
    /// What is paid for.
    pub checkout: &'a Checkout,
    /// The reader's address.
    pub email: &'a EmailAddress,
    /// What has paid so far, if another card is to replace it.
    pub mandate: Option<&'a Mandate>,
    /// The address of the site, without a slash at the end.
    pub address: &'a str,
    /// The path on the site to which the reader returns.
    pub path: &'a str,
    /// The path on the site to which the reader comes who cancels the payment.
    pub cancel: &'a str,
}

/// What became of a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckoutOutcome {
    /// Nothing yet.
    Open,
    /// It is paid, and the mandate can be used for what follows.
    Paid(Mandate),
    /// It can no longer be paid.
    Over,
}

/// An order to collect what is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The idempotency key: the same order has the same key however often it is given.
    pub key: String,
    /// The key that an earlier version gave to the same order, if it had another. An answer under that
    /// key is an answer to this order.
    pub former_key: Option<String>,
    /// Who pays; `None` once the account is deleted.
    pub account: Option<AccountId>,
    /// What is collected with.
    pub mandate: Mandate,
    /// How much.
    pub amount: Money,
    /// Since when it is due. An order whose answer was lost is given again.
    pub due: Timestamp,
    /// When it is given.
    pub now: Timestamp,
    /// Whether it may have been given before. The clock need not be right: what `due` and `now` say decides nothing alone.
    pub is_repeated: bool,
}

/// The answer to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collected {
    /// The money is there.
    Paid,
    /// The bank has not decided. It may still pay.
    Pending,
    /// The reader pays by themselves and has to be asked to.
    AwaitingTransfer,
    /// The money is not there and will not come by this order.
    Refused(Refusal),
}

/// Why a card was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The bank says no and gives no reason.
    Declined,
    /// The card has expired.
    Expired,
    /// The bank wants the reader to confirm the payment, and they did not.
    Unconfirmed,
}

/// An order to refund a payment or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// The payment. It is refunded once, however often the order is given.
    pub payment: PaymentNumber,
    /// How often a refund of the payment was refused or made before.
    pub attempt: u32,
    /// When it was asked for.
    pub asked: Timestamp,
    /// When the payment was recorded. A processor that does not know it yet may know it later.
    pub paid: Timestamp,
    /// When the refund is asked for or about.
    pub now: Timestamp,
    /// Whose payment it was; `None` once the account is deleted.
    pub account: Option<AccountId>,
    /// The name of the processor that collected it.
    pub processor: String,
    /// The key of the order by which it was collected.
    pub order: String,
    /// The processor's reference for the checkout in which it was paid; empty if there was none.
    pub reference: String,
    /// How much is refunded.
    pub amount: Money,
    /// How much of the payment was refunded before.
    pub before: Money,
    /// Whether it is all of a payment of which nothing was refunded. The processor then returns what it took: earlier versions have
    /// collected some currencies in other units.
    pub is_whole: bool,
}

/// What became of an attempt at a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The processor has made it, or is about to.
    Made,
    /// The processor had accepted it, and the money did not go back, for this reason. That is final: another
    /// attempt has to be asked for.
    Failed(String),
    /// The processor has made it, and so much of what earlier attempts had refunded did not go back after all.
    EarlierFailed(Money),
    /// The processor knows nothing of it.
    Unknown,
}

/// What a processor says of a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeReport {
    /// The key of the order by which the payment was collected; `None` if it was not ordered from here.
    pub order: Option<String>,
    /// How much is disputed.
    pub amount: Money,
    /// Why, in the processor's words; may be empty.
    pub reason: String,
    /// What has become of it.
    pub status: DisputeStatus,
    /// When it was opened.
    pub opened: Timestamp,
    /// Until when evidence can be sent; `None` if none is asked for.
    pub evidence_due: Option<Timestamp>,
}

/// A dispute in the list of a processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDispute {
    /// Its number at the processor.
    pub reference: String,
    /// What the processor says of it.
    pub report: DisputeReport,
}

/// What a processor says of the refunds of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRefunds {
    /// The key of the order by which the payment was collected; `None` if it was not ordered from here.
    pub order: Option<String>,
    /// All refunds of it, those from here among them.
    pub refunds: Vec<ProcessorRefund>,
}

/// A refund in the list of a processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRefund {
    /// The processor's number of the payment.
    pub payment: String,
    /// The key of the order by which the payment was collected; `None` if it was not ordered from here.
    pub order: Option<String>,
    /// What the processor says of it.
    pub refund: ProcessorRefund,
}

/// A list of a processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorList<T> {
    /// What was read of it, the latest among them.
    pub found: Vec<T>,
    /// Whether older entries were left out, because there are too many.
    pub is_cut: bool,
}

impl<T> From<Vec<T>> for ProcessorList<T> {
    /// A list of which nothing was left out.
    fn from(found: Vec<T>) -> Self {
        Self { found, is_cut: false }
    }
}

/// Why a processor gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProcessorError {
    /// It does not answer anything at the moment. Ask again later: nothing is lost.
    #[error("the payment processor does not answer: {0}")]
    Unreachable(String),
    /// It does not answer this request, and may answer others. Ask again later: nothing is lost.
    #[error("the payment processor has no answer yet: {0}")]
    Undecided(String),
    /// It answers that the request makes no sense.
    #[error("the payment processor refuses what it was asked: {0}")]
    Misunderstood(String),
}

/// A company, or a stand-in for one, that collects money.
#[async_trait]
pub trait Processor: Send + Sync {
    /// The name in mandates, checkouts and the address for messages: lowercase ASCII, never changed.
    fn name(&self) -> &'static str;

    /// Whether no real money is collected, which readers are told before they pay.
    fn is_practice(&self) -> bool;

    /// Whether money is real.
    fn mode(&self) -> AccountMode {
        AccountMode::Practice
    }

    /// Checks that readers can pay here. Real money is never collected.
    async fn check(&self, _check: &ProcessorCheck<'_>) -> Vec<CheckedStep> {
        Vec::new()
    }

    /// Checks that the processor accepts the key, with one request that changes nothing.
    ///
    /// # Errors
    ///
    /// Returns what the processor says of the key, or that it gives no answer.
    async fn check_key(&self) -> Result<(), CheckFault> {
        Ok(())
    }

    /// The address of its API, which this machine has to reach; `None` if it has none.
    fn api(&self) -> Option<&str>;

    /// The origin of the payment page, if forms of the site lead there: it is allowed by the content
    /// security policy (`form-action`).
    fn form_action(&self) -> Option<&'static str>;

    /// Whether the processor closes a payment page by itself if the reader never pays. If not, the
    /// publication gives the checkout up after its time.
    fn closes_checkouts(&self) -> bool;

    /// Whether the processor sends messages to `/webhooks/NAME`.
    fn sends_webhooks(&self) -> bool;

    /// Reads a message and verifies its signature.
    ///
    /// # Errors
    ///
    /// Fails if the processor has not signed the message, or not recently.
    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookMessage, WebhookError>;

    /// Prepares the page on which a reader pays.
    ///
    /// # Errors
    ///
    /// Fails if the processor gives no page; nothing is collected then.
    async fn begin(&self, request: &CheckoutRequest<'_>) -> Result<PaymentPage, ProcessorError>;

    /// Returns what became of a checkout.
    ///
    /// # Errors
    ///
    /// Fails if the processor does not say; it can be asked again.
    async fn outcome(&self, checkout: &Checkout) -> Result<CheckoutOutcome, ProcessorError>;

    /// Closes the payment page of a checkout that nobody is to pay any more. Does nothing if the processor
    /// cannot.
    ///
    /// # Errors
    ///
    /// Fails if it is not closed; it may have been paid, which [`Processor::outcome`] says.
    async fn close(&self, checkout: &Checkout) -> Result<(), ProcessorError>;

    /// Collects what is due.
    ///
    /// # Errors
    ///
    /// Fails if there is no answer. The money may have been collected all the same: give the same order
    /// again to learn it.
    async fn collect(&self, order: &Order) -> Result<Collected, ProcessorError>;

    /// Returns the mandate with the card as it is now: banks replace cards.
    ///
    /// # Errors
    ///
    /// Fails if the processor does not say.
    async fn current_mandate(&self, mandate: &Mandate) -> Result<Mandate, ProcessorError>;

    /// Refunds a payment or a part of it.
    ///
    /// # Errors
    ///
    /// [`ProcessorError::Misunderstood`] is a refusal: nothing was refunded, and nothing will be by this
    /// request. After any other error it may have been; give the same request again to learn it.
    async fn refund(&self, request: &RefundRequest) -> Result<(), ProcessorError>;

    /// Returns what became of an attempt at a refund. It is the latest that the processor knows, and not what a
    /// message said.
    ///
    /// # Errors
    ///
    /// Fails if the processor does not say; it can be asked again.
    async fn refund_outcome(
        &self,
        request: &RefundRequest,
    ) -> Result<RefundOutcome, ProcessorError>;

    /// Returns all refunds of a payment, given its number at the processor.
    ///
    /// # Errors
    ///
    /// Fails if the processor does not say. [`ProcessorError::Misunderstood`] if it knows no such payment.
    async fn refunds_of(&self, payment: &str) -> Result<PaymentRefunds, ProcessorError>;

    /// Returns all refunds of the payment that a request is about, those from here among them. A processor at which nobody else refunds
    /// returns none.
    ///
    /// # Errors
    ///
    /// Fails if the processor does not say. [`ProcessorError::Misunderstood`] if it knows no such payment.
    async fn refunds_of_request(
        &self,
        _request: &RefundRequest,
    ) -> Result<Vec<ProcessorRefund>, ProcessorError> {
        Ok(Vec::new())
    }

    /// Returns the refunds that were made since `since`, wherever they were made.
    ///
    /// # Errors
    ///
    /// Fails if the processor does not say. [`ProcessorError::Misunderstood`] if it refuses to, such as to a key without permission.
    async fn refunds(
        &self,
        since: Timestamp,
    ) -> Result<ProcessorList<ListedRefund>, ProcessorError>;

    /// Returns what has become of a dispute (charge-back).
    ///
    /// # Errors
    ///
    /// Fails if the processor does not say. [`ProcessorError::Misunderstood`] if it knows no such dispute.
    async fn dispute(&self, reference: &str) -> Result<DisputeReport, ProcessorError>;

    /// Returns the disputes that were opened since `since`, also those that no message was about. There may be others that cannot be
    /// read at the moment.
    ///
    /// # Errors
    ///
    /// Fails if the processor does not say. [`ProcessorError::Misunderstood`] if it refuses to, such as to a key without permission.
    async fn disputes(
        &self,
        since: Timestamp,
    ) -> Result<ProcessorList<ListedDispute>, ProcessorError>;
}

impl ProcessorError {
    /// The error of a question whose answer decides nothing: ask again later.
    pub(crate) fn into_undecided(self) -> Self {
        match self {
            Self::Misunderstood(reason) => Self::Undecided(reason),
            Self::Unreachable(_) | Self::Undecided(_) => self,
        }
    }
}

impl Refusal {
    /// The word for it in the theme's words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}
