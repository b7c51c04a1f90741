//! Coming to the desk for the first time, by the link of an invitation.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use masthead_circulation::{Account, EmailAddress, Secret, Session, staff::Invitation};
use masthead_store::{Joined, StoreError};
use masthead_web::{device, form};
use serde::{Deserialize, Serialize};

use crate::{
    Desk, auth,
    form::form_status,
    pages::Said,
    people::{about, word},
};

/// No name is longer, in characters.
const LONGEST_NAME: usize = 100;

/// The address of an invitation.
pub(crate) fn link(address: &str, secret: &Secret) -> String {
    format!("{address}/desk/join/{secret}")
}

#[derive(Serialize)]
struct Asked<'a> {
    secret: &'a str,
    role: &'static str,
    about: &'static str,
    /// Whom the invitation is for; empty where they say so themselves.
    invited: String,
    email: &'a str,
    name: &'a str,
    fault: &'static str,
}

#[derive(Default, Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
}

pub(crate) async fn page(State(desk): State<Arc<Desk>>, Path(secret): Path<String>) -> Response {
    match invitation(&desk, &secret).await {
        Ok(Some(invitation)) => ask(&desk, &secret, &invitation, &Answer::default(), ""),
        Ok(None) => desk.say(StatusCode::GONE, None, &Said::NO_INVITATION),
        Err(error) => desk.failed(&error),
    }
}

/// Looking at an invitation does not use it up: programs that check mail follow links.
async fn invitation(desk: &Desk, secret: &str) -> Result<Option<Invitation>, StoreError> {
    let Ok(secret) = secret.parse::<Secret>() else { return Ok(None) };
    let invitation = desk.on.store.invitation(&secret.digest()).await?;
    Ok(invitation.filter(|invitation| !invitation.is_over(desk.now())))
}

fn ask(
    desk: &Desk,
    secret: &str,
    invitation: &Invitation,
    answer: &Answer,
    fault: &'static str,
) -> Response {
    let status = form_status(fault);
    let asked = Asked {
        secret,
        role: word(invitation.role),
        about: about(invitation.role),
        invited: invitation.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        email: &answer.email,
        name: &answer.name,
        fault,
    };
    desk.page(status, None, "join.html", &asked)
}

pub(crate) async fn accept(
    State(desk): State<Arc<Desk>>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    let Ok(answer) = form::read_cross_site::<Answer>(request).await else {
        return desk.say(StatusCode::BAD_REQUEST, None, &Said::UNREADABLE);
    };
    match come(&desk, &secret, &answer, &headers).await {
        Ok(response) => response,
        Err(error) => desk.failed(&error),
    }
}

async fn come(
    desk: &Desk,
    secret: &str,
    answer: &Answer,
    headers: &HeaderMap,
) -> Result<Response, StoreError> {
    let gone = || desk.say(StatusCode::GONE, None, &Said::NO_INVITATION);
    let Some(invitation) = invitation(desk, secret).await? else { return Ok(gone()) };
    let again = |fault| Ok(ask(desk, secret, &invitation, answer, fault));
    let email = match &invitation.email {
        Some(email) => email.clone(),
        None => match answer.email.parse::<EmailAddress>() {
            Ok(email) => email,
            Err(_) => {
                return again("That is no e-mail address. Write one such as ada@example.org.");
            }
        },
    };
    let name = answer.name.trim();
    if name.chars().count() > LONGEST_NAME {
        return again("That name is too long. A hundred characters are the most.");
    }
    let before = auth::session(desk, headers).await?;
    let signed_in = before.as_ref().map(|session| session.account);
    let account = match desk
        .on
        .store
        .join(&invitation.key, (&email, name), signed_in, desk.now())
        .await?
    {
        Joined::Done(account) => account,
        Joined::Gone => return Ok(gone()),
        Joined::NotTheirs => {
            return again(
                "There is an account with this address already. If it is yours, sign in on the site first, \
                 and open this link again.",
            );
        }
    };
    if let Some(before) = before {
        desk.on.store.end_session(before.account, &before.key).await?;
    }
    let cookie = signed_in_cookie(desk, &account, headers).await?;
    Ok(auth::led_in(cookie))
}

/// Signs somebody in on this device; the cookie for it.
async fn signed_in_cookie(
    desk: &Desk,
    account: &Account,
    headers: &HeaderMap,
) -> Result<String, StoreError> {
    let (secret, now) = (Secret::generate(&mut rand::rng()), desk.now());
    let session = Session {
        key: secret.digest(),
        account: account.id,
        device: device::name(headers).unwrap_or_else(|| "A device".to_owned()),
        begun: now,
        seen: now,
    };
    desk.on.store.create_session(&session).await?;
    let cookies = desk.on.cookies;
    Ok(cookies.set(cookies.session, &secret.to_string(), Session::LIFETIME.as_secs()))
}
