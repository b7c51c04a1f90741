//! The offers page: everything that this reader can buy, and nothing else.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use masthead_audience::FunnelStep;
use masthead_circulation::{History, Offer, OfferAudience, Quote};
use masthead_publication::{ReaderLinks, SiteSnapshot, Template, contexts::OffersContext};
use masthead_web::form::{encode_query, safe_local_path};
use serde::Deserialize;

use crate::{
    error::{Handled, SiteError},
    extract::{
        Accepts, ClientAddress, Device, MaybeSignedIn, ReturnPath, UrlQuery,
        limit::admit_offer_code,
    },
    notice::Notice,
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
    let history = reader.as_ref().map_or(History::New, |reader| reader.history(now));
    let mut context = context(&snapshot, history, query.code.trim(), from, now);
    context.signed_in = reader.is_some();
    let paused = reader.as_ref().and_then(|reader| reader.paused_until(now));
    context.paused = paused.map(|until| paused_words(&snapshot, until)).unwrap_or_default();
    let links = match &reader {
        Some(reader) => reader.links(now),
        None => ReaderLinks::Guest,
    };
    site.personal_page(encoding, StatusCode::OK, links, Template::Offers, &context)
}

/// What a reader of this history can buy, with this code or none. The context is that of an anonymous reader.
fn context(
    snapshot: &SiteSnapshot,
    history: History,
    code: &str,
    from: String,
    now: Timestamp,
) -> OffersContext {
    let catalogue = &snapshot.publication.catalogue;
    let zone = &snapshot.publication.policy.zone;
    let offers = catalogue.offers().iter().map(|offer| offer.slug.as_str());
    let names = offers.chain(catalogue.prices().iter().map(|price| price.slug.as_str()));
    let quotes: Vec<Quote<'_>> =
        names.filter_map(|name| snapshot.open_quote(name, history, code, now)).collect();
    let by_code = |quote: &Quote<'_>| quote.offer.is_some_and(needs_code);
    let is_unknown = !code.is_empty() && !quotes.iter().any(by_code);
    let fault = if is_unknown { snapshot.theme.word("fault_offer_code") } else { "" };
    let card = |quote: &Quote<'_>| {
        let code = if by_code(quote) { code } else { "" };
        snapshot.offer_card(*quote, checkout_address(quote.slug(), code, &from))
    };
    let takes_codes =
        catalogue.offers().iter().any(|offer| needs_code(offer) && offer.runs(now, zone));
    OffersContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("offers")),
        cards: quotes.iter().map(card).collect(),
        signed_in: false,
        subscribed: !history.may_buy(),
        paused: String::new(),
        codes: takes_codes && history.may_buy(),
        code: code.to_owned(),
        fault: fault.to_owned(),
        from,
    }
}

fn paused_words(snapshot: &SiteSnapshot, until: Timestamp) -> String {
    snapshot.theme.word("offers_paused").replace("{date}", &snapshot.date_of(until))
}

fn needs_code(offer: &Offer) -> bool {
    matches!(offer.audience, OfferAudience::Codes(_))
}

/// The address at which something is bought.
pub(super) fn checkout_address(name: &str, code: &str, from: &str) -> String {
    let mut query = Vec::new();
    if !code.is_empty() {
        query.push(format!("code={}", encode_query(code)));
    }
    if from != "/" {
        query.push(format!("from={}", encode_query(from)));
    }
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/checkout/{name}{mark}{}", query.join("&"))
}
