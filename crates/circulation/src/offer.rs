//! Offers: who may take them, until when, and what they come to.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{BillingInterval, Money};

/// How long a checkout is honoured after it was begun, whatever has ended meanwhile.
pub const HONOURED: SignedDuration = SignedDuration::from_mins(30);

/// What a subscription costs at first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// What is paid at once, for the whole of it. Nothing makes it a trial.
    pub amount: Money,
    /// How long that lasts.
    pub lasts: BillingInterval,
    /// Whether a card is asked for. Without one it ends by itself; with one it goes on at the price.
    pub card: bool,
}

impl Introduction {
    /// Whether it costs nothing.
    pub fn is_trial(&self) -> bool {
        self.amount.is_zero()
    }
}

/// Who may take an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Readers who never had a trial or subscription.
    New,
    /// Readers who had one, and have none now.
    Lapsed,
    /// All who have none now.
    Everyone,
    /// Those of them who know one of these codes.
    Codes(Vec<String>),
}

/// What an account has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum History {
    /// No trial and no subscription, ever. A reader who has not signed in is taken for one of these.
    New,
    /// A trial that still runs and asks for no money.
    InTrial,
    /// A subscription that still runs.
    Live,
    /// Only such as have ended.
    Lapsed,
}

impl History {
    /// Every history there is, in the order of their discriminants.
    pub const ALL: [Self; 4] = [Self::New, Self::InTrial, Self::Live, Self::Lapsed];

    /// Whether there is anything to sell to them.
    pub fn may_buy(self) -> bool {
        match self {
            Self::New | Self::InTrial | Self::Lapsed => true,
            Self::Live => false,
        }
    }
}

/// An offer as the publisher has made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// By which messages and addresses name it.
    pub slug: String,
    /// The headline of its card; may be empty.
    pub name: String,
    /// The price that it begins, by its slug.
    pub price: String,
    /// What it costs at first.
    pub introduction: Introduction,
    /// Who may take it.
    pub audience: Audience,
    /// The last day on which it can be bought.
    pub ends: Option<Date>,
    /// How many may take it.
    pub limit: Option<u32>,
}

impl Offer {
    /// Whether it can be bought at `now`: until the last second of its last day in `zone`.
    pub fn runs(&self, now: Timestamp, zone: &TimeZone) -> bool {
        self.ends.is_none_or(|last| now.to_zoned_datetime(zone.clone()).date() <= last)
    }

    /// Whether a reader of this history may take it, who knows this code.
    pub fn is_for(&self, history: History, code: Option<&str>) -> bool {
        match &self.audience {
            Audience::New => history == History::New,
            Audience::Lapsed => history == History::Lapsed,
            Audience::Everyone => history.may_buy(),
            Audience::Codes(codes) => {
                history.may_buy() && code.is_some_and(|code| knows(codes, code))
            }
        }
    }
}

/// People write codes in small letters and with spaces.
fn knows(codes: &[String], code: &str) -> bool {
    let bare = |text: &str| text.split_whitespace().collect::<String>().to_uppercase();
    let code = bare(code);
    codes.iter().any(|known| bare(known) == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(audience: Audience) -> Offer {
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
    fn it_can_be_bought_until_the_last_second_of_its_last_day() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let offer = offer(Audience::Everyone);
        let runs = |text: &str| offer.runs(text.parse().expect("a time"), &zone);
        assert!(runs("2027-01-31T14:59:59Z"));
        assert!(!runs("2027-01-31T15:00:00Z"));
    }

    #[test]
    fn everyone_is_told_apart() {
        let redemptions = |audience, code| {
            let offer = offer(audience);
            [History::New, History::InTrial, History::Live, History::Lapsed]
                .map(|history| offer.is_for(history, code))
        };
        assert_eq!(redemptions(Audience::New, None), [true, false, false, false]);
        assert_eq!(redemptions(Audience::Lapsed, None), [false, false, false, true]);
        assert_eq!(redemptions(Audience::Everyone, None), [true, true, false, true]);
        let codes = || Audience::Codes(vec!["STUDENT 27".into()]);
        assert_eq!(redemptions(codes(), None), [false; 4]);
        assert_eq!(redemptions(codes(), Some("nonsense")), [false; 4]);
        assert_eq!(redemptions(codes(), Some(" student27 ")), [true, true, false, true]);
    }
}
