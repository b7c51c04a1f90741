//! Times in the publication's time zone, as people read and write them. On two nights of the year an hour is missing
//! or occurs twice.
//!
//! The publication's time zone may change while a form is open. So every form with a local time also sends the zone in which it
//! was written ([`zone_name`]), and is read in that one ([`zone_of_form`]).

use std::ops::RangeInclusive;

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

use crate::words::DeskWords;

/// Why a text is not a time in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LocalTimeError {
    /// It cannot be parsed.
    Unreadable,
    /// It is before 1600, or after 9998.
    Year,
    /// The clocks skip it when they go forward.
    Skipped,
    /// The clocks show it twice when they go back: the first and the second instant.
    Ambiguous(Timestamp, Timestamp),
}

impl LocalTimeError {
    /// What to do about it, for the person who wrote `text`.
    pub fn in_words(&self, text: &str, zone: &TimeZone, words: DeskWords) -> String {
        let offset = |at: &Timestamp| at.to_zoned_datetime(zone.clone()).strftime("%Z").to_string();
        match self {
            Self::Unreadable => words.fill("time_unreadable", &[("text", &text)]),
            Self::Year => words.fill("time_year", &[("text", &text)]),
            Self::Skipped => words.fill("time_skipped", &[("time", &clock_of(text))]),
            Self::Ambiguous(first, second) => words.fill(
                "time_twice",
                &[
                    ("time", &clock_of(text)),
                    ("text", &text),
                    ("first", &offset(first)),
                    ("second", &offset(second)),
                ],
            ),
        }
    }
}

/// The years that are accepted: since the first newspaper, and such as feeds can write (RFC 3339).
const YEARS: RangeInclusive<i16> = 1600..=9998;

/// Parses a time as a form sends it: `2026-11-24T07:00`. If it occurs twice, the abbreviation of the offset after it says
/// which is meant: `2026-10-25 01:30 WEST`.
pub(crate) fn parse_local(text: &str, zone: &TimeZone) -> Result<Timestamp, LocalTimeError> {
    // Only the first T separates day and time: the abbreviation may contain one.
    let mut parts = text.trim().splitn(3, [' ', 'T']);
    let (day, time, which) = (parts.next(), parts.next(), parts.next());
    let local = format!("{}T{}", day.unwrap_or_default(), time.unwrap_or("00:00"));
    let local: DateTime = local.parse().map_err(|_| LocalTimeError::Unreadable)?;
    if !YEARS.contains(&local.year()) {
        return Err(LocalTimeError::Year);
    }
    let ambiguous = zone.to_ambiguous_zoned_datetime(local);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => {
            offset.to_timestamp(local).map_err(|_| LocalTimeError::Unreadable)
        }
        AmbiguousOffset::Gap { .. } => Err(LocalTimeError::Skipped),
        AmbiguousOffset::Fold { before, after } => {
            let first = before.to_timestamp(local).map_err(|_| LocalTimeError::Unreadable)?;
            let second = after.to_timestamp(local).map_err(|_| LocalTimeError::Unreadable)?;
            let is = |at: &Timestamp| {
                which == Some(&at.to_zoned_datetime(zone.clone()).strftime("%Z").to_string())
            };
            [first, second].into_iter().find(is).ok_or(LocalTimeError::Ambiguous(first, second))
        }
    }
}

/// The name of a zone, as a form sends it back in its field `time_zone`.
pub(crate) fn zone_name(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or_default().to_owned()
}

/// The zone in which the times of a form are: `sent` with it, or that of the publication if it sent none.
pub(crate) fn zone_of_form(sent: &str, publication: &TimeZone) -> TimeZone {
    TimeZone::get(sent).unwrap_or_else(|_| publication.clone())
}

/// A zone as people read it.
pub(crate) fn zone_in_words(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").replace('_', " ")
}

/// An instant as a form shows it; [`parse_local`] parses it back.
pub(crate) fn local_text(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned_datetime(zone.clone()).datetime();
    let minute = local.strftime("%Y-%m-%d %H:%M").to_string();
    match parse_local(&minute, zone) {
        Err(LocalTimeError::Ambiguous(..)) => {
            format!("{minute} {}", at.to_zoned_datetime(zone.clone()).strftime("%Z"))
        }
        Ok(_)
        | Err(LocalTimeError::Unreadable | LocalTimeError::Year | LocalTimeError::Skipped) => {
            minute
        }
    }
}

fn clock_of(text: &str) -> &str {
    text.trim().get(11..16).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lisbon() -> TimeZone {
        TimeZone::get("Europe/Lisbon").expect("a zone")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn times_are_in_the_zone_of_the_publication() {
        let zone = lisbon();
        assert_eq!(parse_local("2026-07-24T07:00", &zone), Ok(at("2026-07-24T06:00:00Z")));
        assert_eq!(parse_local(" 2026-11-24 07:00 ", &zone), Ok(at("2026-11-24T07:00:00Z")));
        for year in
            ["-009999-01-01 12:00", "0001-01-01 12:00", "1599-12-31 12:00", "9999-01-01 12:00"]
        {
            assert_eq!(parse_local(year, &zone), Err(LocalTimeError::Year), "{year}");
        }
        assert!(parse_local("1600-01-01 12:00", &zone).is_ok());
        for nonsense in
            ["", "tomorrow", "2026-02-30T07:00", "2026-11-24T25:00", "9999-12-31T23:59x"]
        {
            assert_eq!(parse_local(nonsense, &zone), Err(LocalTimeError::Unreadable), "{nonsense}");
        }
        assert_eq!(local_text(at("2026-07-24T06:00:00Z"), &zone), "2026-07-24 07:00");
    }

    #[test]
    fn an_hour_that_is_skipped_is_refused() {
        let zone = lisbon();
        let refused = parse_local("2026-03-29T01:30", &zone).expect_err("refused");
        assert_eq!(refused, LocalTimeError::Skipped);
        assert_eq!(
            refused.in_words("2026-03-29T01:30", &zone, DeskWords::default()),
            "There is no 01:30 on that day, because the clocks go forward. Choose an hour later."
        );
    }

    #[test]
    fn an_hour_that_occurs_twice_needs_its_offset() {
        let zone = lisbon();
        let twice = parse_local("2026-10-25T01:30", &zone).expect_err("refused");
        let words = twice.in_words("2026-10-25 01:30", &zone, DeskWords::default());
        assert!(words.contains("2026-10-25 01:30 WEST for the first"), "{words}");
        let first = parse_local("2026-10-25 01:30 WEST", &zone);
        assert_eq!(first, Ok(at("2026-10-25T00:30:00Z")));
        let second = parse_local("2026-10-25 01:30 WET", &zone);
        assert_eq!(second, Ok(at("2026-10-25T01:30:00Z")));
        assert_eq!(local_text(at("2026-10-25T01:30:00Z"), &zone), "2026-10-25 01:30 WET");
    }
}
