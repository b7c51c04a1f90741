//! The answers to orders, each kept once: a server that was restarted still knows what it has collected,
//! and the sandbox has no other books.

use masthead_circulation::AccountId;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use crate::{Store, StoreError, accounts::number, records::charge as row};

/// The answer to an order to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The order.
    pub key: String,
    /// Who was to pay.
    pub account: AccountId,
    /// By what the processor knows it; the sandbox names the card.
    pub reference: String,
    /// Whether they have paid.
    pub paid: bool,
}

impl Store {
    /// The answer to an order, where there is one.
    pub async fn charge(&self, key: &str) -> Result<Option<Charge>, StoreError> {
        let row = row::Entity::find_by_id(key.to_owned()).one(&self.database).await?;
        Ok(row.map(|row| Charge {
            key: row.key,
            account: AccountId(row.account.unsigned_abs()),
            reference: row.reference,
            paid: row.paid,
        }))
    }

    /// Keeps an answer and returns what is kept: the first answer to an order stays.
    pub async fn keep_charge(&self, charge: &Charge) -> Result<Charge, StoreError> {
        let new = row::ActiveModel {
            key: Set(charge.key.clone()),
            account: Set(number(charge.account)),
            reference: Set(charge.reference.clone()),
            paid: Set(charge.paid),
        };
        let once = OnConflict::column(row::Column::Key).do_nothing().to_owned();
        row::Entity::insert(new).on_conflict(once).exec_without_returning(&self.database).await?;
        Ok(self.charge(&charge.key).await?.unwrap_or_else(|| charge.clone()))
    }
}
