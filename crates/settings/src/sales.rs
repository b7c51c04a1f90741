//! `[subscriptions]`, `[[products]]`, `[[prices]]` and `[[offers]]`: what is sold.

use jiff::{SignedDuration, civil::Date};
use masthead_circulation::{
    BillingInterval, Channel, Currency, Introduction, Money, Offer, OfferAudience, Price, Product,
    TaxRate, WithdrawalPeriod,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::{
    error::InvalidSetting,
    values::{length, optional_day, optional_tax_rate, slug, text, withdrawal_days},
};

/// `[subscriptions]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SubscriptionsSettings {
    /// The currency of all amounts. `None` if nothing is sold.
    #[serde(deserialize_with = "currency", skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// How long there is full access after a renewal has failed, and to pay an invoice.
    #[serde(with = "length")]
    pub grace: SignedDuration,
    /// For how many days readers may withdraw from a contract.
    #[serde(rename = "withdrawal_days", with = "withdrawal_days")]
    pub withdrawal: WithdrawalPeriod,
    /// The tax that prices include, in percent, for products that have no rate of their own.
    #[serde(
        rename = "tax_rate",
        with = "optional_tax_rate",
        skip_serializing_if = "Option::is_none"
    )]
    pub tax: Option<TaxRate>,
    /// Whether all addresses of a mailbox, such as `ada+1@` and `ada+2@`, count as one reader for introductory offers and the meter.
    #[serde(rename = "fold_addresses", skip_serializing_if = "std::ops::Not::not")]
    pub folds_addresses: bool,
    /// Whether a cancellation without signing in takes effect at once, and not once it is confirmed by a link.
    #[serde(rename = "cancel_at_once", skip_serializing_if = "std::ops::Not::not")]
    pub cancels_at_once: bool,
}

/// One of `[[products]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductSettings {
    /// Its name in tiers and prices.
    #[serde(deserialize_with = "slug")]
    pub slug: String,
    /// What readers call it.
    pub name: String,
    /// A sentence about it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether the offers page recommends it; at most one is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recommended: bool,
    /// The tax that its prices include, in percent; that of `[subscriptions]` if it is not set.
    #[serde(
        default,
        rename = "tax_rate",
        with = "optional_tax_rate",
        skip_serializing_if = "Option::is_none"
    )]
    pub tax: Option<TaxRate>,
    /// How it reaches readers.
    #[serde(deserialize_with = "channels")]
    pub channels: Vec<Channel>,
    /// What readers get, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<String>,
}

/// One of `[[prices]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceSettings {
    /// Its name in offers and addresses.
    #[serde(deserialize_with = "slug")]
    pub slug: String,
    /// The product, by its slug.
    pub product: String,
    /// What is paid each time, such as `9.50`, in the currency of `[subscriptions]`.
    pub amount: String,
    /// How often.
    #[serde(with = "text")]
    pub every: BillingInterval,
}

/// One of `[[offers]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferSettings {
    /// Its name in messages and addresses.
    #[serde(deserialize_with = "slug")]
    pub slug: String,
    /// The headline of its card; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The price that it begins, by its slug.
    pub price: String,
    /// What is paid at first, such as `9`, in the currency of `[subscriptions]`; 0 for a trial.
    pub first: String,
    /// How long that lasts.
    #[serde(with = "text")]
    pub lasts: BillingInterval,
    /// Whether a card is asked for.
    #[serde(default = "with_card")]
    pub card: bool,
    /// Who may take it.
    #[serde(rename = "for")]
    pub audience: AudienceKind,
    /// The codes, if it is for those who know one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// The last day on which it can be taken.
    #[serde(default, with = "optional_day", skip_serializing_if = "Option::is_none")]
    pub ends: Option<Date>,
    /// How many readers may take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Who may take an offer; the codes are apart.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum_macros::IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum AudienceKind {
    /// See [`OfferAudience::New`].
    New,
    /// See [`OfferAudience::Lapsed`].
    Lapsed,
    /// See [`OfferAudience::Everyone`].
    Everyone,
    /// See [`OfferAudience::Codes`].
    Code,
}

/// What the desk stores in place of `[subscriptions]`, all `[[products]]` and all `[[prices]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProductsPart {
    /// The currency, the grace period, the days to withdraw, and the tax.
    pub subscriptions: SubscriptionsSettings,
    /// The products, in the order in which readers see them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<ProductSettings>,
    /// The prices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<PriceSettings>,
}

/// What the desk stores in place of all `[[offers]]`. Without entries, nothing is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffersPart {
    /// The offers, in the order in which readers see them.
    pub offers: Vec<OfferSettings>,
}

impl Default for SubscriptionsSettings {
    fn default() -> Self {
        Self {
            currency: None,
            grace: SignedDuration::from_hours(14 * 24),
            withdrawal: WithdrawalPeriod::default(),
            tax: None,
            folds_addresses: false,
            cancels_at_once: false,
        }
    }
}

impl SubscriptionsSettings {
    fn money(&self, amount: &str) -> Result<Money, InvalidSetting> {
        let currency = self.currency.ok_or(InvalidSetting::NoCurrency)?;
        Ok(Money::parse(amount, currency)?)
    }
}

impl From<&Product> for ProductSettings {
    fn from(product: &Product) -> Self {
        let Product { slug, name, description, channels, benefits, recommended, tax } =
            product.clone();
        Self { slug, name, description, recommended, tax, channels, benefits }
    }
}

impl From<&ProductSettings> for Product {
    fn from(product: &ProductSettings) -> Self {
        let ProductSettings { slug, name, description, recommended, tax, channels, benefits } =
            product.clone();
        Self { slug, name, description, recommended, tax, channels, benefits }
    }
}

impl From<&Price> for PriceSettings {
    fn from(price: &Price) -> Self {
        let Price { slug, product, amount, every } = price.clone();
        Self { slug, product, amount: amount.decimal(), every }
    }
}

impl PriceSettings {
    /// Returns the price that these settings make, in the publication's currency.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no currency, or the amount is not one of it.
    pub fn price(&self, subscriptions: &SubscriptionsSettings) -> Result<Price, InvalidSetting> {
        let Self { slug, product, amount, every } = self.clone();
        Ok(Price { slug, product, amount: subscriptions.money(&amount)?, every })
    }
}

impl From<&[Offer]> for OffersPart {
    fn from(offers: &[Offer]) -> Self {
        Self { offers: offers.iter().map(OfferSettings::from).collect() }
    }
}

impl From<&Offer> for OfferSettings {
    fn from(offer: &Offer) -> Self {
        let Offer { slug, name, price, introduction, audience, ends, limit } = offer.clone();
        let Introduction { amount, lasts, card } = introduction;
        let kind = AudienceKind::from(&audience);
        let codes = match audience {
            OfferAudience::Codes(codes) => codes,
            OfferAudience::New | OfferAudience::Lapsed | OfferAudience::Everyone => Vec::new(),
        };
        let first = amount.decimal();
        Self { slug, name, price, first, lasts, card, audience: kind, codes, ends, limit }
    }
}

impl OfferSettings {
    /// Returns the offer that these settings make, in the publication's currency.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no currency, the amount is not one of it, or codes and audience contradict each
    /// other.
    pub fn offer(&self, subscriptions: &SubscriptionsSettings) -> Result<Offer, InvalidSetting> {
        let Self { slug, name, price, first, lasts, card, audience, codes, ends, limit } =
            self.clone();
        let audience = audience.with_codes(codes)?;
        let introduction = Introduction { amount: subscriptions.money(&first)?, lasts, card };
        Ok(Offer { slug, name, price, introduction, audience, ends, limit })
    }
}

impl AudienceKind {
    /// Returns the word for it in settings and forms.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the audience with these codes.
    ///
    /// # Errors
    ///
    /// Returns an error if codes are needed and there are none, or the other way round.
    pub fn with_codes(self, codes: Vec<String>) -> Result<OfferAudience, InvalidSetting> {
        match (self, codes.is_empty()) {
            (Self::New, true) => Ok(OfferAudience::New),
            (Self::Lapsed, true) => Ok(OfferAudience::Lapsed),
            (Self::Everyone, true) => Ok(OfferAudience::Everyone),
            (Self::Code, false) => Ok(OfferAudience::Codes(codes)),
            (Self::Code, true) => Err(InvalidSetting::NoCodes),
            (Self::New | Self::Lapsed | Self::Everyone, false) => Err(InvalidSetting::UnusedCodes),
        }
    }
}

impl From<&OfferAudience> for AudienceKind {
    fn from(audience: &OfferAudience) -> Self {
        match audience {
            OfferAudience::New => Self::New,
            OfferAudience::Lapsed => Self::Lapsed,
            OfferAudience::Everyone => Self::Everyone,
            OfferAudience::Codes(_) => Self::Code,
        }
    }
}

fn with_card() -> bool {
    true
}

fn currency<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Currency>, D::Error> {
    text::deserialize(from).map(Some)
}

fn channels<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Channel>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    names.iter().map(|name| name.parse().map_err(D::Error::custom)).collect()
}
