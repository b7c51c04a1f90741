//! Signing in: a session for an account that has been proved to be the reader's, by whatever means.

use jiff::SignedDuration;
use masthead_circulation::{
    AccountId, Digest, EmailAddress, Passkey, Secret, Session,
    sign_in::{self, SignInRequest},
};
use masthead_identity::openid::VerifiedIdentity;
use masthead_mail::emails::{self, SecurityNotice};
use masthead_store::{DeviceHistory, Email, FactorChange, PasskeyUse, SessionProof, StoreError};

use super::identity;
use crate::{
    error::SiteError,
    extract::{AskedSignIn, Device, SignedIn},
    note::Note,
    security::SignInMethod,
    state::Site,
};

/// How long a device keeps the secret by which it is known.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);

/// What somebody has shown to sign in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Proof<'a> {
    /// That they read an address's email: by the link, or by the code.
    Email(&'a SignInRequest, SignInMethod),
    /// An account elsewhere, with the path that they came from. It is linked to theirs, or has their address.
    Identity(&'a VerifiedIdentity, &'a str),
    /// A passkey, with what it has become. It counts as a second factor: the device that has it was unlocked.
    Passkey(&'a Passkey, &'a PasskeyUse),
}

impl Proof<'_> {
    fn method(self) -> SignInMethod {
        match self {
            Self::Email(_, method) => method,
            Self::Identity(..) => SignInMethod::Openid,
            Self::Passkey(..) => SignInMethod::Passkey,
        }
    }
}

/// Signs in on this device, in place of the account before, and uses up the proof. Returns the cookies to set; `None` if the
/// proof was used or taken back meanwhile.
pub(super) async fn admit(
    site: &Site,
    device: &Device,
    proof: Proof<'_>,
) -> Result<Option<Vec<String>>, SiteError> {
    let now = (site.clock)();
    let secret = Secret::generate(&mut rand::rng());
    let Some(account) = begin(site, device, proof, secret.digest()).await? else {
        return Ok(None);
    };
    if let Some(before) = device.session {
        end(site, &before).await?;
    }
    // What the device has read anonymously counts for the account.
    let opens = site.opens(now);
    let cached = site.accounts.member(account, opens).await?;
    if let Some(token) = &device.token {
        let reads_of_device = site.anonymous_meter.reads_of(token, opens);
        site.accounts.add_reads(&cached, opens, &reads_of_device).await;
    }
    // What is in memory may be older than an invitation that was just accepted.
    let staff = site.store.staff(account).await;
    let is_staff = staff.map_or_else(|_| cached.is_staff(), |staff| staff.is_some());
    site.log_sign_in(&device.origin, account, (proof.method(), is_staff));
    let cookies = site.cookies;
    let lasts = Session::LIFETIME.as_secs();
    let mut set = vec![
        cookies.set(cookies.session, &secret.to_string(), lasts),
        cookies.set(cookies.device, "", 0),
        cookies.set(cookies.asked, "", 0),
    ];
    if device.session.is_none() {
        set.push(Note::SignedIn.cookie(site));
    }
    // The proof is used up: the reader who has shown it is let in, also if this fails.
    match recognize(site, device, account).await {
        Ok(known) => set.push(cookies.set(cookies.known, &known.to_string(), KNOWN_FOR.as_secs())),
        Err(error) => {
            tracing::error!(?error, "sign-in: device not recorded, and its reader not told");
        }
    }
    Ok(Some(set))
}

/// Begins a session with a proof. Returns its account; `None` if the proof was used or taken back.
async fn begin(
    site: &Site,
    device: &Device,
    proof: Proof<'_>,
    key: Digest,
) -> Result<Option<AccountId>, SiteError> {
    let (store, now) = (&site.store, (site.clock)());
    let session = |account| Session::of_browser(key, account, device.name.clone(), now);
    match proof {
        Proof::Email(request, _) => {
            let Some((account, is_new)) =
                store.begin_session_by_request(request, now, session).await?
            else {
                return Ok(None);
            };
            if is_new {
                site.count_registered(device, &request.from).await;
            }
            Ok(Some(account.id))
        }
        Proof::Identity(verified, from) => {
            identity::begin_session(site, device, (verified, from), session).await
        }
        Proof::Passkey(passkey, after) => {
            let session = Session { second_factor: true, ..session(passkey.account) };
            let has_begun =
                store.begin_session(&session, SessionProof::Passkey(passkey, after)).await?;
            Ok(has_begun.then_some(passkey.account))
        }
    }
}

/// A change of a reader's ways to sign in, which ends their other sessions and tells them.
pub(super) fn factor_change<'a>(
    site: &Site,
    reader: &'a SignedIn,
    told: &'a [Email],
) -> FactorChange<'a> {
    FactorChange { by: Some(&reader.session.key), emails: told, at: (site.clock)() }
}

/// The sessions of a reader that a change ends, to be handed to [`after_factor_change`].
pub(super) async fn other_sessions(
    site: &Site,
    reader: &SignedIn,
) -> Result<Vec<Digest>, StoreError> {
    let all = site.store.sessions_of(reader.account.id).await?.into_iter();
    let keys = all.map(|session| session.key);
    Ok(keys.filter(|key| *key != reader.session.key).collect())
}

/// Forgets the sessions that a change has ended, and sends what tells the reader.
pub(super) async fn after_factor_change(site: &Site, ended: Vec<Digest>) {
    site.accounts.forget_sessions(ended).await;
    site.outbox_wakeup.notify_one();
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

/// The cookie with the address that the page shows to which the email was sent, and the path to go to afterwards.
pub(super) fn asked_cookie(site: &Site, email: &EmailAddress, from: &str) -> String {
    let lasts = sign_in::LIFETIME.as_secs();
    site.cookies.set(site.cookies.asked, &AskedSignIn::value(email, from), lasts)
}
