//! The outbox worker: sends what is due. Several servers may run one on the same database.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use masthead_store::{DeliveryResult, EmailBody, EmailBodyError, OutboxEntry, Store, StoreError};
use masthead_telemetry::metrics;
use tokio::sync::Notify;

use crate::{Clock, SendError, SmtpRelay};

/// How many emails are sent at the same time.
const CONCURRENCY: usize = 8;
/// How many due emails are read at once. Few, so that a link to sign in is soon looked for again.
const BATCH: u64 = 16;
/// How long a claim lasts: longer than the SMTP conversation may take. If the server crashes, the email is tried again
/// after this time.
const CLAIM: SignedDuration = SignedDuration::from_mins(5);
/// How often an email is tried that the relay puts off. Each pause is twice as long as the one before, up to
/// [`LONGEST_PAUSE`], so that this may last for more than a day.
const MAX_TRIES: u32 = 16;
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(4);
/// How long to wait at most for a relay that is down or refuses our password. Emails wait for it without end.
const LONGEST_OUTAGE_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// How often an email is tried that was sealed with keys that this server does not have. Another server may have them,
/// as after a rotation of keys, until all have been restarted. About an hour.
const MAX_TRIES_WITHOUT_KEY: u32 = 7;

/// Sends emails from the outbox to the relay.
pub struct OutboxWorker {
    store: Store,
    relay: SmtpRelay,
    wakeup: Arc<Notify>,
    clock: Clock,
}

impl OutboxWorker {
    /// A worker that starts at once when `wakeup` is notified.
    pub fn new(store: Store, relay: SmtpRelay, wakeup: Arc<Notify>, clock: Clock) -> Self {
        Self { store, relay, wakeup, clock }
    }

    /// Notified when there is a new email.
    pub fn wakeup(&self) -> Arc<Notify> {
        Arc::clone(&self.wakeup)
    }

    /// Tries every email that is due, several at a time. Returns how many the relay has accepted.
    ///
    /// Ends early if the relay cannot be used; the rest stay due.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the outbox cannot be read or changed. What the relay refuses is not an error: it is
    /// recorded with the email.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn tick(&self) -> Result<u32, StoreError> {
        let mut sent = 0;
        loop {
            let due = self.store.due_emails((self.clock)(), BATCH).await?;
            if due.is_empty() {
                return Ok(sent);
            }
            let usable = AtomicBool::new(true);
            let attempts = stream::iter(due).map(|email| self.deliver_if(&usable, email));
            // All of them end, also after an error: a conversation that is cut off may send an email twice.
            let attempts: Vec<_> = attempts.buffer_unordered(CONCURRENCY).collect().await;
            for attempt in attempts {
                sent += u32::from(attempt? == Attempt::Sent);
            }
            if !usable.into_inner() {
                return Ok(sent);
            }
        }
    }

    /// Delivers an email unless the relay has turned out not to be usable.
    async fn deliver_if(
        &self,
        usable: &AtomicBool,
        email: OutboxEntry,
    ) -> Result<Attempt, StoreError> {
        if !usable.load(Ordering::Relaxed) {
            return Ok(Attempt::NotSent);
        }
        let attempt = self.deliver(&email).await?;
        if attempt == Attempt::RelayUnusable {
            usable.store(false, Ordering::Relaxed);
        }
        Ok(attempt)
    }

    #[tracing::instrument(skip_all)]
    async fn deliver(&self, email: &OutboxEntry) -> Result<Attempt, StoreError> {
        // The time is asked for each email: a batch may take minutes.
        let now = (self.clock)();
        let Some(claim) = self.store.claim_email(email, now, now + CLAIM).await? else {
            return Ok(Attempt::NotSent);
        };
        let tries = email.tries + 1;
        let (result, attempt) = match useless(email, now) {
            Some(fault) => (DeliveryResult::Failed { fault: fault.to_owned() }, Attempt::NotSent),
            None => match self.store.email_body(email.id).await {
                Ok(body) => self.send(email, &body, tries).await,
                Err(EmailBodyError::Store(error)) => return Err(error),
                Err(error) => (self.unreadable(&error, tries), Attempt::NotSent),
            },
        };
        if let DeliveryResult::Retry { fault, .. } | DeliveryResult::Failed { fault } = &result {
            let (email, kind) = (email.id.0, &email.kind);
            tracing::warn!(email, kind, tries, fault, "outbox: email not sent");
        }
        self.store.finish_email(claim, &result).await?;
        match result {
            DeliveryResult::Sent => metrics().emails_sent.increment(1),
            DeliveryResult::Retry { .. } => metrics().emails_deferred.increment(1),
            DeliveryResult::Failed { .. } => metrics().emails_failed.increment(1),
        }
        Ok(attempt)
    }

    async fn send(
        &self,
        email: &OutboxEntry,
        body: &EmailBody,
        tries: u32,
    ) -> (DeliveryResult, Attempt) {
        match self.relay.send(email, body).await {
            Ok(()) => (DeliveryResult::Sent, Attempt::Sent),
            Err(SendError::Rejected(fault)) => (DeliveryResult::Failed { fault }, Attempt::NotSent),
            Err(SendError::Deferred(fault)) => {
                (self.retry(fault, tries, MAX_TRIES), Attempt::NotSent)
            }
            Err(SendError::Unanswered(fault)) => {
                (self.retry(fault, tries, MAX_TRIES), Attempt::RelayUnusable)
            }
            Err(SendError::Unusable(fault)) => {
                tracing::error!(
                    fault,
                    "outbox: relay cannot be used, emails wait, check [mail] relay"
                );
                (self.wait_for_relay(fault, tries), Attempt::RelayUnusable)
            }
        }
    }

    /// What becomes of an email whose text cannot be read.
    fn unreadable(&self, error: &EmailBodyError, tries: u32) -> DeliveryResult {
        let fault = error.to_string();
        match error {
            EmailBodyError::UnknownKey(_) | EmailBodyError::NotGenuine => {
                self.retry(fault, tries, MAX_TRIES_WITHOUT_KEY)
            }
            EmailBodyError::Gone | EmailBodyError::Store(_) => DeliveryResult::Failed { fault },
        }
    }

    fn retry(&self, fault: String, tries: u32, max_tries: u32) -> DeliveryResult {
        if tries >= max_tries {
            return DeliveryResult::Failed { fault };
        }
        DeliveryResult::Retry { at: (self.clock)() + pause(tries), tries, fault }
    }

    /// An email waits for the relay as long as it takes: it is not to blame.
    fn wait_for_relay(&self, fault: String, tries: u32) -> DeliveryResult {
        let at = (self.clock)() + pause(tries).min(LONGEST_OUTAGE_PAUSE);
        DeliveryResult::Retry { at, tries: tries.min(MAX_TRIES / 2), fault }
    }
}

/// Why an email should not be tried. `None` if it should.
fn useless(email: &OutboxEntry, now: Timestamp) -> Option<&'static str> {
    if email.expires.is_some_and(|expires| expires <= now) {
        Some("it came too late to be of use")
    } else if email.tries >= MAX_TRIES {
        // Each of these tries ended without a result: the server was killed, or the database was full.
        Some("it was tried too often without an answer")
    } else {
        None
    }
}

/// What trying an email came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempt {
    Sent,
    NotSent,
    RelayUnusable,
}

/// How long to wait after this many tries.
fn pause(tries: u32) -> SignedDuration {
    let minutes = 1_i64 << tries.saturating_sub(1).min(20);
    SignedDuration::from_mins(minutes).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relay_may_put_off_an_email_for_more_than_a_day() {
        let waited = (1..MAX_TRIES).map(pause).fold(SignedDuration::ZERO, |a, b| a + b);
        assert!(waited > SignedDuration::from_hours(24), "{waited}");
        assert_eq!(pause(1), SignedDuration::from_mins(1));
    }

    #[test]
    fn a_claim_lasts_longer_than_sending() {
        assert!(CLAIM.unsigned_abs() > 2 * crate::smtp_relay::TIMEOUT);
    }
}
