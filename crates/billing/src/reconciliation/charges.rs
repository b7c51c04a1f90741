//! Orders compared with the payments that were recorded for them.

use std::collections::HashMap;

use jiff::Timestamp;
use masthead_circulation::{Checkout, Digest, Payment, PaymentSource, Progress};
use masthead_store::LoggedCharge;

use super::{BATCH, Mismatch, SETTLED_WITHIN};
use crate::{Billing, BillingError};

impl Billing {
    pub(super) async fn compare_charges(
        &self,
        found: &mut Vec<Mismatch>,
    ) -> Result<(), BillingError> {
        let old = self.now() - SETTLED_WITHIN;
        let mut after = String::new();
        loop {
            let charges = self.store.logged_charges(&after, BATCH).await?;
            let Some(last) = charges.last() else { return Ok(()) };
            after.clone_from(&last.key);
            let keys: Vec<&str> = charges.iter().map(|charge| charge.key.as_str()).collect();
            let payments = self.store.payments_by_keys(&keys).await?;
            let payments: HashMap<String, Payment> =
                payments.into_iter().map(|payment| (payment.source.to_string(), payment)).collect();
            let unpaid = charges.iter().filter(|charge| !payments.contains_key(&charge.key));
            let checkouts: Vec<Digest> = unpaid.filter_map(checkout_of).collect();
            let checkouts = self.store.checkouts(&checkouts).await?;
            let checkouts: HashMap<Digest, Checkout> =
                checkouts.into_iter().map(|checkout| (checkout.key, checkout)).collect();
            found.extend(charges.iter().filter_map(|charge| {
                let is_free_or_unsettled = checkout_of(charge)
                    .is_some_and(|key| is_free_or_unsettled(checkouts.get(&key)));
                compare(charge, payments.get(&charge.key), is_free_or_unsettled, old)
            }));
        }
    }
}

/// The key of the checkout that a collected charge is for.
fn checkout_of(charge: &LoggedCharge) -> Option<Digest> {
    match PaymentSource::from(charge.key.as_str()) {
        PaymentSource::Checkout(key) if charge.paid && !charge.open => Some(key),
        _ => None,
    }
}

/// Compares a charge with its payment.
fn compare(
    charge: &LoggedCharge,
    payment: Option<&Payment>,
    is_free_or_unsettled: bool,
    old: Timestamp,
) -> Option<Mismatch> {
    let key = charge.key.clone();
    match (charge.paid, payment) {
        (true, Some(payment)) => {
            charge.amount.filter(|charged| *charged != payment.amount).map(|charged| {
                Mismatch::AmountsDiffer {
                    payment: payment.number,
                    charged,
                    recorded: payment.amount,
                }
            })
        }
        (true, None) if charge.open => charge
            .asked
            .is_none_or(|asked| asked < old)
            .then_some(Mismatch::ChargeWithoutPayment { key }),
        (true, None) => (!is_free_or_unsettled).then_some(Mismatch::ChargeWithoutPayment { key }),
        (false, _) if charge.open => charge
            .asked
            .is_some_and(|asked| asked < old)
            .then_some(Mismatch::OrderUnanswered { key }),
        (false, _) => None,
    }
}

/// Whether nothing was paid at a checkout, such as one for a card for later, or the next sweep settles it.
fn is_free_or_unsettled(checkout: Option<&Checkout>) -> bool {
    checkout.is_none_or(|checkout| checkout.amount.is_zero() || checkout.progress == Progress::Open)
}
