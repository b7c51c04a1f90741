//! What is sold: products, and their prices.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{BillingInterval, Money};

/// A way in which a product reaches its readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// The site.
    Web,
    /// The apps.
    App,
    /// On paper.
    Print,
    /// By mail.
    Newsletters,
}

/// A text that names no channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no channel \"{0}\"; there are web, app, print and newsletters")]
pub struct UnknownChannel(String);

impl Channel {
    /// Every channel there is.
    pub const ALL: [Self; 4] = [Self::Web, Self::App, Self::Print, Self::Newsletters];

    /// The name by which publishers write of it.
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
    type Err = UnknownChannel;

    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        let named = Self::ALL.into_iter().find(|channel| channel.name() == text);
        named.ok_or_else(|| UnknownChannel(text.to_owned()))
    }
}

/// Something that readers can subscribe to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// By which tiers and prices name it.
    pub slug: String,
    /// What readers call it.
    pub name: String,
    /// A sentence about it; may be empty.
    pub description: String,
    /// How it reaches them.
    pub channels: Vec<Channel>,
    /// What readers get, one line each.
    pub benefits: Vec<String>,
}

/// What a product costs, again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// By which offers and addresses name it.
    pub slug: String,
    /// The product, by its slug.
    pub product: String,
    /// What is paid each time.
    pub amount: Money,
    /// How often.
    pub every: BillingInterval,
}
