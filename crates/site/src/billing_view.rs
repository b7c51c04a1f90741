//! The page for what went wrong in billing.

use masthead_billing::BillingError;
use masthead_publication::PageError;

/// The page for what went wrong in billing.
pub(crate) fn failed(error: BillingError) -> PageError {
    match error {
        BillingError::Store(error) => PageError::Store(error),
        error @ (BillingError::Processor(_) | BillingError::Email(_)) => {
            PageError::Billing(error.to_string())
        }
    }
}
