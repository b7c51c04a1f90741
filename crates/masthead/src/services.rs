//! With whom the publication works: each as the configuration says, and the environment before it.

use std::sync::Arc;

use masthead_identity::openid::Provider;
use masthead_mail::SmtpRelay;
use masthead_media::Bucket;
use masthead_payments::{Processor, Stripe, stripe::StripeAccount};

use crate::{
    config::{MailConfig, OpenidConfig, PaymentsConfig, PicturesConfig},
    error::CliError,
};

/// What a variable of the environment says, or else what is written in the file.
fn given(variable: &str, written: &str) -> String {
    let given = std::env::var(variable).ok().filter(|value| !value.is_empty());
    given.unwrap_or_else(|| written.to_owned())
}

/// The processor that readers pay at. Returns `None` if there is none, so that they pay at the sandbox.
pub fn processor(payments: &PaymentsConfig) -> Result<Option<Arc<dyn Processor>>, CliError> {
    let secret_key = given("MASTHEAD_STRIPE_KEY", &payments.stripe_key);
    let webhook_secret = given("MASTHEAD_STRIPE_WEBHOOK_SECRET", &payments.webhook_secret);
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

/// A provider of accounts.
pub fn provider(openid: &OpenidConfig) -> Result<Provider, CliError> {
    let variable =
        format!("MASTHEAD_OPENID_{}_SECRET", openid.slug.to_uppercase().replace('-', "_"));
    let client_secret = given(&variable, &openid.client_secret);
    if client_secret.is_empty() {
        return Err(CliError::new(format!(
            "[[openid]] \"{}\" in masthead.toml has no client_secret; write one, or give it as {variable}",
            openid.slug
        )));
    }
    let OpenidConfig { slug, name, issuer, client_id, .. } = openid.clone();
    Ok(Provider { slug, name, issuer, client_id, client_secret })
}

/// The relay for mail, where there is one.
pub fn relay(mail: &MailConfig) -> Result<Option<SmtpRelay>, CliError> {
    if mail.relay.is_empty() {
        return Ok(None);
    }
    let relay = SmtpRelay::new(&mail.relay, &mail.from);
    relay.map(Some).map_err(|error| CliError::new(format!("[mail] in masthead.toml: {error}")))
}

/// The bucket that pictures are kept in, where they are.
pub fn bucket(pictures: &PicturesConfig) -> Result<Option<Bucket>, CliError> {
    let PicturesConfig { bucket, endpoint, region, access_key, secret_key } = pictures.clone();
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
