//! Buying: the offers, agreeing to one of them, and the way to the till and back.

pub(crate) mod checkout;
mod offers;
mod till;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};
use jiff::Timestamp;
use masthead_circulation::{Channel, History, Introduction, Product, Quote, entitlement};

use crate::{accounts::CachedAccount, contexts::OfferCard, site::Site, snapshot::SiteSnapshot};

/// The addresses of buying.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/offers", get(offers::offers))
        .route("/checkout/{name}", get(checkout::page).post(checkout::begin))
        .route("/checkout/pay/{secret}", get(checkout::back))
        .route("/checkout/pay/{secret}/sandbox", get(till::page).post(till::pay))
        .route("/checkout/pay/{secret}/sandbox/confirmation", post(till::confirm))
}

/// What a reader has had, who may not be signed in.
fn history_of(member: Option<&CachedAccount>, now: Timestamp) -> History {
    member.map_or(History::New, |member| entitlement::history(&member.subscriptions(), now))
}

impl SiteSnapshot {
    /// What a reader of this history, who may know a code, can buy by this name now.
    fn open_deal(
        &self,
        name: &str,
        history: History,
        code: &str,
        now: Timestamp,
    ) -> Option<Quote<'_>> {
        let publication = &self.publication;
        let zone = &publication.policy.zone;
        let deal = publication.catalogue.deal(name, history, Some(code), now, zone)?;
        (!self.exhausted_names().contains(&deal.slug())).then_some(deal)
    }

    /// A deal as it is offered.
    pub(crate) fn offer_card(&self, deal: Quote<'_>, href: String) -> OfferCard {
        let theme = &self.theme;
        let catalogue = &self.publication.catalogue;
        let rates = self.rates();
        let product = catalogue.product(&deal.price.product);
        let text = |part: fn(&Product) -> &str| product.map(part).unwrap_or_default().to_owned();
        let name = deal.offer.map(|offer| offer.name.clone()).unwrap_or_default();
        let introduction = deal.offer.map(|offer| &offer.introduction);
        let cardless = introduction.is_some_and(|introduction| !introduction.card);
        let then = match introduction.map(Introduction::is_trial) {
            Some(true) if cardless => "then_ends",
            Some(true) => "then_trial_renews",
            Some(false) | None => "then_renews",
        };
        let channels = product.map(|product| product.channels.as_slice()).unwrap_or_default();
        let ends = deal.offer.and_then(|offer| offer.ends).map(|last| {
            theme.word("offer_ends").replace("{date}", &self.publication.locale.date(last))
        });
        OfferCard {
            href,
            name: if name.is_empty() { text(|product| &product.name) } else { name },
            product: text(|product| &product.name),
            description: text(|product| &product.description),
            channels: self.channel_words(channels),
            benefits: product.map(|product| product.benefits.clone()).unwrap_or_default(),
            price: match deal.offer {
                Some(offer) => rates.offer(offer, deal.price),
                None => rates.each(deal.price.amount, deal.price.every),
            },
            ends: ends.unwrap_or_default(),
            then: theme.word(then).to_owned(),
            offer: deal.offer.is_some(),
        }
    }

    /// Channels in words.
    pub(crate) fn channel_words(&self, channels: &[Channel]) -> Vec<String> {
        let word = |channel: &Channel| self.theme.word(&format!("channel_{channel}")).to_owned();
        channels.iter().map(word).collect()
    }
}
