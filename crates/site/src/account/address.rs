//! Changing the address of an account. Both addresses get an email and must confirm, so that neither an unlocked
//! device nor a typing error takes an account away from its reader.

use std::sync::Arc;

use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use masthead_circulation::{Account, AddressMove, Digest, EmailAddress, Secret};
use masthead_mail::emails::{self, SecurityNotice};
use masthead_publication::{
    ReaderLinks, Template, ThemeError,
    compression::Encoding,
    contexts::{AccountContext, AddressContext},
};
use masthead_store::{AddressChangeResult, Email};
use masthead_telemetry::security::{SecurityEntry, SecurityEvent};
use masthead_web::client::Origin;
use serde::Deserialize;

use super::page;
use crate::{
    entered_email::entered_email,
    error::{Handled, SiteError},
    extract::{Accepts, ConfirmedForm, EmptyForm, ReaderForm, SignedIn, UrlPath},
    notice::Notice,
    security::RequestLimit,
    state::Site,
};

#[derive(Deserialize)]
pub(super) struct AddressForm {
    email: String,
}

/// Sends an email to both addresses.
pub(super) async fn request(
    State(site): State<Arc<Site>>,
    Accepts(encoding): Accepts,
    ConfirmedForm { reader, form }: ConfirmedForm<AddressForm>,
) -> Handled {
    let email = match entered_email(&site.snapshot().publication, &form.email) {
        Ok(email) => email,
        Err(fault) => return page_with_fault(&site, encoding, reader, (form.email, fault)).await,
    };
    let (account, now) = (reader.account.id, (site.clock)());
    if !site.email_limits.admit_address_change(&site.store, account, &email, now).await? {
        site.log_limit(RequestLimit::AddressChanges, None, Some(account));
        return Err(Notice::TooManyEmails.into());
    }
    send_emails(&site, reader, email).await?;
    Ok(Notice::AddressChangeSent.into_response())
}

/// The account page, with what was entered and what is wrong with it.
async fn page_with_fault(
    site: &Site,
    encoding: Encoding,
    reader: SignedIn,
    (entered, fault): (String, &str),
) -> Handled {
    let links = reader.links(site);
    let email_fault = site.snapshot().theme.word(fault).to_owned();
    let context = page::context(site, reader).await?;
    let context = AccountContext { is_faulty: true, new_email: entered, email_fault, ..context };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    site.personal_page(encoding, status, links, Template::Account, &context)
}

async fn send_emails(site: &Site, reader: SignedIn, email: EmailAddress) -> Result<(), SiteError> {
    let now = (site.clock)();
    let snapshot = site.snapshot();
    let [old, new] = [(); 2].map(|()| Secret::generate(&mut rand::rng()));
    let account = &reader.account;
    let to_old = emails::address_change(&snapshot, account, &account.email, &email, &old)?;
    let to_new = emails::address_change(&snapshot, account, &email, &email, &new)?;
    let change = AddressMove {
        from_old: old.digest(),
        from_new: new.digest(),
        account: account.id,
        email,
        asked: now,
        old_agrees: false,
        new_agrees: false,
    };
    site.store.create_address_change(&change).await?;
    site.store.enqueue_email(&to_old, now).await?;
    site.store.enqueue_email(&to_new, now).await?;
    site.outbox_wakeup.notify_one();
    Ok(())
}

/// The page behind a link in an email. Mail programs follow links by themselves, so that confirming takes a button.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    UrlPath(secret): UrlPath<String>,
    Accepts(encoding): Accepts,
) -> Handled {
    let secret = parse(&secret)?;
    let change = site.store.address_change_by_secret(&secret.digest()).await?;
    let change = change.filter(|change| !change.is_over((site.clock)()));
    let change = change.ok_or(Notice::AddressChangeExpired)?;
    let snapshot = site.snapshot();
    let context = AddressContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("move")),
        email: change.email.to_string(),
        action: format!("/account/address/{secret}"),
    };
    site.personal_page(encoding, StatusCode::OK, ReaderLinks::Account, Template::Address, &context)
}

/// Confirms for one of the two addresses, and changes the account when both have.
pub(super) async fn confirm(
    State(site): State<Arc<Site>>,
    UrlPath(secret): UrlPath<String>,
    Origin(origin): Origin,
    reader: Option<SignedIn>,
    _: ReaderForm<EmptyForm>,
) -> Result<Notice, SiteError> {
    let secret = parse(&secret)?;
    let change = site.store.confirm_address_change(&secret.digest(), (site.clock)()).await?;
    let change = change.ok_or(Notice::AddressChangeExpired)?;
    if !change.is_agreed() {
        return Ok(Notice::AddressChangeHalfConfirmed);
    }
    let here = reader.filter(|reader| reader.account.id == change.account);
    let here = here.map(|reader| reader.session.key);
    change_address(&site, &change, here).await?;
    let entry = SecurityEntry::success(SecurityEvent::AddressChanged, &origin);
    site.security_log.record(&entry.by(change.account.0));
    Ok(Notice::AddressChanged)
}

/// Gives an account its new address, ends its sessions except that of this device, and tells both addresses.
async fn change_address(
    site: &Site,
    change: &AddressMove,
    here: Option<Digest>,
) -> Result<(), SiteError> {
    let sessions = site.store.sessions_of(change.account).await?;
    let before = site.store.account(change.account).await?.ok_or(Notice::AddressChangeExpired)?;
    let after = Account { email: change.email.clone(), ..before.clone() };
    let (snapshot, notice) = (site.snapshot(), SecurityNotice::AddressChanged);
    let told = [&before, &after]
        .map(|account| emails::security(&snapshot, account, notice, change.email.as_str()));
    let told = told.into_iter().collect::<Result<Vec<Email>, ThemeError>>()?;
    match site.store.change_address(change, here.as_ref(), &told, (site.clock)()).await? {
        AddressChangeResult::Changed(_) => {}
        AddressChangeResult::Taken => return Err(Notice::AddressTaken.into()),
        AddressChangeResult::NotRequested => return Err(Notice::AddressChangeExpired.into()),
    }
    let ended = sessions.into_iter().map(|session| session.key).filter(|key| here != Some(*key));
    site.accounts.forget_sessions(ended).await;
    site.outbox_wakeup.notify_one();
    Ok(())
}

fn parse(secret: &str) -> Result<Secret, SiteError> {
    secret.parse().map_err(|_| Notice::AddressChangeExpired.into())
}
