//! What a wall offers besides the words of its message: what can be bought, the trial, and the way in for readers who
//! have an account.

use jiff::civil::Date;
use masthead_access::message::{Message, Moment, Placement, Variable};
use masthead_circulation::{Offer, Quote};

use crate::{
    contexts::{Link, WallContext, WallOfferContext},
    situation::Situation,
    snapshot::SiteSnapshot,
};

/// The maximum number of benefits at a wall.
pub(crate) const MAX_BENEFITS: usize = 3;

impl SiteSnapshot {
    /// Returns what a wall offers to a reader in this situation besides its message, whose first button is `first`; `None`
    /// if the message is for another placement.
    pub(crate) fn wall(
        &self,
        message: &Message,
        situation: Situation,
        first: Option<&Link>,
    ) -> Option<WallContext> {
        if message.placement != Placement::Wall {
            return None;
        }
        let quote = self.quote_at_wall(message, situation);
        let is_trial =
            |quote: &Quote<'_>| quote.offer.is_some_and(|offer| offer.introduction.is_trial());
        let shows_trial = quote.as_ref().is_some_and(is_trial);
        let trial = if shows_trial { None } else { self.trial_at_wall(message.moment, situation) };
        Some(WallContext {
            free_first: first.is_some_and(registers),
            resume: message.moment == Moment::WallSubscriptionPaused,
            offer: quote.map(|quote| self.wall_offer(message, quote)),
            trial: trial.map(|offer| self.wall_trial(offer)),
            sign_in: match (situation.signed_in, self.publication.sells()) {
                (true, _) => "",
                (false, true) => "subscriber",
                (false, false) => "account",
            },
        })
    }

    /// Returns the offer or price of which a message speaks: the offer that it names, if that runs for the reader; if it
    /// names none, the first that does, and else the first price. A trial comes last, because a message says what reading
    /// on costs.
    pub(crate) fn quote_for(&self, message: &Message, situation: Situation) -> Option<Quote<'_>> {
        let named = message.offer.as_deref();
        let catalogue = &self.publication.catalogue;
        let running = || situation.offers.of(catalogue);
        let offer = match named {
            Some(named) => running().find(|offer| named == offer.slug),
            None => running().find(|offer| !offer.introduction.is_trial()).or_else(|| {
                // A wall has a link of its own to a trial.
                running().next().filter(|_| message.placement != Placement::Wall)
            }),
        };
        if let Some(offer) = offer {
            return Some(Quote { price: catalogue.price(&offer.price)?, offer: Some(offer) });
        }
        let price = catalogue.prices().first().filter(|_| named.is_none() && situation.may_buy);
        price.map(Quote::from)
    }

    /// What can be bought at a wall. Whatever is sold may not open an article of a special edition, so there it must be named.
    fn quote_at_wall(&self, message: &Message, situation: Situation) -> Option<Quote<'_>> {
        let is_product = message.moment == Moment::WallProduct;
        if is_product && message.offer.is_none() || !self.publication.sells() {
            return None;
        }
        self.quote_for(message, situation)
    }

    fn wall_offer(&self, message: &Message, quote: Quote<'_>) -> WallOfferContext {
        // Not said twice.
        let says_price = message.mentions(Variable::Price);
        let says_end = message.mentions(Variable::OfferEnds);
        let (price, then) = self.rates().first_and_then(quote);
        let product = self.publication.catalogue.product(&quote.price.product);
        let benefits = product.map(|product| product.benefits.as_slice()).unwrap_or_default();
        let own_benefits = !message.benefits.is_empty();
        let ends = quote.offer.and_then(|offer| offer.ends).filter(|_| !says_end);
        WallOfferContext {
            price: if says_price { String::new() } else { price },
            then: if says_price { String::new() } else { then },
            ends: ends.map(|last| self.offer_ends(last)).unwrap_or_default(),
            benefits: benefits
                .iter()
                .filter(|_| !own_benefits)
                .take(MAX_BENEFITS)
                .cloned()
                .collect(),
        }
    }

    fn offer_ends(&self, last: Date) -> String {
        let locale = &self.publication.locale;
        let is_near = last.year() == self.day().year();
        let date = if is_near { locale.day(last) } else { locale.date(last) };
        self.theme.word("offer_ends").replace("{date}", &date)
    }

    /// The trial that a reader may begin. A trial that goes on needs a card.
    fn trial_at_wall(&self, moment: Moment, situation: Situation) -> Option<&Offer> {
        let publication = &self.publication;
        if moment == Moment::WallProduct || !publication.sells() {
            return None;
        }
        let takes_cards = publication.sales.takes_cards();
        let mut running = situation.offers.of(&publication.catalogue);
        running.find(|offer| {
            let trial = &offer.introduction;
            trial.is_trial() && (takes_cards || !trial.card)
        })
    }

    fn wall_trial(&self, offer: &Offer) -> Link {
        let length = self.rates().length(offer.introduction.lasts);
        let name = self.theme.word("wall_trial").replace("{length}", &length);
        Link::to(&format!("/checkout/{}", offer.slug), &name)
    }
}

/// Whether a button leads to a free account.
fn registers(button: &Link) -> bool {
    button.href.split(['?', '#']).next() == Some("/register")
}
