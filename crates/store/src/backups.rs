//! Backups that servers make: what was asked for, how far it is, and what came of it. At most one goes on in the whole publication.
//! The file is on the server that has made it, whose name is in the row.

mod claim;
mod files;

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, AuditAction};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{CaseStatement, ExprTrait, OnConflict, Order, SimpleExpr},
};

pub use self::{
    claim::{BackupClaim, BackupCounts, FinishedBackup},
    files::DiscardedFile,
};
use crate::{
    Email, Store, StoreError,
    audit_log::{AuditRecord, record},
    ids::Key,
    outbox,
    records::backup as row,
    time,
};

/// How long it is known that a backup has failed, or was deleted.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A backup that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct NewBackup<'a> {
    /// Who asks; `None` for the schedule.
    pub by: Option<AccountId>,
    /// The time of the schedule that it is for; each has one backup at most.
    pub scheduled_for: Option<Timestamp>,
    /// Whether it has the pictures.
    pub with_pictures: bool,
    /// The passphrase that it is encrypted with, if it is not that of the server's settings.
    pub passphrase: Option<&'a str>,
    /// When.
    pub at: Timestamp,
}

/// A backup, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBackup {
    /// Its number.
    pub id: i32,
    /// When it was asked for.
    pub at: Timestamp,
    /// Whether the schedule has asked for it.
    pub is_scheduled: bool,
    /// Whether it has the pictures.
    pub with_pictures: bool,
    /// Whether it is encrypted.
    pub is_encrypted: bool,
    /// The server that makes or has made it; empty until one does.
    pub server: String,
    /// How far it is.
    pub counts: BackupCounts,
    /// What has become of it.
    pub state: BackupState,
}

/// What has become of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupState {
    /// It was asked for, and may be going on.
    Open,
    /// It is complete, and every checksum is right.
    Done {
        /// When.
        at: Timestamp,
        /// The name of its file.
        file: String,
        /// The size of its file, in bytes.
        bytes: u64,
    },
    /// It was not made.
    Failed {
        /// When.
        at: Timestamp,
        /// Why not.
        fault: String,
    },
    /// It was complete, and its file is deleted, or about to be.
    Discarded {
        /// When it was to be deleted.
        at: Timestamp,
        /// The name of its file.
        file: String,
    },
}

impl Store {
    /// Asks for a backup. Returns `false` if one goes on, or the time of the schedule has one.
    #[tracing::instrument(skip_all)]
    pub async fn request_backup(&self, new: &NewBackup<'_>) -> Result<bool, StoreError> {
        let seal = |text: &str| self.sealer.seal(text.as_bytes(), &associated(new.at.as_second()));
        let wanted = row::ActiveModel {
            id: NotSet,
            requested_by: Set(new.by.map(Key)),
            at: Set(new.at.as_second()),
            scheduled_for: Set(new.scheduled_for.map(Timestamp::as_second)),
            open: Set(Some(1)),
            with_pictures: Set(new.with_pictures),
            passphrase: Set(new.passphrase.map(seal).transpose()?),
            is_encrypted: Set(new.passphrase.is_some()),
            claimed_until: Set(0),
            attempts: Set(0),
            server: Set(String::new()),
            rows: Set(0),
            all_rows: Set(0),
            pictures: Set(0),
            finished: Set(None),
            file_name: Set(None),
            size: Set(0),
            fault: Set(None),
            is_told: Set(false),
            discarded: Set(None),
            deleted: Set(None),
        };
        let once = OnConflict::new().do_nothing().to_owned();
        let transaction = self.begin().await?;
        let added = row::Entity::insert(wanted).on_conflict(once);
        if added.exec_without_returning(&transaction).await? == 0 {
            return Ok(false);
        }
        if let Some(by) = new.by {
            let entry = AuditRecord::new(Some(by), new.at, AuditAction::RequestedBackup);
            record(&transaction, entry).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Returns the latest backups, the last first.
    #[tracing::instrument(skip_all)]
    pub async fn backups(&self, most: u64) -> Result<Vec<StoredBackup>, StoreError> {
        let rows = row::Entity::find()
            .order_by_desc(row::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Returns at most `most` backups: first the one that goes on, then those that have a file, then all others; each the last first.
    #[tracing::instrument(skip_all)]
    pub async fn backups_with_files_first(
        &self,
        most: u64,
    ) -> Result<Vec<StoredBackup>, StoreError> {
        let order: SimpleExpr = CaseStatement::new()
            .case(row::Column::Open.is_not_null(), 0)
            .case(files::has_file(), 1)
            .finally(2)
            .into();
        let rows = row::Entity::find()
            .order_by(order, Order::Asc)
            .order_by_desc(row::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Returns a backup; `None` if there is none with this number.
    #[tracing::instrument(skip_all)]
    pub async fn backup(&self, id: i32) -> Result<Option<StoredBackup>, StoreError> {
        Ok(row::Entity::find_by_id(id).one(&self.database).await?.map(read))
    }

    /// Returns the backups that have failed and that nobody was told of.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn failed_backups_to_tell(&self) -> Result<Vec<StoredBackup>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Fault.is_not_null())
            .filter(row::Column::IsTold.eq(false))
            .order_by_asc(row::Column::Id)
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Puts the emails about a backup that has failed into the outbox. Returns `false` if another server has told of it.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_failed_backup(
        &self,
        id: i32,
        emails: &[Email],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let told = row::Entity::update_many()
            .col_expr(row::Column::IsTold, true.into())
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::IsTold.eq(false))
            .exec(&transaction)
            .await?;
        if told.rows_affected == 0 {
            return Ok(false);
        }
        outbox::enqueue(&transaction, &self.email_sealer(), emails, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Deletes what is known of backups that have failed, or whose files were deleted, after some months.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn prune_backups(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = (now - KEPT).as_second();
        let has_failed = row::Column::Fault.is_not_null().and(row::Column::Finished.lt(before));
        let old = has_failed.or(row::Column::Deleted.lt(before));
        self.delete_in_batches::<row::Entity>(old).await.map(drop)
    }
}

/// What binds a sealed passphrase to its row.
fn associated(at: i64) -> Vec<u8> {
    format!("masthead backup 1\n{at}").into_bytes()
}

fn read(row: row::Model) -> StoredBackup {
    let at = time(row.finished.unwrap_or_default());
    let file = row.file_name.unwrap_or_default();
    let state = match (row.fault, row.discarded) {
        _ if row.finished.is_none() => BackupState::Open,
        (Some(fault), _) => BackupState::Failed { at, fault },
        (None, Some(discarded)) => BackupState::Discarded { at: time(discarded), file },
        (None, None) => BackupState::Done { at, file, bytes: row.size.unsigned_abs() },
    };
    StoredBackup {
        id: row.id,
        at: time(row.at),
        is_scheduled: row.scheduled_for.is_some(),
        with_pictures: row.with_pictures,
        is_encrypted: row.is_encrypted,
        server: row.server,
        counts: BackupCounts {
            rows: row.rows.unsigned_abs(),
            all_rows: row.all_rows.unsigned_abs(),
            pictures: row.pictures.unsigned_abs(),
        },
        state,
    }
}
