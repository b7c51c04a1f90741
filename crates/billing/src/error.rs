//! Why something could not be done.

use masthead_payments::ProcessorError;
use masthead_store::StoreError;

use crate::EmailError;

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
    #[error(transparent)]
    Email(#[from] EmailError),
}
