//! The offers page: everything that this reader can buy, and nothing else.

use std::sync::Arc;

use axum::{
    extract::{Query, Request, State},
    response::Response,
};
use http::StatusCode;
use masthead_audience::FunnelStep;
use masthead_circulation::{OfferAudience, Quote};
use masthead_web::form;
use serde::Deserialize;

use super::history_of;
use crate::{return_to, state::Site};
use masthead_publication::{contexts::OffersContext, theme::Template};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    code: String,
    from: Option<String>,
}

pub(super) async fn offers(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    if !asked.code.is_empty() && !site.limits.admit_code(site.client(&request)) {
        return site.notice(StatusCode::TOO_MANY_REQUESTS, &headers, "code_often", "/offers");
    }
    let now = (site.clock)();
    let snapshot = site.snapshot();
    let publication = &snapshot.publication;
    let catalogue = &publication.catalogue;
    if catalogue.is_empty() {
        return site.not_found(&headers).await;
    }
    let member = site.signed_in(&headers).await.map(|(_, member)| member);
    let history = history_of(member.as_deref(), now);
    let from = match &asked.from {
        Some(from) => form::safe_local_path(from).to_owned(),
        None => return_to::came_from(&headers, &publication.address),
    };
    site.count_step(&headers, &from, FunnelStep::OffersSeen).await;
    let code = asked.code.trim();
    let zone = &publication.policy.zone;
    let offers = catalogue.offers().iter().map(|offer| offer.slug.as_str());
    let names = offers.chain(catalogue.prices().iter().map(|price| price.slug.as_str()));
    let deals: Vec<Quote<'_>> =
        names.filter_map(|name| snapshot.open_quote(name, history, code, now)).collect();
    let coded = |deal: &Quote<'_>| {
        deal.offer.is_some_and(|offer| matches!(offer.audience, OfferAudience::Codes(_)))
    };
    let unknown = !code.is_empty() && !deals.iter().any(coded);
    let codes = catalogue
        .offers()
        .iter()
        .any(|offer| matches!(offer.audience, OfferAudience::Codes(_)) && offer.runs(now, zone));
    let card = |deal: &Quote<'_>| {
        let code = if coded(deal) { code } else { "" };
        snapshot.offer_card(*deal, checkout_address(deal.slug(), code, &from))
    };
    let context = OffersContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("offers")),
        cards: deals.iter().map(card).collect(),
        signed_in: member.is_some(),
        subscribed: !history.may_buy(),
        codes: codes && history.may_buy(),
        code: code.to_owned(),
        fault: if unknown {
            snapshot.theme.word("fault_offer_code").to_owned()
        } else {
            String::new()
        },
        from,
    };
    site.personal_page(StatusCode::OK, &headers, Template::Offers, &context)
}

/// Where a deal is bought.
pub(super) fn checkout_address(name: &str, code: &str, from: &str) -> String {
    let mut query = Vec::new();
    if !code.is_empty() {
        query.push(format!("code={}", form::encode_query(code)));
    }
    if from != "/" {
        query.push(format!("from={}", form::encode_query(from)));
    }
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/checkout/{name}{mark}{}", query.join("&"))
}
