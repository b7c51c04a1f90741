//! What a reader agrees to when they subscribe. It stays as it was agreed, whatever the publisher
//! sells later.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{BillingInterval, Channel, Introduction, Money, Offer, Price};

/// An entry of the catalogue that a reader can buy: a price, perhaps begun with an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote<'a> {
    /// The price.
    pub price: &'a Price,
    /// The offer that begins it.
    pub offer: Option<&'a Offer>,
}

impl<'a> From<&'a Price> for Quote<'a> {
    /// The price alone, with no offer to begin it.
    fn from(price: &'a Price) -> Self {
        Self { price, offer: None }
    }
}

impl Quote<'_> {
    /// The name by which it is bought.
    pub fn slug(&self) -> &str {
        self.offer.map_or(&self.price.slug, |offer| &offer.slug)
    }
}

/// What was agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The product, by its slug.
    pub product: String,
    /// What readers call it.
    pub name: String,
    /// How it reaches them.
    pub channels: Vec<Channel>,
    /// The price, by its slug.
    pub price: String,
    /// The offer that it was begun with, by its slug.
    pub offer: Option<String>,
    /// What it costs at first.
    pub introduction: Option<Introduction>,
    /// What it costs each time after that.
    pub amount: Money,
    /// How often.
    pub every: BillingInterval,
}

/// What is paid at the beginning, and how far that reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstPeriod {
    /// What is paid.
    pub amount: Money,
    /// The first instant that it does not cover.
    pub through: Timestamp,
}

impl Terms {
    /// What is paid by who begins at `now`.
    pub fn first(&self, now: Timestamp, zone: &TimeZone) -> FirstPeriod {
        let (amount, lasts) = match &self.introduction {
            Some(introduction) => (introduction.amount, introduction.lasts),
            None => (self.amount, self.every),
        };
        FirstPeriod { amount, through: lasts.after(now, 1, zone) }
    }

    /// Whether it begins with a trial.
    pub fn begins_with_trial(&self) -> bool {
        self.introduction.as_ref().is_some_and(Introduction::is_trial)
    }

    /// Whether a card is needed for it.
    pub fn needs_card(&self) -> bool {
        self.introduction.as_ref().is_none_or(|introduction| introduction.card)
    }
}
