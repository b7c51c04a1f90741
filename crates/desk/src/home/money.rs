//! Subscriptions of which a payment has failed, or an invoice is overdue, and disputes.

use masthead_circulation::Dispute;
use masthead_store::StoreError;

use super::{HomePage, MAX_PAYMENTS, PaymentToDecide, to_decide};
use crate::{disputes::in_words, state::DeskState, words::DeskWords};

/// Adds how many there are, and the disputes that are not decided.
pub(super) async fn add(
    page: &mut HomePage,
    desk: &DeskState,
    words: DeskWords,
) -> Result<(), StoreError> {
    page.disputes = disputes(desk, words).await?;
    page.failed_payments = desk.store.count_failed_payments().await?;
    page.overdue_invoices = desk.store.count_overdue_invoices(desk.now()).await?;
    Ok(())
}

async fn disputes(desk: &DeskState, words: DeskWords) -> Result<Vec<PaymentToDecide>, StoreError> {
    let zone = desk.publication().zone;
    let disputes = desk.store.open_disputes(MAX_PAYMENTS).await?;
    let numbers: Vec<_> = disputes.iter().map(|dispute| dispute.payment).collect();
    let payments = desk.store.payments_numbered(&numbers).await?;
    let row = |dispute: &Dispute| {
        let payment = payments.iter().find(|payment| payment.number == dispute.payment)?;
        let (reason, at) = (in_words(dispute, &zone, words), words.date(payment.at, &zone));
        Some(to_decide(payment, dispute.amount, reason, at))
    };
    Ok(disputes.iter().filter_map(row).collect())
}
