//! What is sold, as readers see it: the cards on the offers page and at the checkout.

use jiff::Timestamp;
use masthead_circulation::{
    Channel, History, Introduction, Offer, OfferAudience, Product, Quote, Subscription, Terms,
    entitlement,
};

use crate::{
    compression::Encoding,
    contexts::{OfferCard, OffersContext},
    page::{CommonParts, Page},
    reader_links::ReaderLinks,
    snapshot::SiteSnapshot,
    theme::{Template, ThemeError},
};

impl SiteSnapshot {
    /// Returns what a reader of this history, who may know a code, can buy now under this name.
    pub fn open_quote(
        &self,
        name: &str,
        history: History,
        code: &str,
        now: Timestamp,
    ) -> Option<Quote<'_>> {
        let publication = &self.publication;
        if !publication.sells() {
            return None;
        }
        let zone = &publication.policy.zone;
        let deal = publication.catalogue.quote(name, history, Some(code), now, zone)?;
        let terms = publication.catalogue.terms(deal)?;
        // A trial that goes on needs a card.
        if !publication.sales.takes_cards() && terms.begins_with_trial() && terms.needs_card() {
            return None;
        }
        let sold_out = self.sold_out_offers().iter().any(|slug| slug == deal.slug());
        (!sold_out).then_some(deal)
    }

    /// Returns the card on which a price or offer is sold; it links to `href`.
    pub fn offer_card(&self, deal: Quote<'_>, href: String) -> OfferCard {
        let theme = &self.theme;
        let catalogue = &self.publication.catalogue;
        let rates = self.rates();
        let product = catalogue.product(&deal.price.product);
        let text = |part: fn(&Product) -> &str| product.map(part).unwrap_or_default().to_owned();
        let name = deal.offer.map(|offer| offer.name.clone()).unwrap_or_default();
        let introduction = deal.offer.map(|offer| &offer.introduction);
        let cardless = introduction.is_some_and(|introduction| !introduction.card);
        let trial = introduction.is_some_and(Introduction::is_trial);
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
            trial,
            offer: deal.offer.is_some(),
        }
    }

    /// Returns the names of channels.
    pub fn channel_words(&self, channels: &[Channel]) -> Vec<String> {
        let word = |channel: &Channel| self.theme.word(&format!("channel_{channel}")).to_owned();
        channels.iter().map(word).collect()
    }

    /// Whether a reader with these subscriptions may pay for these terms by invoice.
    pub fn accepts_invoice(&self, terms: &Terms, held: &[Subscription]) -> bool {
        let sends_invoices = !self.publication.transfer.is_empty();
        sends_invoices && !terms.begins_with_trial() && entitlement::may_pay_by_invoice(held)
    }

    /// Renders the offers page with this offer in place of the one with its slug, as a reader who may take
    /// it sees it.
    pub fn offers_preview(&self, offer: &Offer, now: Timestamp) -> Result<Vec<u8>, ThemeError> {
        let catalogue = &self.publication.catalogue;
        let zone = &self.publication.policy.zone;
        let (history, code) = match &offer.audience {
            OfferAudience::New | OfferAudience::Everyone => (History::New, ""),
            OfferAudience::Lapsed => (History::Lapsed, ""),
            OfferAudience::Codes(codes) => (History::New, codes.first().map_or("", String::as_str)),
        };
        let others = catalogue.offers();
        let is_new = others.iter().all(|other| other.slug != offer.slug);
        let offers = others
            .iter()
            .map(|other| if other.slug == offer.slug { offer } else { other })
            .chain(is_new.then_some(offer));
        let open = offers.filter(|open| {
            open.slug == offer.slug || open.runs(now, zone) && open.is_for(history, Some(code))
        });
        let begun = open.filter_map(|offer| {
            Some(Quote { price: catalogue.price(&offer.price)?, offer: Some(offer) })
        });
        let deals = begun.chain(catalogue.prices().iter().map(Quote::from));
        let card = |deal: Quote<'_>| self.offer_card(deal, String::from("/offers"));
        let context = OffersContext {
            chrome: self.layout().bare_chrome(self.theme.word("offers")),
            cards: deals.map(card).collect(),
            signed_in: history == History::Lapsed,
            subscribed: false,
            paused: String::new(),
            codes: !code.is_empty(),
            code: code.to_owned(),
            fault: String::new(),
            from: "/".to_owned(),
        };
        let html = self.theme.render(Template::Offers, &context)?;
        let page = Page::new(&html, Encoding::Identity, &CommonParts::default());
        let content = self.only_links(ReaderLinks::Guest, Encoding::Identity);
        Ok(page.assemble(content).content.to_vec())
    }
}
