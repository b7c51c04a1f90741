//! How prices and lengths of time are written: in the theme's words and the publication's locale.

use masthead_access::message::Locale;
use masthead_circulation::{BillingInterval, Introduction, Money, Offer, Price, Quote, Terms};

use crate::theme::Theme;

/// Writes prices.
pub struct Rates<'a> {
    /// The theme whose words are used.
    pub theme: &'a Theme,
    /// How numbers are written.
    pub locale: &'a Locale,
}

impl Rates<'_> {
    /// An amount: "$9".
    pub fn money(&self, money: Money) -> String {
        let currency = money.currency();
        self.locale.money(money.minor(), currency.digits(), currency.code())
    }

    /// A length of time: "3 months".
    pub fn length(&self, length: BillingInterval) -> String {
        let word = format!("length_{}", length.unit.name());
        let word = self.theme.word_for_count(&word, u32::from(length.count));
        word.replace("{number}", &length.count.to_string())
    }

    /// A recurring price: "$9 a month".
    pub fn each(&self, amount: Money, every: BillingInterval) -> String {
        let unit = every.unit.name();
        let word =
            if every.count == 1 { format!("price_{unit}") } else { "price_every".to_owned() };
        let word = self.theme.word(&word);
        word.replace("{price}", &self.money(amount)).replace("{length}", &self.length(every))
    }

    /// What is paid first, without what follows: "$9 for 3 months" or "14 days free".
    pub fn introduction(&self, first: &Introduction) -> String {
        let word = if first.is_trial() { "price_trial" } else { "price_now" };
        self.theme
            .word(word)
            .replace("{price}", &self.money(first.amount))
            .replace("{length}", &self.length(first.lasts))
    }

    /// What is paid after the introduction: "then $12 a month".
    pub fn afterwards(&self, price: &Price) -> String {
        let then = self.each(price.amount, price.every);
        self.theme.word("price_next").replace("{price}", &then)
    }

    /// An offer and its regular price: "$9 for 3 months, then $12 a month".
    pub fn offer(&self, offer: &Offer, price: &Price) -> String {
        self.begun_with(Some(&offer.introduction), price.amount, price.every)
    }

    /// What is paid first, and a sentence about what comes after: "$9 for 3 months" and "Then $12 a month. Renews
    /// automatically …".
    pub fn first_and_then(&self, quote: Quote<'_>) -> (String, String) {
        let every = self.each(quote.price.amount, quote.price.every);
        let renews = self.theme.word("then_renews");
        let Some(first) = quote.offer.map(|offer| &offer.introduction) else {
            return (every, renews.to_owned());
        };
        let then = self.theme.word("wall_then").replace("{price}", &every);
        let (word, then) = match (first.is_trial(), first.card) {
            (true, true) => {
                ("price_trial", format!("{then} {}", self.theme.word("then_trial_renews")))
            }
            (true, false) => ("price_trial", self.theme.word("then_ends").to_owned()),
            (false, _) => ("wall_price", format!("{then} {renews}")),
        };
        let price = self.theme.word(word).replace("{price}", &self.money(first.amount));
        (price.replace("{length}", &self.length(first.lasts)), then)
    }

    /// The agreed terms from the beginning.
    pub fn terms(&self, terms: &Terms) -> String {
        self.begun_with(terms.introduction.as_ref(), terms.amount, terms.every)
    }

    fn begun_with(
        &self,
        first: Option<&Introduction>,
        amount: Money,
        every: BillingInterval,
    ) -> String {
        let then = self.each(amount, every);
        let Some(first) = first else { return then };
        let word = self.theme.word(match (first.is_trial(), first.card) {
            (true, true) => "price_trial_then",
            (true, false) => "price_trial",
            (false, _) => "price_first",
        });
        word.replace("{price}", &self.money(first.amount))
            .replace("{length}", &self.length(first.lasts))
            .replace("{then}", &then)
    }
}
