//! What is sold, as it is written in the file.

use jiff::{SignedDuration, civil::Date};
use masthead_access::message::Message;
use masthead_circulation::{
    Audience, BillingInterval, Catalogue, CatalogueFault, Channel, Currency, Introduction, Money,
    Offer, Place, Price, Product,
};
use masthead_editorial::spelling::nearest;
use serde::Deserialize;
use serde_spanned::Spanned;

use super::{
    File,
    values::{age, day, name, parsed},
};

/// `[subscriptions]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SubscriptionsConfig {
    #[serde(deserialize_with = "currency")]
    pub currency: Option<Currency>,
    #[serde(deserialize_with = "grace")]
    pub grace: SignedDuration,
}

impl Default for SubscriptionsConfig {
    fn default() -> Self {
        Self { currency: None, grace: SignedDuration::from_hours(14 * 24) }
    }
}

/// `[[products]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductConfig {
    #[serde(deserialize_with = "name")]
    slug: String,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(deserialize_with = "channels")]
    channels: Vec<Channel>,
    #[serde(default)]
    benefits: Vec<String>,
}

/// `[[prices]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PriceConfig {
    #[serde(deserialize_with = "name")]
    slug: String,
    product: String,
    amount: Spanned<String>,
    #[serde(deserialize_with = "parsed")]
    every: BillingInterval,
}

/// `[[offers]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferConfig {
    #[serde(deserialize_with = "name")]
    slug: String,
    #[serde(default)]
    name: String,
    price: String,
    first: Spanned<String>,
    #[serde(deserialize_with = "parsed")]
    lasts: BillingInterval,
    #[serde(default = "with_card")]
    card: bool,
    #[serde(rename = "for")]
    redemptions: Takers,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default, deserialize_with = "day")]
    ends: Option<Date>,
    limit: Option<u32>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Takers {
    New,
    Lapsed,
    Everyone,
    Code,
}

fn with_card() -> bool {
    true
}

/// Where something is wrong, and what.
type CliError = (usize, String);

impl File {
    /// What is sold.
    pub(super) fn catalogue(&self) -> Result<Catalogue, CliError> {
        let products: Vec<Product> = self.products.iter().map(|p| p.get_ref().product()).collect();
        let prices = self.prices.iter().map(|price| price.get_ref().price(&self.subscriptions));
        let prices = prices.collect::<Result<Vec<_>, _>>()?;
        let offers = self.offers.iter().map(|offer| {
            let start = offer.span().start;
            offer.get_ref().offer(start, &self.subscriptions)
        });
        let offers = offers.collect::<Result<Vec<_>, _>>()?;
        Catalogue::new(products, prices, offers).map_err(|(place, fault)| self.fault(place, &fault))
    }

    fn fault(&self, place: Place, fault: &CatalogueFault) -> CliError {
        let found = match place {
            Place::Product(index) => {
                self.products.get(index).map(|p| ("product", &p.get_ref().slug, p.span().start))
            }
            Place::Price(index) => {
                self.prices.get(index).map(|p| ("price", &p.get_ref().slug, p.span().start))
            }
            Place::Offer(index) => {
                self.offers.get(index).map(|o| ("offer", &o.get_ref().slug, o.span().start))
            }
        };
        let Some((what, slug, start)) = found else { return (0, fault.to_string()) };
        (start, format!("in the {what} \"{slug}\": {fault}"))
    }
}

/// What is wrong with a message that names an offer which there is not.
pub(super) fn no_such_offer(message: &Message, catalogue: &Catalogue) -> Option<String> {
    let named = message.offer.as_deref()?;
    let known = || catalogue.offers().iter().map(|offer| offer.slug.as_str());
    if known().any(|slug| slug == named) {
        return None;
    }
    let hint = nearest(named, known());
    let hint = hint.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
    Some(format!("there is no offer \"{named}\"{hint}"))
}

impl SubscriptionsConfig {
    fn money(&self, written: &Spanned<String>) -> Result<Money, CliError> {
        let start = written.span().start;
        let Some(currency) = self.currency else {
            let reason = "there is no currency for this amount; write one under [subscriptions], such as currency = \"USD\"";
            return Err((start, reason.to_owned()));
        };
        Money::parse(written.get_ref(), currency).map_err(|error| (start, error.to_string()))
    }
}

impl ProductConfig {
    fn product(&self) -> Product {
        Product {
            slug: self.slug.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            channels: self.channels.clone(),
            benefits: self.benefits.clone(),
        }
    }
}

impl PriceConfig {
    fn price(&self, subscriptions: &SubscriptionsConfig) -> Result<Price, CliError> {
        Ok(Price {
            slug: self.slug.clone(),
            product: self.product.clone(),
            amount: subscriptions.money(&self.amount)?,
            every: self.every,
        })
    }
}

impl OfferConfig {
    fn offer(&self, start: usize, subscriptions: &SubscriptionsConfig) -> Result<Offer, CliError> {
        let audience = match (self.redemptions, self.codes.is_empty()) {
            (Takers::New, true) => Audience::New,
            (Takers::Lapsed, true) => Audience::Lapsed,
            (Takers::Everyone, true) => Audience::Everyone,
            (Takers::Code, false) => Audience::Codes(self.codes.clone()),
            (Takers::Code, true) => {
                let reason = "in this offer: it is for holders of a code, and there is none; write codes = [\"…\"]";
                return Err((start, reason.to_owned()));
            }
            (Takers::New | Takers::Lapsed | Takers::Everyone, false) => {
                let reason = "in this offer: it has codes, but is not for those who hold one; write for = \"code\"";
                return Err((start, reason.to_owned()));
            }
        };
        let amount = subscriptions.money(&self.first)?;
        Ok(Offer {
            slug: self.slug.clone(),
            name: self.name.clone(),
            price: self.price.clone(),
            introduction: Introduction { amount, lasts: self.lasts, card: self.card },
            audience,
            ends: self.ends,
            limit: self.limit,
        })
    }
}

fn currency<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Currency>, D::Error> {
    parsed(from).map(Some)
}

fn grace<'de, D: serde::Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
    Ok(age(from)?.unwrap_or_default())
}

fn channels<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Channel>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    names.iter().map(|name| name.parse().map_err(serde::de::Error::custom)).collect()
}
