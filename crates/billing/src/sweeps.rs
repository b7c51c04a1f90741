//! Retries what was interrupted: unanswered orders and refunds, payments that were recorded and not
//! applied, and checkouts that nobody came back from.
//!
//! A sweep handles several rows at the same time and begins none after a minute. What it has asked about is
//! asked about later next time, so that no row keeps another waiting, and a processor that does not answer
//! is left alone until the next sweep.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use masthead_circulation::{
    Checkout, Payment, PaymentNumber, PaymentSource, Refund, offer::CHECKOUT_LIFETIME,
};
use masthead_payments::ProcessorError;
use masthead_store::PlannedCharge;
use parking_lot::Mutex;

use crate::{
    Billing, BillingError,
    apply::Applied,
    checkout::{CheckoutStatus, no_answer},
    orders::{Answer, Given, RETRY},
    panics::contain_panic,
    refunds::FIRST_RETRY,
    staff_actions::EntryError,
};

/// How long a reader has to come back from the payment page by themselves.
const COMES_BACK: SignedDuration = SignedDuration::from_secs(60);
/// How long a recorded payment is left to the server that recorded it.
const APPLIED_WITHIN: SignedDuration = SignedDuration::from_secs(30);
/// How long after its time a processor may say that it does not know a checkout, before it is given up.
pub(crate) const RESOLVED_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// The shortest and the longest pause between two questions about a checkout.
const PAUSES: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(1), SignedDuration::from_mins(30));
/// The pause of what is not asked about because its processor did not answer about something else. It is
/// shorter than the others, so that rows that never get an answer hold up no other.
const NOT_ASKED: SignedDuration = SignedDuration::from_secs(30);
/// The longest time before a refund is asked for again.
const LAST_RETRY: SignedDuration = SignedDuration::from_hours(24);
/// Rows that are read at once.
const BATCH: u64 = 200;
/// Rows that are handled at the same time.
const CONCURRENT: usize = 8;
/// No row is begun after this time; the next sweep begins with what is left.
const RUN: Duration = Duration::from_mins(1);

/// One run of a sweep.
struct Sweep {
    begun: Instant,
    /// The processors that did not answer in this run.
    silent: Mutex<HashSet<String>>,
}

impl Billing {
    /// Asks about checkouts that nobody came back from: what was paid is delivered, and what was not is
    /// given up once its time is over.
    ///
    /// # Errors
    ///
    /// Fails if the checkouts cannot be read. A checkout that fails is logged and tried again.
    #[tracing::instrument(skip_all)]
    pub async fn sweep_checkouts(&self) -> Result<(), BillingError> {
        let (sweep, now) = (Sweep::start(), self.now());
        let checkouts = self.store.checkouts_to_ask(now - COMES_BACK, now, BATCH).await?;
        let asking = checkouts.iter().map(|checkout| async {
            if let Err(error) = self.ask_about(checkout, &sweep).await {
                let key = checkout.key.to_string();
                tracing::error!(%error, key, "checkouts: not settled, trying again");
            }
        });
        sweep.run(asking).await;
        Ok(())
    }

    async fn ask_about(&self, checkout: &Checkout, sweep: &Sweep) -> Result<(), BillingError> {
        let now = self.now();
        let age = now.duration_since(checkout.begun);
        let is_silent = sweep.is_silent(&checkout.processor);
        let next = if is_silent { NOT_ASKED } else { pause(age) };
        self.store.defer_checkout(&checkout.key, now + next).await?;
        if is_silent {
            return Ok(());
        }
        match self.processors.outcome(checkout).await {
            Ok(outcome) => {
                let status = self.settle_as(checkout, outcome).await?;
                let is_over = age > CHECKOUT_LIFETIME + COMES_BACK;
                if status == CheckoutStatus::Waiting
                    && is_over
                    && self.processors.gives_up(checkout)
                {
                    self.store.abandon_checkout(checkout).await?;
                }
            }
            Err(error @ ProcessorError::Misunderstood(_))
                if age > CHECKOUT_LIFETIME + RESOLVED_WITHIN =>
            {
                let (processor, reference) = (&checkout.processor, &checkout.reference);
                tracing::error!(%error, processor, reference, "checkouts: given up, not known");
                self.store.give_up_checkout(checkout).await?;
            }
            Err(error) => {
                no_answer(checkout, &error);
                if matches!(error, ProcessorError::Unreachable(_)) {
                    sweep.silence(&checkout.processor);
                }
            }
        }
        Ok(())
    }

    /// Asks again for refunds whose answers were lost. Each waits as long again as it has waited, so that a
    /// processor that is away is asked less and less often. Then stops the renewals of what was refunded elsewhere.
    ///
    /// # Errors
    ///
    /// Fails if the refunds cannot be read. A refund that is not made is logged and asked for again.
    #[tracing::instrument(skip_all)]
    pub async fn sweep_refunds(&self) -> Result<(), BillingError> {
        let sweep = Sweep::start();
        let refunds = self.store.open_refunds(self.now(), BATCH).await?;
        let asking = refunds.iter().map(|refund| async {
            if let Err(error) = self.retry_refund(refund).await {
                tracing::error!(%error, payment = refund.payment.0, "refunds: not made");
            }
        });
        sweep.run(asking).await;
        Box::pin(self.follow_refunds_elsewhere()).await
    }

    async fn retry_refund(&self, refund: &Refund) -> Result<(), EntryError> {
        let now = self.now();
        let next = now + now.duration_since(refund.at).clamp(FIRST_RETRY, LAST_RETRY);
        if self.store.claim_refund(refund, now, next).await? {
            self.ask_refund_again(refund).await?;
        }
        Ok(())
    }

    /// Asks again for the answers of orders that were interrupted, and applies what was paid. Does nothing while the clock has jumped.
    ///
    /// # Errors
    ///
    /// Fails if the orders cannot be read. An order that fails is logged and tried again.
    #[tracing::instrument(skip_all)]
    pub async fn sweep_orders(&self) -> Result<(), BillingError> {
        let (sweep, now) = (Sweep::start(), self.now());
        if !self.may_charge() {
            return Ok(());
        }
        let orders = self.store.open_charges(now, BATCH).await?;
        let asking = orders.iter().map(|order| async {
            if let Err(error) = self.retry_order(order, &sweep).await {
                let subscription = order.subscription.map(|id| id.0);
                tracing::error!(%error, subscription, "orders: failed, trying again");
            }
        });
        sweep.run(asking).await;
        Ok(())
    }

    async fn retry_order(&self, order: &PlannedCharge, sweep: &Sweep) -> Result<(), BillingError> {
        let processor = &order.mandate.processor;
        let is_silent = sweep.is_silent(processor);
        let next = if is_silent { NOT_ASKED } else { RETRY };
        self.store.defer_charge(&order.source.to_string(), self.now() + next).await?;
        if is_silent {
            return Ok(());
        }
        match self.ask(order).await? {
            Given::Answered(Answer::Paid(payment)) => {
                self.apply(&payment, None).await?;
            }
            // An order that gets no answer, while others do, stops none of them.
            Given::Answered(Answer::Failed(ProcessorError::Unreachable(_))) => {
                sweep.silence(processor);
            }
            Given::Answered(
                Answer::Failed(ProcessorError::Undecided(_) | ProcessorError::Misunderstood(_))
                | Answer::Pending
                | Answer::Refused,
            )
            | Given::ClockJumped
            | Given::Changed
            | Given::Busy => {}
        }
        Ok(())
    }

    /// Applies payments that were recorded and not applied. Those of checkouts, for which the processor is
    /// asked, come last, so that it holds up no other.
    ///
    /// # Errors
    ///
    /// Fails if the payments cannot be read. A payment that fails is logged and tried again.
    #[tracing::instrument(skip_all)]
    pub async fn sweep_payments(&self) -> Result<(), BillingError> {
        let (sweep, recorded) = (Sweep::start(), self.now() - APPLIED_WITHIN);
        let mut after = PaymentNumber(0);
        while !sweep.is_over() {
            let mut payments = self.store.unapplied_payments(after, recorded, BATCH).await?;
            let Some(last) = payments.last() else { break };
            after = last.number;
            payments.sort_by_key(asks);
            sweep.run(payments.iter().map(|payment| self.apply_recorded(payment, &sweep))).await;
        }
        Ok(())
    }

    async fn apply_recorded(&self, payment: &Payment, sweep: &Sweep) {
        let (asks, processor) = (asks(payment), &payment.processor);
        if asks && sweep.is_silent(processor) {
            return;
        }
        match self.apply(payment, None).await {
            Ok(Applied::Unreachable) => sweep.silence(processor),
            Ok(_) => {}
            Err(error) => {
                let payment = payment.number.0;
                tracing::error!(%error, payment, "payments: not applied, trying again");
            }
        }
    }
}

impl Sweep {
    fn start() -> Self {
        Self { begun: Instant::now(), silent: Mutex::default() }
    }

    fn is_over(&self) -> bool {
        self.begun.elapsed() >= RUN
    }

    fn is_silent(&self, processor: &str) -> bool {
        self.silent.lock().contains(processor)
    }

    fn silence(&self, processor: &str) {
        self.silent.lock().insert(processor.to_owned());
    }

    /// Handles rows, several at the same time, until the time of the run is over. A row that panics ends no
    /// other.
    async fn run<F: Future<Output = ()>>(&self, rows: impl Iterator<Item = F>) {
        // Collected first: a closure that borrows cannot be an argument of a stream across threads.
        let rows: Vec<_> = rows.map(|row| log_panic(Box::pin(row))).collect();
        let in_time = stream::iter(rows).take_while(|_| std::future::ready(!self.is_over()));
        in_time.buffer_unordered(CONCURRENT).collect::<()>().await;
    }
}

async fn log_panic(row: impl Future<Output = ()>) {
    if let Err(error) = contain_panic(row).await {
        tracing::error!(%error, "sweeps: a row panicked, trying again");
    }
}

/// Returns whether the processor is asked when a payment is applied.
fn asks(payment: &Payment) -> bool {
    matches!(payment.source, PaymentSource::Checkout(_))
}

/// How long to wait before a checkout of this age is asked about again.
fn pause(age: SignedDuration) -> SignedDuration {
    let (shortest, longest) = PAUSES;
    (age / 2).clamp(shortest, longest)
}
