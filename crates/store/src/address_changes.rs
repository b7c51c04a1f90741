//! Changes of an account's address, which take effect once both addresses have confirmed.

use jiff::Timestamp;
use masthead_circulation::{AddressMove, Digest, EmailAddress};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use crate::{Store, StoreError, ids::Key, records::address_change as row, time};

impl Store {
    /// Stores a request to change an account's address, in place of an earlier one.
    #[tracing::instrument(skip_all)]
    pub async fn create_address_change(&self, wanted: &AddressMove) -> Result<(), StoreError> {
        let new = row::ActiveModel {
            from_old: Set(wanted.from_old.to_string()),
            from_new: Set(wanted.from_new.to_string()),
            account: Set(Key(wanted.account)),
            email: Set(wanted.email.to_string()),
            asked: Set(wanted.asked.as_second()),
            old_agrees: Set(wanted.old_agrees),
            new_agrees: Set(wanted.new_agrees),
        };
        let instead = OnConflict::column(row::Column::Account)
            .update_columns([
                row::Column::FromOld,
                row::Column::FromNew,
                row::Column::Email,
                row::Column::Asked,
                row::Column::OldAgrees,
                row::Column::NewAgrees,
            ])
            .to_owned();
        row::Entity::insert(new)
            .on_conflict(instead)
            .exec_without_returning(&self.database)
            .await?;
        Ok(())
    }

    /// Confirms the change at the address that holds this secret, and returns the change. Returns `None`
    /// if there is no such change or it has expired.
    #[tracing::instrument(skip_all)]
    pub async fn confirm_address_change(
        &self,
        secret: &Digest,
        now: Timestamp,
    ) -> Result<Option<AddressMove>, StoreError> {
        let secret = secret.to_string();
        let since = (now - AddressMove::LIFETIME).as_second();
        for (column, agrees) in [
            (row::Column::FromOld, row::Column::OldAgrees),
            (row::Column::FromNew, row::Column::NewAgrees),
        ] {
            row::Entity::update_many()
                .col_expr(agrees, Expr::value(true))
                .filter(column.eq(&secret))
                .filter(row::Column::Asked.gt(since))
                .exec(&self.database)
                .await?;
        }
        Ok(self.find_move(&secret).await?.filter(|wanted| !wanted.is_over(now)))
    }

    /// Returns the change that one of its two secrets belongs to.
    #[tracing::instrument(skip_all)]
    pub async fn address_change_by_secret(
        &self,
        secret: &Digest,
    ) -> Result<Option<AddressMove>, StoreError> {
        self.find_move(&secret.to_string()).await
    }

    async fn find_move(&self, secret: &str) -> Result<Option<AddressMove>, StoreError> {
        let either = row::Column::FromOld.eq(secret).or(row::Column::FromNew.eq(secret));
        let row = row::Entity::find().filter(either).one(&self.database).await?;
        row.as_ref().map(read).transpose()
    }
}

/// Deletes exactly this request if both addresses have confirmed it in time. Returns `false` if there is none.
pub(crate) async fn consume(
    transaction: &DatabaseTransaction,
    request: &AddressMove,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let deleted = row::Entity::delete_many()
        .filter(row::Column::FromOld.eq(request.from_old.to_string()))
        .filter(row::Column::FromNew.eq(request.from_new.to_string()))
        .filter(row::Column::Account.eq(Key(request.account)))
        .filter(row::Column::OldAgrees.eq(true))
        .filter(row::Column::NewAgrees.eq(true))
        .filter(row::Column::Asked.gt((now - AddressMove::LIFETIME).as_second()))
        .exec(transaction)
        .await?;
    Ok(deleted.rows_affected == 1)
}

fn read(row: &row::Model) -> Result<AddressMove, StoreError> {
    Ok(AddressMove {
        from_old: row.from_old.parse().map_err(StoreError::unreadable)?,
        from_new: row.from_new.parse().map_err(StoreError::unreadable)?,
        account: row.account.0,
        email: EmailAddress::from_stored(&row.email).map_err(StoreError::unreadable)?,
        asked: time(row.asked),
        old_agrees: row.old_agrees,
        new_agrees: row.new_agrees,
    })
}
