//! Offers: who may take them, until when, and at which introductory price.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use strum::EnumCount as _;

use crate::{BillingInterval, Money};

/// How long after its start a checkout can be paid, even if the offer has ended in the meantime.
pub const CHECKOUT_LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// An introductory period and its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// The price for the whole period. Zero makes it a trial.
    pub amount: Money,
    /// How long the period is.
    pub lasts: BillingInterval,
    /// Whether a card is required. With a card, the subscription renews at the regular price;
    /// without, it ends.
    pub card: bool,
}

impl Introduction {
    /// Returns `true` if the introduction is free.
    pub fn is_trial(&self) -> bool {
        self.amount.is_zero()
    }
}

/// Which readers may take an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferAudience {
    /// Readers who never had a trial or subscription.
    New,
    /// Readers whose subscriptions have all ended.
    Lapsed,
    /// All readers without a subscription.
    Everyone,
    /// Readers without a subscription who enter one of these codes.
    Codes(Vec<String>),
}

/// An account's past subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum_macros::EnumCount)]
pub enum History {
    /// Never had a trial or subscription. Also assumed for anonymous readers.
    New,
    /// In a trial that does not renew.
    InTrial,
    /// Has a subscription.
    Live,
    /// All subscriptions have ended.
    Lapsed,
}

impl History {
    /// All histories, in the order of their discriminants.
    pub const ALL: [Self; Self::COUNT] = [Self::New, Self::InTrial, Self::Live, Self::Lapsed];

    /// Returns `true` if the reader may subscribe.
    pub fn may_buy(self) -> bool {
        match self {
            Self::New | Self::InTrial | Self::Lapsed => true,
            Self::Live => false,
        }
    }
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The name in messages and addresses.
    pub slug: String,
    /// The headline of its card. May be empty.
    pub name: String,
    /// The slug of the price that follows the introduction.
    pub price: String,
    /// The introductory period.
    pub introduction: Introduction,
    /// Which readers may take it.
    pub audience: OfferAudience,
    /// The last day on which it can be bought.
    pub ends: Option<Date>,
    /// How many readers may take it.
    pub limit: Option<u32>,
}

impl Offer {
    /// Returns `true` if it can be bought at `now`: up to and including its last day in `zone`.
    pub fn runs(&self, now: Timestamp, zone: &TimeZone) -> bool {
        self.ends.is_none_or(|last| now.to_zoned_datetime(zone.clone()).date() <= last)
    }

    /// Returns `true` if a reader with this history and code may take it.
    pub fn is_for(&self, history: History, code: Option<&str>) -> bool {
        let knows_code = match &self.audience {
            OfferAudience::Codes(codes) => {
                code.is_some_and(|code| known_code(codes, code).is_some())
            }
            OfferAudience::New | OfferAudience::Lapsed | OfferAudience::Everyone => true,
        };
        knows_code && self.admits(history)
    }

    /// Returns the code that a reader has entered in the publisher's spelling; `None` if the offer needs none, or another.
    pub fn code(&self, entered: &str) -> Option<&str> {
        match &self.audience {
            OfferAudience::Codes(codes) => known_code(codes, entered),
            OfferAudience::New | OfferAudience::Lapsed | OfferAudience::Everyone => None,
        }
    }

    /// Returns `true` if a reader with this history may take it, with the code if it needs one. A trial is
    /// not followed by another.
    pub fn admits(&self, history: History) -> bool {
        let is_second_trial = history == History::InTrial && self.introduction.is_trial();
        !is_second_trial
            && match &self.audience {
                OfferAudience::New => history == History::New,
                OfferAudience::Lapsed => history == History::Lapsed,
                OfferAudience::Everyone | OfferAudience::Codes(_) => history.may_buy(),
            }
    }
}

/// Returns the one of `codes` that `code` is. Case and spaces are ignored.
fn known_code<'a>(codes: &'a [String], code: &str) -> Option<&'a str> {
    let bare = |text: &str| text.split_whitespace().collect::<String>().to_uppercase();
    let code = bare(code);
    codes.iter().find(|known| bare(known) == code).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(audience: OfferAudience) -> Offer {
        let usd = "USD".parse().expect("a currency");
        Offer {
            slug: "winter".into(),
            name: String::new(),
            price: "web-monthly".into(),
            introduction: Introduction {
                amount: Money::of(900, usd),
                lasts: "3 months".parse().expect("a length"),
                card: true,
            },
            audience,
            ends: Some(Date::constant(2027, 1, 31)),
            limit: None,
        }
    }

    #[test]
    fn an_offer_runs_until_the_last_second_of_its_last_day() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let offer = offer(OfferAudience::Everyone);
        let runs = |text: &str| offer.runs(text.parse().expect("a time"), &zone);
        assert!(runs("2027-01-31T14:59:59Z"));
        assert!(!runs("2027-01-31T15:00:00Z"));
    }

    #[test]
    fn each_audience_admits_the_right_readers() {
        let admits = |audience, code| {
            let offer = offer(audience);
            [History::New, History::InTrial, History::Live, History::Lapsed]
                .map(|history| offer.is_for(history, code))
        };
        assert_eq!(admits(OfferAudience::New, None), [true, false, false, false]);
        assert_eq!(admits(OfferAudience::Lapsed, None), [false, false, false, true]);
        assert_eq!(admits(OfferAudience::Everyone, None), [true, true, false, true]);
        let codes = || OfferAudience::Codes(vec!["STUDENT 27".into()]);
        assert_eq!(admits(codes(), None), [false; 4]);
        assert_eq!(admits(codes(), Some("nonsense")), [false; 4]);
        assert_eq!(admits(codes(), Some(" student27 ")), [true, true, false, true]);
        assert_eq!(offer(codes()).code("student27"), Some("STUDENT 27"));
        assert_eq!(offer(OfferAudience::Everyone).code("student27"), None);
    }

    #[test]
    fn a_trial_is_not_followed_by_another() {
        let usd = "USD".parse().expect("a currency");
        let paid = offer(OfferAudience::Everyone);
        let introduction = Introduction { amount: Money::zero(usd), ..paid.introduction.clone() };
        let trial = Offer { introduction, ..paid.clone() };
        assert!(paid.admits(History::InTrial) && trial.admits(History::Lapsed));
        assert!(!trial.admits(History::InTrial));
    }
}
