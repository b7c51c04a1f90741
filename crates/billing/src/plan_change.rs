//! Changing to another price, for what the reader was shown.

use crate::{
    Billing, BillingError,
    apply::Applied,
    billing::PlannedChange,
    orders::{Answer, Given, OrderDetails, planned},
};
use jiff::Timestamp;
use masthead_circulation::{
    Actor, AgreedChange, CollectedPayment, PaidTime, PaymentSource, PriceChangeOrder, StaffActor,
    Subscription, SubscriptionEmail, Switch,
};
use masthead_store::PlannedCharge;

/// How often one change may be refused before the reader has to take another card.
const REFUSALS: u8 = 20;

/// What came of a change of price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanChange {
    /// The subscription has the new price.
    Done,
    /// The price is not sold, or the subscription does not go on. Nothing was collected.
    Gone,
    /// It would cost more now than the reader was shown. Nothing was collected.
    CostChanged,
    /// The bank refused the card. It can be tried again, with this card or another.
    Refused,
    /// The bank has not decided. When it pays, the subscription is changed.
    Pending,
    /// The processor does not answer. If it has collected, the subscription is changed.
    Unanswered,
    /// The machine's clock has jumped, so nothing is worked out by it for some minutes. Nothing was collected.
    Waiting,
    /// Something else happened to the subscription at the same time. Nothing was collected for the change.
    Busy,
    /// It was collected, and the subscription could no longer be changed: it is a pending refund.
    Unusable,
}

impl Billing {
    /// Changes a subscription to the price with this slug, for at most `shown` minor units today.
    ///
    /// # Errors
    ///
    /// Fails if the database does, or an email cannot be composed. A recorded payment stays recorded and
    /// is applied by the next sweep.
    #[tracing::instrument(skip_all)]
    pub async fn change_price(
        &self,
        read: &Subscription,
        price: &str,
        shown: u64,
    ) -> Result<PlanChange, BillingError> {
        self.change_price_for(read, price, shown, None).await
    }

    /// What it costs at this moment to change a subscription, for which this was `collected`, to each of the prices, by slug. Those to
    /// which it cannot be changed are left out.
    pub fn price_changes(
        &self,
        read: &Subscription,
        collected: &[CollectedPayment],
    ) -> Vec<(String, Switch)> {
        let (now, zone) = (self.now(), self.zone());
        let change = |price: String| {
            let switch =
                read.switch(&self.publication.terms(&price)?, collected, now, &zone).ok()?;
            // What is paid by invoice is not collected today.
            let is_possible = switch.today.is_zero() || !read.mandate.is_manual();
            is_possible.then_some((price, switch))
        };
        self.publication.prices().into_iter().filter_map(change).collect()
    }

    /// Does the same as [`Billing::change_price`] for a reader who has asked staff for it. `staff` is `None` for the
    /// reader.
    ///
    /// # Errors
    ///
    /// As [`Billing::change_price`].
    #[tracing::instrument(skip_all)]
    pub async fn change_price_for(
        &self,
        read: &Subscription,
        price: &str,
        shown: u64,
        staff: Option<StaffActor>,
    ) -> Result<PlanChange, BillingError> {
        let actor = staff.clone().map(|staff| Actor::Staff(Some(staff)));
        let now = self.now();
        if !self.may_charge() {
            return Ok(PlanChange::Waiting);
        }
        let Some(terms) = self.publication.terms(price) else { return Ok(PlanChange::Gone) };
        let collected = self.store.collected_for(read.id).await?;
        let Ok(switch) = read.switch(&terms, &collected, now, &self.zone()) else {
            return Ok(PlanChange::Gone);
        };
        // Nobody pays more than they were shown, but for what a minute costs.
        if switch.today.minor() > shown.saturating_add(switch.terms.amount.minor() / 100) {
            return Ok(PlanChange::CostChanged);
        }
        if switch.today.is_zero() {
            let actor = actor.unwrap_or(Actor::Reader);
            return self.change_without_payment(read, &switch, &collected, actor).await;
        }
        if read.mandate.is_manual() {
            return Ok(PlanChange::Gone);
        }
        match self.order_change(read, price, (&switch, now), staff.as_ref()).await? {
            Given::Answered(Answer::Paid(payment)) => {
                Ok(match self.apply(&payment, actor.as_ref()).await? {
                    Applied::Done => PlanChange::Done,
                    Applied::Unusable => PlanChange::Unusable,
                    Applied::Later | Applied::Unreachable => PlanChange::Pending,
                })
            }
            Given::Answered(Answer::Refused) => Ok(PlanChange::Refused),
            Given::Answered(Answer::Pending) => Ok(PlanChange::Pending),
            Given::Answered(Answer::Failed(_)) => Ok(PlanChange::Unanswered),
            Given::ClockJumped => Ok(PlanChange::Waiting),
            Given::Changed | Given::Busy => Ok(PlanChange::Busy),
        }
    }

    /// Orders a change. One that was refused before is ordered again under a key of its own.
    async fn order_change(
        &self,
        read: &Subscription,
        price: &str,
        (switch, now): (&Switch, Timestamp),
        staff: Option<&StaffActor>,
    ) -> Result<Given, BillingError> {
        let period = read.next_payment(&self.zone()).from.as_second();
        let paid = PaidTime { amount: switch.today, from: now, through: switch.through };
        for attempt in 0..REFUSALS {
            let source = PaymentSource::PriceChange(PriceChangeOrder {
                subscription: read.id,
                period,
                attempt,
                amount: switch.today,
                mandate: (&read.mandate).into(),
                price: price.to_owned(),
            });
            let key = source.to_string();
            if self.store.charge(&key).await?.is_some_and(|known| known.refused()) {
                continue;
            }
            let tax = self.publication.tax_of(&switch.terms.product);
            let details = OrderDetails { what: &switch.terms.name, due: now, asked: now, tax };
            let order = planned(source, read, paid, details);
            let (terms, credit) = (switch.terms.clone(), switch.credit);
            let agreed = Some(AgreedChange { terms, credit, asked: now });
            let order = PlannedCharge { staff: staff.cloned(), agreed, ..order };
            return self.give(&order, read).await;
        }
        Ok(Given::Answered(Answer::Refused))
    }

    async fn change_without_payment(
        &self,
        before: &Subscription,
        switch: &Switch,
        collected: &[CollectedPayment],
        actor: Actor,
    ) -> Result<PlanChange, BillingError> {
        let after = before.switched(switch, self.now());
        let news = Some((SubscriptionEmail::Receipt, switch.through));
        let (what, payment) = ("switched", None);
        let planned = PlannedChange { before, after, actor, what, payment, news };
        let made = self.make(planned, Some(collected)).await?;
        Ok(if made { PlanChange::Done } else { PlanChange::Busy })
    }
}
