//! Cancelling a subscription without signing in.

use std::{collections::BTreeMap, sync::Arc};

use axum::{extract::State, response::Response};
use http::HeaderMap;
use masthead_billing::endings::EndedSubscription;
use masthead_circulation::{EmailAddress, EndingKind, EndingRequest};
use masthead_publication::{
    Template,
    contexts::{CancelConfirmContext, CancelContext, EndingDoneContext, Link},
};
use masthead_web::client::Origin;
use serde::Deserialize;

use super::{
    ending::{
        EndingQuery, choice, chosen, done, done_page, ended, open_for, opened, record_by_link,
        send_link, sender, show,
    },
    own_ending::own_page,
    subscription_view::{can_be_taken_back, cancel_words, cancelled_words},
};
use crate::{
    error::{Handled, SiteError},
    extract::{
        ClientAddress, Device, Limited, MaybeSignedIn, ReaderForm, UrlPath, UrlQuery,
        limit::SignIns,
    },
    pages::form_status,
    state::Site,
};

const KIND: EndingKind = EndingKind::Cancellation;

#[derive(Default, Deserialize)]
pub(super) struct CancellationForm {
    email: String,
    #[serde(default)]
    reason: String,
}

/// The page with the form. Readers who are signed in see what they have cancelled or can cancel, unless they ask for the form.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    UrlQuery(query): UrlQuery<EndingQuery>,
    MaybeSignedIn(reader): MaybeSignedIn,
    headers: HeaderMap,
) -> Handled {
    let own = match reader.filter(|_| !query.other) {
        Some(reader) => own_page(&site, &headers, KIND, reader.account).await?,
        None => None,
    };
    match own {
        Some(own) => Ok(own),
        None => form_page(&site, &headers, &CancellationForm::default(), false).await,
    }
}

async fn form_page(
    site: &Site,
    headers: &HeaderMap,
    form: &CancellationForm,
    is_faulty: bool,
) -> Handled {
    let snapshot = site.snapshot();
    let fault = if is_faulty { snapshot.theme.word("fault_email") } else { "" };
    let text = if snapshot.publication.cancels_at_once {
        snapshot.theme.word("cancel_at_once_text")
    } else {
        snapshot.theme.word("cancel_page_text")
    };
    let context = CancelContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("cancel_page")),
        text: text.to_owned(),
        email: form.email.clone(),
        reason: form.reason.clone(),
        fault: fault.to_owned(),
    };
    show(site, headers, form_status(is_faulty), Template::Cancel, &context).await
}

/// Sends the email.
pub(super) async fn request(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    headers: HeaderMap,
    ClientAddress(client): ClientAddress,
    device: Device,
    ReaderForm(form): ReaderForm<CancellationForm>,
) -> Handled {
    match form.email.trim().parse::<EmailAddress>() {
        Ok(email) => {
            let from = sender(&site, &device, client, &email).await?;
            send_link(&site, KIND, email, form.reason, from).await
        }
        Err(_) => form_page(&site, &headers, &form, true).await,
    }
}

/// The page behind the link. Mail programs follow links by themselves, so that confirming takes a button.
pub(super) async fn confirm_page(
    State(site): State<Arc<Site>>,
    UrlPath(link): UrlPath<String>,
    headers: HeaderMap,
) -> Handled {
    let request = opened(&site, KIND, &link)?;
    choice_page(&site, &headers, &link, &request, false).await
}

async fn choice_page(
    site: &Site,
    headers: &HeaderMap,
    link: &str,
    request: &EndingRequest,
    is_faulty: bool,
) -> Handled {
    let open = open_for(site, request).await?;
    let (snapshot, now) = (site.snapshot(), (site.clock)());
    let fault = if is_faulty { snapshot.theme.word("fault_cancel_choice") } else { "" };
    let context = CancelConfirmContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("cancel_page")),
        subscriptions: open
            .iter()
            .map(|held| choice(held, cancel_words(&snapshot, held, now)))
            .collect(),
        fault: fault.to_owned(),
        action: format!("/cancel/{link}"),
    };
    show(site, headers, form_status(is_faulty), Template::CancelConfirm, &context).await
}

/// Cancels the chosen subscriptions, and keeps the reason for staff.
pub(super) async fn confirm(
    State(site): State<Arc<Site>>,
    UrlPath(link): UrlPath<String>,
    headers: HeaderMap,
    Origin(origin): Origin,
    ReaderForm(fields): ReaderForm<BTreeMap<String, String>>,
) -> Handled {
    let request = opened(&site, KIND, &link)?;
    let chosen = match chosen(&fields) {
        Some(chosen) => chosen,
        None => open_for(&site, &request).await?.iter().map(|held| held.id).collect(),
    };
    if chosen.is_empty() {
        return choice_page(&site, &headers, &link, &request, true).await;
    }
    let outcome = site.billing.end_by_link(&request, &chosen, "").await?;
    let cancelled = ended(KIND, outcome)?;
    record_by_link(&site, &origin, &request);
    cancelled_page(&site, &headers, &cancelled).await
}

/// Says what was cancelled, until when it goes on, and what happens next.
async fn cancelled_page(
    site: &Site,
    headers: &HeaderMap,
    ended: &[EndedSubscription],
) -> Result<Response, SiteError> {
    let (snapshot, now) = (site.snapshot(), (site.clock)());
    let word = |name: &str| snapshot.theme.word(name).to_owned();
    let heading = word(if ended.len() == 1 { "cancel_done_title" } else { "cancel_done_several" });
    let is_undoable = ended.iter().any(|ended| can_be_taken_back(&ended.before, now));
    let (next, link) = if is_undoable {
        ("cancelled_next", Link::to("/account#subscription", &word("manage_subscription")))
    } else {
        ("cancelled_over", Link::to("/offers", &word("see_offers")))
    };
    let context = EndingDoneContext {
        chrome: snapshot.layout().bare_chrome(&heading),
        heading,
        subscriptions: ended
            .iter()
            .map(|ended| done(&ended.before, cancelled_words(&snapshot, &ended.before, now)))
            .collect(),
        next: word(next),
        link,
        others: vec![Link::to("/", &word("home"))],
    };
    done_page(site, headers, &context).await
}
