//! Agreeing to an offer or price, and coming back from the payment page.

use std::sync::Arc;

use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use jiff::Timestamp;
use masthead_audience::CountedEvent;
use masthead_billing::checkout::CheckoutStatus;
use masthead_circulation::{
    Account, AccountId, Checkout, DeliveryAddress, History, MANUAL, Mandate, Progress, Purpose,
    Quote, Secret, State as SubscriptionState, Subscription, Terms, entitlement,
};
use masthead_payments::Processor;
use masthead_publication::{
    ReaderLinks, Sales, SiteSnapshot, Template,
    contexts::{CheckoutContext, DeliveryContext},
};
use masthead_store::CheckoutStart;
use masthead_web::form::{safe_local_path, see_other};
use serde::Deserialize;

use super::{
    offers::checkout_address,
    own_checkout::OwnCheckout,
    payment_page::{Payer, new_checkout, open_payment_page},
};
use crate::{
    delivery,
    error::{Handled, SiteError},
    extract::{
        Accepts, Buyer, ClientAddress, Device, Limited, MaybeSignedIn, ReaderForm, ReturnPath,
        UrlPath, UrlQuery,
        limit::{Payments, admit_offer_code},
    },
    note::Note,
    notice::Notice,
    state::Site,
};

/// What the page is asked with, and what its form sends.
#[derive(Deserialize)]
pub(super) struct CheckoutForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    from: String,
    /// `invoice` if the reader wants one instead of paying with a card.
    #[serde(default)]
    by: String,
    /// The name at which papers are delivered.
    #[serde(default)]
    delivery_name: String,
    /// The address at which papers are delivered.
    #[serde(default)]
    delivery_lines: String,
}

/// The reader who is signed in at the checkout.
struct Customer {
    email: String,
    /// Whether they have left an invoice unpaid under an account before this one.
    owes: bool,
    delivery: DeliveryContext,
}

impl Customer {
    fn new(account: &Account, delivery: DeliveryContext) -> Self {
        Self { email: account.email.to_string(), owes: account.debt.is_some(), delivery }
    }
}

/// What a reader agrees to, with everything that it entails.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    client: ClientAddress,
    UrlPath(name): UrlPath<String>,
    UrlQuery(mut query): UrlQuery<CheckoutForm>,
    MaybeSignedIn(reader): MaybeSignedIn,
    ReturnPath(article): ReturnPath,
    Accepts(encoding): Accepts,
) -> Handled {
    admit_offer_code(&site, client, &query.code)?;
    if query.from.is_empty() {
        query.from = article;
    }
    let account = match &reader {
        Some(reader) => site.store.account(reader.account).await?,
        None => None,
    };
    let customer = match account {
        Some(account) => {
            let delivery = delivery::stored(&site, &account).await?;
            Some(Customer::new(&account, delivery))
        }
        None => None,
    };
    let now = (site.clock)();
    let history = reader.as_ref().map_or(History::New, |reader| reader.history(now));
    let links = match &reader {
        Some(reader) => reader.links(now),
        None => ReaderLinks::Guest,
    };
    let held = reader.map(|reader| reader.subscriptions()).unwrap_or_default();
    let snapshot = site.snapshot();
    let context = context(&site, &snapshot, &name, &query, (&held, history), customer)?;
    site.personal_page(encoding, StatusCode::OK, links, Template::Checkout, &context)
}

/// Whether what is ordered is known to include tax: the processor calculates it, or the publisher has set its rate.
fn includes_tax(snapshot: &SiteSnapshot, terms: &Terms) -> bool {
    let publication = &snapshot.publication;
    publication.includes_tax || publication.catalogue.tax_of(&terms.product).is_some()
}

fn context(
    site: &Site,
    snapshot: &SiteSnapshot,
    name: &str,
    query: &CheckoutForm,
    (held, history): (&[Subscription], History),
    customer: Option<Customer>,
) -> Result<CheckoutContext, SiteError> {
    let now = (site.clock)();
    let (quote, terms) = quoted(snapshot, name, &query.code, history, now)?;
    let first = terms.first(now, &snapshot.publication.policy.zone);
    let from = safe_local_path(&query.from).to_owned();
    let here = checkout_address(name, &query.code, &from);
    let (email, owes, form) = match customer {
        Some(Customer { email, owes, delivery }) => (email, owes, Some(delivery)),
        None => (String::new(), false, None),
    };
    let (needs_card, is_print_only) = (terms.needs_card(), terms.is_print_only());
    let word = |is_second: bool, [first, second]: [&str; 2]| {
        snapshot.theme.word(if is_second { second } else { first }).to_owned()
    };
    let sends_invoice = snapshot.accepts_invoice(&terms, held, owes);
    let later = || later_words(snapshot, &terms, first.through);
    let invoice = || snapshot.theme.word("checkout_invoice").to_owned();
    Ok(CheckoutContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("checkout")),
        order: snapshot.order(quote),
        period: first_period(snapshot, now, first.through),
        today: snapshot.rates().money(first.amount),
        later: needs_card.then(later).unwrap_or_default(),
        cancel: word(is_print_only, ["answer_cancel", "answer_cancel_print"]),
        includes_tax: includes_tax(snapshot, &terms),
        trial: replaced_trial(snapshot, held, now),
        delivery: form.filter(|_| terms.is_delivered()),
        terms: snapshot.order_terms(),
        needs_card,
        takes_cards: snapshot.publication.sales.takes_cards(),
        email,
        here,
        code: query.code.clone(),
        from,
        invoice: sends_invoice.then(invoice).unwrap_or_default(),
        invoice_hint: word(is_print_only, ["checkout_invoice_hint", "checkout_invoice_print"]),
        sandbox: needs_card
            && site.billing.processors().current().is_some_and(Processor::is_practice),
    })
}

/// What is paid after the first period.
fn later_words(snapshot: &SiteSnapshot, terms: &Terms, through: Timestamp) -> String {
    let price = snapshot.rates().each(terms.amount, terms.every);
    let words = snapshot.theme.word("later").replace("{date}", &snapshot.date_of(through));
    words.replace("{price}", &price)
}

/// The first period, from its first to its last day.
fn first_period(snapshot: &SiteSnapshot, now: Timestamp, through: Timestamp) -> String {
    let words = snapshot.theme.word("period").replace("{from}", &snapshot.date_of(now));
    words.replace("{through}", &snapshot.last_day(through))
}

/// What becomes of the trial that a reader is in; empty if they are in none. Buying replaces it at once.
fn replaced_trial(snapshot: &SiteSnapshot, held: &[Subscription], now: Timestamp) -> String {
    let trial = held.iter().filter(|held| !held.state.is_over(now)).find_map(|held| {
        let SubscriptionState::Trial { ends, .. } = held.state else { return None };
        Some(ends)
    });
    let words =
        |ends| snapshot.theme.word("trial_replaced").replace("{date}", &snapshot.last_day(ends));
    trial.map(words).unwrap_or_default()
}

/// What a reader with this history would buy by this name and code.
///
/// # Errors
///
/// If it is not sold to them.
fn quoted<'a>(
    snapshot: &'a SiteSnapshot,
    name: &str,
    code: &str,
    history: History,
    now: Timestamp,
) -> Result<(Quote<'a>, Terms), SiteError> {
    if snapshot.publication.sales == Sales::Closed {
        return Err(Notice::NothingSold.into());
    }
    let quote = snapshot.open_quote(name, history, code, now);
    let quote = quote.ok_or_else(|| not_sold(history))?;
    let terms = snapshot.publication.catalogue.terms(quote).ok_or_else(|| not_sold(history))?;
    Ok((quote, terms))
}

/// What a reader is told who cannot buy that, or not any more.
fn not_sold(history: History) -> SiteError {
    let notice = if history.may_buy() { Notice::OfferOver } else { Notice::AlreadySubscribed };
    notice.into()
}

/// A reader agrees.
pub(super) async fn begin(
    State(site): State<Arc<Site>>,
    _: Limited<Payments>,
    (client, Accepts(encoding)): (ClientAddress, Accepts),
    UrlPath(name): UrlPath<String>,
    Buyer(reader): Buyer,
    device: Device,
    ReaderForm(form): ReaderForm<CheckoutForm>,
) -> Handled {
    admit_offer_code(&site, client, &form.code)?;
    let account = &reader.account;
    let held = site.store.subscriptions_of(account.id).await?;
    let (secret, checkout, limit) = agreed(&site, &name, &form, account, &held, &device)?;
    let delivery = match entered_delivery(&site, &checkout.terms, &form) {
        Ok(delivery) => delivery,
        Err(faulty) => {
            let customer = Customer::new(account, faulty);
            let known = (held.as_slice(), history(account, &held, (site.clock)()));
            let snapshot = site.snapshot();
            let context = context(&site, &snapshot, &name, &form, known, Some(customer))?;
            let (status, links) = (StatusCode::UNPROCESSABLE_ENTITY, reader.links(&site));
            return site.personal_page(encoding, status, links, Template::Checkout, &context);
        }
    };
    let start = site.store.begin_checkout_with(&checkout, limit, delivery.as_ref()).await?;
    if limit.is_some() || start == CheckoutStart::SoldOut {
        site.mark_sold_out().await?;
    }
    match start {
        CheckoutStart::Begun { supersedes: false } => {}
        CheckoutStart::Begun { supersedes: true } => close_superseded(&site, account.id),
        CheckoutStart::SoldOut => return Err(not_sold(history(account, &held, (site.clock)()))),
    }
    site.counters.count_from(&checkout.from, CountedEvent::CheckoutBegun);
    if checkout.terms.needs_card() {
        let payer = Payer { email: &account.email, mandate: None };
        return open_payment_page(&site, &secret, &checkout, payer).await;
    }
    // A trial that ends by itself: nothing is paid now or later.
    let nothing = Mandate { processor: String::new(), reference: String::new(), card: None };
    site.billing.deliver(&checkout, nothing).await?;
    Ok(see_other(safe_local_path(&checkout.from), &[Note::Ordered.cookie(&site)]))
}

/// Returns the address that the reader has entered, if something is delivered. It is kept with the checkout, and becomes the
/// account's when the checkout is accepted.
///
/// # Errors
///
/// Returns the form to show again if it is no address.
fn entered_delivery(
    site: &Site,
    terms: &Terms,
    form: &CheckoutForm,
) -> Result<Option<DeliveryAddress>, DeliveryContext> {
    if !terms.is_delivered() {
        return Ok(None);
    }
    let snapshot = site.snapshot();
    delivery::entered(&snapshot, &form.delivery_name, &form.delivery_lines).map(Some)
}

/// Has the payment pages closed that the reader has left for another one of the same offer. If the processor does not
/// answer, the sweep closes them.
fn close_superseded(site: &Site, account: AccountId) {
    let billing = Arc::clone(&site.billing);
    tokio::spawn(async move {
        if let Err(error) = billing.close_superseded(account).await {
            tracing::error!(%error, "checkout: superseded one not closed, trying again");
        }
    });
}

fn history(account: &Account, held: &[Subscription], now: Timestamp) -> History {
    entitlement::history(held, account.had_subscription, now)
}

/// The checkout of what a reader has agreed to, with the secret in its address and the limit of its offer.
fn agreed(
    site: &Site,
    name: &str,
    form: &CheckoutForm,
    account: &Account,
    held: &[Subscription],
    device: &Device,
) -> Result<(Secret, Checkout, Option<u32>), SiteError> {
    let snapshot = site.snapshot();
    let now = (site.clock)();
    let (quote, terms) = quoted(&snapshot, name, &form.code, history(account, held, now), now)?;
    let limit = quote.offer.and_then(|offer| offer.limit);
    let (secret, mut checkout) = new_checkout(site, account, Purpose::Begin, terms, &form.from);
    checkout.experiment = site.assignment(device);
    if checkout.terms.needs_card() {
        let owes = account.debt.is_some();
        let by_invoice =
            form.by == "invoice" && snapshot.accepts_invoice(&checkout.terms, held, owes);
        let processors = site.billing.processors();
        checkout.processor = match processors.current() {
            _ if by_invoice => MANUAL.to_owned(),
            Some(current) => current.name().to_owned(),
            None => return Err(Notice::NothingSold.into()),
        };
    }
    Ok((secret, checkout, limit))
}

async fn has_subscribed(site: &Site, checkout: &Checkout) -> Result<bool, SiteError> {
    let Some(account) = checkout.account else { return Ok(false) };
    let held = site.store.subscriptions_of(account).await?;
    // What an account before this one has had keeps nobody from buying.
    Ok(!entitlement::history(&held, false, (site.clock)()).may_buy())
}

/// A reader comes back from the payment page.
pub(super) async fn finish(
    State(site): State<Arc<Site>>,
    OwnCheckout { checkout, .. }: OwnCheckout,
) -> Handled {
    let arrived = || match checkout.purpose {
        Purpose::Begin => {
            see_other(safe_local_path(&checkout.from), &[Note::Ordered.cookie(&site)])
        }
        Purpose::UpdateCard(_) => Note::CardSaved.on(&site, "/account"),
    };
    if checkout.progress == Progress::Done {
        return Ok(arrived());
    }
    let status = site.billing.settle(&checkout).await?;
    // A trial does not begin if the reader has subscribed on another device meanwhile.
    if status == CheckoutStatus::Over && has_subscribed(&site, &checkout).await? {
        return Ok(see_other(safe_local_path(&checkout.from), &[]));
    }
    let notice = match status {
        CheckoutStatus::Done => return Ok(arrived()),
        CheckoutStatus::Waiting if checkout.can_be_paid((site.clock)()) => Notice::NotPaidYet,
        CheckoutStatus::Waiting | CheckoutStatus::Over => Notice::CheckoutExpired,
        CheckoutStatus::Unanswered => Notice::CheckoutUnanswered,
        CheckoutStatus::Undelivered => Notice::CheckoutUndelivered,
    };
    Ok(notice.into_response())
}
