//! Subscriptions of which a payment has failed, or an invoice is overdue, and disputes.

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
    let mut all = Vec::new();
    for dispute in desk.store.open_disputes(MAX_PAYMENTS).await? {
        let Some(payment) = desk.store.payment(dispute.payment).await? else { continue };
        let reason = in_words(&dispute, &zone, words);
        let at = words.date(payment.at, &zone);
        all.push(to_decide(&payment, dispute.amount, reason, at));
    }
    Ok(all)
}
