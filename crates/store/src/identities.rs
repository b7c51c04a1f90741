//! Who readers are elsewhere: at which provider, and under which name there.

use masthead_circulation::AccountId;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};

use crate::{Store, StoreError, accounts::number, records::identity as row};

impl Store {
    /// The account of whom a provider calls this.
    pub async fn account_of_identity(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<AccountId>, StoreError> {
        let id = (issuer.to_owned(), subject.to_owned());
        let row = row::Entity::find_by_id(id).one(&self.database).await?;
        Ok(row.map(|row| AccountId(row.account.unsigned_abs())))
    }

    /// Notes that an account is whom a provider calls this. Whose it is already it stays.
    pub async fn keep_identity(
        &self,
        issuer: &str,
        subject: &str,
        account: AccountId,
    ) -> Result<(), StoreError> {
        let new = row::ActiveModel {
            issuer: Set(issuer.to_owned()),
            subject: Set(subject.to_owned()),
            account: Set(number(account)),
        };
        let columns = [row::Column::Issuer, row::Column::Subject];
        let once = OnConflict::columns(columns).do_nothing().to_owned();
        row::Entity::insert(new).on_conflict(once).exec_without_returning(&self.database).await?;
        Ok(())
    }

    /// Who an account is elsewhere: issuer and subject.
    pub async fn identities_of(
        &self,
        account: AccountId,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(number(account)))
            .order_by_asc(row::Column::Issuer)
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(|row| (row.issuer, row.subject)).collect())
    }
}
