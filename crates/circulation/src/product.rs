//! Products and their prices.

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use crate::{BillingInterval, Money, TaxRate};

/// A way in which a product is delivered.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum_macros::Display,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "lowercase", parse_err_ty = ParseChannelError, parse_err_fn = ParseChannelError::new)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// The site.
    Web,
    /// The apps.
    App,
    /// Paper.
    Print,
    /// E-mail.
    Newsletters,
}

/// The error for a text that is not a channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no channel \"{0}\"; there are web, app, print and newsletters")]
pub struct ParseChannelError(String);

impl ParseChannelError {
    fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Channel {
    /// Returns every channel.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// Returns `true` if it opens articles: on the site or in the apps.
    pub fn opens_articles(self) -> bool {
        match self {
            Self::Web | Self::App => true,
            Self::Print | Self::Newsletters => false,
        }
    }

    /// The name as written in settings.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A product that readers can subscribe to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// The name in tiers and prices.
    pub slug: String,
    /// The name shown to readers.
    pub name: String,
    /// A one-sentence description. May be empty.
    pub description: String,
    /// How it is delivered.
    pub channels: Vec<Channel>,
    /// What readers get, one line each.
    pub benefits: Vec<String>,
    /// Whether the publisher recommends it. Of all products, at most one is.
    pub recommended: bool,
    /// The tax that its prices include; `None` if that is what the publication sets for all products.
    pub tax: Option<TaxRate>,
}

/// A recurring price of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The name in offers and addresses.
    pub slug: String,
    /// The slug of the product.
    pub product: String,
    /// The amount per billing interval.
    pub amount: Money,
    /// The billing interval.
    pub every: BillingInterval,
}
