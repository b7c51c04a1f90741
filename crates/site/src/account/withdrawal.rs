//! Withdrawing from a contract, as Directive 2011/83/EU, article 11a, wants it: a page that is always there, on which the reader says
//! who they are and which contract it is, a second button that only confirms it, and an email that acknowledges receipt. Without signing
//! in, they confirm it by the link in an email; a reader who is signed in confirms it at once.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use http::HeaderMap;
use masthead_billing::endings::EndedSubscription;
use masthead_circulation::{EmailAddress, EndingKind, EndingRequest, Money, Subscription};
use masthead_publication::{
    SiteSnapshot, Template,
    contexts::{
        EndingChoiceContext, EndingDoneContext, Link, WithdrawConfirmContext, WithdrawContext,
    },
};
use masthead_web::{client::Origin, form::see_other};
use serde::Deserialize;

use super::ending::{
    choice, chosen, done, done_page, ended, open_for, opened, record_by_link, send_link, sender,
    show,
};
use crate::{
    error::{Handled, SiteError},
    extract::{
        ClientAddress, Device, Limited, MaybeSignedIn, ReaderForm, SignedIn, UrlPath,
        limit::SignIns,
    },
    notice::Notice,
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

/// A declaration that is to be confirmed.
struct Declaration<'a> {
    /// The contracts from which the reader can withdraw.
    open: Vec<Subscription>,
    /// Their name, as far as it is known.
    name: String,
    /// The address that receipt is acknowledged to.
    email: String,
    /// The address of the form.
    action: &'a str,
}

impl Faults {
    fn is_any(self) -> bool {
        !self.name.is_empty() || !self.other.is_empty()
    }
}

/// The page with the form. Readers who are signed in and can withdraw from a contract are led to theirs.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    MaybeSignedIn(reader): MaybeSignedIn,
    headers: HeaderMap,
) -> Handled {
    if let Some(reader) = reader
        && !site.billing.endable(KIND, reader.account, (site.clock)()).await?.is_empty()
    {
        return Ok(see_other(SIGNED_IN, &[]));
    }
    form_page(&site, &headers, &WithdrawalForm::default(), Faults::default()).await
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

/// The page behind the link.
pub(super) async fn confirm_page(
    State(site): State<Arc<Site>>,
    UrlPath(link): UrlPath<String>,
    headers: HeaderMap,
) -> Handled {
    let request = opened(&site, KIND, &link)?;
    let action = format!("/withdraw/{link}");
    let declaration = declaration_of(&site, &request, &action).await?;
    choice_page(&site, &headers, declaration, Faults::default()).await
}

async fn declaration_of<'a>(
    site: &Site,
    request: &EndingRequest,
    action: &'a str,
) -> Result<Declaration<'a>, SiteError> {
    let open = open_for(site, request).await?;
    let account = site.store.account(request.account).await?;
    let email = account.map(|account| account.email.to_string()).unwrap_or_default();
    Ok(Declaration { open, name: request.note.clone(), email, action })
}

/// Withdraws from the chosen contracts.
pub(super) async fn confirm(
    State(site): State<Arc<Site>>,
    UrlPath(link): UrlPath<String>,
    headers: HeaderMap,
    Origin(origin): Origin,
    ReaderForm(fields): ReaderForm<BTreeMap<String, String>>,
) -> Handled {
    let request = opened(&site, KIND, &link)?;
    let (name, faults) = checked(&fields);
    if faults.is_any() {
        let action = format!("/withdraw/{link}");
        let declaration = declaration_of(&site, &request, &action).await?;
        return choice_page(&site, &headers, Declaration { name, ..declaration }, faults).await;
    }
    let chosen = chosen(&fields).unwrap_or_default();
    let outcome = site.billing.end_by_link(&request, &chosen, &name).await?;
    let withdrawn = ended(KIND, outcome)?;
    record_by_link(&site, &origin, &request);
    withdrawn_page(&site, &headers, &withdrawn).await
}

/// The page of a reader who is signed in.
pub(super) async fn own_page(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    headers: HeaderMap,
) -> Handled {
    let declaration = own_declaration(&site, &reader).await?;
    choice_page(&site, &headers, declaration, Faults::default()).await
}

async fn own_declaration(
    site: &Site,
    reader: &SignedIn,
) -> Result<Declaration<'static>, SiteError> {
    let account = &reader.account;
    let open = site.billing.endable(KIND, account.id, (site.clock)()).await?;
    if open.is_empty() {
        return Err(Notice::NothingToWithdraw.into());
    }
    let (name, email) = (account.name.clone(), account.email.to_string());
    Ok(Declaration { open, name, email, action: SIGNED_IN })
}

/// Withdraws a reader who is signed in from the chosen contracts.
pub(super) async fn confirm_own(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    headers: HeaderMap,
    ReaderForm(fields): ReaderForm<BTreeMap<String, String>>,
) -> Handled {
    let (name, faults) = checked(&fields);
    if faults.is_any() {
        let declaration = own_declaration(&site, &reader).await?;
        return choice_page(&site, &headers, Declaration { name, ..declaration }, faults).await;
    }
    let chosen = chosen(&fields).unwrap_or_default();
    let outcome = site.billing.withdraw(reader.account.id, &chosen, &name).await?;
    withdrawn_page(&site, &headers, &ended(KIND, outcome)?).await
}

/// The name that was entered, and what is wrong with the form.
fn checked(fields: &BTreeMap<String, String>) -> (String, Faults) {
    let name = visible(fields.get("name").map_or("", String::as_str));
    let is_chosen = chosen(fields).is_some_and(|chosen| !chosen.is_empty());
    let other = if is_chosen { "" } else { "fault_withdraw_choice" };
    let faults = Faults { name: name_fault(&name), other };
    (name, faults)
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

/// The page with the declaration and the button that confirms it.
async fn choice_page(
    site: &Site,
    headers: &HeaderMap,
    declaration: Declaration<'_>,
    faults: Faults,
) -> Handled {
    let snapshot = site.snapshot();
    let mut subscriptions = Vec::new();
    for held in &declaration.open {
        let refund = site.billing.refund_on_withdrawal(held).await?;
        subscriptions.push(choice(held, meaning(&snapshot, "withdraw", held, refund)));
    }
    let context = WithdrawConfirmContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("withdraw_here")),
        subscriptions,
        name: declaration.name,
        email: declaration.email,
        fault: fault_words(&snapshot, faults.other),
        name_fault: fault_words(&snapshot, faults.name),
        action: declaration.action.to_owned(),
    };
    show(site, headers, form_status(faults.is_any()), Template::WithdrawConfirm, &context).await
}

/// What withdrawing from a contract means, or has meant.
fn meaning(snapshot: &SiteSnapshot, stem: &str, held: &Subscription, refund: Money) -> String {
    let word =
        if refund.is_zero() { format!("{stem}_unpaid_text") } else { format!("{stem}_text") };
    let text = snapshot.theme.word(&word).replace("{date}", &snapshot.date_of(held.begun));
    text.replace("{amount}", &snapshot.rates().money(refund))
}

/// Says from what the reader has withdrawn, and what is refunded.
async fn withdrawn_page(site: &Site, headers: &HeaderMap, ended: &[EndedSubscription]) -> Handled {
    let snapshot = site.snapshot();
    let word = |name: &str| snapshot.theme.word(name).to_owned();
    let done = |ended: &EndedSubscription| -> EndingChoiceContext {
        done(&ended.before, meaning(&snapshot, "withdrawn", &ended.before, ended.refund))
    };
    let context = EndingDoneContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("withdraw_done_title")),
        heading: word("withdraw_done_title"),
        subscriptions: ended.iter().map(done).collect(),
        next: word("withdraw_done_next"),
        link: Link::to("/", &word("home")),
    };
    done_page(site, headers, &context).await
}
