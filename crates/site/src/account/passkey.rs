//! Passkeys (WebAuthn): made on the account page, used on the page to sign in. A script asks for a challenge first, and
//! sends what the device has answered as a form.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderValue, StatusCode, header};
use masthead_circulation::{AccountId, Passkey, Secret, passkey::MAX};
use masthead_identity::{
    Passkeys,
    passkeys::{Challenge, PasskeyCredential, PasskeyError, PasskeyOwner},
};
use masthead_mail::emails::{self, SecurityNotice};
use masthead_publication::contexts::PasskeyContext;
use masthead_store::{PasskeyUse, StoreError};
use masthead_telemetry::security::SecurityEvent;
use masthead_web::form::safe_local_path;
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::admission::{self, Proof};
use crate::{
    error::{Handled, SiteError},
    extract::{
        ConfirmedForm, ConfirmedReader, Device, DeviceName, EmptyForm, Limited, ReaderForm,
        UrlPath, limit::SignIns,
    },
    note::Note,
    response,
    state::Site,
};

/// What a device has answered to a challenge.
#[derive(Deserialize)]
pub(super) struct PasskeyForm {
    challenge: String,
    answer: String,
    #[serde(default)]
    from: String,
}

/// Passkeys for this site; `None` if it cannot have any.
pub(super) fn available(site: &Site) -> Option<Passkeys> {
    let publication = &site.snapshot().publication;
    Passkeys::new(&publication.name, &publication.address)
}

/// An account's passkeys as its reader sees them; `None` if the site cannot have any.
pub(super) async fn contexts(
    site: &Site,
    account: AccountId,
) -> Result<Option<Vec<PasskeyContext>>, StoreError> {
    let Some(relying_party) = site.relying_party() else { return Ok(None) };
    let snapshot = site.snapshot();
    let own = site.store.passkeys_of(account).await?;
    let context = |passkey: Passkey| PasskeyContext {
        elsewhere: !passkey.works_for(&relying_party),
        id: passkey.id,
        device: passkey.device,
        added: snapshot.date_of(passkey.added),
        used: passkey.used.map(|used| snapshot.date_of(used)).unwrap_or_default(),
    };
    Ok(Some(own.into_iter().map(context).collect()))
}

/// A challenge for a device of a signed-in reader, to make a passkey. An account that has as many as it may have is refused here,
/// before a device makes one; [`Store::add_passkey`](masthead_store::Store::add_passkey) decides.
pub(super) async fn registration_challenge(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    ConfirmedReader(reader): ConfirmedReader,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    let own = site.store.passkeys_of(reader.account.id).await?;
    let has_room = u64::try_from(own.len()).is_ok_and(|number| number < MAX);
    let passkeys = available(&site).filter(|_| has_room).ok_or_else(unavailable)?;
    let own = own.into_iter().filter(|passkey| passkey.works_for(passkeys.relying_party()));
    let known: Vec<PasskeyCredential> = own.map(credential).collect();
    let account = &reader.account;
    let owner = PasskeyOwner { account: account.id.0, email: account.email.as_str() };
    challenge(&site, passkeys.start_registration(&owner, &known)).await
}

/// Stores the passkey that a device has made.
pub(super) async fn add(
    State(site): State<Arc<Site>>,
    DeviceName(device): DeviceName,
    ConfirmedReader(reader): ConfirmedReader,
    ReaderForm(form): ReaderForm<PasskeyForm>,
) -> Handled {
    let now = (site.clock)();
    let passkeys = available(&site).ok_or_else(unavailable)?;
    let state = take_challenge(&site, &form).await?;
    let made = passkeys.finish_registration(&state, &form.answer).map_err(|_| refused())?;
    let passkey = Passkey {
        id: made.id,
        account: reader.account.id,
        device,
        public: made.public,
        added: now,
        used: None,
        relying_party: Some(passkeys.relying_party().to_owned()),
    };
    let notice = SecurityNotice::PasskeyAdded;
    let told = [emails::security(&site.snapshot(), &reader.account, notice, &passkey.device)?];
    let others = admission::other_sessions(&site, &reader).await?;
    let change = admission::factor_change(&site, &reader, &told);
    if !site.store.add_passkey(&passkey, change).await? {
        return Err(unavailable());
    }
    admission::after_factor_change(&site, others).await;
    reader.log(&site, SecurityEvent::PasskeyAdded);
    Ok(done("/account", &[Note::PasskeyAdded.cookie(&site)]))
}

/// Removes a passkey from its account.
pub(super) async fn remove(
    State(site): State<Arc<Site>>,
    UrlPath(id): UrlPath<String>,
    ConfirmedForm { reader, .. }: ConfirmedForm<EmptyForm>,
) -> Handled {
    let passkey = site.store.passkey(&id).await?;
    let Some(passkey) = passkey.filter(|passkey| passkey.account == reader.account.id) else {
        return Ok(Note::Unchanged.on(&site, "/account"));
    };
    let notice = SecurityNotice::PasskeyRemoved;
    let told = [emails::security(&site.snapshot(), &reader.account, notice, &passkey.device)?];
    let others = admission::other_sessions(&site, &reader).await?;
    let change = admission::factor_change(&site, &reader, &told);
    if !site.store.remove_passkey(reader.account.id, &id, change).await? {
        return Ok(Note::Unchanged.on(&site, "/account"));
    }
    admission::after_factor_change(&site, others).await;
    reader.log(&site, SecurityEvent::PasskeyRemoved);
    Ok(Note::PasskeyRemoved.on(&site, "/account"))
}

/// A challenge for any device, to sign in with a passkey.
pub(super) async fn sign_in_challenge(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    let passkeys = available(&site).ok_or_else(unavailable)?;
    challenge(&site, passkeys.start_authentication()).await
}

/// Signs in with a passkey.
pub(super) async fn sign_in(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    device: Device,
    ReaderForm(form): ReaderForm<PasskeyForm>,
) -> Handled {
    let passkeys = available(&site).ok_or_else(refused)?;
    let state = take_challenge(&site, &form).await?;
    let id = Passkeys::credential_id(&form.answer).map_err(|_| refused())?;
    let passkey = site.store.passkey(&id).await?.ok_or_else(refused)?;
    let verified = credential(passkey.clone());
    let used = passkeys.finish_authentication(&state, &form.answer, &verified);
    let used = used.map_err(|_| refused())?;
    let relying_party = passkeys.relying_party().to_owned();
    let after = PasskeyUse { public: used.public, relying_party };
    let cookies = admission::admit(&site, &device, Proof::Passkey(&passkey, &after)).await?;
    let cookies = cookies.ok_or_else(refused)?;
    Ok(done(safe_local_path(&form.from), &cookies))
}

fn credential(passkey: Passkey) -> PasskeyCredential {
    PasskeyCredential { id: passkey.id, public: passkey.public }
}

/// Stores a challenge and hands it to the browser.
async fn challenge(site: &Site, challenge: Result<Challenge, PasskeyError>) -> Handled {
    let challenge = challenge
        .and_then(|challenge| Ok((RawValue::from_string(challenge.options)?, challenge.state)));
    let (options, state) = challenge.map_err(SiteError::failed("passkeys: create challenge"))?;
    let secret = Secret::generate(&mut rand::rng());
    site.store.create_challenge(&secret.digest(), &state, (site.clock)()).await?;
    let body = json!({ "challenge": secret.to_string(), "options": options });
    Ok(response::json(StatusCode::OK, &body))
}

/// Takes the challenge that was stored, if the answer comes in time and for the first time.
async fn take_challenge(site: &Site, form: &PasskeyForm) -> Result<String, SiteError> {
    let secret = form.challenge.parse::<Secret>().map_err(|_| refused())?;
    let state = site.store.consume_challenge(&secret.digest(), (site.clock)()).await?;
    state.ok_or_else(refused)
}

fn done(to: &str, cookies: &[String]) -> Response {
    let mut answer = response::json(StatusCode::OK, &json!({ "to": to }));
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::try_from(cookie).ok()) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// The same for an unknown passkey and for a forged one.
fn refused() -> SiteError {
    SiteError::problem(StatusCode::UNPROCESSABLE_ENTITY, "The passkey is not accepted.")
}

fn unavailable() -> SiteError {
    SiteError::problem(StatusCode::CONFLICT, "There can be no passkey, or no more of them.")
}
