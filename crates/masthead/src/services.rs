//! External services.

use std::sync::Arc;

use masthead_identity::openid::Provider;
use masthead_mail::SmtpRelay;
use masthead_media::Bucket;
use masthead_payments::{Processor, Stripe, stripe::StripeAccount};
use masthead_publication::Sales;
use masthead_settings::{MailSettings, OpenidSettings, PaymentsSettings, PicturesSettings};
use url::Url;

use crate::{
    error::CliError,
    secrets::{self, secret},
};

/// The variable with Stripe's secret key.
const STRIPE_KEY: &str = "MASTHEAD_STRIPE_KEY";

/// Returns the payment processor, or `None` if none is configured.
pub fn processor(payments: &PaymentsSettings) -> Result<Option<Arc<dyn Processor>>, CliError> {
    let secret_key = secret(STRIPE_KEY, &payments.stripe_key)?;
    let webhook_secret = secret("MASTHEAD_STRIPE_WEBHOOK_SECRET", &payments.webhook_secret)?;
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
pub fn sales(payments: &PaymentsSettings, is_demo: bool) -> Result<Sales, CliError> {
    Ok(if !secret(STRIPE_KEY, &payments.stripe_key)?.is_empty() {
        Sales::Open
    } else if is_demo || payments.sandbox {
        Sales::Sandbox
    } else {
        Sales::Closed
    })
}

/// Returns a provider of accounts, with its secret.
pub fn provider(openid: &OpenidSettings) -> Result<Provider, CliError> {
    let variable =
        format!("MASTHEAD_OPENID_{}_SECRET", openid.slug.to_uppercase().replace('-', "_"));
    let client_secret = secret(&variable, &openid.client_secret)?;
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
    let mut address = secret("MASTHEAD_MAIL_RELAY", &mail.relay)?;
    if address.is_empty() {
        return Ok(None);
    }
    if let Some(password) = secrets::from_environment("MASTHEAD_MAIL_PASSWORD")? {
        address = with_password(&address, &password)?;
    }
    let relay = SmtpRelay::new(&address, &mail.from)
        .and_then(|relay| relay.with_addresses(&mail.reply_to, &mail.bounces));
    relay.map(Some).map_err(|error| CliError::new(format!("[mail] in masthead.toml: {error}")))
}

/// Returns the address of a relay with this password.
fn with_password(address: &str, password: &str) -> Result<String, CliError> {
    let with_user = Url::parse(address).ok().filter(|address| !address.username().is_empty());
    let with_password = with_user
        .and_then(|mut address| address.set_password(Some(password)).ok().map(|()| address));
    with_password.map(String::from).ok_or_else(|| {
        CliError::new(
            "MASTHEAD_MAIL_PASSWORD is set, and the relay's address has no user; write one such as \
             smtps://user@mail.example",
        )
    })
}

/// Returns the bucket for pictures, or `None` if they are in the data directory.
pub fn bucket(pictures: &PicturesSettings) -> Result<Option<Bucket>, CliError> {
    let PicturesSettings { bucket, endpoint, region, access_key, secret_key } = pictures.clone();
    if bucket.is_empty() {
        return Ok(None);
    }
    let access_key = secret("MASTHEAD_PICTURES_ACCESS_KEY", &access_key)?;
    let secret_key = secret("MASTHEAD_PICTURES_SECRET_KEY", &secret_key)?;
    if access_key.is_empty() || secret_key.is_empty() {
        return Err(CliError::new(
            "[pictures] in masthead.toml names a bucket and no key to it; write access_key and secret_key, or \
             give them as MASTHEAD_PICTURES_ACCESS_KEY and MASTHEAD_PICTURES_SECRET_KEY",
        ));
    }
    Ok(Some(Bucket { name: bucket, endpoint, region, access_key, secret_key }))
}
