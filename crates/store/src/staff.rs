//! The staff of the desk. Changes are serialized like all writes to the publication, so that one owner
//! always remains.

mod factor_roles;
mod invitations;
mod meter_reset;
mod unlocking;

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, AuditAction, AuditChange,
    staff::{Permission, Role, Staff},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

pub use self::invitations::{Joined, NewStaff};
use crate::{
    Store, StoreError,
    account_changes::notify,
    audit_log::{AuditRecord, record},
    ids::Key,
    notifications,
    owners::{is_last_owner, owners},
    parse_stored,
    records::staff,
    saved_filters::delete_filters,
    time,
};

/// The result of changing somebody's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appointed {
    /// The role is changed.
    Done,
    /// The account has this role already.
    Unchanged,
    /// Nothing was changed, because no owner would be left.
    LastOwner,
    /// The account is not staff.
    Nobody,
}

impl Store {
    /// Returns the staff entry of this account. `None` if it is not staff.
    #[tracing::instrument(skip_all)]
    pub async fn staff(&self, account: AccountId) -> Result<Option<Staff>, StoreError> {
        let row = staff::Entity::find_by_id(Key(account)).one(&self.database).await?;
        row.as_ref().map(read_staff).transpose()
    }

    /// Returns all staff with their accounts, the longest-serving first.
    #[tracing::instrument(skip_all)]
    pub async fn all_staff(&self) -> Result<Vec<(Staff, Account)>, StoreError> {
        let rows = staff::Entity::find()
            .order_by_asc(staff::Column::Since)
            .order_by_asc(staff::Column::Account)
            .all(&self.database)
            .await?;
        let staff = rows.iter().map(read_staff).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<AccountId> = staff.iter().map(|staff| staff.account).collect();
        let mut accounts = self.accounts(&ids).await?;
        let found = |staff: Staff| {
            let at = accounts.iter().position(|account| account.id == staff.account)?;
            Some((staff, accounts.swap_remove(at)))
        };
        Ok(staff.into_iter().filter_map(found).collect())
    }

    /// Returns whether the desk has an owner.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn has_owner(&self) -> Result<bool, StoreError> {
        Ok(owners(&self.database).await? > 0)
    }

    /// Returns whether this account is the desk's only owner.
    #[tracing::instrument(skip_all)]
    pub async fn is_last_owner(&self, account: AccountId) -> Result<bool, StoreError> {
        is_last_owner(&self.database, account).await
    }

    /// Changes the role of a member of staff. `by` is `None` for the command line.
    #[tracing::instrument(skip_all)]
    pub async fn appoint(
        &self,
        account: &Account,
        role: Role,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Appointed, StoreError> {
        self.change_role(account, Some(role), by, now).await
    }

    /// Removes somebody from staff. The account stays. `by` is `None` for the command line.
    #[tracing::instrument(skip_all)]
    pub async fn dismiss(
        &self,
        account: &Account,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Appointed, StoreError> {
        self.change_role(account, None, by, now).await
    }

    async fn change_role(
        &self,
        account: &Account,
        role: Option<Role>,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Appointed, StoreError> {
        let (transaction, _) = self.write().await?;
        let row = staff::Entity::find_by_id(Key(account.id)).one(&transaction).await?;
        let Some(before) = row.as_ref().map(read_staff).transpose()? else {
            return Ok(Appointed::Nobody);
        };
        if role == Some(before.role) {
            return Ok(Appointed::Unchanged);
        }
        if is_last_owner(&transaction, account.id).await? {
            return Ok(Appointed::LastOwner);
        }
        let action = match role {
            Some(role) => {
                set_role(&transaction, account.id, role).await?;
                AuditAction::Appointed
            }
            None => {
                staff::Entity::delete_by_id(Key(account.id)).exec(&transaction).await?;
                delete_filters(&transaction, account.id).await?;
                notifications::forget(&transaction, account.id).await?;
                AuditAction::Dismissed
            }
        };
        let after = role.map_or("", Role::name);
        let entry = AuditRecord {
            role: Some(role.unwrap_or(before.role)),
            about: account.email.as_str(),
            account: Some(account.id),
            changes: AuditChange::between("role", before.role.name(), after).into_iter().collect(),
            ..AuditRecord::new(by, now, action)
        };
        record(&transaction, entry).await?;
        notify(&transaction, &[account.id]).await?;
        transaction.commit().await?;
        Ok(Appointed::Done)
    }
}

/// Changes a role. Who works on articles no more keeps nothing that was written about them.
async fn set_role(
    database: &impl ConnectionTrait,
    account: AccountId,
    role: Role,
) -> Result<(), StoreError> {
    if !role.may(Permission::Write) {
        notifications::forget_told(database, account).await?;
    }
    staff::Entity::update_many()
        .col_expr(staff::Column::Role, Expr::value(role.name()))
        .filter(staff::Column::Account.eq(Key(account)))
        .exec(database)
        .await?;
    Ok(())
}

fn read_staff(row: &staff::Model) -> Result<Staff, StoreError> {
    let role = parse_stored("the role", &row.role)?;
    Ok(Staff { account: row.account.0, role, since: time(row.since) })
}
