//! Offers in the format of the configuration file.

use masthead_circulation::{Offer, OfferAudience};
use serde::Serialize;

use crate::settings::save::SettingsText;

/// The name of an audience in the settings.
pub(super) fn audience_name(audience: &OfferAudience) -> &'static str {
    match audience {
        OfferAudience::New => "new",
        OfferAudience::Lapsed => "lapsed",
        OfferAudience::Everyone => "everyone",
        OfferAudience::Codes(_) => "code",
    }
}

/// Offers in the format of the configuration file.
pub(super) fn to_toml(offers: &[Offer]) -> SettingsText {
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
        audience: &'static str,
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
            audience: audience_name(&offer.audience),
            codes: match &offer.audience {
                OfferAudience::Codes(codes) => codes,
                OfferAudience::New | OfferAudience::Lapsed | OfferAudience::Everyone => &[],
            },
            ends: offer.ends.map(|last| last.to_string()),
            limit: offer.limit,
        }
    }
    // Without any, nothing is offered, whatever the file says.
    if offers.is_empty() {
        return Ok("offers = []\n".to_owned());
    }
    toml::to_string(&File { offers: offers.iter().map(entry).collect() })
}
