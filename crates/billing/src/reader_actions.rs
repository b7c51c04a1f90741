//! What readers do with their subscriptions: cancel, take a cancellation back, pause, resume.

use jiff::Timestamp;
use masthead_circulation::{Actor, Event, State, SubscriptionEmail, SubscriptionId};

use crate::{
    Billing, BillingError,
    billing::{ATTEMPTS, PlannedChange},
};

impl Billing {
    /// Cancels a subscription at the end of what is paid for, or at once if nothing is.
    ///
    /// # Errors
    ///
    /// Fails if the database does, if the email cannot be composed, or if the subscription is changed again and again
    /// meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn cancel(&self, id: SubscriptionId) -> Result<(), BillingError> {
        let news = Some(SubscriptionEmail::Cancelled);
        self.by_reader(id, |_| Event::Cancelled, news).await
    }

    /// Takes a cancellation back, or ends a pause.
    ///
    /// # Errors
    ///
    /// Fails if the database does, or if the subscription is changed again and again meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn resume(&self, id: SubscriptionId) -> Result<(), BillingError> {
        let event = |state: State| match state {
            State::Paused { .. } => Event::Resumed,
            State::Trial { .. }
            | State::Active { .. }
            | State::Grace { .. }
            | State::Cancelling { .. }
            | State::Ended { .. } => Event::Uncancelled,
        };
        self.by_reader(id, event, None).await
    }

    /// Pauses a subscription; the time that is paid for is kept.
    ///
    /// # Errors
    ///
    /// Fails if the database does, or if the subscription is changed again and again meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn pause(&self, id: SubscriptionId, until: Timestamp) -> Result<(), BillingError> {
        self.by_reader(id, |_| Event::Paused { until }, None).await
    }

    /// Makes what a reader wants of the latest row. What is not possible any more has happened already,
    /// on another device: the page shows it.
    async fn by_reader(
        &self,
        id: SubscriptionId,
        event: impl Fn(State) -> Event,
        email: Option<SubscriptionEmail>,
    ) -> Result<(), BillingError> {
        for _ in 0..ATTEMPTS {
            let now = self.now();
            let Some(before) = self.latest(id).await? else { return Ok(()) };
            let event = event(before.state);
            let Ok(after) = before.after(event, now) else { return Ok(()) };
            let date = after.state.cancellation_date(now);
            let planned = PlannedChange {
                before: &before,
                after,
                actor: Actor::Reader,
                what: event.name(),
                payment: None,
                news: email.map(|email| (email, date)),
            };
            if self.change(planned).await? {
                return Ok(());
            }
        }
        Err(BillingError::Conflict(id))
    }
}
