//! Cancelling subscriptions by the link in an email.

use masthead_circulation::{
    Actor, CancellationRequest, Event, State, Subscription, SubscriptionEmail, SubscriptionId,
};
use masthead_store::LinkedCancellation;

use crate::{
    Billing, BillingError,
    billing::{ATTEMPTS, PlannedChange},
};

/// What became of a cancellation by a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkOutcome {
    /// These subscriptions were cancelled. They are as they were before.
    Cancelled(Vec<Subscription>),
    /// The link was used before. Nothing has changed.
    Used,
    /// None of the subscriptions can be cancelled any more. Nothing has changed.
    Nothing,
}

impl Billing {
    /// Returns the subscriptions that a link can cancel, the oldest first; `None` if the link was used before.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn cancellable_by(
        &self,
        request: &CancellationRequest,
    ) -> Result<Option<Vec<Subscription>>, BillingError> {
        let held = self.store.subscriptions_of(request.account).await?;
        let cancelled = self.store.cancellations_of(request.account).await?;
        if cancelled > request.cancelled_before {
            return Ok(None);
        }
        let now = self.now();
        let open = held.into_iter().rev().filter(|held| held.after(Event::Cancelled, now).is_ok());
        Ok(Some(open.collect()))
    }

    /// Cancels these subscriptions of a link, all in one transaction with the reason. A link does so once.
    ///
    /// # Errors
    ///
    /// Fails if the database does, if an email cannot be composed, or if the subscriptions are changed again and again meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn cancel_by_link(
        &self,
        request: &CancellationRequest,
        chosen: &[SubscriptionId],
    ) -> Result<LinkOutcome, BillingError> {
        for _ in 0..ATTEMPTS {
            let Some(mut open) = self.cancellable_by(request).await? else {
                return Ok(LinkOutcome::Used);
            };
            open.retain(|held| chosen.contains(&held.id));
            if open.is_empty() {
                return Ok(LinkOutcome::Nothing);
            }
            match self.try_to_cancel(request, &open).await? {
                LinkedCancellation::Done => return Ok(LinkOutcome::Cancelled(open)),
                LinkedCancellation::Used => return Ok(LinkOutcome::Used),
                LinkedCancellation::Changed => {}
            }
        }
        Err(BillingError::Conflict(chosen.first().copied().unwrap_or(SubscriptionId::UNSTORED)))
    }

    async fn try_to_cancel(
        &self,
        request: &CancellationRequest,
        open: &[Subscription],
    ) -> Result<LinkedCancellation, BillingError> {
        let now = self.now();
        let reader = self.store.account(request.account).await?;
        let mut changes = Vec::new();
        for before in open {
            let Ok(after) = before.after(Event::Cancelled, now) else {
                return Ok(LinkedCancellation::Changed);
            };
            let news = (SubscriptionEmail::Cancelled, State::cancellation_date(after.state, now));
            let planned = PlannedChange {
                before,
                after,
                actor: Actor::Reader,
                what: Event::Cancelled.name(),
                payment: None,
                news: Some(news),
            };
            changes.push(self.complete(planned, reader.as_ref(), false)?);
        }
        let done = self.store.cancel_by_link(request, &changes, now).await?;
        if done == LinkedCancellation::Done {
            self.changed(request.account).await?;
        }
        Ok(done)
    }
}
