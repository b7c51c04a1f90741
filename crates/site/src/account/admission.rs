//! Signing in: a session for an account that has been proved to be the reader's, by whatever means.

use masthead_circulation::{AccountId, Digest, Secret, Session, sign_in};
use masthead_store::StoreError;

use crate::{extract::Device, state::Site};

/// Signs an account in on this device, in place of the one before. Returns the cookies to set.
pub(super) async fn admit(
    site: &Site,
    device: &Device,
    account: AccountId,
) -> Result<Vec<String>, StoreError> {
    let now = (site.clock)();
    if let Some(before) = device.session {
        end(site, &before).await?;
    }
    let secret = Secret::generate(&mut rand::rng());
    let session = Session::of_browser(secret.digest(), account, device.name.clone(), now);
    site.store.create_session(&session).await?;
    // What the device has read anonymously counts for the account.
    let opens = site.opens(now);
    let cached = site.accounts.member(account, opens).await?;
    if let Some(token) = &device.token {
        let reads_of_device = site.anonymous_meter.reads_of(token, opens);
        site.accounts.visit(&cached, opens, |reads| reads.merge(&reads_of_device)).await;
    }
    let cookies = site.cookies;
    let lasts = Session::LIFETIME.as_secs();
    Ok(vec![
        cookies.set(cookies.session, &secret.to_string(), lasts),
        cookies.set(cookies.device, "", 0),
    ])
}

/// Ends the session that a device had before.
async fn end(site: &Site, key: &Digest) -> Result<(), StoreError> {
    if let Some(session) = site.store.session(key).await? {
        site.store.end_session(session.account, key).await?;
    }
    site.accounts.forget_sessions([*key]).await;
    Ok(())
}

/// The cookie that lets a device use the link that it has requested.
pub(super) fn device_cookie(site: &Site, device: &Secret) -> String {
    let lasts = sign_in::LIFETIME.as_secs();
    site.cookies.set(site.cookies.device, &device.to_string(), lasts)
}
