//! The publication's clock, as people read and write it: on two nights of the year an hour is missing or comes twice.

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

/// Why a time is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoTime {
    /// It does not read as one.
    Unreadable,
    /// The clocks skip it.
    Skipped,
    /// The clocks show it twice: the first and the second time.
    Twice(Timestamp, Timestamp),
}

impl NoTime {
    /// What to do about it.
    pub fn words(&self, text: &str, zone: &TimeZone) -> String {
        let offset = |at: &Timestamp| at.to_zoned_datetime(zone.clone()).strftime("%Z").to_string();
        match self {
            Self::Unreadable => {
                format!("“{text}” is no day and time. Write it like 2026-11-24 07:00.")
            }
            Self::Skipped => format!(
                "There is no {} on that day: the clocks skip it. Choose an hour later.",
                clock_of(text)
            ),
            Self::Twice(first, second) => format!(
                "{} comes twice on that day, as the clocks go back. Write {text} {} for the first, or {text} {} \
                 for the second.",
                clock_of(text),
                offset(first),
                offset(second)
            ),
        }
    }
}

/// Reads a time as a form sends it, `2026-11-24T07:00`, on the publication's clock. Behind it may stand which of
/// two is meant, as the zone calls it.
pub(crate) fn instant(text: &str, zone: &TimeZone) -> Result<Timestamp, NoTime> {
    // A day has no T in it, and a zone may have.
    let mut parts = text.trim().splitn(3, [' ', 'T']);
    let (day, time, which) = (parts.next(), parts.next(), parts.next());
    let local = format!("{}T{}", day.unwrap_or_default(), time.unwrap_or("00:00"));
    let local: DateTime = local.parse().map_err(|_| NoTime::Unreadable)?;
    let ambiguous = zone.to_ambiguous_zoned_datetime(local);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => {
            offset.to_timestamp(local).map_err(|_| NoTime::Unreadable)
        }
        AmbiguousOffset::Gap { .. } => Err(NoTime::Skipped),
        AmbiguousOffset::Fold { before, after } => {
            let first = before.to_timestamp(local).map_err(|_| NoTime::Unreadable)?;
            let second = after.to_timestamp(local).map_err(|_| NoTime::Unreadable)?;
            let is = |at: &Timestamp| {
                which == Some(&at.to_zoned_datetime(zone.clone()).strftime("%Z").to_string())
            };
            [first, second].into_iter().find(is).ok_or(NoTime::Twice(first, second))
        }
    }
}

/// An instant as a form shows it.
pub(crate) fn written(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned_datetime(zone.clone()).datetime();
    let minute = local.strftime("%Y-%m-%d %H:%M").to_string();
    match instant(&minute, zone) {
        Err(NoTime::Twice(..)) => {
            format!("{minute} {}", at.to_zoned_datetime(zone.clone()).strftime("%Z"))
        }
        Ok(_) | Err(NoTime::Unreadable | NoTime::Skipped) => minute,
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
    fn times_are_those_of_the_publication() {
        let zone = lisbon();
        assert_eq!(instant("2026-07-24T07:00", &zone), Ok(at("2026-07-24T06:00:00Z")));
        assert_eq!(instant(" 2026-11-24 07:00 ", &zone), Ok(at("2026-11-24T07:00:00Z")));
        for nonsense in
            ["", "tomorrow", "2026-02-30T07:00", "2026-11-24T25:00", "9999-12-31T23:59x"]
        {
            assert_eq!(instant(nonsense, &zone), Err(NoTime::Unreadable), "{nonsense}");
        }
        assert_eq!(written(at("2026-07-24T06:00:00Z"), &zone), "2026-07-24 07:00");
    }

    #[test]
    fn an_hour_that_is_skipped_is_refused() {
        let zone = lisbon();
        let refused = instant("2026-03-29T01:30", &zone).expect_err("refused");
        assert_eq!(refused, NoTime::Skipped);
        assert_eq!(
            refused.words("2026-03-29T01:30", &zone),
            "There is no 01:30 on that day: the clocks skip it. Choose an hour later."
        );
    }

    #[test]
    fn an_hour_that_comes_twice_is_asked_after() {
        let zone = lisbon();
        let twice = instant("2026-10-25T01:30", &zone).expect_err("asked after");
        let words = twice.words("2026-10-25 01:30", &zone);
        assert!(words.contains("2026-10-25 01:30 WEST for the first"), "{words}");
        let first = instant("2026-10-25 01:30 WEST", &zone);
        assert_eq!(first, Ok(at("2026-10-25T00:30:00Z")));
        let second = instant("2026-10-25 01:30 WET", &zone);
        assert_eq!(second, Ok(at("2026-10-25T01:30:00Z")));
        assert_eq!(written(at("2026-10-25T01:30:00Z"), &zone), "2026-10-25 01:30 WET");
    }
}
