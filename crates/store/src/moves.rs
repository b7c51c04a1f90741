//! Accounts that are to have another address.

use jiff::Timestamp;
use masthead_circulation::{AccountId, AddressMove, Digest};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, TransactionTrait,
    sea_query::Expr,
};

use crate::{Store, StoreError, accounts::number, records::address_move as row, time};

impl Store {
    /// Notes that an account is to move, in the place of what it wanted before.
    pub async fn ask_to_move(&self, wanted: &AddressMove) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        row::Entity::delete_many()
            .filter(row::Column::Account.eq(number(wanted.account)))
            .exec(&transaction)
            .await?;
        let new = row::ActiveModel {
            from_old: Set(wanted.from_old.to_string()),
            from_new: Set(wanted.from_new.to_string()),
            account: Set(number(wanted.account)),
            email: Set(wanted.email.to_string()),
            asked: Set(wanted.asked.as_second()),
            old_agrees: Set(wanted.old_agrees),
            new_agrees: Set(wanted.new_agrees),
        };
        row::Entity::insert(new).exec_without_returning(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Notes that the end which holds this secret agrees, and gives the move as it stands then; none
    /// where there is no such move, or its time is up.
    pub async fn agree_to_move(
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

    /// The move that one end's secret belongs to.
    pub async fn move_by_secret(&self, secret: &Digest) -> Result<Option<AddressMove>, StoreError> {
        self.find_move(&secret.to_string()).await
    }

    async fn find_move(&self, secret: &str) -> Result<Option<AddressMove>, StoreError> {
        let either = row::Column::FromOld.eq(secret).or(row::Column::FromNew.eq(secret));
        let row = row::Entity::find().filter(either).one(&self.database).await?;
        row.as_ref().map(read).transpose()
    }

    /// Forgets what an account wanted.
    pub async fn forget_move(&self, account: AccountId) -> Result<(), StoreError> {
        row::Entity::delete_many()
            .filter(row::Column::Account.eq(number(account)))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

fn read(row: &row::Model) -> Result<AddressMove, StoreError> {
    Ok(AddressMove {
        from_old: row.from_old.parse().map_err(StoreError::unreadable)?,
        from_new: row.from_new.parse().map_err(StoreError::unreadable)?,
        account: AccountId(row.account.unsigned_abs()),
        email: row.email.parse().map_err(StoreError::unreadable)?,
        asked: time(row.asked),
        old_agrees: row.old_agrees,
        new_agrees: row.new_agrees,
    })
}
