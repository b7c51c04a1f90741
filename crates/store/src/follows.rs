//! The topics and authors that readers follow, and the secret addresses of their feeds.
//!
//! A feed's address carries a secret of which the database has the digest, to find the feed by, and a sealed copy, to show it to
//! its reader.

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, Secret,
    reading::{FollowKind, Followed, ListAddition},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Store, StoreError,
    account_changes::notify,
    accounts,
    ids::{AccountKey, Key},
    limited_lists::refusal,
    parse_stored,
    records::{follow as row, personal_feed},
    renaming,
    sealer::OpenSealedError,
    time,
};

/// Accounts of which the list is changed at once; there is a limit on parameters.
const MOVED_AT_ONCE: u64 = 500;

/// What an account follows, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Following {
    /// The topic or author. There may be no articles any more.
    pub followed: Followed,
    /// Since when.
    pub at: Timestamp,
}

impl Store {
    /// Lets an account that follows fewer than `most` follow something.
    #[tracing::instrument(skip_all)]
    pub async fn follow(
        &self,
        account: AccountId,
        followed: &Followed,
        most: u64,
        now: Timestamp,
    ) -> Result<ListAddition, StoreError> {
        let transaction = self.begin().await?;
        // Those who follow are moved at the end of a merger: none may be added with the former name after that.
        renaming::keep_names(&transaction).await?;
        // The page that it was chosen on may be older than a merger.
        let current = renaming::current(&transaction, followed.kind, &followed.slug).await?;
        let slug = current.map_or_else(|| followed.slug.clone(), |current| current.slug);
        let own = row::Entity::find().filter(row::Column::Account.eq(Key(account)));
        let same = own.clone().filter(of(followed.kind, &slug));
        if let Some(refusal) = refusal(&transaction, account, (own, same), most).await? {
            return Ok(refusal);
        }
        let new = row::ActiveModel {
            account: Set(Key(account)),
            kind: Set(followed.kind.name().to_owned()),
            slug: Set(slug),
            at: Set(now.as_second()),
        };
        row::Entity::insert(new).exec_without_returning(&transaction).await?;
        notify(&transaction, &[account]).await?;
        transaction.commit().await?;
        Ok(ListAddition::Added)
    }

    /// Lets an account follow something no longer.
    #[tracing::instrument(skip_all)]
    pub async fn unfollow(
        &self,
        account: AccountId,
        followed: &Followed,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        // The page that it was chosen on may be older than a merger.
        let current = renaming::current(&transaction, followed.kind, &followed.slug).await?;
        let slugs = [Some(followed.slug.clone()), current.map(|current| current.slug)];
        let deleted = row::Entity::delete_many()
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Kind.eq(followed.kind.name()))
            .filter(row::Column::Slug.is_in(slugs.into_iter().flatten()))
            .exec(&transaction)
            .await?;
        if deleted.rows_affected > 0 {
            notify(&transaction, &[account]).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Returns what an account follows, in the order in which it began to.
    #[tracing::instrument(skip_all)]
    pub async fn followed_by(&self, account: AccountId) -> Result<Vec<Following>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .order_by_asc(row::Column::At)
            .order_by_asc(row::Column::Kind)
            .order_by_asc(row::Column::Slug)
            .all(&self.database)
            .await?;
        let following = |row: row::Model| {
            let kind = parse_stored("what is followed", &row.kind)?;
            let followed = Followed { kind, slug: row.slug };
            Ok(Following { followed, at: time(row.at) })
        };
        rows.into_iter().map(following).collect()
    }

    /// Gives the feed of an account a new address, in place of an earlier one.
    #[tracing::instrument(skip_all)]
    pub async fn renew_feed(
        &self,
        account: AccountId,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sealed = self.sealer.seal(secret.to_string().as_bytes(), &associated(account))?;
        let new = personal_feed::ActiveModel {
            account: Set(Key(account)),
            key: Set(secret.digest().to_string()),
            secret: Set(sealed),
            begun: Set(now.as_second()),
        };
        let instead = OnConflict::column(personal_feed::Column::Account)
            .update_columns([
                personal_feed::Column::Key,
                personal_feed::Column::Secret,
                personal_feed::Column::Begun,
            ])
            .to_owned();
        let transaction = self.begin().await?;
        if accounts::lock(&transaction, account).await?.is_some() {
            personal_feed::Entity::insert(new)
                .on_conflict(instead)
                .exec_without_returning(&transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Ends the feed of an account: its address leads nowhere.
    #[tracing::instrument(skip_all)]
    pub async fn end_feed(&self, account: AccountId) -> Result<(), StoreError> {
        personal_feed::Entity::delete_by_id(Key(account)).exec(&self.database).await?;
        Ok(())
    }

    /// Returns the secret in the address of an account's feed, and since when it has this address. `None` if there is no
    /// feed, or the keys that the secret was sealed with are gone; then the feed needs a new address.
    #[tracing::instrument(skip_all)]
    pub async fn feed_of(
        &self,
        account: AccountId,
    ) -> Result<Option<(Secret, Timestamp)>, StoreError> {
        let row = personal_feed::Entity::find_by_id(Key(account)).one(&self.database).await?;
        let Some(row) = row else { return Ok(None) };
        let secret = match self.sealer.open(&row.secret, &associated(account)) {
            Ok(secret) => String::from_utf8(secret).map_err(StoreError::unreadable)?,
            Err(OpenSealedError::Store(error)) => return Err(error),
            Err(OpenSealedError::Sealed(_)) => return Ok(None),
        };
        Ok(secret.parse().ok().map(|secret| (secret, time(row.begun))))
    }

    /// Returns the account whose feed has this secret in its address.
    #[tracing::instrument(skip_all)]
    pub async fn account_of_feed(&self, secret: &Secret) -> Result<Option<AccountId>, StoreError> {
        let row = personal_feed::Entity::find()
            .filter(personal_feed::Column::Key.eq(secret.digest().to_string()))
            .one(&self.database)
            .await?;
        Ok(row.map(|row| row.account.0))
    }
}

fn associated(account: AccountId) -> Vec<u8> {
    format!("masthead personal feed 1\n{}", account.0).into_bytes()
}

/// Lets some of those who follow one thing follow another in its place, and notifies servers of them. Returns whether nobody is left.
pub(crate) async fn move_some(
    transaction: &DatabaseTransaction,
    kind: FollowKind,
    slug: &str,
    to: &str,
) -> Result<bool, StoreError> {
    let accounts = followers(transaction, kind, slug, MOVED_AT_ONCE).await?;
    if accounts.is_empty() {
        return Ok(true);
    }
    accounts::hold(transaction, accounts.iter().copied()).await?;
    // Only these accounts: on PostgreSQL another may have begun to follow since they were read.
    let theirs = |slug: &str| of(kind, slug).and(row::Column::Account.is_in(accounts.clone()));
    let both = row::Entity::find()
        .select_only()
        .column(row::Column::Account)
        .filter(theirs(to))
        .into_tuple::<AccountKey>()
        .all(transaction)
        .await?;
    row::Entity::update_many()
        .col_expr(row::Column::Slug, Expr::value(to))
        .filter(theirs(slug))
        .filter(row::Column::Account.is_not_in(both))
        .exec(transaction)
        .await?;
    row::Entity::delete_many().filter(theirs(slug)).exec(transaction).await?;
    let moved: Vec<AccountId> = accounts.iter().map(|key| key.0).collect();
    notify(transaction, &moved).await?;
    Ok(followers(transaction, kind, slug, 1).await?.is_empty())
}

/// The first accounts that follow something.
async fn followers(
    from: &DatabaseTransaction,
    kind: FollowKind,
    slug: &str,
    most: u64,
) -> Result<Vec<AccountKey>, StoreError> {
    Ok(row::Entity::find()
        .select_only()
        .column(row::Column::Account)
        .filter(of(kind, slug))
        .order_by_asc(row::Column::Account)
        .limit(most)
        .into_tuple()
        .all(from)
        .await?)
}

fn of(kind: FollowKind, slug: &str) -> Expr {
    row::Column::Kind.eq(kind.name()).and(row::Column::Slug.eq(slug))
}
