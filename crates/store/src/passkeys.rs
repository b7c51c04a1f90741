//! Readers' passkeys.

use jiff::Timestamp;
use masthead_circulation::{AccountId, AuditAction, AuditChange, Passkey, passkey::MAX};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};

use crate::{
    FactorChange, Store, StoreError, accounts, audit_log::record_of_staff, ids::Key,
    records::passkey as row, time,
};

impl Store {
    /// Stores a passkey. Returns `false` if one with this id is stored already, or the account has as many as it may have.
    #[tracing::instrument(skip_all)]
    pub async fn add_passkey(
        &self,
        passkey: &Passkey,
        change: FactorChange<'_>,
    ) -> Result<bool, StoreError> {
        let new = row::ActiveModel {
            id: Set(passkey.id.clone()),
            account: Set(Key(passkey.account)),
            device: Set(passkey.device.clone()),
            public: Set(passkey.public.clone()),
            added: Set(passkey.added.as_second()),
            used: Set(passkey.used.map(Timestamp::as_second)),
            relying_party: Set(passkey.relying_party.clone()),
        };
        let once = OnConflict::column(row::Column::Id).do_nothing().to_owned();
        let transaction = self.begin().await?;
        // Those that are made at the same time are counted one after another.
        accounts::lock(&transaction, passkey.account).await?;
        let own = row::Entity::find().filter(row::Column::Account.eq(Key(passkey.account)));
        if own.count(&transaction).await? >= MAX {
            return Ok(false);
        }
        let kept =
            row::Entity::insert(new).on_conflict(once).exec_without_returning(&transaction).await?;
        if kept > 0 {
            let (action, account) = (AuditAction::AddedPasskey, passkey.account);
            let changes = vec![AuditChange::fact("device", &passkey.device)];
            record_of_staff(&transaction, account, passkey.added, action, changes).await?;
            self.complete_factor_change(&transaction, account, change).await?;
        }
        transaction.commit().await?;
        Ok(kept > 0)
    }

    /// Returns the passkey with this id.
    #[tracing::instrument(skip_all)]
    pub async fn passkey(&self, id: &str) -> Result<Option<Passkey>, StoreError> {
        let row = row::Entity::find_by_id(id.to_owned()).one(&self.database).await?;
        Ok(row.map(read))
    }

    /// Returns an account's passkeys, the oldest first.
    #[tracing::instrument(skip_all)]
    pub async fn passkeys_of(&self, account: AccountId) -> Result<Vec<Passkey>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .order_by_asc(row::Column::Added)
            .order_by_asc(row::Column::Id)
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Deletes a passkey of an account. Returns `false` if the account has no such passkey.
    #[tracing::instrument(skip_all)]
    pub async fn remove_passkey(
        &self,
        account: AccountId,
        id: &str,
        change: FactorChange<'_>,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        accounts::lock(&transaction, account).await?;
        let removed = row::Entity::delete_many()
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        if removed.rows_affected > 0 {
            let action = AuditAction::RemovedPasskey;
            record_of_staff(&transaction, account, change.at, action, Vec::new()).await?;
            self.complete_factor_change(&transaction, account, change).await?;
        }
        transaction.commit().await?;
        Ok(removed.rows_affected > 0)
    }
}

fn read(row: row::Model) -> Passkey {
    Passkey {
        id: row.id,
        account: row.account.0,
        device: row.device,
        public: row.public,
        added: time(row.added),
        used: row.used.map(time),
        relying_party: row.relying_party,
    }
}
