//! Another address for an account. Both ends get a letter and must agree, so that neither a device left
//! open nor a typing error takes an account away from its reader.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use masthead_circulation::{AddressMove, EmailAddress, Secret};
use masthead_mail::emails;
use masthead_web::form;
use serde::Deserialize;

use super::page::{Nothing, Present, act};
use crate::state::Site;
use masthead_publication::{PageError, Template, contexts::AddressContext};

#[derive(Deserialize)]
struct Wanted {
    email: String,
}

pub(super) async fn ask(State(site): State<Arc<Site>>, request: Request) -> Response {
    let headers = request.headers().clone();
    act(&site, request, async |present, Wanted { email }| {
        let Ok(email) = email.parse::<EmailAddress>() else {
            return Ok(site.notice(
                StatusCode::UNPROCESSABLE_ENTITY,
                &headers,
                "fault_address",
                "/account",
            ));
        };
        let old = &present.account.email;
        if !(site.limits.admit_letter(email.as_str()) && site.limits.admit_letter(old.as_str())) {
            return Ok(site.notice(
                StatusCode::TOO_MANY_REQUESTS,
                &headers,
                "fault_often",
                "/account",
            ));
        }
        send_letters(&site, &present, email).await?;
        Ok(site.notice(StatusCode::OK, &headers, "move_sent", "/account"))
    })
    .await
}

async fn send_letters(
    site: &Site,
    present: &Present,
    email: EmailAddress,
) -> Result<(), PageError> {
    let now = (site.clock)();
    let snapshot = site.snapshot();
    let [old, new] = [(); 2].map(|()| Secret::generate(&mut rand::rng()));
    let account = &present.account;
    let to_old = emails::address_change(&snapshot, account, &account.email, &email, &old)?;
    let to_new = emails::address_change(&snapshot, account, &email, &email, &new)?;
    let wanted = AddressMove {
        from_old: old.digest(),
        from_new: new.digest(),
        account: present.account.id,
        email,
        asked: now,
        old_agrees: false,
        new_agrees: false,
    };
    site.store.create_address_change(&wanted).await?;
    site.store.enqueue_email(&to_old, now).await?;
    site.store.enqueue_email(&to_new, now).await?;
    site.outbox_wakeup.notify_one();
    Ok(())
}

/// A link was followed. Mail programs follow links by themselves, so that agreeing takes a button.
pub(super) async fn see(
    State(site): State<Arc<Site>>,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Response {
    let answer = ask_page(&site, &headers, &secret).await;
    site.or_failed(&headers, answer).await
}

async fn ask_page(site: &Site, headers: &HeaderMap, text: &str) -> Result<Response, PageError> {
    let over = || site.notice(StatusCode::GONE, headers, "move_over", "/account");
    let Ok(secret) = text.parse::<Secret>() else { return Ok(over()) };
    let wanted = site.store.address_change_by_secret(&secret.digest()).await?;
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_over((site.clock)())) else {
        return Ok(over());
    };
    let snapshot = site.snapshot();
    let context = AddressContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("move")),
        email: wanted.email.to_string(),
        action: format!("/account/address/{secret}"),
    };
    Ok(site.personal_page(StatusCode::OK, headers, Template::Address, &context))
}

pub(super) async fn agree(
    State(site): State<Arc<Site>>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    let address = site.snapshot().publication.address.clone();
    if form::read::<Nothing>(request, &address).await.is_err() {
        return site.notice(StatusCode::BAD_REQUEST, &headers, "fault_form", "/account");
    }
    let answer = settle(&site, &headers, &secret).await;
    site.or_failed(&headers, answer).await
}

async fn settle(site: &Site, headers: &HeaderMap, text: &str) -> Result<Response, PageError> {
    let says = |status, what| Ok(site.notice(status, headers, what, "/account"));
    let Ok(secret) = text.parse::<Secret>() else { return says(StatusCode::GONE, "move_over") };
    let wanted = site.store.confirm_address_change(&secret.digest(), (site.clock)()).await?;
    let Some(wanted) = wanted else { return says(StatusCode::GONE, "move_over") };
    if !wanted.is_agreed() {
        return says(StatusCode::OK, "move_half");
    }
    let moved = site.store.change_address(wanted.account, &wanted.email).await?;
    site.store.delete_address_change(wanted.account).await?;
    if moved { says(StatusCode::OK, "move_done") } else { says(StatusCode::CONFLICT, "move_taken") }
}
