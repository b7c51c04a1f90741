//! Deleting an account, and what is known about its reader.

use jiff::Timestamp;
use masthead_circulation::{Account, AccountId, AuditAction, AuditChange, Progress};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType},
};

use super::lock;
use crate::{
    Store, StoreError,
    account_changes::notify,
    audit_log::{AuditRecord, forget_account, record},
    former_readers::FormerUse,
    ids::{AccountKey, Key},
    owners::is_last_owner,
    records::{
        account, charge, checkout, invitation, outbox_entry, refund, sign_in_request, staff,
        subscription,
    },
};

impl Store {
    /// Deletes an account with all that is known of the reader. Payments, refunds and charges stay, as
    /// books must be kept, and so do checkouts that are not settled, as they may be paid; without the account
    /// they name nobody. That the address has had a subscription, has left an invoice unpaid, and when its meter has counted something,
    /// is kept under a digest (see the table `former_readers`). Returns `false`, and deletes nothing, if this is the desk's last
    /// owner.
    #[tracing::instrument(skip_all)]
    pub async fn delete_account(
        &self,
        account: &Account,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.delete(account, Some(account.id), now).await
    }

    /// Does the same for somebody on the command line.
    #[tracing::instrument(skip_all)]
    pub async fn delete_account_on_server(
        &self,
        account: &Account,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.delete(account, None, now).await
    }

    async fn delete(
        &self,
        account: &Account,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = Key(account.id);
        let email = account.email.as_str();
        let (transaction, _) = self.write().await?;
        if is_last_owner(&transaction, account.id).await? {
            return Ok(false);
        }
        // What is known by the address, and words about the reader in books that must be kept. All other
        // rows that refer to the account go with it, or lose the reference, by their foreign keys.
        invitation::Entity::delete_many()
            .filter(invitation::Column::Email.eq(email))
            .exec(&transaction)
            .await?;
        let was_staff = staff::Entity::find_by_id(id).one(&transaction).await?.is_some();
        forget_account(&transaction, account, was_staff).await?;
        record_deletion(&transaction, account, by, was_staff, now).await?;
        sign_in_request::Entity::delete_many()
            .filter(sign_in_request::Column::Email.eq(email))
            .exec(&transaction)
            .await?;
        outbox_entry::Entity::delete_many()
            .filter(outbox_entry::Column::Recipient.eq(email))
            .exec(&transaction)
            .await?;
        // In the order in which purchases and refunds lock rows: checkout, subscription, account, refund.
        release_checkouts(&transaction, id).await?;
        let held = delete_subscriptions(&transaction, id, now).await?;
        // No refund is noted for the account while it is locked, and no subscription begins.
        if let Some(latest) = lock(&transaction, account.id).await? {
            self.keep_use(&transaction, &latest, held, now).await?;
            self.note_former_address(&transaction, &latest.email, now).await?;
        }
        blank_reasons(&transaction, id).await?;
        account::Entity::delete_by_id(id).exec(&transaction).await?;
        notify(&transaction, &[account.id]).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Records that a member of the staff deletes their account, whose name stays, or that an account is deleted on the command
/// line, of which only the number stays.
async fn record_deletion(
    transaction: &DatabaseTransaction,
    account: &Account,
    by: Option<AccountId>,
    was_staff: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (action, about) = match (by, was_staff) {
        (Some(_), false) => return Ok(()),
        (_, true) => (AuditAction::Left, account.name.as_str()),
        (None, false) => (AuditAction::DeletedAccount, ""),
    };
    let changes = vec![AuditChange::fact("account", account.id.0)];
    record(transaction, AuditRecord { about, changes, ..AuditRecord::new(by, now, action) }).await
}

/// Deletes an account's subscriptions, and returns what is kept of them. One that begins meanwhile is deleted with the account.
async fn delete_subscriptions(
    transaction: &DatabaseTransaction,
    account: AccountKey,
    now: Timestamp,
) -> Result<FormerUse, StoreError> {
    let rows = subscription::Entity::find()
        .filter(subscription::Column::Account.eq(account))
        .order_by_asc(subscription::Column::Id)
        .lock(LockType::Update)
        .all(transaction)
        .await?;
    subscription::Entity::delete_many()
        .filter(subscription::Column::Id.is_in(rows.iter().map(|row| row.id)))
        .exec(transaction)
        .await?;
    Ok(FormerUse::of_subscriptions(&rows, now))
}

/// Deletes what staff wrote about a reader in the refunds of their payments, and in orders for them.
async fn blank_reasons(
    transaction: &DatabaseTransaction,
    account: AccountKey,
) -> Result<(), StoreError> {
    refund::Entity::update_many()
        .col_expr(refund::Column::Reason, Expr::value(""))
        .filter(refund::Column::Account.eq(account))
        .exec(transaction)
        .await?;
    charge::Entity::update_many()
        .col_expr(charge::Column::Reason, Expr::value(""))
        .filter(charge::Column::Account.eq(account))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Deletes an account's settled checkouts. The others may still be paid at the processor: they stay, without
/// the account and the page that the reader came from, so that a payment is accounted for. The processor is
/// asked about them at once, so that their payment pages are closed.
async fn release_checkouts(
    transaction: &DatabaseTransaction,
    account: AccountKey,
) -> Result<(), StoreError> {
    checkout::Entity::delete_many()
        .filter(checkout::Column::Account.eq(account))
        .filter(checkout::Column::Progress.eq(Progress::Done.name()))
        .exec(transaction)
        .await?;
    checkout::Entity::update_many()
        .col_expr(checkout::Column::Account, Expr::null())
        .col_expr(checkout::Column::CameFrom, Expr::value(""))
        .col_expr(checkout::Column::AskAt, Expr::value(0_i64))
        .filter(checkout::Column::Account.eq(account))
        .exec(transaction)
        .await?;
    Ok(())
}
