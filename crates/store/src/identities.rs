//! Accounts at OpenID Connect providers that are linked to readers' accounts.

use jiff::Timestamp;
use masthead_circulation::{AccountId, AuditAction, AuditChange};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, TransactionTrait,
    sea_query::OnConflict,
};

use crate::{Store, StoreError, audit_log::record_of_staff, ids::Key, records::identity as row};

/// An account at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider, by its issuer.
    pub issuer: String,
    /// The account there.
    pub subject: String,
}

impl Store {
    /// Returns the account that is linked to this subject of a provider.
    #[tracing::instrument(skip_all)]
    pub async fn account_of_identity(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<AccountId>, StoreError> {
        let id = (issuer.to_owned(), subject.to_owned());
        let row = row::Entity::find_by_id(id).one(&self.database).await?;
        Ok(row.map(|row| row.account.0))
    }

    /// Links an account to a subject of a provider, unless the subject is linked already.
    #[tracing::instrument(skip_all)]
    pub async fn link_identity(
        &self,
        issuer: &str,
        subject: &str,
        account: AccountId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let new = row::ActiveModel {
            issuer: Set(issuer.to_owned()),
            subject: Set(subject.to_owned()),
            account: Set(Key(account)),
        };
        let columns = [row::Column::Issuer, row::Column::Subject];
        let once = OnConflict::columns(columns).do_nothing().to_owned();
        let transaction = self.database.begin().await?;
        let insert = row::Entity::insert(new).on_conflict(once);
        if insert.exec_without_returning(&transaction).await? > 0 {
            let action = AuditAction::LinkedIdentity;
            let facts = vec![AuditChange::fact("issuer", issuer)];
            record_of_staff(&transaction, account, now, action, facts).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Returns the accounts at providers that are linked to an account.
    #[tracing::instrument(skip_all)]
    pub async fn identities_of(&self, account: AccountId) -> Result<Vec<Identity>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .order_by_asc(row::Column::Issuer)
            .all(&self.database)
            .await?;
        let identity = |row: row::Model| Identity { issuer: row.issuer, subject: row.subject };
        Ok(rows.into_iter().map(identity).collect())
    }
}
