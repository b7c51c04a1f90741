//! Everything that is sold, as it is set: put together, and written in the words of the configuration file.

use jiff::SignedDuration;
use masthead_circulation::{BillingInterval, Catalogue, Currency, Price, Product};
use masthead_editorial::slug::slugify;
use serde::Serialize;

use super::{
    NEW,
    form::{Fault, Sheet, told},
};
use crate::Desk;

/// Everything that is set here.
pub(super) struct Shop {
    pub currency: Option<Currency>,
    pub grace: SignedDuration,
    pub products: Vec<Product>,
    pub prices: Vec<Price>,
}

impl Shop {
    pub fn of(desk: &Desk) -> Self {
        let catalogue = desk.on.helm.catalogue();
        Self {
            currency: catalogue.prices().first().map(|price| price.amount.currency()),
            grace: desk.on.helm.grace(),
            products: catalogue.products().to_vec(),
            prices: catalogue.prices().to_vec(),
        }
    }

    /// Puts a product in its place, with its prices, where they hang together with what is offered; or says what to
    /// mend.
    pub fn put(&mut self, slug: &str, sheet: &Sheet, catalogue: &Catalogue) -> Result<(), Fault> {
        let currency = match self.currency {
            Some(currency) => currency,
            None => sheet.currency.parse().map_err(|_| {
                told("currency", "Write the currency as three letters, such as EUR or USD.")
            })?,
        };
        let product = sheet.product(slug)?;
        let known = self.products.iter_mut().find(|known| known.slug == product.slug);
        match known {
            Some(_) if slug == NEW => {
                let fault =
                    "There is a product of this name already. Write another, or open that one.";
                return Err(told("name", fault));
            }
            Some(known) => *known = product.clone(),
            None => self.products.push(product.clone()),
        }
        self.prices.retain(|price| price.product != product.slug);
        for (index, row) in sheet.prices.iter().enumerate() {
            let price = row.price(index, &product.slug, currency, &self.prices)?;
            self.prices.push(price);
        }
        self.currency = Some(currency);
        Catalogue::new(self.products.clone(), self.prices.clone(), catalogue.offers().to_vec())
            .map(|_| ())
            .map_err(|fault| told("name", &format!("{fault}.")))
    }

    /// It in the words of the configuration file.
    pub fn text(&self) -> Result<String, toml::ser::Error> {
        #[derive(Serialize)]
        struct File<'a> {
            subscriptions: Subscriptions,
            products: Vec<ProductEntry<'a>>,
            prices: Vec<PriceEntry<'a>>,
        }
        #[derive(Serialize)]
        struct Subscriptions {
            #[serde(skip_serializing_if = "String::is_empty")]
            currency: String,
            grace: String,
        }
        #[derive(Serialize)]
        struct ProductEntry<'a> {
            slug: &'a str,
            name: &'a str,
            description: &'a str,
            channels: Vec<&'static str>,
            benefits: &'a [String],
        }
        #[derive(Serialize)]
        struct PriceEntry<'a> {
            slug: &'a str,
            product: &'a str,
            amount: String,
            every: String,
        }
        fn product(product: &Product) -> ProductEntry<'_> {
            let Product { slug, name, description, channels, benefits } = product;
            let channels = channels.iter().map(|channel| channel.name()).collect();
            ProductEntry { slug, name, description, channels, benefits }
        }
        fn price(price: &Price) -> PriceEntry<'_> {
            let Price { slug, product, amount, every } = price;
            PriceEntry { slug, product, amount: amount.decimal(), every: every.to_string() }
        }
        toml::to_string(&File {
            subscriptions: Subscriptions {
                currency: self.currency.map(|known| known.code().to_owned()).unwrap_or_default(),
                grace: words_of_length(self.grace),
            },
            products: self.products.iter().map(product).collect(),
            prices: self.prices.iter().map(price).collect(),
        })
    }
}

/// A length of whole days as such, others in hours.
pub(super) fn words_of_length(length: SignedDuration) -> String {
    let hours = length.as_hours();
    if hours % 24 == 0 { format!("{} days", hours / 24) } else { format!("{hours} hours") }
}

/// What a price is called where readers never see it.
pub(super) fn price_slug(product: &str, every: BillingInterval, taken: &[Price]) -> String {
    let every = every.to_string();
    let often = match every.as_str() {
        "1 week" => "weekly",
        "1 month" => "monthly",
        "1 year" => "yearly",
        other => other,
    };
    let slug = format!("{product}-{}", slugify(often));
    let is_taken = |slug: &String| taken.iter().any(|price| price.slug == *slug);
    let numbered = (2..).map(|number| format!("{slug}-{number}"));
    std::iter::once(slug.clone()).chain(numbered).find(|slug| !is_taken(slug)).unwrap_or_default()
}
