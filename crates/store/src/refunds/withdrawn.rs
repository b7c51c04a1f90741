//! Refunds of what was paid for a contract from which the reader has withdrawn. Such a payment waits until all of it is refunded: by its
//! processor, or by staff.

use jiff::Timestamp;
use masthead_circulation::{Actor, Dispute, Money, Payment, PaymentStatus, Refund, RefundStatus};
use sea_orm::DatabaseTransaction;

use super::{
    decision::{find, save},
    lock,
};
use crate::{StoreError, disputes, payments};

/// Makes a payment that is applied, or about to be, a pending refund, unless all of it was refunded before. If its processor refunds it,
/// what is left is asked for at once, but for what a bank has taken back, about which staff decide; a refund that staff have asked for
/// before comes first, and what it leaves waits for staff.
/// Returns `false` if nothing was changed.
pub(crate) async fn refund_withdrawn(
    transaction: &DatabaseTransaction,
    payment: &Payment,
    by_processor: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let account = lock(transaction, payment).await?;
    let Some(paid) = payments::lock(transaction, payment.number).await? else {
        return Ok(false);
    };
    let known = find(transaction, payment.number).await?;
    let left = Refund::left_of(paid.amount, known.as_ref());
    let is_open = matches!(paid.status, PaymentStatus::Recorded | PaymentStatus::Applied);
    if !is_open || left.is_zero() && paid.status == PaymentStatus::Applied {
        return Ok(false);
    }
    payments::set_withdrawn(transaction, payment.number).await?;
    if left.is_zero() {
        payments::refunded(transaction, payment.number, true).await?;
        return Ok(true);
    }
    let is_asked = known.as_ref().is_some_and(|known| known.status == RefundStatus::Asked);
    let disputes = disputes::of_payments(transaction, [payment.number].into_iter()).await?;
    let amount = Dispute::left_of(&paid, left, &disputes);
    if !by_processor || is_asked || amount.is_zero() {
        return Ok(true);
    }
    let zero = Money::zero(paid.amount.currency());
    let refund = Refund {
        payment: payment.number,
        account,
        amount,
        before: known.as_ref().map_or(zero, Refund::refunded_here),
        elsewhere: known.as_ref().map_or(zero, |known| known.elsewhere),
        at: first_asked(known.as_ref(), now),
        actor: Actor::Reader,
        attempt: known.map_or(0, |known| known.attempt + 1),
        status: RefundStatus::Asked,
        failed: None,
    };
    save(transaction, &refund, now).await?;
    Ok(true)
}

/// When a refund was first asked for: one that was refused may have been made all the same, and one that was made is another.
fn first_asked(known: Option<&Refund>, now: Timestamp) -> Timestamp {
    match known {
        Some(Refund { status: RefundStatus::Refused(_) | RefundStatus::GivenUp, at, .. }) => *at,
        Some(_) | None => now,
    }
}
