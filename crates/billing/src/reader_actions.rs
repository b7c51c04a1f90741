//! What readers do with their subscriptions: cancel, take a cancellation back, pause, resume.

use jiff::Timestamp;
use masthead_circulation::{Actor, Event, State, SubscriptionEmail, SubscriptionId};

use crate::{
    Billing, BillingError,
    billing::{ATTEMPTS, PlannedChange},
};

/// Returns the date that an email names, from the state after the change.
type EmailDate = fn(State, Timestamp) -> Timestamp;

/// Returns when a pause ends, or `now` in any other state.
fn end_of_pause(state: State, now: Timestamp) -> Timestamp {
    match state {
        State::Paused { until, .. } => until,
        State::Trial { .. }
        | State::Active { .. }
        | State::Grace { .. }
        | State::Cancelling { .. }
        | State::Ended { .. } => now,
    }
}

/// Returns when the next payment is due, or a trial ends; `now` in any other state.
fn next_date(state: State, now: Timestamp) -> Timestamp {
    match state {
        State::Active { through } => through,
        State::Trial { ends, .. } => ends,
        State::Grace { .. }
        | State::Paused { .. }
        | State::Cancelling { .. }
        | State::Ended { .. } => now,
    }
}

impl Billing {
    /// Cancels a subscription at the end of what is paid for, or at once if nothing is. Returns whether it was still possible.
    ///
    /// # Errors
    ///
    /// Fails if the database does, if the email cannot be composed, or if the subscription is changed again and again
    /// meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn cancel(&self, id: SubscriptionId) -> Result<bool, BillingError> {
        let email = (SubscriptionEmail::Cancelled, State::cancellation_date as EmailDate);
        self.by_reader(id, |_| Event::Cancelled, email).await
    }

    /// Takes a cancellation back, or ends a pause. An email says what follows. Returns whether it was still possible.
    ///
    /// # Errors
    ///
    /// Fails if the database does, if the email cannot be composed, or if the subscription is changed again and again meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn resume(&self, id: SubscriptionId) -> Result<bool, BillingError> {
        let event = |state: State| match state {
            State::Paused { .. } => Event::Resumed,
            State::Trial { .. }
            | State::Active { .. }
            | State::Grace { .. }
            | State::Cancelling { .. }
            | State::Ended { .. } => Event::Uncancelled,
        };
        self.by_reader(id, event, (SubscriptionEmail::Resumed, next_date as EmailDate)).await
    }

    /// Ends a pause; an email says what follows. A subscription that is not paused any more stays as it is, and this returns `false`.
    ///
    /// # Errors
    ///
    /// Fails if the database does, if the email cannot be composed, or if the subscription is changed again and again meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn end_pause(&self, id: SubscriptionId) -> Result<bool, BillingError> {
        self.by_reader(id, |_| Event::Resumed, (SubscriptionEmail::Resumed, next_date as EmailDate))
            .await
    }

    /// Pauses a subscription; the time that is paid for is kept. An email says until when. Returns whether it was still possible.
    ///
    /// # Errors
    ///
    /// Fails if the database does, if the email cannot be composed, or if the subscription is changed again and again meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn pause(&self, id: SubscriptionId, until: Timestamp) -> Result<bool, BillingError> {
        let email = (SubscriptionEmail::Paused, end_of_pause as EmailDate);
        self.by_reader(id, |_| Event::Paused { until }, email).await
    }

    /// Makes what a reader wants of the latest row. Returns `false` if it is not possible any more: it has happened already, on
    /// another device, and the page shows it.
    async fn by_reader(
        &self,
        id: SubscriptionId,
        event: impl Fn(State) -> Event,
        (email, date): (SubscriptionEmail, EmailDate),
    ) -> Result<bool, BillingError> {
        for _ in 0..ATTEMPTS {
            let now = self.now();
            let Some(before) = self.latest(id).await? else { return Ok(false) };
            let event = event(before.state);
            let Ok(after) = before.after(event, now) else { return Ok(false) };
            let news = Some((email, date(after.state, now)));
            let planned = PlannedChange {
                before: &before,
                after,
                actor: Actor::Reader,
                what: event.name(),
                payment: None,
                news,
            };
            if self.change(planned).await? {
                return Ok(true);
            }
        }
        Err(BillingError::Conflict(id))
    }
}
