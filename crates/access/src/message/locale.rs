//! Plural categories, dates and prices for a language and region, by CLDR rules. The day and the month of a date are joined by a
//! no-break space.

use std::fmt;

use fixed_decimal::Decimal;
use icu_calendar::Iso;
use icu_datetime::{
    DateTimeFormatter, NoCalendarFormatter,
    fieldsets::{MD, T, YMD, YMDE, YMDT},
    input::{DateTime as IcuDateTime, Time as IcuTime},
};
use icu_experimental::dimension::currency::{
    CurrencyType, formatter::CurrencyFormatter, options::CurrencyFormatterOptions,
};
use icu_plurals::{PluralCategory, PluralRules};
use jiff::civil::{Date, DateTime};

/// The language and region of a publication.
pub struct Locale {
    tag: String,
    parsed: icu_locale_core::Locale,
    plurals: PluralRules,
    dates: DateTimeFormatter<YMD>,
    days: DateTimeFormatter<MD>,
    short_dates: DateTimeFormatter<YMD>,
    short_days: DateTimeFormatter<MD>,
    weekdays: DateTimeFormatter<YMDE>,
    times: NoCalendarFormatter<T>,
    moments: DateTimeFormatter<YMDT>,
}

/// The error for a text that is not a locale, or for a locale without CLDR data.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a locale; write one such as en, en-GB, de or ja")]
pub struct InvalidLocale(String);

impl Locale {
    /// Loads the locale of a BCP 47 tag, such as `en-GB`.
    pub fn new(tag: &str) -> Result<Self, InvalidLocale> {
        let unknown = || InvalidLocale(tag.to_owned());
        let locale: icu_locale_core::Locale = tag.parse().map_err(|_| unknown())?;
        let preferences = || (&locale).into();
        let days = DateTimeFormatter::try_new(preferences(), MD::long());
        let short_dates = DateTimeFormatter::try_new(preferences(), YMD::medium());
        let short_days = DateTimeFormatter::try_new(preferences(), MD::medium());
        let weekdays = DateTimeFormatter::try_new(preferences(), YMDE::long());
        let times = NoCalendarFormatter::try_new(preferences(), T::hm());
        let moments = DateTimeFormatter::try_new(preferences(), YMD::long().with_time_hm());
        Ok(Self {
            tag: locale.to_string(),
            parsed: locale.clone(),
            plurals: PluralRules::try_new_cardinal((&locale).into()).map_err(|_| unknown())?,
            dates: DateTimeFormatter::try_new((&locale).into(), YMD::long())
                .map_err(|_| unknown())?,
            days: days.map_err(|_| unknown())?,
            short_dates: short_dates.map_err(|_| unknown())?,
            short_days: short_days.map_err(|_| unknown())?,
            weekdays: weekdays.map_err(|_| unknown())?,
            times: times.map_err(|_| unknown())?,
            moments: moments.map_err(|_| unknown())?,
        })
    }

    /// The BCP 47 tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The language subtag, such as `en` (BCP 47, section 2.2.1).
    pub fn language(&self) -> &str {
        self.parsed.id.language.as_str()
    }

    /// Formats a date with its year: "December 1, 2026".
    pub fn date(&self, date: Date) -> String {
        let written = iso(date).map(|iso| self.dates.format(&iso).to_string());
        with_unbroken_day(written.unwrap_or_else(|| date.to_string()), date)
    }

    /// Formats a date without its year: "December 1".
    pub fn day(&self, date: Date) -> String {
        let written = iso(date).map(|iso| self.days.format(&iso).to_string());
        with_unbroken_day(written.unwrap_or_else(|| date.to_string()), date)
    }

    /// Formats a date with its year for a list: "Dec 1, 2026".
    pub fn short_date(&self, date: Date) -> String {
        let written = iso(date).map(|iso| self.short_dates.format(&iso).to_string());
        with_unbroken_day(written.unwrap_or_else(|| date.to_string()), date)
    }

    /// Formats a date without its year for a list: "Dec 1".
    pub fn short_day(&self, date: Date) -> String {
        let written = iso(date).map(|iso| self.short_days.format(&iso).to_string());
        with_unbroken_day(written.unwrap_or_else(|| date.to_string()), date)
    }

    /// Formats a date with its weekday: "Tuesday, December 1, 2026", and as British papers do, "Tuesday 1 December 2026".
    pub fn weekday(&self, date: Date) -> String {
        let Some(iso) = iso(date) else { return date.to_string() };
        let written = self.weekdays.format(&iso).to_string();
        match written.split_once(", ") {
            Some((weekday, day))
                if self.language() == "en" && day.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                with_unbroken_day(format!("{weekday} {day}"), date)
            }
            _ => with_unbroken_day(written, date),
        }
    }

    /// Formats a time of day: "8:40 AM", "08:40".
    pub fn time(&self, at: DateTime) -> String {
        let time = icu_time(at);
        time.map_or_else(|| at.time().to_string(), |time| self.times.format(&time).to_string())
    }

    /// Formats a date with its time: "December 1, 2026 at 8:40 AM".
    pub fn date_and_time(&self, at: DateTime) -> String {
        match (iso(at.date()), icu_time(at)) {
            (Some(date), Some(time)) => {
                let written = self.moments.format(&IcuDateTime { date, time }).to_string();
                with_unbroken_day(written, at.date())
            }
            (_, _) => at.to_string(),
        }
    }

    /// Formats an amount with its currency symbol: "$9", "9,50 €". `minor` is in minor units of
    /// `currency` (ISO 4217), of which `digits` are decimal places. Whole amounts are written
    /// without decimals.
    pub fn money(&self, minor: u64, digits: u8, currency: &str) -> String {
        let mut amount = Decimal::from(minor);
        amount.multiply_pow10(-i16::from(digits));
        let plain = || format!("{amount} {currency}");
        let Ok(kind) = currency.parse::<CurrencyType>() else { return plain() };
        let formatter = CurrencyFormatter::try_new_symbol(
            (&self.parsed).into(),
            kind,
            CurrencyFormatterOptions::default(),
        );
        let Ok(formatter) = formatter else { return plain() };
        let written = formatter.format_fixed_decimal(&amount).to_string();
        let zeros = "0".repeat(usize::from(digits));
        let is_whole = digits > 0 && minor.is_multiple_of(10_u64.pow(u32::from(digits)));
        let shorter = |mark: char| written.replacen(&format!("{mark}{zeros}"), "", 1);
        match written.rfind(&zeros).and_then(|at| written[..at].chars().next_back()) {
            Some(mark) if is_whole && !mark.is_ascii_digit() => shorter(mark),
            _ => written,
        }
    }

    /// The CLDR plural category of a count: `one`, `few`, `many`, `other` …
    pub fn category(&self, count: u32) -> &'static str {
        match self.plural(count) {
            PluralCategory::Zero => "zero",
            PluralCategory::One => "one",
            PluralCategory::Two => "two",
            PluralCategory::Few => "few",
            PluralCategory::Many => "many",
            PluralCategory::Other => "other",
        }
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

/// Returns a written date with a no-break space between its day and its month, so that no line ends between them.
fn with_unbroken_day(mut written: String, date: Date) -> String {
    let day = date.day().to_string();
    let is_day = |word: &str| word.trim_end_matches(['.', ',', 'º']).trim_start_matches('0') == day;
    let words: Vec<&str> = written.split(' ').collect();
    let Some(index) = words.iter().position(|word| is_day(word)) else { return written };
    let starts_with_letter = |word: &&str| word.starts_with(char::is_alphabetic);
    let is_before_month =
        !words[index].ends_with(',') && words.get(index + 1).is_some_and(starts_with_letter);
    // The spaces are replaced, by their number: "1 de diciembre" has two.
    let spaces = if is_before_month {
        let is_particle = words[index + 1].chars().count() <= 2;
        index..index + 1 + usize::from(is_particle && index + 2 < words.len())
    } else {
        index.saturating_sub(1)..index
    };
    let places: Vec<usize> = written.match_indices(' ').map(|(at, _)| at).collect();
    for at in places[spaces].iter().rev() {
        written.replace_range(*at..=*at, "\u{a0}");
    }
    written
}

fn iso(date: Date) -> Option<icu_calendar::Date<Iso>> {
    let month = u8::try_from(date.month()).ok()?;
    let day = u8::try_from(date.day()).ok()?;
    icu_calendar::Date::try_new_iso(i32::from(date.year()), month, day).ok()
}

fn icu_time(at: DateTime) -> Option<IcuTime> {
    let part = |part: i8| u8::try_from(part).ok();
    IcuTime::try_new(part(at.hour())?, part(at.minute())?, part(at.second())?, 0).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_are_formatted_for_the_locale() {
        let written = |tag| Locale::new(tag).expect("a locale").date(date(2026, 12, 1));
        assert_eq!(written("en"), "December\u{a0}1, 2026");
        assert_eq!(written("en-GB"), "1\u{a0}December 2026");
        assert_eq!(written("de"), "1.\u{a0}Dezember 2026");
        assert_eq!(written("ja"), "2026年12月1日");
        assert_eq!(written("fr"), "1\u{a0}décembre 2026");
        assert_eq!(written("es"), "1\u{a0}de\u{a0}diciembre de 2026");
        assert_eq!(written("nl"), "1\u{a0}december 2026");
        assert_eq!(written("pl"), "1\u{a0}grudnia 2026");
    }

    #[test]
    fn days_are_formatted_for_the_locale() {
        let written = |tag| Locale::new(tag).expect("a locale").day(date(2026, 12, 1));
        assert_eq!([written("en"), written("en-GB")], ["December\u{a0}1", "1\u{a0}December"]);
        assert_eq!([written("de"), written("fr")], ["1.\u{a0}Dezember", "1\u{a0}décembre"]);
        assert_eq!([written("es"), written("nl")], ["1\u{a0}de\u{a0}diciembre", "1\u{a0}december"]);
        assert_eq!([written("pl"), written("ja")], ["1\u{a0}grudnia", "12月1日"]);
    }

    #[test]
    fn dates_are_shorter_in_lists() {
        let locale = |tag| Locale::new(tag).expect("a locale");
        let day = date(2026, 12, 1);
        assert_eq!(
            [locale("en-GB").short_day(day), locale("de").short_day(day)],
            ["1\u{a0}Dec", "1.\u{a0}Dez."]
        );
        assert_eq!(
            [locale("en-GB").short_date(day), locale("de").short_date(day)],
            ["1\u{a0}Dec 2026", "01.12.2026"]
        );
    }

    #[test]
    fn weekdays_and_times_are_formatted_for_the_locale() {
        let morning = date(2026, 11, 27).at(8, 40, 0, 0);
        let locale = |tag| Locale::new(tag).expect("a locale");
        for (tag, weekday, time) in [
            ("en-GB", "Friday", "08:40"),
            ("de", "Freitag", "08:40"),
            ("fr", "vendredi", "08:40"),
            ("es", "viernes", "08:40"),
            ("nl", "vrijdag", "08:40"),
            ("pl", "piątek", "08:40"),
            ("ja", "金曜日", "8:40"),
        ] {
            let locale = locale(tag);
            let (date, day) = (locale.date(morning.date()), locale.weekday(morning.date()));
            assert!(day.contains(&date) && day.contains(weekday), "{tag}: {day}");
            let (at, moment) = (locale.time(morning), locale.date_and_time(morning));
            assert_eq!(at, time, "{tag}");
            assert!(moment.starts_with(&date) && moment.ends_with(&at), "{tag}: {moment}");
        }
        assert_eq!(locale("en-GB").weekday(morning.date()), "Friday 27\u{a0}November 2026");
        assert_eq!(locale("en-GB").date_and_time(morning), "27\u{a0}November 2026 at 08:40");
        assert_eq!(locale("en").weekday(morning.date()), "Friday, November\u{a0}27, 2026");
        assert_eq!(locale("en").time(morning), "8:40\u{202f}AM");
    }

    #[test]
    fn prices_are_formatted_for_the_locale() {
        let written = |tag, minor, digits, currency| {
            Locale::new(tag).expect("a locale").money(minor, digits, currency)
        };
        assert_eq!(written("en", 900, 2, "USD"), "$9");
        assert_eq!(written("en", 950, 2, "USD"), "$9.50");
        assert_eq!(written("en", 123_400, 2, "USD"), "$1,234");
        assert_eq!(written("en", 10_000, 2, "USD"), "$100");
        assert_eq!(written("en", 0, 2, "USD"), "$0");
        assert_eq!(written("en-GB", 450, 2, "GBP"), "£4.50");
        assert_eq!(written("de", 990, 2, "EUR"), "9,90\u{a0}€");
        assert_eq!(written("de", 900, 2, "EUR"), "9\u{a0}€");
        assert_eq!(written("de", 123_400, 2, "EUR"), "1.234\u{a0}€");
        assert_eq!(written("ja", 900, 0, "JPY"), "￥900");
        assert_eq!(written("en", 1250, 3, "KWD"), "KWD\u{a0}1.250");
        assert_eq!(written("pl", 2999, 2, "PLN"), "29,99\u{a0}zł");
        assert_eq!(written("fr", 950, 2, "EUR"), "9,50\u{a0}€");
        assert_eq!(written("fr", 123_400, 2, "EUR"), "1\u{202f}234\u{a0}€");
        assert_eq!(written("es", 900, 2, "EUR"), "9\u{a0}€");
        assert_eq!(written("nl", 900, 2, "EUR"), "€\u{a0}9");
    }

    #[test]
    fn an_invalid_tag_is_not_a_locale() {
        assert!(Locale::new("not a locale").is_err());
    }
}
