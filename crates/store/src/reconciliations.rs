//! Reports of reconciliations: what did not agree, and when it was compared.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};

use crate::{Store, StoreError, records::reconciliation as row, time};

/// How long reports are kept.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What a comparison of charges, payments, refunds and access found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconciliationReport {
    /// When it was made.
    pub at: Timestamp,
    /// What does not agree, one sentence each.
    pub mismatches: Vec<String>,
}

impl Store {
    /// Keeps a report, and forgets those that are older than 90 days.
    #[tracing::instrument(skip_all)]
    pub async fn keep_reconciliation(
        &self,
        report: &ReconciliationReport,
    ) -> Result<(), StoreError> {
        let mismatches = serde_json::to_string(&report.mismatches)?;
        let new = row::ActiveModel { at: Set(report.at.as_second()), mismatches: Set(mismatches) };
        let latest =
            OnConflict::column(row::Column::At).update_column(row::Column::Mismatches).to_owned();
        row::Entity::insert(new).on_conflict(latest).exec_without_returning(&self.database).await?;
        row::Entity::delete_many()
            .filter(row::Column::At.lt((report.at - KEPT).as_second()))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Returns the latest report, or `None` if nothing was compared yet.
    #[tracing::instrument(skip_all)]
    pub async fn latest_reconciliation(&self) -> Result<Option<ReconciliationReport>, StoreError> {
        let row = row::Entity::find().order_by_desc(row::Column::At).one(&self.database).await?;
        let Some(row) = row else { return Ok(None) };
        let mismatches = serde_json::from_str(&row.mismatches)?;
        Ok(Some(ReconciliationReport { at: time(row.at), mismatches }))
    }
}
