//! What is entered in forms in the language of who enters it: lengths of time, amounts and allowances.

use masthead_access::{Allowance, ParseAllowanceError};
use masthead_circulation::{BillingInterval, Currency, Money, ParseMoneyError, TaxRate};

use crate::words::DeskWords;

/// The units of lengths of time: as settings name one of them, and the word for a number of them.
const UNITS: [(&str, &str); 6] = [
    ("minute", "length_minutes"),
    ("hour", "length_hours"),
    ("day", "length_day"),
    ("week", "length_week"),
    ("month", "length_month"),
    ("year", "length_year"),
];

/// A length of time as settings have it, such as "7 days", in the language of the form.
pub(crate) fn length_in_words(setting: &str, words: DeskWords) -> String {
    let parts = setting.split_once(' ').and_then(|(number, unit)| {
        let number: u64 = number.parse().ok()?;
        let unit = unit.strip_suffix('s').unwrap_or(unit);
        let (_, name) = UNITS.into_iter().find(|(known, _)| *known == unit)?;
        Some(length_of(number, name, words))
    });
    parts.unwrap_or_else(|| setting.to_owned())
}

/// A length of time as it was entered, as settings have it. Those of settings are understood in every language.
pub(crate) fn length_setting(entered: &str, words: DeskWords) -> String {
    let entered = entered.trim();
    let digits = entered.find(|letter: char| !letter.is_ascii_digit()).unwrap_or_default();
    let (number, unit) = entered.split_at(digits);
    let is_unit = |name: &str| {
        [1, 2].iter().any(|count| {
            let word = length_of(*count, name, words).replace(&count.to_string(), "");
            word.trim().eq_ignore_ascii_case(unit.trim())
        })
    };
    match UNITS.into_iter().find(|(_, name)| is_unit(name)) {
        Some((unit, _)) if number == "1" => format!("1 {unit}"),
        Some((unit, _)) => format!("{number} {unit}s"),
        None => entered.to_owned(),
    }
}

/// A number of units, without groups of digits.
fn length_of(number: u64, name: &str, words: DeskWords) -> String {
    words.count(name, number).replace(&words.number(number), &number.to_string())
}

/// An interval of payments, from what was entered.
///
/// # Errors
///
/// What to correct.
pub(crate) fn interval(entered: &str, words: DeskWords) -> Result<BillingInterval, String> {
    let setting = length_setting(entered, words);
    setting.parse().map_err(|_| words.fill("length_fault", &[("text", &entered.trim())]))
}

/// An amount without its currency, as it is entered.
pub(crate) fn amount_in_words(amount: Money, words: DeskWords) -> String {
    amount.decimal().replace('.', words.text("number_decimals"))
}

/// An amount, from what was entered.
///
/// # Errors
///
/// What to correct.
pub(crate) fn amount(entered: &str, currency: Currency, words: DeskWords) -> Result<Money, String> {
    Money::parse(&decimal(entered, words), currency)
        .map_err(|error| amount_fault(&error, entered.trim(), words))
}

/// An amount as it was entered, with a point for the decimal mark of the language.
pub(crate) fn decimal(entered: &str, words: DeskWords) -> String {
    entered.trim().replace(words.text("number_decimals"), ".")
}

/// Why an amount of [`decimal`] was refused, and what to correct.
pub(crate) fn decimal_fault(error: &ParseMoneyError, words: DeskWords) -> String {
    let (ParseMoneyError::Currency(text)
    | ParseMoneyError::Amount { text, .. }
    | ParseMoneyError::TooMuch(text)) = error;
    amount_fault(error, &text.replace('.', words.text("number_decimals")), words)
}

fn amount_fault(error: &ParseMoneyError, entered: &str, words: DeskWords) -> String {
    match error {
        ParseMoneyError::Currency(_) => words.text("products_fault_currency").to_owned(),
        ParseMoneyError::Amount { currency, example, .. } => {
            let example = example.replace('.', words.text("number_decimals"));
            words.fill(
                "amount_fault",
                &[("text", &entered), ("currency", currency), ("example", &example)],
            )
        }
        ParseMoneyError::TooMuch(_) => {
            let most = words.number(Money::MAX);
            words.fill("amount_fault_most", &[("text", &entered), ("most", &most)])
        }
    }
}

/// A tax rate as it is entered; empty if there is none.
pub(crate) fn tax_in_words(rate: Option<TaxRate>, words: DeskWords) -> String {
    let rate = rate.map(|rate| rate.to_string()).unwrap_or_default();
    rate.replace('.', words.text("number_decimals"))
}

/// A tax rate in percent, from what was entered; `None` if that is nothing.
///
/// # Errors
///
/// What to correct.
pub(crate) fn tax(entered: &str, words: DeskWords) -> Result<Option<TaxRate>, String> {
    let entered = entered.trim();
    let percent = decimal(entered.trim_end_matches('%'), words);
    if percent.is_empty() && entered.is_empty() {
        return Ok(None);
    }
    let fault = |_| words.fill("products_tax_fault", &[("text", &entered)]);
    percent.parse().map(Some).map_err(fault)
}

/// An allowance as it is entered.
pub(crate) fn allowance_in_words(allowance: Allowance, words: DeskWords) -> String {
    match allowance {
        Allowance::Articles(articles) => articles.to_string(),
        Allowance::Unlimited => words.text("meter_unlimited").to_owned(),
    }
}

/// An allowance, from what was entered.
///
/// # Errors
///
/// Whether it is no number, or too large.
pub(crate) fn allowance(entered: &str, words: DeskWords) -> Result<Allowance, ParseAllowanceError> {
    let entered = entered.trim();
    if entered.eq_ignore_ascii_case(words.text("meter_unlimited")) {
        return Ok(Allowance::Unlimited);
    }
    entered.parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn german() -> DeskWords {
        DeskWords::in_language("de").expect("words")
    }

    #[test]
    fn lengths_of_time_survive_the_form_in_every_language() {
        for words in DeskWords::all() {
            for (unit, _) in UNITS {
                for setting in [format!("1 {unit}"), format!("3 {unit}s"), format!("1000 {unit}s")]
                {
                    let entered = length_in_words(&setting, words);
                    assert_eq!(length_setting(&entered, words), setting, "{}", words.tag());
                    assert_eq!(length_setting(&setting, words), setting, "{}", words.tag());
                }
            }
        }
        assert_eq!(length_in_words("3 months", german()), "3 Monate");
        assert_eq!(length_setting(" 1  jahr ", german()), "1 year");
        for unknown in ["", "often", "3", "3 moons", "1.5 Tage"] {
            assert_eq!(length_setting(unknown, german()), unknown);
        }
    }

    #[test]
    fn tax_rates_are_entered_as_in_the_language() {
        let read = |entered| tax(entered, german()).map(|rate| rate.map(TaxRate::hundredths));
        assert_eq!(read("7"), Ok(Some(700)));
        assert_eq!(read(" 5,5 % "), Ok(Some(550)));
        assert_eq!(read("5.5"), Ok(Some(550)));
        assert_eq!(read(""), Ok(None));
        assert_eq!(tax_in_words(TaxRate::from_hundredths(550), german()), "5,5");
        for wrong in ["%", "100", "-7", "viel", "7,123"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(tax("5,5", DeskWords::default()).is_err());
    }

    #[test]
    fn amounts_and_allowances_are_entered_as_in_the_language() {
        let euro = "EUR".parse().expect("a currency");
        let read = |entered, words| amount(entered, euro, words).map(Money::minor);
        assert_eq!(read("9,50", german()), Ok(950));
        assert_eq!(read("9.50", german()), Ok(950));
        assert_eq!(amount_in_words(Money::of(950, euro), german()), "9,50");
        assert!(read("9,50", DeskWords::default()).is_err());
        assert!(read("1.000", german()).is_err());
        assert_eq!(allowance("Unbegrenzt", german()), Ok(Allowance::Unlimited));
        assert_eq!(allowance_in_words(Allowance::Unlimited, german()), "unbegrenzt");
        assert!(allowance("viele", german()).is_err());
    }
}
