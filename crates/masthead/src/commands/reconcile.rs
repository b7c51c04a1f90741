//! `masthead reconcile`: charges, payments, refunds and access compared.

use std::path::Path;

use masthead_billing::reconciliation::{ProcessorTotals, Reconciliation};
use masthead_circulation::{Currency, Money};
use masthead_store::RefusedRefund;

use super::{Newsroom, serve::Place};
use crate::error::CliError;

/// Compares everything and prints what was found.
///
/// # Errors
///
/// Fails if something does not agree, so that the exit status says so.
pub async fn run(dir: &Path, place: &Place) -> Result<(), CliError> {
    let newsroom = Newsroom::open_existing(dir, place).await?;
    newsroom.warn_of_copy().await?;
    let site = newsroom.site().await?;
    let found = site.billing.reconcile().await?;
    let pending = site.billing.pending_refunds().await?;
    print_totals(&found);
    for refund in &pending {
        let (payment, reason) = (&refund.payment, refund.reason.name());
        outln!(
            "Payment {}: {} cannot be used ({reason}); refund it or keep it.",
            payment.number,
            refund.left
        );
    }
    for RefusedRefund { payment, refund } in site.billing.refused_refunds().await? {
        let (number, amount) = (payment.number, refund.amount);
        outln!("Payment {number}: a refund of {amount} was refused; see the desk.");
    }
    for mismatch in &found.mismatches {
        outln!("Mismatch: {mismatch}.");
    }
    match found.mismatches.len() {
        0 => {
            outln!("Everything agrees.");
            Ok(())
        }
        1 => Err(CliError::new("1 mismatch was found; see above")),
        count => Err(CliError::new(format!("{count} mismatches were found; see above"))),
    }
}

fn print_totals(found: &Reconciliation) {
    outln!(
        "{:<12} {:>8} {:>16} {:>16} {:>16}",
        "processor",
        "payments",
        "collected",
        "refunded",
        "to decide"
    );
    for totals in &found.totals {
        let ProcessorTotals { processor, payments, .. } = totals;
        let name = if processor.is_empty() { "(unknown)" } else { processor };
        let [collected, refunded, pending] =
            [totals.collected, totals.refunded, totals.pending].map(|sum| money(sum, totals));
        outln!("{name:<12} {payments:>8} {collected:>16} {refunded:>16} {pending:>16}");
    }
}

fn money(minor: u64, totals: &ProcessorTotals) -> String {
    match totals.currency.parse::<Currency>() {
        Ok(currency) => Money::of(minor, currency).to_string(),
        Err(_) => format!("{minor} {}", totals.currency),
    }
}
