//! The offers page: everything that this reader can buy, and nothing else.

use std::sync::Arc;

use axum::{
    extract::{Query, Request, State},
    response::Response,
};
use http::StatusCode;
use masthead_audience::FunnelStep;
use masthead_circulation::{Audience, History, Offer, Quote};
use masthead_web::form;
use serde::Deserialize;

use super::history_of;
use crate::{
    account::way,
    compression::Encoding,
    contexts::OffersContext,
    page::{CommonParts, Page},
    site::Site,
    theme::{Template, ThemeError},
};

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
        Some(from) => form::own_path(from).to_owned(),
        None => way::came_from(&headers, &publication.address),
    };
    site.count_step(&headers, &from, FunnelStep::OffersSeen).await;
    let code = asked.code.trim();
    let zone = &publication.policy.zone;
    let offers = catalogue.offers().iter().map(|offer| offer.slug.as_str());
    let names = offers.chain(catalogue.prices().iter().map(|price| price.slug.as_str()));
    let deals: Vec<Quote<'_>> =
        names.filter_map(|name| snapshot.open_deal(name, history, code, now)).collect();
    let coded = |deal: &Quote<'_>| {
        deal.offer.is_some_and(|offer| matches!(offer.audience, Audience::Codes(_)))
    };
    let unknown = !code.is_empty() && !deals.iter().any(coded);
    let codes = catalogue
        .offers()
        .iter()
        .any(|offer| matches!(offer.audience, Audience::Codes(_)) && offer.runs(now, zone));
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

impl Site {
    /// The offers as a reader sees them who may take this one, which need not be in force; everything else is as it is.
    pub fn offered(&self, offer: &Offer) -> Result<Vec<u8>, ThemeError> {
        let now = (self.clock)();
        let snapshot = self.snapshot();
        let catalogue = &snapshot.publication.catalogue;
        let zone = &snapshot.publication.policy.zone;
        let (history, code) = match &offer.audience {
            Audience::New | Audience::Everyone => (History::New, ""),
            Audience::Lapsed => (History::Lapsed, ""),
            Audience::Codes(codes) => (History::New, codes.first().map_or("", String::as_str)),
        };
        let others = catalogue.offers();
        let is_new = others.iter().all(|other| other.slug != offer.slug);
        let offers = others
            .iter()
            .map(|other| if other.slug == offer.slug { offer } else { other })
            .chain(is_new.then_some(offer));
        let open = offers.filter(|open| {
            open.slug == offer.slug || open.runs(now, zone) && open.is_for(history, Some(code))
        });
        let begun = open.filter_map(|offer| {
            Some(Quote { price: catalogue.price(&offer.price)?, offer: Some(offer) })
        });
        let deals = begun.chain(catalogue.prices().iter().map(Quote::from));
        let card = |deal: Quote<'_>| snapshot.offer_card(deal, String::from("/offers"));
        let context = OffersContext {
            chrome: snapshot.layout().bare_chrome(snapshot.theme.word("offers")),
            cards: deals.map(card).collect(),
            signed_in: history == History::Lapsed,
            subscribed: false,
            codes: !code.is_empty(),
            code: code.to_owned(),
            fault: String::new(),
            from: "/".to_owned(),
        };
        let html = snapshot.theme.render(Template::Offers, &context)?;
        let page = Page::new(&html, Encoding::Identity, &CommonParts::default());
        Ok(page.assemble(|_| None).content.to_vec())
    }
}

/// Where a deal is bought.
pub(super) fn checkout_address(name: &str, code: &str, from: &str) -> String {
    let mut query = Vec::new();
    if !code.is_empty() {
        query.push(format!("code={}", form::encode(code)));
    }
    if from != "/" {
        query.push(format!("from={}", form::encode(from)));
    }
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/checkout/{name}{mark}{}", query.join("&"))
}
