//! Offers in the words of the configuration file.

use masthead_circulation::{Offer, OfferAudience};
use serde::Serialize;

pub(super) fn name_of(audience: &OfferAudience) -> &'static str {
    match audience {
        OfferAudience::New => "new",
        OfferAudience::Lapsed => "lapsed",
        OfferAudience::Everyone => "everyone",
        OfferAudience::Codes(_) => "code",
    }
}

/// Offers in the words of the configuration file.
pub(super) fn text(offers: &[Offer]) -> Result<String, toml::ser::Error> {
    #[derive(Serialize)]
    struct File<'a> {
        offers: Vec<Entry<'a>>,
    }
    #[derive(Serialize)]
    struct Entry<'a> {
        slug: &'a str,
        name: &'a str,
        price: &'a str,
        first: String,
        lasts: String,
        card: bool,
        #[serde(rename = "for")]
        redemptions: &'static str,
        codes: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        ends: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
    }
    fn entry(offer: &Offer) -> Entry<'_> {
        Entry {
            slug: &offer.slug,
            name: &offer.name,
            price: &offer.price,
            first: offer.introduction.amount.decimal(),
            lasts: offer.introduction.lasts.to_string(),
            card: offer.introduction.card,
            redemptions: name_of(&offer.audience),
            codes: match &offer.audience {
                OfferAudience::Codes(codes) => codes,
                OfferAudience::New | OfferAudience::Lapsed | OfferAudience::Everyone => &[],
            },
            ends: offer.ends.map(|last| last.to_string()),
            limit: offer.limit,
        }
    }
    // None at all: nothing is offered, whatever the file says.
    if offers.is_empty() {
        return Ok("offers = []\n".to_owned());
    }
    toml::to_string(&File { offers: offers.iter().map(entry).collect() })
}
