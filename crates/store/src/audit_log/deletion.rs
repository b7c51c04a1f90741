//! What stays in the audit log of somebody whose account is deleted: the name of a member of the staff, and of a reader
//! nothing.

use masthead_circulation::{Account, AuditAction, AuditKind};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::{queries::of_kind, read_changes, words};
use crate::{StoreError, ids::Key, records::audit_entry as row};

/// Actions whose values say something about a person. Those of others are roles, states and payments.
const PERSONAL: [AuditAction; 8] = [
    AuditAction::AddedPasskey,
    AuditAction::ChangedAddress,
    AuditAction::ChangedName,
    AuditAction::LinkedIdentity,
    AuditAction::RemovedIdentity,
    AuditAction::AddedReader,
    AuditAction::LabelledReader,
    AuditAction::ChangedNote,
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
    let by_address = row::Column::About.eq(account.email.as_str());
    let by_address = row::Column::ConcernedAccount.is_null().and(by_address);
    let concerned = row::Column::ConcernedAccount.eq(Key(account.id)).or(by_address);
    for entry in row::Entity::find().filter(concerned).all(transaction).await? {
        forget_in(transaction, entry, name).await?;
    }
    Ok(())
}

/// Removes what is known of a person from an entry. If it is about staff, it keeps their `name`.
async fn forget_in(
    transaction: &DatabaseTransaction,
    entry: row::Model,
    name: &str,
) -> Result<(), StoreError> {
    let is_about_staff = of_kind(AuditKind::Staff).any(|action| action == entry.action);
    let about = if is_about_staff { name } else { "" };
    let is_personal = PERSONAL.iter().any(|action| action.name() == entry.action);
    let changes = if is_personal { String::new() } else { entry.changes };
    // What cannot be read cannot be found either, and must not keep anybody from deleting their account.
    let readable = read_changes(&changes).unwrap_or_default();
    row::Entity::update_many()
        .col_expr(row::Column::Reason, Expr::value(""))
        .col_expr(row::Column::About, Expr::value(about))
        .col_expr(row::Column::Words, Expr::value(words(&[&entry.by_name, about], &readable)))
        .col_expr(row::Column::Changes, Expr::value(changes))
        .filter(row::Column::Id.eq(entry.id))
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
