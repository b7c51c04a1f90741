//! What staff decide about a payment: it is refunded or kept, and only one of the two, as both are decided while
//! its row is locked.

use jiff::Timestamp;
use masthead_circulation::{
    Actor, AuditAction, AuditChange, Dispute, Money, Payment, PaymentNumber, PaymentStatus, Refund,
    RefundStatus, StaffActor,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr,
};

use super::{lock, note, read};
use crate::{
    Store, StoreError, disputes, ids::Key, payments, records::refund as row,
    subscriptions::record_for_reader,
};

/// Whether the processor may be asked for a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundStart {
    /// It may: the refund is noted, now or before.
    Open(Refund),
    /// Another refund of the payment is open, or one is settled.
    Taken(Refund),
    /// The payment has this status, with which it is not refunded.
    NotRefundable(PaymentStatus),
    /// So much is left of the payment, and not more.
    TooMuch(Money),
    /// No subscription can take the payment: all of it is refunded, or nothing.
    OnlyWhole(Money),
    /// The reader's bank has taken the money back.
    Disputed,
    /// There is no such payment.
    NoPayment,
}

impl Store {
    /// Notes that a payment is to be refunded. If nobody settles the refund, it is asked for again at
    /// `retry_at`. A refund that was noted before stays as it is, unless the processor has refused it.
    #[tracing::instrument(skip_all)]
    pub async fn ask_refund(
        &self,
        wanted: &Refund,
        retry_at: Timestamp,
    ) -> Result<RefundStart, StoreError> {
        let Some(payment) = self.payment(wanted.payment).await? else {
            return Ok(RefundStart::NoPayment);
        };
        let transaction = self.begin().await?;
        let start = start(&transaction, &payment, wanted, retry_at).await?;
        transaction.commit().await?;
        Ok(start)
    }

    /// Staff keep a payment that no subscription can take, or whose refund the processor has refused. Returns
    /// `false` if it does not wait for their decision, or while a refund of it is open.
    #[tracing::instrument(skip_all)]
    pub async fn keep_payment(
        &self,
        payment: &Payment,
        staff: &StaffActor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let kept = keep(&transaction, payment, staff, now).await?;
        if kept {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(kept)
    }
}

async fn start(
    transaction: &DatabaseTransaction,
    payment: &Payment,
    wanted: &Refund,
    retry_at: Timestamp,
) -> Result<RefundStart, StoreError> {
    let account = lock(transaction, payment).await?;
    let Some(payment) = payments::lock(transaction, wanted.payment).await? else {
        return Ok(RefundStart::NoPayment);
    };
    let disputes = disputes::of_payments(transaction, [wanted.payment].into_iter()).await?;
    if !Dispute::taken_of(&payment, &disputes).is_zero() {
        return Ok(RefundStart::Disputed);
    }
    let known = find(transaction, wanted.payment).await?;
    let left = Refund::left_of(payment.amount, known.as_ref());
    let zero = Money::zero(payment.amount.currency());
    let before = known.as_ref().map_or(zero, Refund::refunded_here);
    let elsewhere = known.as_ref().map_or(zero, |known| known.elsewhere);
    // A refund that was made and whose answer is not known was made after staff first asked.
    let (attempt, at) = match known {
        Some(Refund {
            status: RefundStatus::Refused(_) | RefundStatus::GivenUp,
            attempt,
            at,
            ..
        }) => (attempt + 1, at),
        // A withdrawal from the contract leaves the rest to be refunded, as does what was refunded at the processor alone.
        Some(ref known)
            if known.is_settled()
                && !left.is_zero()
                && (payment.status == PaymentStatus::RefundPending || !known.is_own()) =>
        {
            (known.attempt + 1, wanted.at)
        }
        Some(known) if known.status == RefundStatus::Asked && known.amount == wanted.amount => {
            return Ok(RefundStart::Open(known));
        }
        Some(known) => return Ok(RefundStart::Taken(known)),
        None => (0, wanted.at),
    };
    match payment.status {
        PaymentStatus::Applied if wanted.amount.minor() <= left.minor() => {}
        PaymentStatus::Applied => return Ok(RefundStart::TooMuch(left)),
        PaymentStatus::RefundPending if wanted.amount == left => {}
        PaymentStatus::RefundPending => return Ok(RefundStart::OnlyWhole(left)),
        // One that is recorded is about to be applied or set aside.
        PaymentStatus::Recorded | PaymentStatus::Refunded | PaymentStatus::Kept => {
            return Ok(RefundStart::NotRefundable(payment.status));
        }
    }
    let status = RefundStatus::Asked;
    let failed = None;
    let refund =
        Refund { account, before, elsewhere, attempt, at, status, failed, ..wanted.clone() };
    save(transaction, &refund, retry_at).await?;
    let facts = payment_facts(refund.payment, refund.amount);
    let action = AuditAction::AskedRefund;
    let staff = wanted.actor.staff_actor();
    record_for_reader(transaction, action, account, staff, facts, wanted.at).await?;
    Ok(RefundStart::Open(refund))
}

/// Writes an open refund down, in the place of one that was refused.
pub(super) async fn save(
    transaction: &DatabaseTransaction,
    refund: &Refund,
    retry_at: Timestamp,
) -> Result<(), StoreError> {
    let staff = refund.actor.staff_actor();
    let new = row::ActiveModel {
        payment: Set(Key(refund.payment)),
        account: Set(refund.account.map(Key)),
        minor: Set(i64::try_from(refund.amount.minor()).unwrap_or(i64::MAX)),
        currency: Set(refund.amount.currency().code().to_owned()),
        at: Set(refund.at.as_second()),
        done_by: Set(staff.and_then(|staff| staff.by).map(Key)),
        reason: Set(staff.map(|staff| staff.reason.clone()).unwrap_or_default()),
        settled: Set(false),
        attempt: Set(i32::try_from(refund.attempt).unwrap_or(i32::MAX)),
        retry_at: Set(Some(retry_at.as_second())),
        refusal: Set(String::new()),
        failed_at: Set(None),
        before_minor: Set(i64::try_from(refund.before.minor()).unwrap_or(i64::MAX)),
        actor: Set(refund.actor.name().to_owned()),
        elsewhere_minor: Set(i64::try_from(refund.elsewhere.minor()).unwrap_or(i64::MAX)),
    };
    row::Entity::delete_by_id(Key(refund.payment)).exec(transaction).await?;
    row::Entity::insert(new).exec_without_returning(transaction).await?;
    Ok(())
}

async fn keep(
    transaction: &DatabaseTransaction,
    payment: &Payment,
    staff: &StaffActor,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let account = lock(transaction, payment).await?;
    let actor = Actor::Staff(Some(staff.clone()));
    note(transaction, payment, &actor, "payment-kept", now).await?;
    let Some(latest) = payments::lock(transaction, payment.number).await? else {
        return Ok(false);
    };
    let was_refused = match find(transaction, payment.number).await?.map(|known| known.status) {
        Some(RefundStatus::Asked) => return Ok(false),
        Some(RefundStatus::Refused(_)) => true,
        Some(RefundStatus::Settled | RefundStatus::GivenUp) | None => false,
    };
    if !was_refused && latest.status != PaymentStatus::RefundPending {
        return Ok(false);
    }
    if was_refused {
        withdraw(transaction, payment.number).await?;
    }
    payments::keep(transaction, payment.number).await?;
    let facts = payment_facts(payment.number, payment.amount);
    let action = AuditAction::KeptPayment;
    record_for_reader(transaction, action, account, Some(staff), facts, now).await?;
    Ok(true)
}

fn payment_facts(payment: PaymentNumber, amount: Money) -> Vec<AuditChange> {
    vec![AuditChange::fact("payment", payment), AuditChange::fact("amount", amount)]
}

/// Marks a refused refund as one that staff no longer want.
pub(super) async fn withdraw(
    transaction: &DatabaseTransaction,
    payment: PaymentNumber,
) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::Refusal, Expr::value(""))
        .filter(row::Column::Payment.eq(Key(payment)))
        .exec(transaction)
        .await?;
    Ok(())
}

pub(super) async fn find(
    transaction: &DatabaseTransaction,
    payment: PaymentNumber,
) -> Result<Option<Refund>, StoreError> {
    let row = row::Entity::find_by_id(Key(payment)).one(transaction).await?;
    row.map(read).transpose()
}
