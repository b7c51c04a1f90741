//! Orders: given once, asked again until they are answered, and recorded when they are paid.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{NewPayment, PaidTime, Payment, PaymentSource, Subscription, TaxRate};
use masthead_payments::{Collected, Order, ProcessorError};
use masthead_store::{ChargeStart, PlannedCharge};

use crate::{Billing, BillingError};

/// How long to wait before a processor that did not answer is asked again.
pub(crate) const RETRY: SignedDuration = SignedDuration::from_mins(10);
/// How long a bank has to decide before it is asked again, if no message arrives.
pub(crate) const PENDING: SignedDuration = SignedDuration::from_hours(1);
/// For how long after the upgrade an order may have been given by a server of the version before, whose
/// keys were others.
const FORMER_KEYS: SignedDuration = SignedDuration::from_hours(24);

/// What came of an order.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It is paid, and the payment is recorded.
    Paid(Box<Payment>),
    /// The bank has not decided.
    Pending,
    /// It will not be paid.
    Refused,
    /// The processor did not process it, or did not say what came of it; it is asked again.
    Failed(ProcessorError),
}

/// Whether an order was given.
#[derive(Debug)]
pub(crate) enum Given {
    /// It was given, and this came of it.
    Answered(Answer),
    /// The subscription has changed since it was read. Nothing was ordered.
    Changed,
    /// The machine's clock has jumped a moment ago. Nothing was ordered, and no answer was asked for.
    ClockJumped,
    /// Another order for the subscription is unanswered, or its payment is not applied yet. Nothing was
    /// ordered.
    Busy,
}

/// Whether a processor may have seen an order before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    First,
    Again,
}

impl Billing {
    /// Gives an order for a subscription as it was read. If another order for it is unanswered, that one
    /// is asked again and applied instead.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn give(
        &self,
        planned: &PlannedCharge,
        read: &Subscription,
    ) -> Result<Given, BillingError> {
        if !self.may_charge() {
            return Ok(Given::ClockJumped);
        }
        let retry_at = self.now() + RETRY;
        match self.store.start_charge(planned, read.version, retry_at).await? {
            ChargeStart::Started => {
                let given = self.order(planned, Asked::First).await?;
                // Nothing can have been collected: the reader may pay with another card.
                if matches!(
                    given,
                    Given::Answered(Answer::Failed(ProcessorError::Misunderstood(_)))
                ) {
                    self.store.withdraw_charge(&planned.source.to_string()).await?;
                }
                Ok(given)
            }
            ChargeStart::Again | ChargeStart::Answered { .. } => self.ask(planned).await,
            ChargeStart::Busy(other) => {
                self.ask_and_apply(&other).await?;
                Ok(Given::Busy)
            }
            ChargeStart::Unapplied(payment) => {
                self.apply(&payment, None).await?;
                Ok(Given::Busy)
            }
            ChargeStart::Changed => Ok(Given::Changed),
        }
    }

    /// Asks the processor again for the answer to an order, however often it was asked before, and records it. Nothing is asked
    /// while the clock has jumped, for any caller: by a wrong time a processor takes an order for one that it has forgotten, or the other
    /// way round.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn ask(&self, planned: &PlannedCharge) -> Result<Given, BillingError> {
        self.order(planned, Asked::Again).await
    }

    async fn order(&self, planned: &PlannedCharge, asked: Asked) -> Result<Given, BillingError> {
        let now = self.now();
        if !self.may_charge() {
            return Ok(Given::ClockJumped);
        }
        let order = Order {
            key: planned.source.to_string(),
            former_key: self.former_key(planned).await?,
            account: planned.account,
            mandate: planned.mandate.clone(),
            amount: planned.amount,
            due: planned.due,
            now,
            is_repeated: asked == Asked::Again,
        };
        let answer = self.answer(planned, &order).await?;
        Ok(Given::Answered(answer))
    }

    /// What the processor says of an order, which is recorded.
    async fn answer(&self, planned: &PlannedCharge, order: &Order) -> Result<Answer, BillingError> {
        let now = order.now;
        match self.processors.collect(order).await {
            Ok(Collected::Paid) => {
                let payment = self.store.record_payment(&self.payment(planned), now).await?;
                Ok(Answer::Paid(Box::new(payment)))
            }
            Ok(Collected::Pending) => {
                self.store.defer_charge(&order.key, now + PENDING).await?;
                Ok(Answer::Pending)
            }
            Ok(Collected::Refused(_) | Collected::AwaitingTransfer) => {
                self.store.close_charge(&order.key).await?;
                Ok(Answer::Refused)
            }
            Err(error) => {
                self.store.defer_charge(&order.key, now + RETRY).await?;
                let subscription = planned.subscription.map(|id| id.0);
                tracing::error!(%error, subscription, "orders: no answer, asking again");
                Ok(Answer::Failed(error))
            }
        }
    }

    /// Asks for the answer to an order and applies the payment if there is one. Returns `false` if nothing was asked, because the clock
    /// has jumped.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn ask_and_apply(
        &self,
        planned: &PlannedCharge,
    ) -> Result<bool, BillingError> {
        match self.ask(planned).await? {
            Given::Answered(Answer::Paid(payment)) => {
                self.apply(&payment, None).await?;
                Ok(true)
            }
            Given::ClockJumped => Ok(false),
            Given::Answered(Answer::Pending | Answer::Refused | Answer::Failed(_))
            | Given::Changed
            | Given::Busy => Ok(true),
        }
    }

    fn payment(&self, planned: &PlannedCharge) -> NewPayment {
        let card = planned.mandate.card.as_ref();
        NewPayment {
            source: planned.source.clone(),
            processor: planned.mandate.processor.clone(),
            reference: String::new(),
            account: planned.account,
            subscription: planned.subscription,
            what: planned.what.clone(),
            amount: planned.amount,
            from: planned.from,
            through: planned.through,
            card: card.map(|card| self.publication.card_words(card)).unwrap_or_default(),
            tax: planned.tax,
        }
    }

    /// Returns the key that an earlier version gave to the same order, if one may have given it.
    async fn former_key(&self, planned: &PlannedCharge) -> Result<Option<String>, BillingError> {
        let Some(former) = planned.source.former_key() else { return Ok(None) };
        let upgraded = self.store.payment_sources_since().await?;
        Ok((planned.due < upgraded + FORMER_KEYS).then_some(former))
    }
}

/// What an order is for, and since when.
#[derive(Clone, Copy)]
pub(crate) struct OrderDetails<'a> {
    /// What it pays for, in words.
    pub what: &'a str,
    /// Since when it is due.
    pub due: Timestamp,
    /// When it is given first.
    pub asked: Timestamp,
    /// The tax that it includes.
    pub tax: Option<TaxRate>,
}

/// An order for a subscription as it was read.
pub(crate) fn planned(
    source: PaymentSource,
    read: &Subscription,
    time: PaidTime,
    order: OrderDetails<'_>,
) -> PlannedCharge {
    PlannedCharge {
        source,
        account: Some(read.account),
        subscription: Some(read.id),
        mandate: read.mandate.clone(),
        amount: time.amount,
        what: order.what.to_owned(),
        from: time.from,
        through: time.through,
        due: order.due,
        asked: order.asked,
        tax: order.tax,
        staff: None,
        agreed: None,
    }
}
