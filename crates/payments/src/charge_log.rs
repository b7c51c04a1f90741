//! The log of answers: what each order was answered with, once.

use async_trait::async_trait;
use masthead_circulation::Charge;

/// The log cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the log of charges is not available: {0}")]
pub struct ChargeLogError(pub String);

/// Keeps the answers to orders. A processor that has forgotten an order is not asked again, and a server
/// that lost its memory still knows what was collected.
#[async_trait]
pub trait ChargeLog: Send + Sync {
    /// Returns the answer to the order with this key, or `None` if there is none yet.
    ///
    /// # Errors
    ///
    /// Fails if the log cannot be read.
    async fn answer(&self, key: &str) -> Result<Option<Charge>, ChargeLogError>;

    /// Keeps an answer and returns what is kept: the first answer to an order stays.
    ///
    /// # Errors
    ///
    /// Fails if the log cannot be written; the order can then be given again.
    async fn record(&self, charge: &Charge) -> Result<Charge, ChargeLogError>;
}
