//! The staff of the desk. Changes are serialized like all writes to the publication, so that one owner
//! always remains.

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, Digest, EmailAddress, StaffActor,
    staff::{DoneBy, Invitation, Role, Staff, StaffAction, StaffAuditEntry},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::Expr,
};

use crate::{
    Email, Store, StoreError,
    account_changes::{notify, notify_meter_reset},
    accounts,
    ids::Key,
    outbox,
    records::{account_read, desk_record, invitation, staff},
    time,
};

/// The result of changing somebody's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appointed {
    /// The role is changed.
    Done,
    /// Nothing was changed, because no owner would be left.
    LastOwner,
    /// The account is not staff.
    Nobody,
}

/// The result of accepting an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// The account is staff now.
    Done(Account),
    /// The invitation was used or withdrawn.
    Gone,
    /// The invitation is not addressed to anybody, and the address belongs to an account that the caller is
    /// not signed in to. The invitation stays valid.
    NotTheirs,
}

impl Store {
    /// Returns the staff entry of this account. `None` if it is not staff.
    pub async fn staff(&self, account: AccountId) -> Result<Option<Staff>, StoreError> {
        let row = staff::Entity::find_by_id(Key(account)).one(&self.database).await?;
        row.as_ref().map(read_staff).transpose()
    }

    /// Returns all staff with their accounts, the longest-serving first.
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
    pub async fn has_owner(&self) -> Result<bool, StoreError> {
        Ok(owners(&self.database).await? > 0)
    }

    /// Returns whether this account is the desk's only owner.
    pub async fn is_last_owner(&self, account: AccountId) -> Result<bool, StoreError> {
        is_last_owner(&self.database, account).await
    }

    /// Stores an invitation. Earlier invitations to the same address are deleted, and so are earlier ones
    /// without an address.
    pub async fn invite(&self, invited: &Invitation, letters: &[Email]) -> Result<(), StoreError> {
        let (transaction, _) = self.write().await?;
        let email = invited.email.as_ref().map(ToString::to_string).unwrap_or_default();
        invitation::Entity::delete_many()
            .filter(invitation::Column::Email.eq(&email))
            .exec(&transaction)
            .await?;
        let row = invitation::ActiveModel {
            key: Set(invited.key.to_string()),
            email: Set(email.clone()),
            role: Set(invited.role.name().to_owned()),
            invited_by: Set(invited.by.map(Key)),
            at: Set(invited.at.as_second()),
        };
        invitation::Entity::insert(row).exec_without_returning(&transaction).await?;
        if !email.is_empty() {
            let deed = StaffAction::Invited(invited.role);
            record(&transaction, (invited.by, invited.at), deed, &email).await?;
        }
        outbox::enqueue(&transaction, &self.email_sealer, letters, invited.at).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the invitation with this key.
    pub async fn invitation(&self, key: &Digest) -> Result<Option<Invitation>, StoreError> {
        let row = invitation::Entity::find_by_id(key.to_string()).one(&self.database).await?;
        row.as_ref().map(read_invitation).transpose()
    }

    /// Returns all open invitations with an address, the latest first.
    pub async fn invitations(&self) -> Result<Vec<Invitation>, StoreError> {
        let rows = invitation::Entity::find()
            .filter(invitation::Column::Email.ne(""))
            .order_by_desc(invitation::Column::At)
            .all(&self.database)
            .await?;
        rows.iter().map(read_invitation).collect()
    }

    /// Withdraws an invitation. Returns `false` if it is gone already.
    pub async fn withdraw_invitation(
        &self,
        key: &Digest,
        by: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (transaction, _) = self.write().await?;
        let Some(taken) = take_invitation(&transaction, key).await? else { return Ok(false) };
        let about = taken.email.map(|email| email.to_string()).unwrap_or_default();
        record(&transaction, (Some(by), now), StaffAction::Withdrew(taken.role), &about).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Accepts an invitation: the account at `email`, registered if there is none, becomes staff. If the
    /// invitation has no address, an existing account must be the one that is `signed_in`. The last owner
    /// stays an owner.
    pub async fn join(
        &self,
        key: &Digest,
        (email, name): (&EmailAddress, &str),
        signed_in: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Joined, StoreError> {
        let (transaction, _) = self.write().await?;
        let Some(taken) = take_invitation(&transaction, key).await? else {
            return Ok(Joined::Gone);
        };
        let (account, is_new) = accounts::register(&transaction, email, now).await?;
        if taken.email.is_none() && !is_new && signed_in != Some(account.id) {
            return Ok(Joined::NotTheirs);
        }
        let account = if name.is_empty() {
            account
        } else {
            accounts::rename(&transaction, account.id, name).await?;
            Account { name: name.to_owned(), ..account }
        };
        let before = staff::Entity::find_by_id(Key(account.id)).one(&transaction).await?;
        match before.as_ref().map(read_staff).transpose()? {
            Some(before) if before.role == Role::Owner => {}
            Some(_) => set_role(&transaction, account.id, taken.role).await?,
            None => {
                let row = staff::ActiveModel {
                    account: Set(Key(account.id)),
                    role: Set(taken.role.name().to_owned()),
                    since: Set(now.as_second()),
                };
                staff::Entity::insert(row).exec_without_returning(&transaction).await?;
            }
        }
        let deed = StaffAction::Joined(taken.role);
        record(&transaction, (Some(account.id), now), deed, email.as_str()).await?;
        notify(&transaction, &[account.id]).await?;
        transaction.commit().await?;
        Ok(Joined::Done(account))
    }

    /// Changes the role of a member of staff.
    pub async fn appoint(
        &self,
        account: &Account,
        role: Role,
        when: (Option<AccountId>, Timestamp),
    ) -> Result<Appointed, StoreError> {
        self.change_role(account, Some(role), when).await
    }

    /// Removes somebody from staff. The account stays.
    pub async fn dismiss(
        &self,
        account: &Account,
        when: (Option<AccountId>, Timestamp),
    ) -> Result<Appointed, StoreError> {
        self.change_role(account, None, when).await
    }

    async fn change_role(
        &self,
        account: &Account,
        role: Option<Role>,
        (by, now): (Option<AccountId>, Timestamp),
    ) -> Result<Appointed, StoreError> {
        let (transaction, _) = self.write().await?;
        let row = staff::Entity::find_by_id(Key(account.id)).one(&transaction).await?;
        let Some(before) = row.as_ref().map(read_staff).transpose()? else {
            return Ok(Appointed::Nobody);
        };
        if role == Some(before.role) {
            return Ok(Appointed::Done);
        }
        if is_last_owner(&transaction, account.id).await? {
            return Ok(Appointed::LastOwner);
        }
        let deed = match role {
            Some(role) => {
                set_role(&transaction, account.id, role).await?;
                StaffAction::Appointed(role)
            }
            None => {
                staff::Entity::delete_by_id(Key(account.id)).exec(&transaction).await?;
                StaffAction::Dismissed(before.role)
            }
        };
        record(&transaction, (by, now), deed, account.email.as_str()).await?;
        notify(&transaction, &[account.id]).await?;
        transaction.commit().await?;
        Ok(Appointed::Done)
    }

    /// Resets a reader's meter: deletes the reads of this window, on every server.
    pub async fn reset_meter(
        &self,
        reader: &Account,
        helper: &StaffActor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.lock_reads(reader.id).await?;
        account_read::Entity::delete_many()
            .filter(account_read::Column::Account.eq(Key(reader.id)))
            .exec(&transaction)
            .await?;
        let (who, what) = ((helper.by, now), StaffAction::ResetMeter);
        record_why(&transaction, who, what, (reader.email.as_str(), &helper.reason)).await?;
        notify_meter_reset(&transaction, reader.id).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the latest records about this reader, except changes of subscriptions.
    pub async fn desk_records_about(
        &self,
        email: &EmailAddress,
        most: u64,
    ) -> Result<Vec<StaffAuditEntry>, StoreError> {
        let rows = desk_record::Entity::find()
            .filter(desk_record::Column::About.eq(email.as_str()))
            .filter(desk_record::Column::Role.eq(""))
            .order_by_desc(desk_record::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read_record).collect()
    }

    /// Returns the latest records about staff.
    pub async fn desk_records(&self, most: u64) -> Result<Vec<StaffAuditEntry>, StoreError> {
        let rows = desk_record::Entity::find()
            .filter(desk_record::Column::Role.ne(""))
            .order_by_desc(desk_record::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read_record).collect()
    }
}

/// Returns whether this account is the only owner, as seen by this transaction.
pub(crate) async fn is_last_owner(
    database: &impl ConnectionTrait,
    account: AccountId,
) -> Result<bool, StoreError> {
    let row = staff::Entity::find_by_id(Key(account)).one(database).await?;
    let is_owner = row.is_some_and(|row| row.role == Role::Owner.name());
    Ok(is_owner && owners(database).await? < 2)
}

async fn owners(database: &impl ConnectionTrait) -> Result<u64, StoreError> {
    Ok(staff::Entity::find()
        .filter(staff::Column::Role.eq(Role::Owner.name()))
        .count(database)
        .await?)
}

async fn set_role(
    database: &impl ConnectionTrait,
    account: AccountId,
    role: Role,
) -> Result<(), StoreError> {
    staff::Entity::update_many()
        .col_expr(staff::Column::Role, Expr::value(role.name()))
        .filter(staff::Column::Account.eq(Key(account)))
        .exec(database)
        .await?;
    Ok(())
}

async fn take_invitation(
    database: &impl ConnectionTrait,
    key: &Digest,
) -> Result<Option<Invitation>, StoreError> {
    let row = invitation::Entity::find_by_id(key.to_string()).one(database).await?;
    let Some(row) = row else { return Ok(None) };
    invitation::Entity::delete_by_id(key.to_string()).exec(database).await?;
    read_invitation(&row).map(Some)
}

async fn record(
    database: &impl ConnectionTrait,
    (by, at): (Option<AccountId>, Timestamp),
    deed: StaffAction,
    about: &str,
) -> Result<(), StoreError> {
    record_why(database, (by, at), deed, (about, "")).await
}

async fn record_why(
    database: &impl ConnectionTrait,
    (by, at): (Option<AccountId>, Timestamp),
    deed: StaffAction,
    (about, reason): (&str, &str),
) -> Result<(), StoreError> {
    let (name, role) = deed.parts();
    let row = desk_record::ActiveModel {
        id: NotSet,
        at: Set(at.as_second()),
        done_by: Set(by.map(Key)),
        deed: Set(name.to_owned()),
        role: Set(role.map_or("", Role::name).to_owned()),
        about: Set(about.to_owned()),
        reason: Set(reason.to_owned()),
        on_server: Set(by.is_none()),
    };
    desk_record::Entity::insert(row).exec_without_returning(database).await?;
    Ok(())
}

fn role(name: &str) -> Result<Role, StoreError> {
    Role::named(name).ok_or_else(|| StoreError::unreadable(format_args!("the role \"{name}\"")))
}

fn read_staff(row: &staff::Model) -> Result<Staff, StoreError> {
    Ok(Staff { account: row.account.0, role: role(&row.role)?, since: time(row.since) })
}

fn read_invitation(row: &invitation::Model) -> Result<Invitation, StoreError> {
    let email = (!row.email.is_empty()).then(|| row.email.parse()).transpose();
    Ok(Invitation {
        key: row.key.parse().map_err(StoreError::unreadable)?,
        email: email.map_err(StoreError::unreadable)?,
        role: role(&row.role)?,
        by: row.invited_by.map(|key| key.0),
        at: time(row.at),
    })
}

fn read_record(row: desk_record::Model) -> Result<StaffAuditEntry, StoreError> {
    let of = if row.role.is_empty() { None } else { Some(role(&row.role)?) };
    let action = StaffAction::named(&row.deed, of);
    Ok(StaffAuditEntry {
        at: time(row.at),
        by: match row.done_by {
            Some(by) => DoneBy::Account(by.0),
            None if row.on_server => DoneBy::Server,
            None => DoneBy::Deleted,
        },
        action: action
            .ok_or_else(|| StoreError::unreadable(format_args!("the deed \"{}\"", row.deed)))?,
        about: row.about,
        reason: row.reason,
    })
}
