//! Labels of readers: free words of the newsroom.

use jiff::Timestamp;
use masthead_circulation::{Account, AccountId, AuditAction, AuditChange};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, OnConflict, Order, Query},
};

use super::query::ReaderSelection;
use crate::{
    Store, StoreError, accounts,
    audit_log::{AuditRecord, record},
    desk_jobs::{self, DeskJob, JobProgress},
    ids::{AccountKey, Key},
    records::{account, reader_label},
};

/// A label that is added or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelChange {
    /// It is added.
    Add(String),
    /// It is removed.
    Remove(String),
}

/// A part of a change of very many readers: so many of those who fit, from where the job is.
#[derive(Clone, Copy, Debug)]
pub struct LabelPart<'a> {
    /// The readers.
    pub selection: &'a ReaderSelection,
    /// What is done with them.
    pub change: &'a LabelChange,
    /// How many readers.
    pub most: u64,
}

/// What a part came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelledPart {
    /// How far the job is.
    pub progress: JobProgress,
    /// How many readers were in the part: fewer than asked for are the last.
    pub readers: u64,
}

impl LabelChange {
    /// What the audit log has of it.
    pub fn audit(&self) -> AuditChange {
        let (before, after) = match self {
            Self::Add(label) => (None, Some(label.clone())),
            Self::Remove(label) => (Some(label.clone()), None),
        };
        AuditChange { key: "label".to_owned(), before, after }
    }
}

impl Store {
    /// Returns the labels of an account, in order.
    #[tracing::instrument(skip_all)]
    pub async fn labels_of(&self, account: AccountId) -> Result<Vec<String>, StoreError> {
        let mut labels: Vec<String> = reader_label::Entity::find()
            .select_only()
            .column(reader_label::Column::Label)
            .filter(reader_label::Column::Account.eq(Key(account)))
            .into_tuple()
            .all(&self.database)
            .await?;
        // Databases sort by rules of their own.
        labels.sort();
        Ok(labels)
    }

    /// Returns at most `most` labels, those of the most readers first.
    #[tracing::instrument(skip_all)]
    pub async fn all_labels(&self, most: u64) -> Result<Vec<String>, StoreError> {
        let labels = reader_label::Entity::find()
            .select_only()
            .column(reader_label::Column::Label)
            .group_by(reader_label::Column::Label)
            .order_by(Expr::col(reader_label::Column::Account).count(), Order::Desc)
            .order_by_asc(reader_label::Column::Label)
            .limit(most)
            .into_tuple()
            .all(&self.database)
            .await?;
        Ok(labels)
    }

    /// Adds a label to a reader, or removes it. Returns `false` if nothing is changed by it.
    #[tracing::instrument(skip_all)]
    pub async fn label_reader(
        &self,
        reader: &Account,
        change: &LabelChange,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        if accounts::lock(&transaction, reader.id).await?.is_none() {
            return Ok(false);
        }
        if !label_in(&transaction, reader, change, by, now).await? {
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Adds a label to several readers, or removes it, in one statement. Returns how many are changed by it.
    #[tracing::instrument(skip_all)]
    pub async fn label_readers(
        &self,
        selection: &ReaderSelection,
        change: &LabelChange,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let transaction = self.begin().await?;
        let changed = apply(&transaction, selection, change).await?;
        if changed == 0 {
            return Ok(0);
        }
        let entry = AuditRecord {
            changes: vec![change.audit(), AuditChange::fact("readers", changed)],
            ..AuditRecord::new(by, now, AuditAction::LabelledReaders)
        };
        record(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(changed)
    }

    /// Does a part of a job that adds a label to very many readers or removes it, and notes how far the job is. The audit log has an
    /// entry at the end of the job. Returns `None`, and changes nothing, if another server has the job, or this part is done.
    #[tracing::instrument(skip_all)]
    pub async fn label_part(
        &self,
        part: &LabelPart<'_>,
        job: &DeskJob,
    ) -> Result<Option<LabelledPart>, StoreError> {
        let after = AccountId(u32::try_from(job.progress.position).unwrap_or(u32::MAX));
        let found: Vec<AccountKey> = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .filter(part.selection.condition())
            .filter(account::Column::Id.gt(Key(after)))
            .order_by_asc(account::Column::Id)
            .limit(part.most)
            .into_tuple()
            .all(&self.database)
            .await?;
        let readers = found.len() as u64;
        let Some(last) = found.last() else {
            // Or another server has done the last of them.
            let transaction = self.begin().await?;
            let is_ours = desk_jobs::note_part(&transaction, job, job.progress).await?;
            return Ok(is_ours.then_some(LabelledPart { progress: job.progress, readers }));
        };
        let position = i64::from(last.0.0);
        let chosen = ReaderSelection::Chosen(found.into_iter().map(|key| key.0).collect());
        let transaction = self.begin().await?;
        let changed = apply(&transaction, &chosen, part.change).await?;
        let JobProgress { done, skipped, failed, .. } = job.progress;
        let unchanged = readers.saturating_sub(changed);
        let progress =
            JobProgress { position, done: done + changed, skipped: skipped + unchanged, failed };
        if !desk_jobs::note_part(&transaction, job, progress).await? {
            return Ok(None);
        }
        transaction.commit().await?;
        Ok(Some(LabelledPart { progress, readers }))
    }
}

/// Adds a label to a reader whose account is locked or new, or removes it, and records it. Returns `false` if nothing is changed.
pub(super) async fn label_in(
    transaction: &DatabaseTransaction,
    reader: &Account,
    change: &LabelChange,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let one = ReaderSelection::Chosen(vec![reader.id]);
    if apply(transaction, &one, change).await? == 0 {
        return Ok(false);
    }
    let entry = AuditRecord {
        about: reader.email.as_str(),
        account: Some(reader.id),
        changes: vec![change.audit()],
        ..AuditRecord::new(by, now, AuditAction::LabelledReader)
    };
    record(transaction, entry).await?;
    Ok(true)
}

async fn apply(
    transaction: &DatabaseTransaction,
    selection: &ReaderSelection,
    change: &LabelChange,
) -> Result<u64, StoreError> {
    let mut readers = Query::select();
    readers.column(account::Column::Id).from(account::Entity).cond_where(selection.condition());
    let changed = match change {
        LabelChange::Add(label) => {
            // Locked, in the order of their numbers, so that no account is deleted meanwhile.
            readers
                .expr(Expr::value(label.as_str()))
                .order_by(account::Column::Id, Order::Asc)
                .lock(LockType::KeyShare);
            let columns = [reader_label::Column::Account, reader_label::Column::Label];
            let mut insert = Query::insert();
            insert
                .into_table(reader_label::Entity)
                .columns(columns)
                .on_conflict(OnConflict::columns(columns).do_nothing().to_owned());
            insert.select_from(readers).map_err(StoreError::unreadable)?;
            transaction.execute(&insert).await?.rows_affected()
        }
        LabelChange::Remove(label) => {
            let deleted = reader_label::Entity::delete_many()
                .filter(reader_label::Column::Label.eq(label.as_str()))
                .filter(reader_label::Column::Account.in_subquery(readers))
                .exec(transaction)
                .await?;
            deleted.rows_affected
        }
    };
    Ok(changed)
}
