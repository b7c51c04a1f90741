//! Subscriptions of which a payment has failed, or an invoice is overdue.

use masthead_circulation::State;
use masthead_store::StoreError;

use super::HomePage;
use crate::state::DeskState;

/// Subscriptions that are counted; more are a number that nobody needs exactly.
const MAX_COUNTED: u64 = 5000;

/// Adds how many there are.
pub(super) async fn add(page: &mut HomePage, desk: &DeskState) -> Result<(), StoreError> {
    let now = desk.now();
    for subscription in desk.store.subscriptions_in_grace(MAX_COUNTED).await? {
        let State::Grace { since, .. } = subscription.state else { continue };
        match subscription.mandate.is_manual() {
            true if since <= now => page.overdue_invoices += 1,
            // The invoice is not due yet.
            true => {}
            false => page.failed_payments += 1,
        }
    }
    Ok(())
}
