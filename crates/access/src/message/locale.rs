//! Plurals and dates as a language has them, by CLDR.

use std::fmt;

use icu_calendar::Iso;
use icu_datetime::{DateTimeFormatter, fieldsets::YMD};
use icu_plurals::{PluralCategory, PluralRules};
use jiff::civil::Date;

/// The language and region that a publication writes in.
pub struct Locale {
    tag: String,
    plurals: PluralRules,
    dates: DateTimeFormatter<YMD>,
    days: DateTimeFormatter<icu_datetime::fieldsets::MD>,
}

/// A text that is not a locale, or one with no rules.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a locale; write one such as en, en-GB, de or ja")]
pub struct UnknownLocale(String);

impl Locale {
    /// The locale of a BCP 47 tag, such as `en-GB`.
    pub fn new(tag: &str) -> Result<Self, UnknownLocale> {
        let unknown = || UnknownLocale(tag.to_owned());
        let locale: icu_locale_core::Locale = tag.parse().map_err(|_| unknown())?;
        Ok(Self {
            tag: locale.to_string(),
            plurals: PluralRules::try_new_cardinal((&locale).into()).map_err(|_| unknown())?,
            dates: DateTimeFormatter::try_new((&locale).into(), YMD::long())
                .map_err(|_| unknown())?,
            days: DateTimeFormatter::try_new((&locale).into(), icu_datetime::fieldsets::MD::long())
                .map_err(|_| unknown())?,
        })
    }

    /// The BCP 47 tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// A date in words, with its year: "December 1, 2026".
    pub fn date(&self, date: Date) -> String {
        iso(date).map_or_else(|| date.to_string(), |iso| self.dates.format(&iso).to_string())
    }

    /// A date in words, without its year: "December 1".
    pub fn day(&self, date: Date) -> String {
        iso(date).map_or_else(|| date.to_string(), |iso| self.days.format(&iso).to_string())
    }

    pub(super) fn plural(&self, count: u32) -> PluralCategory {
        self.plurals.category_for(count)
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Locale").field(&self.tag).finish()
    }
}

fn iso(date: Date) -> Option<icu_calendar::Date<Iso>> {
    let month = u8::try_from(date.month()).ok()?;
    let day = u8::try_from(date.day()).ok()?;
    icu_calendar::Date::try_new_iso(i32::from(date.year()), month, day).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_are_written_as_the_locale_writes_them() {
        let written = |tag| Locale::new(tag).expect("a locale").date(date(2026, 12, 1));
        assert_eq!(written("en"), "December 1, 2026");
        assert_eq!(written("en-GB"), "1 December 2026");
        assert_eq!(written("de"), "1. Dezember 2026");
        assert_eq!(written("ja"), "2026年12月1日");
    }

    #[test]
    fn nonsense_is_no_locale() {
        assert!(Locale::new("not a locale").is_err());
    }
}
