//! What a message may speak of.

use jiff::civil::Date;

use super::Locale;
use crate::allowance::Allowance;

/// A name that stands for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variable {
    /// How many articles the meter has left after this one.
    NumberArticlesLeft,
    /// How many articles the reader's meter allows.
    Allowance,
    /// How many articles the meter of a registered reader allows.
    RegisteredAllowance,
    /// The publication's name.
    Publication,
    /// The price of the offer that the message names.
    Price,
    /// The last day of that offer.
    OfferEnds,
    /// The day on which the trial or subscription ended, or will end.
    EndedOn,
    /// How the signed-in reader wants to be called.
    ReaderName,
    /// The day on which the meter has more left.
    ResetsOn,
}

impl Variable {
    /// Every variable there is.
    pub const ALL: [Self; 9] = [
        Self::NumberArticlesLeft,
        Self::Allowance,
        Self::RegisteredAllowance,
        Self::Publication,
        Self::Price,
        Self::OfferEnds,
        Self::EndedOn,
        Self::ReaderName,
        Self::ResetsOn,
    ];

    /// The name between the braces.
    pub fn name(self) -> &'static str {
        match self {
            Self::NumberArticlesLeft => "numberArticlesLeft",
            Self::Allowance => "allowance",
            Self::RegisteredAllowance => "registeredAllowance",
            Self::Publication => "publication",
            Self::Price => "price",
            Self::OfferEnds => "offerEnds",
            Self::EndedOn => "endedOn",
            Self::ReaderName => "readerName",
            Self::ResetsOn => "resetsOn",
        }
    }

    /// Whether it is a count, and so can govern a plural.
    pub fn is_count(self) -> bool {
        matches!(self, Self::NumberArticlesLeft | Self::Allowance | Self::RegisteredAllowance)
    }
}

/// The values behind the variables for one reader at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts<'a> {
    /// Behind [`Variable::NumberArticlesLeft`].
    pub number_articles_left: Option<u32>,
    /// Behind [`Variable::Allowance`].
    pub allowance: Option<Allowance>,
    /// Behind [`Variable::RegisteredAllowance`].
    pub registered_allowance: Option<Allowance>,
    /// Behind [`Variable::Publication`].
    pub publication: &'a str,
    /// Behind [`Variable::Price`], already written out with its currency.
    pub price: Option<&'a str>,
    /// Behind [`Variable::OfferEnds`].
    pub offer_ends: Option<Date>,
    /// Behind [`Variable::EndedOn`].
    pub ended_on: Option<Date>,
    /// Behind [`Variable::ReaderName`].
    pub reader_name: Option<&'a str>,
    /// Behind [`Variable::ResetsOn`].
    pub resets_on: Option<Date>,
}

impl Facts<'_> {
    /// The number behind a count; `None` for what is no count, absent or unlimited.
    pub fn count(&self, variable: Variable) -> Option<u32> {
        let counted = |allowance: Option<Allowance>| match allowance {
            Some(Allowance::Articles(articles)) => Some(articles),
            Some(Allowance::Unlimited) | None => None,
        };
        match variable {
            Variable::NumberArticlesLeft => self.number_articles_left,
            Variable::Allowance => counted(self.allowance),
            Variable::RegisteredAllowance => counted(self.registered_allowance),
            Variable::Publication
            | Variable::Price
            | Variable::OfferEnds
            | Variable::EndedOn
            | Variable::ReaderName
            | Variable::ResetsOn => None,
        }
    }

    /// The value as readers of `locale` write it; `None` where there is none.
    pub fn text(&self, variable: Variable, locale: &Locale) -> Option<String> {
        let date = |date: Option<Date>| date.map(|date| locale.date(date));
        match variable {
            Variable::NumberArticlesLeft | Variable::Allowance | Variable::RegisteredAllowance => {
                self.count(variable).map(|count| count.to_string())
            }
            Variable::Publication => Some(self.publication.to_owned()),
            Variable::Price => self.price.map(str::to_owned),
            Variable::ReaderName => self.reader_name.map(str::to_owned),
            Variable::OfferEnds => date(self.offer_ends),
            Variable::EndedOn => date(self.ended_on),
            Variable::ResetsOn => date(self.resets_on),
        }
    }
}
