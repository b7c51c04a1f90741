//! What there is to subscribe to: products, what they bring, and what they cost.

mod form;
mod shop;

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use masthead_circulation::{Channel, Price, Product};
use masthead_web::form::see_other;
use serde::Serialize;

use self::{
    form::{Fault, Sheet},
    shop::{Shop, words_of_length},
};
use crate::{
    Desk, Refused, Steered,
    auth::{Inside, Insider},
    form::{Filled, form_status},
    pages::Said,
    settings::meter::read_age,
};

/// What the log says where nothing works.
const BROKEN: &str = "what is sold cannot be set";
/// In an address, a product that there is not yet.
const NEW: &str = "new";

#[derive(Serialize)]
struct Listed {
    products: Vec<Entry>,
    grace: String,
    steered: bool,
    history: Vec<String>,
    version: i32,
    fault: String,
}

#[derive(Serialize)]
struct Entry {
    to: String,
    slug: String,
    name: String,
    reaches: String,
    prices: Vec<String>,
    is_first: bool,
}

#[derive(Serialize)]
struct Shown {
    slug: String,
    is_new: bool,
    sheet: Sheet,
    channels: Vec<(&'static str, &'static str)>,
    /// What prices are in; empty where it can be chosen.
    currency: String,
    at: String,
    fault: String,
}

pub(crate) async fn page(State(desk): State<Arc<Desk>>, insider: Inside) -> Response {
    list(&desk, &insider, String::new()).await
}

/// What the buttons of the list do: the order, the grace, and back to the file.
pub(crate) async fn change(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Filled(sent): Filled<HashMap<String, String>>,
) -> Response {
    let get = |name: &str| sent.get(name).map(|value| value.trim()).unwrap_or_default();
    let mut shop = Shop::of(&desk);
    let text = match get("do").split_once('-').unwrap_or((get("do"), "")) {
        ("up", slug) => {
            let place = shop.products.iter().position(|product| product.slug == slug);
            if let Some(place) = place.filter(|place| *place > 0) {
                shop.products.swap(place - 1, place);
            }
            shop.text()
        }
        ("grace", _) => match read_age(get("grace")) {
            Some(grace) => {
                shop.grace = grace;
                shop.text()
            }
            None => {
                let fault =
                    format!("“{}” is no length of time. Write one such as 14 days.", get("grace"));
                return list(&desk, &insider, fault).await;
            }
        },
        ("file", _) => Ok(String::new()),
        _ => return list(&desk, &insider, String::new()).await,
    };
    match desk.steer(&insider, Steered::Products, get("version"), text).await {
        Ok(()) => see_other("/desk/products", &[]),
        Err(Refused::Told(fault)) => list(&desk, &insider, fault).await,
        Err(Refused::Failed(error)) => desk.cannot(&insider, BROKEN, &error),
    }
}

pub(crate) async fn product(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(slug): Path<String>,
) -> Response {
    let shop = Shop::of(&desk);
    let sheet = match shop.products.iter().find(|product| product.slug == slug) {
        Some(product) => Sheet::of(product, &shop.prices),
        None if slug == NEW => Sheet::fresh(),
        None => return desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_PRODUCT),
    };
    show(&desk, &insider, slug, sheet, None).await
}

/// Everything that the buttons of a product's form do.
pub(crate) async fn save(
    State(desk): State<Arc<Desk>>,
    insider: Inside,
    Path(slug): Path<String>,
    Filled(sent): Filled<Vec<(String, String)>>,
) -> Response {
    let mut shop = Shop::of(&desk);
    let known = shop.products.iter().position(|product| product.slug == slug);
    if known.is_none() && slug != NEW {
        return desk.say(StatusCode::NOT_FOUND, Some(&insider), &Said::NO_PRODUCT);
    }
    let mut sheet = Sheet::sent(&sent);
    let wish = sent.iter().find(|(name, _)| name == "do").map_or("look", |(_, wish)| wish);
    match (wish, known) {
        ("save", _) => {
            if let Err(fault) = shop.put(&slug, &sheet, &desk.on.helm.catalogue()) {
                return show(&desk, &insider, slug, sheet, Some(fault)).await;
            }
        }
        ("remove", Some(place)) => {
            shop.products.remove(place);
            shop.prices.retain(|price| price.product != slug);
        }
        (wish, _) => {
            sheet.rearrange(wish);
            return show(&desk, &insider, slug, sheet, None).await;
        }
    }
    match desk.steer(&insider, Steered::Products, &sheet.version, shop.text()).await {
        Ok(()) => see_other("/desk/products", &[]),
        Err(Refused::Told(fault)) => {
            show(&desk, &insider, slug, sheet, Some(("name".to_owned(), fault))).await
        }
        Err(Refused::Failed(error)) => desk.cannot(&insider, BROKEN, &error),
    }
}

fn address(slug: &str) -> String {
    format!("/desk/products/{slug}")
}

async fn list(desk: &Desk, insider: &Insider, fault: String) -> Response {
    let history = match desk.history(Steered::Products).await {
        Ok(history) => history,
        Err(error) => return desk.failed(&error),
    };
    let shop = Shop::of(desk);
    let words = desk.on.house.prices();
    let entry = |(index, product): (usize, &Product)| {
        let prices = shop.prices.iter().filter(|price| price.product == product.slug);
        let in_words = |price: &Price| {
            let (_, words) = words.iter().find(|(slug, _)| *slug == price.slug)?;
            let start = format!("{}, ", product.name);
            Some(words.strip_prefix(&start).unwrap_or(words).to_owned())
        };
        let reaches = product.channels.iter().map(|channel| words_of(*channel));
        Entry {
            to: address(&product.slug),
            slug: product.slug.clone(),
            name: product.name.clone(),
            reaches: reaches.collect::<Vec<_>>().join(", "),
            prices: prices.filter_map(in_words).collect(),
            is_first: index == 0,
        }
    };
    let listed = Listed {
        products: shop.products.iter().enumerate().map(entry).collect(),
        grace: words_of_length(shop.grace),
        steered: history.steered,
        history: history.lines,
        version: history.version,
        fault,
    };
    let status = form_status(&listed.fault);
    desk.page(status, Some(insider), "products.html", &listed)
}

async fn show(
    desk: &Desk,
    insider: &Insider,
    slug: String,
    mut sheet: Sheet,
    fault: Option<Fault>,
) -> Response {
    if sheet.version.is_empty() {
        match desk.history(Steered::Products).await {
            Ok(history) => sheet.version = history.version.to_string(),
            Err(error) => return desk.failed(&error),
        }
    }
    let (at, fault) = fault.unwrap_or_default();
    let status = form_status(&fault);
    let currency = Shop::of(desk).currency;
    let shown = Shown {
        is_new: slug == NEW,
        slug,
        sheet,
        channels: Channel::ALL.map(|channel| (channel.name(), words_of(channel))).to_vec(),
        currency: currency.map(|currency| currency.code().to_owned()).unwrap_or_default(),
        at,
        fault,
    };
    desk.page(status, Some(insider), "product.html", &shown)
}

fn words_of(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "the site",
        Channel::App => "the apps",
        Channel::Print => "the printed paper",
        Channel::Newsletters => "newsletters",
    }
}
