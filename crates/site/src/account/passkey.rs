//! Passkeys: made on the account page, used on the page to sign in. Both ask for a challenge first, and
//! send what the device has answered as a form.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use masthead_circulation::{AccountId, Passkey, Secret, passkey::MAX};
use masthead_identity::{
    Passkeys,
    passkeys::{Challenge, Credential, PasskeyError, PasskeyOwner},
};
use masthead_mail::emails;
use masthead_web::form;
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{
    admission,
    page::{Nothing, Present, act},
};
use crate::pages::NO_STORE;
use crate::{response, state::Site};
use masthead_publication::{PageError, contexts::PasskeyContext};
use masthead_web::form::see_other;

#[derive(Deserialize)]
struct Answered {
    challenge: String,
    answer: String,
    #[serde(default)]
    from: String,
}

impl Site {
    /// Passkeys for this site, where there can be any.
    pub(super) fn passkeys(&self) -> Option<Passkeys> {
        let publication = &self.snapshot().publication;
        Passkeys::new(&publication.name, &publication.address)
    }

    /// An account's passkeys as its reader sees them; none where there can be none.
    pub(super) async fn passkey_contexts(
        &self,
        account: AccountId,
    ) -> Result<Option<Vec<PasskeyContext>>, PageError> {
        if self.passkeys().is_none() {
            return Ok(None);
        }
        let snapshot = self.snapshot();
        let own = self.store.passkeys_of(account).await?;
        let context = |passkey: Passkey| PasskeyContext {
            id: passkey.id,
            device: passkey.device,
            added: snapshot.date_of(passkey.added),
            used: passkey.used.map(|used| snapshot.date_of(used)).unwrap_or_default(),
        };
        Ok(Some(own.into_iter().map(context).collect()))
    }
}

/// Asks the device of somebody who is signed in to make a passkey.
pub(super) async fn offer(State(site): State<Arc<Site>>, request: Request) -> Response {
    act(&site, request, async |present, Nothing {}| {
        let own = site.store.passkeys_of(present.account.id).await?;
        let Some(passkeys) = site.passkeys().filter(|_| own.len() < MAX) else {
            return Ok(refused(StatusCode::CONFLICT));
        };
        let known: Vec<Credential> = own.into_iter().map(key).collect();
        let Present { account, .. } = present;
        let holder = PasskeyOwner { account: account.id.0, email: account.email.as_str() };
        ask(&site, passkeys.start_registration(&holder, &known)).await
    })
    .await
}

/// Keeps the passkey that a device has made.
pub(super) async fn add(State(site): State<Arc<Site>>, request: Request) -> Response {
    let headers = request.headers().clone();
    act(&site, request, async |present, answer: Answered| {
        let now = (site.clock)();
        let Some(passkeys) = site.passkeys() else { return Ok(refused(StatusCode::CONFLICT)) };
        let state = asked(&site, &answer).await?;
        let made = state.map(|state| passkeys.finish_registration(&state, &answer.answer));
        let Some(Ok(made)) = made else { return Ok(refused(StatusCode::UNPROCESSABLE_ENTITY)) };
        let passkey = Passkey {
            id: made.id,
            account: present.account.id,
            device: site.device_name(&headers),
            public: made.public,
            added: now,
            used: None,
        };
        if !site.store.add_passkey(&passkey).await? {
            return Ok(refused(StatusCode::CONFLICT));
        }
        let snapshot = site.snapshot();
        let letter = emails::passkey(&snapshot, &present.account, &passkey.device)?;
        site.store.enqueue_email(&letter, now).await?;
        site.outbox_wakeup.notify_one();
        Ok(done("/account", &[]))
    })
    .await
}

pub(super) async fn remove(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(&site, request, async |present, Nothing {}| {
        site.store.remove_passkey(present.account.id, &id).await?;
        Ok(see_other("/account", &[]))
    })
    .await
}

/// Asks whoever is there for a passkey.
pub(super) async fn challenge(State(site): State<Arc<Site>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let admitted = site.limits.admit_form(site.client(&request));
    let form = form::read::<Nothing>(request, &site.snapshot().publication.address).await;
    let Some(passkeys) = site.passkeys().filter(|_| admitted && form.is_ok()) else {
        return refused(StatusCode::CONFLICT);
    };
    let answer = ask(&site, passkeys.start_authentication()).await;
    site.or_failed(&headers, answer).await
}

/// Signs in whose passkey has answered.
pub(super) async fn sign_in(State(site): State<Arc<Site>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let admitted = site.limits.admit_form(site.client(&request));
    let form = form::read::<Answered>(request, &site.snapshot().publication.address).await;
    let Ok(form) = form else { return refused(StatusCode::BAD_REQUEST) };
    if !admitted {
        return refused(StatusCode::TOO_MANY_REQUESTS);
    }
    let answer = open(&site, &headers, &form).await;
    site.or_failed(&headers, answer).await
}

async fn open(site: &Site, headers: &HeaderMap, answer: &Answered) -> Result<Response, PageError> {
    let unknown = || Ok(refused(StatusCode::UNPROCESSABLE_ENTITY));
    let Some(passkeys) = site.passkeys() else { return unknown() };
    let Some(state) = asked(site, answer).await? else { return unknown() };
    let Ok(id) = Passkeys::credential_id(&answer.answer) else { return unknown() };
    let Some(passkey) = site.store.passkey(&id).await? else { return unknown() };
    let account = passkey.account;
    let Ok(used) = passkeys.finish_authentication(&state, &answer.answer, &key(passkey)) else {
        return unknown();
    };
    site.store.update_passkey(&used.id, &used.public, (site.clock)()).await?;
    let cookies = admission::admit(site, headers, account).await?;
    Ok(done(form::safe_local_path(&answer.from), &cookies))
}

fn key(passkey: Passkey) -> Credential {
    Credential { id: passkey.id, public: passkey.public }
}

/// Keeps a challenge and hands it to the browser.
async fn ask(
    site: &Site,
    challenge: Result<Challenge, PasskeyError>,
) -> Result<Response, PageError> {
    let challenge = challenge
        .and_then(|challenge| Ok((RawValue::from_string(challenge.options)?, challenge.state)));
    let (options, state) = match challenge {
        Ok(challenge) => challenge,
        Err(error) => {
            tracing::error!(%error, "passkeys: challenge cannot be created");
            return Ok(refused(StatusCode::INTERNAL_SERVER_ERROR));
        }
    };
    let secret = Secret::generate(&mut rand::rng());
    site.store.create_challenge(&secret.digest(), &state, (site.clock)()).await?;
    Ok(said(StatusCode::OK, &json!({ "challenge": secret.to_string(), "options": options })))
}

/// What was asked, where the answer comes in time and for the first time.
async fn asked(site: &Site, answer: &Answered) -> Result<Option<String>, PageError> {
    let Ok(secret) = answer.challenge.parse::<Secret>() else { return Ok(None) };
    Ok(site.store.consume_challenge(&secret.digest(), (site.clock)()).await?)
}

fn done(to: &str, cookies: &[String]) -> Response {
    let mut answer = said(StatusCode::OK, &json!({ "to": to }));
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::try_from(cookie).ok()) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// The page says what that means: it is the same for a key that is unknown and for a forged one.
fn refused(status: StatusCode) -> Response {
    said(status, &json!({}))
}

fn said(status: StatusCode, body: &serde_json::Value) -> Response {
    let mut answer = response::plain(status, body.to_string());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    answer
}
