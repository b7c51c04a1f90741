//! The payments that were made, each written down once.

use masthead_circulation::{AccountId, Money, Payment, SubscriptionId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};

use crate::{
    Store, StoreError, accounts::number, records::payment as row, subscriptions::row_id, time,
};

impl Store {
    /// An account's payments, the latest first.
    pub async fn payments_of(&self, account: AccountId) -> Result<Vec<Payment>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(number(account)))
            .order_by_desc(row::Column::Number)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// At most `most` payments with numbers above `after`, in order.
    pub async fn payments_after(&self, after: u32, most: u64) -> Result<Vec<Payment>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Number.gt(i32::try_from(after).unwrap_or(i32::MAX)))
            .order_by_asc(row::Column::Number)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }
}

/// Writes a payment down, unless it is already.
pub(crate) async fn keep(
    database: &impl ConnectionTrait,
    payment: &Payment,
) -> Result<(), StoreError> {
    let new = row::ActiveModel {
        number: NotSet,
        key: Set(payment.source.to_string()),
        account: Set(number(payment.account)),
        subscription: Set(row_id(payment.subscription)),
        what: Set(payment.what.clone()),
        minor: Set(i64::try_from(payment.amount.minor()).unwrap_or(i64::MAX)),
        currency: Set(payment.amount.currency().code().to_owned()),
        at: Set(payment.at.as_second()),
        paid_from: Set(payment.from.as_second()),
        paid_through: Set(payment.through.as_second()),
        card: Set(payment.card.clone()),
    };
    let once = OnConflict::column(row::Column::Key).do_nothing().to_owned();
    row::Entity::insert(new).on_conflict(once).exec_without_returning(database).await?;
    Ok(())
}

fn read(row: row::Model) -> Result<Payment, StoreError> {
    let currency = row.currency.parse().map_err(StoreError::unreadable)?;
    Ok(Payment {
        number: row.number.unsigned_abs(),
        source: row.key.as_str().into(),
        account: AccountId(row.account.unsigned_abs()),
        subscription: SubscriptionId(row.subscription.unsigned_abs()),
        what: row.what,
        amount: Money::of(row.minor.unsigned_abs(), currency),
        at: time(row.at),
        from: time(row.paid_from),
        through: time(row.paid_through),
        card: row.card,
    })
}
