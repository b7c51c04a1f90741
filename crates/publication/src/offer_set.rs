//! Sets of the catalogue's offers, small enough to be part of a cache key.

use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{Catalogue, History, Offer};

/// Some of the offers of a catalogue, by their place in it; it has at most
/// [`Catalogue::MAX_OFFERS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OfferSet(u32);

impl OfferSet {
    /// The offers that run at `now` for a reader of this history who knows no code.
    pub fn running(
        catalogue: &Catalogue,
        history: History,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Self {
        Self::with(catalogue, |offer| offer.runs(now, zone) && offer.is_for(history, None))
    }

    /// The offers of these names.
    pub fn named(catalogue: &Catalogue, names: &[String]) -> Self {
        Self::with(catalogue, |offer| names.contains(&offer.slug))
    }

    fn with(catalogue: &Catalogue, holds: impl Fn(&Offer) -> bool) -> Self {
        let offers = catalogue.offers().iter().enumerate();
        let bits = offers.filter(|(_, offer)| holds(offer)).map(|(place, _)| 1_u32 << place);
        Self(bits.fold(0, |all, bit| all | bit))
    }

    /// Whether it is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The offers that are not in `others`.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// The offers themselves, in the publisher's order.
    pub fn of(self, catalogue: &Catalogue) -> impl Iterator<Item = &Offer> {
        let offers = catalogue.offers().iter().enumerate();
        offers.filter(move |(place, _)| self.0 & (1 << place) != 0).map(|(_, offer)| offer)
    }
}
