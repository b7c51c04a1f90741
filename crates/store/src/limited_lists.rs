//! Lists of an account that have a maximum length.

use masthead_circulation::{AccountId, reading::ListAddition};
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, Select};

use crate::accounts;

/// Returns why nothing is added to the rows of an account that `own` selects, or `None` if the row that `same` would select may be
/// inserted. Locks the account until the end of the transaction, so that what is added at the same time is counted one after
/// another.
pub(crate) async fn refusal<E>(
    transaction: &DatabaseTransaction,
    account: AccountId,
    (own, same): (Select<E>, Select<E>),
    most: u64,
) -> Result<Option<ListAddition>, DbErr>
where
    E: EntityTrait,
    E::Model: Sync,
{
    if accounts::lock(transaction, account).await?.is_none() {
        return Ok(Some(ListAddition::Gone));
    }
    if same.count(transaction).await? > 0 {
        return Ok(Some(ListAddition::Known));
    }
    Ok((own.count(transaction).await? >= most).then_some(ListAddition::Full))
}
