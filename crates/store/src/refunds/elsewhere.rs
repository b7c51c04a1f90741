//! Refunds that were made at a processor and not from here, such as in its dashboard. Each is a row by the processor's number of it, however
//! often it is listed and by how many servers; their sum is with the refund of the payment, so that what is left is known everywhere.
//!
//! A list says nothing about what is missing in it: an answer that arrives late changes nothing. A refund fails once, and stays failed.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Actor, Money, Payment, PaymentNumber, ProcessorRefund, Refund, RefundOrigin, RefundStatus,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{
    decision::{find, save, withdraw},
    fail_attempt, lock, note,
};
use crate::{
    Email, Store, StoreError,
    ids::Key,
    outbox, payments,
    queues::readable,
    records::{refund, refund_elsewhere as row},
    time,
};

/// How long ago a refund was made that has consequences: for an older one, such as from before an upgrade, nobody is sent an email, and no
/// subscription is cancelled.
pub const RECENT_REFUND: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a processor lists of the refunds of a payment.
#[derive(Clone, Copy, Debug)]
pub struct ListedRefunds<'a> {
    /// The name of the processor.
    pub processor: &'a str,
    /// The payment.
    pub payment: &'a Payment,
    /// All refunds of it, those from here among them.
    pub refunds: &'a [ProcessorRefund],
    /// What the reader is told of each that is new, by the processor's number.
    pub emails: &'a [(String, Email)],
}

/// A refund that was made at a processor and not from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundElsewhere {
    /// The name of the processor.
    pub processor: String,
    /// The processor's number of it.
    pub reference: String,
    /// The payment.
    pub payment: PaymentNumber,
    /// How much.
    pub amount: Money,
    /// When it was made.
    pub made: Timestamp,
    /// Whether the money did not go back.
    pub is_failed: bool,
}

impl Store {
    /// Books the refunds of a payment that were not made from here, each once, with the emails that tell the reader, and those of them that
    /// have failed since. Returns `false` if nothing is new.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn book_refunds_elsewhere(
        &self,
        listed: &ListedRefunds<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let emails = book(&transaction, listed, now).await?;
        let Some(emails) = emails else {
            transaction.rollback().await?;
            return Ok(false);
        };
        outbox::enqueue(&transaction, &self.email_sealer(), &emails, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The refunds of these payments that were not made from here, nor taken for one from here, in the order in which they were made.
    #[tracing::instrument(skip_all)]
    pub async fn refunds_elsewhere_of(
        &self,
        payments: &[PaymentNumber],
    ) -> Result<Vec<RefundElsewhere>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Payment.is_in(payments.iter().copied().map(Key)))
            .filter(row::Column::InPlaceOf.is_null())
            .order_by_asc(row::Column::Made)
            .order_by_asc(row::Column::Reference)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The processor's numbers of those of these refunds that are stored, with whether they are stored as failed.
    #[tracing::instrument(skip_all)]
    pub async fn stored_refunds(
        &self,
        processor: &str,
        references: &[&str],
    ) -> Result<Vec<(String, bool)>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Processor.eq(processor))
            .filter(row::Column::Reference.is_in(references.iter().copied()))
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(|row| (row.reference, row.is_failed)).collect())
    }

    /// At most `most` refunds that were not made from here, and of which it was not decided whether the subscription still renews.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn refunds_to_follow(&self, most: u64) -> Result<Vec<RefundElsewhere>, StoreError> {
        self.refunds_with(row::Column::IsFollowed.eq(false), most).await
    }

    /// Notes that it was decided about this refund whether the subscription still renews.
    #[tracing::instrument(skip_all)]
    pub async fn mark_followed(&self, refund: &RefundElsewhere) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::IsFollowed, Expr::value(true))
            .filter(row::Column::Processor.eq(&refund.processor))
            .filter(row::Column::Reference.eq(&refund.reference))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// At most `most` refunds that were not made from here, and of which staff were not told as they are.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn refunds_to_tell(&self, most: u64) -> Result<Vec<RefundElsewhere>, StoreError> {
        self.refunds_with(row::Column::IsTold.eq(false), most).await
    }

    /// Stores the emails that tell staff of a refund as it is. Returns `false`, and stores nothing, if another server did, or if the refund
    /// has failed since it was read.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_refund(
        &self,
        refund: &RefundElsewhere,
        emails: &[Email],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let told = row::Entity::update_many()
            .col_expr(row::Column::IsTold, Expr::value(true))
            .filter(row::Column::Processor.eq(&refund.processor))
            .filter(row::Column::Reference.eq(&refund.reference))
            .filter(row::Column::IsFailed.eq(refund.is_failed))
            .filter(row::Column::IsTold.eq(false))
            .exec(&transaction)
            .await?;
        if told.rows_affected == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        outbox::enqueue(&transaction, &self.email_sealer(), emails, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn refunds_with(
        &self,
        condition: Expr,
        most: u64,
    ) -> Result<Vec<RefundElsewhere>, StoreError> {
        let rows = row::Entity::find()
            .filter(condition)
            .order_by_asc(row::Column::Made)
            .limit(most)
            .all(&self.database)
            .await?;
        Ok(readable("refunds elsewhere", rows, |row| row.reference.clone(), read).read)
    }
}

/// Returns what the reader is told, or `None` if nothing is new.
async fn book(
    transaction: &DatabaseTransaction,
    listed: &ListedRefunds<'_>,
    now: Timestamp,
) -> Result<Option<Vec<Email>>, StoreError> {
    lock(transaction, listed.payment).await?;
    let Some(paid) = payments::lock(transaction, listed.payment.number).await? else {
        return Ok(None);
    };
    let own = find(transaction, paid.number).await?;
    let known = origins(transaction, paid.number).await?;
    let known_of = |refund: &ProcessorRefund| known.get(&refund.reference).copied();
    let (mut is_new, mut is_taken, mut emails) = (false, false, Vec::new());
    for (refund, origin) in ProcessorRefund::origins(listed.refunds, own.as_ref(), known_of) {
        let (changed, event) = match origin {
            RefundOrigin::Here => continue,
            RefundOrigin::InPlaceOf(attempt) if refund.is_failed => {
                let is_news = fail(transaction, listed.processor, refund, true).await?;
                if is_news {
                    fail_in_place(transaction, paid.number, (attempt, refund), now).await?;
                }
                (is_news, "refund-failed")
            }
            RefundOrigin::InPlaceOf(attempt) => {
                is_taken |= insert(transaction, listed, refund, Some(attempt), now).await?;
                continue;
            }
            RefundOrigin::Elsewhere if refund.is_failed => {
                (fail(transaction, listed.processor, refund, false).await?, "refund-failed")
            }
            RefundOrigin::Elsewhere => {
                (insert(transaction, listed, refund, None, now).await?, "refunded-elsewhere")
            }
        };
        if changed {
            is_new = true;
            note(transaction, &paid, &Actor::Processor, event, now).await?;
            let own = listed.emails.iter().filter(|(about, _)| *about == refund.reference);
            emails.extend(own.filter(|_| !refund.is_failed).map(|(_, email)| email.clone()));
        }
    }
    if !is_new {
        return Ok(is_taken.then_some(emails));
    }
    add_up(transaction, &paid).await?;
    Ok(Some(emails))
}

/// Stores a refund, and returns whether it was not there, or was taken for an attempt from here that was made as well. Nobody is told of
/// one that is taken for an attempt, or is old.
async fn insert(
    transaction: &DatabaseTransaction,
    listed: &ListedRefunds<'_>,
    refund: &ProcessorRefund,
    in_place_of: Option<u32>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let is_taken = in_place_of.is_some();
    let is_settled = is_taken || refund.made < now - RECENT_REFUND;
    let new = row::ActiveModel {
        processor: Set(listed.processor.to_owned()),
        reference: Set(refund.reference.clone()),
        payment: Set(Key(listed.payment.number)),
        minor: Set(i64::try_from(refund.amount.minor()).unwrap_or(i64::MAX)),
        currency: Set(refund.amount.currency().code().to_owned()),
        made: Set(refund.made.as_second()),
        in_place_of: Set(in_place_of.map(|attempt| i32::try_from(attempt).unwrap_or(i32::MAX))),
        is_failed: Set(false),
        is_told: Set(is_settled),
        is_followed: Set(is_settled),
    };
    let mut once = OnConflict::columns([row::Column::Processor, row::Column::Reference]);
    if is_taken {
        once.do_nothing();
    } else {
        once.update_columns([row::Column::InPlaceOf, row::Column::IsTold, row::Column::IsFollowed])
            .action_and_where(Expr::col((row::Entity, row::Column::InPlaceOf)).is_not_null());
    }
    let stored =
        row::Entity::insert(new).on_conflict(once).exec_without_returning(transaction).await?;
    Ok(stored > 0)
}

/// A refund that was taken for an attempt from here has failed, and so has that attempt: staff decide again.
async fn fail_in_place(
    transaction: &DatabaseTransaction,
    payment: PaymentNumber,
    (attempt, failed): (u32, &ProcessorRefund),
    now: Timestamp,
) -> Result<(), StoreError> {
    // Others of the payment may have failed just before.
    let Some(own) = find(transaction, payment).await? else { return Ok(()) };
    if attempt != own.attempt {
        let left = own.before.minor().saturating_sub(failed.amount.minor());
        refund::Entity::update_many()
            .col_expr(
                refund::Column::BeforeMinor,
                Expr::value(i64::try_from(left).unwrap_or(i64::MAX)),
            )
            .filter(refund::Column::Payment.eq(Key(payment)))
            .exec(transaction)
            .await?;
    } else if matches!(own.status, RefundStatus::Asked | RefundStatus::Settled) {
        let reason = format!("the refund {} failed", failed.reference);
        fail_attempt(transaction, &own, &reason, now).await?;
    }
    Ok(())
}

/// Notes that a refund that is booked has failed, and returns whether that is new. Staff are told, unless it was taken for an attempt from
/// here, about which they decide again.
async fn fail(
    transaction: &DatabaseTransaction,
    processor: &str,
    refund: &ProcessorRefund,
    is_told: bool,
) -> Result<bool, StoreError> {
    let failed = row::Entity::update_many()
        .col_expr(row::Column::IsFailed, Expr::value(true))
        .col_expr(row::Column::IsTold, Expr::value(is_told))
        .filter(row::Column::Processor.eq(processor))
        .filter(row::Column::Reference.eq(&refund.reference))
        .filter(row::Column::IsFailed.eq(false))
        .exec(transaction)
        .await?;
    Ok(failed.rows_affected > 0)
}

/// Writes the sum of what was refunded elsewhere down with the refund of a payment, whose row is locked, and what follows from it. With what
/// was refunded from here it is never more than the payment. One in another currency than the payment is not counted, because what it is worth
/// in that of the payment is not known.
pub(super) async fn add_up(
    transaction: &DatabaseTransaction,
    paid: &Payment,
) -> Result<(), StoreError> {
    let own = find(transaction, paid.number).await?;
    let currency = paid.amount.currency();
    let rows = row::Entity::find()
        .filter(row::Column::Payment.eq(Key(paid.number)))
        .filter(row::Column::IsFailed.eq(false))
        .filter(row::Column::InPlaceOf.is_null())
        .order_by_asc(row::Column::Made)
        .all(transaction)
        .await?;
    let (rows, others): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.currency == currency.code());
    for other in others {
        let (payment, reference, currency) = (paid.number.0, other.reference, other.currency);
        tracing::error!(payment, reference, currency, "refunds: in another currency, not counted");
    }
    let add = |sum: u64, row: &row::Model| sum.saturating_add(row.minor.unsigned_abs());
    // What a refund from here reduced at the processor, because it was made before that was booked, is counted with it as asked for.
    let here = own.as_ref().map_or(0, |own| own.refunded_here().minor());
    let most = paid.amount.minor().saturating_sub(here);
    let elsewhere = Money::of(Ord::min(rows.iter().fold(0, add), most), currency);
    let known = match own {
        Some(own) if own.is_own() || !elsewhere.is_zero() => Refund { elsewhere, ..own },
        Some(_) | None => Refund {
            payment: paid.number,
            account: paid.account,
            amount: Money::zero(currency),
            before: Money::zero(currency),
            elsewhere,
            at: rows.first().map_or(paid.at, |first| time(first.made)),
            actor: Actor::Processor,
            attempt: 0,
            status: RefundStatus::Settled,
            failed: None,
        },
    };
    write(transaction, &known).await?;
    let left = Refund::left_of(paid.amount, Some(&known));
    if left.is_zero() {
        payments::refunded(transaction, paid.number, true).await?;
    } else {
        payments::not_refunded(transaction, paid.number).await?;
    }
    match known.status {
        // The processor has refunded too much of it elsewhere to make it as it was asked for.
        RefundStatus::Asked if known.amount.minor() > left.minor() => {
            shorten(transaction, &known, left).await
        }
        RefundStatus::Refused(_) if left.is_zero() => withdraw(transaction, paid.number).await,
        RefundStatus::Asked
        | RefundStatus::Settled
        | RefundStatus::Refused(_)
        | RefundStatus::GivenUp => Ok(()),
    }
}

/// Writes a refund down as it is, or removes it if nothing was ever asked for here, and nothing is refunded elsewhere.
async fn write(transaction: &DatabaseTransaction, known: &Refund) -> Result<(), StoreError> {
    let minor = i64::try_from(known.elsewhere.minor()).unwrap_or(i64::MAX);
    if known.is_own() {
        refund::Entity::update_many()
            .col_expr(refund::Column::ElsewhereMinor, Expr::value(minor))
            .filter(refund::Column::Payment.eq(Key(known.payment)))
            .exec(transaction)
            .await?;
        return Ok(());
    }
    if known.elsewhere.is_zero() {
        refund::Entity::delete_by_id(Key(known.payment)).exec(transaction).await?;
        return Ok(());
    }
    save(transaction, known, known.at).await?;
    settle(transaction, known.payment, true).await
}

/// Asks for what is left in another attempt, because the processor knows this one with its amount. If nothing is left, nothing is asked for.
async fn shorten(
    transaction: &DatabaseTransaction,
    known: &Refund,
    left: Money,
) -> Result<(), StoreError> {
    if left.is_zero() {
        return settle(transaction, known.payment, false).await;
    }
    let shorter = Refund { amount: left, attempt: known.attempt + 1, ..known.clone() };
    save(transaction, &shorter, known.at).await
}

/// Asks for a refund no longer: it is settled, or given up.
async fn settle(
    transaction: &DatabaseTransaction,
    payment: PaymentNumber,
    is_settled: bool,
) -> Result<(), StoreError> {
    refund::Entity::update_many()
        .col_expr(refund::Column::Settled, Expr::value(is_settled))
        .col_expr(refund::Column::RetryAt, Expr::null())
        .filter(refund::Column::Payment.eq(Key(payment)))
        .exec(transaction)
        .await?;
    Ok(())
}

/// What was found of the refunds of a payment before.
async fn origins(
    database: &impl ConnectionTrait,
    payment: PaymentNumber,
) -> Result<HashMap<String, RefundOrigin>, StoreError> {
    let rows =
        row::Entity::find().filter(row::Column::Payment.eq(Key(payment))).all(database).await?;
    let origin = |row: row::Model| {
        let taken = row.in_place_of.map(|it| RefundOrigin::InPlaceOf(it.unsigned_abs()));
        (row.reference, taken.unwrap_or(RefundOrigin::Elsewhere))
    };
    Ok(rows.into_iter().map(origin).collect())
}

fn read(row: row::Model) -> Result<RefundElsewhere, StoreError> {
    let currency = row.currency.parse().map_err(StoreError::unreadable)?;
    Ok(RefundElsewhere {
        processor: row.processor,
        reference: row.reference,
        payment: row.payment.0,
        amount: Money::of(row.minor.unsigned_abs(), currency),
        made: time(row.made),
        is_failed: row.is_failed,
    })
}
