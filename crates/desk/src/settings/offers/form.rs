//! The form of an offer.

use masthead_circulation::{Catalogue, Introduction, Money, Offer, OfferAudience};
use masthead_editorial::slug::slugify;
use serde::{Deserialize, Serialize};

use super::{NEW, file::name_of};

/// What the form of an offer holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Sheet {
    #[serde(skip_serializing)]
    pub version: String,
    #[serde(rename = "do", skip_serializing)]
    pub wish: String,
    pub name: String,
    pub price: String,
    pub first: String,
    pub lasts: String,
    /// "on" where a card is asked for.
    pub card: String,
    #[serde(rename = "for")]
    pub redemptions: String,
    /// One a line.
    pub codes: String,
    pub ends: String,
    pub limit: String,
}

/// A field of the form, and what is wrong with it.
pub(super) type Fault = (&'static str, String);

impl Sheet {
    pub fn of(offer: &Offer) -> Self {
        let codes = match &offer.audience {
            OfferAudience::Codes(codes) => codes.join("\n"),
            OfferAudience::New | OfferAudience::Lapsed | OfferAudience::Everyone => String::new(),
        };
        Self {
            name: offer.name.clone(),
            price: offer.price.clone(),
            first: offer.introduction.amount.decimal(),
            lasts: offer.introduction.lasts.to_string(),
            card: if offer.introduction.card { "on".to_owned() } else { String::new() },
            redemptions: name_of(&offer.audience).to_owned(),
            codes,
            ends: offer.ends.map(|last| last.to_string()).unwrap_or_default(),
            limit: offer.limit.map(|limit| limit.to_string()).unwrap_or_default(),
            ..Self::default()
        }
    }

    pub fn fresh(catalogue: &Catalogue) -> Self {
        Self {
            price: catalogue.prices().first().map(|price| price.slug.clone()).unwrap_or_default(),
            lasts: "3 months".to_owned(),
            card: "on".to_owned(),
            redemptions: "new".to_owned(),
            ..Self::default()
        }
    }

    /// The offer that it is, where it hangs together with everything else that is sold; or what to mend.
    pub fn checked(&self, slug: &str, catalogue: &Catalogue) -> Result<Offer, Fault> {
        let offer = self.offer(slug, catalogue)?;
        let mut offers = catalogue.offers().to_vec();
        match offers.iter_mut().find(|known| known.slug == offer.slug && slug != NEW) {
            Some(known) => *known = offer.clone(),
            None => offers.push(offer.clone()),
        }
        let (products, prices) = (catalogue.products().to_vec(), catalogue.prices().to_vec());
        Catalogue::new(products, prices, offers)
            .map(|_| offer)
            .map_err(|fault| ("name", format!("{fault}.")))
    }

    fn offer(&self, slug: &str, catalogue: &Catalogue) -> Result<Offer, Fault> {
        let told = |at, fault: &str| (at, fault.to_owned());
        let name = self.name.trim();
        if name.is_empty() {
            return Err(told("name", "Write what readers see it called."));
        }
        let slug = if slug == NEW { slugify(name) } else { slug.to_owned() };
        if slug.is_empty() || slug == NEW {
            return Err(told(
                "name",
                "Write a name with a few letters that can stand in an address.",
            ));
        }
        let price = catalogue.price(&self.price);
        let price = price.ok_or_else(|| told("price", "Choose what it leads to."))?;
        let amount = Money::parse(self.first.trim(), price.amount.currency())
            .map_err(|error| ("first", format!("{error}. For a trial, write 0.")))?;
        let lasts = self.lasts.trim().parse();
        let lasts = lasts.map_err(|error: masthead_circulation::ParseIntervalError| {
            ("lasts", format!("{error}."))
        })?;
        let codes: Vec<String> = self
            .codes
            .lines()
            .map(|code| code.trim().to_owned())
            .filter(|code| !code.is_empty())
            .collect();
        let audience = match (self.redemptions.as_str(), codes.is_empty()) {
            ("new", true) => OfferAudience::New,
            ("lapsed", true) => OfferAudience::Lapsed,
            ("everyone", true) => OfferAudience::Everyone,
            ("code", false) => OfferAudience::Codes(codes),
            ("code", true) => return Err(told("codes", "Write at least one code.")),
            _ => {
                let fault = "There are codes, but it is not for those who know one. Choose them above, or take the \
                             codes out.";
                return Err(told("codes", fault));
            }
        };
        let card = !self.card.is_empty();
        if !card && !amount.is_zero() {
            return Err(told("card", "Only a trial can do without a card."));
        }
        let some = |text: &'_ str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let ends = some(&self.ends).map(|day| day.parse()).transpose();
        let ends = ends.map_err(|_: jiff::Error| {
            told("ends", "Write the last day as year, month and day: 2027-03-31.")
        })?;
        let limit = some(&self.limit).map(|limit| limit.parse()).transpose();
        let limit = limit.ok().filter(|limit| *limit != Some(0)).ok_or_else(|| {
            told("limit", "Write how many may take it as a whole number, or nothing.")
        })?;
        Ok(Offer {
            slug,
            name: name.to_owned(),
            price: price.slug.clone(),
            introduction: Introduction { amount, lasts, card },
            audience,
            ends,
            limit,
        })
    }
}
