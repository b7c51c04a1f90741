//! Making offers: what a subscription costs at first, who may take it, and until when.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use jiff::Timestamp;
use masthead_circulation::{Audience, Catalogue, Introduction, Money, Offer};
use masthead_editorial::slug::slugify;
use masthead_store::StoreError;
use masthead_web::form;
use serde::{Deserialize, Serialize};

use crate::{
    Desk, Refused, Steered,
    filled::Filled,
    gate::{Inside, Insider},
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

/// What the form of an offer holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Sheet {
    #[serde(skip_serializing)]
    version: String,
    #[serde(rename = "do", skip_serializing)]
    wish: String,
    name: String,
    price: String,
    first: String,
    lasts: String,
    /// "on" where a card is asked for.
    card: String,
    #[serde(rename = "for")]
    takers: String,
    /// One a line.
    codes: String,
    ends: String,
    limit: String,
}

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
    takers: &'static str,
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
    takers: Vec<(&'static str, &'static str)>,
    currency: String,
    page: String,
    at: &'static str,
    fault: String,
}

/// A field of the form, and what is wrong with it.
type Fault = (&'static str, String);

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
    match set(&desk, &insider, &sent.version, text).await {
        Ok(()) => form::see("/desk/offers", &[]),
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
    match set(&desk, &insider, &sheet.version, text(&offers)).await {
        Ok(()) => form::see("/desk/offers", &[]),
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

async fn set(
    desk: &Desk,
    insider: &Insider,
    version: &str,
    text: Result<String, toml::ser::Error>,
) -> Result<(), Refused> {
    let text = text.map_err(Refused::failed)?;
    let behind = "Somebody else has changed the offers since you began, and nothing was changed. Open the page in another \
                  tab, and compare.";
    let version = version.parse().unwrap_or_default();
    desk.steer(insider, Steered::Offers, (version, text), behind).await
}

fn address(slug: &str) -> String {
    format!("/desk/offers/{slug}")
}

async fn list(desk: &Desk, insider: &Insider, fault: String) -> Response {
    let asked = async {
        let history = desk.history(Steered::Offers).await?;
        Ok::<_, StoreError>((history, desk.on.store.takers().await?))
    };
    let (history, takers) = match asked.await {
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
        takers: words_of(&offer.audience),
        stands: stands(desk, offer, &takers, now),
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
    let status =
        if listed.fault.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    desk.page(status, Some(insider), "offers.html", &listed)
}

/// Whether it can be taken now.
fn stands(desk: &Desk, offer: &Offer, takers: &[(String, u32)], now: Timestamp) -> String {
    let zone = desk.imprint().zone;
    let taken = takers.iter().find(|(slug, _)| *slug == offer.slug).map_or(0, |(_, taken)| *taken);
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

fn words_of(audience: &Audience) -> &'static str {
    let name = name_of(audience);
    TAKERS.iter().find(|(known, _)| *known == name).map_or("", |(_, words)| words)
}

fn name_of(audience: &Audience) -> &'static str {
    match audience {
        Audience::New => "new",
        Audience::Lapsed => "lapsed",
        Audience::Everyone => "everyone",
        Audience::Codes(_) => "code",
    }
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
        takers: TAKERS.to_vec(),
        version: history.version,
        slug,
        sheet,
        at,
        fault,
    };
    let status =
        if shown.fault.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    desk.page(status, Some(insider), "offer.html", &shown)
}

impl Sheet {
    fn of(offer: &Offer) -> Self {
        let codes = match &offer.audience {
            Audience::Codes(codes) => codes.join("\n"),
            Audience::New | Audience::Lapsed | Audience::Everyone => String::new(),
        };
        Self {
            name: offer.name.clone(),
            price: offer.price.clone(),
            first: offer.introduction.amount.decimal(),
            lasts: offer.introduction.lasts.to_string(),
            card: if offer.introduction.card { "on".to_owned() } else { String::new() },
            takers: name_of(&offer.audience).to_owned(),
            codes,
            ends: offer.ends.map(|last| last.to_string()).unwrap_or_default(),
            limit: offer.limit.map(|limit| limit.to_string()).unwrap_or_default(),
            ..Self::default()
        }
    }

    fn fresh(catalogue: &Catalogue) -> Self {
        Self {
            price: catalogue.prices().first().map(|price| price.slug.clone()).unwrap_or_default(),
            lasts: "3 months".to_owned(),
            card: "on".to_owned(),
            takers: "new".to_owned(),
            ..Self::default()
        }
    }

    /// The offer that it is, where it hangs together with everything else that is sold; or what to mend.
    fn checked(&self, slug: &str, catalogue: &Catalogue) -> Result<Offer, Fault> {
        let offer = self.offer(slug, catalogue)?;
        let mut offers = catalogue.offers().to_vec();
        match offers.iter_mut().find(|known| known.slug == offer.slug && slug != NEW) {
            Some(known) => *known = offer.clone(),
            None => offers.push(offer.clone()),
        }
        let (products, prices) = (catalogue.products().to_vec(), catalogue.prices().to_vec());
        Catalogue::new(products, prices, offers)
            .map(|_| offer)
            .map_err(|(_, fault)| ("name", format!("{fault}.")))
    }

    fn offer(&self, slug: &str, catalogue: &Catalogue) -> Result<Offer, Fault> {
        let told = |at, fault: &str| (at, fault.to_owned());
        let name = self.name.trim();
        if name.is_empty() {
            return Err(told("name", "Write what readers see it called."));
        }
        let slug = if slug == NEW { slugify(name) } else { slug.to_owned() };
        if slug.is_empty() || slug == NEW {
            return Err(told(
                "name",
                "Write a name with a few letters that can stand in an address.",
            ));
        }
        let price = catalogue.price(&self.price);
        let price = price.ok_or_else(|| told("price", "Choose what it leads to."))?;
        let amount = Money::parse(self.first.trim(), price.amount.currency())
            .map_err(|error| ("first", format!("{error}. For a trial, write 0.")))?;
        let lasts = self.lasts.trim().parse();
        let lasts = lasts
            .map_err(|error: masthead_circulation::NoLength| ("lasts", format!("{error}.")))?;
        let codes: Vec<String> = self
            .codes
            .lines()
            .map(|code| code.trim().to_owned())
            .filter(|code| !code.is_empty())
            .collect();
        let audience = match (self.takers.as_str(), codes.is_empty()) {
            ("new", true) => Audience::New,
            ("lapsed", true) => Audience::Lapsed,
            ("everyone", true) => Audience::Everyone,
            ("code", false) => Audience::Codes(codes),
            ("code", true) => return Err(told("codes", "Write at least one code.")),
            _ => {
                let fault = "There are codes, but it is not for those who know one. Choose them above, or take the \
                             codes out.";
                return Err(told("codes", fault));
            }
        };
        let card = !self.card.is_empty();
        if !card && !amount.is_zero() {
            return Err(told("card", "Only a trial can do without a card."));
        }
        let some = |text: &'_ str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let ends = some(&self.ends).map(|day| day.parse()).transpose();
        let ends = ends.map_err(|_: jiff::Error| {
            told("ends", "Write the last day as year, month and day: 2027-03-31.")
        })?;
        let limit = some(&self.limit).map(|limit| limit.parse()).transpose();
        let limit = limit.ok().filter(|limit| *limit != Some(0)).ok_or_else(|| {
            told("limit", "Write how many may take it as a whole number, or nothing.")
        })?;
        Ok(Offer {
            slug,
            name: name.to_owned(),
            price: price.slug.clone(),
            introduction: Introduction { amount, lasts, card },
            audience,
            ends,
            limit,
        })
    }
}

/// Offers in the words of the configuration file.
fn text(offers: &[Offer]) -> Result<String, toml::ser::Error> {
    #[derive(Serialize)]
    struct File<'a> {
        offers: Vec<Entry<'a>>,
    }
    #[derive(Serialize)]
    struct Entry<'a> {
        slug: &'a str,
        name: &'a str,
        price: &'a str,
        first: String,
        lasts: String,
        card: bool,
        #[serde(rename = "for")]
        takers: &'static str,
        codes: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        ends: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
    }
    fn entry(offer: &Offer) -> Entry<'_> {
        Entry {
            slug: &offer.slug,
            name: &offer.name,
            price: &offer.price,
            first: offer.introduction.amount.decimal(),
            lasts: offer.introduction.lasts.to_string(),
            card: offer.introduction.card,
            takers: name_of(&offer.audience),
            codes: match &offer.audience {
                Audience::Codes(codes) => codes,
                Audience::New | Audience::Lapsed | Audience::Everyone => &[],
            },
            ends: offer.ends.map(|last| last.to_string()),
            limit: offer.limit,
        }
    }
    // None at all: nothing is offered, whatever the file says.
    if offers.is_empty() {
        return Ok("offers = []\n".to_owned());
    }
    toml::to_string(&File { offers: offers.iter().map(entry).collect() })
}
