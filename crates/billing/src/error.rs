//! Why something could not be done.

use masthead_circulation::SubscriptionId;
use masthead_payments::ProcessorError;
use masthead_publication::ThemeError;
use masthead_store::StoreError;

/// Why something could not be done. Nothing that was collected is lost by it.
#[derive(Debug, thiserror::Error)]
pub enum BillingError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The payment processor gave no answer.
    #[error(transparent)]
    Processor(#[from] ProcessorError),
    /// An email could not be composed.
    #[error("an email about a subscription cannot be composed: {0}")]
    Email(#[from] ThemeError),
    /// A subscription was changed by somebody else each time a change of it was to be stored.
    #[error("subscription {} was changed again and again meanwhile; try again", .0.0)]
    Conflict(SubscriptionId),
}
