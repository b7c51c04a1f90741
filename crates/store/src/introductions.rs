//! Which addresses have begun a trial or subscription. If the publisher wants that, all addresses of a mailbox count as one reader: for
//! introductory offers, and for what a reader who left has used ([`former_readers`](crate::former_readers)). Accounts and emails are those
//! of an address in any case.
//!
//! What is kept is a digest, as of readers who left, and for as long: of the address, or of that of its mailbox while the publisher wants
//! them to count as one. Both are compared, so that what was kept before that was set counts as well.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use masthead_circulation::EmailAddress;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, OnConflict, Query},
};

use crate::{
    Store, StoreError,
    former_readers::KEPT,
    records::{account, former_reader, introduction as row, subscription},
};

impl Store {
    /// Sets whether all addresses of a mailbox count as one reader, for every clone of this store.
    pub fn fold_addresses(&self, folds: bool) {
        self.folds_addresses.store(folds, Ordering::Relaxed);
    }

    /// The address of the mailbox, if all addresses of a mailbox count as one reader.
    pub(crate) fn mailbox(&self, email: &str) -> Option<String> {
        let folds = self.folds_addresses.load(Ordering::Relaxed);
        folds.then(|| EmailAddress::mailbox_of(email))
    }

    /// Notes that an address begins a trial or subscription. Returns `false` if another address of the same mailbox has begun one, and
    /// they count as one reader: of requests at the same time, one gets `true`. It may be called again for the same address.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn claim_introduction(
        &self,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let email = email.as_str();
        let Some(own) = self.address_digests.of(email).into_iter().next() else { return Ok(true) };
        let mailbox = self.mailbox(email);
        let newest = mailbox.as_ref().and_then(|it| self.address_digests.of(it).into_iter().next());
        let transaction = self.begin().await?;
        let is_free = !self.is_introduced(&transaction, email, now).await?
            && claim(&transaction, newest.unwrap_or_else(|| own.clone()), own, now).await?;
        let folds = mailbox.is_some();
        if folds && !is_free {
            // So that no introduction is offered any more.
            account::Entity::update_many()
                .col_expr(account::Column::HadSubscription, Expr::value(true))
                .filter(account::Column::Email.eq(email))
                .exec(&transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(is_free || !folds)
    }

    /// Whether another address of the same mailbox has had a trial or subscription, and they count as one reader.
    pub(crate) async fn is_introduced(
        &self,
        database: &impl ConnectionTrait,
        email: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let since = (now - KEPT).as_second();
        let Some(mailbox) = self.mailbox(email) else { return Ok(false) };
        let digests = self.address_digests.of(&mailbox);
        let own = self.address_digests.of(email);
        let claimed = row::Entity::find()
            .filter(row::Column::Digest.is_in(digests.clone()))
            .filter(row::Column::Claimant.is_not_in(own))
            .filter(row::Column::At.gte(since));
        let left = former_reader::Entity::find()
            .filter(former_reader::Column::Digest.is_in(digests))
            .filter(former_reader::Column::HadSubscription.eq(true))
            .filter(former_reader::Column::At.gte(since));
        let subscribers =
            Query::select().column(subscription::Column::Account).from(subscription::Entity).take();
        // Those that had begun before this was noted.
        let another = account::Column::Email.eq(&mailbox).and(account::Column::Email.ne(email));
        let subscribed = account::Entity::find().filter(another).filter(
            account::Column::HadSubscription
                .eq(true)
                .or(account::Column::Id.in_subquery(subscribers)),
        );
        Ok(claimed.count(database).await? > 0
            || left.count(database).await? > 0
            || subscribed.count(database).await? > 0)
    }
}

/// Claims an introduction in one statement. Returns `false` if another address has done so within the kept time.
async fn claim(
    database: &impl ConnectionTrait,
    digest: String,
    claimant: String,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let stored = |column: row::Column| Expr::col((row::Entity, column));
    let is_own = stored(row::Column::Claimant).eq(claimant.clone());
    let is_old = stored(row::Column::At).lt((now - KEPT).as_second());
    let again = OnConflict::column(row::Column::Digest)
        .update_columns([row::Column::Claimant, row::Column::At])
        .action_and_where(is_own.or(is_old))
        .to_owned();
    let new =
        row::ActiveModel { digest: Set(digest), claimant: Set(claimant), at: Set(now.as_second()) };
    let claimed =
        row::Entity::insert(new).on_conflict(again).exec_without_returning(database).await?;
    Ok(claimed > 0)
}
