//! External services. Secrets in the environment take precedence over those in the file.

use std::sync::Arc;

use masthead_identity::openid::Provider;
use masthead_mail::SmtpRelay;
use masthead_media::Bucket;
use masthead_payments::{Processor, Stripe, stripe::StripeAccount};
use masthead_publication::Sales;
use masthead_settings::{
    MailSettings, OpenidSettings, PaymentsSettings, PicturesSettings, SecretText,
};

use crate::error::CliError;

/// The variable with Stripe's secret key.
const STRIPE_KEY: &str = "MASTHEAD_STRIPE_KEY";

/// Returns the value of an environment variable, or what is written in the file if there is none.
fn given(variable: &str, written: &SecretText) -> String {
    let given = std::env::var(variable).ok().filter(|value| !value.is_empty());
    given.unwrap_or_else(|| written.as_str().to_owned())
}

/// Returns the payment processor, or `None` if none is configured.
pub fn processor(payments: &PaymentsSettings) -> Result<Option<Arc<dyn Processor>>, CliError> {
    let secret_key = given(STRIPE_KEY, &payments.stripe_key);
    let webhook_secret = given("MASTHEAD_STRIPE_WEBHOOK_SECRET", &payments.webhook_secret);
    if secret_key.starts_with("pk_") {
        return Err(CliError::new(
            "[payments] in masthead.toml has Stripe's publishable key as stripe_key; copy the secret key, which begins \
             with sk_ or rk_, from Stripe's dashboard",
        ));
    }
    match (secret_key.is_empty(), webhook_secret.is_empty()) {
        (true, true) => Ok(None),
        (false, false) => {
            let (tax, api) = (payments.tax, payments.api.clone());
            let stripe = Stripe::new(StripeAccount { secret_key, webhook_secret, tax, api });
            Ok(Some(Arc::new(stripe.map_err(|error| CliError::new(error.to_string()))?)))
        }
        (false, true) => Err(CliError::new(
            "[payments] in masthead.toml has a stripe_key and no webhook_secret; add an endpoint for \
             /webhooks/stripe in Stripe's dashboard and copy its signing secret",
        )),
        (true, false) => Err(CliError::new(
            "[payments] in masthead.toml has a webhook_secret and no stripe_key; copy the secret key \
             from Stripe's dashboard",
        )),
    }
}

/// Returns whether and where readers pay. The sandbox is for the demonstration and for those who ask for it: otherwise
/// subscriptions would be given away.
pub fn sales(payments: &PaymentsSettings, is_demo: bool) -> Sales {
    if !given(STRIPE_KEY, &payments.stripe_key).is_empty() {
        Sales::Open
    } else if is_demo || payments.sandbox {
        Sales::Sandbox
    } else {
        Sales::Closed
    }
}

/// Returns a provider of accounts, with its secret.
pub fn provider(openid: &OpenidSettings) -> Result<Provider, CliError> {
    let variable =
        format!("MASTHEAD_OPENID_{}_SECRET", openid.slug.to_uppercase().replace('-', "_"));
    let client_secret = given(&variable, &openid.client_secret);
    if client_secret.is_empty() {
        return Err(CliError::new(format!(
            "[[openid]] \"{}\" in masthead.toml has no client_secret; write one, or give it as {variable}",
            openid.slug
        )));
    }
    let OpenidSettings { slug, name, issuer, client_id, .. } = openid.clone();
    Ok(Provider { slug, name, issuer, client_id, client_secret })
}

/// Returns the relay for mail, or `None` if mail waits in the outbox.
pub fn relay(mail: &MailSettings) -> Result<Option<SmtpRelay>, CliError> {
    if mail.relay.is_empty() {
        return Ok(None);
    }
    let relay = SmtpRelay::new(mail.relay.as_str(), &mail.from);
    relay.map(Some).map_err(|error| CliError::new(format!("[mail] in masthead.toml: {error}")))
}

/// Returns the bucket for pictures, or `None` if they are in the data directory.
pub fn bucket(pictures: &PicturesSettings) -> Result<Option<Bucket>, CliError> {
    let PicturesSettings { bucket, endpoint, region, access_key, secret_key } = pictures.clone();
    if bucket.is_empty() {
        return Ok(None);
    }
    let access_key = given("MASTHEAD_PICTURES_ACCESS_KEY", &access_key);
    let secret_key = given("MASTHEAD_PICTURES_SECRET_KEY", &secret_key);
    if access_key.is_empty() || secret_key.is_empty() {
        return Err(CliError::new(
            "[pictures] in masthead.toml names a bucket and no key to it; write access_key and secret_key, or \
             give them as MASTHEAD_PICTURES_ACCESS_KEY and MASTHEAD_PICTURES_SECRET_KEY",
        ));
    }
    Ok(Some(Bucket { name: bucket, endpoint, region, access_key, secret_key }))
}
