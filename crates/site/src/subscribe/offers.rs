//! The offers page: everything that this reader can buy, and nothing else.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use masthead_audience::FunnelStep;
use masthead_circulation::{History, Offer, OfferAudience, Product, Quote, Subscription};
use masthead_publication::{
    CachedAccount, PlanSelection, ReaderLinks, SiteSnapshot, Template,
    contexts::{HeldContext, OffersContext},
};
use masthead_web::form::{encode_query, safe_local_path, see_other};
use serde::Deserialize;

use super::checkout::owes;
use crate::{
    account::subscription_view,
    error::{Handled, SiteError, keeping},
    extract::{
        Accepts, ClientAddress, Device, MaybeSignedIn, ReturnPath, UrlQuery,
        limit::admit_offer_code,
    },
    notice::Notice,
    return_to::is_checkout,
    state::Site,
};

#[derive(Deserialize)]
pub(super) struct OffersQuery {
    #[serde(default)]
    code: String,
    from: Option<String>,
}

/// The offers page.
pub(super) async fn offers(
    State(site): State<Arc<Site>>,
    client: ClientAddress,
    UrlQuery(query): UrlQuery<OffersQuery>,
    MaybeSignedIn(reader): MaybeSignedIn,
    device: Device,
    ReturnPath(page): ReturnPath,
    Accepts(encoding): Accepts,
) -> Handled {
    admit_offer_code(&site, client, &query.code)?;
    let snapshot = site.snapshot();
    if snapshot.publication.catalogue.is_empty() {
        return Err(SiteError::NotFound);
    }
    if !snapshot.publication.sells() {
        return Err(Notice::NothingSold.into());
    }
    let from = query.from.map_or(page, |from| safe_local_path(&from).to_owned());
    site.count_step(&device, &from, FunnelStep::OffersSeen).await;
    let now = (site.clock)();
    let mut context = context(&snapshot, reader.as_deref(), query.code.trim(), &from, now);
    context.held = reader.as_ref().map(|reader| held(&snapshot, reader, now)).unwrap_or_default();
    if let Some(reader) = &reader {
        let owes = owes(&site, reader.account).await?;
        context.payment = snapshot.payment_words(&reader.subscriptions(), owes).to_owned();
    }
    let paused = reader.as_ref().and_then(|reader| reader.paused_until(now));
    context.paused = paused.map(|until| paused_words(&snapshot, until)).unwrap_or_default();
    let links = match &reader {
        Some(reader) => reader.links(now),
        None => ReaderLinks::Guest,
    };
    site.personal_page(encoding, StatusCode::OK, links, Template::Offers, &context)
}

/// What a reader can buy, with this code or none.
fn context(
    snapshot: &SiteSnapshot,
    reader: Option<&CachedAccount>,
    code: &str,
    from: &str,
    now: Timestamp,
) -> OffersContext {
    let history = reader.map_or(History::New, |reader| reader.history(now));
    let catalogue = &snapshot.publication.catalogue;
    let zone = &snapshot.publication.policy.zone;
    let offers = catalogue.offers().iter().map(|offer| offer.slug.as_str());
    let names = offers.chain(catalogue.prices().iter().map(|price| price.slug.as_str()));
    let quotes = names.filter_map(|name| snapshot.open_quote(name, history, code, now)).collect();
    let selection = PlanSelection { quotes, code };
    let is_unknown = !code.is_empty() && !selection.knows_code();
    let fault = if is_unknown { snapshot.theme.word("fault_offer_code") } else { "" };
    let trial = |quote: &Quote<'_>| checkout_address(quote.slug(), "", from);
    let takes_codes =
        catalogue.offers().iter().any(|offer| needs_code(offer) && offer.runs(now, zone));
    OffersContext {
        signed_in: reader.is_some(),
        subscribed: !history.may_buy(),
        codes: takes_codes && history.may_buy(),
        fault: fault.to_owned(),
        from: from.to_owned(),
        ..snapshot.offers_context(&selection, trial)
    }
}

fn paused_words(snapshot: &SiteSnapshot, until: Timestamp) -> String {
    snapshot.theme.word("offers_paused").replace("{date}", &snapshot.date_of(until))
}

/// What a reader has subscribed to and still has.
fn held(snapshot: &SiteSnapshot, reader: &CachedAccount, now: Timestamp) -> Vec<HeldContext> {
    let subscriptions = reader.subscriptions();
    let live = subscriptions.iter().filter(|held| !held.state.is_over(now));
    let context = |held: &Subscription| HeldContext {
        name: held.terms.name.clone(),
        status: subscription_view::status_words(snapshot, held, now),
    };
    live.map(context).collect()
}

fn needs_code(offer: &Offer) -> bool {
    matches!(offer.audience, OfferAudience::Codes(_))
}

#[derive(Deserialize)]
pub(super) struct PlanQuery {
    #[serde(default)]
    plan: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    from: String,
}

/// Leads from the choice on the offers page to the checkout of what was chosen.
pub(super) async fn choose(
    State(site): State<Arc<Site>>,
    UrlQuery(query): UrlQuery<PlanQuery>,
) -> Handled {
    let snapshot = site.snapshot();
    let catalogue = &snapshot.publication.catalogue;
    let plan = query.plan.as_str();
    if catalogue.price(plan).is_none() && catalogue.offer(plan).is_none() {
        return Ok(keeping(&query.from, Err(Notice::OfferOver.into())));
    }
    let from = safe_local_path(&query.from);
    Ok(see_other(&checkout_address(plan, query.code.trim(), from), &[]))
}

/// The address at which something is bought.
pub(super) fn checkout_address(name: &str, code: &str, from: &str) -> String {
    order_address(&format!("/checkout/{name}"), code, from)
}

/// The address of the offers page, with the code and the path to go back to.
pub(super) fn offers_address(code: &str, from: &str) -> String {
    order_address("/offers", code, from)
}

/// An address with the code and the path to go back to. A path with which the address would be too long to get back to is left
/// out: the order matters more.
fn order_address(page: &str, code: &str, from: &str) -> String {
    let mut query = Vec::new();
    if !code.is_empty() {
        query.push(format!("code={}", encode_query(code)));
    }
    if from != "/" {
        query.push(format!("from={}", encode_query(from)));
    }
    let mark = if query.is_empty() { "" } else { "?" };
    let address = format!("{page}{mark}{}", query.join("&"));
    let is_short = from == "/" || safe_local_path(&address) == address;
    if is_short { address } else { order_address(page, code, "/") }
}

/// Says what a reader is ordering who gets back to this path after signing in; empty if nothing. Whether it is sold to them is
/// decided at the checkout, which counts the codes that are tried.
pub(crate) fn order_words(snapshot: &SiteSnapshot, path: &str) -> String {
    let Some(rest) = path.strip_prefix("/checkout/").filter(|_| is_checkout(path)) else {
        return String::new();
    };
    let name = rest.split('?').next().unwrap_or_default();
    let catalogue = &snapshot.publication.catalogue;
    let price = catalogue.offer(name).map_or(name, |offer| &offer.price);
    let price = catalogue.price(price);
    let product = price.and_then(|price| catalogue.product(&price.product));
    let words = |product: &Product| {
        snapshot.theme.word("sign_in_to_order").replace("{product}", &product.name)
    };
    product.map(words).unwrap_or_default()
}
