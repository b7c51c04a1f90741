//! The books of the sandbox: it answers an order to pay once, and the same ever after.

use masthead_circulation::AccountId;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use crate::{Store, StoreError, accounts::number, records::sandbox_charge as row};

/// An answer of the sandbox to an order to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxCharge {
    /// The order.
    pub key: String,
    /// Who was to pay.
    pub account: AccountId,
    /// With which of its cards.
    pub card: String,
    /// Whether they have paid.
    pub paid: bool,
}

impl Store {
    /// The answer to an order, where there is one.
    pub async fn sandbox_charge(&self, key: &str) -> Result<Option<SandboxCharge>, StoreError> {
        let row = row::Entity::find_by_id(key.to_owned()).one(&self.database).await?;
        Ok(row.map(|row| SandboxCharge {
            key: row.key,
            account: AccountId(row.account.unsigned_abs()),
            card: row.card,
            paid: row.paid,
        }))
    }

    /// Writes an answer down; the first to an order stands.
    pub async fn keep_sandbox_charge(&self, charge: &SandboxCharge) -> Result<(), StoreError> {
        let new = row::ActiveModel {
            key: Set(charge.key.clone()),
            account: Set(number(charge.account)),
            card: Set(charge.card.clone()),
            paid: Set(charge.paid),
        };
        let once = OnConflict::column(row::Column::Key).do_nothing().to_owned();
        row::Entity::insert(new).on_conflict(once).exec_without_returning(&self.database).await?;
        Ok(())
    }
}
