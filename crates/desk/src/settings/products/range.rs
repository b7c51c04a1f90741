//! Everything that is sold: one part of the settings, which the forms of single products change.

use jiff::SignedDuration;
use masthead_circulation::{Catalogue, Currency, Price, Product, TaxRate, WithdrawalPeriod};
use masthead_settings::{PartSettings, ProductsPart, SubscriptionsSettings};

use super::{
    catalogue_fault,
    form::{NEW, ProductForm},
};
use crate::{settings::save::FormFault, state::DeskState, words::DeskWords};

/// See the module's documentation.
pub(super) struct ProductRange {
    /// The currency of all prices. `None` if there are no prices.
    pub currency: Option<Currency>,
    pub grace: SignedDuration,
    pub withdrawal: WithdrawalPeriod,
    /// Whether all addresses of a mailbox count as one reader.
    pub folds_addresses: bool,
    /// Whether a cancellation without signing in takes effect at once.
    pub cancels_at_once: bool,
    /// The tax of products that have no rate of their own.
    pub tax: Option<TaxRate>,
    pub products: Vec<Product>,
    pub prices: Vec<Price>,
}

impl ProductRange {
    pub fn in_force(desk: &DeskState) -> Self {
        let catalogue = desk.catalogue();
        Self {
            currency: catalogue.prices().first().map(|price| price.amount.currency()),
            grace: desk.settings().grace,
            withdrawal: desk.settings().withdrawal,
            folds_addresses: desk.settings().addresses.are_folded,
            cancels_at_once: desk.settings().cancels_at_once,
            tax: catalogue.tax(),
            products: catalogue.products().to_vec(),
            prices: catalogue.prices().to_vec(),
        }
    }

    /// Adds or replaces a product and its prices.
    ///
    /// # Errors
    ///
    /// What to correct, also if an offer of the `catalogue` no longer fits.
    pub fn put(
        &mut self,
        form: &ProductForm,
        catalogue: &Catalogue,
        words: DeskWords,
    ) -> Result<(), FormFault> {
        let currency = match self.currency {
            Some(currency) => currency,
            None => form
                .currency
                .parse()
                .map_err(|_| FormFault::at("currency", words.text("products_fault_currency")))?,
        };
        let product = form.product(words)?;
        self.check_recommended(&product, words)?;
        let known = self.products.iter_mut().find(|known| known.slug == product.slug);
        match known {
            Some(_) if form.slug == NEW => {
                return Err(FormFault::at("name", words.text("product_fault_taken")));
            }
            Some(known) => *known = product.clone(),
            None => self.products.push(product.clone()),
        }
        self.prices.retain(|price| price.product != product.slug);
        for (index, row) in form.prices.iter().enumerate() {
            let price = row.price(index, &product.slug, (currency, &self.prices), words)?;
            self.prices.push(price);
        }
        self.currency = Some(currency);
        Catalogue::new(self.products.clone(), self.prices.clone(), catalogue.offers().to_vec())
            .and_then(|catalogue| catalogue.check_steps())
            .map_err(|fault| FormFault::at("name", catalogue_fault(&fault, words)))
    }

    /// Readers see one product recommended.
    fn check_recommended(&self, product: &Product, words: DeskWords) -> Result<(), FormFault> {
        let mut others = self.products.iter().filter(|other| other.slug != product.slug);
        match others.find(|other| other.recommended && product.recommended) {
            Some(other) => {
                let fault = words.fill("product_fault_recommended", &[("name", &other.name)]);
                Err(FormFault::at("recommended", fault))
            }
            None => Ok(()),
        }
    }

    /// The settings of everything that is sold.
    pub fn settings(&self) -> PartSettings {
        PartSettings::Products(ProductsPart {
            subscriptions: SubscriptionsSettings {
                currency: self.currency,
                grace: self.grace,
                withdrawal: self.withdrawal,
                tax: self.tax,
                folds_addresses: self.folds_addresses,
                cancels_at_once: self.cancels_at_once,
            },
            products: self.products.iter().map(From::from).collect(),
            prices: self.prices.iter().map(From::from).collect(),
        })
    }
}
