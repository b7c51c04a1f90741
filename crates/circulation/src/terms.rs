//! What a reader agrees to when subscribing. It never changes, whatever the publisher sells later.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{BillingInterval, Channel, Introduction, Money, Offer, Price};

/// Something a reader can buy: a price, optionally with an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote<'a> {
    /// The price.
    pub price: &'a Price,
    /// The offer, if there is one.
    pub offer: Option<&'a Offer>,
}

impl<'a> From<&'a Price> for Quote<'a> {
    /// Quotes the price without an offer.
    fn from(price: &'a Price) -> Self {
        Self { price, offer: None }
    }
}

impl Quote<'_> {
    /// The slug under which it is bought.
    pub fn slug(&self) -> &str {
        self.offer.map_or(&self.price.slug, |offer| &offer.slug)
    }
}

/// The terms of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The slug of the product.
    pub product: String,
    /// The name of the product, as shown to readers.
    pub name: String,
    /// How it is delivered.
    pub channels: Vec<Channel>,
    /// The slug of the price.
    pub price: String,
    /// The slug of the offer, if there was one.
    pub offer: Option<String>,
    /// The introductory period, if there is one.
    pub introduction: Option<Introduction>,
    /// The amount per billing interval.
    pub amount: Money,
    /// The billing interval.
    pub every: BillingInterval,
}

/// The first payment and the period that it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstPeriod {
    /// What is paid.
    pub amount: Money,
    /// The end of the period (exclusive).
    pub through: Timestamp,
}

impl Terms {
    /// Returns the first payment for a start at `now`.
    pub fn first(&self, now: Timestamp, zone: &TimeZone) -> FirstPeriod {
        let (amount, lasts) = match &self.introduction {
            Some(introduction) => (introduction.amount, introduction.lasts),
            None => (self.amount, self.every),
        };
        FirstPeriod { amount, through: lasts.after(now, 1, zone) }
    }

    /// The regular price for readers of English, such as "12.00 USD a month" or "9.00 EUR every 3 months".
    pub fn price_text(&self) -> String {
        format!("{} {}", self.amount, self.every.each())
    }

    /// Returns `true` if it starts with a trial.
    pub fn begins_with_trial(&self) -> bool {
        self.introduction.as_ref().is_some_and(Introduction::is_trial)
    }

    /// Returns `true` if a card is required.
    pub fn needs_card(&self) -> bool {
        self.introduction.as_ref().is_none_or(|introduction| introduction.card)
    }
}
