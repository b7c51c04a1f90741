//! The cards of the offers page: one for each product, with the periods and offers to choose from.

use masthead_circulation::{
    Introduction, Offer, OfferAudience, Price, Product, Quote, Subscription, entitlement,
};

use crate::{
    contexts::{PlanCard, PlanChoice, TrialLink},
    rates::Rates,
    snapshot::SiteSnapshot,
};

/// What a reader can buy, and how they came to it.
pub struct PlanSelection<'a> {
    /// Everything that the reader can buy, in the publisher's order.
    pub quotes: Vec<Quote<'a>>,
    /// The code that the reader has entered; may be empty.
    pub code: &'a str,
}

impl<'a> PlanSelection<'a> {
    /// Returns whether the code opens one of the offers.
    pub fn knows_code(&self) -> bool {
        self.quotes.iter().any(|quote| self.is_by_code(quote))
    }

    /// Returns whether a quote is open because of the code.
    pub fn is_by_code(&self, quote: &Quote<'_>) -> bool {
        let is_for_codes = |offer: &Offer| matches!(offer.audience, OfferAudience::Codes(_));
        !self.code.is_empty() && quote.offer.is_some_and(is_for_codes)
    }

    fn of(&self, product: &Product) -> Vec<Quote<'a>> {
        let own = self.quotes.iter().filter(|quote| quote.price.product == product.slug);
        own.copied().collect()
    }

    /// Returns whether a quote is reached by a link below the others: a trial that needs no code.
    fn is_linked(&self, quote: &Quote<'_>) -> bool {
        quote.offer.is_some_and(|offer| offer.introduction.is_trial()) && !self.is_by_code(quote)
    }

    /// Splits the quotes of a product into those to choose from, the headline at the beginning, and trials.
    fn split(&self, quotes: Vec<Quote<'a>>) -> (Vec<Quote<'a>>, Vec<Quote<'a>>) {
        let (trials, mut choices): (Vec<_>, Vec<_>) =
            quotes.into_iter().partition(|quote| self.is_linked(quote));
        // What the code opens, then offers, then prices; in the publisher's order otherwise.
        choices.sort_by_key(|quote| (!self.is_by_code(quote), quote.offer.is_none()));
        (choices, trials)
    }
}

impl SiteSnapshot {
    /// Returns the cards of the products that a reader can buy. `href` is the address at which a trial begins.
    pub fn plan_cards(
        &self,
        selection: &PlanSelection<'_>,
        href: impl Fn(&Quote<'_>) -> String,
    ) -> Vec<PlanCard> {
        let products = self.publication.catalogue.products().iter();
        let cards = products.filter_map(|product| self.plan_card(product, selection, &href));
        let mut cards: Vec<PlanCard> = cards.collect();
        cards.sort_by_key(|card| card.applied.is_empty());
        let is_only = cards.len() == 1;
        for card in &mut cards {
            card.recommended &= !is_only;
        }
        cards
    }

    fn plan_card(
        &self,
        product: &Product,
        selection: &PlanSelection<'_>,
        href: impl Fn(&Quote<'_>) -> String,
    ) -> Option<PlanCard> {
        let (choices, trials) = selection.split(selection.of(product));
        let first = *choices.first()?;
        let rates = self.rates();
        let code = first.offer.and_then(|offer| offer.code(selection.code));
        let applied = code.map(|code| self.theme.word("code_applied").replace("{code}", code));
        let introduction = first.offer.map(|offer| &offer.introduction);
        let regular = || rates.each(first.price.amount, first.price.every);
        let follows = introduction.is_some_and(|introduction| introduction.card);
        Some(PlanCard {
            product: product.slug.clone(),
            name: product.name.clone(),
            description: product.description.clone(),
            channels: self.channel_words(&product.channels),
            includes: self.includes_words(&product.channels),
            benefits: product.benefits.clone(),
            recommended: product.recommended,
            applied: applied.unwrap_or_default(),
            headline: first.offer.map(|offer| offer.name.clone()).unwrap_or_default(),
            price: introduction.map_or_else(regular, |first| rates.introduction(first)),
            afterwards: if follows { rates.afterwards(first.price) } else { String::new() },
            ends: first.offer.map(|offer| self.end_of_offer(offer)).unwrap_or_default(),
            then: self.theme.word(then_word(introduction)).to_owned(),
            choices: self.choices(&choices),
            trials: trials.iter().filter_map(|quote| self.trial_link(quote, href(quote))).collect(),
        })
    }

    fn choices(&self, quotes: &[Quote<'_>]) -> Vec<PlanChoice> {
        let prices = quotes.iter().filter(|quote| quote.offer.is_none()).map(|quote| quote.price);
        let shortest = prices.min_by_key(|price| price.every.days());
        let choice = |(place, quote): (usize, &Quote<'_>)| PlanChoice {
            chosen: place == 0,
            ..self.choice(quote, place == 0, shortest)
        };
        quotes.iter().enumerate().map(choice).collect()
    }

    fn choice(&self, quote: &Quote<'_>, is_headline: bool, shortest: Option<&Price>) -> PlanChoice {
        let rates = self.rates();
        let plan = quote.slug().to_owned();
        let Some(offer) = quote.offer else {
            let saving = shortest.and_then(|shortest| quote.price.saving_against(shortest));
            return PlanChoice {
                plan,
                name: String::new(),
                price: rates.each(quote.price.amount, quote.price.every),
                monthly: monthly(&rates, quote.price),
                saving: saving.map(|percent| self.saving_words(percent)).unwrap_or_default(),
                ends: String::new(),
                chosen: false,
            };
        };
        let (name, ends) = if is_headline {
            (String::new(), String::new())
        } else {
            (offer.name.clone(), self.end_of_offer(offer))
        };
        let price = rates.offer(offer, quote.price);
        let (monthly, saving) = (String::new(), String::new());
        PlanChoice { plan, name, price, monthly, saving, ends, chosen: false }
    }

    fn trial_link(&self, quote: &Quote<'_>, href: String) -> Option<TrialLink> {
        let first = &quote.offer?.introduction;
        let rates = self.rates();
        let word = if first.card { "try_free_then" } else { "try_free" };
        let label = self.theme.word(word).replace("{length}", &rates.length(first.lasts));
        let price = rates.each(quote.price.amount, quote.price.every);
        Some(TrialLink {
            href,
            label: label.replace("{price}", &price),
            then: self.theme.word(then_word(Some(first))).to_owned(),
        })
    }

    fn saving_words(&self, percent: u32) -> String {
        self.theme.word("saving").replace("{percent}", &percent.to_string())
    }

    /// Returns until when an offer can be bought, in words; empty if it has no end.
    pub(crate) fn end_of_offer(&self, offer: &Offer) -> String {
        let words = |last| {
            let date = self.publication.locale.date(last);
            self.theme.word("offer_ends").replace("{date}", &date)
        };
        offer.ends.map(words).unwrap_or_default()
    }

    /// Returns how a reader with these subscriptions can pay, in a sentence: an invoice is for those who have paid theirs. `owes` says
    /// that an account before this one left an invoice unpaid.
    pub fn payment_words(&self, held: &[Subscription], owes: bool) -> &str {
        let publication = &self.publication;
        let sends_invoices = !publication.transfer.is_empty();
        let word = match (publication.sales.takes_cards(), sends_invoices) {
            (_, true) if owes || !entitlement::may_pay_by_invoice(held) => {
                if publication.sales.takes_cards() { "pay_card" } else { "checkout_no_invoice" }
            }
            (true, false) => "pay_card",
            (true, true) => "pay_card_or_invoice",
            (false, _) => "pay_invoice",
        };
        self.theme.word(word)
    }
}

/// What a price comes to in a month, in words; empty if it is paid every month.
fn monthly(rates: &Rates<'_>, price: &Price) -> String {
    let words =
        |amount| rates.theme.word("price_per_month").replace("{price}", &rates.money(amount));
    price.per_month().map(words).unwrap_or_default()
}

/// The name of the word for what happens at the end of what was paid first, or of each period.
pub(crate) fn then_word(introduction: Option<&Introduction>) -> &'static str {
    match introduction {
        Some(first) if first.is_trial() && !first.card => "then_ends",
        Some(first) if first.is_trial() => "then_trial_renews",
        Some(_) | None => "then_renews",
    }
}
