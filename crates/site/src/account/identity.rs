//! Accounts elsewhere that sign in to an account here: linked when they first do, listed on the account page, and removed
//! there.

use std::sync::Arc;

use axum::extract::State;
use masthead_circulation::{Account, AccountId, Session};
use masthead_identity::openid::VerifiedIdentity;
use masthead_mail::emails::{self, SecurityNotice};
use masthead_publication::{ThemeError, contexts::IdentityContext};
use masthead_store::{Email, Identity, IdentitySignIn, StoreError};
use masthead_telemetry::security::{SecurityEntry, SecurityEvent};
use serde::Deserialize;

use super::admission;
use crate::{
    error::{Handled, SiteError},
    extract::{ConfirmedForm, Device},
    note::Note,
    notice::Notice,
    state::Site,
};

#[derive(Deserialize)]
pub(super) struct RemovalForm {
    issuer: String,
    subject: String,
}

/// The accounts elsewhere that are linked to an account, as its reader sees them.
pub(super) async fn contexts(
    site: &Site,
    account: AccountId,
) -> Result<Vec<IdentityContext>, StoreError> {
    let linked = site.store.identities_of(account).await?;
    let context = |Identity { issuer, subject }| IdentityContext {
        name: provider_name(site, &issuer).to_owned(),
        issuer,
        subject,
    };
    Ok(linked.into_iter().map(context).collect())
}

/// The name of a provider, or its host if readers cannot sign in with it any more.
fn provider_name<'a>(site: &'a Site, issuer: &'a str) -> &'a str {
    let provider = site.openid.providers().iter().find(|provider| provider.issuer == issuer);
    provider.map_or(issuer.trim_start_matches("https://"), |provider| &provider.name)
}

/// Begins a session of a reader who came from a path, with what a provider says about them. Returns `None` if that was taken
/// back meanwhile.
pub(super) async fn begin_session(
    site: &Site,
    device: &Device,
    (verified, from): (&VerifiedIdentity, &str),
    session: impl FnOnce(AccountId) -> Session,
) -> Result<Option<AccountId>, SiteError> {
    let VerifiedIdentity { issuer, subject, email } = verified;
    let identity = Identity { issuer: issuer.clone(), subject: subject.clone() };
    let email = email.as_ref().and_then(|email| email.parse().ok());
    let now = (site.clock)();
    let store = &site.store;
    // Who comes in by an account elsewhere comes in also if their owner cannot be told.
    let tell = |account: &Account| {
        notice(site, account, SecurityNotice::IdentityLinked, issuer)
            .inspect_err(|error| tracing::error!(%error, "sign-in: email of a linked account"))
            .ok()
    };
    let begun =
        store.begin_session_by_identity(&identity, email.as_ref(), now, session, tell).await?;
    let (account, is_new, is_linked) = match begun {
        IdentitySignIn::Begun { account, is_new, is_linked } => (account, is_new, is_linked),
        IdentitySignIn::Unverified => return Err(Notice::ProviderUnverified.into()),
        IdentitySignIn::Superseded => return Ok(None),
    };
    if is_new {
        site.count_registered(device, from).await;
    }
    if is_linked {
        let entry = SecurityEntry::success(SecurityEvent::IdentityLinked, &device.origin);
        site.security_log.record(&entry.by(account.id.0));
    }
    if is_linked && !is_new {
        site.outbox_wakeup.notify_one();
    }
    Ok(Some(account.id))
}

/// Removes an account elsewhere, so that it signs in no more.
pub(super) async fn remove(
    State(site): State<Arc<Site>>,
    ConfirmedForm { reader, form }: ConfirmedForm<RemovalForm>,
) -> Handled {
    let identity = Identity { issuer: form.issuer, subject: form.subject };
    let account = &reader.account;
    let told = [notice(&site, account, SecurityNotice::IdentityRemoved, &identity.issuer)?];
    let others = admission::other_sessions(&site, &reader).await?;
    let change = admission::factor_change(&site, &reader, &told);
    let has_changed = site.store.remove_identity(account.id, &identity, change).await?;
    if has_changed {
        admission::after_factor_change(&site, others).await;
        reader.log(&site, SecurityEvent::IdentityRemoved);
    }
    Ok(Note::IdentityRemoved.on_account_if(&site, has_changed))
}

/// The email that tells a reader what has become of an account at a provider.
fn notice(
    site: &Site,
    account: &Account,
    notice: SecurityNotice,
    issuer: &str,
) -> Result<Email, ThemeError> {
    emails::security(&site.snapshot(), account, notice, provider_name(site, issuer))
}
