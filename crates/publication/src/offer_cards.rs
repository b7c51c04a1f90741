//! What is sold, as readers see it: the offers page, and what is ordered at the checkout.

use jiff::Timestamp;
use masthead_circulation::{
    Channel, History, Offer, OfferAudience, Quote, Subscription, Terms, entitlement,
};

use crate::{
    compression::Encoding,
    contexts::{OffersContext, OrderContext},
    page::{CommonParts, Page},
    plan_cards::{PlanSelection, then_word},
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

    /// Returns what is ordered.
    pub fn order(&self, quote: Quote<'_>) -> OrderContext {
        let rates = self.rates();
        let product = self.publication.catalogue.product(&quote.price.product);
        let channels = product.map(|product| product.channels.as_slice()).unwrap_or_default();
        let product = product.map(|product| product.name.clone()).unwrap_or_default();
        let name = quote.offer.map(|offer| offer.name.clone()).unwrap_or_default();
        OrderContext {
            name: if name.is_empty() { product.clone() } else { name },
            product,
            channels: self.channel_words(channels),
            includes: self.includes_words(channels),
            price: match quote.offer {
                Some(offer) => rates.offer(offer, quote.price),
                None => rates.each(quote.price.amount, quote.price.every),
            },
            then: self
                .theme
                .word(then_word(quote.offer.map(|offer| &offer.introduction)))
                .to_owned(),
        }
    }

    /// Returns the names of channels.
    pub fn channel_words(&self, channels: &[Channel]) -> Vec<String> {
        let word = |channel: &Channel| self.theme.word(&format!("channel_{channel}")).to_owned();
        channels.iter().map(word).collect()
    }

    /// Returns what channels give a reader, a sentence for each.
    pub fn includes_words(&self, channels: &[Channel]) -> Vec<String> {
        let words = |channel: &Channel| self.theme.word(&format!("includes_{channel}")).to_owned();
        channels.iter().map(words).collect()
    }

    /// Whether a reader with these subscriptions may pay for these terms by invoice. `owes` says that an account before this one left
    /// an invoice unpaid.
    pub fn accepts_invoice(&self, terms: &Terms, held: &[Subscription], owes: bool) -> bool {
        let sends_invoices = !self.publication.transfer.is_empty();
        let is_trusted = !owes && entitlement::may_pay_by_invoice(held);
        sends_invoices && !terms.begins_with_trial() && is_trusted
    }

    /// Returns why a reader with these subscriptions cannot pay for these terms by invoice although others can; empty if they
    /// can, or nobody can.
    pub fn no_invoice_words(&self, terms: &Terms, held: &[Subscription], owes: bool) -> &str {
        let is_sent = !self.publication.transfer.is_empty() && !terms.begins_with_trial();
        let is_refused = is_sent && !self.accepts_invoice(terms, held, owes);
        if is_refused { self.theme.word("checkout_no_invoice") } else { "" }
    }

    /// Returns the context of the offers page for an anonymous reader who came from the front page.
    pub fn offers_context(
        &self,
        selection: &PlanSelection<'_>,
        href: impl Fn(&Quote<'_>) -> String,
    ) -> OffersContext {
        OffersContext {
            chrome: self.layout().bare_chrome(self.theme.word("offers")),
            cards: self.plan_cards(selection, href),
            payment: self.payment_words(&[], false).to_owned(),
            takes_cards: self.publication.sales.takes_cards(),
            held: Vec::new(),
            signed_in: false,
            subscribed: false,
            paused: String::new(),
            codes: false,
            code: selection.code.to_owned(),
            fault: String::new(),
            from: "/".to_owned(),
        }
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
        let quotes = begun.chain(catalogue.prices().iter().map(Quote::from)).collect();
        let selection = PlanSelection { quotes, code };
        let context = OffersContext {
            signed_in: history == History::Lapsed,
            codes: !code.is_empty(),
            ..self.offers_context(&selection, |_| String::from("/offers"))
        };
        let html = self.theme.render(Template::Offers, &context)?;
        let page = Page::new(&html, Encoding::Identity, &CommonParts::default());
        let content = self.only_links(ReaderLinks::Guest, Encoding::Identity);
        Ok(page.assemble(content).content.to_vec())
    }
}
