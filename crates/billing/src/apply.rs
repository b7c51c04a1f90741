//! Applying a recorded payment: the change that it pays for, computed on the latest row.

use masthead_circulation::{
    AccountId, Actor, AgreedChange, CollectedPayment, Event, Mandate, Money, PaidTime, Payment,
    PaymentNumber, PaymentSource, PaymentStatus, PriceChangeOrder, RenewalOrder, Subscription,
    SubscriptionEmail, SubscriptionId, UnusedReason,
};
use masthead_store::{Email, WithdrawnPayment};

use crate::{
    Billing, BillingError,
    billing::{ATTEMPTS, PlannedChange},
};

/// What became of a recorded payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// It was applied to a subscription.
    Done,
    /// No subscription can take it: it is a pending refund, or staff have decided about it.
    Unusable,
    /// The subscription was changed again and again meanwhile, or its processor says that the checkout is not
    /// paid; the next sweep tries again.
    Later,
    /// Its processor cannot be reached; the next sweep tries again.
    Unreachable,
}

/// What a payment does to the latest row of its subscription.
enum Effect {
    Change { after: Box<Subscription>, what: &'static str, paid: PaidTime },
    Unusable(UnusedReason),
}

impl Billing {
    /// Applies a recorded payment. `actor` is who is noted in the audit, if it is not who the source
    /// names.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn apply(
        &self,
        payment: &Payment,
        actor: Option<&Actor>,
    ) -> Result<Applied, BillingError> {
        if let PaymentSource::Checkout(key) = &payment.source {
            return self.apply_checkout(payment, key).await;
        }
        for _ in 0..ATTEMPTS {
            if let Some(applied) = self.try_to_apply(payment.number, actor).await? {
                return Ok(applied);
            }
        }
        Ok(Applied::Later)
    }

    /// Applies a payment to its subscription as both are now. Returns `None` if another change came first.
    async fn try_to_apply(
        &self,
        number: PaymentNumber,
        actor: Option<&Actor>,
    ) -> Result<Option<Applied>, BillingError> {
        let Some(payment) = self.store.payment(number).await? else {
            return Ok(Some(Applied::Unusable));
        };
        match payment.status {
            PaymentStatus::Recorded => {}
            PaymentStatus::Applied => return Ok(Some(Applied::Done)),
            PaymentStatus::RefundPending | PaymentStatus::Refunded | PaymentStatus::Kept => {
                return Ok(Some(Applied::Unusable));
            }
        }
        let before = match payment.subscription {
            Some(id) => self.latest(id).await?,
            None => None,
        };
        let Some(before) = before else {
            self.set_aside(&payment, UnusedReason::NothingToPayFor, None).await?;
            return Ok(Some(Applied::Unusable));
        };
        let (mut collected, mut agreed) = (None, None);
        if let PaymentSource::PriceChange(order) = &payment.source {
            collected = Some(self.store.collected_for(before.id).await?);
            agreed = self.agreed(&payment, order).await?;
        }
        let effect = if self.is_succeeded(&before).await? {
            Effect::Unusable(UnusedReason::SubscribedAlready)
        } else {
            let credit = (agreed.as_ref(), collected.as_deref().unwrap_or_default());
            self.effect(&payment, &before, credit)
        };
        match effect {
            Effect::Unusable(reason) => {
                // Another server may have applied it since it was read: then it is looked at once more.
                let is_aside = self.set_aside(&payment, reason, Some(&before)).await?;
                Ok(is_aside.then_some(Applied::Unusable))
            }
            Effect::Change { after, what, paid } => {
                let payment = Payment { from: paid.from, through: paid.through, ..payment };
                let actor = match actor {
                    Some(actor) => actor.clone(),
                    None => self.actor_of(&payment.source).await?,
                };
                let news = Some((SubscriptionEmail::Receipt, paid.through));
                let (before, after, payment) = (&before, *after, Some(&payment));
                let planned = PlannedChange { before, after, actor, what, payment, news };
                Ok(self.make(planned, collected.as_deref()).await?.then_some(Applied::Done))
            }
        }
    }

    /// Returns whether a subscription has ended and its reader has another. A late payment would make both
    /// renew. The database decides once more when it is applied.
    pub(crate) async fn is_succeeded(&self, ended: &Subscription) -> Result<bool, BillingError> {
        let now = self.now();
        if ended.state.ends().is_none() {
            return Ok(false);
        }
        let held = self.store.subscriptions_of(ended.account).await?;
        Ok(held.iter().any(|other| ended.is_succeeded_by(other, now)))
    }

    /// Who is noted for what a payment does: staff, if they ordered it for the reader, also if it was paid later.
    async fn actor_of(&self, source: &PaymentSource) -> Result<Actor, BillingError> {
        let staff = self.store.ordering_staff(&source.to_string()).await?;
        Ok(staff.map_or_else(|| actor_of(source), |staff| Actor::Staff(Some(staff))))
    }

    /// What was agreed when a change of price was ordered. Earlier versions did not note it: then the price is what it is now, and what
    /// was not paid of it was credited.
    async fn agreed(
        &self,
        payment: &Payment,
        order: &PriceChangeOrder,
    ) -> Result<Option<AgreedChange>, BillingError> {
        if let Some(agreed) = self.store.agreed_change(&payment.source.to_string()).await? {
            return Ok(Some(agreed));
        }
        Ok(self.publication.terms(&order.price).map(|terms| {
            let credit = terms.amount.minor().saturating_sub(payment.amount.minor());
            let credit = Money::of(credit, payment.amount.currency());
            AgreedChange { terms, credit, asked: payment.from }
        }))
    }

    fn effect(
        &self,
        payment: &Payment,
        before: &Subscription,
        credit: (Option<&AgreedChange>, &[CollectedPayment]),
    ) -> Effect {
        match &payment.source {
            PaymentSource::Renewal(RenewalOrder { period, .. })
            | PaymentSource::FormerRenewal { period, .. } => {
                self.next_period(payment, before, Some(*period), "renewed")
            }
            PaymentSource::EnteredByStaff { period, .. } => {
                self.next_period(payment, before, Some(*period), "payment-entered")
            }
            PaymentSource::PriceChange(_) => self.other_price(payment, before, credit),
            // An earlier version did not note which price was paid for.
            PaymentSource::FormerPriceChange { .. } => {
                Effect::Unusable(UnusedReason::ChangeImpossible)
            }
            // A checkout is applied by its own module, a beginning together with its subscription.
            PaymentSource::Checkout(_) | PaymentSource::BegunByStaff { .. } => {
                Effect::Unusable(UnusedReason::NothingToPayFor)
            }
            PaymentSource::Unknown(_) => Effect::Unusable(UnusedReason::UnknownSource),
        }
    }

    /// The subscription goes on for another period. A period that was paid for another way meanwhile is
    /// not paid for twice.
    pub(crate) fn next_period_of(
        &self,
        before: &Subscription,
        amount: masthead_circulation::Money,
        period: Option<i64>,
    ) -> Result<(Subscription, PaidTime), UnusedReason> {
        let now = self.now();
        let Ok(passed) = before.after(Event::TimePassed, now) else {
            return Err(UnusedReason::SubscriptionEnded);
        };
        let next = passed.next_payment(&self.zone());
        if period.is_some_and(|period| next.from.as_second() > period) && passed.is_paid_at(now) {
            return Err(UnusedReason::PaidAlready);
        }
        let paid = PaidTime { amount, ..next };
        match passed.extended(paid, now) {
            Ok(after) => Ok((after, paid)),
            Err(_) => Err(UnusedReason::SubscriptionEnded),
        }
    }

    fn next_period(
        &self,
        payment: &Payment,
        before: &Subscription,
        period: Option<i64>,
        what: &'static str,
    ) -> Effect {
        match self.next_period_of(before, payment.amount, period) {
            Ok((after, paid)) => Effect::Change { after: after.into(), what, paid },
            Err(reason) => Effect::Unusable(reason),
        }
    }

    /// What was collected counts, and not what it would cost at this instant. What was refunded or taken back since the change was
    /// ordered is not credited.
    fn other_price(
        &self,
        payment: &Payment,
        before: &Subscription,
        (agreed, collected): (Option<&AgreedChange>, &[CollectedPayment]),
    ) -> Effect {
        let (now, zone, amount) = (self.now(), self.zone(), payment.amount);
        let Some(agreed) = agreed else {
            return Effect::Unusable(UnusedReason::ChangeImpossible);
        };
        let Ok(switch) = before.switch_as_agreed(agreed, amount, collected, now, &zone) else {
            return Effect::Unusable(UnusedReason::ChangeImpossible);
        };
        let is_shorter = switch.credit.minor() < agreed.credit.minor();
        let what = if is_shorter { "switched-after-refund" } else { "switched" };
        let after = before.switched(&switch, now);
        let paid = PaidTime { amount, from: now, through: switch.through };
        Effect::Change { after: after.into(), what, paid }
    }

    /// Makes a payment that no subscription can take a pending refund, once, and tells the reader. Returns `false` if it was
    /// applied or set aside before.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn set_aside(
        &self,
        payment: &Payment,
        reason: UnusedReason,
        subscription: Option<&Subscription>,
    ) -> Result<bool, BillingError> {
        let email = SubscriptionEmail::PaymentUnused;
        let email = self.payment_email(email, payment, subscription).await?;
        let emails = email.as_slice();
        let is_new = match subscription.filter(|held| held.is_withdrawn()) {
            // It was collected while the reader withdrew from the contract, and is refunded like all that was paid for it.
            Some(held) => {
                let by_processor = self.is_refunded_by_processor(payment, held).await?;
                let paid = WithdrawnPayment { payment: payment.clone(), by_processor };
                self.store.set_withdrawn_aside(&paid, emails, self.now()).await?
            }
            None => {
                self.store.set_payment_aside(payment.number, reason, emails, self.now()).await?
            }
        };
        if is_new {
            let subscription = subscription.map(|subscription| subscription.id.0);
            let (payment, reason) = (payment.number.0, reason.name());
            tracing::warn!(payment, subscription, reason, "payments: no subscription can take it");
            self.publication.outbox_filled();
        }
        Ok(is_new)
    }

    /// What the reader is told of a payment, if the account is not deleted. If there is no subscription, it is about
    /// the one that they would have got.
    pub(crate) async fn payment_email(
        &self,
        email: SubscriptionEmail,
        payment: &Payment,
        subscription: Option<&Subscription>,
    ) -> Result<Option<Email>, BillingError> {
        let Some(account) = payment.account else { return Ok(None) };
        let Some(reader) = self.store.account(account).await? else { return Ok(None) };
        let subscription = match subscription {
            Some(subscription) => Some(subscription.clone()),
            None => self.ordered(payment, account).await?,
        };
        subscription
            .map(|about| self.email(&reader, email, &about, payment.at, Some(payment)))
            .transpose()
    }

    /// The subscription that the checkout of a payment would have begun.
    async fn ordered(
        &self,
        payment: &Payment,
        reader: AccountId,
    ) -> Result<Option<Subscription>, BillingError> {
        let PaymentSource::Checkout(key) = &payment.source else { return Ok(None) };
        let Some(checkout) = self.store.checkout(key).await? else { return Ok(None) };
        let (processor, reference) = (payment.processor.clone(), String::new());
        let mandate = Mandate { processor, reference, card: None };
        Ok(Some(self.bought(&checkout, reader, &mandate)))
    }
}

/// Who is noted for what a payment of this source does.
fn actor_of(source: &PaymentSource) -> Actor {
    match source {
        PaymentSource::Renewal(_) | PaymentSource::FormerRenewal { .. } => Actor::Calendar,
        PaymentSource::EnteredByStaff { .. } | PaymentSource::BegunByStaff { .. } => {
            Actor::Staff(None)
        }
        PaymentSource::Checkout(_)
        | PaymentSource::PriceChange(_)
        | PaymentSource::FormerPriceChange { .. } => Actor::Reader,
        PaymentSource::Unknown(_) => Actor::Processor,
    }
}

/// The subscription that a payment names, by its row or by its source.
pub(crate) fn subscription_of(payment: &Payment) -> Option<SubscriptionId> {
    payment.subscription.or_else(|| payment.source.subscription())
}
