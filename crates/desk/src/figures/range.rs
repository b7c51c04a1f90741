//! The days that figures are asked for: one of the fixed periods, or from one day to another.

use jiff::civil::Date;
use masthead_store::Days;
use serde::{Deserialize, Serialize};

use super::period::{PERIODS, periods};

/// The most days that can be chosen freely: five years.
pub(super) const MAX_DAYS: u16 = 5 * 366;

/// The days as they are in addresses.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct RangeForm {
    pub days: String,
    /// The first day; used together with the last.
    pub from: String,
    /// The last day.
    pub to: String,
}

/// The days, and as many before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FiguresRange {
    pub now: Days,
    pub before: Days,
    /// The number of days if it is one of [`PERIODS`]: those are computed in the background.
    pub fixed: Option<u16>,
}

/// Why days that were chosen freely cannot be shown. Those of 30 days are shown instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RangeFault {
    /// One of them is missing, or is no day.
    Unreadable,
    /// The last is before the first.
    Reversed,
    /// The last is still to come.
    Future,
    /// They are too many.
    TooLong,
}

impl RangeFault {
    /// The name of the word that says what to do.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "figures_fault_day",
            Self::Reversed => "figures_fault_reversed",
            Self::Future => "figures_fault_future",
            Self::TooLong => "figures_fault_long",
        }
    }
}

impl RangeForm {
    /// The range, and what is wrong with the days that were entered.
    pub(super) fn range(&self, today: Date) -> (FiguresRange, Option<RangeFault>) {
        if self.from.is_empty() && self.to.is_empty() {
            return (FiguresRange::fixed(self.fixed_days(), today), None);
        }
        match self.chosen(today) {
            Ok(range) => (range, None),
            Err(fault) => (FiguresRange::fixed(self.fixed_days(), today), Some(fault)),
        }
    }

    fn fixed_days(&self) -> u16 {
        let asked = self.days.parse().ok();
        PERIODS.into_iter().find(|days| asked == Some(*days)).unwrap_or(30)
    }

    fn chosen(&self, today: Date) -> Result<FiguresRange, RangeFault> {
        let day = |text: &str| text.parse::<Date>().map_err(|_| RangeFault::Unreadable);
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        if to < from {
            return Err(RangeFault::Reversed);
        }
        if to > today {
            return Err(RangeFault::Future);
        }
        let days = from.until(to).map_or(i64::MAX, |span| i64::from(span.get_days()) + 1);
        let days = u16::try_from(days).ok().filter(|days| *days <= MAX_DAYS);
        let (now, before) = periods(to, days.ok_or(RangeFault::TooLong)?);
        Ok(FiguresRange { now, before, fixed: None })
    }
}

impl FiguresRange {
    fn fixed(days: u16, today: Date) -> Self {
        let (now, before) = periods(today, days);
        Self { now, before, fixed: Some(days) }
    }

    /// The days in the query of an address.
    pub fn query(&self) -> String {
        match self.fixed {
            Some(days) => format!("days={days}"),
            None => format!("from={}&to={}", self.now.start(), self.now.end()),
        }
    }

    /// The days in the name of a file.
    pub fn file(&self) -> String {
        match self.fixed {
            Some(days) => format!("{days}-days"),
            None => format!("{}-{}", self.now.start(), self.now.end()),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn range(from: &str, to: &str) -> (FiguresRange, Option<RangeFault>) {
        let form = RangeForm { from: from.into(), to: to.into(), ..RangeForm::default() };
        form.range(date(2026, 11, 24))
    }

    #[test]
    fn days_that_are_chosen_are_compared_with_as_many_before() {
        let (chosen, fault) = range("2026-11-01", "2026-11-10");
        assert_eq!(fault, None);
        assert_eq!(chosen.now, date(2026, 11, 1)..=date(2026, 11, 10));
        assert_eq!(chosen.before, date(2026, 10, 22)..=date(2026, 10, 31));
        assert_eq!(chosen.query(), "from=2026-11-01&to=2026-11-10");
        assert_eq!(chosen.file(), "2026-11-01-2026-11-10");
        let year = RangeForm { days: "365".into(), ..RangeForm::default() };
        assert_eq!(year.range(date(2026, 11, 24)).0.query(), "days=365");
    }

    #[test]
    fn days_that_cannot_be_shown_say_why() {
        for (from, to, fault) in [
            ("2026-11-01", "", RangeFault::Unreadable),
            ("soon", "2026-11-01", RangeFault::Unreadable),
            ("2026-11-02", "2026-11-01", RangeFault::Reversed),
            ("2026-11-01", "2026-11-25", RangeFault::Future),
            ("1990-01-01", "2026-11-01", RangeFault::TooLong),
        ] {
            let (shown, said) = range(from, to);
            assert_eq!((said, shown.fixed), (Some(fault), Some(30)), "{from} {to}");
        }
    }
}
