//! Readers whom staff add.

use jiff::Timestamp;
use masthead_circulation::{Account, AccountId, AuditAction, AuditChange, EmailAddress};

use super::labels::{LabelChange, label_in};
use crate::{
    Store, StoreError,
    account_changes::notify,
    accounts,
    audit_log::{AuditRecord, record},
};

impl Store {
    /// Returns the account with this address, registering it if there is none, and adds a label to it. A name is given to an
    /// account that has none.
    #[tracing::instrument(skip_all)]
    pub async fn add_reader(
        &self,
        email: &EmailAddress,
        name: &str,
        label: Option<&str>,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Account, StoreError> {
        let transaction = self.begin().await?;
        let (mut account, is_new) = self.register_in(&transaction, email, now).await?;
        let mut changes = Vec::new();
        if account.name.is_empty() && !name.is_empty() {
            accounts::rename(&transaction, account.id, name).await?;
            name.clone_into(&mut account.name);
            changes.extend(AuditChange::between("name", "", name));
        }
        if is_new || !changes.is_empty() {
            let entry = AuditRecord {
                about: email.as_str(),
                account: Some(account.id),
                changes,
                ..AuditRecord::new(by, now, AuditAction::AddedReader)
            };
            record(&transaction, entry).await?;
            notify(&transaction, &[account.id]).await?;
        }
        if let Some(label) = label {
            let change = LabelChange::Add(label.to_owned());
            label_in(&transaction, &account, &change, by, now).await?;
        }
        transaction.commit().await?;
        Ok(account)
    }
}
