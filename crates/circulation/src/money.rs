//! Amounts of money in whole minor units of a currency. Never floating point.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A currency of ISO 4217 in which prices can be set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(iso_currency::Currency);

/// A non-negative amount of money.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: u64,
    currency: Currency,
}

/// The error for a text that is not a currency or an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseMoneyError {
    /// The currency does not exist or is not in circulation.
    #[error("\"{0}\" is not a currency; write its ISO 4217 code, such as USD, EUR or JPY")]
    Currency(String),
    /// The text is not an amount.
    #[error(
        "\"{text}\" is not an amount of {currency}; write one such as \"{example}\", without a sign and without a symbol"
    )]
    Amount {
        /// The text.
        text: String,
        /// The currency.
        currency: Currency,
        /// An example of a valid amount.
        example: String,
    },
    /// The amount is above [`Money::MAX`].
    #[error("{0} is too much; the maximum is {most}", most = Money::MAX)]
    TooMuch(String),
}

impl Currency {
    /// The number of decimal digits: 0 for the yen, 2 for the euro, 3 for the Kuwaiti dinar.
    pub fn digits(self) -> u8 {
        u8::try_from(self.0.exponent().unwrap_or_default()).unwrap_or_default()
    }

    /// The ISO 4217 code, such as `EUR`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// In what steps amounts can be collected by card, in minor units: ten in currencies with three digits, whose last is zero, one
    /// hundred for the ariary, which has no hundredths, and otherwise one. How a processor writes amounts is known to
    /// `masthead_payments`, for Stripe in `stripe/amounts.rs`: a currency that is added here is checked there too.
    fn step(self) -> u64 {
        match (self.code(), self.digits()) {
            ("MGA", _) => 100,
            (_, 3) => 10,
            _ => 1,
        }
    }

    fn minor_per_major(self) -> u64 {
        10_u64.pow(u32::from(self.digits()))
    }
}

impl FromStr for Currency {
    type Err = ParseMoneyError;

    /// Parses an ISO 4217 code. Funds, metals and replaced currencies are refused.
    fn from_str(code: &str) -> Result<Self, ParseMoneyError> {
        iso_currency::Currency::from_code(code)
            .filter(|found| found.flags().is_empty())
            .filter(|found| found.exponent().is_some_and(|digits| digits <= 3))
            .map(Self)
            .ok_or_else(|| ParseMoneyError::Currency(code.to_owned()))
    }
}

impl TryFrom<String> for Currency {
    type Error = ParseMoneyError;

    fn try_from(code: String) -> Result<Self, ParseMoneyError> {
        code.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Money {
    /// The maximum amount in minor units. Stripe accepts eight digits, and banks little more.
    pub const MAX: u64 = 99_999_999;

    /// An amount in minor units, such as cents.
    pub fn of(minor: u64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Zero.
    pub fn zero(currency: Currency) -> Self {
        Self::of(0, currency)
    }

    /// Parses an amount such as `9`, `9.5` or `9.50`.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, ParseMoneyError> {
        let error = || ParseMoneyError::Amount {
            text: text.to_owned(),
            currency,
            example: Self::of(9 * currency.minor_per_major(), currency).decimal(),
        };
        let (major, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = usize::from(currency.digits());
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let whole = !major.is_empty() && is_number(major) && is_number(fraction);
        if !whole || fraction.len() > digits || text.ends_with('.') {
            return Err(error());
        }
        let too_much = || ParseMoneyError::TooMuch(text.to_owned());
        let minor: u64 = format!("{major}{fraction:0<digits$}").parse().map_err(|_| too_much())?;
        if minor > Self::MAX { Err(too_much()) } else { Ok(Self { minor, currency }) }
    }

    /// In what steps amounts of its currency can be collected by card, such as 0.010 KWD.
    #[must_use]
    pub fn step(self) -> Self {
        Self::of(self.currency.step(), self.currency)
    }

    /// Returns the largest amount up to this one that can be collected by card.
    #[must_use]
    pub fn down_to_step(self) -> Self {
        let step = self.currency.step();
        Self::of(self.minor / step * step, self.currency)
    }

    /// The amount in minor units.
    pub fn minor(self) -> u64 {
        self.minor
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Returns `true` if the amount is zero.
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The amount as a decimal number with all digits: `9.50`.
    pub fn decimal(self) -> String {
        let per_major = self.currency.minor_per_major();
        let digits = usize::from(self.currency.digits());
        match digits {
            0 => self.minor.to_string(),
            _ => format!("{}.{:0digits$}", self.minor / per_major, self.minor % per_major),
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Adds amounts to `totals`, which has one amount per currency.
pub fn add_by_currency(totals: &mut Vec<Money>, amounts: impl IntoIterator<Item = Money>) {
    for amount in amounts {
        match totals.iter_mut().find(|total| total.currency() == amount.currency()) {
            Some(total) => *total = Money::of(total.minor() + amount.minor(), amount.currency()),
            None => totals.push(amount),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        let read = |text, code| Money::parse(text, currency(code)).map(Money::minor);
        assert_eq!(read("9", "USD"), Ok(900));
        assert_eq!(read("9.5", "USD"), Ok(950));
        assert_eq!(read("0.05", "EUR"), Ok(5));
        assert_eq!(read("900", "JPY"), Ok(900));
        assert_eq!(read("1.250", "KWD"), Ok(1250));
        for (text, code) in [
            ("9.50", "JPY"),
            ("9.505", "USD"),
            ("-9", "USD"),
            ("$9", "USD"),
            ("9,50", "EUR"),
            ("", "USD"),
            ("9.", "USD"),
            (".5", "USD"),
        ] {
            assert!(
                matches!(read(text, code), Err(ParseMoneyError::Amount { .. })),
                "{text} {code}"
            );
        }
        assert!(matches!(read("99999999999999999999", "USD"), Err(ParseMoneyError::TooMuch(_))));
        assert!(matches!(read("1000000.00", "USD"), Err(ParseMoneyError::TooMuch(_))));
    }

    #[test]
    fn only_currencies_in_circulation_are_accepted() {
        for code in ["XAU", "DEM", "usd", "EURO", ""] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn amounts_round_trip_through_text(
            minor in 0..=Money::MAX,
            code in prop::sample::select(vec!["USD", "EUR", "JPY", "KWD"]),
        ) {
            let money = Money::of(minor, currency(code));
            prop_assert_eq!(Money::parse(&money.decimal(), money.currency()), Ok(money));
        }
    }
}
