//! Whether a database is a copy, which must neither charge nor write to readers until it is activated.

use jiff::Timestamp;
use masthead_circulation::AuditAction;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{
    Store, StoreError,
    audit_log::{AuditRecord, record},
    records::{backup, edition},
    served,
};

impl Store {
    /// Returns when this database became a copy, by being restored from a backup or left by a move, if it was not
    /// activated since.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn restored_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = edition::Entity::find().one(&self.database).await?;
        Ok(row.and_then(|row| row.restored_at).map(crate::time))
    }

    /// Removes the mark of a copy, confirms the time, because what was restored says when the original was last served, and removes the
    /// backup that went on when the copy was made, because every backup has itself in it. Returns `false` if there was no mark.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn activate(&self, now: Timestamp) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let done = edition::Entity::update_many()
            .col_expr(edition::Column::RestoredAt, Expr::value(None::<i64>))
            .filter(edition::Column::RestoredAt.is_not_null())
            .exec(&transaction)
            .await?;
        if done.rows_affected > 0 {
            backup::Entity::delete_many()
                .filter(backup::Column::Open.eq(1))
                .exec(&transaction)
                .await?;
            let entry = AuditRecord::new(None, now, AuditAction::ActivatedCopy);
            record(&transaction, entry).await?;
            served::note(&transaction, now).await?;
        }
        transaction.commit().await?;
        Ok(done.rows_affected > 0)
    }
}
