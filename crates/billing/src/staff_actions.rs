//! What staff enter by hand: subscriptions that were not bought on the site, payments that came another
//! way, cancellations and longer trials.

mod entry;
mod error;
mod withdrawal;

use jiff::Timestamp;
use masthead_circulation::{
    Account, Actor, Event, MANUAL, NewPayment, PaidTime, PaymentSource, StaffActor, State,
    Subscription, SubscriptionEmail, SubscriptionId, TaxRate, last_day,
};
use masthead_store::StoreError;

pub use self::{
    entry::{Complimentary, PaidHow},
    error::EntryError,
    withdrawal::EnteredWithdrawal,
};
use crate::{Billing, apply::Applied, billing::PlannedChange};

impl Billing {
    /// Enters that the next period of a subscription was paid for. If no invoice has been sent for it,
    /// the reader pays `ahead`.
    ///
    /// # Errors
    ///
    /// Fails if there is no such subscription, or if it cannot be paid for in its state. The payment stays recorded if the
    /// subscription changes meanwhile; the error then has its number.
    #[tracing::instrument(skip_all)]
    pub async fn enter_payment(
        &self,
        id: SubscriptionId,
        ahead: bool,
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let before = self.subscription_to_change(id).await?;
        self.enter_transfer(&before, ahead, "", staff).await
    }

    /// Notes that somebody has paid the invoice of a subscription that was deleted with its account, so that the address may order by
    /// invoice again. There is no account that a payment could be entered for. Returns `false` if nothing is kept of it.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn enter_former_debt(&self, id: SubscriptionId) -> Result<bool, StoreError> {
        let is_deleted = self.store.subscription(id).await?.is_none();
        Ok(is_deleted && self.store.settle_former_debt(id, self.now()).await?)
    }

    /// Enters that the open invoice of a subscription was paid, for the period that begins at `period`. Of several entries for
    /// the same period one is made: then or later, the others find it paid. `reference` is that of the transfer.
    ///
    /// # Errors
    ///
    /// As [`Billing::enter_payment`], and if another period is to be paid by now.
    #[tracing::instrument(skip_all)]
    pub async fn mark_paid(
        &self,
        id: SubscriptionId,
        period: i64,
        reference: &str,
        staff: StaffActor,
    ) -> Result<Subscription, EntryError> {
        let before = self.subscription_to_change(id).await?;
        match self.open_invoice(&before) {
            Some(paid) if paid.from.as_second() == period => {
                self.enter_transfer(&before, false, reference, Some(staff)).await
            }
            Some(_) | None => Err(EntryError::Overtaken(Some(id))),
        }
    }

    /// What is to be paid for a subscription by invoice; `None` if nothing is.
    pub fn open_invoice(&self, subscription: &Subscription) -> Option<PaidTime> {
        let (now, zone) = (self.now(), self.zone());
        let state = subscription.state.after(Event::TimePassed, now).ok()?;
        let is_asked = match state {
            State::Grace { .. } => true,
            State::Active { through } => {
                through <= now || subscription.notified.renewal == Some(through)
            }
            State::Trial { .. }
            | State::Paused { .. }
            | State::Cancelling { .. }
            | State::Ended { .. } => false,
        };
        let paid = Subscription { state, ..subscription.clone() }.next_payment(&zone);
        let is_open = is_asked && subscription.mandate.is_manual() && !paid.amount.is_zero();
        is_open.then_some(paid)
    }

    async fn enter_transfer(
        &self,
        before: &Subscription,
        ahead: bool,
        reference: &str,
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let (now, zone, id) = (self.now(), self.zone(), before.id);
        let state = before.state.after(Event::TimePassed, now).unwrap_or(before.state);
        if let State::Active { through } = state
            && through > now
            && before.notified.renewal != Some(through)
            && !ahead
        {
            let last = last_day(through, &self.zone());
            return Err(EntryError::NotAsked { number: id.0, last });
        }
        let not_possible = EntryError::NotPossible { number: id.0, state };
        if matches!(state, State::Paused { .. } | State::Cancelling { .. })
            || before.renewed(now, &zone).is_err()
        {
            return Err(not_possible);
        }
        let paid = Subscription { state, ..before.clone() }.next_payment(&zone);
        if paid.amount.is_zero() {
            return Err(not_possible);
        }
        let source = PaymentSource::entered(id, paid.from);
        let tax = self.publication.tax_of(&before.terms.product);
        let entered = entered_payment(source, before, paid, (Some(id), tax));
        let new = NewPayment { reference: reference.to_owned(), ..entered };
        let payment = self.store.record_payment(&new, now).await?;
        match self.apply(&payment, Some(&Actor::Staff(staff))).await? {
            Applied::Done => self.subscription_to_change(id).await,
            Applied::Unusable => Err(EntryError::PaymentUnused(payment.number)),
            Applied::Later | Applied::Unreachable => {
                Err(EntryError::PaymentNotApplied(payment.number))
            }
        }
    }

    /// Cancels a subscription for its reader, as they could by themselves.
    ///
    /// # Errors
    ///
    /// Fails if there is no such subscription, or if it cannot be cancelled in its state.
    #[tracing::instrument(skip_all)]
    pub async fn enter_cancellation(
        &self,
        id: SubscriptionId,
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = self.now();
        let before = self.subscription_to_change(id).await?;
        let Ok(after) = before.after(Event::Cancelled, now) else {
            return Err(EntryError::NotPossible { number: id.0, state: before.state });
        };
        let ends = after.state.cancellation_date(now);
        let told = (Event::Cancelled.name(), SubscriptionEmail::Cancelled, ends);
        self.enter(&before, after, told, staff).await
    }

    /// Lets a trial last longer, up to an instant.
    ///
    /// # Errors
    ///
    /// Fails if it is no trial, or one that already lasts longer.
    #[tracing::instrument(skip_all)]
    pub async fn prolong_trial(
        &self,
        id: SubscriptionId,
        ends: Timestamp,
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = self.now();
        let before = self.subscription_to_change(id).await?;
        let event = Event::Prolonged { ends };
        let Ok(after) = before.after(event, now) else {
            return Err(match before.state.after(Event::TimePassed, now).unwrap_or(before.state) {
                State::Trial { ends, .. } | State::Cancelling { ends, trial: true } => {
                    EntryError::LastsLonger { number: id.0, last: last_day(ends, &self.zone()) }
                }
                state => EntryError::NotPossible { number: id.0, state },
            });
        };
        let told = (event.name(), SubscriptionEmail::TrialProlonged, ends);
        self.enter(&before, after, told, staff).await
    }

    /// Ends a complimentary subscription now.
    ///
    /// # Errors
    ///
    /// Fails if there is no such subscription, or if it is not complimentary, or over.
    #[tracing::instrument(skip_all)]
    pub async fn end_complimentary(
        &self,
        id: SubscriptionId,
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = self.now();
        let before = self.subscription_to_change(id).await?;
        let Some(after) = before.ended_by_publisher(now) else {
            return Err(EntryError::NotPossible { number: id.0, state: before.state });
        };
        let told = (Event::Cancelled.name(), SubscriptionEmail::Ended, now);
        self.enter(&before, after, told, staff).await
    }

    /// Lets a complimentary subscription last up to an instant, or without an end.
    ///
    /// # Errors
    ///
    /// Fails if there is no such subscription, or if it is not complimentary, or over.
    #[tracing::instrument(skip_all)]
    pub async fn extend_complimentary(
        &self,
        id: SubscriptionId,
        ends: Timestamp,
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = self.now();
        let before = self.subscription_to_change(id).await?;
        let Some(after) = before.given_until(ends, now) else {
            return Err(EntryError::NotPossible { number: id.0, state: before.state });
        };
        let told = ("extended", SubscriptionEmail::Granted, ends);
        self.enter(&before, after, told, staff).await
    }

    /// Resets a reader's meter.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn reset_meter(
        &self,
        reader: &Account,
        staff: &StaffActor,
    ) -> Result<(), StoreError> {
        // Reads that are still to be written must not come after it.
        self.publication.flush_reads().await?;
        self.store.reset_meter(reader, staff, self.now()).await?;
        self.publication.reload_accounts().await
    }

    #[tracing::instrument(skip_all)]
    pub(crate) async fn subscription_to_change(
        &self,
        id: SubscriptionId,
    ) -> Result<Subscription, EntryError> {
        self.store.subscription(id).await?.ok_or(EntryError::NoSubscription(id.0))
    }

    async fn enter(
        &self,
        before: &Subscription,
        after: Subscription,
        (what, email, date): (&'static str, SubscriptionEmail, Timestamp),
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let entered = after.clone();
        let actor = Actor::Staff(staff);
        let news = Some((email, date));
        let planned = PlannedChange { before, after, actor, what, payment: None, news };
        let made = self.change(planned).await?;
        if made { Ok(entered) } else { Err(EntryError::Overtaken(Some(before.id))) }
    }
}

/// A payment that staff enter: no card paid it.
fn entered_payment(
    source: PaymentSource,
    subscription: &Subscription,
    paid: PaidTime,
    (id, tax): (Option<SubscriptionId>, Option<TaxRate>),
) -> NewPayment {
    NewPayment {
        source,
        processor: MANUAL.to_owned(),
        reference: String::new(),
        account: Some(subscription.account),
        subscription: id,
        what: subscription.terms.name.clone(),
        amount: paid.amount,
        from: paid.from,
        through: paid.through,
        card: String::new(),
        tax,
    }
}
