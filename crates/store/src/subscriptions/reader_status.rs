//! The status of a reader, which the list of readers is filtered by: a column of the account, written with the subscription
//! that decides it.

use std::collections::BTreeSet;

use masthead_circulation::{AccountId, ReaderStatus};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::SubscriptionChange;
use crate::{StoreError, accounts, ids::Key, records::account};

/// Accounts in one statement; there is a limit on parameters.
const AT_ONCE: usize = 500;

/// The column of one of an account's subscriptions: the one that goes on, otherwise the latest. Those that could not be read have
/// no status, and decide nothing.
fn deciding(column: &str) -> String {
    format!(
        "(SELECT {column} FROM subscriptions WHERE subscriptions.account = accounts.id \
         AND subscriptions.reader_status <> '' ORDER BY CASE WHEN subscriptions.reader_status = 'lapsed' THEN 1 ELSE 0 END, \
         subscriptions.id DESC LIMIT 1)"
    )
}

/// The statement that writes the status of accounts, those with a subscription only if there is no condition.
pub(crate) fn statement(condition: &str) -> String {
    let (status, product) =
        (deciding("subscriptions.reader_status"), deciding("subscriptions.product"));
    format!(
        "UPDATE accounts SET reader_status = COALESCE({status}, 'registered'), \
         product = COALESCE({product}, '') WHERE {condition}"
    )
}

/// Whether a change makes its reader's status another.
pub(super) fn changes_status(change: &SubscriptionChange) -> bool {
    let SubscriptionChange { before, after, .. } = change;
    ReaderStatus::of(before) != ReaderStatus::of(after)
        || before.terms.product != after.terms.product
}

/// Writes the status of these accounts. They are locked first, so that of two transactions the later sees what the earlier has
/// written.
pub(super) async fn update_statuses(
    transaction: &DatabaseTransaction,
    ids: &[AccountId],
) -> Result<(), StoreError> {
    let numbers: BTreeSet<u32> = ids.iter().map(|id| id.0).collect();
    let numbers: Vec<u32> = numbers.into_iter().collect();
    for batch in numbers.chunks(AT_ONCE) {
        if let [one] = batch {
            accounts::lock(transaction, AccountId(*one)).await?;
        } else {
            lock_all(transaction, batch).await?;
        }
        let list: Vec<String> = batch.iter().map(u32::to_string).collect();
        let statement = statement(&format!("accounts.id IN ({})", list.join(",")));
        transaction.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// An update that changes nothing locks the rows.
async fn lock_all(transaction: &DatabaseTransaction, numbers: &[u32]) -> Result<(), StoreError> {
    account::Entity::update_many()
        .col_expr(
            account::Column::Registered,
            sea_orm::sea_query::Expr::col(account::Column::Registered),
        )
        .filter(account::Column::Id.is_in(numbers.iter().map(|id| Key(AccountId(*id)))))
        .exec(transaction)
        .await?;
    Ok(())
}
