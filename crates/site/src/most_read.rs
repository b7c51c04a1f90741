//! What is read most, as front pages list it: from the same counts as the desk's figures.

use std::{sync::Arc, time::Duration};

use jiff::ToSpan;
use masthead_access::ArticleId;
use masthead_store::StoreError;

use crate::site::Site;

/// How often the list is made anew.
const PERIOD: Duration = Duration::from_mins(5);
/// The days that it is of: today and yesterday, so that it is not empty at midnight.
const DAYS: i32 = 1;
/// Articles that are kept: enough for every list, though some of them be withdrawn.
const KEPT: u64 = 40;

impl Site {
    /// Asks what is read most, and prints anew where that has changed.
    pub async fn read_most(&self) -> Result<(), StoreError> {
        let day = self.snapshot().day();
        let from = day.checked_sub(DAYS.days()).unwrap_or(day);
        let most_read: Arc<Vec<ArticleId>> =
            Arc::new(self.store.read_most(&(from..=day), KEPT).await?);
        if **self.most_read.load() == *most_read {
            return Ok(());
        }
        // Whoever prints meanwhile might do so with the old list.
        let _turn = self.refreshing.lock().await;
        self.most_read.store(most_read);
        let current = self.snapshot();
        self.print(
            Arc::clone(&current.publication),
            Arc::clone(&current.theme),
            Arc::clone(&current.edition),
        );
        Ok(())
    }

    /// Keeps the list up to date, for as long as it is awaited.
    pub async fn keep_most_read(self: Arc<Self>) {
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            // Those who keep the pages fresh tell of a database that does not answer.
            let _ = self.read_most().await;
        }
    }
}
