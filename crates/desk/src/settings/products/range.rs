//! Everything that is sold: one part of the settings, which the forms of single products change.

use jiff::SignedDuration;
use masthead_circulation::{Catalogue, Currency, Price, Product};
use serde::Serialize;

use super::form::{NEW, ProductForm};
use crate::{
    settings::save::{FormFault, SettingsText},
    state::DeskState,
};

/// See the module's documentation.
pub(super) struct ProductRange {
    /// The currency of all prices. `None` if there are no prices.
    pub currency: Option<Currency>,
    pub grace: SignedDuration,
    pub products: Vec<Product>,
    pub prices: Vec<Price>,
}

impl ProductRange {
    pub fn in_force(desk: &DeskState) -> Self {
        let catalogue = desk.catalogue();
        Self {
            currency: catalogue.prices().first().map(|price| price.amount.currency()),
            grace: desk.settings().grace,
            products: catalogue.products().to_vec(),
            prices: catalogue.prices().to_vec(),
        }
    }

    /// Adds or replaces a product and its prices.
    ///
    /// # Errors
    ///
    /// What to correct, also if an offer of the `catalogue` no longer fits.
    pub fn put(&mut self, form: &ProductForm, catalogue: &Catalogue) -> Result<(), FormFault> {
        let currency = match self.currency {
            Some(currency) => currency,
            None => form.currency.parse().map_err(|_| {
                FormFault::at(
                    "currency",
                    "Write the currency as three letters, such as EUR or USD.",
                )
            })?,
        };
        let product = form.product()?;
        let known = self.products.iter_mut().find(|known| known.slug == product.slug);
        match known {
            Some(_) if form.slug == NEW => {
                let fault =
                    "There is a product of this name already. Write another, or open that one.";
                return Err(FormFault::at("name", fault));
            }
            Some(known) => *known = product.clone(),
            None => self.products.push(product.clone()),
        }
        self.prices.retain(|price| price.product != product.slug);
        for (index, row) in form.prices.iter().enumerate() {
            let price = row.price(index, &product.slug, currency, &self.prices)?;
            self.prices.push(price);
        }
        self.currency = Some(currency);
        Catalogue::new(self.products.clone(), self.prices.clone(), catalogue.offers().to_vec())
            .map(|_| ())
            .map_err(|fault| FormFault::at("name", format!("{fault}.")))
    }

    /// The products in the format of the configuration file.
    pub fn to_toml(&self) -> SettingsText {
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
                grace: length_in_words(self.grace),
            },
            products: self.products.iter().map(product).collect(),
            prices: self.prices.iter().map(price).collect(),
        })
    }
}

/// A length of time in days, or in hours if it is not whole days.
pub(super) fn length_in_words(length: SignedDuration) -> String {
    let hours = length.as_hours();
    if hours % 24 == 0 { format!("{} days", hours / 24) } else { format!("{hours} hours") }
}
