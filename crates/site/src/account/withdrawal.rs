//! Withdrawing from a contract, as Directive 2011/83/EU, article 11a, wants it: a page that is always there, on which the reader says
//! who they are and which contract it is, a second button that only confirms it, and an email that acknowledges receipt. Without signing
//! in, they confirm it by the link in an email; a reader who is signed in confirms it at once. This module has the first page,
//! [`confirmation`] the second.

pub(super) mod confirmation;

use std::sync::Arc;

use axum::extract::State;
use http::HeaderMap;
use masthead_circulation::{EmailAddress, EndingKind};
use masthead_publication::{SiteSnapshot, Template, contexts::WithdrawContext};
use masthead_web::form::see_other;
use serde::Deserialize;

use super::{
    ending::{EndingQuery, send_link, sender, show},
    own_ending::own_page,
};
use crate::{
    error::Handled,
    extract::{
        ClientAddress, Device, Limited, MaybeSignedIn, ReaderForm, UrlQuery, limit::SignIns,
    },
    pages::form_status,
    state::Site,
};

const KIND: EndingKind = EndingKind::Withdrawal;
/// The page for readers who are signed in.
pub(super) const SIGNED_IN: &str = "/account/withdrawal";
/// The maximum length of a name, in characters.
const MAX_NAME: usize = 100;

#[derive(Default, Deserialize)]
pub(super) struct WithdrawalForm {
    email: String,
    #[serde(default)]
    name: String,
}

/// What is wrong with a form, by the names of its words; empty if nothing is.
#[derive(Clone, Copy, Default)]
struct Faults {
    name: &'static str,
    /// The email address, or the choice.
    other: &'static str,
}

impl Faults {
    fn is_any(self) -> bool {
        !self.name.is_empty() || !self.other.is_empty()
    }
}

/// The page with the form. Readers who are signed in and can withdraw from a contract are led to theirs; others with a
/// subscription see what has become of it.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    UrlQuery(query): UrlQuery<EndingQuery>,
    MaybeSignedIn(reader): MaybeSignedIn,
    headers: HeaderMap,
) -> Handled {
    let Some(reader) = reader else {
        return form_page(&site, &headers, &WithdrawalForm::default(), Faults::default()).await;
    };
    if !query.other {
        if !site.billing.endable(KIND, reader.account, (site.clock)()).await?.is_empty() {
            return Ok(see_other(SIGNED_IN, &[]));
        }
        if let Some(own) = own_page(&site, &headers, KIND, reader.account).await? {
            return Ok(own);
        }
    }
    // The contract may be with another address.
    let account = site.store.account(reader.account).await?;
    let form = account
        .map(|account| WithdrawalForm { email: account.email.to_string(), name: account.name });
    form_page(&site, &headers, &form.unwrap_or_default(), Faults::default()).await
}

async fn form_page(
    site: &Site,
    headers: &HeaderMap,
    form: &WithdrawalForm,
    faults: Faults,
) -> Handled {
    let snapshot = site.snapshot();
    let context = WithdrawContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("withdraw_here")),
        email: form.email.clone(),
        name: form.name.clone(),
        fault: fault_words(&snapshot, faults.other),
        name_fault: fault_words(&snapshot, faults.name),
    };
    show(site, headers, form_status(faults.is_any()), Template::Withdraw, &context).await
}

/// Sends the email.
pub(super) async fn request(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    headers: HeaderMap,
    ClientAddress(client): ClientAddress,
    device: Device,
    ReaderForm(form): ReaderForm<WithdrawalForm>,
) -> Handled {
    let (email, name) = (form.email.trim().parse::<EmailAddress>(), visible(&form.name));
    match email {
        Ok(email) if !name.is_empty() => {
            let from = sender(&site, &device, client, &email).await?;
            send_link(&site, KIND, email, name, from).await
        }
        email => {
            let other = if email.is_err() { "fault_email" } else { "" };
            let faults = Faults { name: name_fault(&name), other };
            form_page(&site, &headers, &form, faults).await
        }
    }
}

fn visible(name: &str) -> String {
    name.trim().chars().filter(|c| !c.is_control()).take(MAX_NAME).collect()
}

fn name_fault(name: &str) -> &'static str {
    if name.is_empty() { "fault_withdraw_name" } else { "" }
}

fn fault_words(snapshot: &SiteSnapshot, word: &str) -> String {
    if word.is_empty() { String::new() } else { snapshot.theme.word(word).to_owned() }
}
