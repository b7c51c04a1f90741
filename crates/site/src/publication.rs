//! What the publisher has set, apart from the theme.

use ipnet::IpNet;
use jiff::SignedDuration;
use masthead_access::{
    Policy,
    message::{Locale, Messages},
    robots::Crawlers,
};
use masthead_circulation::Catalogue;
use masthead_editorial::{Front, TeaserLength};

/// A section as the navigation shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionStyle {
    /// Its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// A line about it; may be empty.
    pub description: String,
    /// Its accent, a CSS colour for light backgrounds; empty for the theme's own.
    pub color: String,
}

/// A publication as configured.
pub struct Publication {
    /// Its name.
    pub name: String,
    /// The line under its name; may be empty.
    pub tagline: String,
    /// Where readers find it, without a slash at the end: `https://example.org`.
    pub address: String,
    /// The language and region that it writes in.
    pub locale: Locale,
    /// Who may read what.
    pub policy: Policy,
    /// What readers are told.
    pub messages: Messages,
    /// Its sections, in the order of the navigation.
    pub sections: Vec<SectionStyle>,
    /// How its fronts are arranged, where they do not arrange themselves.
    pub fronts: Vec<Front>,
    /// How much of a locked article everybody sees.
    pub teaser: TeaserLength,
    /// The search crawlers that are let in when they prove themselves.
    pub crawlers: Crawlers,
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether it is the demonstration.
    pub is_demo: bool,
    /// What it sells.
    pub catalogue: Catalogue,
    /// How long there is full access after a renewal has failed, and to pay an invoice.
    pub grace: SignedDuration,
    /// Who sells, as invoices name them: lines of name, address and numbers. Empty where the publication's
    /// name will do.
    pub seller: String,
    /// How an invoice is paid, such as the number of an account; empty where readers are sent none by
    /// their own wish.
    pub transfer: String,
}

impl Publication {
    /// Whether readers reach it over https.
    pub fn is_secure(&self) -> bool {
        self.address.starts_with("https://")
    }
}
