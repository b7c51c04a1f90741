//! How much would be deleted if what grows was kept for other times.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{Retention, first_day, old_entries, old_hours, old_revisions, old_webhooks};
use crate::{
    Store, StoreError,
    records::{
        article_count, audit_entry, day_total, hour_total, revision, unique_readers, webhook,
    },
};

/// Rows that are counted of a table. Counting millions would keep the page waiting, and the database busy.
pub const MAX_COUNTED: u64 = 10_000;

/// How many rows have been kept for longer than a [`Retention`] says. A number above [`MAX_COUNTED`] says that there are more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrunableRows {
    /// See [`Retention::webhooks`].
    pub webhooks: u64,
    /// See [`Retention::hourly_counts`].
    pub hourly_counts: u64,
    /// See [`Retention::daily_counts`].
    pub daily_counts: u64,
    /// See [`Retention::revisions`].
    pub revisions: u64,
    /// See [`Retention::audit_log`].
    pub audit_log: u64,
    /// See [`Retention::delivery_addresses`].
    pub delivery_addresses: u64,
}

impl Store {
    /// Counts what [`prune`](Self::prune) would delete because of this retention.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn prunable_rows(
        &self,
        retention: Retention,
        now: Timestamp,
    ) -> Result<PrunableRows, StoreError> {
        Ok(PrunableRows {
            webhooks: self
                .rows_of::<webhook::Entity>(retention.webhooks.map(|kept| old_webhooks(kept, now)))
                .await?,
            hourly_counts: self
                .rows_of::<hour_total::Entity>(
                    retention.hourly_counts.map(|kept| old_hours(kept, now)),
                )
                .await?,
            daily_counts: self.daily_rows(retention.daily_counts, now).await?,
            revisions: self
                .rows_of::<revision::Entity>(
                    retention.revisions.map(|kept| old_revisions(kept, now)),
                )
                .await?,
            audit_log: self
                .rows_of::<audit_entry::Entity>(
                    retention.audit_log.map(|kept| old_entries(kept, now)),
                )
                .await?,
            delivery_addresses: match retention.delivery_addresses {
                Some(kept) => self.unused_deliveries(kept, now).await?,
                None => 0,
            },
        })
    }

    async fn daily_rows(
        &self,
        kept: Option<SignedDuration>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let Some(kept) = kept else { return Ok(0) };
        let day = first_day(kept, now);
        let articles = Condition::all().add(article_count::Column::Day.lt(day));
        let totals = Condition::all().add(day_total::Column::Day.lt(day));
        let readers = Condition::all().add(unique_readers::Column::Day.lt(day));
        Ok(self.rows_of::<article_count::Entity>(Some(articles)).await?
            + self.rows_of::<day_total::Entity>(Some(totals)).await?
            + self.rows_of::<unique_readers::Entity>(Some(readers)).await?)
    }

    /// How many rows of a table meet a condition; 0 without one.
    async fn rows_of<E>(&self, condition: Option<Condition>) -> Result<u64, StoreError>
    where
        E: EntityTrait,
        E::Model: Send + Sync,
    {
        let Some(condition) = condition else { return Ok(0) };
        let found = E::find()
            .select_only()
            .expr(Expr::value(1))
            .filter(condition)
            .limit(MAX_COUNTED + 1)
            .into_tuple::<i32>()
            .all(&self.database)
            .await?;
        Ok(found.len() as u64)
    }
}
