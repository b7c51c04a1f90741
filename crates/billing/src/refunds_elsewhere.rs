//! Refunds that were made at a processor and not from here, such as in its dashboard. Messages say of which payment to ask; once a day the
//! processors are asked for all refunds, in case messages were lost. If all of the payment that pays for the running period was refunded,
//! the subscription does not renew.

use std::collections::{BTreeSet, HashSet};

use jiff::SignedDuration;
use masthead_circulation::{
    Actor, Event, Payment, PaymentNumber, PaymentStatus, ProcessorRefund, Refund, State,
    Subscription, SubscriptionEmail,
};
use masthead_payments::{ListedRefund, PaymentRefunds, ProcessorError};
use masthead_store::{Email, ListedRefunds, RECENT_REFUND, RefundElsewhere};

use crate::{
    Billing, BillingError,
    billing::{ATTEMPTS, PlannedChange},
    reconciliation::too_many,
    webhooks::WebhookStatus,
};

/// How long ago a refund was made that is asked for once a day.
const LISTED_SINCE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Refunds that are followed in one run.
const BATCH: u64 = 200;
/// Refunds that are compared at once.
const CHUNK: usize = 200;

/// What became of what a processor says of the refunds of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Booking {
    /// They are booked, now or before.
    Done,
    /// Their payment is expected, and not recorded yet.
    TooEarly,
    /// They are of no payment that is known here.
    Foreign,
}

impl Billing {
    /// Something was refunded of a payment, given its number at the processor. The processor says what, so that messages may come in any
    /// order and more than once.
    pub(crate) async fn ask_about_refunds(
        &self,
        processor: &str,
        payment: &str,
    ) -> Result<WebhookStatus, BillingError> {
        let refunds = match self.processors.refunds_of(processor, payment).await {
            Ok(refunds) => refunds,
            Err(error @ ProcessorError::Misunderstood(_)) => {
                tracing::error!(%error, payment, "refunds: payment not known to the processor");
                return Ok(WebhookStatus::Done);
            }
            Err(error) => {
                tracing::error!(%error, payment, "refunds: no answer, waiting for the next message");
                return Ok(WebhookStatus::SendAgain);
            }
        };
        Ok(match self.book_refunds(processor, &refunds).await? {
            Booking::Done => WebhookStatus::Done,
            Booking::TooEarly => {
                tracing::warn!(payment, "refunds: of a payment that is not recorded yet");
                WebhookStatus::SendAgain
            }
            Booking::Foreign => {
                tracing::warn!(payment, "refunds: of a payment that is not known here");
                WebhookStatus::Done
            }
        })
    }

    /// Asks every processor for its refunds of the last months, as messages may have been lost, and books those that are not known. Returns
    /// the processors that refuse to say, or have more than are read, with the reason.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn look_for_refunds(&self) -> Result<Vec<(String, String)>, BillingError> {
        let since = self.now() - LISTED_SINCE;
        let mut refused = Vec::new();
        for processor in self.processors.all() {
            let name = processor.name();
            match processor.refunds(since).await {
                Ok(listed) => {
                    if listed.is_cut {
                        refused.push((name.to_owned(), too_many(listed.found.len())));
                    }
                    for payment in self.unknown(name, &listed.found).await? {
                        // One that cannot be read holds up no other.
                        if let Err(error) = Box::pin(self.ask_about_refunds(name, &payment)).await {
                            tracing::error!(%error, payment, "refunds: not booked");
                        }
                    }
                }
                Err(ProcessorError::Misunderstood(reason)) => {
                    refused.push((name.to_owned(), reason));
                }
                // It is asked again tomorrow, for the same months.
                Err(error) => tracing::warn!(%error, processor = name, "refunds: not listed"),
            }
        }
        Ok(refused)
    }

    /// Returns the processor's numbers of payments that are recorded here, with a refund that is not stored as it is listed. Of refunds that
    /// are marked, only those of which nothing is known here count.
    async fn unknown(
        &self,
        processor: &str,
        listed: &[ListedRefund],
    ) -> Result<BTreeSet<String>, BillingError> {
        let mut found = BTreeSet::new();
        for chunk in listed.chunks(CHUNK) {
            let orders: Vec<&str> =
                chunk.iter().filter_map(|listed| listed.order.as_deref()).collect();
            let payments = self.store.payments_by_keys(&orders).await?;
            let numbers: Vec<PaymentNumber> = payments.iter().map(|it| it.number).collect();
            let own = self.store.refunds_of_payments(&numbers).await?;
            let keys: HashSet<String> = payments.iter().map(|it| it.source.to_string()).collect();
            let references: Vec<&str> =
                chunk.iter().map(|listed| listed.refund.reference.as_str()).collect();
            let stored = self.store.stored_refunds(processor, &references).await?;
            // One that has failed stays failed, and one that failed before it was stored is not stored.
            let is_news = |listed: &ListedRefund, stored: &[(String, bool)]| {
                let stored = stored.iter().find(|(it, _)| *it == listed.refund.reference);
                stored.map_or(!listed.refund.is_failed, |(_, is_failed)| {
                    listed.refund.is_failed && !is_failed
                })
            };
            let is_unknown = |listed: &&ListedRefund| {
                listed.order.as_ref().is_some_and(|order| keys.contains(order))
                    && !own.iter().any(|own| listed.refund.is_of(own))
                    && is_news(listed, &stored)
            };
            found.extend(chunk.iter().filter(is_unknown).map(|listed| listed.payment.clone()));
        }
        Ok(found)
    }

    async fn book_refunds(
        &self,
        processor: &str,
        refunds: &PaymentRefunds,
    ) -> Result<Booking, BillingError> {
        let Some(order) = &refunds.order else { return Ok(Booking::Foreign) };
        // Asked first: what is recorded meanwhile is found below.
        let is_expected = self.is_expected(order).await?;
        let Some(payment) = self.store.payments_by_keys(&[order.as_str()]).await?.pop() else {
            return Ok(if is_expected { Booking::TooEarly } else { Booking::Foreign });
        };
        self.book(processor, &payment, &refunds.refunds).await?;
        Box::pin(self.follow_refunds_elsewhere()).await?;
        Ok(Booking::Done)
    }

    /// Books those of all refunds of a payment that are not known, and tells the reader of them. The next sweep decides whether the
    /// subscription still renews.
    pub(crate) async fn book(
        &self,
        processor: &str,
        payment: &Payment,
        refunds: &[ProcessorRefund],
    ) -> Result<(), BillingError> {
        if refunds.is_empty() {
            return Ok(());
        }
        let emails = self.emails_about(payment, refunds).await?;
        let listed = ListedRefunds { processor, payment, refunds, emails: &emails };
        if self.store.book_refunds_elsewhere(&listed, self.now()).await? {
            tracing::warn!(payment = payment.number.0, "refunds: made elsewhere, and booked");
            self.publication.outbox_filled();
        }
        Ok(())
    }

    /// What the reader is told of each refund that was made lately and is not marked, by the processor's number of it. Only what is new is
    /// sent.
    async fn emails_about(
        &self,
        payment: &Payment,
        refunds: &[ProcessorRefund],
    ) -> Result<Vec<(String, Email)>, BillingError> {
        let subscription = self.paid_for(payment).await?;
        let since = self.now() - RECENT_REFUND;
        let mut emails = Vec::new();
        for refund in refunds {
            if refund.is_failed || refund.mark.is_some() || refund.made < since {
                continue;
            }
            let returned = Payment { amount: refund.amount, ..payment.clone() };
            let email = SubscriptionEmail::Refunded;
            let email = self.payment_email(email, &returned, subscription.as_ref()).await?;
            emails.extend(email.map(|email| (refund.reference.clone(), email)));
        }
        Ok(emails)
    }

    /// Decides for each refund that was made elsewhere whether the subscription still renews. What is interrupted is decided at the next
    /// sweep.
    pub(crate) async fn follow_refunds_elsewhere(&self) -> Result<(), BillingError> {
        for refund in self.store.refunds_to_follow(BATCH).await? {
            match self.stop_renewals(&refund).await {
                Ok(true) => self.store.mark_followed(&refund).await?,
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(%error, payment = refund.payment.0, "refunds: not followed");
                }
            }
        }
        Ok(())
    }

    /// Cancels the subscription whose running period a payment pays for, if all of that was refunded. Returns `false` if the payment is not
    /// applied yet, or if others have changed the subscription too often meanwhile.
    async fn stop_renewals(&self, refund: &RefundElsewhere) -> Result<bool, BillingError> {
        let Some(payment) = self.store.payment(refund.payment).await? else { return Ok(true) };
        if payment.status == PaymentStatus::Recorded {
            return Ok(false);
        }
        let known = self.store.refunds_of_payments(&[payment.number]).await?.pop();
        let is_whole = Refund::left_of(payment.amount, known.as_ref()).is_zero();
        if !is_whole || payment.status != PaymentStatus::Applied {
            return Ok(true);
        }
        for _ in 0..ATTEMPTS {
            let now = self.now();
            let Some(before) = self.paid_for(&payment).await? else { return Ok(true) };
            if !renews_after(&before, &payment) || payment.through <= now {
                return Ok(true);
            }
            let Ok(after) = before.after(Event::Cancelled, now) else { return Ok(true) };
            let ends = after.state.cancellation_date(now);
            let planned = PlannedChange {
                before: &before,
                after,
                actor: Actor::Processor,
                what: Event::Cancelled.name(),
                payment: None,
                news: Some((SubscriptionEmail::Cancelled, ends)),
            };
            if self.change(planned).await? {
                tracing::warn!(subscription = before.id.0, "refunds: renewals stopped");
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether a subscription renews, and no later payment than this pays for its running period.
fn renews_after(subscription: &Subscription, payment: &Payment) -> bool {
    let is_latest =
        subscription.paid.is_some_and(|paid| paid.from.as_second() <= payment.from.as_second());
    match subscription.state {
        State::Active { .. } | State::Paused { .. } => is_latest,
        State::Trial { .. }
        | State::Grace { .. }
        | State::Cancelling { .. }
        | State::Ended { .. } => false,
    }
}
