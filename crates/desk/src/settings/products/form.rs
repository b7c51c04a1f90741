//! The form of a product and its prices.

use masthead_circulation::{Channel, Currency, Money, Price, Product};
use masthead_editorial::slug::slugify;
use serde::Serialize;

use super::{NEW, shop::price_slug};

/// More prices than readers can choose from.
const MOST_PRICES: usize = 12;

/// The form of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Sheet {
    pub version: String,
    pub name: String,
    pub description: String,
    /// Names of channels.
    pub channels: Vec<String>,
    /// One a line.
    pub benefits: String,
    pub prices: Vec<Row>,
    /// Where nothing is sold yet.
    pub currency: String,
}

/// A price, as the form has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    /// Its name in addresses; empty for one that is new.
    slug: String,
    amount: String,
    every: String,
}

/// A field of the form, and what is wrong with it.
pub(super) type Fault = (String, String);

pub(super) fn told(at: &str, fault: &str) -> Fault {
    (at.to_owned(), fault.to_owned())
}

impl Sheet {
    pub fn of(product: &Product, prices: &[Price]) -> Self {
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

    pub fn fresh() -> Self {
        Self {
            channels: [Channel::Web, Channel::App]
                .map(|channel| channel.name().to_owned())
                .to_vec(),
            prices: vec![Row::fresh()],
            ..Self::default()
        }
    }

    pub fn sent(sent: &[(String, String)]) -> Self {
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

    pub fn rearrange(&mut self, wish: &str) {
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

    pub fn product(&self, slug: &str) -> Result<Product, Fault> {
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
    pub fn fresh() -> Self {
        Self { every: "1 month".to_owned(), ..Self::default() }
    }

    pub fn price(
        &self,
        index: usize,
        product: &str,
        currency: Currency,
        taken: &[Price],
    ) -> Result<Price, Fault> {
        let amount = Money::parse(&self.amount, currency)
            .map_err(|error| told(&format!("amount-{index}"), &format!("{error}.")))?;
        let every =
            self.every.parse().map_err(|error: masthead_circulation::ParseIntervalError| {
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
