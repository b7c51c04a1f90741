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

use crate::{Clock, RelayFault, SendError, SmtpRelay, outage::RelayOutage};

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
/// How often an email is tried that was sealed with keys that this server does not have. Another server may have them,
/// as after a rotation of keys, until all have been restarted. About an hour.
const MAX_TRIES_WITHOUT_KEY: u32 = 7;

/// Sends emails from the outbox to the relay.
pub struct OutboxWorker {
    store: Store,
    relay: SmtpRelay,
    wakeup: Arc<Notify>,
    clock: Clock,
    outage: RelayOutage,
}

impl OutboxWorker {
    /// A worker that starts at once when `wakeup` is notified.
    pub fn new(store: Store, relay: SmtpRelay, wakeup: Arc<Notify>, clock: Clock) -> Self {
        Self { store, relay, wakeup, clock, outage: RelayOutage::default() }
    }

    /// Notified when there is a new email.
    pub fn wakeup(&self) -> Arc<Notify> {
        Arc::clone(&self.wakeup)
    }

    /// Tries every email that is due, several at a time. Returns how many the relay has accepted.
    ///
    /// Ends early if the relay cannot be used; the rest stay due. Nothing is tried then for a while, and after that one email: the one
    /// that is of use for the shortest time, such as a link to sign in. `masthead outbox --retry` ends the wait.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the outbox cannot be read or changed. What the relay refuses is not an error: it is
    /// recorded with the email.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn tick(&self) -> Result<u32, StoreError> {
        let mut sent = 0;
        loop {
            if self.pauses().await? {
                return Ok(sent);
            }
            let batch = if self.outage.pause().await.is_some() { 1 } else { BATCH };
            let due = self.store.due_emails((self.clock)(), batch).await?;
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

    /// Whether the worker waits because the relay could not be used, and nobody has asked for another try since.
    async fn pauses(&self) -> Result<bool, StoreError> {
        let now = (self.clock)();
        let Some(pause) = self.outage.pause().await.filter(|pause| now < pause.until) else {
            return Ok(false);
        };
        let is_asked_for = self.store.emails_were_retried_after(pause.audit_entry).await?;
        if is_asked_for {
            self.outage.try_now(now).await;
        }
        Ok(!is_asked_for)
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
        if matches!(attempt, Attempt::RelayUnusable | Attempt::NoAnswer) {
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
            Some(fault) => {
                note_not_sent(email, tries, fault);
                (DeliveryResult::Failed { fault: fault.to_owned() }, Attempt::NotSent)
            }
            None => match self.store.email_body(email.id).await {
                Ok(body) => self.send(email, &body, tries).await?,
                Err(EmailBodyError::Store(error)) => return Err(error),
                Err(error) => {
                    note_not_sent(email, tries, &error.to_string());
                    (self.unreadable(&error, tries), Attempt::NotSent)
                }
            },
        };
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
    ) -> Result<(DeliveryResult, Attempt), StoreError> {
        let sent = self.relay.send(email, body).await;
        if !matches!(sent, Err(SendError::Unusable(_))) && self.outage.end().await {
            tracing::info!("outbox: relay can be used again");
        }
        let error = match sent {
            Ok(()) => return Ok((DeliveryResult::Sent, Attempt::Sent)),
            Err(SendError::Unusable(fault)) => {
                // An outage has a line of its own.
                return Ok((self.wait_for_relay(&fault, tries).await?, Attempt::RelayUnusable));
            }
            Err(error) => error,
        };
        note_not_sent(email, tries, error.fault().logged());
        let fault = error.to_string();
        Ok(match error {
            SendError::Rejected(_) => (DeliveryResult::Failed { fault }, Attempt::NotSent),
            SendError::Unanswered(_) => (self.retry(fault, tries, MAX_TRIES), Attempt::NoAnswer),
            SendError::Deferred(_) | SendError::Unusable(_) => {
                (self.retry(fault, tries, MAX_TRIES), Attempt::NotSent)
            }
        })
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
    async fn wait_for_relay(
        &self,
        fault: &RelayFault,
        tries: u32,
    ) -> Result<DeliveryResult, StoreError> {
        let audit_entry = self.store.latest_audit_entry().await?;
        let (at, begun) = self.outage.begin_pause((self.clock)(), audit_entry).await;
        if begun {
            tracing::error!(
                fault = fault.logged(),
                again = %at,
                "outbox: relay cannot be used, emails wait, check [mail] relay"
            );
        }
        let fault = fault.to_string();
        Ok(DeliveryResult::Retry { at, tries: tries.min(MAX_TRIES / 2), fault })
    }
}

/// Logs why an email was not sent, in words of our own: relays repeat the reader's address.
fn note_not_sent(email: &OutboxEntry, tries: u32, fault: &str) {
    let (email, kind) = (email.id.0, &email.kind);
    tracing::warn!(email, kind, tries, fault, "outbox: email not sent");
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
    /// The relay accepts us and did not answer.
    NoAnswer,
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
        // The fault of a relay that hangs shows, and links to sign in are tried again, while they are valid.
        assert!(crate::smtp_relay::TIMEOUT <= std::time::Duration::from_mins(1));
    }
}
