//! Letting somebody in who has shown who they are, by whatever means.

use http::HeaderMap;
use masthead_circulation::{AccountId, Digest, Secret, Session};
use masthead_store::StoreError;
use masthead_web::cookies;

use crate::state::Site;

/// Signs an account in on this device, in place of whoever was there before; the cookies for it.
pub(super) async fn admit(
    site: &Site,
    headers: &HeaderMap,
    account: AccountId,
) -> Result<Vec<String>, StoreError> {
    let now = (site.clock)();
    let before = cookies::get(headers, site.cookies.session).and_then(|v| v.parse::<Secret>().ok());
    if let Some(before) = before.map(|secret| secret.digest()) {
        end(site, &before).await?;
    }
    let secret = Secret::generate(&mut rand::rng());
    let session = Session {
        key: secret.digest(),
        account,
        device: site.device_name(headers),
        begun: now,
        seen: now,
    };
    site.store.create_session(&session).await?;
    // What the device has read as a stranger counts for the account.
    let opens = site.opens(now);
    let member = site.accounts.member(account, opens).await?;
    let reads_from_cookie = site.anonymous_meter.reads_from_cookie(headers, opens);
    site.accounts.visit(&member, opens, |reads| reads.merge(&reads_from_cookie)).await;
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
