//! The audit log of what is done about staff and readers.

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, EmailAddress, StaffActor,
    staff::{DoneBy, Role, StaffAction, StaffAuditEntry},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    TransactionTrait,
    prelude::Expr,
};

use crate::{
    Store, StoreError,
    account_changes::notify_meter_reset,
    accounts,
    ids::Key,
    parse_stored,
    records::{account, account_read, desk_record},
    time,
};

impl Store {
    /// Resets a reader's meter: deletes the reads of this window, and those from before `now` that any server stores later
    /// do not count.
    pub async fn reset_meter(
        &self,
        reader: &Account,
        staff: &StaffActor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        accounts::lock(&transaction, reader.id).await?;
        account::Entity::update_many()
            .col_expr(account::Column::MeterReset, Expr::value(now.as_second()))
            .filter(account::Column::Id.eq(Key(reader.id)))
            .exec(&transaction)
            .await?;
        account_read::Entity::delete_many()
            .filter(account_read::Column::Account.eq(Key(reader.id)))
            .exec(&transaction)
            .await?;
        let entry = AuditRecord {
            by: staff.by,
            at: now,
            action: StaffAction::ResetMeter,
            about: reader.email.as_str(),
            reason: &staff.reason,
        };
        record(&transaction, entry).await?;
        notify_meter_reset(&transaction, reader.id).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the latest records about this reader, except changes of subscriptions.
    pub async fn desk_records_about(
        &self,
        email: &EmailAddress,
        most: u64,
    ) -> Result<Vec<StaffAuditEntry>, StoreError> {
        let rows = desk_record::Entity::find()
            .filter(desk_record::Column::About.eq(email.as_str()))
            .filter(desk_record::Column::Role.eq(""))
            .order_by_desc(desk_record::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read_record).collect()
    }

    /// Returns the latest records about staff.
    pub async fn desk_records(&self, most: u64) -> Result<Vec<StaffAuditEntry>, StoreError> {
        let rows = desk_record::Entity::find()
            .filter(desk_record::Column::Role.ne(""))
            .order_by_desc(desk_record::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read_record).collect()
    }
}

/// An entry of the audit log to be written.
pub(super) struct AuditRecord<'a> {
    /// Who did it, or `None` for the command line.
    pub by: Option<AccountId>,
    pub at: Timestamp,
    pub action: StaffAction,
    /// The address of the person concerned.
    pub about: &'a str,
    /// May be empty.
    pub reason: &'a str,
}

/// Writes an entry of the audit log.
pub(super) async fn record(
    database: &impl ConnectionTrait,
    AuditRecord { by, at, action, about, reason }: AuditRecord<'_>,
) -> Result<(), StoreError> {
    let row = desk_record::ActiveModel {
        id: NotSet,
        at: Set(at.as_second()),
        done_by: Set(by.map(Key)),
        action: Set(action.name().to_owned()),
        role: Set(action.role().map_or("", Role::name).to_owned()),
        about: Set(about.to_owned()),
        reason: Set(reason.to_owned()),
        on_server: Set(by.is_none()),
    };
    desk_record::Entity::insert(row).exec_without_returning(database).await?;
    Ok(())
}

fn read_record(row: desk_record::Model) -> Result<StaffAuditEntry, StoreError> {
    let role = (!row.role.is_empty()).then(|| parse_stored("the role", &row.role)).transpose()?;
    let action = StaffAction::from_parts(&row.action, role);
    Ok(StaffAuditEntry {
        at: time(row.at),
        by: match row.done_by {
            Some(by) => DoneBy::Account(by.0),
            None if row.on_server => DoneBy::Server,
            None => DoneBy::Deleted,
        },
        action: action
            .ok_or_else(|| StoreError::unreadable(format_args!("the action \"{}\"", row.action)))?,
        about: row.about,
        reason: row.reason,
    })
}
