//! Invitations to the desk.

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, AuditAction, Digest, EmailAddress,
    staff::{Invitation, Role},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::ExprTrait,
};

use super::{read_staff, set_role};
use crate::{
    Email, Store, StoreError,
    account_changes::notify,
    accounts,
    audit_log::{AuditRecord, record},
    ids::Key,
    outbox, parse_stored,
    records::{invitation, staff},
    time,
};

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

/// Somebody who accepts an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewStaff<'a> {
    /// The address of their account, which is registered if there is none.
    pub email: &'a EmailAddress,
    /// What the account is called from now on; empty to leave its name as it is.
    pub name: &'a str,
    /// The account that they are signed in to.
    pub signed_in: Option<AccountId>,
}

impl Store {
    /// Stores an invitation. Earlier invitations to the same address are deleted. Those without an address stay until
    /// they are over, because each of several servers that start together prints one for the first owner.
    #[tracing::instrument(skip_all)]
    pub async fn invite(&self, invited: &Invitation, emails: &[Email]) -> Result<(), StoreError> {
        let (transaction, _) = self.write().await?;
        let email = invited.email.as_ref().map(ToString::to_string).unwrap_or_default();
        let over = invited.at.as_second() - Invitation::LIFETIME.as_secs();
        let replaced = match &invited.email {
            Some(_) => invitation::Column::Email.eq(&email),
            None => invitation::Column::Email.eq("").and(invitation::Column::At.lte(over)),
        };
        invitation::Entity::delete_many().filter(replaced).exec(&transaction).await?;
        let row = invitation::ActiveModel {
            key: Set(invited.key.to_string()),
            email: Set(email.clone()),
            role: Set(invited.role.name().to_owned()),
            invited_by: Set(invited.by.map(Key)),
            at: Set(invited.at.as_second()),
        };
        invitation::Entity::insert(row).exec_without_returning(&transaction).await?;
        let action = match &invited.email {
            Some(_) => AuditAction::Invited,
            None => AuditAction::MadeLink,
        };
        let entry = AuditRecord {
            role: Some(invited.role),
            about: &email,
            ..AuditRecord::new(invited.by, invited.at, action)
        };
        record(&transaction, entry).await?;
        outbox::enqueue(&transaction, &self.email_sealer(), emails, invited.at).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the invitation with this key.
    #[tracing::instrument(skip_all)]
    pub async fn invitation(&self, key: &Digest) -> Result<Option<Invitation>, StoreError> {
        let row = invitation::Entity::find_by_id(key.to_string()).one(&self.database).await?;
        row.as_ref().map(read_invitation).transpose()
    }

    /// Returns all open invitations with an address, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn invitations(&self) -> Result<Vec<Invitation>, StoreError> {
        let rows = invitation::Entity::find()
            .filter(invitation::Column::Email.ne(""))
            .order_by_desc(invitation::Column::At)
            .all(&self.database)
            .await?;
        rows.iter().map(read_invitation).collect()
    }

    /// Withdraws an invitation. Returns `false` if it is gone already.
    #[tracing::instrument(skip_all)]
    pub async fn withdraw_invitation(
        &self,
        key: &Digest,
        by: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (transaction, _) = self.write().await?;
        let Some(taken) = take_invitation(&transaction, key).await? else { return Ok(false) };
        let about = taken.email.map(|email| email.to_string()).unwrap_or_default();
        let entry = AuditRecord {
            role: Some(taken.role),
            about: &about,
            ..AuditRecord::new(Some(by), now, AuditAction::Withdrew)
        };
        record(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Accepts an invitation: the account of `person` becomes staff. If the invitation has no address, an existing account
    /// must be the one that they are signed in to, and all others without an address and for the same role are withdrawn.
    /// The last owner stays an owner.
    #[tracing::instrument(skip_all)]
    pub async fn join(
        &self,
        key: &Digest,
        person: NewStaff<'_>,
        now: Timestamp,
    ) -> Result<Joined, StoreError> {
        let NewStaff { email, name, signed_in } = person;
        let (transaction, _) = self.write().await?;
        let Some(taken) = take_invitation(&transaction, key).await? else {
            return Ok(Joined::Gone);
        };
        let (account, is_new) = self.register_in(&transaction, email, now).await?;
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
                    language: Set(None),
                    figures_monday: Set(None),
                    figures_retry: Set(None),
                };
                staff::Entity::insert(row).exec_without_returning(&transaction).await?;
            }
        }
        if taken.email.is_none() {
            withdraw_open_invitations(&transaction, taken.role).await?;
        }
        let entry = AuditRecord {
            role: Some(taken.role),
            about: email.as_str(),
            account: Some(account.id),
            ..AuditRecord::new(Some(account.id), now, AuditAction::Joined)
        };
        record(&transaction, entry).await?;
        notify(&transaction, &[account.id]).await?;
        transaction.commit().await?;
        Ok(Joined::Done(account))
    }
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

/// Withdraws invitations without an address: only the first person who follows one of them joins.
async fn withdraw_open_invitations(
    database: &impl ConnectionTrait,
    role: Role,
) -> Result<(), StoreError> {
    invitation::Entity::delete_many()
        .filter(invitation::Column::Email.eq("").and(invitation::Column::Role.eq(role.name())))
        .exec(database)
        .await?;
    Ok(())
}

fn read_invitation(row: &invitation::Model) -> Result<Invitation, StoreError> {
    let email = (!row.email.is_empty()).then(|| EmailAddress::from_stored(&row.email)).transpose();
    Ok(Invitation {
        key: row.key.parse().map_err(StoreError::unreadable)?,
        email: email.map_err(StoreError::unreadable)?,
        role: parse_stored("the role", &row.role)?,
        by: row.invited_by.map(|key| key.0),
        at: time(row.at),
    })
}
