//! The variables that a message may use, and their values.

use jiff::civil::Date;
use strum::EnumCount as _;

use super::Locale;
use crate::allowance::Allowance;

/// A variable of message templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum_macros::EnumCount)]
pub enum Variable {
    /// The number of articles that the meter has left after this one.
    NumberArticlesLeft,
    /// The number of articles that the reader's meter allows.
    Allowance,
    /// The number of articles that the meter of a registered reader allows.
    RegisteredAllowance,
    /// The number of articles that this reader could still read in this window with an account.
    RegisteredMore,
    /// The publication's name.
    Publication,
    /// The price of the offer that the message names.
    Price,
    /// The last day of that offer.
    OfferEnds,
    /// The day on which the trial or subscription ended or will end.
    EndedOn,
    /// The day on which a paused subscription resumes.
    PausedUntil,
    /// The name by which the signed-in reader wants to be addressed.
    ReaderName,
    /// The day on which the meter has more articles left.
    ResetsOn,
}

impl Variable {
    /// All variables.
    pub const ALL: [Self; Self::COUNT] = [
        Self::NumberArticlesLeft,
        Self::Allowance,
        Self::RegisteredAllowance,
        Self::RegisteredMore,
        Self::Publication,
        Self::Price,
        Self::OfferEnds,
        Self::EndedOn,
        Self::PausedUntil,
        Self::ReaderName,
        Self::ResetsOn,
    ];

    /// The name as written between the braces.
    pub fn name(self) -> &'static str {
        match self {
            Self::NumberArticlesLeft => "numberArticlesLeft",
            Self::Allowance => "allowance",
            Self::RegisteredAllowance => "registeredAllowance",
            Self::RegisteredMore => "registeredMore",
            Self::Publication => "publication",
            Self::Price => "price",
            Self::OfferEnds => "offerEnds",
            Self::EndedOn => "endedOn",
            Self::PausedUntil => "pausedUntil",
            Self::ReaderName => "readerName",
            Self::ResetsOn => "resetsOn",
        }
    }

    /// Returns `true` for counts, which can select a plural form.
    pub fn is_count(self) -> bool {
        matches!(
            self,
            Self::NumberArticlesLeft
                | Self::Allowance
                | Self::RegisteredAllowance
                | Self::RegisteredMore
        )
    }
}

/// The values of the variables for one reader at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MessageFacts<'a> {
    /// The value of [`Variable::NumberArticlesLeft`].
    pub number_articles_left: Option<u32>,
    /// The value of [`Variable::Allowance`].
    pub allowance: Option<Allowance>,
    /// The value of [`Variable::RegisteredAllowance`].
    pub registered_allowance: Option<Allowance>,
    /// The value of [`Variable::RegisteredMore`].
    pub registered_more: Option<u32>,
    /// The value of [`Variable::Publication`].
    pub publication: &'a str,
    /// The value of [`Variable::Price`], formatted with its currency.
    pub price: Option<&'a str>,
    /// The value of [`Variable::OfferEnds`].
    pub offer_ends: Option<Date>,
    /// The value of [`Variable::EndedOn`].
    pub ended_on: Option<Date>,
    /// The value of [`Variable::PausedUntil`].
    pub paused_until: Option<Date>,
    /// The value of [`Variable::ReaderName`].
    pub reader_name: Option<&'a str>,
    /// The value of [`Variable::ResetsOn`].
    pub resets_on: Option<Date>,
    /// Today. Dates in the same year are written without it.
    pub today: Option<Date>,
}

impl MessageFacts<'_> {
    /// Returns the value of a count, or `None` if the variable is not a count, has no value, or is
    /// unlimited.
    pub fn count(&self, variable: Variable) -> Option<u32> {
        let counted = |allowance: Option<Allowance>| match allowance {
            Some(Allowance::Articles(articles)) => Some(articles),
            Some(Allowance::Unlimited) | None => None,
        };
        match variable {
            Variable::NumberArticlesLeft => self.number_articles_left,
            Variable::Allowance => counted(self.allowance),
            Variable::RegisteredAllowance => counted(self.registered_allowance),
            Variable::RegisteredMore => self.registered_more,
            Variable::Publication
            | Variable::Price
            | Variable::OfferEnds
            | Variable::EndedOn
            | Variable::PausedUntil
            | Variable::ReaderName
            | Variable::ResetsOn => None,
        }
    }

    /// Returns `true` if the variable has a value. A count of 0 has none, so that a section can leave out "0 more".
    pub fn has(&self, variable: Variable, locale: &Locale) -> bool {
        self.count(variable) != Some(0) && self.text(variable, locale).is_some()
    }

    /// Returns the value formatted for `locale`, or `None` if it has none.
    pub fn text(&self, variable: Variable, locale: &Locale) -> Option<String> {
        let date = |date: Option<Date>| {
            let is_near = |date: &Date| self.today.is_some_and(|day| day.year() == date.year());
            date.map(|date| if is_near(&date) { locale.day(date) } else { locale.date(date) })
        };
        match variable {
            Variable::NumberArticlesLeft
            | Variable::Allowance
            | Variable::RegisteredAllowance
            | Variable::RegisteredMore => self.count(variable).map(|count| count.to_string()),
            Variable::Publication => Some(self.publication.to_owned()),
            Variable::Price => self.price.map(str::to_owned),
            Variable::ReaderName => self.reader_name.map(str::to_owned),
            Variable::OfferEnds => date(self.offer_ends),
            Variable::EndedOn => date(self.ended_on),
            Variable::PausedUntil => date(self.paused_until),
            Variable::ResetsOn => date(self.resets_on),
        }
    }
}
