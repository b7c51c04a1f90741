//! Collected payments, each recorded once, and what became of the money.

mod collected;
mod queries;
mod recipients;

use jiff::Timestamp;
use masthead_circulation::{
    Money, NewPayment, Payment, PaymentNumber, PaymentStatus, Refund, SubscriptionId, TaxRate,
    UnusedReason,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict, Query},
};

pub(crate) use self::collected::is_collected;
pub use self::recipients::InvoiceRecipient;
use crate::{
    Email, Store, StoreError, accounts,
    ids::Key,
    outbox, parse_stored,
    records::{account, charge, payment as row, refund},
    refunds::{self, lock as lock_refund, refund_withdrawn},
    subscriptions::{self, WithdrawnPayment},
    time,
};

/// A recorded payment that a change of a subscription applies, with the time that it pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppliedPayment {
    /// The number of the payment.
    pub number: PaymentNumber,
    /// The first instant that is paid for.
    pub from: Timestamp,
    /// The first instant that is no longer paid for.
    pub through: Timestamp,
}

/// A payment that is to be refunded, until staff decide about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRefund {
    /// The payment.
    pub payment: Payment,
    /// Why.
    pub reason: UnusedReason,
    /// How much is left of it: a part may have been refunded before.
    pub left: Money,
}

impl Store {
    /// Records a collected payment in a transaction of its own, whatever became of its subscription or
    /// account, and settles its order. A payment from the same source is recorded once; what is recorded
    /// is returned.
    #[tracing::instrument(skip_all)]
    pub async fn record_payment(
        &self,
        new: &NewPayment,
        now: Timestamp,
    ) -> Result<Payment, StoreError> {
        let transaction = self.begin().await?;
        let recorded = record_in(&transaction, new, now).await?;
        transaction.commit().await?;
        Ok(recorded)
    }

    /// Makes a recorded payment a pending refund, with the emails that tell of it; one of which everything was refunded at its processor
    /// is refunded. Returns `false` if it was applied or set aside before.
    #[tracing::instrument(skip_all)]
    pub async fn set_payment_aside(
        &self,
        number: PaymentNumber,
        reason: UnusedReason,
        emails: &[Email],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(payment) = self.payment(number).await? else { return Ok(false) };
        let transaction = self.begin().await?;
        // What is refunded meanwhile is booked before or after.
        lock_refund(&transaction, &payment).await?;
        let changed = row::Entity::update_many()
            .col_expr(row::Column::Status, Expr::value(PaymentStatus::RefundPending.name()))
            .col_expr(row::Column::StatusReason, Expr::value(reason.name()))
            .filter(row::Column::Number.eq(Key(number)))
            .filter(row::Column::Status.eq(PaymentStatus::Recorded.name()))
            .exec(&transaction)
            .await?;
        if changed.rows_affected == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        if is_all_refunded(&transaction, number).await? {
            refunded(&transaction, number, true).await?;
        }
        outbox::enqueue(&transaction, &self.email_sealer(), emails, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Makes a payment a pending refund that was collected while its reader withdrew from the contract, with the emails that tell of
    /// it. A refund that its processor makes is asked for at the next sweep. Returns `false` if it was set aside before.
    #[tracing::instrument(skip_all)]
    pub async fn set_withdrawn_aside(
        &self,
        paid: &WithdrawnPayment,
        emails: &[Email],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let WithdrawnPayment { payment, by_processor } = paid;
        let transaction = self.begin().await?;
        if !refund_withdrawn(&transaction, payment, *by_processor, now).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        outbox::enqueue(&transaction, &self.email_sealer(), emails, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// At most `most` payments about which staff have to decide, the oldest first. Those of which a refund is open or
    /// refused are not among them.
    #[tracing::instrument(skip_all)]
    pub async fn pending_refunds(&self, most: u64) -> Result<Vec<PendingRefund>, StoreError> {
        let is_refused = refund::Column::Settled.eq(false).and(refund::Column::Refusal.ne(""));
        let decided = Query::select()
            .column(refund::Column::Payment)
            .from(refund::Entity)
            .and_where(refund::Column::RetryAt.is_not_null().or(is_refused))
            .take();
        let rows = row::Entity::find()
            .filter(row::Column::Status.eq(PaymentStatus::RefundPending.name()))
            .filter(row::Column::Number.not_in_subquery(decided))
            .order_by_asc(row::Column::Number)
            .limit(most)
            .all(&self.database)
            .await?;
        let numbers: Vec<PaymentNumber> = rows.iter().map(|row| row.number.0).collect();
        let refunds = self.refunds_of_payments(&numbers).await?;
        let pending = |row: row::Model| {
            let reason = parse_stored("the reason", &row.status_reason)?;
            let payment = read(row)?;
            let refund = refunds.iter().find(|refund| refund.payment == payment.number);
            let left = Refund::left_of(payment.amount, refund);
            Ok(PendingRefund { payment, reason, left })
        };
        rows.into_iter().map(pending).collect()
    }
}

/// Records a collected payment in a transaction that does more, and settles its order.
pub(crate) async fn record_in(
    transaction: &DatabaseTransaction,
    new: &NewPayment,
    now: Timestamp,
) -> Result<Payment, StoreError> {
    let key = new.source.to_string();
    let account = insert(transaction, new, now).await?;
    charge::Entity::update_many()
        .col_expr(charge::Column::Paid, Expr::value(true))
        .col_expr(charge::Column::Open, Expr::value(false))
        .col_expr(charge::Column::Plan, Expr::value(""))
        .filter(charge::Column::Key.eq(&key))
        .exec(transaction)
        .await?;
    let recorded = row::Entity::find().filter(row::Column::Key.eq(&key)).one(transaction).await?;
    if let (Some(recorded), Some(account)) = (&recorded, account) {
        recipients::note(transaction, recorded.number, new, account).await?;
    }
    recorded.map(read).transpose()?.ok_or_else(|| {
        StoreError::unreadable(format!("payment {key} is not there after it was recorded"))
    })
}

/// Returns a payment as it stays until the transaction ends, or `None` if there is none: requests about one
/// payment queue up here.
pub(crate) async fn lock(
    transaction: &DatabaseTransaction,
    number: PaymentNumber,
) -> Result<Option<Payment>, StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::Status, Expr::col(row::Column::Status))
        .filter(row::Column::Number.eq(Key(number)))
        .exec(transaction)
        .await?;
    let row = row::Entity::find_by_id(Key(number)).one(transaction).await?;
    row.map(read).transpose()
}

/// Makes a payment a pending refund that is applied, or about to be, because its reader has withdrawn from the contract.
pub(crate) async fn set_withdrawn(
    transaction: &DatabaseTransaction,
    number: PaymentNumber,
) -> Result<(), StoreError> {
    let open = [PaymentStatus::Recorded.name(), PaymentStatus::Applied.name()];
    row::Entity::update_many()
        .col_expr(row::Column::Status, Expr::value(PaymentStatus::RefundPending.name()))
        .col_expr(row::Column::StatusReason, Expr::value(UnusedReason::Withdrawn.name()))
        .filter(row::Column::Number.eq(Key(number)))
        .filter(row::Column::Status.is_in(open))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Staff keep a payment that waits for their decision.
pub(crate) async fn keep(
    transaction: &DatabaseTransaction,
    number: PaymentNumber,
) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::Status, Expr::value(PaymentStatus::Kept.name()))
        .filter(row::Column::Number.eq(Key(number)))
        .filter(row::Column::Status.eq(PaymentStatus::RefundPending.name()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// All of a payment that waits was refunded: it waits for staff no longer. One that staff keep becomes refunded only if that was done
/// `elsewhere`, at the processor: a refund from here that was made all the same is a mismatch. One that is recorded becomes refunded only by
/// a refund from here, and cannot be applied afterwards: what was refunded elsewhere decides nothing before it is applied or set aside.
pub(crate) async fn refunded(
    transaction: &DatabaseTransaction,
    number: PaymentNumber,
    elsewhere: bool,
) -> Result<(), StoreError> {
    let other = if elsewhere { PaymentStatus::Kept } else { PaymentStatus::Recorded };
    let unapplied = [PaymentStatus::RefundPending.name(), other.name()];
    row::Entity::update_many()
        .col_expr(row::Column::Status, Expr::value(PaymentStatus::Refunded.name()))
        .filter(row::Column::Number.eq(Key(number)))
        .filter(row::Column::Status.is_in(unapplied))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Whether nothing is left to be refunded of a payment, whose row is locked.
async fn is_all_refunded(
    transaction: &DatabaseTransaction,
    number: PaymentNumber,
) -> Result<bool, StoreError> {
    let paid =
        row::Entity::find_by_id(Key(number)).one(transaction).await?.map(read).transpose()?;
    let known = refunds::of_payments(transaction, std::iter::once(number)).await?.pop();
    Ok(paid.is_some_and(|paid| Refund::left_of(paid.amount, known.as_ref()).is_zero()))
}

/// The refund of a payment that waited did not reach the reader: it waits for staff again.
pub(crate) async fn not_refunded(
    transaction: &DatabaseTransaction,
    number: PaymentNumber,
) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::Status, Expr::value(PaymentStatus::RefundPending.name()))
        .filter(row::Column::Number.eq(Key(number)))
        .filter(row::Column::Status.eq(PaymentStatus::Refunded.name()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Marks a recorded payment as applied to a subscription. Returns `false` if it was applied or set aside
/// before.
pub(crate) async fn apply(
    database: &impl ConnectionTrait,
    payment: &AppliedPayment,
    subscription: SubscriptionId,
) -> Result<bool, StoreError> {
    let applied = row::Entity::update_many()
        .col_expr(row::Column::Status, Expr::value(PaymentStatus::Applied.name()))
        .col_expr(row::Column::Subscription, Expr::value(Key(subscription)))
        .col_expr(row::Column::PaidFrom, Expr::value(payment.from.as_second()))
        .col_expr(row::Column::PaidThrough, Expr::value(payment.through.as_second()))
        .filter(row::Column::Number.eq(Key(payment.number)))
        .filter(row::Column::Status.eq(PaymentStatus::Recorded.name()))
        .exec(database)
        .await?;
    Ok(applied.rows_affected == 1)
}

/// Inserts a payment without the references to what is deleted, if there is none from the same source. Returns its account.
async fn insert(
    database: &impl ConnectionTrait,
    new: &NewPayment,
    now: Timestamp,
) -> Result<Option<account::Model>, StoreError> {
    // In the order in which a deletion of the account locks rows: subscription, account, charge.
    let subscription = match new.subscription {
        Some(id) if subscriptions::serialize(database, id).await? => Some(Key(id)),
        Some(_) | None => None,
    };
    let account = match new.account {
        Some(id) => accounts::lock(database, id).await?,
        None => None,
    };
    let new = row::ActiveModel {
        number: NotSet,
        key: Set(new.source.to_string()),
        account: Set(account.as_ref().map(|account| account.id)),
        subscription: Set(subscription),
        what: Set(new.what.clone()),
        minor: Set(i64::try_from(new.amount.minor()).unwrap_or(i64::MAX)),
        currency: Set(new.amount.currency().code().to_owned()),
        at: Set(now.as_second()),
        paid_from: Set(new.from.as_second()),
        paid_through: Set(new.through.as_second()),
        card: Set(new.card.clone()),
        processor: Set(new.processor.clone()),
        reference: Set(new.reference.clone()),
        status: Set(PaymentStatus::Recorded.name().to_owned()),
        status_reason: Set(String::new()),
        tax: Set(new.tax.map(|rate| rate.hundredths().into())),
    };
    let once = OnConflict::column(row::Column::Key).do_nothing().to_owned();
    row::Entity::insert(new).on_conflict(once).exec_without_returning(database).await?;
    Ok(account)
}

pub(crate) fn read(row: row::Model) -> Result<Payment, StoreError> {
    let currency = row.currency.parse().map_err(StoreError::unreadable)?;
    let status = parse_stored("the status of a payment", &row.status)?;
    let tax = row.tax.map(|rate| u16::try_from(rate).ok().and_then(TaxRate::from_hundredths));
    let tax = match tax {
        Some(None) => return Err(StoreError::unreadable("the tax rate of a payment is none")),
        Some(rate) => rate,
        None => None,
    };
    Ok(Payment {
        number: row.number.0,
        source: row.key.as_str().into(),
        processor: row.processor,
        reference: row.reference,
        account: row.account.map(|key| key.0),
        subscription: row.subscription.map(|key| key.0),
        what: row.what,
        amount: Money::of(row.minor.unsigned_abs(), currency),
        at: time(row.at),
        from: time(row.paid_from),
        through: time(row.paid_through),
        card: row.card,
        tax,
        status,
    })
}
