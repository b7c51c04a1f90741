//! Registering and signing in, which are one: a letter with a link, and an account for whoever follows
//! it. What a page says and how long it takes does not depend on whether there is an account.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, Request, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use masthead_circulation::{
    EmailAddress, Secret,
    sign_in::{self, SignInRefused, code_digest, generate_code},
};
use masthead_mail::emails;
use masthead_store::StoreError;
use masthead_web::{cookies, form};
use serde::Deserialize;

use super::admission;
use crate::{return_to, state::Site};
use masthead_publication::{
    PageError, Template,
    contexts::{SentContext, SignInContext},
};
use masthead_web::form::see_other;

/// What the form of both pages holds.
#[derive(Deserialize)]
pub(super) struct Asked {
    email: String,
    #[serde(default)]
    from: String,
}

#[derive(Deserialize)]
pub(super) struct Code {
    code: String,
}

/// Where to go back to, where a page knows better than the browser.
#[derive(Deserialize)]
pub(super) struct Way {
    from: Option<String>,
    /// Whether whoever is signed in is asked to do it again, as the desk asks after a day.
    #[serde(default)]
    again: bool,
}

pub(super) async fn register(
    State(site): State<Arc<Site>>,
    Query(way): Query<Way>,
    headers: HeaderMap,
) -> Response {
    ask_page(&site, way, &headers, true).await
}

pub(super) async fn sign_in(
    State(site): State<Arc<Site>>,
    Query(way): Query<Way>,
    headers: HeaderMap,
) -> Response {
    ask_page(&site, way, &headers, false).await
}

async fn ask_page(site: &Site, way: Way, headers: &HeaderMap, registering: bool) -> Response {
    if !way.again && site.signed_in(headers).await.is_some() {
        return see_other("/account", &[]);
    }
    let before = || return_to::came_from(headers, &site.snapshot().publication.address);
    let from = way.from.unwrap_or_else(before);
    let empty = Asked { email: String::new(), from };
    form_page(site, headers, registering, &empty, false)
}

fn form_page(
    site: &Site,
    headers: &HeaderMap,
    registering: bool,
    asked: &Asked,
    fault: bool,
) -> Response {
    let snapshot = site.snapshot();
    let title = snapshot.theme.word(if registering { "register" } else { "sign_in" });
    let context = SignInContext {
        chrome: snapshot.layout().bare_chrome(title),
        registering,
        from: form::safe_local_path(&asked.from).to_owned(),
        passkeys: site.passkeys().is_some(),
        openid: site.openid_links(&asked.from),
        email: asked.email.clone(),
        fault: if fault { snapshot.theme.word("fault_email").to_owned() } else { String::new() },
    };
    let status = if fault { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    site.personal_page(status, headers, Template::SignIn, &context)
}

pub(super) async fn ask_to_register(State(site): State<Arc<Site>>, request: Request) -> Response {
    ask(&site, request, true).await
}

pub(super) async fn ask_to_sign_in(State(site): State<Arc<Site>>, request: Request) -> Response {
    ask(&site, request, false).await
}

async fn ask(site: &Site, request: Request, registering: bool) -> Response {
    let headers = request.headers().clone();
    let admitted = site.limits.admit_form(site.client(&request));
    let Ok(asked) = form::read::<Asked>(request, &site.snapshot().publication.address).await else {
        return site.notice(StatusCode::BAD_REQUEST, &headers, "fault_form", "/sign-in");
    };
    let Ok(email) = asked.email.parse::<EmailAddress>() else {
        return form_page(site, &headers, registering, &asked, true);
    };
    if !admitted || !site.limits.admit_letter(email.as_str()) {
        return site.notice(StatusCode::TOO_MANY_REQUESTS, &headers, "fault_often", "/sign-in");
    }
    let answer = send_letter(site, &headers, email, form::safe_local_path(&asked.from)).await;
    site.or_failed(&headers, answer).await
}

async fn send_letter(
    site: &Site,
    headers: &HeaderMap,
    email: EmailAddress,
    from: &str,
) -> Result<Response, PageError> {
    let now = (site.clock)();
    let snapshot = site.snapshot();
    let (link, code, device) = {
        let mut rng = rand::rng();
        let device = device(site, headers).unwrap_or_else(|| Secret::generate(&mut rng));
        (Secret::generate(&mut rng), generate_code(&mut rng), device)
    };
    let request = sign_in::SignInRequest {
        link: link.digest(),
        device: device.digest(),
        code: code_digest(&code, &device.digest()),
        email,
        from: from.to_owned(),
        asked: now,
        tries: 0,
    };
    let letter = emails::sign_in(&snapshot, &request.email, &link, &code)?;
    site.store.ask_to_sign_in(&request).await?;
    site.store.enqueue_email(&letter, now).await?;
    site.outbox_wakeup.notify_one();
    let cookie =
        site.cookies.set(site.cookies.device, &device.to_string(), sign_in::LIFETIME.as_secs());
    Ok(see_other("/sign-in/sent", &[cookie]))
}

/// The secret of a device that has asked.
pub(super) fn device(site: &Site, headers: &HeaderMap) -> Option<Secret> {
    cookies::get(headers, site.cookies.device)?.parse().ok()
}

pub(super) async fn sent(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    sent_page(&site, &headers, false)
}

fn sent_page(site: &Site, headers: &HeaderMap, fault: bool) -> Response {
    let snapshot = site.snapshot();
    let context = SentContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("sent")),
        fault: if fault { snapshot.theme.word("fault_code").to_owned() } else { String::new() },
    };
    let status = if fault { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    site.personal_page(status, headers, Template::SignInSent, &context)
}

/// The link in the letter was followed.
pub(super) async fn by_link(
    State(site): State<Arc<Site>>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    if crate::address::is_speculative(&headers) {
        return crate::address::speculation_refused();
    }
    let answer = open_link(&site, &headers, &link).await;
    site.or_failed(&headers, answer).await
}

async fn open_link(site: &Site, headers: &HeaderMap, link: &str) -> Result<Response, PageError> {
    let over = || site.notice(StatusCode::GONE, headers, "fault_over", "/sign-in");
    let Ok(link) = link.parse::<Secret>() else { return Ok(over()) };
    let Some(request) = site.store.sign_in_request_by_link(&link.digest()).await? else {
        return Ok(over());
    };
    let device = device(site, headers).map(|device| device.digest());
    match request.by_link(device.as_ref(), (site.clock)()) {
        Ok(()) => Ok(let_in(site, headers, &request).await?.unwrap_or_else(over)),
        Err(SignInRefused::OtherDevice) => {
            Ok(site.notice(StatusCode::FORBIDDEN, headers, "fault_device", "/sign-in"))
        }
        Err(SignInRefused::Over | SignInRefused::WrongCode) => Ok(over()),
    }
}

/// The code in the letter was typed.
pub(super) async fn by_code(State(site): State<Arc<Site>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let admitted = site.limits.admit_form(site.client(&request));
    let Ok(form) = form::read::<Code>(request, &site.snapshot().publication.address).await else {
        return site.notice(StatusCode::BAD_REQUEST, &headers, "fault_form", "/sign-in");
    };
    if !admitted {
        return site.notice(StatusCode::TOO_MANY_REQUESTS, &headers, "fault_often", "/sign-in");
    }
    let answer = try_code(&site, &headers, &form.code).await;
    site.or_failed(&headers, answer).await
}

async fn try_code(site: &Site, headers: &HeaderMap, code: &str) -> Result<Response, PageError> {
    let over = || site.notice(StatusCode::GONE, headers, "fault_over", "/sign-in");
    let Some(device) = device(site, headers) else { return Ok(over()) };
    let request = site.store.sign_in_request_by_device(&device.digest()).await?;
    let Some(request) = request else { return Ok(over()) };
    // Claimed before the code is compared, so that attempts at once do not exceed the limit.
    if !site.store.claim_code_attempt(&request.link).await? {
        return Ok(over());
    }
    match request.by_code(code, (site.clock)()) {
        Ok(()) => Ok(let_in(site, headers, &request).await?.unwrap_or_else(over)),
        Err(SignInRefused::WrongCode) => Ok(sent_page(site, headers, true)),
        Err(SignInRefused::Over | SignInRefused::OtherDevice) => Ok(over()),
    }
}

/// Signs in whoever has shown that the address is theirs; nobody where the request is used up.
async fn let_in(
    site: &Site,
    headers: &HeaderMap,
    request: &sign_in::SignInRequest,
) -> Result<Option<Response>, StoreError> {
    if !site.store.consume_sign_in_request(&request.link).await? {
        return Ok(None);
    }
    let (account, is_new) = site.store.register(&request.email, (site.clock)()).await?;
    if is_new {
        site.count_registered(headers, &request.from).await;
    }
    let cookies = admission::admit(site, headers, account.id).await?;
    Ok(Some(see_other(form::safe_local_path(&request.from), &cookies)))
}
