//! Products and their prices.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{BillingInterval, Money};

/// A way in which a product is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl Channel {
    /// All channels.
    pub const ALL: [Self; 4] = [Self::Web, Self::App, Self::Print, Self::Newsletters];

    /// The name in configuration files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::App => "app",
            Self::Print => "print",
            Self::Newsletters => "newsletters",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Channel {
    type Err = ParseChannelError;

    fn from_str(text: &str) -> Result<Self, ParseChannelError> {
        let named = Self::ALL.into_iter().find(|channel| channel.name() == text);
        named.ok_or_else(|| ParseChannelError(text.to_owned()))
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
