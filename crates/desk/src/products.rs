//! What there is to subscribe to: products, what they bring, and what they cost.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use jiff::SignedDuration;
use masthead_circulation::{Catalogue, Channel, Currency, Length, Money, Price, Product};
use masthead_editorial::slug::slugify;
use masthead_web::form;
use serde::Serialize;

use crate::{
    Desk, Refused, Steered,
    filled::Filled,
    gate::{Inside, Insider},
    meter::read_age,
    pages::Said,
};

/// What the log says where nothing works.
const BROKEN: &str = "what is sold cannot be set";
/// In an address, a product that there is not yet.
const NEW: &str = "new";
/// More prices than readers can choose from.
const MOST_PRICES: usize = 12;

/// Everything that is set here.
struct Shop {
    currency: Option<Currency>,
    grace: SignedDuration,
    products: Vec<Product>,
    prices: Vec<Price>,
}

/// The form of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Sheet {
    version: String,
    name: String,
    description: String,
    /// Names of channels.
    channels: Vec<String>,
    /// One a line.
    benefits: String,
    prices: Vec<Row>,
    /// Where nothing is sold yet.
    currency: String,
}

/// A price, as the form has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct Row {
    /// Its name in addresses; empty for one that is new.
    slug: String,
    amount: String,
    every: String,
}

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

/// A field of the form, and what is wrong with it.
type Fault = (String, String);

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
    match set(&desk, &insider, get("version"), text).await {
        Ok(()) => form::see("/desk/products", &[]),
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
    match set(&desk, &insider, &sheet.version, shop.text()).await {
        Ok(()) => form::see("/desk/products", &[]),
        Err(Refused::Told(fault)) => {
            show(&desk, &insider, slug, sheet, Some(("name".to_owned(), fault))).await
        }
        Err(Refused::Failed(error)) => desk.cannot(&insider, BROKEN, &error),
    }
}

async fn set(
    desk: &Desk,
    insider: &Insider,
    version: &str,
    text: Result<String, toml::ser::Error>,
) -> Result<(), Refused> {
    let text = text.map_err(Refused::failed)?;
    let behind = "Somebody else has changed what is sold since you began, and nothing was changed. Open the page in \
                  another tab, and compare.";
    let version = version.parse().unwrap_or_default();
    desk.steer(insider, Steered::Products, (version, text), behind).await
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
    let status =
        if listed.fault.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
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
    let status = if fault.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
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

/// A length of whole days as such, others in hours.
fn words_of_length(length: SignedDuration) -> String {
    let hours = length.as_hours();
    if hours % 24 == 0 { format!("{} days", hours / 24) } else { format!("{hours} hours") }
}

/// What a price is called where readers never see it.
fn price_slug(product: &str, every: Length, taken: &[Price]) -> String {
    let every = every.to_string();
    let often = match every.as_str() {
        "1 week" => "weekly",
        "1 month" => "monthly",
        "1 year" => "yearly",
        other => other,
    };
    let slug = format!("{product}-{}", slugify(often));
    let is_taken = |slug: &String| taken.iter().any(|price| price.slug == *slug);
    let numbered = (2..).map(|number| format!("{slug}-{number}"));
    std::iter::once(slug.clone()).chain(numbered).find(|slug| !is_taken(slug)).unwrap_or_default()
}

impl Shop {
    fn of(desk: &Desk) -> Self {
        let catalogue = desk.on.helm.catalogue();
        Self {
            currency: catalogue.prices().first().map(|price| price.amount.currency()),
            grace: desk.on.helm.grace(),
            products: catalogue.products().to_vec(),
            prices: catalogue.prices().to_vec(),
        }
    }

    /// Puts a product in its place, with its prices, where they hang together with what is offered; or says what to
    /// mend.
    fn put(&mut self, slug: &str, sheet: &Sheet, catalogue: &Catalogue) -> Result<(), Fault> {
        let currency = match self.currency {
            Some(currency) => currency,
            None => sheet.currency.parse().map_err(|_| {
                told("currency", "Write the currency as three letters, such as EUR or USD.")
            })?,
        };
        let product = sheet.product(slug)?;
        let known = self.products.iter_mut().find(|known| known.slug == product.slug);
        match known {
            Some(_) if slug == NEW => {
                let fault =
                    "There is a product of this name already. Write another, or open that one.";
                return Err(told("name", fault));
            }
            Some(known) => *known = product.clone(),
            None => self.products.push(product.clone()),
        }
        self.prices.retain(|price| price.product != product.slug);
        for (index, row) in sheet.prices.iter().enumerate() {
            let price = row.price(index, &product.slug, currency, &self.prices)?;
            self.prices.push(price);
        }
        self.currency = Some(currency);
        Catalogue::new(self.products.clone(), self.prices.clone(), catalogue.offers().to_vec())
            .map(|_| ())
            .map_err(|(_, fault)| told("name", &format!("{fault}.")))
    }

    /// It in the words of the configuration file.
    fn text(&self) -> Result<String, toml::ser::Error> {
        #[derive(Serialize)]
        struct File<'a> {
            subscriptions: Subscriptions,
            products: Vec<ProductEntry<'a>>,
            prices: Vec<PriceEntry<'a>>,
        }
        #[derive(Serialize)]
        struct Subscriptions {
            #[serde(skip_serializing_if = "String::is_empty")]
            currency: String,
            grace: String,
        }
        #[derive(Serialize)]
        struct ProductEntry<'a> {
            slug: &'a str,
            name: &'a str,
            description: &'a str,
            channels: Vec<&'static str>,
            benefits: &'a [String],
        }
        #[derive(Serialize)]
        struct PriceEntry<'a> {
            slug: &'a str,
            product: &'a str,
            amount: String,
            every: String,
        }
        fn product(product: &Product) -> ProductEntry<'_> {
            let Product { slug, name, description, channels, benefits } = product;
            let channels = channels.iter().map(|channel| channel.name()).collect();
            ProductEntry { slug, name, description, channels, benefits }
        }
        fn price(price: &Price) -> PriceEntry<'_> {
            let Price { slug, product, amount, every } = price;
            PriceEntry { slug, product, amount: amount.decimal(), every: every.to_string() }
        }
        toml::to_string(&File {
            subscriptions: Subscriptions {
                currency: self.currency.map(|known| known.code().to_owned()).unwrap_or_default(),
                grace: words_of_length(self.grace),
            },
            products: self.products.iter().map(product).collect(),
            prices: self.prices.iter().map(price).collect(),
        })
    }
}

fn told(at: &str, fault: &str) -> Fault {
    (at.to_owned(), fault.to_owned())
}

impl Sheet {
    fn of(product: &Product, prices: &[Price]) -> Self {
        let prices = prices.iter().filter(|price| price.product == product.slug);
        let row = |price: &Price| Row {
            slug: price.slug.clone(),
            amount: price.amount.decimal(),
            every: price.every.to_string(),
        };
        Self {
            name: product.name.clone(),
            description: product.description.clone(),
            channels: product.channels.iter().map(|channel| channel.name().to_owned()).collect(),
            benefits: product.benefits.join("\n"),
            prices: prices.map(row).collect(),
            ..Self::default()
        }
    }

    fn fresh() -> Self {
        Self {
            channels: [Channel::Web, Channel::App]
                .map(|channel| channel.name().to_owned())
                .to_vec(),
            prices: vec![Row::fresh()],
            ..Self::default()
        }
    }

    fn sent(sent: &[(String, String)]) -> Self {
        let all = |name: &str| {
            let sent = sent.iter().filter(move |(sent, _)| sent == name);
            sent.map(|(_, value)| value.trim().to_owned()).collect::<Vec<_>>()
        };
        let get = |name: &str| all(name).pop().unwrap_or_default();
        let rows = all("price").into_iter().zip(all("amount")).zip(all("every"));
        let row = |((slug, amount), every)| Row { slug, amount, every };
        Self {
            version: get("version"),
            name: get("name"),
            description: get("description"),
            channels: all("channel"),
            benefits: get("benefits"),
            prices: rows.map(row).take(MOST_PRICES).collect(),
            currency: get("currency").to_uppercase(),
        }
    }

    fn rearrange(&mut self, wish: &str) {
        match wish.split_once('-').unwrap_or((wish, "")) {
            ("add", _) if self.prices.len() < MOST_PRICES => self.prices.push(Row::fresh()),
            ("out", place) => {
                if let Some(place) = place.parse().ok().filter(|at| *at < self.prices.len()) {
                    self.prices.remove(place);
                }
            }
            _ => {}
        }
    }

    fn product(&self, slug: &str) -> Result<Product, Fault> {
        if self.name.is_empty() {
            return Err(told("name", "Write what readers see it called."));
        }
        let slug = if slug == NEW { slugify(&self.name) } else { slug.to_owned() };
        if slug.is_empty() || slug == NEW {
            let fault = "Write a name with a few letters that can stand in an address.";
            return Err(told("name", fault));
        }
        let channels: Result<Vec<Channel>, _> =
            self.channels.iter().map(|name| name.parse()).collect();
        let channels = channels.ok().filter(|channels| !channels.is_empty());
        let channels = channels.ok_or_else(|| {
            told("channel", "Choose at least one way in which it reaches readers.")
        })?;
        let benefits = self.benefits.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(Product {
            slug,
            name: self.name.clone(),
            description: self.description.clone(),
            channels,
            benefits: benefits.map(str::to_owned).collect(),
        })
    }
}

impl Row {
    fn fresh() -> Self {
        Self { every: "1 month".to_owned(), ..Self::default() }
    }

    fn price(
        &self,
        index: usize,
        product: &str,
        currency: Currency,
        taken: &[Price],
    ) -> Result<Price, Fault> {
        let amount = Money::parse(&self.amount, currency)
            .map_err(|error| told(&format!("amount-{index}"), &format!("{error}.")))?;
        let every = self.every.parse().map_err(|error: masthead_circulation::NoLength| {
            told(&format!("every-{index}"), &format!("{error}."))
        })?;
        if amount.is_zero() {
            let fault = "A price is more than nothing. For a trial, make an offer whose introduction costs 0.";
            return Err(told(&format!("amount-{index}"), fault));
        }
        let slug = if self.slug.is_empty() {
            price_slug(product, every, taken)
        } else {
            self.slug.clone()
        };
        Ok(Price { slug, product: product.to_owned(), amount, every })
    }
}
