//! What does not fit together in what is sold, in words.

use std::fmt::Display;

use masthead_circulation::{Catalogue, CatalogueError, CatalogueErrorKind};

use crate::words::DeskWords;

/// What to correct.
pub(crate) fn catalogue_fault(error: &CatalogueError, words: DeskWords) -> String {
    let name = match &error.kind {
        CatalogueErrorKind::NoChannel => "catalogue_fault_channel",
        CatalogueErrorKind::ZeroPrice => "catalogue_fault_zero",
        CatalogueErrorKind::CardRequired => "offer_fault_card",
        CatalogueErrorKind::EmptyCode => "catalogue_fault_code",
        CatalogueErrorKind::DuplicateName { slug, .. } => {
            return words.fill("catalogue_fault_twice", &[("name", slug)]);
        }
        CatalogueErrorKind::UnknownName { kind: "product", slug, .. } => {
            return words.fill("catalogue_fault_product", &[("name", slug)]);
        }
        CatalogueErrorKind::UnknownName { slug, .. } => {
            return words.fill("catalogue_fault_price", &[("name", slug)]);
        }
        CatalogueErrorKind::TwoRecommended(slug) => {
            return words.fill("catalogue_fault_recommended", &[("name", slug)]);
        }
        CatalogueErrorKind::CurrencyMismatch(first, then) => {
            let gaps: [(&str, &dyn Display); 2] = [("first", first), ("then", then)];
            return words.fill("catalogue_fault_currency", &gaps);
        }
        CatalogueErrorKind::Step(amount) => {
            let (amount, step) = (amount.to_string(), amount.step().to_string());
            let gaps: [(&str, &dyn Display); 2] = [("amount", &amount), ("step", &step)];
            return words.fill("catalogue_fault_step", &gaps);
        }
        CatalogueErrorKind::TooManyOffers => {
            return words.fill("catalogue_fault_most", &[("most", &Catalogue::MAX_OFFERS)]);
        }
    };
    words.text(name).to_owned()
}
