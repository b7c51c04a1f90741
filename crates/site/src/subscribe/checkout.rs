//! Agreeing to an offer or price.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use masthead_audience::CountedEvent;
use masthead_circulation::{
    Account, AccountId, Checkout, DeliveryAddress, History, MANUAL, Mandate, Purpose, Quote,
    Secret, State as SubscriptionState, Subscription, Terms, entitlement,
};
use masthead_payments::Processor;
use masthead_publication::{
    ReaderLinks, Sales, SiteSnapshot, Template,
    compression::Encoding,
    contexts::{CheckoutContext, DeliveryContext},
};
use masthead_store::{CheckoutStart, StoreError};
use masthead_web::form::{safe_local_path, see_other};
use serde::Deserialize;

use super::{
    offers::{checkout_address, offers_address},
    payment_page::{Payer, new_checkout, open_payment_page},
};
use crate::{
    account::sign_in,
    delivery,
    entered_email::entered_email,
    error::{Handled, SiteError, keeping},
    extract::{
        Accepts, Buyer, ClientAddress, Device, DeviceSecret, Limited, MaybeSignedIn, ReaderForm,
        ReturnPath, SignedIn, UrlPath, UrlQuery,
        limit::{Payments, SignIns, admit_offer_code},
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
    /// The address of a reader who is not signed in.
    #[serde(default)]
    email: String,
    /// The name at which papers are delivered.
    #[serde(default)]
    delivery_name: String,
    /// The address at which papers are delivered.
    #[serde(default)]
    delivery_lines: String,
}

/// Who is at the checkout.
enum Visitor {
    /// Somebody who is not signed in.
    Guest {
        /// The name of the word that says what is wrong with the address that they have entered; `None` if nothing is, or they have entered
        /// none.
        fault: Option<&'static str>,
    },
    /// A reader who is signed in.
    Reader {
        email: String,
        /// Whether they have left an invoice unpaid under an account before this one.
        owes: bool,
        delivery: DeliveryContext,
    },
}

/// What is ordered, and by whom.
struct OrderForm<'a> {
    /// The slug of the offer or price.
    name: &'a str,
    fields: &'a CheckoutForm,
    held: &'a [Subscription],
    history: History,
    visitor: Visitor,
}

impl Visitor {
    fn reader(account: &Account, owes: bool, delivery: DeliveryContext) -> Self {
        Self::Reader { email: account.email.to_string(), owes, delivery }
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
    if query.from.is_empty() {
        query.from = article;
    }
    if let Err(error) = admit_offer_code(&site, client, &query.code) {
        return Ok(keeping(&query.from, Err(error)));
    }
    let account = match &reader {
        Some(reader) => site.store.account(reader.account).await?,
        None => None,
    };
    let visitor = match account {
        Some(account) => {
            let delivery = delivery::to_order(&site, &account).await?;
            Visitor::reader(&account, owes(&site, account.id).await?, delivery)
        }
        None => Visitor::Guest { fault: None },
    };
    let now = (site.clock)();
    let history = reader.as_ref().map_or(History::New, |reader| reader.history(now));
    let links = match &reader {
        Some(reader) => reader.links(now),
        None => ReaderLinks::Guest,
    };
    let held = reader.map(|reader| reader.subscriptions()).unwrap_or_default();
    let order = OrderForm { name: &name, fields: &query, held: &held, history, visitor };
    let shown = show(&site, encoding, (StatusCode::OK, links), order);
    Ok(keeping(&query.from, shown))
}

/// Sends an email to a reader who is not signed in, by which they get back to their order.
pub(super) async fn identify(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    (client, Accepts(encoding)): (ClientAddress, Accepts),
    UrlPath(name): UrlPath<String>,
    device: (DeviceSecret, Device),
    ReaderForm(form): ReaderForm<CheckoutForm>,
) -> Handled {
    let fault = match entered_email(&site.snapshot().publication, &form.email) {
        Ok(email) => {
            let here = checkout_address(&name, &form.code, safe_local_path(&form.from));
            return sign_in::ask(&site, (client, device), email, safe_local_path(&here)).await;
        }
        Err(fault) => fault,
    };
    admit_offer_code(&site, client, &form.code)?;
    let order = OrderForm {
        name: &name,
        fields: &form,
        held: &[],
        history: History::New,
        visitor: Visitor::Guest { fault: Some(fault) },
    };
    let response = (StatusCode::UNPROCESSABLE_ENTITY, ReaderLinks::Guest);
    Ok(keeping(&form.from, show(&site, encoding, response, order)))
}

fn show(
    site: &Site,
    encoding: Encoding,
    (status, links): (StatusCode, ReaderLinks),
    order: OrderForm<'_>,
) -> Handled {
    let context = context(site, &site.snapshot(), order)?;
    site.personal_page(encoding, status, links, Template::Checkout, &context)
}

/// Whether what is ordered is known to include tax: the processor calculates it, or the publisher has set its rate.
fn includes_tax(snapshot: &SiteSnapshot, terms: &Terms) -> bool {
    let publication = &snapshot.publication;
    publication.includes_tax || publication.catalogue.tax_of(&terms.product).is_some()
}

fn context(
    site: &Site,
    snapshot: &SiteSnapshot,
    OrderForm { name, fields, held, history, visitor }: OrderForm<'_>,
) -> Result<CheckoutContext, SiteError> {
    let now = (site.clock)();
    let (quote, terms) = quoted(snapshot, name, &fields.code, history, now)?;
    let first = terms.first(now, &snapshot.publication.policy.zone);
    let from = safe_local_path(&fields.from).to_owned();
    let here = checkout_address(name, &fields.code, &from);
    let (email, owes, form, fault) = match visitor {
        Visitor::Reader { email, owes, delivery } => (email, owes, Some(delivery), None),
        Visitor::Guest { fault } => (String::new(), false, None, fault),
    };
    let (needs_card, is_print_only) = (terms.needs_card(), terms.is_print_only());
    let word = |is_second: bool, [first, second]: [&str; 2]| {
        snapshot.theme.word(if is_second { second } else { first }).to_owned()
    };
    let sends_invoice = snapshot.accepts_invoice(&terms, held, owes);
    let takes_cards = snapshot.publication.sales.takes_cards();
    let is_practice = site.billing.processors().current().is_some_and(Processor::is_practice);
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
        takes_cards,
        email,
        entered: fields.email.clone(),
        fault: fault.map(|fault| snapshot.theme.word(fault).to_owned()).unwrap_or_default(),
        sign_in: format!("/checkout/{name}/sign-in"),
        offers: offers_address(&fields.code, &from),
        here,
        code: fields.code.clone(),
        from,
        card_hint: word(is_practice, ["checkout_card_hint", "checkout_card_sandbox"]),
        no_invoice: snapshot.no_invoice_words(&terms, held, owes).to_owned(),
        invoice: sends_invoice.then(invoice).unwrap_or_default(),
        invoice_hint: word(is_print_only, ["checkout_invoice_hint", "checkout_invoice_print"]),
        sandbox: needs_card && is_practice,
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
    let begun = order(&site, encoding, (&reader, &device), &name, &form).await;
    Ok(keeping(&form.from, begun))
}

/// Begins the checkout of what a reader has agreed to, and leads to the payment page.
async fn order(
    site: &Arc<Site>,
    encoding: Encoding,
    (reader, device): (&SignedIn, &Device),
    name: &str,
    form: &CheckoutForm,
) -> Handled {
    let account = &reader.account;
    let held = site.store.subscriptions_of(account.id).await?;
    let owes = owes(site, account.id).await?;
    let order = (name, form);
    let (secret, checkout, limit) = agreed(site, order, account, (&held, owes), device)?;
    let delivery = match entered_delivery(site, &checkout.terms, form) {
        Ok(delivery) => delivery,
        Err(delivery) => {
            let visitor = Visitor::reader(account, owes, delivery);
            let history = history(account, &held, (site.clock)());
            let order = OrderForm { name, fields: form, held: &held, history, visitor };
            let response = (StatusCode::UNPROCESSABLE_ENTITY, reader.links(site));
            return show(site, encoding, response, order);
        }
    };
    let start = site.store.begin_checkout_with(&checkout, limit, delivery.as_ref()).await?;
    if limit.is_some() || start == CheckoutStart::SoldOut {
        site.mark_sold_out().await?;
    }
    match start {
        CheckoutStart::Begun { supersedes: false } => {}
        CheckoutStart::Begun { supersedes: true } => close_superseded(site, account.id),
        CheckoutStart::SoldOut => return Err(not_sold(history(account, &held, (site.clock)()))),
    }
    site.counters.count_from(&checkout.from, CountedEvent::CheckoutBegun);
    if checkout.terms.needs_card() {
        let payer = Payer { email: &account.email, mandate: None, code: &form.code };
        return open_payment_page(site, &secret, &checkout, payer).await;
    }
    // A trial that ends by itself: nothing is paid now or later.
    let nothing = Mandate { processor: String::new(), reference: String::new(), card: None };
    site.billing.deliver(&checkout, nothing).await?;
    Ok(see_other(safe_local_path(&checkout.from), &[Note::Ordered.cookie(site)]))
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

/// Whether the address of an account has left an invoice unpaid under an account before this one.
pub(super) async fn owes(site: &Site, account: AccountId) -> Result<bool, StoreError> {
    Ok(!site.store.debts_of(account).await?.is_empty())
}

fn history(account: &Account, held: &[Subscription], now: Timestamp) -> History {
    entitlement::history(held, account.had_subscription, now)
}

/// The checkout of what a reader has agreed to, with the secret in its address and the limit of its offer.
fn agreed(
    site: &Site,
    (name, form): (&str, &CheckoutForm),
    account: &Account,
    (held, owes): (&[Subscription], bool),
    device: &Device,
) -> Result<(Secret, Checkout, Option<u32>), SiteError> {
    let snapshot = site.snapshot();
    let now = (site.clock)();
    let (quote, terms) = quoted(&snapshot, name, &form.code, history(account, held, now), now)?;
    let limit = quote.offer.and_then(|offer| offer.limit);
    let (secret, mut checkout) = new_checkout(site, account, Purpose::Begin, terms, &form.from);
    checkout.experiment = site.assignment(device);
    if checkout.terms.needs_card() {
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
