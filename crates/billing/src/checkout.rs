//! Checkouts: what became of one, and what was bought with it.

use masthead_circulation::{
    Account, AccountId, Actor, Checkout, Digest, Mandate, NewPayment, Payment, PaymentSource,
    PaymentStatus, Progress, Purpose, Subscription, SubscriptionEmail, SubscriptionId,
    UnusedReason,
};
use masthead_payments::{CheckoutOutcome, ProcessorError};

use crate::{
    Billing, BillingError,
    apply::Applied,
    billing::{ATTEMPTS, PlannedChange},
};

/// What became of a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckoutStatus {
    /// What was bought is there.
    Done,
    /// It is not paid, or not yet.
    Waiting,
    /// It was not paid and can no longer be.
    Over,
    /// The processor does not answer.
    Unanswered,
    /// It is paid, and what was bought could not be delivered, because the reader's subscriptions were changed again and
    /// again meanwhile. The next sweep tries again.
    Undelivered,
}

impl Billing {
    /// Asks what became of a checkout, and delivers what was paid for. It may be called any number of
    /// times.
    ///
    /// # Errors
    ///
    /// Fails if the database does, or an email cannot be composed. A recorded payment stays recorded.
    #[tracing::instrument(skip_all)]
    pub async fn settle(&self, checkout: &Checkout) -> Result<CheckoutStatus, BillingError> {
        match self.processors.outcome(checkout).await {
            Ok(outcome) => self.settle_as(checkout, outcome).await,
            Err(error) => {
                no_answer(checkout, &error);
                Ok(CheckoutStatus::Unanswered)
            }
        }
    }

    /// Closes the payment pages of checkouts that a reader has left for another one of the same offer. What was
    /// paid before that is delivered.
    ///
    /// # Errors
    ///
    /// Fails as [`Billing::settle`] does.
    #[tracing::instrument(skip_all)]
    pub async fn close_superseded(&self, account: AccountId) -> Result<(), BillingError> {
        for checkout in self.store.open_checkouts_of(account).await? {
            if checkout.is_superseded {
                self.settle(&checkout).await?;
            }
        }
        Ok(())
    }

    /// Acts on what the processor says of a checkout.
    pub(crate) async fn settle_as(
        &self,
        checkout: &Checkout,
        outcome: CheckoutOutcome,
    ) -> Result<CheckoutStatus, BillingError> {
        match outcome {
            CheckoutOutcome::Open => {
                if checkout.is_to_be_closed() {
                    self.close(checkout).await;
                }
                Ok(CheckoutStatus::Waiting)
            }
            CheckoutOutcome::Over => {
                self.store.abandon_checkout(checkout).await?;
                Ok(CheckoutStatus::Over)
            }
            CheckoutOutcome::Paid(mandate)
                if checkout.progress != Progress::Done
                    && checkout.is_closed(is_collected(checkout, &mandate)) =>
            {
                Ok(CheckoutStatus::Over)
            }
            CheckoutOutcome::Paid(mandate) => {
                let is_paid = is_collected(checkout, &mandate);
                self.deliver(checkout, mandate).await?;
                Ok(match self.store.checkout(&checkout.key).await? {
                    // Only checkouts that are settled are deleted, with their account.
                    None => CheckoutStatus::Done,
                    Some(latest) if latest.progress == Progress::Done => CheckoutStatus::Done,
                    // A trial does not begin if the reader has subscribed meanwhile.
                    Some(latest) if latest.is_closed(is_paid) => CheckoutStatus::Over,
                    Some(_) => CheckoutStatus::Undelivered,
                })
            }
        }
    }

    /// Closes the payment page of a checkout that nobody is to pay any more. If that fails, it is tried again when
    /// the checkout is asked about next; what is paid meanwhile is delivered, or becomes a pending refund.
    async fn close(&self, checkout: &Checkout) {
        if let Err(error) = self.processors.close(checkout).await {
            tracing::warn!(%error, processor = checkout.processor, "checkout: not closed");
        }
    }

    /// Delivers what a checkout has paid for, once. What it has paid is recorded first.
    ///
    /// # Errors
    ///
    /// Fails if the database does, or an email cannot be composed. A recorded payment stays recorded.
    #[tracing::instrument(skip_all)]
    pub async fn deliver(&self, checkout: &Checkout, mandate: Mandate) -> Result<(), BillingError> {
        let payment = self.record_checkout(checkout, &mandate).await?;
        if payment.as_ref().is_some_and(|payment| payment.status != PaymentStatus::Recorded) {
            self.store.finish_checkout(checkout).await?;
        }
        // Somebody may change the same subscription in that instant; then it is computed again.
        for _ in 0..ATTEMPTS {
            let Some(latest) = self.store.checkout(&checkout.key).await? else { break };
            if latest.is_closed(payment.is_some()) {
                break;
            }
            match checkout.purpose {
                Purpose::Begin => self.begin(checkout, &mandate, payment.as_ref()).await?,
                Purpose::UpdateCard(id) => {
                    self.take_card(checkout, id, &mandate, payment.as_ref()).await?;
                }
            }
        }
        match checkout.account {
            Some(account) => self.changed(account).await,
            None => Ok(()),
        }
    }

    /// Records what was paid at a checkout. Returns `None` if nothing was: a card for later, or an
    /// invoice.
    async fn record_checkout(
        &self,
        checkout: &Checkout,
        mandate: &Mandate,
    ) -> Result<Option<Payment>, BillingError> {
        if !is_collected(checkout, mandate) {
            return Ok(None);
        }
        let now = self.now();
        let subscription = match checkout.purpose {
            Purpose::Begin => None,
            Purpose::UpdateCard(id) => Some(id),
        };
        let card = mandate.card.as_ref().map(|card| self.publication.card_words(card));
        let new = NewPayment {
            source: PaymentSource::Checkout(checkout.key),
            processor: checkout.processor.clone(),
            reference: checkout.reference.clone(),
            account: checkout.account,
            subscription,
            what: checkout.terms.name.clone(),
            amount: checkout.amount,
            from: now,
            through: checkout.terms.first(now, &self.zone()).through,
            card: card.unwrap_or_default(),
            tax: self.publication.tax_of(&checkout.terms.product),
        };
        Ok(Some(self.store.record_payment(&new, now).await?))
    }

    /// Applies a payment that was recorded and not applied: the server stopped in between.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn apply_checkout(
        &self,
        payment: &Payment,
        key: &Digest,
    ) -> Result<Applied, BillingError> {
        if let Some(checkout) = self.store.checkout(key).await?
            && checkout.progress != Progress::Done
        {
            return self.apply_unsettled(payment, &checkout).await;
        }
        let Some(latest) = self.store.payment(payment.number).await? else {
            return Ok(Applied::Unusable);
        };
        if latest.status == PaymentStatus::Applied {
            return Ok(Applied::Done);
        }
        let subscription = match latest.subscription {
            Some(id) => self.latest(id).await?,
            None => None,
        };
        let reason = match subscription {
            Some(_) => UnusedReason::PaidAlready,
            None => UnusedReason::NothingToPayFor,
        };
        if latest.status == PaymentStatus::Recorded {
            self.set_aside(&latest, reason, subscription.as_ref()).await?;
        }
        Ok(Applied::Unusable)
    }

    /// Applies the recorded payment of a checkout that is not settled, as its processor says. If that does not
    /// know the checkout, or says that it is not paid, staff decide about the payment once the checkout is
    /// given up.
    async fn apply_unsettled(
        &self,
        payment: &Payment,
        checkout: &Checkout,
    ) -> Result<Applied, BillingError> {
        let status = match self.processors.outcome(checkout).await {
            Ok(outcome) => self.settle_as(checkout, outcome).await?,
            Err(error) => {
                no_answer(checkout, &error);
                if matches!(error, ProcessorError::Unreachable(_)) {
                    return Ok(Applied::Unreachable);
                }
                CheckoutStatus::Unanswered
            }
        };
        if status == CheckoutStatus::Done {
            return Ok(Applied::Done);
        }
        if status == CheckoutStatus::Undelivered || checkout.progress == Progress::Open {
            return Ok(Applied::Later);
        }
        let subscription = match payment.subscription {
            Some(id) => self.latest(id).await?,
            None => None,
        };
        let (payment, reason) = (Some(payment), UnusedReason::NothingToPayFor);
        self.finish_unused(checkout, payment, reason, subscription.as_ref()).await?;
        Ok(Applied::Unusable)
    }

    /// Returns the reader of a checkout, or `None` if the account is deleted.
    pub(crate) async fn buyer(&self, checkout: &Checkout) -> Result<Option<Account>, BillingError> {
        match checkout.account {
            Some(account) => Ok(self.store.account(account).await?),
            None => Ok(None),
        }
    }

    /// Takes another card for a subscription, and what was paid with it of what was due. If that was paid
    /// another way meanwhile, or if the reader has another subscription, only the card is taken.
    async fn take_card(
        &self,
        checkout: &Checkout,
        id: SubscriptionId,
        mandate: &Mandate,
        payment: Option<&Payment>,
    ) -> Result<(), BillingError> {
        let now = self.now();
        let Some(before) = self.latest(id).await? else {
            return self
                .finish_unused(checkout, payment, UnusedReason::NothingToPayFor, None)
                .await;
        };
        let is_succeeded = self.is_succeeded(&before).await?;
        let with_card = Subscription { mandate: mandate.clone(), ..before.clone() };
        let renewed = match payment {
            Some(_) if before.is_paid_at(now) => Err(UnusedReason::PaidAlready),
            Some(_) if is_succeeded => Err(UnusedReason::SubscribedAlready),
            Some(payment) => self.next_period_of(&with_card, payment.amount, None).map(Some),
            None => Ok(None),
        };
        let (after, paid, unused) = match renewed {
            Ok(Some((after, paid))) => (after, Some(paid), None),
            Ok(None) => (with_card, None, None),
            Err(reason) => (with_card, None, Some(reason)),
        };
        let dated = match (payment, paid) {
            (Some(payment), Some(paid)) => {
                Some(Payment { from: paid.from, through: paid.through, ..payment.clone() })
            }
            (_, None) | (None, _) => None,
        };
        let change = PlannedChange {
            before: &before,
            after,
            actor: Actor::Reader,
            what: "card-changed",
            news: paid.map(|paid| (SubscriptionEmail::Receipt, paid.through)),
            payment: dated.as_ref(),
        };
        // What the latest row makes of the payment is only known once the change is made.
        let settled = self.settle_with(checkout, change).await?;
        if let (true, Some(payment), Some(reason)) = (settled, payment, unused) {
            self.set_aside(payment, reason, Some(&before)).await?;
        }
        Ok(())
    }

    /// Makes the change that a checkout has paid for. Returns `false` if the subscription has changed since it
    /// was read, or if the checkout was settled before.
    async fn settle_with(
        &self,
        checkout: &Checkout,
        change: PlannedChange<'_>,
    ) -> Result<bool, BillingError> {
        let reader = self.buyer(checkout).await?;
        let lacks_delivery = self.lacks_delivery(&change).await?;
        let change = self.complete(change, reader.as_ref(), lacks_delivery)?;
        Ok(self.store.settle_with(checkout, &change, self.now()).await?)
    }

    /// Finishes a checkout whose payment no subscription can take.
    pub(crate) async fn finish_unused(
        &self,
        checkout: &Checkout,
        payment: Option<&Payment>,
        reason: UnusedReason,
        subscription: Option<&Subscription>,
    ) -> Result<(), BillingError> {
        if let Some(payment) = payment {
            self.set_aside(payment, reason, subscription).await?;
        }
        Ok(self.store.finish_checkout(checkout).await?)
    }
}

/// Returns whether a processor collects at a checkout: not for a card for later, a trial or an invoice.
fn is_collected(checkout: &Checkout, mandate: &Mandate) -> bool {
    !checkout.amount.is_zero() && !mandate.is_manual() && !checkout.processor.is_empty()
}

/// Logs that a processor did not say what became of a checkout.
pub(crate) fn no_answer(checkout: &Checkout, error: &ProcessorError) {
    tracing::error!(%error, processor = checkout.processor, "checkouts: no answer, asking again");
}
