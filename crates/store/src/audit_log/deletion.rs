//! What stays in the audit log of somebody whose account is deleted: the name of a member of the staff, and of a reader
//! nothing.

use masthead_circulation::{Account, AuditAction, AuditKind};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Func},
};

use super::queries::of_kind;
use crate::{StoreError, ids::Key, records::desk_record as row};

/// Actions whose values say something about a person. Those of others are roles, states and payments.
const PERSONAL: [AuditAction; 5] = [
    AuditAction::AddedPasskey,
    AuditAction::ChangedAddress,
    AuditAction::ChangedName,
    AuditAction::LinkedIdentity,
    AuditAction::RemovedIdentity,
];

/// Removes what is known of a person from the entries that concern them, before their account is deleted. `is_staff` says
/// whether they are on the staff until then.
pub(crate) async fn forget_account(
    transaction: &DatabaseTransaction,
    account: &Account,
    is_staff: bool,
) -> Result<(), StoreError> {
    // The entry of joining may be too old to be kept.
    let was_staff = is_staff || has_joined(transaction, account).await?;
    let name = if was_staff { account.name.as_str() } else { "" };
    // Somebody else may have had the address before, so it counts only in entries without an account.
    let concerned = || {
        let by_address = row::Column::About.eq(account.email.as_str());
        let by_address = row::Column::ConcernedAccount.is_null().and(by_address);
        row::Column::ConcernedAccount.eq(Key(account.id)).or(by_address)
    };
    let blanked = || {
        row::Entity::update_many()
            .col_expr(row::Column::Reason, Expr::value(""))
            .filter(concerned())
    };
    blanked()
        .col_expr(row::Column::Changes, Expr::value(""))
        .filter(row::Column::Action.is_in(PERSONAL.map(AuditAction::name)))
        .exec(transaction)
        .await?;
    // Those about staff come last: once they have the name, the address finds them no more.
    blanked()
        .col_expr(row::Column::About, Expr::value(""))
        .col_expr(row::Column::Words, Expr::expr(Func::lower(Expr::col(row::Column::ByName))))
        .filter(row::Column::Action.is_not_in(of_kind(AuditKind::Staff)))
        .exec(transaction)
        .await?;
    blanked()
        .col_expr(row::Column::About, Expr::value(name))
        .col_expr(row::Column::Words, Expr::value(name.to_lowercase()))
        .filter(row::Column::Action.is_in(of_kind(AuditKind::Staff)))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Whether the account has ever joined the staff.
async fn has_joined(
    transaction: &DatabaseTransaction,
    account: &Account,
) -> Result<bool, StoreError> {
    let joined = row::Entity::find()
        .filter(row::Column::DoneBy.eq(Key(account.id)))
        .filter(row::Column::Action.eq(AuditAction::Joined.name()))
        .count(transaction)
        .await?;
    Ok(joined > 0)
}
