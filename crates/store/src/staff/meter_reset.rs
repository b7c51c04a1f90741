//! Resetting a reader's meter.

use jiff::Timestamp;
use masthead_circulation::{Account, AuditAction, StaffActor};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, prelude::Expr};

use crate::{
    Store, StoreError,
    account_changes::notify_meter_reset,
    accounts,
    audit_log::{AuditRecord, record},
    ids::Key,
    records::{account, account_read},
};

impl Store {
    /// Resets a reader's meter: deletes the reads of this window, and those from before `now` that any server stores later
    /// do not count.
    #[tracing::instrument(skip_all)]
    pub async fn reset_meter(
        &self,
        reader: &Account,
        staff: &StaffActor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
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
            about: reader.email.as_str(),
            account: Some(reader.id),
            reason: &staff.reason,
            ..AuditRecord::new(staff.by, now, AuditAction::ResetMeter)
        };
        record(&transaction, entry).await?;
        notify_meter_reset(&transaction, reader.id).await?;
        Ok(transaction.commit().await?)
    }
}
