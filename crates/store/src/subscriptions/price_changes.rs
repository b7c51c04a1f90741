//! By how much the price of a month of subscriptions changed, and when: what past months brought in is computed from it.

use jiff::Timestamp;
use masthead_circulation::{Currency, ReaderStatus, Subscription};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryResult, Statement,
};

use super::{SubscriptionChange, rows::monthly_minor, spans::part};
use crate::{Store, StoreError, ids::Key, records::price_change as row};

/// Changes in the same part of a time, of subscriptions that began in the same part and ended in the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceChanges {
    /// The number of bounds at or before the first payment.
    pub started: usize,
    /// The number of bounds at or before the end; `None` if they go on.
    pub ended: Option<usize>,
    /// The number of bounds at or before the changes.
    pub changed: usize,
    /// In what they are paid.
    pub currency: Currency,
    /// By how much more all of them cost in a month after the changes, in minor units.
    pub difference: i64,
}

impl Store {
    /// Returns the changes of prices, by the parts between these bounds, which ascend, in which they were made and in which the
    /// subscriptions began and ended.
    #[tracing::instrument(skip_all)]
    pub async fn price_changes(
        &self,
        bounds: &[Timestamp],
    ) -> Result<Vec<PriceChanges>, StoreError> {
        let (started, ended) = (part("s.paying_since", bounds), part("s.ended", bounds));
        let statement = format!(
            "SELECT {started} AS started, CASE WHEN s.ended IS NULL THEN -1 ELSE {ended} END AS ended, \
             {changed} AS changed, s.currency AS currency, \
             CAST(SUM(c.difference) AS bigint) AS difference \
             FROM price_changes c JOIN subscriptions s ON s.id = c.subscription \
             WHERE s.paying_since IS NOT NULL GROUP BY 1, 2, 3, 4",
            changed = part("c.at", bounds),
        );
        let backend = self.database.get_database_backend();
        let rows = self.database.query_all_raw(Statement::from_string(backend, statement)).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &QueryResult) -> Result<PriceChanges, StoreError> {
    let currency: String = row.try_get("", "currency")?;
    let (started, ended): (i32, i32) = (row.try_get("", "started")?, row.try_get("", "ended")?);
    let changed: i32 = row.try_get("", "changed")?;
    Ok(PriceChanges {
        started: usize::try_from(started).unwrap_or_default(),
        ended: usize::try_from(ended).ok(),
        changed: usize::try_from(changed).unwrap_or_default(),
        currency: currency.parse().map_err(StoreError::unreadable)?,
        difference: row.try_get("", "difference")?,
    })
}

/// Records by how much a change alters the price of a month, if it does. Amounts in two currencies cannot be compared.
pub(super) async fn record_price(
    transaction: &DatabaseTransaction,
    SubscriptionChange { before, after, .. }: &SubscriptionChange,
    now: Timestamp,
) -> Result<(), StoreError> {
    let difference = counted(after) - counted(before);
    let is_same_currency = before.terms.amount.currency() == after.terms.amount.currency();
    if difference == 0 || !is_same_currency {
        return Ok(());
    }
    let change = row::ActiveModel {
        subscription: Set(Key(before.id)),
        version: Set(before.version + 1),
        at: Set(now.as_second()),
        difference: Set(difference),
    };
    row::Entity::insert(change).exec_without_returning(transaction).await?;
    Ok(())
}

/// What a subscription counts for in a month: while it is paused, nothing.
fn counted(of: &Subscription) -> i64 {
    if ReaderStatus::of(of) == ReaderStatus::Paused { 0 } else { monthly_minor(of) }
}
