//! Removing the second factors of a member of staff who has lost them.

use jiff::Timestamp;
use masthead_circulation::{Account, AuditAction};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::read_staff;
use crate::{
    Email, Store, StoreError,
    account_changes::notify,
    audit_log::{AuditRecord, record},
    identities,
    ids::Key,
    outbox::enqueue,
    records::{authenticator, passkey, staff},
    second_factors::replace_codes,
    sessions::end_all_but,
};

impl Store {
    /// Removes the passkeys and the authenticator app of a member of staff and what is linked elsewhere, ends their sessions, and
    /// sends them an email, for the command line. Returns `false`, and changes nothing, if the account is not staff.
    #[tracing::instrument(skip_all)]
    pub async fn unlock_staff(
        &self,
        account: &Account,
        email: &Email,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (transaction, _) = self.write().await?;
        let row = staff::Entity::find_by_id(Key(account.id)).one(&transaction).await?;
        let Some(member) = row.as_ref().map(read_staff).transpose()? else { return Ok(false) };
        authenticator::Entity::delete_by_id(Key(account.id)).exec(&transaction).await?;
        replace_codes(&transaction, account.id, &[]).await?;
        passkey::Entity::delete_many()
            .filter(passkey::Column::Account.eq(Key(account.id)))
            .exec(&transaction)
            .await?;
        identities::unlink_all(&transaction, account.id).await?;
        end_all_but(&transaction, account.id, None).await?;
        let entry = AuditRecord {
            role: Some(member.role),
            about: account.email.as_str(),
            account: Some(account.id),
            ..AuditRecord::new(None, now, AuditAction::RemovedFactors)
        };
        record(&transaction, entry).await?;
        enqueue(&transaction, &self.email_sealer(), std::slice::from_ref(email), now).await?;
        notify(&transaction, &[account.id]).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
