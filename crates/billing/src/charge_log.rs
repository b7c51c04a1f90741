//! The log of charges, kept in the publication's database.

use async_trait::async_trait;
use masthead_payments::{Charge, ChargeLog, ChargeLogError};
use masthead_store::{Store, StoreError};

/// A [`ChargeLog`] in the database.
pub(crate) struct StoreChargeLog(pub(crate) Store);

#[async_trait]
impl ChargeLog for StoreChargeLog {
    async fn answer(&self, key: &str) -> Result<Option<Charge>, ChargeLogError> {
        Ok(self.0.charge(key).await.map_err(not_available)?.map(charge))
    }

    async fn record(&self, new: &Charge) -> Result<Charge, ChargeLogError> {
        let Charge { key, account, reference, paid } = new.clone();
        let stored = masthead_store::Charge { key, account, reference, paid };
        Ok(charge(self.0.keep_charge(&stored).await.map_err(not_available)?))
    }
}

fn charge(stored: masthead_store::Charge) -> Charge {
    let masthead_store::Charge { key, account, reference, paid } = stored;
    Charge { key, account, reference, paid }
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
fn not_available(error: StoreError) -> ChargeLogError {
    ChargeLogError(error.to_string())
}
