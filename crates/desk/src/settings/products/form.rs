//! The form of a product and its prices.

use masthead_circulation::{BillingInterval, Channel, Currency, Price, Product};
use masthead_editorial::slug::slugify;
use serde::Serialize;

use crate::{
    form::{Button, Fields},
    settings::{entry, save::FormFault},
    words::DeskWords,
};

/// The slug in the address of a product that does not exist yet.
pub(super) const NEW: &str = "new";
/// More prices than readers can choose from.
const MAX_PRICES: usize = 12;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ProductForm {
    /// The slug of the product: [`NEW`] for one that does not exist yet.
    pub slug: String,
    pub version: String,
    pub name: String,
    pub description: String,
    /// The names of channels.
    pub channels: Vec<String>,
    /// One per line.
    pub benefits: String,
    pub recommended: bool,
    /// The tax rate in percent; empty for that of the publication.
    pub tax_rate: String,
    pub prices: Vec<PriceRow>,
    /// The currency of all prices, if nothing is sold yet.
    pub currency: String,
}

/// One price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct PriceRow {
    /// Its slug; empty for a new one.
    slug: String,
    amount: String,
    every: String,
}

impl ProductForm {
    pub fn of(product: &Product, prices: &[Price], words: DeskWords) -> Self {
        let prices = prices.iter().filter(|price| price.product == product.slug);
        let row = |price: &Price| PriceRow {
            slug: price.slug.clone(),
            amount: entry::amount_in_words(price.amount, words),
            every: entry::length_in_words(&price.every.to_string(), words),
        };
        Self {
            slug: product.slug.clone(),
            name: product.name.clone(),
            description: product.description.clone(),
            channels: product.channels.iter().map(|channel| channel.name().to_owned()).collect(),
            benefits: product.benefits.join("\n"),
            recommended: product.recommended,
            tax_rate: entry::tax_in_words(product.tax, words),
            prices: prices.map(row).collect(),
            ..Self::default()
        }
    }

    /// The form of a new product.
    pub fn new(words: DeskWords) -> Self {
        Self {
            slug: NEW.to_owned(),
            channels: [Channel::Web, Channel::App]
                .map(|channel| channel.name().to_owned())
                .to_vec(),
            prices: vec![PriceRow::new(words)],
            ..Self::default()
        }
    }

    pub fn sent(slug: &str, fields: &Fields) -> Self {
        let slugs = fields.all("price").into_iter();
        let rows = slugs.zip(fields.all("amount")).zip(fields.all("every"));
        let row = |((slug, amount), every)| PriceRow { slug, amount, every };
        Self {
            slug: slug.to_owned(),
            version: fields.text("version"),
            name: fields.text("name"),
            description: fields.text("description"),
            channels: fields.all("channel"),
            benefits: fields.text("benefits"),
            recommended: fields.text("recommended") == "yes",
            tax_rate: fields.text("tax_rate"),
            prices: rows.map(row).take(MAX_PRICES).collect(),
            currency: fields.text("currency").to_uppercase(),
        }
    }

    pub fn rearrange(&mut self, button: &Button, words: DeskWords) {
        button.rearrange(&mut self.prices, MAX_PRICES, || PriceRow::new(words));
    }

    /// The product of this form, without its prices.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn product(&self, words: DeskWords) -> Result<Product, FormFault> {
        if self.name.is_empty() {
            return Err(FormFault::at("name", words.text("product_fault_name")));
        }
        let slug = if self.slug == NEW { slugify(&self.name) } else { self.slug.clone() };
        if slug.is_empty() || slug == NEW {
            return Err(FormFault::at("name", words.text("product_fault_slug")));
        }
        let channels: Result<Vec<Channel>, _> =
            self.channels.iter().map(|name| name.parse()).collect();
        let channels = channels.ok().filter(|channels| !channels.is_empty());
        let channels = channels
            .ok_or_else(|| FormFault::at("channel", words.text("product_fault_channel")))?;
        let tax =
            entry::tax(&self.tax_rate, words).map_err(|fault| FormFault::at("tax-rate", fault))?;
        let benefits = self.benefits.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(Product {
            slug,
            name: self.name.clone(),
            description: self.description.clone(),
            channels,
            benefits: benefits.map(str::to_owned).collect(),
            recommended: self.recommended,
            tax,
        })
    }
}

impl PriceRow {
    /// A new price.
    fn new(words: DeskWords) -> Self {
        Self { every: entry::length_in_words("1 month", words), ..Self::default() }
    }

    /// The price of this row. `taken` are the prices that exist already.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn price(
        &self,
        index: usize,
        product: &str,
        (currency, taken): (Currency, &[Price]),
        words: DeskWords,
    ) -> Result<Price, FormFault> {
        let amount = entry::amount(&self.amount, currency, words)
            .map_err(|fault| FormFault::at(format!("amount-{index}"), fault))?;
        let every = entry::interval(&self.every, words)
            .map_err(|fault| FormFault::at(format!("every-{index}"), fault))?;
        if amount.is_zero() {
            let fault = words.text("product_fault_zero");
            return Err(FormFault::at(format!("amount-{index}"), fault));
        }
        let slug = if self.slug.is_empty() {
            price_slug(product, every, taken)
        } else {
            self.slug.clone()
        };
        Ok(Price { slug, product: product.to_owned(), amount, every })
    }
}

/// A slug for a price that no other price has.
fn price_slug(product: &str, every: BillingInterval, taken: &[Price]) -> String {
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
