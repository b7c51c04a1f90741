//! Everything that a publication sells, validated as a whole.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    Currency, History, Money, Offer, OfferAudience, Price, Product, Quote, TaxRate, Terms,
};

/// Products, prices and offers, in the order in which the publisher lists them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    products: Vec<Product>,
    prices: Vec<Price>,
    offers: Vec<Offer>,
    tax: Option<TaxRate>,
}

/// The entry of the catalogue that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogueEntry {
    /// The product with this index.
    Product(usize),
    /// The price with this index.
    Price(usize),
    /// The offer with this index.
    Offer(usize),
}

/// The error for a catalogue that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct CatalogueError {
    /// The entry that the error is about.
    pub entry: CatalogueEntry,
    /// What is wrong with it.
    pub kind: CatalogueErrorKind,
}

/// The reason why a catalogue is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueErrorKind {
    /// Two entries have the same name.
    #[error(
        "the name \"{slug}\" of this {kind} is already used; names must be unique, also among prices and offers"
    )]
    DuplicateName {
        /// The kind of entry.
        kind: &'static str,
        /// The duplicate name.
        slug: String,
    },
    /// An entry refers to another that does not exist.
    #[error("there is no {kind} \"{slug}\"{}", known_names(.known))]
    UnknownName {
        /// The kind of entry.
        kind: &'static str,
        /// The missing name.
        slug: String,
        /// The existing names.
        known: Vec<String>,
    },
    /// A product has no channel.
    #[error("a product needs at least one channel: web, app, print or newsletters")]
    NoChannel,
    /// Two products are recommended.
    #[error(
        "only one product can be recommended, and \"{0}\" already is; take the recommendation off one of them"
    )]
    TwoRecommended(String),
    /// A price is zero.
    #[error("a price must be more than 0; for a trial, make an offer with an introduction of 0")]
    ZeroPrice,
    /// An amount cannot be charged.
    #[error("cards cannot be charged {0}, only amounts in steps of {step}", step = .0.step())]
    Step(Money),
    /// An introduction and its price are in different currencies.
    #[error("the introduction is in {0} and the price in {1}; use one currency for both")]
    CurrencyMismatch(Currency, Currency),
    /// An introduction that costs money does not ask for a card.
    #[error("only a trial can do without a card; an introduction that costs something needs one")]
    CardRequired,
    /// A code has no letters or digits.
    #[error("a code needs at least one letter or digit")]
    EmptyCode,
    /// There are more offers than the page cache can distinguish.
    #[error("there can be at most {most} offers", most = Catalogue::MAX_OFFERS)]
    TooManyOffers,
}

/// Checks that an amount can be charged.
fn charged(amount: Money) -> Result<(), CatalogueErrorKind> {
    let is_charged = amount.down_to_step() == amount;
    if is_charged { Ok(()) } else { Err(CatalogueErrorKind::Step(amount)) }
}

fn known_names(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; there are {}", known.join(", ")) }
}

impl Catalogue {
    /// The maximum number of offers, which bounds the number of page variants.
    pub const MAX_OFFERS: usize = 32;

    /// Creates a catalogue.
    ///
    /// # Errors
    ///
    /// Returns the first entry with a duplicate name, a missing reference or another mistake.
    pub fn new(
        products: Vec<Product>,
        prices: Vec<Price>,
        offers: Vec<Offer>,
    ) -> Result<Self, CatalogueError> {
        let catalogue = Self { products, prices, offers, tax: None };
        for (index, product) in catalogue.products.iter().enumerate() {
            let entry = CatalogueEntry::Product(index);
            catalogue
                .check_product(index, product)
                .map_err(|kind| CatalogueError { entry, kind })?;
        }
        for (index, price) in catalogue.prices.iter().enumerate() {
            let entry = CatalogueEntry::Price(index);
            catalogue.check_price(index, price).map_err(|kind| CatalogueError { entry, kind })?;
        }
        for (index, offer) in catalogue.offers.iter().enumerate() {
            let entry = CatalogueEntry::Offer(index);
            catalogue.check_offer(index, offer).map_err(|kind| CatalogueError { entry, kind })?;
        }
        Ok(catalogue)
    }

    /// Checks that every amount can be charged to a card. It is checked where amounts are entered: what is sold already, perhaps by
    /// invoice, stays.
    ///
    /// # Errors
    ///
    /// Returns the first price or offer with an amount that cannot.
    pub fn check_steps(&self) -> Result<(), CatalogueError> {
        let prices = self.prices.iter().map(|price| price.amount).enumerate();
        let prices = prices.map(|(index, amount)| (CatalogueEntry::Price(index), amount));
        let first = self.offers.iter().map(|offer| offer.introduction.amount).enumerate();
        let first = first.map(|(index, amount)| (CatalogueEntry::Offer(index), amount));
        for (entry, amount) in prices.chain(first) {
            charged(amount).map_err(|kind| CatalogueError { entry, kind })?;
        }
        Ok(())
    }

    /// Sets the tax that prices include, for products that have no rate of their own.
    #[must_use]
    pub fn with_tax(self, tax: Option<TaxRate>) -> Self {
        Self { tax, ..self }
    }

    fn check_product(&self, index: usize, product: &Product) -> Result<(), CatalogueErrorKind> {
        unique("product", &product.slug, self.products[..index].iter().map(|p| &p.slug))?;
        if product.channels.is_empty() {
            return Err(CatalogueErrorKind::NoChannel);
        }
        let mut before = self.products[..index].iter();
        match before.find(|before| before.recommended).filter(|_| product.recommended) {
            Some(other) => Err(CatalogueErrorKind::TwoRecommended(other.slug.clone())),
            None => Ok(()),
        }
    }

    fn check_price(&self, index: usize, price: &Price) -> Result<(), CatalogueErrorKind> {
        unique("price", &price.slug, self.prices[..index].iter().map(|p| &p.slug))?;
        present("product", &price.product, self.products.iter().map(|p| &p.slug))?;
        if price.amount.is_zero() { Err(CatalogueErrorKind::ZeroPrice) } else { Ok(()) }
    }

    fn check_offer(&self, index: usize, offer: &Offer) -> Result<(), CatalogueErrorKind> {
        if index >= Self::MAX_OFFERS {
            return Err(CatalogueErrorKind::TooManyOffers);
        }
        let names = self.offers[..index].iter().map(|o| &o.slug);
        unique("offer", &offer.slug, names.chain(self.prices.iter().map(|p| &p.slug)))?;
        present("price", &offer.price, self.prices.iter().map(|p| &p.slug))?;
        let introduction = &offer.introduction;
        if let Some(price) = self.price(&offer.price) {
            let (first, then) = (introduction.amount.currency(), price.amount.currency());
            if first != then {
                return Err(CatalogueErrorKind::CurrencyMismatch(first, then));
            }
        }
        if !introduction.is_trial() && !introduction.card {
            return Err(CatalogueErrorKind::CardRequired);
        }
        match &offer.audience {
            OfferAudience::Codes(codes) if codes.iter().any(|code| code.trim().is_empty()) => {
                Err(CatalogueErrorKind::EmptyCode)
            }
            _ => Ok(()),
        }
    }

    /// Returns `true` if nothing is for sale.
    pub fn is_empty(&self) -> bool {
        self.prices.is_empty()
    }

    /// The products, in the publisher's order.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// The prices.
    pub fn prices(&self) -> &[Price] {
        &self.prices
    }

    /// The offers, including those that have ended.
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// The tax that prices include, for products that have no rate of their own.
    pub fn tax(&self) -> Option<TaxRate> {
        self.tax
    }

    /// The tax that the prices of a product include; `None` if the publisher has not set it. A product that is not sold any
    /// more has the publication's rate.
    pub fn tax_of(&self, product: &str) -> Option<TaxRate> {
        self.product(product).and_then(|product| product.tax).or(self.tax)
    }

    /// The product with this slug.
    pub fn product(&self, slug: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.slug == slug)
    }

    /// The price with this slug.
    pub fn price(&self, slug: &str) -> Option<&Price> {
        self.prices.iter().find(|price| price.slug == slug)
    }

    /// The offer with this slug.
    pub fn offer(&self, slug: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.slug == slug)
    }

    /// Returns what a reader with this history, and perhaps a code, can buy under the slug of an
    /// offer or price. Returns `None` if there is nothing.
    pub fn quote(
        &self,
        slug: &str,
        history: History,
        code: Option<&str>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Option<Quote<'_>> {
        if let Some(price) = self.price(slug) {
            return history.may_buy().then(|| price.into());
        }
        let offer = self.offer(slug)?;
        let open = offer.runs(now, zone) && offer.is_for(history, code);
        let price = self.price(&offer.price)?;
        open.then_some(Quote { price, offer: Some(offer) })
    }

    /// The terms of a quote at the current prices.
    pub fn terms(&self, quote: Quote<'_>) -> Option<Terms> {
        let product = self.product(&quote.price.product)?;
        Some(Terms {
            product: product.slug.clone(),
            name: product.name.clone(),
            channels: product.channels.clone(),
            price: quote.price.slug.clone(),
            offer: quote.offer.map(|offer| offer.slug.clone()),
            introduction: quote.offer.map(|offer| offer.introduction.clone()),
            amount: quote.price.amount,
            every: quote.price.every,
        })
    }
}

fn unique<'a>(
    kind: &'static str,
    slug: &str,
    mut others: impl Iterator<Item = &'a String>,
) -> Result<(), CatalogueErrorKind> {
    if others.any(|other| other == slug) {
        return Err(CatalogueErrorKind::DuplicateName { kind, slug: slug.to_owned() });
    }
    Ok(())
}

fn present<'a>(
    kind: &'static str,
    slug: &str,
    known: impl Iterator<Item = &'a String>,
) -> Result<(), CatalogueErrorKind> {
    let known: Vec<String> = known.cloned().collect();
    if known.iter().any(|name| name == slug) {
        return Ok(());
    }
    Err(CatalogueErrorKind::UnknownName { kind, slug: slug.to_owned(), known })
}
