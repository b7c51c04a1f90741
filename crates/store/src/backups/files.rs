//! Which files of backups are kept. A row says first that its file is to be deleted; then each server deletes those that it has.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, AuditAction};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{ExprTrait, SimpleExpr},
};

use super::row;
use crate::{
    Store, StoreError,
    audit_log::{AuditRecord, record},
};

/// After what time a file that no server has found counts as deleted.
const LOST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A file of a backup that is to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscardedFile {
    /// The number of the backup.
    pub id: i32,
    /// The name of the file. It may not exist if the backup was begun too often.
    pub file: String,
    /// The server that has made it.
    pub server: String,
}

impl Store {
    /// Has the file of a backup deleted, for somebody. Returns `false` if it is not there any more.
    #[tracing::instrument(skip_all)]
    pub async fn discard_backup(
        &self,
        id: i32,
        by: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let Some(backup) = row::Entity::find_by_id(id).one(&transaction).await? else {
            return Ok(false);
        };
        let discarded = row::Entity::update_many()
            .col_expr(row::Column::Discarded, now.as_second().into())
            .filter(row::Column::Id.eq(id).and(has_file()))
            .exec(&transaction)
            .await?;
        if discarded.rows_affected == 0 {
            return Ok(false);
        }
        let file = backup.file_name.unwrap_or_default();
        let entry = AuditRecord::new(Some(by), now, AuditAction::DeletedBackup);
        record(&transaction, AuditRecord { about: &file, ..entry }).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Has all files deleted that the schedule has made, except the latest `keep`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn discard_old_backups(&self, keep: u16, now: Timestamp) -> Result<(), StoreError> {
        let is_old = || row::Column::ScheduledFor.is_not_null().and(has_file());
        let first_to_keep = row::Entity::find()
            .filter(is_old())
            .order_by_desc(row::Column::Id)
            .offset(u64::from(Ord::max(keep, 1)) - 1)
            .one(&self.database)
            .await?;
        let Some(first_to_keep) = first_to_keep else { return Ok(()) };
        row::Entity::update_many()
            .col_expr(row::Column::Discarded, now.as_second().into())
            .filter(is_old().and(row::Column::Id.lt(first_to_keep.id)))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Returns the files of backups that are to be deleted.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn discarded_backups(&self) -> Result<Vec<DiscardedFile>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Discarded.is_not_null())
            .filter(row::Column::Deleted.is_null())
            .order_by_asc(row::Column::Id)
            .all(&self.database)
            .await?;
        let file = |row: row::Model| DiscardedFile {
            id: row.id,
            file: row.file_name.unwrap_or_default(),
            server: row.server,
        };
        Ok(rows.into_iter().map(file).collect())
    }

    /// Notes that the file of a backup is deleted.
    #[tracing::instrument(skip_all)]
    pub async fn note_deleted_backup(&self, id: i32, now: Timestamp) -> Result<(), StoreError> {
        self.note_deleted(row::Column::Id.eq(id), now).await
    }

    /// Notes that files are deleted that no server has found.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn give_up_lost_backups(&self, now: Timestamp) -> Result<(), StoreError> {
        self.note_deleted(row::Column::Discarded.lt((now - LOST).as_second()), now).await
    }

    async fn note_deleted(&self, which: SimpleExpr, now: Timestamp) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::Deleted, now.as_second().into())
            .filter(which)
            .filter(row::Column::Discarded.is_not_null())
            .filter(row::Column::Deleted.is_null())
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

/// Whether a backup is complete, and its file is not to be deleted.
pub(super) fn has_file() -> SimpleExpr {
    row::Column::Finished
        .is_not_null()
        .and(row::Column::Fault.is_null())
        .and(row::Column::Discarded.is_null())
}
