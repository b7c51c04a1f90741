//! Which server makes a backup. One that is killed loses it when its claim expires, and another begins it again.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, UpdateMany,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::{StoredBackup, associated, read, row};
use crate::{Store, StoreError, sealer::OpenSealedError};

/// How long a server has a backup without saying how far it is.
const CLAIM: SignedDuration = SignedDuration::from_mins(2);
/// How often a backup is begun. One that has ended its server as often would end the next as well.
const MAX_ATTEMPTS: i32 = 3;

/// A backup that this server makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupClaim {
    /// What is made.
    pub backup: StoredBackup,
    /// The passphrase that was entered for it.
    pub passphrase: Option<String>,
    /// The name of the file of this attempt. The row has it before there is a file, so that none is ever unknown.
    pub file: String,
    /// The file of the attempt before, which may exist if its server was killed. It is to be removed.
    pub abandoned: Option<String>,
    /// How often it was begun, with this attempt.
    pub attempts: i32,
    claimed_until: i64,
}

impl BackupClaim {
    /// Whether it is not begun again if this attempt fails.
    pub fn is_last_attempt(&self) -> bool {
        self.attempts >= MAX_ATTEMPTS
    }
}

/// How far a backup is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupCounts {
    /// Rows that are written.
    pub rows: u64,
    /// Rows that there are.
    pub all_rows: u64,
    /// Files of pictures that are written.
    pub pictures: u64,
}

/// What is known of a backup that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedBackup {
    /// The name of its file.
    pub file: String,
    /// The size of its file, in bytes.
    pub bytes: u64,
    /// Whether it is encrypted.
    pub is_encrypted: bool,
    /// What is in it.
    pub counts: BackupCounts,
}

impl Store {
    /// Claims the backup that was asked for, if no server has it. Returns `None` if there is none. One that was begun too often has
    /// failed: `fault` says so, and its file is among the [discarded](Store::discarded_backups).
    ///
    /// `name` returns the name of the file of this attempt, which no other attempt may have.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn claim_backup(
        &self,
        server: &str,
        name: impl Fn(&StoredBackup) -> String + Send,
        fault: &str,
        now: Timestamp,
    ) -> Result<Option<BackupClaim>, StoreError> {
        let open = row::Entity::find()
            .filter(row::Column::Open.eq(1))
            .filter(row::Column::ClaimedUntil.lt(now.as_second()))
            .one(&self.database)
            .await?;
        let Some(open) = open else { return Ok(None) };
        let (id, before) = (open.id, open.claimed_until);
        if open.attempts >= MAX_ATTEMPTS {
            ended(is_claimed(id, before), now)
                .col_expr(row::Column::Fault, fault.into())
                .col_expr(row::Column::Discarded, now.as_second().into())
                .exec(&self.database)
                .await?;
            return Ok(None);
        }
        let (sealed, at) = (open.passphrase.clone(), open.at);
        let (attempts, abandoned) = (open.attempts + 1, open.file_name.clone());
        let backup = StoredBackup { server: server.to_owned(), ..read(open) };
        let file = name(&backup);
        let until = Ord::max((now + CLAIM).as_second(), before + 1);
        let claimed = row::Entity::update_many()
            .col_expr(row::Column::ClaimedUntil, until.into())
            .col_expr(row::Column::Attempts, Expr::col(row::Column::Attempts).add(1))
            .col_expr(row::Column::Server, server.into())
            .col_expr(row::Column::FileName, file.as_str().into())
            .filter(is_claimed(id, before))
            .exec(&self.database)
            .await?;
        if claimed.rows_affected == 0 {
            return Ok(None);
        }
        let sealed = sealed.as_deref();
        let passphrase = sealed.map(|sealed| self.open_passphrase(sealed, at)).transpose()?;
        let claimed_until = until;
        Ok(Some(BackupClaim { backup, passphrase, file, abandoned, attempts, claimed_until }))
    }

    fn open_passphrase(&self, sealed: &[u8], at: i64) -> Result<String, StoreError> {
        let opened = self.sealer.open(sealed, &associated(at)).map_err(|error| match error {
            OpenSealedError::Store(error) => error,
            OpenSealedError::Sealed(error) => StoreError::unreadable(error),
        });
        String::from_utf8(opened?).map_err(StoreError::unreadable)
    }

    /// Notes how far a claimed backup is. Returns `false` if the claim has expired and another server has it.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn advance_backup(
        &self,
        claim: &mut BackupClaim,
        counts: BackupCounts,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // A claim of the same second as the last would not tell the two apart.
        let until = Ord::max((now + CLAIM).as_second(), claim.claimed_until + 1);
        let noted = with_counts(row::Entity::update_many(), counts)
            .col_expr(row::Column::ClaimedUntil, until.into())
            .filter(is_claimed(claim.backup.id, claim.claimed_until))
            .exec(&self.database)
            .await?;
        claim.claimed_until = until;
        Ok(noted.rows_affected == 1)
    }

    /// Notes that a claimed backup is complete. Returns `false` if another server has it: then its file is not needed.
    #[tracing::instrument(skip_all)]
    pub async fn finish_backup(
        &self,
        claim: &BackupClaim,
        finished: &FinishedBackup,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let size = i64::try_from(finished.bytes).unwrap_or(i64::MAX);
        let of_claim = is_claimed(claim.backup.id, claim.claimed_until);
        let noted = with_counts(ended(of_claim, now), finished.counts)
            .col_expr(row::Column::FileName, finished.file.as_str().into())
            .col_expr(row::Column::Size, size.into())
            .col_expr(row::Column::IsEncrypted, finished.is_encrypted.into())
            .exec(&self.database)
            .await?;
        Ok(noted.rows_affected == 1)
    }

    /// Gives a claimed backup back, because this server stops: any server may begin it at once, and it is no attempt.
    #[tracing::instrument(skip_all)]
    pub async fn release_backup(&self, claim: &BackupClaim) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::ClaimedUntil, 0_i64.into())
            .col_expr(row::Column::Attempts, Expr::col(row::Column::Attempts).sub(1))
            .filter(is_claimed(claim.backup.id, claim.claimed_until))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Notes that a claimed backup has failed, and why.
    #[tracing::instrument(skip_all)]
    pub async fn fail_backup(
        &self,
        claim: &BackupClaim,
        fault: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        ended(is_claimed(claim.backup.id, claim.claimed_until), now)
            .col_expr(row::Column::Fault, fault.into())
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

/// Whether this is the last claim of a backup that has not ended.
fn is_claimed(id: i32, until: i64) -> SimpleExpr {
    row::Column::Id.eq(id).and(row::Column::Open.eq(1)).and(row::Column::ClaimedUntil.eq(until))
}

/// The end of a backup. Its passphrase is forgotten.
fn ended(which: SimpleExpr, now: Timestamp) -> UpdateMany<row::Entity> {
    row::Entity::update_many()
        .col_expr(row::Column::Open, Expr::value(None::<i32>))
        .col_expr(row::Column::Finished, now.as_second().into())
        .col_expr(row::Column::Passphrase, Expr::value(None::<Vec<u8>>))
        .filter(which)
}

fn with_counts(update: UpdateMany<row::Entity>, counts: BackupCounts) -> UpdateMany<row::Entity> {
    let number = |count: u64| Expr::value(i64::try_from(count).unwrap_or(i64::MAX));
    update
        .col_expr(row::Column::Rows, number(counts.rows))
        .col_expr(row::Column::AllRows, number(counts.all_rows))
        .col_expr(row::Column::Pictures, number(counts.pictures))
}
