//! Devices on which an account was signed in to, so that its reader is told of the first sign-in on another one. A device is
//! known by a random secret in its cookie, of which the digest is stored, and by nothing else.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, Digest};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use crate::{Store, StoreError, ids::Key, records::known_device as row};

/// How long a device is known after its last sign-in.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// What is known of the device of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceHistory {
    /// The account was signed in to on it before.
    Known,
    /// It is the first device of the account, or the first since devices are known.
    First,
    /// The account has other devices.
    New,
}

impl Store {
    /// Returns whether an account was signed in to on a device before.
    #[tracing::instrument(skip_all)]
    pub async fn is_known_device(
        &self,
        account: AccountId,
        device: &Digest,
    ) -> Result<bool, StoreError> {
        let found = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Device.eq(device.to_string()))
            .count(&self.database)
            .await?;
        Ok(found > 0)
    }

    /// Records a sign-in on a device, and returns what was known of it.
    #[tracing::instrument(skip_all)]
    pub async fn recognize_device(
        &self,
        account: AccountId,
        device: &Digest,
        now: Timestamp,
    ) -> Result<DeviceHistory, StoreError> {
        let seen = row::Entity::update_many()
            .col_expr(row::Column::Seen, Expr::value(now.as_second()))
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Device.eq(device.to_string()))
            .exec(&self.database)
            .await?;
        if seen.rows_affected > 0 {
            return Ok(DeviceHistory::Known);
        }
        row::Entity::delete_many()
            .filter(row::Column::Seen.lt((now - KEPT).as_second()))
            .exec(&self.database)
            .await?;
        let new = row::ActiveModel {
            account: Set(Key(account)),
            device: Set(device.to_string()),
            seen: Set(now.as_second()),
        };
        let once = OnConflict::columns([row::Column::Account, row::Column::Device])
            .do_nothing()
            .to_owned();
        row::Entity::insert(new).on_conflict(once).exec_without_returning(&self.database).await?;
        let others = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Device.ne(device.to_string()))
            .count(&self.database)
            .await?;
        Ok(if others > 0 { DeviceHistory::New } else { DeviceHistory::First })
    }
}
