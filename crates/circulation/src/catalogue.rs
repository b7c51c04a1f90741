//! Everything that a publication sells, checked to hang together.

use jiff::{Timestamp, tz::TimeZone};

use crate::{Audience, Currency, History, Offer, Price, Product, Quote, Terms};

/// Products, prices and offers, in the order in which the publisher shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    products: Vec<Product>,
    prices: Vec<Price>,
    offers: Vec<Offer>,
}

/// Which entry of the catalogue is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The product with this index.
    Product(usize),
    /// The price with this index.
    Price(usize),
    /// The offer with this index.
    Offer(usize),
}

/// Why a catalogue is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueFault {
    /// Two entries have one name.
    #[error(
        "the name \"{slug}\" of this {kind} is taken; each needs one of its own, and offers none that a price has"
    )]
    Taken {
        /// What kind of thing.
        kind: &'static str,
        /// The name.
        slug: String,
    },
    /// It names what is not there.
    #[error("there is no {kind} \"{slug}\"{}", nearest(.known))]
    Absent {
        /// What kind of thing.
        kind: &'static str,
        /// The name.
        slug: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A product that reaches nobody.
    #[error("a product needs at least one channel: web, app, print or newsletters")]
    NoChannel,
    /// A price of nothing.
    #[error("a price is more than nothing; for a trial, make an offer whose introduction costs 0")]
    Free,
    /// An introduction in another currency.
    #[error("the introduction is paid in {0}, and the price in {1}; both must be in one currency")]
    Currencies(Currency, Currency),
    /// Money without a card.
    #[error("only a trial can do without a card; an introduction that costs something needs one")]
    Cardless,
    /// A code that is empty.
    #[error("a code needs at least one letter or digit")]
    EmptyCode,
    /// More than readers' pages keep apart.
    #[error("there can be at most {most} offers", most = Catalogue::MOST_OFFERS)]
    TooManyOffers,
}

fn nearest(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; there are {}", known.join(", ")) }
}

impl Catalogue {
    /// More offers than these would not be told apart on a page.
    pub const MOST_OFFERS: usize = 32;

    /// Checks that every entry has a name of its own and names only what is there.
    pub fn new(
        products: Vec<Product>,
        prices: Vec<Price>,
        offers: Vec<Offer>,
    ) -> Result<Self, (Place, CatalogueFault)> {
        let catalogue = Self { products, prices, offers };
        for (index, product) in catalogue.products.iter().enumerate() {
            catalogue
                .check_product(index, product)
                .map_err(|fault| (Place::Product(index), fault))?;
        }
        for (index, price) in catalogue.prices.iter().enumerate() {
            catalogue.check_price(index, price).map_err(|fault| (Place::Price(index), fault))?;
        }
        for (index, offer) in catalogue.offers.iter().enumerate() {
            catalogue.check_offer(index, offer).map_err(|fault| (Place::Offer(index), fault))?;
        }
        Ok(catalogue)
    }

    fn check_product(&self, index: usize, product: &Product) -> Result<(), CatalogueFault> {
        unique("product", &product.slug, self.products[..index].iter().map(|p| &p.slug))?;
        if product.channels.is_empty() { Err(CatalogueFault::NoChannel) } else { Ok(()) }
    }

    fn check_price(&self, index: usize, price: &Price) -> Result<(), CatalogueFault> {
        unique("price", &price.slug, self.prices[..index].iter().map(|p| &p.slug))?;
        present("product", &price.product, self.products.iter().map(|p| &p.slug))?;
        if price.amount.is_zero() { Err(CatalogueFault::Free) } else { Ok(()) }
    }

    fn check_offer(&self, index: usize, offer: &Offer) -> Result<(), CatalogueFault> {
        if index >= Self::MOST_OFFERS {
            return Err(CatalogueFault::TooManyOffers);
        }
        let names = self.offers[..index].iter().map(|o| &o.slug);
        unique("offer", &offer.slug, names.chain(self.prices.iter().map(|p| &p.slug)))?;
        present("price", &offer.price, self.prices.iter().map(|p| &p.slug))?;
        let introduction = &offer.introduction;
        if let Some(price) = self.price(&offer.price) {
            let (first, then) = (introduction.amount.currency(), price.amount.currency());
            if first != then {
                return Err(CatalogueFault::Currencies(first, then));
            }
        }
        if !introduction.is_trial() && !introduction.card {
            return Err(CatalogueFault::Cardless);
        }
        match &offer.audience {
            Audience::Codes(codes) if codes.iter().any(|code| code.trim().is_empty()) => {
                Err(CatalogueFault::EmptyCode)
            }
            _ => Ok(()),
        }
    }

    /// Whether there is nothing to buy.
    pub fn is_empty(&self) -> bool {
        self.prices.is_empty()
    }

    /// Everything that is sold, in the publisher's order.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// The prices.
    pub fn prices(&self) -> &[Price] {
        &self.prices
    }

    /// The offers, whether they run or not.
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// The product with this name.
    pub fn product(&self, slug: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.slug == slug)
    }

    /// The price with this name.
    pub fn price(&self, slug: &str) -> Option<&Price> {
        self.prices.iter().find(|price| price.slug == slug)
    }

    /// The offer with this name.
    pub fn offer(&self, slug: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.slug == slug)
    }

    /// What a reader of this history, who may know a code, can buy by the name of an offer or price.
    pub fn deal(
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

    /// The terms of a deal, for whoever agrees to them now.
    pub fn terms(&self, deal: Quote<'_>) -> Option<Terms> {
        let product = self.product(&deal.price.product)?;
        Some(Terms {
            product: product.slug.clone(),
            name: product.name.clone(),
            channels: product.channels.clone(),
            price: deal.price.slug.clone(),
            offer: deal.offer.map(|offer| offer.slug.clone()),
            introduction: deal.offer.map(|offer| offer.introduction.clone()),
            amount: deal.price.amount,
            every: deal.price.every,
        })
    }
}

fn unique<'a>(
    kind: &'static str,
    slug: &str,
    mut others: impl Iterator<Item = &'a String>,
) -> Result<(), CatalogueFault> {
    if others.any(|other| other == slug) {
        return Err(CatalogueFault::Taken { kind, slug: slug.to_owned() });
    }
    Ok(())
}

fn present<'a>(
    kind: &'static str,
    slug: &str,
    known: impl Iterator<Item = &'a String>,
) -> Result<(), CatalogueFault> {
    let known: Vec<String> = known.cloned().collect();
    if known.iter().any(|name| name == slug) {
        return Ok(());
    }
    Err(CatalogueFault::Absent { kind, slug: slug.to_owned(), known })
}
