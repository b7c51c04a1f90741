//! The postman: goes to the outbox whenever there may be something in it.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::sign_in;
use masthead_store::{LetterState, OutboxEntry, Store, StoreError};
use tokio::sync::Notify;

use crate::Relay;

/// Letters that are taken in hand at once.
const BATCH: u64 = 50;
/// How often to look without being called.
const ROUND: Duration = Duration::from_secs(5);
/// Tries before a letter is given up. Each waits twice as long as the one before, up to [`LONGEST`],
/// so that a relay may be down for more than a day.
const MOST_TRIES: u32 = 16;
const LONGEST: SignedDuration = SignedDuration::from_hours(4);

/// Takes letters from the outbox to the relay.
pub struct OutboxWorker {
    store: Store,
    relay: Relay,
    outbox_wakeup: Arc<Notify>,
}

impl OutboxWorker {
    /// A postman who comes at once when `outbox_wakeup` rings.
    pub fn new(store: Store, relay: Relay, outbox_wakeup: Arc<Notify>) -> Self {
        Self { store, relay, outbox_wakeup }
    }

    /// Goes on for as long as it is awaited.
    pub async fn run(self) {
        let mut failing = false;
        loop {
            match self.round(Timestamp::now()).await {
                Ok(_) => failing = false,
                Err(error) if !failing => {
                    failing = true;
                    tracing::error!(%error, "the outbox cannot be read; letters wait");
                }
                Err(_) => {}
            }
            // Called or not, it is time.
            let _ = tokio::time::timeout(ROUND, self.outbox_wakeup.notified()).await;
        }
    }

    /// Tries every letter that is due, and says how many the relay has taken.
    pub async fn round(&self, now: Timestamp) -> Result<u32, StoreError> {
        let mut sent = 0;
        loop {
            let due = self.store.due_letters(now, BATCH).await?;
            if due.is_empty() {
                return Ok(sent);
            }
            for posted in due {
                sent += u32::from(self.deliver(&posted, now).await?);
            }
        }
    }

    async fn deliver(&self, posted: &OutboxEntry, now: Timestamp) -> Result<bool, StoreError> {
        if !self.store.take_letter(posted, now + pause(posted.tries)).await? {
            return Ok(false);
        }
        let too_late = posted.letter.kind == sign_in::LETTER
            && now.duration_since(posted.written) >= sign_in::LASTS;
        if too_late {
            let fault = "it came too late to be of use";
            self.store.settle_letter(posted.id, LetterState::Failed, fault).await?;
            return Ok(false);
        }
        let (state, fault) = match self.relay.send(posted).await {
            Ok(()) => (LetterState::Sent, String::new()),
            Err(refused) if refused.for_good || posted.tries + 1 >= MOST_TRIES => {
                (LetterState::Failed, refused.reason)
            }
            Err(refused) => (LetterState::Waiting, refused.reason),
        };
        if !fault.is_empty() {
            tracing::warn!(letter = posted.id, kind = posted.letter.kind, fault, "not sent");
        }
        self.store.settle_letter(posted.id, state, &fault).await?;
        Ok(state == LetterState::Sent)
    }
}

/// How long to wait after a try that failed.
fn pause(tries: u32) -> SignedDuration {
    let minutes = 1_i64 << tries.min(20);
    SignedDuration::from_mins(minutes).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_may_be_down_for_more_than_a_day() {
        let waited = (0..MOST_TRIES - 1).map(pause).fold(SignedDuration::ZERO, |a, b| a + b);
        assert!(waited > SignedDuration::from_hours(24), "{waited}");
        assert_eq!(pause(0), SignedDuration::from_mins(1));
    }
}
