//! Accounts of readers.

mod deletion;
mod registration;

use std::collections::BTreeSet;

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, AddressMove, AuditAction, AuditChange, Digest, EmailAddress,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, JoinType,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, OnConflict, Query},
};

use self::registration::new_row;
use crate::{
    Email, Store, StoreError,
    account_changes::notify,
    address_changes::consume,
    audit_log::record_of_staff,
    former_readers::{self, FormerUse},
    identities,
    ids::{AccountKey, Key},
    like::containing,
    outbox,
    records::{account, history_reader, staff},
    sessions::end_all_but,
    time,
};

/// What a page shows of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountProfile {
    /// The display name; may be empty.
    pub name: String,
    /// Whether the account is staff.
    pub is_staff: bool,
    /// When the meter was last reset, in seconds since the Unix epoch: reads before it do not count.
    pub meter_reset: i64,
    /// Whether the reader's address has had a subscription under an account before this one.
    pub had_subscription: bool,
    /// Whether the reader keeps a reading history.
    pub keeps_history: bool,
}

/// Name, last reset of the meter, whether there was a subscription before, and the account again if it is staff, and if it keeps
/// a history.
type ProfileRow = (String, i64, bool, Option<AccountKey>, Option<AccountKey>);

/// The result of carrying out a change of an account's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressChangeResult {
    /// The account, as it was before, has the new address.
    Changed(Account),
    /// Nothing was changed, because another account has the address.
    Taken,
    /// Nothing was changed: the request was carried out before, replaced or deleted, has expired, or is not confirmed by
    /// both addresses, or the account is deleted.
    NotRequested,
}

impl Store {
    /// Returns the account with this id.
    #[tracing::instrument(skip_all)]
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let row = account::Entity::find_by_id(Key(id)).one(&self.database).await?;
        row.map(read).transpose()
    }

    /// Returns the account with this address.
    #[tracing::instrument(skip_all)]
    pub async fn account_at(&self, email: &EmailAddress) -> Result<Option<Account>, StoreError> {
        of(&self.database, email).await?.map(read).transpose()
    }

    /// Imports readers in one batch. Readers whose address is registered already stay as they are.
    #[tracing::instrument(skip_all)]
    pub async fn import_accounts(
        &self,
        readers: &[(EmailAddress, Timestamp)],
    ) -> Result<(), StoreError> {
        let row = |(email, registered): &(EmailAddress, Timestamp)| new_row(email, *registered);
        let once = OnConflict::column(account::Column::Email).do_nothing().to_owned();
        account::Entity::insert_many(readers.iter().map(row))
            .on_conflict(once)
            .exec_without_returning(&self.database)
            .await?;
        Ok(())
    }

    /// Returns at most `most` accounts with ids above `after`, in order.
    #[tracing::instrument(skip_all)]
    pub async fn accounts_after(&self, after: u32, most: u64) -> Result<Vec<Account>, StoreError> {
        let rows = account::Entity::find()
            .filter(account::Column::Id.gt(Key(AccountId(after))))
            .order_by_asc(account::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Returns at most `most` accounts with this text in address or name, ordered by address.
    #[tracing::instrument(skip_all)]
    pub async fn find_accounts(&self, text: &str, most: u64) -> Result<Vec<Account>, StoreError> {
        let text = text.to_lowercase();
        let pattern = || containing(&text);
        let has = |column: account::Column| Expr::col(column).like(pattern());
        let rows = account::Entity::find()
            // Addresses are stored in lower case.
            .filter(has(account::Column::Email).or(has(account::Column::SearchedName)))
            .order_by_asc(account::Column::Email)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Returns the accounts with these ids, as far as they exist.
    #[tracing::instrument(skip_all)]
    pub async fn accounts(&self, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
        let numbers = ids.iter().map(|id| Key(*id));
        let rows = account::Entity::find()
            .filter(account::Column::Id.is_in(numbers))
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Changes a reader's display name, and notifies all servers.
    #[tracing::instrument(skip_all)]
    pub async fn rename_account(
        &self,
        id: AccountId,
        name: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        // Locked, so that the name before is the one that is replaced.
        let before = lock(&transaction, id).await?.map(|before| before.name).unwrap_or_default();
        rename(&transaction, id, name).await?;
        if let Some(change) = AuditChange::between("name", &before, name) {
            record_of_staff(&transaction, id, now, AuditAction::ChangedName, vec![change]).await?;
        }
        notify(&transaction, &[id]).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns what a page shows of an account. A deleted account has an empty name.
    #[tracing::instrument(skip_all)]
    pub async fn account_profile(&self, id: AccountId) -> Result<AccountProfile, StoreError> {
        let row: Option<ProfileRow> = account::Entity::find_by_id(Key(id))
            .select_only()
            .column(account::Column::Name)
            .column(account::Column::MeterReset)
            .column(account::Column::HadSubscription)
            .column(staff::Column::Account)
            .column(history_reader::Column::Account)
            .join(
                JoinType::LeftJoin,
                account::Entity::belongs_to(staff::Entity)
                    .from(account::Column::Id)
                    .to(staff::Column::Account)
                    .into(),
            )
            .join(
                JoinType::LeftJoin,
                account::Entity::belongs_to(history_reader::Entity)
                    .from(account::Column::Id)
                    .to(history_reader::Column::Account)
                    .into(),
            )
            .into_tuple()
            .one(&self.database)
            .await?;
        let (name, meter_reset, had_subscription, staff, history) = row.unwrap_or_default();
        let (is_staff, keeps_history) = (staff.is_some(), history.is_some());
        Ok(AccountProfile { name, is_staff, meter_reset, had_subscription, keeps_history })
    }

    /// Carries out a change of an account's address that both addresses have confirmed, and ends the account's sessions
    /// except `kept`, and what is linked to it elsewhere. The request is used up in the same transaction, so that it takes effect once, and
    /// not after it was replaced or deleted. What the account has used is kept under its former address as well, and what the new address
    /// has used before is added. The emails tell both addresses.
    #[tracing::instrument(skip_all)]
    pub async fn change_address(
        &self,
        request: &AddressMove,
        kept: Option<&Digest>,
        emails: &[Email],
        now: Timestamp,
    ) -> Result<AddressChangeResult, StoreError> {
        let (id, email) = (request.account, &request.email);
        let transaction = self.begin().await?;
        let Some(before) = lock(&transaction, id).await? else {
            return Ok(AddressChangeResult::NotRequested);
        };
        if !consume(&transaction, request, now).await? {
            return Ok(AddressChangeResult::NotRequested);
        }
        // Before the move, so that links that were sent to the former address are found.
        end_all_but(&transaction, id, kept).await?;
        // They were linked by the former address, by anybody who could read its email.
        identities::unlink_all(&transaction, id).await?;
        let moved = account::Entity::update_many()
            .col_expr(account::Column::Email, Expr::value(email.as_str()))
            .filter(account::Column::Id.eq(Key(id)))
            .exec(&transaction)
            .await;
        match moved {
            Ok(_) => {}
            Err(error) if is_taken(&error) => return Ok(AddressChangeResult::Taken),
            Err(error) => return Err(error.into()),
        }
        let change = AuditChange::between("email", &before.email, email.as_str());
        let (action, changes) = (AuditAction::ChangedAddress, change.into_iter().collect());
        record_of_staff(&transaction, id, now, action, changes).await?;
        self.note_former_address(&transaction, &before.email, now).await?;
        self.forget_former_address(&transaction, email.as_str()).await?;
        self.keep_use(&transaction, &before, FormerUse::default(), now).await?;
        let taken = self.take_use(&transaction, email.as_str(), now).await?;
        let own = former_readers::use_of(&transaction, &before, now).await?;
        let mut brought = former_readers::brought(&transaction, &before).await?;
        let taken = former_readers::without_own_debts(&transaction, before.id, taken).await?;
        brought.merge(taken.without_reads_of(&own));
        former_readers::give(&transaction, before.id, &brought.within_limits(now)).await?;
        notify(&transaction, &[id]).await?;
        outbox::enqueue(&transaction, &self.email_sealer(), emails, now).await?;
        let before = read(before)?;
        transaction.commit().await?;
        Ok(AddressChangeResult::Changed(before))
    }
}

/// Changes a reader's display name.
pub(crate) async fn rename(
    database: &impl ConnectionTrait,
    id: AccountId,
    name: &str,
) -> Result<(), StoreError> {
    account::Entity::update_many()
        .col_expr(account::Column::Name, Expr::value(name))
        .col_expr(account::Column::SearchedName, Expr::value(name.to_lowercase()))
        .filter(account::Column::Id.eq(Key(id)))
        .exec(database)
        .await?;
    Ok(())
}

/// Locks an account until the transaction ends, so that decisions about it are made one after another, and returns
/// it as it then is. Returns `None` if the account is deleted, so that nothing can refer to it. Rows that do can be
/// inserted meanwhile.
pub(crate) async fn lock(
    database: &impl ConnectionTrait,
    id: AccountId,
) -> Result<Option<account::Model>, DbErr> {
    if database.get_database_backend() == DbBackend::Sqlite {
        // SQLite locks no rows. An update that changes nothing locks the database.
        account::Entity::update_many()
            .col_expr(account::Column::Registered, Expr::col(account::Column::Registered))
            .filter(account::Column::Id.eq(Key(id)))
            .exec(database)
            .await?;
    }
    account::Entity::find_by_id(Key(id)).lock(LockType::NoKeyUpdate).one(database).await
}

/// Accounts in one statement of [`hold`]; there is a limit on parameters.
const HELD_AT_ONCE: usize = 500;

/// Keeps accounts from being deleted until the transaction ends, in the order of their numbers. What writes rows of accounts in
/// bulk does this first: a deletion locks the account, and then the rows that it takes along. Two such writes do not wait for
/// each other, nor for one that changes the account. SQLite locks the database, so there the accounts are not read.
/// Returns the accounts that are there, on SQLite all that were named.
pub(crate) async fn hold(
    transaction: &DatabaseTransaction,
    ids: impl Iterator<Item = AccountKey>,
) -> Result<BTreeSet<AccountKey>, DbErr> {
    let ids: BTreeSet<AccountKey> = ids.collect();
    if transaction.get_database_backend() == DbBackend::Sqlite {
        return Ok(ids);
    }
    let ids: Vec<AccountKey> = ids.into_iter().collect();
    let mut held = BTreeSet::new();
    for batch in ids.chunks(HELD_AT_ONCE) {
        let there = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .filter(account::Column::Id.is_in(batch.iter().copied()))
            .order_by_asc(account::Column::Id)
            .lock(LockType::KeyShare)
            .into_tuple::<AccountKey>()
            .all(transaction)
            .await?;
        held.extend(there);
    }
    Ok(held)
}

/// The number of an account as an expression: `NULL` if the account is deleted. On PostgreSQL the
/// account stays until the statement has ended.
pub(crate) fn reference(id: AccountId) -> Expr {
    let account = Query::select()
        .column(account::Column::Id)
        .from(account::Entity)
        .and_where(Expr::col(account::Column::Id).eq(Key(id)))
        .lock(LockType::KeyShare)
        .to_owned();
    Expr::SubQuery(None, Box::new(account.into()))
}

async fn of(
    database: &impl ConnectionTrait,
    email: &EmailAddress,
) -> Result<Option<account::Model>, StoreError> {
    Ok(account::Entity::find()
        .filter(account::Column::Email.eq(email.as_str()))
        .one(database)
        .await?)
}

pub(crate) fn read(row: account::Model) -> Result<Account, StoreError> {
    Ok(Account {
        id: row.id.0,
        email: EmailAddress::unchanged(&row.email).map_err(StoreError::unreadable)?,
        name: row.name,
        registered: time(row.registered),
        had_subscription: row.had_subscription,
    })
}

fn is_taken(error: &sea_orm::DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}
