//! The sandbox: a processor without a bank, to try everything on. It has cards for whatever may happen
//! to one, and keeps its answers in the publication's database, as a real one keeps them in its own.

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use masthead_circulation::{Card, Checkout, Mandate};
use masthead_store::{Charge, Store, StoreError};

use crate::{
    CheckoutOutcome, CheckoutRequest, Collected, Order, PaymentPage, Processor, ProcessorError,
    RefundRequest, Refusal,
};

/// The sandbox's name.
pub const NAME: &str = "sandbox";

/// A card to try something with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SandboxCard {
    /// Pays, now and later.
    Good,
    /// Is refused, always.
    Declined,
    /// Pays once its holder has confirmed it.
    Confirm,
    /// Pays now, and expires with the month.
    Expiring,
    /// Pays now, and is refused when the next payment is due.
    DeclinedLater,
}

/// What the sandbox says at its till.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is paid.
    Paid,
    /// The holder is to confirm it first.
    Confirm,
    /// It is not paid.
    Refused(Refusal),
}

impl SandboxCard {
    /// Every card there is.
    pub const ALL: [Self; 5] =
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

    /// The card of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|card| card.name() == name)
    }

    /// The card as anybody may know it, when it is used at `now`.
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
    store: Store,
}

impl Sandbox {
    /// A sandbox that keeps its books in `store`.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// A reader pays with a card at the sandbox's till, who may have confirmed it already.
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
        self.store.keep_charge(&charge).await.map_err(|error| unreachable(&error))?;
        Ok(Answer::Paid)
    }
}

#[async_trait]
impl Processor for Sandbox {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn begin(&self, errand: &CheckoutRequest<'_>) -> Result<PaymentPage, ProcessorError> {
        let reference = errand.checkout.key.to_string();
        Ok(PaymentPage { reference, page: format!("{}/sandbox", errand.path) })
    }

    async fn outcome(&self, checkout: &Checkout) -> Result<CheckoutOutcome, ProcessorError> {
        let charge = self.store.charge(&checkout.key.to_string()).await;
        let paid = charge.map_err(|error| unreachable(&error))?.filter(|charge| charge.paid);
        let card = paid.and_then(|charge| SandboxCard::named(&charge.reference));
        Ok(card.map_or(CheckoutOutcome::Open, |card| {
            CheckoutOutcome::Paid(Mandate {
                processor: NAME.to_owned(),
                reference: card.name().to_owned(),
                card: Some(card.card(checkout.begun)),
            })
        }))
    }

    async fn collect(&self, order: &Order) -> Result<Collected, ProcessorError> {
        let refusal = refusal(order);
        let charge = Charge {
            key: order.key.clone(),
            account: order.account,
            reference: order.mandate.reference.clone(),
            paid: refusal.is_none(),
        };
        self.store.keep_charge(&charge).await.map_err(|error| unreachable(&error))?;
        let kept = self.store.charge(&order.key).await.map_err(|error| unreachable(&error))?;
        Ok(match (kept.is_some_and(|kept| kept.paid), refusal) {
            (true, _) => Collected::Paid,
            (false, refusal) => Collected::Refused(refusal.unwrap_or(Refusal::Declined)),
        })
    }

    async fn repay(&self, repayment: &RefundRequest) -> Result<(), ProcessorError> {
        let charge = Charge {
            key: format!("refund-{}", repayment.number),
            account: repayment.account,
            reference: repayment.amount.to_string(),
            paid: false,
        };
        self.store.keep_charge(&charge).await.map_err(|error| unreachable(&error))
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

fn unreachable(error: &StoreError) -> ProcessorError {
    ProcessorError::Unreachable(error.to_string())
}
