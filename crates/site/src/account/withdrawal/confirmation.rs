//! The page on which a reader confirms that they withdraw, and what becomes of it.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use http::HeaderMap;
use masthead_billing::endings::EndedSubscription;
use masthead_circulation::{EndingRequest, Money, Subscription, SubscriptionId};
use masthead_publication::{
    SiteSnapshot, Template,
    contexts::{EndingChoiceContext, EndingDoneContext, Link, WithdrawConfirmContext},
};
use masthead_web::client::Origin;

use super::{Faults, KIND, SIGNED_IN, fault_words, name_fault, visible};
use crate::{
    account::ending::{
        choice, chosen, done, done_page, ended, open_for, opened, record_by_link, show,
    },
    error::{Handled, SiteError},
    extract::{ReaderForm, SignedIn, UrlPath},
    notice::Notice,
    pages::form_status,
    state::Site,
};

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

/// What a reader has confirmed.
struct Confirmed {
    name: String,
    chosen: Vec<SubscriptionId>,
}

/// A form that confirms nothing yet, and why.
struct Refused {
    name: String,
    faults: Faults,
}

impl Refused {
    /// The page again, with what was entered.
    async fn page(self, site: &Site, headers: &HeaderMap, of: Declaration<'_>) -> Handled {
        choice_page(site, headers, Declaration { name: self.name, ..of }, self.faults).await
    }
}

/// The page behind the link.
pub(in crate::account) async fn confirm_page(
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
pub(in crate::account) async fn confirm(
    State(site): State<Arc<Site>>,
    UrlPath(link): UrlPath<String>,
    headers: HeaderMap,
    Origin(origin): Origin,
    ReaderForm(fields): ReaderForm<BTreeMap<String, String>>,
) -> Handled {
    let request = opened(&site, KIND, &link)?;
    let confirmed = match confirmed(&fields) {
        Ok(confirmed) => confirmed,
        Err(refused) => {
            let action = format!("/withdraw/{link}");
            let declaration = declaration_of(&site, &request, &action).await?;
            return refused.page(&site, &headers, declaration).await;
        }
    };
    let outcome = site.billing.end_by_link(&request, &confirmed.chosen, &confirmed.name).await?;
    let withdrawn = ended(KIND, outcome)?;
    record_by_link(&site, &origin, &request);
    withdrawn_page(&site, &headers, &withdrawn, ("/offers", "see_offers")).await
}

/// The page of a reader who is signed in.
pub(in crate::account) async fn own_page(
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
pub(in crate::account) async fn confirm_own(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    headers: HeaderMap,
    ReaderForm(fields): ReaderForm<BTreeMap<String, String>>,
) -> Handled {
    match confirmed(&fields) {
        Ok(Confirmed { name, chosen }) => {
            let outcome = site.billing.withdraw(reader.account.id, &chosen, &name).await?;
            let withdrawn = ended(KIND, outcome)?;
            withdrawn_page(&site, &headers, &withdrawn, ("/account", "account")).await
        }
        Err(refused) => refused.page(&site, &headers, own_declaration(&site, &reader).await?).await,
    }
}

/// The name and the choice that were entered.
fn confirmed(fields: &BTreeMap<String, String>) -> Result<Confirmed, Refused> {
    let name = visible(fields.get("name").map_or("", String::as_str));
    let chosen = chosen(fields).unwrap_or_default();
    let other = if chosen.is_empty() { "fault_withdraw_choice" } else { "" };
    let faults = Faults { name: name_fault(&name), other };
    if faults.is_any() { Err(Refused { name, faults }) } else { Ok(Confirmed { name, chosen }) }
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

/// Says from what the reader has withdrawn, and what is refunded. It leads on to the front page, and to a path with a word.
async fn withdrawn_page(
    site: &Site,
    headers: &HeaderMap,
    ended: &[EndedSubscription],
    (path, name): (&str, &str),
) -> Handled {
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
        others: vec![Link::to(path, &word(name))],
    };
    done_page(site, headers, &context).await
}
