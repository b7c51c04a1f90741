//! How long subscriptions were paid for, added up by the database: revenue over time and cohorts are computed from it, also
//! for millions of subscriptions.

use jiff::Timestamp;
use masthead_circulation::{Currency, Money};
use sea_orm::{ConnectionTrait, QueryResult, Statement};

use crate::{Store, StoreError};

/// Subscriptions that began in the same part of a time, and ended in the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidSpans {
    /// The number of bounds at or before the first payment.
    pub started: usize,
    /// The number of bounds at or before the end; `None` if they go on.
    pub ended: Option<usize>,
    /// How many there are.
    pub count: u64,
    /// What all of them but those that are paused cost in a month at regular prices.
    pub monthly: Money,
}

impl Store {
    /// Returns the subscriptions that were ever paid, by the parts between these bounds, which ascend, in which they began and
    /// ended. There are at most as many rows as pairs of parts, in each currency.
    #[tracing::instrument(skip_all)]
    pub async fn paid_spans(&self, bounds: &[Timestamp]) -> Result<Vec<PaidSpans>, StoreError> {
        let (started, ended) = (part("paying_since", bounds), part("ended", bounds));
        let statement = format!(
            "SELECT {started} AS started, CASE WHEN ended IS NULL THEN -1 ELSE {ended} END AS ended, \
             currency, COUNT(*) AS count, CAST(SUM(CASE WHEN reader_status = 'paused' THEN 0 ELSE monthly END) AS bigint) AS monthly \
             FROM subscriptions WHERE paying_since IS NOT NULL AND monthly > 0 GROUP BY 1, 2, 3"
        );
        let backend = self.database.get_database_backend();
        let rows = self.database.query_all_raw(Statement::from_string(backend, statement)).await?;
        rows.iter().map(read).collect()
    }
}

/// The number of bounds at or before the time in a column.
pub(super) fn part(column: &str, bounds: &[Timestamp]) -> String {
    let cases: Vec<String> = bounds
        .iter()
        .enumerate()
        .map(|(index, bound)| format!("WHEN {column} < {} THEN {index}", bound.as_second()))
        .collect();
    if cases.is_empty() {
        return "0".to_owned();
    }
    format!("CASE {} ELSE {} END", cases.join(" "), bounds.len())
}

fn read(row: &QueryResult) -> Result<PaidSpans, StoreError> {
    let currency: String = row.try_get("", "currency")?;
    let currency: Currency = currency.parse().map_err(StoreError::unreadable)?;
    let (started, ended): (i32, i32) = (row.try_get("", "started")?, row.try_get("", "ended")?);
    let (count, monthly): (i64, i64) = (row.try_get("", "count")?, row.try_get("", "monthly")?);
    Ok(PaidSpans {
        started: usize::try_from(started).unwrap_or_default(),
        ended: usize::try_from(ended).ok(),
        count: count.unsigned_abs(),
        monthly: Money::of(monthly.unsigned_abs(), currency),
    })
}
