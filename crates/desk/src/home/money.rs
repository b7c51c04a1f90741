//! Subscriptions of which a payment has failed, or an invoice is overdue.

use masthead_store::StoreError;

use super::HomePage;
use crate::state::DeskState;

/// Adds how many there are.
pub(super) async fn add(page: &mut HomePage, desk: &DeskState) -> Result<(), StoreError> {
    page.failed_payments = desk.store.count_failed_payments().await?;
    page.overdue_invoices = desk.store.count_overdue_invoices(desk.now()).await?;
    Ok(())
}
