//! One order: from the account to the certificate.

use std::time::Duration;

use instant_acme::{
    Account, AuthorizationHandle, AuthorizationStatus, ChallengeType, Identifier, NewAccount,
    NewOrder, Order, OrderStatus, RetryPolicy,
};

use crate::{
    challenges::Challenges, client::AcmeClient, error::AcmeError, files::Files,
    renewal::AcmeSettings,
};

/// How long an ACME server may take to check a proof, or to issue a certificate.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_mins(2));

/// A certificate that was issued, in PEM.
pub(crate) struct Issued {
    pub(crate) key: String,
    pub(crate) chain: String,
}

/// Orders a certificate. An account is created if there is none, or if the ACME server has lost it.
pub(crate) async fn order(
    settings: &AcmeSettings,
    files: &Files,
    challenges: &Challenges,
) -> Result<Issued, AcmeError> {
    let account = open_account(settings, files).await?;
    match order_with(&account, settings, challenges).await {
        Err(error) if error.is_unknown_account() => {
            files.blocking(Files::forget_account).await?;
            let account = open_account(settings, files).await?;
            order_with(&account, settings, challenges).await
        }
        ordered => ordered,
    }
}

async fn open_account(settings: &AcmeSettings, files: &Files) -> Result<Account, AcmeError> {
    let failed = |error| AcmeError::of(error, &settings.directory);
    let client = AcmeClient::new(settings.authority.as_deref())?;
    let builder = Account::builder_with_http(Box::new(client));
    if let Some(credentials) = files.blocking(Files::read_account).await? {
        return builder.from_credentials(credentials).await.map_err(failed);
    }
    let contact = format!("mailto:{}", settings.contact);
    let contact: Vec<_> =
        (!settings.contact.is_empty()).then_some(contact.as_str()).into_iter().collect();
    let new = NewAccount {
        contact: &contact,
        // The publisher has said so in the configuration.
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let created = builder.create(&new, settings.directory.clone(), None).await;
    let (account, credentials) = created.map_err(failed)?;
    files.blocking(move |files| files.write_account(&credentials)).await?;
    tracing::info!(directory = settings.directory, "acme: account created");
    Ok(account)
}

async fn order_with(
    account: &Account,
    settings: &AcmeSettings,
    challenges: &Challenges,
) -> Result<Issued, AcmeError> {
    let failed = |error| AcmeError::of(error, &settings.directory);
    let names: Vec<_> = settings.names.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&names)).await.map_err(failed)?;
    prove(&mut order, settings, challenges).await?;
    match order.poll_ready(&PATIENCE).await {
        Ok(OrderStatus::Ready) => {}
        Ok(_) => return Err(unproven(&mut order).await.unwrap_or(AcmeError::Unexplained)),
        Err(error) => return Err(unproven(&mut order).await.unwrap_or(failed(error))),
    }
    let key = order.finalize().await.map_err(failed)?;
    let chain = order.poll_certificate(&PATIENCE).await.map_err(failed)?;
    Ok(Issued { key, chain })
}

/// Shows the ACME server what it asks for, for each name that it does not trust us with yet.
async fn prove(
    order: &mut Order,
    settings: &AcmeSettings,
    challenges: &Challenges,
) -> Result<(), AcmeError> {
    let failed = |error| AcmeError::of(error, &settings.directory);
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(failed)?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = authorization.identifier().to_string();
        let mut challenge = authorization
            .challenge(ChallengeType::TlsAlpn01)
            .ok_or_else(|| AcmeError::NoChallenge(name.clone()))?;
        let digest = challenge.key_authorization().digest();
        let digest = digest.as_ref().try_into();
        let digest = digest.map_err(|_| AcmeError::Crypto("the digest has another size".into()))?;
        challenges.prove(&name, digest)?;
        challenge.set_ready().await.map_err(failed)?;
    }
    Ok(())
}

/// Which name could not be proved, and why, if the ACME server says so.
async fn unproven(order: &mut Order) -> Option<AcmeError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.ok()?;
        authorization.refresh().await.ok()?;
        if let Some(reason) = refusal(&authorization) {
            let name = authorization.identifier().to_string();
            return Some(AcmeError::Unproven { name, reason });
        }
    }
    None
}

fn refusal(authorization: &AuthorizationHandle<'_>) -> Option<String> {
    let mut errors = authorization.challenges.iter().filter_map(|one| one.error.as_ref());
    errors.next().map(ToString::to_string)
}
