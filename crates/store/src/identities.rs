//! Accounts at OpenID Connect providers that are linked to readers' accounts. A link is made when a session is begun with it
//! (`sessions::by_identity`).

use jiff::Timestamp;
use masthead_circulation::{AccountId, AuditAction, AuditChange};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};

use crate::{
    FactorChange, Store, StoreError, accounts, audit_log::record_of_staff, ids::Key,
    records::identity as row,
};

/// An account at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider, by its issuer.
    pub issuer: String,
    /// The account there.
    pub subject: String,
}

impl Store {
    /// Returns the account that is linked to an account at a provider.
    #[tracing::instrument(skip_all)]
    pub async fn account_of_identity(
        &self,
        identity: &Identity,
    ) -> Result<Option<AccountId>, StoreError> {
        account_of(&self.database, identity).await
    }

    /// Returns the accounts at providers that are linked to an account.
    #[tracing::instrument(skip_all)]
    pub async fn identities_of(&self, account: AccountId) -> Result<Vec<Identity>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .order_by_asc(row::Column::Issuer)
            .order_by_asc(row::Column::Subject)
            .all(&self.database)
            .await?;
        let identity = |row: row::Model| Identity { issuer: row.issuer, subject: row.subject };
        Ok(rows.into_iter().map(identity).collect())
    }

    /// Unlinks an account at a provider. Returns `false` if it is not linked to this account.
    #[tracing::instrument(skip_all)]
    pub async fn remove_identity(
        &self,
        account: AccountId,
        identity: &Identity,
        change: FactorChange<'_>,
    ) -> Result<bool, StoreError> {
        let Identity { issuer, subject } = identity;
        let transaction = self.begin().await?;
        accounts::lock(&transaction, account).await?;
        let removed = row::Entity::delete_many()
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Issuer.eq(issuer.as_str()))
            .filter(row::Column::Subject.eq(subject.as_str()))
            .exec(&transaction)
            .await?;
        if removed.rows_affected > 0 {
            let action = AuditAction::RemovedIdentity;
            let changes = AuditChange::between("issuer", issuer, "").into_iter().collect();
            record_of_staff(&transaction, account, change.at, action, changes).await?;
            self.complete_factor_change(&transaction, account, change).await?;
        }
        transaction.commit().await?;
        Ok(removed.rows_affected > 0)
    }
}

pub(crate) async fn account_of(
    database: &impl ConnectionTrait,
    Identity { issuer, subject }: &Identity,
) -> Result<Option<AccountId>, StoreError> {
    let id = (issuer.clone(), subject.clone());
    let row = row::Entity::find_by_id(id).one(database).await?;
    Ok(row.map(|row| row.account.0))
}

/// Links an account at a provider. Returns `false` if it is linked already.
pub(crate) async fn link(
    database: &impl ConnectionTrait,
    Identity { issuer, subject }: &Identity,
    account: AccountId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let new = row::ActiveModel {
        issuer: Set(issuer.clone()),
        subject: Set(subject.clone()),
        account: Set(Key(account)),
    };
    let columns = [row::Column::Issuer, row::Column::Subject];
    let once = OnConflict::columns(columns).do_nothing().to_owned();
    let inserted =
        row::Entity::insert(new).on_conflict(once).exec_without_returning(database).await?;
    if inserted > 0 {
        let facts = vec![AuditChange::fact("issuer", issuer)];
        record_of_staff(database, account, now, AuditAction::LinkedIdentity, facts).await?;
    }
    Ok(inserted > 0)
}

/// Unlinks all accounts at providers from an account, whose ways to sign in are taken back.
pub(crate) async fn unlink_all(
    database: &impl ConnectionTrait,
    account: AccountId,
) -> Result<(), StoreError> {
    row::Entity::delete_many().filter(row::Column::Account.eq(Key(account))).exec(database).await?;
    Ok(())
}
