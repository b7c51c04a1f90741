//! The words of the newsroom's tool, which are in `words/` for each language, and how it writes numbers and times.
//!
//! To add a word: add it to the file of its part in every language. To add a part: name its file in [`files`]. To add a
//! language: add its folder, a row in [`LANGUAGES`] and the word for it in `common.toml` of every language. A test compares
//! the languages, and finds words that nothing uses and texts that are no words.

pub(crate) mod in_templates;

use std::{fmt::Display, sync::LazyLock};

use axum::extract::FromRequestParts;
use http::request::Parts;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use masthead_access::message::Locale;
use masthead_circulation::{BillingInterval, Money, interval::Unit};
use masthead_publication::words::{Words, fill};

use crate::{error::DeskError, notice::Notice};

/// The contents of the files of a language.
macro_rules! files {
    ($language:literal: $($part:literal)+) => {
        &[$(include_str!(concat!("../words/", $language, "/", $part, ".toml"))),+]
    };
    ($language:literal) => {
        files!($language:
            "common" "notices" "home" "articles" "editor" "editor_script" "publishing" "people" "security"
            "readers" "readers_list" "reader_import" "archive_import" "disputes" "refunds_elsewhere" "reader_view" "figures" "audit" "fronts" "sections" "breaking" "meter" "messages" "offers"
            "products" "experiments" "live" "calendar" "pictures" "teamwork"
            "publication" "seller" "retention" "appearance" "menus" "email" "authors" "redirects" "topics" "renaming" "exports" "own_pages" "notifications" "processor" "backups")
    };
}

/// Each language: its tag (BCP 47), the locale of its dates, and the contents of its files. The first has every word.
const LANGUAGES: [(&str, &str, &[&str]); 2] =
    [("en", "en-GB", files!("en")), ("de", "de", files!("de"))];

/// The words of each language, in the order of [`LANGUAGES`].
static LOADED: LazyLock<Vec<LoadedWords>> = LazyLock::new(|| LANGUAGES.map(load).into());

struct LoadedWords {
    tag: &'static str,
    words: Option<Words>,
    locale: Option<Locale>,
}

fn load((tag, locale, files): (&'static str, &str, &[&str])) -> LoadedWords {
    let words = Words::parse(files, tag)
        .inspect_err(|error| tracing::error!(%error, language = tag, "words: parsing failed"));
    LoadedWords { tag, words: words.ok(), locale: Locale::new(locale).ok() }
}

/// The words in the language of a member of the staff. Handlers have it in [`CurrentStaff`](crate::staff::CurrentStaff);
/// those of public pages take it as an argument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeskWords(usize);

impl DeskWords {
    /// Every language.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..LANGUAGES.len()).map(Self)
    }

    /// The words in a language (BCP 47). Returns `None` if they were not translated into it.
    pub fn in_language(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        LANGUAGES.iter().position(|(known, ..)| known.eq_ignore_ascii_case(language)).map(Self)
    }

    fn loaded(self) -> Option<&'static LoadedWords> {
        LOADED.get(self.0)
    }

    fn words(self) -> Option<&'static Words> {
        self.loaded().and_then(|loaded| loaded.words.as_ref())
    }

    /// Its place among the languages.
    pub fn index(self) -> usize {
        self.0
    }

    /// The tag of the language (BCP 47).
    pub fn tag(self) -> &'static str {
        self.loaded().map_or("en", |loaded| loaded.tag)
    }

    /// All words by their names, for templates.
    pub fn table(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let words = self.words().into_iter().flat_map(|words| words.all().iter());
        words.filter_map(|(name, word)| Some((name.as_str(), word.as_str()?)))
    }

    /// A word. Empty if there is none of this name, which a test finds.
    pub fn text(self, name: &str) -> &'static str {
        let word = self.words().and_then(|words| words.get(name));
        word.unwrap_or_else(|| {
            tracing::error!(name, language = self.tag(), "words: unknown name");
            ""
        })
    }

    /// A word with its gaps filled.
    pub fn fill(self, name: &str, gaps: &[(&str, &dyn Display)]) -> String {
        fill(self.text(name), gaps)
    }

    /// The form of a word for a count, which fills its gap `{number}`.
    pub fn count(self, name: &str, count: impl TryInto<u64>) -> String {
        self.count_and_fill(name, count, &[])
    }

    /// The same with more gaps.
    pub fn count_and_fill(
        self,
        name: &str,
        count: impl TryInto<u64>,
        gaps: &[(&str, &dyn Display)],
    ) -> String {
        let count = count.try_into().unwrap_or(u64::MAX);
        let form = u32::try_from(count).unwrap_or(u32::MAX);
        let word = self.words().map(|words| words.for_count(name, form)).unwrap_or_default();
        let number = self.number(count);
        let mut all: Vec<(&str, &dyn Display)> = vec![("number", &number)];
        all.extend_from_slice(gaps);
        fill(word, &all)
    }

    /// A whole number with its digits in groups: "12,345".
    pub fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let groups: Vec<&str> = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .filter_map(|group| std::str::from_utf8(group).ok())
            .collect();
        groups.join(self.text("number_groups"))
    }

    /// A number with so many decimal places: "2.5".
    pub fn decimal(self, number: f64, places: usize) -> String {
        format!("{number:.places$}").replace('.', self.text("number_decimals"))
    }

    /// An amount: "£9.50".
    pub fn money(self, amount: Money) -> String {
        let currency = amount.currency();
        match self.locale() {
            Some(locale) => locale.money(amount.minor(), currency.digits(), currency.code()),
            None => amount.to_string(),
        }
    }

    /// A length of time: "3 months".
    pub fn length(self, length: BillingInterval) -> String {
        let name = match length.unit {
            Unit::Day => "length_day",
            Unit::Week => "length_week",
            Unit::Month => "length_month",
            Unit::Year => "length_year",
        };
        self.count(name, length.count)
    }

    /// A price with its interval: "£9.50 every 3 months".
    pub fn price(self, amount: Money, every: BillingInterval) -> String {
        let money = self.money(amount);
        let name = match (every.count, every.unit) {
            (1, Unit::Day) => "price_day",
            (1, Unit::Week) => "price_week",
            (1, Unit::Month) => "price_month",
            (1, Unit::Year) => "price_year",
            _ => "price_every",
        };
        self.fill(name, &[("price", &money), ("length", &self.length(every))])
    }

    /// A day: "24 November 2026".
    pub fn day(self, day: Date) -> String {
        self.locale().map_or_else(|| day.to_string(), |locale| locale.date(day))
    }

    /// The day of a time: "24 November 2026".
    pub fn date(self, at: Timestamp, zone: &TimeZone) -> String {
        self.day(at.to_zoned_datetime(zone.clone()).date())
    }

    /// The last day of what ends before `end`: "23 November 2026" if that is midnight on the 24th.
    pub fn last_day(self, end: Timestamp, zone: &TimeZone) -> String {
        self.day(masthead_circulation::last_day(end, zone))
    }

    /// A day and time: "24 November 2026, 09:00".
    pub fn date_time(self, at: Timestamp, zone: &TimeZone) -> String {
        let time = at.to_zoned_datetime(zone.clone()).strftime("%H:%M").to_string();
        format!("{}, {time}", self.date(at, zone))
    }

    /// A time in a list: "09:00" if it is today, "24 Nov, 09:00" in the same year, and otherwise "24 Nov 2025".
    pub fn short_time(self, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
        let (at, now) = (at.to_zoned_datetime(zone.clone()), now.to_zoned_datetime(zone.clone()));
        let time = at.strftime("%H:%M").to_string();
        let Some(locale) = self.locale() else { return time };
        if at.date() == now.date() {
            time
        } else if at.year() == now.year() {
            format!("{}, {time}", locale.short_day(at.date()))
        } else {
            locale.short_date(at.date())
        }
    }

    /// Formats dates and prices.
    pub fn locale(self) -> Option<&'static Locale> {
        self.loaded().and_then(|loaded| loaded.locale.as_ref())
    }
}

impl<S: Sync> FromRequestParts<S> for DeskWords {
    type Rejection = DeskError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, DeskError> {
        parts.extensions.get::<Self>().copied().ok_or(DeskError::Notice(Notice::Failed))
    }
}

#[cfg(test)]
mod tests;
