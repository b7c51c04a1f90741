//! The log of charges, kept in the publication's database.

use async_trait::async_trait;
use masthead_circulation::Charge;
use masthead_payments::{ChargeLog, ChargeLogError};
use masthead_store::{Store, StoreError};

/// A [`ChargeLog`] in the database.
pub(crate) struct StoreChargeLog(pub(crate) Store);

#[async_trait]
impl ChargeLog for StoreChargeLog {
    async fn answer(&self, key: &str) -> Result<Option<Charge>, ChargeLogError> {
        self.0.charge(key).await.map_err(not_available)
    }

    async fn record(&self, new: &Charge) -> Result<Charge, ChargeLogError> {
        self.0.keep_charge(new).await.map_err(not_available)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
fn not_available(error: StoreError) -> ChargeLogError {
    ChargeLogError(error.to_string())
}
