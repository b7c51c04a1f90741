//! Making offers: what a subscription costs at first, who may take it, and until when.

mod file;
mod form;

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::Timestamp;
use masthead_circulation::{Offer, OfferAudience};
use masthead_store::StoreError;
use masthead_web::form::see_other;
use serde::Serialize;

use self::{
    file::{name_of, text},
    form::{Fault, Sheet},
};
use crate::{
    Desk, Refused, Steered,
    auth::{Inside, Insider},
    form::{Filled, form_status},
    pages::{Said, framed},
};

/// What the log says where nothing works.
const BROKEN: &str = "the offers cannot be shown or set";
/// In an address, an offer that there is not yet.
const NEW: &str = "new";

/// Who may take an offer, as the form and the file say it.
const TAKERS: [(&str, &str); 4] = [
    ("new", "Readers who never had a subscription"),
    ("lapsed", "Readers who had one, and have none now"),
    ("everyone", "All who have none now"),
    ("code", "Those of them who know a code"),
];

#[derive(Serialize)]
struct Listed {
    offers: Vec<Row>,
    sells: bool,
    steered: bool,
    history: Vec<String>,
    version: i32,
    fault: String,
}

#[derive(Serialize)]
struct Row {
    to: String,
    slug: String,
    name: String,
    what: String,
    redemptions: &'static str,
    stands: String,
    is_first: bool,
}

#[derive(Serialize)]
struct Shown {
    slug: String,
    is_new: bool,
    sheet: Sheet,
    version: i32,
    prices: Vec<(String, String)>,
    redemptions: Vec<(&'static str, &'static str)>,
    currency: String,
    page: String,
    at: &'static str,
    fault: String,
}

pub(crate) async fn page(State(desk): State<Arc<Desk>>, insider: Inside) -> Response {
    list(&desk, &insider, String::new()).await
}

/// What the buttons of the list do: the order, and back to the file.
pub(crate) async fn change(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Filled(sent): Filled<Sheet>,
) -> Response {
    let mut offers = desk.on.helm.catalogue().offers().to_vec();
    let wish = sent.wish.as_str();
    let text = match wish.strip_prefix("up-") {
        Some(slug) => {
            let place = offers.iter().position(|offer| offer.slug == slug);
            if let Some(place) = place.filter(|place| *place > 0) {
                offers.swap(place - 1, place);
            }
            text(&offers)
        }
        None if wish == "file" => Ok(String::new()),
        None => return list(&desk, &insider, String::new()).await,
    };
    match desk.steer(&insider, Steered::Offers, &sent.version, text).await {
        Ok(()) => see_other("/desk/offers", &[]),
        Err(Refused::Told(fault)) => list(&desk, &insider, fault).await,
        Err(Refused::Failed(error)) => desk.cannot(&insider, BROKEN, &error),
    }
}

pub(crate) async fn offer(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(slug): Path<String>,
) -> Response {
    let catalogue = desk.on.helm.catalogue();
    let sheet = match catalogue.offer(&slug) {
        Some(offer) => Sheet::of(offer),
        None if slug == NEW && !catalogue.is_empty() => Sheet::fresh(&catalogue),
        None => return desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_OFFER),
    };
    show(&desk, &insider, slug, sheet, None).await
}

/// Everything that the buttons of an offer's form do.
pub(crate) async fn save(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(slug): Path<String>,
    Filled(sheet): Filled<Sheet>,
) -> Response {
    let catalogue = desk.on.helm.catalogue();
    let known = catalogue.offers().iter().position(|offer| offer.slug == slug);
    if known.is_none() && slug != NEW {
        return desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_OFFER);
    }
    let mut offers = catalogue.offers().to_vec();
    match (sheet.wish.as_str(), known) {
        ("save", known) => match sheet.checked(&slug, &catalogue) {
            Ok(offer) => match known.and_then(|place| offers.get_mut(place)) {
                Some(place) => *place = offer,
                None => offers.push(offer),
            },
            Err(fault) => return show(&desk, &insider, slug, sheet, Some(fault)).await,
        },
        ("remove", Some(place)) => {
            offers.remove(place);
        }
        _ => {
            let fault = sheet.checked(&slug, &catalogue).err();
            return show(&desk, &insider, slug, sheet, fault).await;
        }
    }
    match desk.steer(&insider, Steered::Offers, &sheet.version, text(&offers)).await {
        Ok(()) => see_other("/desk/offers", &[]),
        Err(Refused::Told(fault)) => {
            show(&desk, &insider, slug, sheet, Some(("name", fault))).await
        }
        Err(Refused::Failed(error)) => desk.cannot(&insider, BROKEN, &error),
    }
}

/// The offers page with the offer on it, as it would be.
pub(crate) async fn seen(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(slug): Path<String>,
    Query(sheet): Query<Sheet>,
) -> Response {
    let catalogue = desk.on.helm.catalogue();
    let Ok(offer) = sheet.checked(&slug, &catalogue) else {
        return desk.say(StatusCode::UNPROCESSABLE_ENTITY, None, &Said::NO_OFFER);
    };
    match desk.on.showroom.offered(&offer) {
        Ok(page) => framed(page),
        Err(error) => desk.cannot(&insider, BROKEN, &error),
    }
}

fn address(slug: &str) -> String {
    format!("/desk/offers/{slug}")
}

async fn list(desk: &Desk, insider: &Insider, fault: String) -> Response {
    let asked = async {
        let history = desk.history(Steered::Offers).await?;
        Ok::<_, StoreError>((history, desk.on.store.redemptions().await?))
    };
    let (history, redemptions) = match asked.await {
        Ok(asked) => asked,
        Err(error) => return desk.failed(&error),
    };
    let catalogue = desk.on.helm.catalogue();
    let now = desk.now();
    let row = |(index, offer): (usize, &Offer)| Row {
        to: address(&offer.slug),
        slug: offer.slug.clone(),
        name: if offer.name.is_empty() { offer.slug.clone() } else { offer.name.clone() },
        what: desk.on.showroom.cost(offer),
        redemptions: words_of(&offer.audience),
        stands: stands(desk, offer, &redemptions, now),
        is_first: index == 0,
    };
    let listed = Listed {
        offers: catalogue.offers().iter().enumerate().map(row).collect(),
        sells: !catalogue.is_empty(),
        steered: history.steered,
        history: history.lines,
        version: history.version,
        fault,
    };
    let status = form_status(&listed.fault);
    desk.page(status, Some(insider), "offers.html", &listed)
}

/// Whether it can be taken now.
fn stands(desk: &Desk, offer: &Offer, redemptions: &[(String, u32)], now: Timestamp) -> String {
    let zone = desk.imprint().zone;
    let taken =
        redemptions.iter().find(|(slug, _)| *slug == offer.slug).map_or(0, |(_, taken)| *taken);
    match (offer.ends, offer.limit) {
        (Some(last), _) if !offer.runs(now, &zone) => {
            format!("Over since {}", last.strftime("%-d %B %Y"))
        }
        (_, Some(limit)) if taken >= limit => format!("All {limit} were taken"),
        (None, Some(limit)) => format!("Runs; {taken} of {limit} were taken"),
        (Some(last), None) => format!("Runs through {}", last.strftime("%-d %B %Y")),
        (Some(last), Some(limit)) => {
            format!("Runs through {}; {taken} of {limit} were taken", last.strftime("%-d %B %Y"))
        }
        (None, None) => "Runs".to_owned(),
    }
}

fn words_of(audience: &OfferAudience) -> &'static str {
    let name = name_of(audience);
    TAKERS.iter().find(|(known, _)| *known == name).map_or("", |(_, words)| words)
}

async fn show(
    desk: &Desk,
    insider: &Insider,
    slug: String,
    sheet: Sheet,
    fault: Option<Fault>,
) -> Response {
    let history = match desk.history(Steered::Offers).await {
        Ok(history) => history,
        Err(error) => return desk.failed(&error),
    };
    let catalogue = desk.on.helm.catalogue();
    let (at, fault) = fault.unwrap_or_default();
    let shown = Shown {
        prices: desk.on.house.prices(),
        page: if sheet.checked(&slug, &catalogue).is_ok() {
            let query = serde_urlencoded::to_string(&sheet).unwrap_or_default();
            format!("{}/page?{query}", address(&slug))
        } else {
            String::new()
        },
        currency: catalogue
            .prices()
            .first()
            .map(|price| price.amount.currency().code().to_owned())
            .unwrap_or_default(),
        is_new: slug == NEW,
        redemptions: TAKERS.to_vec(),
        version: history.version,
        slug,
        sheet,
        at,
        fault,
    };
    let status = form_status(&shown.fault);
    desk.page(status, Some(insider), "offer.html", &shown)
}
