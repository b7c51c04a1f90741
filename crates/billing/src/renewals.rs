//! What is due: reminders, renewals and ends.
//!
//! What is to be done about a subscription, and when, is a column of its row. Doing it changes the row, in
//! one transaction with the email that tells of it, so nothing is done twice or forgotten whenever a
//! server stops and however many there are. Each subscription is handled by itself; a run handles several
//! at the same time, so that a slow processor does not hold up the others.

mod missed;
mod run;

use jiff::Timestamp;
use masthead_circulation::{
    Actor, DueAction, Ending, Event, PaidTime, PaymentSource, RenewalOrder, State, Subscription,
    SubscriptionEmail, due::MAX_ATTEMPTS,
};

use masthead_telemetry::metrics;

use self::run::Outages;
use crate::{
    Billing, BillingError,
    billing::PlannedChange,
    orders::{Answer, Given, OrderDetails, PENDING, RETRY, planned},
    panics::contain_panic,
};

/// What happens next to a subscription.
enum Next {
    /// This change, now.
    Change {
        after: Box<Subscription>,
        what: &'static str,
        news: Option<(SubscriptionEmail, Timestamp)>,
    },
    /// Nothing before then.
    Later(Timestamp),
    /// The next period is to be paid for.
    Collect,
}

impl Billing {
    /// Does what is due for one subscription, which no run has claimed.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn handle_due(&self, subscription: &Subscription) -> Result<(), BillingError> {
        self.handle_or_defer(subscription, &Outages::default()).await
    }

    /// Handles one subscription. If that fails or panics, it is tried again later.
    async fn handle_or_defer(
        &self,
        subscription: &Subscription,
        outages: &Outages,
    ) -> Result<(), BillingError> {
        let id = subscription.id.0;
        match contain_panic(self.handle(subscription, outages)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => {
                tracing::error!(%error, subscription = id, "renewals: failed, trying again");
            }
            Err(error) => {
                tracing::error!(%error, subscription = id, "renewals: panicked, trying again");
            }
        }
        let deferred = self.store.defer(subscription, self.now() + RETRY).await;
        deferred.map_err(|error| {
            tracing::error!(%error, subscription = id, "renewals: not deferred");
            error.into()
        })
    }

    /// Does what is due now. Nothing happens while the clock has jumped, which may be since the subscription was claimed: it is due
    /// again once the claim is over.
    async fn handle(
        &self,
        subscription: &Subscription,
        outages: &Outages,
    ) -> Result<(), BillingError> {
        // Looked at before the clock is checked: what jumps later has not changed this time.
        let now = self.now();
        if !self.may_charge() {
            return Ok(());
        }
        match self.next(subscription, now) {
            Next::Change { after, what, news } => {
                let (before, after, actor) = (subscription, *after, Actor::Calendar);
                let payment = None;
                // On a conflict the next round reads the latest row.
                self.change(PlannedChange { before, after, actor, what, payment, news }).await?;
            }
            Next::Later(when) => self.store.defer(subscription, when).await?,
            Next::Collect => self.collect(subscription, now, outages).await?,
        }
        Ok(())
    }

    /// What happens next to a subscription.
    fn next(&self, subscription: &Subscription, now: Timestamp) -> Next {
        let grace = self.publication.grace();
        if let Some(late) = subscription.with_late_first_invoice(now, grace, &self.zone()) {
            return Self::late_invoice(late);
        }
        let passed = subscription.after(Event::TimePassed, now);
        if let Ok(after) = passed
            && after.state != subscription.state
        {
            let news = news_of_end(after.state);
            return Next::Change { after: after.into(), what: Event::TimePassed.name(), news };
        }
        if self.is_left_over(subscription)
            && let Ok(after) = subscription.after(Event::Cancelled, now)
        {
            let news = news_of_end(after.state);
            return Next::Change { after: after.into(), what: Event::Cancelled.name(), news };
        }
        let mut after = subscription.clone();
        let at = subscription.payment_ahead().unwrap_or(now);
        let news = match subscription.due(&self.zone()) {
            Some((when, _)) if when > now => return Next::Later(when),
            // Nothing is ever due for one that has ended.
            None => return Next::Later(Timestamp::MAX),
            Some((_, DueAction::TimePassed)) => return Next::Later(now + RETRY),
            Some((_, DueAction::Collect)) => return Next::Collect,
            Some((_, DueAction::NotifyTrialEnding)) => {
                let State::Trial { ends, renews } = subscription.state else {
                    return Next::Later(Timestamp::MAX);
                };
                after.notified.trial_ending = Some(ends);
                let renewing = SubscriptionEmail::TrialRenewing;
                (if renews { renewing } else { SubscriptionEmail::TrialEnding }, ends)
            }
            // No server ran when the invoice was due. It is sent with the time to pay that begins now.
            Some((_, DueAction::NotifyRenewal))
                if subscription.mandate.is_manual() && at <= now =>
            {
                return Next::Collect;
            }
            Some((_, DueAction::NotifyRenewal)) => {
                after.notified.renewal = Some(at);
                let manual = subscription.mandate.is_manual();
                let ahead = SubscriptionEmail::RenewalAhead;
                (if manual { SubscriptionEmail::Invoice } else { ahead }, at)
            }
            Some((_, DueAction::NotifyCardExpiry)) => {
                after.notified.card = Some(at);
                (SubscriptionEmail::CardExpiring, at)
            }
        };
        // A server that was down does not tell of what is past.
        let news = Some(news).filter(|(_, date)| *date > now);
        Next::Change { after: after.into(), what: "told", news }
    }

    /// The first invoice is sent before anything else happens, however late it is.
    fn late_invoice(mut after: Subscription) -> Next {
        let due = after.payment_ahead();
        after.notified.renewal = due;
        let news = due.map(|due| (SubscriptionEmail::Invoice, due));
        Next::Change { after: after.into(), what: "invoiced-late", news }
    }

    /// Whether a subscription was begun at the sandbox and readers pay elsewhere now. It ends with what it has: nothing
    /// is free because somebody once tried the checkout.
    fn is_left_over(&self, subscription: &Subscription) -> bool {
        !subscription.terms.amount.is_zero()
            && self.processors.is_closed(&subscription.mandate.processor)
    }

    /// Collects what is due for the next period.
    async fn collect(
        &self,
        read: &Subscription,
        now: Timestamp,
        outages: &Outages,
    ) -> Result<(), BillingError> {
        let next = read.next_payment(&self.zone());
        if next.amount.is_zero() {
            return self.renew_free(read, now).await;
        }
        if self.has_waited_or_moved(read, next, now).await? {
            return Ok(());
        }
        if read.mandate.is_manual() {
            return self.refused(read, now).await;
        }
        if outages.is_away(&read.mandate.processor) {
            // It is due again once the claim of the run is over.
            return Ok(());
        }
        let due = read.due(&self.zone()).map_or(now, |(due, _)| due);
        let tax = self.publication.tax_of(&read.terms.product);
        let details = OrderDetails { what: &read.terms.name, due, asked: now, tax };
        let order = planned(Self::renewal_source(read, next), read, next, details);
        let given = self.give(&order, read).await?;
        count(&given);
        outages.note(&read.mandate.processor, &given);
        match given {
            Given::Answered(Answer::Paid(payment)) => {
                self.apply(&payment, None).await?;
                // Nothing happens to a row that the payment has changed.
                Ok(self.store.defer(read, now + RETRY).await?)
            }
            Given::Answered(Answer::Refused) => self.refused(read, now).await,
            Given::Answered(Answer::Pending) => Ok(self.store.defer(read, now + PENDING).await?),
            // That a processor is down is not the reader's fault: they read on.
            Given::Answered(Answer::Failed(_)) | Given::Busy => {
                Ok(self.store.defer(read, now + RETRY).await?)
            }
            // It is due again once the claim of the run is over, and until the clock can be relied on.
            Given::Changed | Given::ClockJumped => Ok(()),
        }
    }

    fn renewal_source(read: &Subscription, next: PaidTime) -> PaymentSource {
        PaymentSource::Renewal(RenewalOrder {
            subscription: read.id,
            period: next.from.as_second(),
            attempt: attempts(read.state),
            amount: next.amount,
            mandate: (&read.mandate).into(),
        })
    }

    /// Renews a free subscription without a payment.
    async fn renew_free(&self, before: &Subscription, now: Timestamp) -> Result<(), BillingError> {
        let Ok(after) = before.renewed(now, &self.zone()) else {
            return Ok(self.store.defer(before, now + RETRY).await?);
        };
        let (actor, what, payment, news) = (Actor::Calendar, "renewed", None, None);
        self.change(PlannedChange { before, after, actor, what, payment, news }).await?;
        Ok(())
    }

    async fn refused(&self, before: &Subscription, now: Timestamp) -> Result<(), BillingError> {
        let grace = before.time_to_pay(self.publication.grace(), now, &self.zone());
        let event = Event::PaymentFailed { grace };
        let Ok(mut after) = before.after(event, now) else {
            return Ok(self.store.defer(before, now + RETRY).await?);
        };
        if before.mandate.is_manual() {
            after.notified.renewal = before.payment_ahead().or(before.notified.renewal);
        }
        let news = match after.state {
            State::Grace { ends, .. } => Some((email_of_refusal(before), ends)),
            other => news_of_end(other),
        };
        let (actor, what, payment) = (Actor::Calendar, event.name(), None);
        self.change(PlannedChange { before, after, actor, what, payment, news }).await?;
        Ok(())
    }
}

/// Counts the answer to a renewal for the operator's metrics.
fn count(given: &Given) {
    let metrics = metrics();
    match given {
        Given::Answered(Answer::Paid(_)) => metrics.renewals_collected.increment(1),
        Given::Answered(Answer::Refused) => metrics.renewals_refused.increment(1),
        Given::Answered(Answer::Pending) => metrics.renewals_pending.increment(1),
        Given::Answered(Answer::Failed(_)) => metrics.renewals_error.increment(1),
        Given::Busy | Given::Changed | Given::ClockJumped => {}
    }
}

/// How often the period that is due was refused before.
fn attempts(state: State) -> u8 {
    match state {
        State::Grace { tries, .. } => tries,
        State::Trial { .. }
        | State::Active { .. }
        | State::Paused { .. }
        | State::Cancelling { .. }
        | State::Ended { .. } => 0,
    }
}

fn email_of_refusal(before: &Subscription) -> SubscriptionEmail {
    let tries = attempts(before.state);
    match (before.mandate.is_manual(), tries) {
        // Nobody is reminded of what they were never sent.
        (true, 0) if before.notified.renewal != before.payment_ahead() => {
            SubscriptionEmail::Invoice
        }
        (true, tries) if tries + 1 < MAX_ATTEMPTS => SubscriptionEmail::InvoiceReminder,
        (true, ..) => SubscriptionEmail::InvoiceLast,
        (false, 0) => SubscriptionEmail::PaymentFailed,
        (false, tries) if tries + 1 < MAX_ATTEMPTS => SubscriptionEmail::PaymentFailedAgain,
        (false, ..) => SubscriptionEmail::PaymentFailedLast,
    }
}

/// What the reader is told when time has ended a subscription.
pub(crate) fn news_of_end(state: State) -> Option<(SubscriptionEmail, Timestamp)> {
    match state {
        State::Ended { at, why } => match why {
            Ending::TrialOver => Some((SubscriptionEmail::TrialEnded, at)),
            Ending::Cancelled => Some((SubscriptionEmail::Ended, at)),
            Ending::Unpaid => Some((SubscriptionEmail::EndedUnpaid, at)),
            Ending::Replaced | Ending::Withdrawn => None,
        },
        State::Trial { .. }
        | State::Active { .. }
        | State::Grace { .. }
        | State::Paused { .. }
        | State::Cancelling { .. } => None,
    }
}
