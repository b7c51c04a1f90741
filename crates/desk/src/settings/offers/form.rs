//! The form of an offer.

use std::fmt::Display;

use jiff::civil::Date;
use masthead_circulation::{
    BillingInterval, Catalogue, Currency, Introduction, Money, Offer, OfferAudience, Price,
};
use masthead_editorial::slug::slugify;
use masthead_settings::AudienceKind;
use serde::{Deserialize, Serialize};

use crate::{
    settings::{entry, products::catalogue_fault, save::FormFault},
    words::DeskWords,
};

/// The slug in the address of an offer that does not exist yet.
pub(super) const NEW: &str = "new";
/// See the module's documentation. It is also the query of the preview.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct OfferForm {
    #[serde(skip_serializing)]
    pub version: String,
    #[serde(rename = "do", skip_serializing)]
    pub button: String,
    pub name: String,
    pub price: String,
    pub first: String,
    pub lasts: String,
    /// "on" if a card is required.
    pub card: String,
    #[serde(rename = "for")]
    pub audience: String,
    /// One per line.
    pub codes: String,
    pub ends: String,
    pub limit: String,
    /// The introduction that was pointed out as dear, and is sent again if it is meant.
    #[serde(skip_serializing)]
    pub sure: String,
}

impl OfferForm {
    pub fn of(offer: &Offer, words: DeskWords) -> Self {
        let codes = match &offer.audience {
            OfferAudience::Codes(codes) => codes.join("\n"),
            OfferAudience::New | OfferAudience::Lapsed | OfferAudience::Everyone => String::new(),
        };
        Self {
            name: offer.name.clone(),
            price: offer.price.clone(),
            first: entry::amount_in_words(offer.introduction.amount, words),
            lasts: entry::length_in_words(&offer.introduction.lasts.to_string(), words),
            card: if offer.introduction.card { "on".to_owned() } else { String::new() },
            audience: AudienceKind::from(&offer.audience).name().to_owned(),
            codes,
            ends: offer.ends.map(|last| last.to_string()).unwrap_or_default(),
            limit: offer.limit.map(|limit| limit.to_string()).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The form of a new offer.
    pub fn new(catalogue: &Catalogue, words: DeskWords) -> Self {
        Self {
            price: catalogue.prices().first().map(|price| price.slug.clone()).unwrap_or_default(),
            lasts: entry::length_in_words("3 months", words),
            card: "on".to_owned(),
            audience: "new".to_owned(),
            ..Self::default()
        }
    }

    /// The offer of this form.
    ///
    /// # Errors
    ///
    /// What to correct, also if the offer does not fit with everything else that is sold.
    pub fn offer(
        &self,
        slug: &str,
        catalogue: &Catalogue,
        words: DeskWords,
    ) -> Result<Offer, FormFault> {
        let offer = self.by_itself(slug, catalogue, words)?;
        let mut offers = catalogue.offers().to_vec();
        match offers.iter_mut().find(|known| known.slug == offer.slug && slug != NEW) {
            Some(known) => *known = offer.clone(),
            None => offers.push(offer.clone()),
        }
        let (products, prices) = (catalogue.products().to_vec(), catalogue.prices().to_vec());
        Catalogue::new(products, prices, offers)
            .and_then(|catalogue| catalogue.check_steps())
            .map(|()| offer)
            .map_err(|fault| FormFault::at("name", catalogue_fault(&fault, words)))
    }

    /// What to point out about an offer before readers see it: an introduction that is dearer than the price. It is pointed
    /// out once.
    pub fn doubt(
        &self,
        offer: &Offer,
        catalogue: &Catalogue,
        words: DeskWords,
    ) -> Option<FormFault> {
        let Introduction { amount, lasts, .. } = offer.introduction;
        let price = catalogue.price(&offer.price)?;
        let (days, every) = (u64::from(lasts.days()), u64::from(price.every.days()));
        let usual = price.amount.minor().saturating_mul(days) / every.max(1);
        if amount.minor() <= usual || self.sure == self.introduction_in_words() {
            return None;
        }
        let usual = Money::of(usual, price.amount.currency());
        let [amount, usual] = [amount, usual].map(|of| entry::amount_in_words(of, words));
        let duration = entry::length_in_words(&lasts.to_string(), words);
        let gaps: [(&str, &dyn Display); 3] =
            [("amount", &amount), ("duration", &duration), ("usual", &usual)];
        Some(FormFault::at("first", words.fill("offer_doubt", &gaps)))
    }

    /// The introduction as it was entered.
    fn introduction_in_words(&self) -> String {
        format!("{} {} {}", self.first, self.lasts, self.price)
    }

    fn named(&self, slug: &str, words: DeskWords) -> Result<(String, String), FormFault> {
        let name = self.name.trim();
        if name.is_empty() {
            return Err(FormFault::at("name", words.text("offer_fault_name")));
        }
        let slug = if slug == NEW { slugify(name) } else { slug.to_owned() };
        if slug.is_empty() || slug == NEW {
            return Err(FormFault::at("name", words.text("offer_fault_slug")));
        }
        Ok((slug, name.to_owned()))
    }

    fn price<'a>(
        &self,
        catalogue: &'a Catalogue,
        words: DeskWords,
    ) -> Result<&'a Price, FormFault> {
        catalogue
            .price(&self.price)
            .ok_or_else(|| FormFault::at("price", words.text("offer_fault_price")))
    }

    fn amount(&self, currency: Currency, words: DeskWords) -> Result<Money, FormFault> {
        let amount = entry::amount(&self.first, currency, words)
            .map_err(|fault| FormFault::at("first", fault))?;
        if self.card.is_empty() && !amount.is_zero() {
            return Err(FormFault::at("card", words.text("offer_fault_card")));
        }
        Ok(amount)
    }

    fn lasts(&self, words: DeskWords) -> Result<BillingInterval, FormFault> {
        entry::interval(&self.lasts, words).map_err(|fault| FormFault::at("lasts", fault))
    }

    fn audience(&self, words: DeskWords) -> Result<OfferAudience, FormFault> {
        let codes = self.codes.lines().map(|code| code.trim().to_owned());
        let codes: Vec<String> = codes.filter(|code| !code.is_empty()).collect();
        match (self.audience.as_str(), codes.is_empty()) {
            ("new", true) => Ok(OfferAudience::New),
            ("lapsed", true) => Ok(OfferAudience::Lapsed),
            ("everyone", true) => Ok(OfferAudience::Everyone),
            ("code", false) => Ok(OfferAudience::Codes(codes)),
            ("code", true) => Err(FormFault::at("codes", words.text("offer_fault_no_codes"))),
            _ => Err(FormFault::at("codes", words.text("offer_fault_codes"))),
        }
    }

    fn ends(&self, words: DeskWords) -> Result<Option<Date>, FormFault> {
        given(&self.ends)
            .map(str::parse)
            .transpose()
            .map_err(|_: jiff::Error| FormFault::at("ends", words.text("offer_fault_ends")))
    }

    fn limit(&self, words: DeskWords) -> Result<Option<u32>, FormFault> {
        let limit = given(&self.limit).map(str::parse).transpose();
        limit
            .ok()
            .filter(|limit| *limit != Some(0))
            .ok_or_else(|| FormFault::at("limit", words.text("offer_fault_limit")))
    }

    fn by_itself(
        &self,
        slug: &str,
        catalogue: &Catalogue,
        words: DeskWords,
    ) -> Result<Offer, FormFault> {
        let mut faults = Vec::new();
        let named = note(&mut faults, self.named(slug, words));
        let price = note(&mut faults, self.price(catalogue, words));
        // All prices have one currency.
        let currency = catalogue.prices().first().map(|price| price.amount.currency());
        let amount = currency.and_then(|currency| note(&mut faults, self.amount(currency, words)));
        let lasts = note(&mut faults, self.lasts(words));
        let audience = note(&mut faults, self.audience(words));
        let ends = note(&mut faults, self.ends(words));
        let limit = note(&mut faults, self.limit(words));
        let (
            Some((slug, name)),
            Some(price),
            Some(amount),
            Some(lasts),
            Some(audience),
            Some(ends),
            Some(limit),
        ) = (named, price, amount, lasts, audience, ends, limit)
        else {
            return Err(FormFault::all(faults));
        };
        let introduction = Introduction { amount, lasts, card: !self.card.is_empty() };
        Ok(Offer { slug, name, price: price.slug.clone(), introduction, audience, ends, limit })
    }
}

/// A field without the spaces around it; `None` if it is empty.
fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// Notes what is wrong with a field, so that the other fields are checked as well.
fn note<T>(faults: &mut Vec<FormFault>, read: Result<T, FormFault>) -> Option<T> {
    read.map_err(|fault| faults.push(fault)).ok()
}
