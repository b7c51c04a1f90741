//! What is kept of an address whose reader has left: that it has had a trial or subscription, the subscriptions whose invoices it has
//! left unpaid, and when its meter has counted something. Otherwise every deleted account would bring another trial, another invoice
//! and a full meter.
//!
//! The address is not kept, but a digest under the publication's key, which nobody can compute without it. What was
//! read is not kept either: only when. Everything is forgotten after [`KEPT`], and when the address registers
//! again, as the account has it then. While all addresses of a mailbox count as one reader, what is kept of the address of the mailbox is
//! that of all of them, and stays kept.

mod debts;

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use masthead_access::{ArticleId, Read};
use masthead_circulation::entitlement;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, OnConflict},
};

pub(crate) use self::debts::{owes, settle as settle_debt, without_own as without_own_debts};
use crate::{
    Store, StoreError,
    ids::AccountKey,
    records::{
        account, account_read, deleted_address, former_reader as row, introduction, subscription,
    },
    subscriptions,
};

/// How long something is kept of an address after its reader has left.
pub const KEPT: SignedDuration = SignedDuration::from_hours(365 * 24);
/// How many reads are kept of an address. No meter allows more in its period.
const MAX_READS: usize = 300;
/// How many accounts are looked at in one step.
const BATCH: u64 = 500;

/// What an address has used under an account that is deleted or has another address now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FormerUse {
    pub had_subscription: bool,
    /// The numbers of the subscriptions whose invoices are unpaid.
    pub debts: BTreeSet<i64>,
    /// When articles were counted, in seconds since the Unix epoch.
    pub reads: Vec<u32>,
}

impl FormerUse {
    /// What is kept of subscriptions. One that cannot be read must not keep an account from being deleted.
    pub fn of_subscriptions(rows: &[subscription::Model], now: Timestamp) -> Self {
        let held: Vec<_> = rows.iter().filter_map(|row| subscriptions::read(row).ok()).collect();
        let debts = entitlement::debts(&held, now).into_iter().map(|id| i64::from(id.0)).collect();
        Self { had_subscription: !rows.is_empty(), debts, reads: Vec::new() }
    }

    pub fn merge(&mut self, other: Self) {
        self.had_subscription |= other.had_subscription;
        self.debts.extend(other.debts);
        self.reads.extend(other.reads);
    }

    /// Leaves the reads that `known` has not. Who takes a former address back has them already.
    pub fn without_reads_of(mut self, known: &Self) -> Self {
        let mut rest: HashMap<u32, usize> = HashMap::new();
        for at in &known.reads {
            *rest.entry(*at).or_default() += 1;
        }
        self.reads.retain(|at| match rest.get_mut(at) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        self
    }

    /// Drops reads from before the kept period, and all but the latest if there are too many.
    pub fn within_limits(mut self, now: Timestamp) -> Self {
        let since = (now - KEPT).as_second();
        self.reads.retain(|at| i64::from(*at) >= since);
        self.reads.sort_unstable_by(|one, other| other.cmp(one));
        self.reads.truncate(MAX_READS);
        self
    }

    /// The reads as a column of a row holds them.
    pub fn reads_text(&self) -> String {
        let times: Vec<String> = self.reads.iter().map(u32::to_string).collect();
        times.join(" ")
    }

    fn is_nothing(&self) -> bool {
        !self.had_subscription && self.debts.is_empty() && self.reads.is_empty()
    }
}

/// The reads that an account has brought, as reads of articles that do not exist: the meter counts them, and nobody
/// knows what they were.
pub(crate) fn reads(text: &str) -> impl Iterator<Item = Read> {
    let articles = (0..=u32::MAX).rev().map(ArticleId);
    times(text).into_iter().zip(articles).map(|(at, article)| Read { article, at })
}

/// The times of reads, as a column of a row holds them.
pub(crate) fn times(text: &str) -> Vec<u32> {
    text.split_whitespace().filter_map(|time| time.parse().ok()).collect()
}

impl Store {
    /// Forgets what is kept of readers who left long ago.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn prune_former_readers(&self, now: Timestamp) -> Result<(), StoreError> {
        let old = row::Column::At.lt((now - KEPT).as_second());
        self.delete_in_batches::<row::Entity>(old).await?;
        let old = introduction::Column::At.lt((now - KEPT).as_second());
        self.delete_in_batches::<introduction::Entity>(old).await?;
        self.prune_brought_reads(now).await
    }

    /// Forgets the reads from before the kept period that accounts have brought.
    async fn prune_brought_reads(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut after = AccountKey::default();
        loop {
            let rows: Vec<(AccountKey, String)> = account::Entity::find()
                .select_only()
                .columns([account::Column::Id, account::Column::FormerReads])
                .filter(account::Column::Id.gt(after))
                .filter(account::Column::FormerReads.ne(""))
                .order_by_asc(account::Column::Id)
                .limit(BATCH)
                .into_tuple()
                .all(&self.database)
                .await?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            after = *last;
            for (id, stored) in rows {
                let brought = FormerUse { reads: times(&stored), ..FormerUse::default() };
                let left = brought.within_limits(now).reads_text();
                if left.len() < stored.len() {
                    replace_reads(&self.database, id, &stored, &left).await?;
                }
            }
        }
    }

    /// Forgets everything that is kept of readers who left. Returns of how many addresses something was kept.
    pub(crate) async fn forget_former_readers(
        &self,
        transaction: &DatabaseTransaction,
    ) -> Result<u64, StoreError> {
        let used = row::Entity::delete_many().exec(transaction).await?.rows_affected;
        introduction::Entity::delete_many().exec(transaction).await?;
        let left = deleted_address::Entity::delete_many().exec(transaction).await?.rows_affected;
        // An address that has used something is among those that left, unless a version kept only what it has used.
        Ok(used.max(left))
    }

    /// Keeps what an account has used under the address that it has now. `deleted` is what it had in subscriptions whose rows are
    /// deleted already.
    pub(crate) async fn keep_use(
        &self,
        transaction: &DatabaseTransaction,
        account: &account::Model,
        deleted: FormerUse,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let digests = self.address_digests.of(&account.email);
        let Some(newest) = digests.first().cloned() else { return Ok(()) };
        let mut used = use_of(transaction, account, now).await?;
        used.merge(deleted);
        let used = used.within_limits(now);
        if used.is_nothing() {
            return Ok(());
        }
        let new = row::ActiveModel {
            digest: Set(newest.clone()),
            had_subscription: Set(used.had_subscription),
            reads: Set(used.reads_text()),
            at: Set(now.as_second()),
        };
        if self.is_of_mailbox(&account.email) {
            debts::forget(transaction, &digests).await?;
        } else {
            row::Entity::delete_many()
                .filter(row::Column::Digest.is_in(digests))
                .exec(transaction)
                .await?;
            row::Entity::insert(new).exec_without_returning(transaction).await?;
        }
        let debts = used.debts.clone();
        self.keep_use_of_mailbox(transaction, &account.email, used, now).await?;
        debts::keep(transaction, &newest, &debts).await
    }

    /// Whether an address is that of a mailbox whose addresses count as one reader.
    fn is_of_mailbox(&self, email: &str) -> bool {
        self.mailbox(email).is_some_and(|mailbox| mailbox == email)
    }

    /// Adds what an address has used, but for debts, to what is kept of the address of its mailbox, if they count as one reader.
    async fn keep_use_of_mailbox(
        &self,
        transaction: &DatabaseTransaction,
        email: &str,
        used: FormerUse,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(mailbox) = self.mailbox(email) else { return Ok(()) };
        let Some(newest) = self.address_digests.of(&mailbox).into_iter().next() else {
            return Ok(());
        };
        // Other addresses of the mailbox add to it at the same time: its row is there, and locked, before it is read.
        let empty = row::ActiveModel {
            digest: Set(newest.clone()),
            had_subscription: Set(false),
            reads: Set(String::new()),
            at: Set(now.as_second()),
        };
        let once = OnConflict::column(row::Column::Digest).do_nothing().to_owned();
        row::Entity::insert(empty).on_conflict(once).exec_without_returning(transaction).await?;
        row::Entity::update_many()
            .col_expr(row::Column::Reads, Expr::col(row::Column::Reads))
            .filter(row::Column::Digest.eq(&newest))
            .exec(transaction)
            .await?;
        let known = self.use_of_mailbox(transaction, email, now).await?;
        let mut all = used.without_reads_of(&known);
        all.merge(known);
        let all = all.within_limits(now);
        row::Entity::update_many()
            .col_expr(row::Column::HadSubscription, Expr::value(all.had_subscription))
            .col_expr(row::Column::Reads, Expr::value(all.reads_text()))
            .col_expr(row::Column::At, Expr::value(now.as_second()))
            .filter(row::Column::Digest.eq(&newest))
            .exec(transaction)
            .await?;
        Ok(())
    }

    /// What is kept of the address of a mailbox, but for debts, if its addresses count as one reader. It stays kept for all of them.
    async fn use_of_mailbox(
        &self,
        transaction: &DatabaseTransaction,
        email: &str,
        now: Timestamp,
    ) -> Result<FormerUse, StoreError> {
        let mut used = FormerUse::default();
        let Some(mailbox) = self.mailbox(email) else { return Ok(used) };
        let kept = row::Entity::find()
            .filter(row::Column::Digest.is_in(self.address_digests.of(&mailbox)))
            .filter(row::Column::At.gte((now - KEPT).as_second()))
            .all(transaction)
            .await?;
        for row in kept {
            let (had_subscription, reads) = (row.had_subscription, times(&row.reads));
            let kept = FormerUse { had_subscription, reads, ..FormerUse::default() };
            // What was kept under an earlier key may be in that of the newest as well.
            used.merge(kept.without_reads_of(&used));
        }
        Ok(used)
    }

    /// Takes what is kept of an address, which an account has now. What is kept of a mailbox whose addresses count as one reader stays kept
    /// for the others, but for debts.
    pub(crate) async fn take_use(
        &self,
        transaction: &DatabaseTransaction,
        email: &str,
        now: Timestamp,
    ) -> Result<FormerUse, StoreError> {
        let digests = self.address_digests.of(email);
        let mut used = FormerUse::default();
        if digests.is_empty() {
            return Ok(used);
        }
        let kept = row::Entity::find()
            .filter(row::Column::Digest.is_in(digests.clone()))
            .filter(row::Column::At.gte((now - KEPT).as_second()))
            .all(transaction)
            .await?;
        for row in kept {
            let (had_subscription, reads) = (row.had_subscription, times(&row.reads));
            let debts = debts::kept(transaction, &row.digest).await?;
            used.merge(FormerUse { had_subscription, debts, reads });
        }
        if self.is_of_mailbox(email) {
            debts::forget(transaction, &digests).await?;
        } else {
            row::Entity::delete_many()
                .filter(row::Column::Digest.is_in(digests))
                .exec(transaction)
                .await?;
        }
        let of_mailbox = self.use_of_mailbox(transaction, email, now).await?;
        let of_mailbox = of_mailbox.without_reads_of(&used);
        used.merge(of_mailbox);
        used.had_subscription |= self.is_introduced(transaction, email, now).await?;
        Ok(used.within_limits(now))
    }
}

/// Gives an account what its address has used before.
pub(crate) async fn give(
    transaction: &DatabaseTransaction,
    account: AccountKey,
    used: &FormerUse,
) -> Result<(), StoreError> {
    account::Entity::update_many()
        .col_expr(account::Column::HadSubscription, Expr::value(used.had_subscription))
        .col_expr(account::Column::FormerReads, Expr::value(used.reads_text()))
        .filter(account::Column::Id.eq(account))
        .exec(transaction)
        .await?;
    debts::give(transaction, account, &used.debts).await
}

/// What an account has brought from before it registered.
pub(crate) async fn brought(
    database: &impl ConnectionTrait,
    account: &account::Model,
) -> Result<FormerUse, StoreError> {
    Ok(FormerUse {
        had_subscription: account.had_subscription,
        debts: debts::brought(database, account.id).await?,
        reads: times(&account.former_reads),
    })
}

/// Replaces the reads that an account has brought, unless they were changed meanwhile.
async fn replace_reads(
    database: &impl ConnectionTrait,
    account: AccountKey,
    stored: &str,
    reads: &str,
) -> Result<(), StoreError> {
    account::Entity::update_many()
        .col_expr(account::Column::FormerReads, Expr::value(reads))
        .filter(account::Column::Id.eq(account))
        .filter(account::Column::FormerReads.eq(stored))
        .exec(database)
        .await?;
    Ok(())
}

/// All that an account has used: what it has brought, and its own.
pub(crate) async fn use_of(
    transaction: &impl ConnectionTrait,
    account: &account::Model,
    now: Timestamp,
) -> Result<FormerUse, StoreError> {
    let mut used = brought(transaction, account).await?;
    let held = subscription::Entity::find()
        .filter(subscription::Column::Account.eq(account.id))
        .order_by_asc(subscription::Column::Id)
        .all(transaction)
        .await?;
    used.merge(FormerUse::of_subscriptions(&held, now));
    let reads: Vec<i64> = account_read::Entity::find()
        .select_only()
        .column(account_read::Column::At)
        .filter(account_read::Column::Account.eq(account.id))
        .into_tuple()
        .all(transaction)
        .await?;
    used.reads.extend(reads.into_iter().filter_map(|at| u32::try_from(at).ok()));
    used.reads.retain(|at| i64::from(*at) >= account.meter_reset);
    Ok(used)
}
