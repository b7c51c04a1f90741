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

/// A part of a change of many readers: so many of those who fit, from the one after `after` on.
#[derive(Clone, Copy, Debug)]
pub struct LabelPart<'a> {
    /// The readers.
    pub selection: &'a ReaderSelection,
    /// What is done with them.
    pub change: &'a LabelChange,
    /// How they were chosen, for the audit log; may be empty.
    pub filters: &'a str,
    /// The last reader of the part before.
    pub after: AccountId,
    /// How many readers.
    pub most: u64,
}

impl LabelChange {
    fn audit(&self) -> AuditChange {
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

    /// Adds a label to several readers, or removes it, in one statement. `filters` says in the audit log how they were chosen.
    /// Returns how many are changed by it.
    #[tracing::instrument(skip_all)]
    pub async fn label_readers(
        &self,
        selection: &ReaderSelection,
        change: &LabelChange,
        filters: &str,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let transaction = self.begin().await?;
        let changed = apply(&transaction, selection, change).await?;
        if changed == 0 {
            return Ok(0);
        }
        let readers = Some(AuditChange::fact("readers", changed));
        let changes = [Some(change.audit()), readers, AuditChange::between("filters", "", filters)];
        let entry = AuditRecord {
            changes: changes.into_iter().flatten().collect(),
            ..AuditRecord::new(by, now, AuditAction::LabelledReaders)
        };
        record(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(changed)
    }

    /// Does the same with a part of very many readers. Returns the numbers of the readers in it, in order: fewer than asked for are
    /// the last. Done again, it changes nothing more.
    #[tracing::instrument(skip_all)]
    pub async fn label_part(
        &self,
        part: &LabelPart<'_>,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Vec<AccountId>, StoreError> {
        let found: Vec<AccountKey> = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .filter(part.selection.condition())
            .filter(account::Column::Id.gt(Key(part.after)))
            .order_by_asc(account::Column::Id)
            .limit(part.most)
            .into_tuple()
            .all(&self.database)
            .await?;
        let readers: Vec<AccountId> = found.into_iter().map(|key| key.0).collect();
        if !readers.is_empty() {
            let chosen = ReaderSelection::Chosen(readers.clone());
            self.label_readers(&chosen, part.change, part.filters, by, now).await?;
        }
        Ok(readers)
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
