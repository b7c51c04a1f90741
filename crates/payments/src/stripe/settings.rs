//! Stripe's keys in the settings.

use std::sync::Arc;

use masthead_settings::PaymentsSettings;

use super::{Stripe, StripeAccount};
use crate::{InvalidPaymentsSettings, Processor, configured::ProcessorKind};

/// Stripe, as settings name it.
pub(crate) const KIND: ProcessorKind =
    ProcessorKind { keys: &["stripe_key", "webhook_secret"], build: configured };

/// Stripe with the keys in the settings or the environment. Returns `None` if there are none.
fn configured(
    settings: &PaymentsSettings,
) -> Result<Option<Arc<dyn Processor>>, InvalidPaymentsSettings> {
    let secret_key = settings.stripe_key.or_environment("MASTHEAD_STRIPE_KEY")?;
    let webhook_secret =
        settings.webhook_secret.or_environment("MASTHEAD_STRIPE_WEBHOOK_SECRET")?;
    if let Some(reason) = fault(&secret_key, &webhook_secret) {
        return Err(InvalidPaymentsSettings::new(reason));
    }
    if secret_key.is_empty() {
        return Ok(None);
    }
    let (tax, api) = (settings.tax, settings.api.clone());
    let stripe = Stripe::new(StripeAccount { secret_key, webhook_secret, tax, api });
    let stripe =
        stripe.map_err(|error| InvalidPaymentsSettings::new(format!("is wrong: {error}")))?;
    Ok(Some(Arc::new(stripe)))
}

fn fault(secret_key: &str, webhook_secret: &str) -> Option<&'static str> {
    if secret_key.starts_with("pk_") {
        return Some(
            "has Stripe's publishable key as stripe_key; copy the secret key, which begins with sk_ or rk_, from \
             Stripe's dashboard",
        );
    }
    if secret_key.starts_with("whsec_") {
        return Some(
            "has the signing secret of an endpoint as stripe_key; write it as webhook_secret, and as stripe_key the secret key, which \
             begins with sk_ or rk_",
        );
    }
    if ["sk_", "rk_", "pk_"].iter().any(|start| webhook_secret.starts_with(start)) {
        return Some(
            "has a key of the account as webhook_secret; write the signing secret of the endpoint, which begins with whsec_",
        );
    }
    match (secret_key.is_empty(), webhook_secret.is_empty()) {
        (true, true) | (false, false) => None,
        (false, true) => Some(
            "has a stripe_key and no webhook_secret; add an endpoint for /webhooks/stripe in Stripe's dashboard and copy \
             its signing secret",
        ),
        (true, false) => Some(
            "has a webhook_secret and no stripe_key; copy the secret key from Stripe's dashboard",
        ),
    }
}
