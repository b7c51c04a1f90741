//! The sandbox: a processor without a bank, to try everything with. It has a card for everything that can
//! happen to one, and keeps its answers in the publication's log of charges, as a real processor keeps
//! them in its own books.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use masthead_circulation::{Card, Charge, Checkout, Mandate};
use strum::EnumCount as _;

use crate::{
    ChargeLog, CheckoutOutcome, CheckoutRequest, Collected, DisputeReport, ListedDispute,
    ListedRefund, Order, PaymentPage, PaymentRefunds, Processor, ProcessorError, ProcessorList,
    RefundOutcome, RefundRequest, Refusal, WebhookError, WebhookMessage, WebhookRequest,
    processors::not_logged,
};

/// The sandbox's name.
pub const NAME: &str = "sandbox";

/// A card of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumCount)]
pub enum SandboxCard {
    /// Pays, now and later.
    Good,
    /// Is refused, always.
    Declined,
    /// Pays once the reader has confirmed it.
    Confirm,
    /// Pays now, and expires at the end of the month.
    Expiring,
    /// Pays now, and is refused when the next payment is due.
    DeclinedLater,
}

/// What the sandbox answers on its payment page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is paid.
    Paid,
    /// The reader has to confirm it first.
    Confirm,
    /// It is not paid.
    Refused(Refusal),
}

impl SandboxCard {
    /// Every card.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Good, Self::Confirm, Self::Declined, Self::Expiring, Self::DeclinedLater];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Declined => "declined",
            Self::Confirm => "confirm",
            Self::Expiring => "expiring",
            Self::DeclinedLater => "declined-later",
        }
    }

    /// Returns the card with this name, or `None` if there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|card| card.name() == name)
    }

    /// The card as it is shown, if it is used at `now`.
    pub fn card(self, now: Timestamp) -> Card {
        let (brand, last4) = match self {
            Self::Good => ("Visa", "4242"),
            Self::Declined => ("Visa", "0002"),
            Self::Confirm => ("Mastercard", "3184"),
            Self::Expiring => ("Visa", "0069"),
            Self::DeclinedLater => ("Mastercard", "0341"),
        };
        let today = now.to_zoned_datetime(TimeZone::UTC).date();
        let expires = match self {
            Self::Expiring => today,
            Self::Good | Self::Declined | Self::Confirm | Self::DeclinedLater => {
                today.checked_add(4.years()).unwrap_or(Date::MAX)
            }
        };
        let (year, month) = (expires.year(), expires.month());
        Card { brand: brand.to_owned(), last4: last4.to_owned(), year, month }
    }
}

/// See the module's documentation.
pub struct Sandbox {
    log: Arc<dyn ChargeLog>,
}

impl Sandbox {
    /// A sandbox that keeps its answers in `log`.
    pub fn new(log: Arc<dyn ChargeLog>) -> Self {
        Self { log }
    }

    /// A reader pays with a card on the sandbox's payment page, and may have confirmed it already.
    ///
    /// # Errors
    ///
    /// Fails if the answer cannot be kept; nothing is paid then.
    pub async fn pay(
        &self,
        checkout: &Checkout,
        card: SandboxCard,
        confirmed: bool,
    ) -> Result<Answer, ProcessorError> {
        match card {
            SandboxCard::Declined => return Ok(Answer::Refused(Refusal::Declined)),
            SandboxCard::Confirm if !confirmed => return Ok(Answer::Confirm),
            SandboxCard::Good
            | SandboxCard::Confirm
            | SandboxCard::Expiring
            | SandboxCard::DeclinedLater => {}
        }
        let charge = Charge {
            key: checkout.key.to_string(),
            account: checkout.account,
            reference: card.name().to_owned(),
            paid: true,
        };
        self.log.record(&charge).await.map_err(not_logged)?;
        Ok(Answer::Paid)
    }
}

#[async_trait]
impl Processor for Sandbox {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_practice(&self) -> bool {
        true
    }

    fn api(&self) -> Option<&str> {
        None
    }

    fn form_action(&self) -> Option<&'static str> {
        None
    }

    fn closes_checkouts(&self) -> bool {
        false
    }

    fn sends_webhooks(&self) -> bool {
        false
    }

    fn read_webhook(&self, _: &WebhookRequest<'_>) -> Result<WebhookMessage, WebhookError> {
        Err(WebhookError::NotSent)
    }

    async fn begin(&self, request: &CheckoutRequest<'_>) -> Result<PaymentPage, ProcessorError> {
        let reference = request.checkout.key.to_string();
        Ok(PaymentPage { reference, page: format!("{}/sandbox", request.path) })
    }

    async fn outcome(&self, checkout: &Checkout) -> Result<CheckoutOutcome, ProcessorError> {
        let answer = self.log.answer(&checkout.key.to_string()).await.map_err(not_logged)?;
        let paid = answer.filter(|charge| charge.paid);
        let card = paid.and_then(|charge| SandboxCard::named(&charge.reference));
        Ok(card.map_or(CheckoutOutcome::Open, |card| {
            CheckoutOutcome::Paid(Mandate {
                processor: NAME.to_owned(),
                reference: card.name().to_owned(),
                card: Some(card.card(checkout.begun)),
            })
        }))
    }

    /// The publication gives the checkout up by itself.
    async fn close(&self, _: &Checkout) -> Result<(), ProcessorError> {
        Ok(())
    }

    async fn collect(&self, order: &Order) -> Result<Collected, ProcessorError> {
        Ok(refusal(order).map_or(Collected::Paid, Collected::Refused))
    }

    async fn current_mandate(&self, mandate: &Mandate) -> Result<Mandate, ProcessorError> {
        Ok(mandate.clone())
    }

    async fn refund(&self, request: &RefundRequest) -> Result<(), ProcessorError> {
        let charge = Charge {
            key: refund_key(request),
            account: request.account,
            reference: request.amount.to_string(),
            paid: false,
        };
        self.log.record(&charge).await.map(|_| ()).map_err(not_logged)
    }

    async fn refund_outcome(
        &self,
        request: &RefundRequest,
    ) -> Result<RefundOutcome, ProcessorError> {
        let made = self.log.answer(&refund_key(request)).await.map_err(not_logged)?;
        Ok(made.map_or(RefundOutcome::Unknown, |_| RefundOutcome::Made))
    }

    async fn refunds_of(&self, _: &str) -> Result<PaymentRefunds, ProcessorError> {
        Err(ProcessorError::Misunderstood("nothing is refunded here by others".to_owned()))
    }

    async fn refunds(&self, _: Timestamp) -> Result<ProcessorList<ListedRefund>, ProcessorError> {
        Ok(Vec::new().into())
    }

    async fn dispute(&self, _: &str) -> Result<DisputeReport, ProcessorError> {
        Err(ProcessorError::Misunderstood("there are no disputes here".to_owned()))
    }

    async fn disputes(&self, _: Timestamp) -> Result<ProcessorList<ListedDispute>, ProcessorError> {
        Ok(Vec::new().into())
    }
}

/// The key of a refund in the log of charges.
fn refund_key(request: &RefundRequest) -> String {
    if request.before.is_zero() {
        format!("refund-{}", request.payment)
    } else {
        // The rest of a payment of which a part was refunded.
        format!("refund-{}-{}", request.payment, request.attempt)
    }
}

fn refusal(order: &Order) -> Option<Refusal> {
    let today = order.now.to_zoned_datetime(TimeZone::UTC).date();
    let expired = order.mandate.card.as_ref().and_then(Card::expired_on);
    if expired.is_some_and(|expired| today >= expired) {
        return Some(Refusal::Expired);
    }
    match SandboxCard::named(&order.mandate.reference) {
        Some(SandboxCard::Good | SandboxCard::Confirm | SandboxCard::Expiring) => None,
        Some(SandboxCard::Declined | SandboxCard::DeclinedLater) | None => Some(Refusal::Declined),
    }
}
