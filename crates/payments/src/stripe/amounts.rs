//! Amounts as Stripe writes them (<https://docs.stripe.com/currencies>): whole numbers, as here, but for some currencies with other
//! digits than ISO 4217 has, and not in every step. The steps are in [`Money::step`]. If those change, check the lists below.

use masthead_circulation::{Currency, Money};

use crate::ProcessorError;

/// Currencies that Stripe writes with two zeros at the end, although ISO 4217 has no digits.
const WITH_ZEROS: [&str; 2] = ["ISK", "UGX"];
/// Currencies that Stripe writes without minor units, although ISO 4217 has two digits.
const WITHOUT_MINOR_UNITS: [&str; 1] = ["MGA"];
/// The difference of two digits.
const TWO_DIGITS: u64 = 100;

/// Returns an amount as Stripe expects it.
///
/// # Errors
///
/// Fails if Stripe does not charge the amount: of currencies with three digits, the last must be zero, and ariary are charged whole.
pub(super) fn to_stripe(amount: Money) -> Result<u64, ProcessorError> {
    let (currency, minor) = (amount.currency(), amount.minor());
    if amount.down_to_step() != amount {
        let step = amount.step();
        return Err(ProcessorError::Misunderstood(format!(
            "{amount} cannot be moved: Stripe moves {currency} in steps of {step}"
        )));
    }
    Ok(match currency.code() {
        code if WITH_ZEROS.contains(&code) => minor.saturating_mul(TWO_DIGITS),
        code if WITHOUT_MINOR_UNITS.contains(&code) => minor / TWO_DIGITS,
        _ => minor,
    })
}

/// Returns an amount that Stripe has written.
pub(super) fn from_stripe(amount: u64, currency: Currency) -> Money {
    let minor = match currency.code() {
        code if WITH_ZEROS.contains(&code) => amount / TWO_DIGITS,
        code if WITHOUT_MINOR_UNITS.contains(&code) => amount.saturating_mul(TWO_DIGITS),
        _ => amount,
    };
    Money::of(minor, currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        let (amount, currency) = text.split_once(' ').expect("an amount and a currency");
        Money::parse(amount, currency.parse().expect("a currency")).expect("an amount")
    }

    #[test]
    fn amounts_are_written_as_stripe_expects_them() {
        for (amount, written) in [
            ("9.50 USD", 950),
            ("1990 HUF", 199_000),
            ("150 TWD", 15_000),
            ("900 JPY", 900),
            ("9000 KRW", 9000),
            ("3000 XOF", 3000),
            ("1990 ISK", 199_000),
            ("20000 UGX", 2_000_000),
            ("25000 MGA", 25_000),
            ("1.250 KWD", 1250),
            ("4.900 BHD", 4900),
            ("0.010 TND", 10),
        ] {
            let amount = money(amount);
            assert_eq!(to_stripe(amount).expect("charged"), written, "{amount}");
            assert_eq!(from_stripe(written, amount.currency()), amount);
        }
    }

    #[test]
    fn amounts_that_stripe_does_not_charge_are_refused() {
        for (amount, step) in [("1.255 KWD", "0.010 KWD"), ("250.50 MGA", "1.00 MGA")] {
            let refused = to_stripe(money(amount)).expect_err("refused").to_string();
            assert!(refused.contains(step) && refused.contains(amount), "{refused}");
        }
    }
}
