//! Signing in: a session for an account that has been proved to be the reader's, by whatever means.

use jiff::SignedDuration;
use masthead_circulation::{AccountId, Digest, Secret, Session, sign_in};
use masthead_mail::emails::{self, SecurityNotice};
use masthead_store::{DeviceHistory, StoreError};

use crate::{error::SiteError, extract::Device, state::Site};

/// How long a device keeps the secret by which it is known.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);

/// What somebody has shown to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// That they read an address's email, here or at a provider of accounts.
    Address,
    /// A passkey, which counts as a second factor: the device that has it was unlocked.
    Passkey,
}

/// Signs an account in on this device, in place of the one before. Returns the cookies to set.
pub(super) async fn admit(
    site: &Site,
    device: &Device,
    account: AccountId,
    proof: Proof,
) -> Result<Vec<String>, SiteError> {
    let now = (site.clock)();
    if let Some(before) = device.session {
        end(site, &before).await?;
    }
    let secret = Secret::generate(&mut rand::rng());
    let session = Session {
        second_factor: proof == Proof::Passkey,
        ..Session::of_browser(secret.digest(), account, device.name.clone(), now)
    };
    site.store.create_session(&session).await?;
    // What the device has read anonymously counts for the account.
    let opens = site.opens(now);
    let cached = site.accounts.member(account, opens).await?;
    if let Some(token) = &device.token {
        let reads_of_device = site.anonymous_meter.reads_of(token, opens);
        site.accounts.add_reads(&cached, opens, &reads_of_device).await;
    }
    let cookies = site.cookies;
    let lasts = Session::LIFETIME.as_secs();
    let mut set = vec![
        cookies.set(cookies.session, &secret.to_string(), lasts),
        cookies.set(cookies.device, "", 0),
    ];
    // The proof is used up: the reader who has shown it is let in, also if this fails.
    match recognize(site, device, account).await {
        Ok(known) => set.push(cookies.set(cookies.known, &known.to_string(), KNOWN_FOR.as_secs())),
        Err(error) => {
            tracing::error!(?error, "sign-in: device not recorded, and its reader not told");
        }
    }
    Ok(set)
}

/// Ends the sessions of an account except this one, because a way to sign in has changed.
pub(super) async fn end_others(
    site: &Site,
    account: AccountId,
    kept: &Digest,
) -> Result<(), StoreError> {
    let sessions = site.store.sessions_of(account).await?;
    site.store.end_other_sessions(account, kept).await?;
    let ended = sessions.into_iter().map(|session| session.key).filter(|key| key != kept);
    site.accounts.forget_sessions(ended).await;
    Ok(())
}

/// Records a sign-in on a device, and tells the reader if the account has others and this one is new. Returns the secret by
/// which the device is known from now on.
async fn recognize(site: &Site, device: &Device, account: AccountId) -> Result<Secret, SiteError> {
    let known = device.known.clone().unwrap_or_else(|| Secret::generate(&mut rand::rng()));
    let now = (site.clock)();
    let history = site.store.recognize_device(account, &known.digest(), now).await?;
    if history == DeviceHistory::New
        && let Some(account) = site.store.account(account).await?
    {
        let notice = SecurityNotice::NewDevice;
        let email = emails::security(&site.snapshot(), &account, notice, &device.name)?;
        site.store.enqueue_email(&email, now).await?;
        site.outbox_wakeup.notify_one();
    }
    Ok(known)
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
