//! The outbox cleaner: blanks and deletes what is not kept. It runs without a relay too.

use jiff::SignedDuration;
use masthead_store::{Store, StoreError};

use crate::Clock;

/// How many rows one statement changes.
const BATCH: u64 = 500;
/// How many batches one tick changes; the rest waits for the next.
const MAX_BATCHES: u32 = 20;

/// Ends emails that have expired, and deletes those that are older than the publisher keeps them.
pub struct OutboxCleaner {
    store: Store,
    keep: SignedDuration,
    clock: Clock,
}

/// What one tick has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Emails that a version before this has written in plain text, and that are sealed now.
    pub sealed: u64,
    /// Emails that have expired.
    pub expired: u64,
    /// Emails that were deleted.
    pub deleted: u64,
}

impl OutboxCleaner {
    /// A cleaner that keeps emails for this long after they were written.
    pub fn new(store: Store, keep: SignedDuration, clock: Clock) -> Self {
        Self { store, keep, clock }
    }

    /// Cleans once, and deletes nothing: for as long as the clock may be wrong.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the outbox cannot be read or changed.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn tick_without_deleting(&self) -> Result<Cleaned, StoreError> {
        self.clean(false).await
    }

    /// Cleans once.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError`] if the outbox cannot be read or changed.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn tick(&self) -> Result<Cleaned, StoreError> {
        self.clean(true).await
    }

    async fn clean(&self, deletes: bool) -> Result<Cleaned, StoreError> {
        let now = (self.clock)();
        let mut cleaned =
            Cleaned { expired: self.store.expire_emails(now).await?, ..Cleaned::default() };
        for _ in 0..MAX_BATCHES {
            let sealed = self.store.seal_plain_emails(BATCH).await?;
            cleaned.sealed += sealed;
            if sealed < BATCH {
                break;
            }
        }
        for _ in 0..if deletes { MAX_BATCHES } else { 0 } {
            let deleted = self.store.delete_emails(now - self.keep, BATCH).await?;
            cleaned.deleted += deleted;
            if deleted < BATCH {
                break;
            }
        }
        if cleaned != Cleaned::default() {
            let Cleaned { sealed, expired, deleted } = cleaned;
            tracing::info!(sealed, expired, deleted, "outbox: cleaned");
        }
        Ok(cleaned)
    }
}
