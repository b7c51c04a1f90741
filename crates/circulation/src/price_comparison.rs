//! Comparing prices that are paid at different intervals.
//!
//! All of it is in whole minor units and rounded to the reader's disadvantage, so that no saving is promised that there
//! is not.

use crate::{BillingInterval, Money, Price, Unit};

impl Price {
    /// Returns what it comes to in a month, rounded up to the minor unit. `None` if it is paid every month or more often, or
    /// at an interval that is not a number of months.
    pub fn per_month(&self) -> Option<Money> {
        let months = months(self.every).filter(|months| *months > 1)?;
        Some(Money::of(self.amount.minor().div_ceil(months), self.amount.currency()))
    }

    /// Returns by how many percent it is cheaper than `other` over the same time, rounded down. `None` if that is less than
    /// one, or if the two cannot be compared exactly: a year has no whole number of weeks.
    pub fn saving_against(&self, other: &Self) -> Option<u32> {
        if self.amount.currency() != other.amount.currency() {
            return None;
        }
        let (own, others) = comparable(self.every, other.every)?;
        // Over a time that is a multiple of both intervals.
        let here = u128::from(self.amount.minor()) * u128::from(others);
        let there = u128::from(other.amount.minor()) * u128::from(own);
        let saved = there.checked_sub(here)? * 100 / there.max(1);
        u32::try_from(saved).ok().filter(|percent| *percent > 0)
    }
}

/// The lengths of two intervals in a unit that both are multiples of.
fn comparable(one: BillingInterval, other: BillingInterval) -> Option<(u64, u64)> {
    let in_months = months(one).zip(months(other));
    in_months.or_else(|| days(one).zip(days(other)))
}

fn months(interval: BillingInterval) -> Option<u64> {
    let count = u64::from(interval.count);
    match interval.unit {
        Unit::Month => Some(count),
        Unit::Year => Some(count * 12),
        Unit::Day | Unit::Week => None,
    }
}

fn days(interval: BillingInterval) -> Option<u64> {
    let count = u64::from(interval.count);
    match interval.unit {
        Unit::Day => Some(count),
        Unit::Week => Some(count * 7),
        Unit::Month | Unit::Year => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(minor: u64, every: &str) -> Price {
        Price {
            slug: "price".into(),
            product: "web".into(),
            amount: Money::of(minor, "GBP".parse().expect("a currency")),
            every: every.parse().expect("a length"),
        }
    }

    #[test]
    fn a_longer_period_shows_its_price_a_month_rounded_up() {
        let per_month = |minor, every| price(minor, every).per_month().map(Money::minor);
        assert_eq!(per_month(8000, "1 year"), Some(667));
        assert_eq!(per_month(9600, "1 year"), Some(800));
        assert_eq!(per_month(2000, "3 months"), Some(667));
        assert_eq!(per_month(1600, "2 years"), Some(67));
        for every in ["1 month", "1 week", "4 weeks", "30 days"] {
            assert_eq!(per_month(800, every), None, "{every}");
        }
    }

    #[test]
    fn a_saving_is_rounded_down_and_never_promised_where_there_is_none() {
        let saving = |minor, every, than: (u64, &str)| {
            price(minor, every).saving_against(&price(than.0, than.1))
        };
        assert_eq!(saving(8000, "1 year", (800, "1 month")), Some(16));
        assert_eq!(saving(7968, "1 year", (800, "1 month")), Some(17));
        assert_eq!(saving(2000, "3 months", (800, "1 month")), Some(16));
        assert_eq!(saving(700, "4 weeks", (200, "1 week")), Some(12));
        assert_eq!(saving(9600, "1 year", (800, "1 month")), None);
        assert_eq!(saving(9599, "1 year", (800, "1 month")), None, "less than one percent");
        assert_eq!(saving(12000, "1 year", (800, "1 month")), None, "dearer");
        assert_eq!(saving(8000, "1 year", (200, "1 week")), None, "not comparable");
        let yen = Price {
            amount: Money::of(1, "JPY".parse().expect("a currency")),
            ..price(1, "1 year")
        };
        assert_eq!(yen.saving_against(&price(800, "1 month")), None, "another currency");
    }
}
