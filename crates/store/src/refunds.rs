//! Refunds of payments. One is noted before a processor is asked, asked for again until there is an answer, and
//! settled or refused once.
//!
//! Rows are locked in the order in which a deletion of the account locks them: subscription, account, refund,
//! payment.

mod decision;
mod elsewhere;
mod withdrawn;

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, Actor, Money, Payment, PaymentNumber, Refund, RefundStatus, StaffActor,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, sea_query::Expr,
};

pub use self::decision::RefundStart;
pub use self::elsewhere::{ListedRefunds, RECENT_REFUND, RefundElsewhere};
pub(crate) use self::withdrawn::refund_withdrawn;
use crate::{
    Email, Store, StoreError, accounts,
    ids::Key,
    outbox, payments,
    queues::readable,
    records::{payment, refund as row},
    subscriptions, time,
};

/// A refund that the processor has made.
#[derive(Clone, Copy, Debug)]
pub struct SettledRefund<'a> {
    /// The refund.
    pub refund: &'a Refund,
    /// The payment that it is of.
    pub payment: &'a Payment,
    /// What the reader is told.
    pub emails: &'a [Email],
}

/// A refund that a processor has refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRefund {
    /// The payment.
    pub payment: Payment,
    /// The refund; its status says why.
    pub refund: Refund,
}

impl Store {
    /// At most `most` refunds that are to be asked for again by `now`, the longest waiting first.
    #[tracing::instrument(skip_all)]
    pub async fn open_refunds(&self, now: Timestamp, most: u64) -> Result<Vec<Refund>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::RetryAt.lte(now.as_second()))
            .order_by_asc(row::Column::RetryAt)
            .limit(most)
            .all(&self.database)
            .await?;
        let rows = readable("refunds", rows, |row| row.payment, read);
        let columns = (row::Column::RetryAt, row::Column::Payment);
        rows.put_off::<row::Entity>(&self.database, columns, now, |row| row).await
    }

    /// Claims an open refund that is to be asked for again by `now`: nobody else asks before `next`. Returns
    /// `false` if somebody else has claimed it, or if it is not open any more.
    #[tracing::instrument(skip_all)]
    pub async fn claim_refund(
        &self,
        refund: &Refund,
        now: Timestamp,
        next: Timestamp,
    ) -> Result<bool, StoreError> {
        let claimed = row::Entity::update_many()
            .col_expr(row::Column::RetryAt, Expr::value(next.as_second()))
            .filter(is_attempt(refund))
            .filter(row::Column::RetryAt.lte(now.as_second()))
            .exec(&self.database)
            .await?;
        Ok(claimed.rows_affected == 1)
    }

    /// Notes that the processor has made a refund, with the emails that tell of it. Returns `false` if that
    /// was noted before, or that it has failed since.
    #[tracing::instrument(skip_all)]
    pub async fn settle_refund(
        &self,
        settled: &SettledRefund<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let SettledRefund { refund, payment, emails } = *settled;
        let transaction = self.begin().await?;
        lock(&transaction, payment).await?;
        let changed = row::Entity::update_many()
            .col_expr(row::Column::Settled, Expr::value(true))
            .col_expr(row::Column::RetryAt, Expr::null())
            .filter(is_attempt(refund))
            .filter(row::Column::Settled.eq(false))
            .filter(row::Column::FailedAt.is_null())
            .exec(&transaction)
            .await?;
        if changed.rows_affected == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        note(&transaction, payment, made_by(refund), "refunded", now).await?;
        // More may have been refunded at the processor since the refund was read.
        let latest = decision::find(&transaction, refund.payment).await?;
        if Refund::left_of(payment.amount, latest.as_ref()).is_zero() {
            payments::refunded(&transaction, refund.payment, false).await?;
        }
        outbox::enqueue(&transaction, &self.email_sealer(), emails, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Notes that a refund which the processor had accepted has failed, whether its acceptance was noted or not:
    /// nothing was refunded, and staff decide again. Returns `false` if that was noted before.
    #[tracing::instrument(skip_all)]
    pub async fn fail_refund(
        &self,
        refund: &Refund,
        payment: &Payment,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        lock(&transaction, payment).await?;
        if !fail_attempt(&transaction, refund, reason, now).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        note(&transaction, payment, &Actor::Processor, "refund-failed", now).await?;
        elsewhere::add_up(&transaction, payment).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Notes that a part of what earlier attempts had refunded did not go back, after the rest was refunded: staff decide again
    /// about what is missing. Returns `false` if that was noted before.
    #[tracing::instrument(skip_all)]
    pub async fn reopen_refund(
        &self,
        refund: &Refund,
        payment: &Payment,
        missing: Money,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let minor = |money: Money| i64::try_from(money.minor()).unwrap_or(i64::MAX);
        let left = Ord::max(minor(refund.before).saturating_sub(minor(missing)), 0);
        let transaction = self.begin().await?;
        lock(&transaction, payment).await?;
        let changed = row::Entity::update_many()
            .col_expr(row::Column::BeforeMinor, Expr::value(left))
            .filter(is_attempt(refund))
            .filter(row::Column::Settled.eq(true))
            .filter(row::Column::BeforeMinor.eq(minor(refund.before)))
            .exec(&transaction)
            .await?;
        if changed.rows_affected == 0 || missing.is_zero() {
            transaction.rollback().await?;
            return Ok(false);
        }
        note(&transaction, payment, &Actor::Processor, "refund-failed", now).await?;
        elsewhere::add_up(&transaction, payment).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Notes that the processor refuses a refund: nothing was refunded, and it is not asked for again by
    /// itself.
    #[tracing::instrument(skip_all)]
    pub async fn refuse_refund(&self, refund: &Refund, reason: &str) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::Refusal, Expr::value(reason))
            .col_expr(row::Column::RetryAt, Expr::null())
            .filter(is_attempt(refund))
            .filter(row::Column::RetryAt.is_not_null())
            .filter(row::Column::Settled.eq(false))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// At most `most` refunds that the processor has refused, and about which staff have to decide.
    #[tracing::instrument(skip_all)]
    pub async fn refused_refunds(&self, most: u64) -> Result<Vec<RefusedRefund>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Settled.eq(false))
            .filter(row::Column::RetryAt.is_null())
            .filter(row::Column::Refusal.ne(""))
            .order_by_asc(row::Column::Payment)
            .limit(most)
            .all(&self.database)
            .await?;
        let numbers = rows.iter().map(|row| row.payment);
        let payments = payment::Entity::find()
            .filter(payment::Column::Number.is_in(numbers))
            .all(&self.database)
            .await?;
        let mut refused = Vec::new();
        for row in rows {
            let Some(payment) = payments.iter().find(|payment| payment.number == row.payment)
            else {
                continue;
            };
            let payment = payments::read(payment.clone())?;
            refused.push(RefusedRefund { payment, refund: read(row)? });
        }
        Ok(refused)
    }

    /// The refunds of an account's payments, made or about to be.
    #[tracing::instrument(skip_all)]
    pub async fn refunds_of(&self, account: AccountId) -> Result<Vec<Refund>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The refunds of these payments, made or about to be.
    #[tracing::instrument(skip_all)]
    pub async fn refunds_of_payments(
        &self,
        payments: &[PaymentNumber],
    ) -> Result<Vec<Refund>, StoreError> {
        of_payments(&self.database, payments.iter().copied()).await
    }
}

/// The refunds of these payments, made or about to be.
pub(crate) async fn of_payments(
    database: &impl ConnectionTrait,
    payments: impl Iterator<Item = PaymentNumber>,
) -> Result<Vec<Refund>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::Payment.is_in(payments.map(Key)))
        .all(database)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Locks what is changed together with a payment: its subscription, its account and its refund, as far as
/// they exist. Returns the account.
pub(crate) async fn lock(
    transaction: &DatabaseTransaction,
    payment: &Payment,
) -> Result<Option<AccountId>, StoreError> {
    if let Some(id) = payment.subscription {
        subscriptions::serialize(transaction, id).await?;
    }
    let account = match payment.account {
        Some(id) => accounts::lock(transaction, id).await?.map(|_| id),
        None => None,
    };
    // On SQLite a write comes first in any case.
    row::Entity::update_many()
        .col_expr(row::Column::Settled, Expr::col(row::Column::Settled))
        .filter(row::Column::Payment.eq(Key(payment.number)))
        .exec(transaction)
        .await?;
    Ok(account)
}

/// Notes that this attempt at a refund has failed. Returns `false` if that was noted before.
async fn fail_attempt(
    transaction: &DatabaseTransaction,
    refund: &Refund,
    reason: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = row::Entity::update_many()
        .col_expr(row::Column::Settled, Expr::value(false))
        .col_expr(row::Column::RetryAt, Expr::null())
        .col_expr(row::Column::Refusal, Expr::value(reason))
        .col_expr(row::Column::FailedAt, Expr::value(now.as_second()))
        .filter(is_attempt(refund))
        .filter(row::Column::FailedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(changed.rows_affected > 0)
}

/// Who is noted for a refund: a reader who withdraws from a contract does not make it.
fn made_by(refund: &Refund) -> &Actor {
    match &refund.actor {
        Actor::Staff(_) => &refund.actor,
        Actor::Reader | Actor::Processor | Actor::Calendar => &Actor::Processor,
    }
}

/// The row of this attempt at a refund.
fn is_attempt(refund: &Refund) -> Expr {
    row::Column::Payment
        .eq(Key(refund.payment))
        .and(row::Column::Attempt.eq(i32::try_from(refund.attempt).unwrap_or(i32::MAX)))
}

/// Writes down in the audit of the payment's subscription, if it has one, what was done.
pub(crate) async fn note(
    transaction: &DatabaseTransaction,
    payment: &Payment,
    actor: &Actor,
    what: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(subscription) = payment.subscription else { return Ok(()) };
    subscriptions::note(transaction, subscription, actor, what, now).await
}

fn read(row: row::Model) -> Result<Refund, StoreError> {
    let currency = row.currency.parse().map_err(StoreError::unreadable)?;
    let status = match (row.settled, row.retry_at) {
        (true, _) => RefundStatus::Settled,
        (false, Some(_)) => RefundStatus::Asked,
        (false, None) if row.refusal.is_empty() => RefundStatus::GivenUp,
        (false, None) => RefundStatus::Refused(row.refusal),
    };
    let staff = StaffActor { by: row.done_by.map(|key| key.0), reason: row.reason };
    let actor = Actor::from_parts(&row.actor, Some(staff))
        .ok_or_else(|| StoreError::unreadable(format_args!("the actor \"{}\"", row.actor)))?;
    Ok(Refund {
        payment: row.payment.0,
        account: row.account.map(|key| key.0),
        amount: Money::of(row.minor.unsigned_abs(), currency),
        before: Money::of(row.before_minor.unsigned_abs(), currency),
        elsewhere: Money::of(row.elsewhere_minor.unsigned_abs(), currency),
        at: time(row.at),
        actor,
        attempt: row.attempt.unsigned_abs(),
        status,
        failed: row.failed_at.map(time),
    })
}
