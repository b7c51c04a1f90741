//! Notes that staff write about readers.

use jiff::Timestamp;
use masthead_circulation::{Account, AccountId, AuditAction, AuditChange};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};

use crate::{
    Store, StoreError, accounts,
    audit_log::{AuditRecord, record},
    ids::Key,
    records::reader_note,
    time,
};

/// A note about a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderNote {
    /// Its number.
    pub number: i32,
    /// Who wrote it; `None` once their account is deleted.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
    /// The text.
    pub text: String,
}

impl Store {
    /// Returns the notes about an account, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn notes_about(&self, account: AccountId) -> Result<Vec<ReaderNote>, StoreError> {
        let rows = reader_note::Entity::find()
            .filter(reader_note::Column::Account.eq(Key(account)))
            .order_by_desc(reader_note::Column::Id)
            .all(&self.database)
            .await?;
        let note = |row: reader_note::Model| ReaderNote {
            number: row.id,
            by: row.written_by.map(|by| by.0),
            at: time(row.at),
            text: row.note,
        };
        Ok(rows.into_iter().map(note).collect())
    }

    /// Adds a note about a reader. Returns `false` if the account is deleted.
    #[tracing::instrument(skip_all)]
    pub async fn add_note(
        &self,
        reader: &Account,
        text: &str,
        by: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        if accounts::lock(&transaction, reader.id).await?.is_none() {
            return Ok(false);
        }
        note_in(&transaction, reader, text, Some(by), now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Deletes a note about a reader. Returns `false` if there is none with this number.
    #[tracing::instrument(skip_all)]
    pub async fn delete_note(
        &self,
        reader: &Account,
        number: i32,
        by: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        accounts::lock(&transaction, reader.id).await?;
        let own = reader_note::Entity::find_by_id(number)
            .filter(reader_note::Column::Account.eq(Key(reader.id)))
            .one(&transaction)
            .await?;
        let Some(note) = own else { return Ok(false) };
        reader_note::Entity::delete_by_id(number).exec(&transaction).await?;
        audit(&transaction, reader, (Some(&note.note), None), Some(by), now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Adds a note about a reader whose account is locked, unless there is one with the same text. Returns whether it was added.
pub(super) async fn note_once(
    transaction: &DatabaseTransaction,
    reader: &Account,
    text: &str,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let same = reader_note::Entity::find()
        .filter(reader_note::Column::Account.eq(Key(reader.id)))
        .filter(reader_note::Column::Note.eq(text))
        .count(transaction)
        .await?;
    if same == 0 {
        note_in(transaction, reader, text, by, now).await?;
    }
    Ok(same == 0)
}

async fn note_in(
    transaction: &DatabaseTransaction,
    reader: &Account,
    text: &str,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = reader_note::ActiveModel {
        id: NotSet,
        account: Set(Key(reader.id)),
        written_by: Set(by.map(Key)),
        at: Set(now.as_second()),
        note: Set(text.to_owned()),
    };
    reader_note::Entity::insert(row).exec_without_returning(transaction).await?;
    audit(transaction, reader, (None, Some(text)), by, now).await
}

/// The log has only the length, so that a text that is deleted is gone.
async fn audit(
    transaction: &DatabaseTransaction,
    reader: &Account,
    (before, after): (Option<&str>, Option<&str>),
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let length = |text: &str| format!("{} characters", text.chars().count());
    let (before, after) = (before.map(length), after.map(length));
    let entry = AuditRecord {
        about: reader.email.as_str(),
        account: Some(reader.id),
        changes: vec![AuditChange { key: "note".to_owned(), before, after }],
        ..AuditRecord::new(by, now, AuditAction::ChangedNote)
    };
    record(transaction, entry).await
}
