//! The tax that prices include, such as value added tax.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Money;

/// A tax rate in percent, with at most two decimals. Prices include the tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct TaxRate {
    /// In hundredths of a percent.
    hundredths: u16,
}

/// A gross amount in its two parts, which always add up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxedAmount {
    /// The amount without the tax.
    pub net: Money,
    /// The tax.
    pub tax: Money,
}

/// The error for what is not a tax rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a tax rate; write a percentage below 100 with at most two decimals, such as 19 or 5.5, without a sign"
)]
pub struct ParseTaxRateError(String);

impl TaxRate {
    /// Hundredths of a percent in a whole.
    const WHOLE: u16 = 100 * 100;

    /// Returns the rate of so many hundredths of a percent, or `None` if that is 100 percent or more.
    pub fn from_hundredths(hundredths: u16) -> Option<Self> {
        (hundredths < Self::WHOLE).then_some(Self { hundredths })
    }

    /// The rate in hundredths of a percent: 1900 for 19 percent.
    pub fn hundredths(self) -> u16 {
        self.hundredths
    }

    /// Splits an amount that includes the tax. The tax is rounded half up to the minor unit, and the net amount is the rest.
    pub fn split(self, gross: Money) -> TaxedAmount {
        let (rate, whole) = (u128::from(self.hundredths), u128::from(Self::WHOLE));
        let divisor = whole + rate;
        let tax = (2 * u128::from(gross.minor()) * rate + divisor) / (2 * divisor);
        // The tax is less than the amount.
        let tax = u64::try_from(tax).unwrap_or(u64::MAX).min(gross.minor());
        let currency = gross.currency();
        TaxedAmount { net: Money::of(gross.minor() - tax, currency), tax: Money::of(tax, currency) }
    }
}

impl FromStr for TaxRate {
    type Err = ParseTaxRateError;

    fn from_str(text: &str) -> Result<Self, ParseTaxRateError> {
        let error = || ParseTaxRateError(text.to_owned());
        let (percent, decimals) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let is_written = !percent.is_empty() && is_number(percent) && is_number(decimals);
        if !is_written || decimals.len() > 2 || text.ends_with('.') {
            return Err(error());
        }
        let hundredths = format!("{percent}{decimals:0<2}").parse().ok();
        hundredths.and_then(Self::from_hundredths).ok_or_else(error)
    }
}

impl fmt::Display for TaxRate {
    /// Writes the percentage as settings have it: `19`, `5.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.hundredths / 100, self.hundredths % 100) {
            (percent, 0) => write!(f, "{percent}"),
            (percent, part) if part.is_multiple_of(10) => write!(f, "{percent}.{}", part / 10),
            (percent, part) => write!(f, "{percent}.{part:02}"),
        }
    }
}

impl TryFrom<u16> for TaxRate {
    type Error = ParseTaxRateError;

    fn try_from(hundredths: u16) -> Result<Self, ParseTaxRateError> {
        Self::from_hundredths(hundredths)
            .ok_or_else(|| ParseTaxRateError(format!("{hundredths} hundredths of a percent")))
    }
}

impl From<TaxRate> for u16 {
    fn from(rate: TaxRate) -> Self {
        rate.hundredths
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(text: &str) -> TaxRate {
        text.parse().expect("a rate")
    }

    #[test]
    fn rates_are_percentages_with_two_decimals_at_most() {
        for (text, hundredths) in [("19", 1900), ("7", 700), ("5.5", 550), ("8.25", 825), ("0", 0)]
        {
            assert_eq!(rate(text).hundredths(), hundredths);
            assert_eq!(rate(text).to_string(), text);
        }
        assert_eq!(rate("19.00").to_string(), "19");
        assert_eq!(rate("2.05").to_string(), "2.05");
        for text in ["", "19%", "-1", "5,5", "5.", ".5", "5.555", "100", "99999", "ten"] {
            assert!(text.parse::<TaxRate>().is_err(), "{text}");
        }
    }

    #[test]
    fn tax_is_rounded_half_up_to_the_minor_unit() {
        let euro = |minor| Money::of(minor, "EUR".parse().expect("a currency"));
        let parts = |minor, text| {
            let TaxedAmount { net, tax } = rate(text).split(euro(minor));
            (net.minor(), tax.minor())
        };
        // As tax offices calculate it: 11.90 has 1.90 at 19 percent, 9.50 has 0.62 at 7 percent.
        assert_eq!(parts(1190, "19"), (1000, 190));
        assert_eq!(parts(950, "7"), (888, 62));
        // 3 at 20 percent has exactly half a cent of tax.
        assert_eq!(parts(3, "20"), (2, 1));
        assert_eq!(parts(2, "20"), (2, 0));
        assert_eq!(parts(800, "0"), (800, 0));
        let yen = Money::of(1100, "JPY".parse().expect("a currency"));
        assert_eq!(rate("10").split(yen).tax.minor(), 100);
    }

    proptest! {
        #[test]
        fn net_and_tax_add_up_to_what_was_paid(minor in 0_u64..=Money::MAX, hundredths in 0_u16..10_000) {
            let rate = TaxRate::from_hundredths(hundredths).expect("a rate");
            let gross = Money::of(minor, "EUR".parse().expect("a currency"));
            let TaxedAmount { net, tax } = rate.split(gross);
            prop_assert_eq!(net.minor() + tax.minor(), gross.minor());
            // The tax differs from its exact value by half a minor unit at most.
            let (gross, rate) = (i128::from(minor), i128::from(hundredths));
            let off = 2 * (i128::from(tax.minor()) * (10_000 + rate) - gross * rate);
            prop_assert!(off.abs() <= 10_000 + rate);
        }

        #[test]
        fn rates_are_read_as_they_are_written(hundredths in 0_u16..10_000) {
            let rate = TaxRate::from_hundredths(hundredths).expect("a rate");
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        }
    }
}
