//! Payments compared with their refunds and with what they have paid for.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use masthead_circulation::{
    Dispute, Payment, PaymentNumber, PaymentStatus, Refund, RefundStatus, State, Subscription,
    SubscriptionId, UnusedReason,
};

use super::{BATCH, Mismatch, ProcessorTotals, REFUNDED_WITHIN, SETTLED_WITHIN};
use crate::{Billing, BillingError};

impl Billing {
    pub(super) async fn compare_payments(
        &self,
        totals: &mut BTreeMap<(String, String), ProcessorTotals>,
        found: &mut Vec<Mismatch>,
    ) -> Result<(), BillingError> {
        let old = self.now() - SETTLED_WITHIN;
        let mut after = PaymentNumber(0);
        loop {
            let payments = self.store.payments_after(after, BATCH).await?;
            let Some(last) = payments.last() else { return Ok(()) };
            after = last.number;
            let numbers: Vec<PaymentNumber> =
                payments.iter().map(|payment| payment.number).collect();
            let refunds = self.store.refunds_of_payments(&numbers).await?;
            let refunds: HashMap<PaymentNumber, Refund> =
                refunds.into_iter().map(|refund| (refund.payment, refund)).collect();
            let disputes = self.store.readable_disputes_of(&numbers).await?;
            for payment in &payments {
                let refund = refunds.get(&payment.number);
                count(totals, payment, refund);
                // A refund waits while a bank has the money.
                let compared = compare_refund(payment, refund, old);
                found.extend(compared.filter(|mismatch| {
                    !matches!(mismatch, Mismatch::RefundUnsettled { .. })
                        || !Dispute::is_waiting(payment.number, &disputes)
                }));
                if payment.status == PaymentStatus::Recorded && payment.at < old {
                    found.push(Mismatch::PaymentNotApplied { payment: payment.number });
                }
            }
            found.extend(self.access_missing(&payments).await?);
        }
    }

    /// Payments for contracts from which their readers withdrew a week ago, and which nobody has refunded. Those that a bank has taken
    /// back wait for its decision.
    pub(super) async fn unpaid_withdrawals(&self) -> Result<Vec<Mismatch>, BillingError> {
        let old = self.now() - REFUNDED_WITHIN;
        let mut found = Vec::new();
        let waiting = self.store.pending_refunds(BATCH).await?;
        let numbers: Vec<PaymentNumber> =
            waiting.iter().map(|pending| pending.payment.number).collect();
        let disputes = self.store.readable_disputes_of(&numbers).await?;
        for pending in waiting {
            let payment = pending.payment;
            if pending.reason != UnusedReason::Withdrawn
                || Dispute::is_waiting(payment.number, &disputes)
            {
                continue;
            }
            let held = match payment.subscription {
                Some(id) => self.latest(id).await?,
                None => None,
            };
            // Deleted with its account, the subscription does not say when.
            let since = held.and_then(|held| held.state.ends()).unwrap_or(payment.at);
            if since < old {
                found.push(Mismatch::WithdrawalNotRefunded { payment: payment.number });
            }
        }
        Ok(found)
    }

    /// Compares applied payments, whose time is still to come, with their subscriptions.
    async fn access_missing(&self, payments: &[Payment]) -> Result<Vec<Mismatch>, BillingError> {
        let now = self.now();
        let running = payments
            .iter()
            .filter(|payment| payment.status == PaymentStatus::Applied && payment.through > now);
        let running: Vec<(&Payment, SubscriptionId)> =
            running.filter_map(|payment| Some((payment, payment.subscription?))).collect();
        let ids: Vec<SubscriptionId> = running.iter().map(|(_, id)| *id).collect();
        let subscriptions = self.store.subscriptions(&ids).await?;
        let subscriptions: HashMap<SubscriptionId, Subscription> =
            subscriptions.into_iter().map(|held| (held.id, held)).collect();
        let missing = running.into_iter().filter_map(|(payment, subscription)| {
            let held = subscriptions.get(&subscription)?;
            let is_missing = !reaches(held, payment);
            let payment = payment.number;
            is_missing.then_some(Mismatch::AccessMissing { payment, subscription })
        });
        Ok(missing.collect())
    }
}

/// Whether a subscription reaches as far as was paid for, unless its reader or staff changed that.
fn reaches(held: &Subscription, payment: &Payment) -> bool {
    match held.state {
        State::Active { through } => {
            through >= payment.through || held.paid.is_none_or(|paid| paid.from > payment.from)
        }
        State::Cancelling { ends, .. } => ends >= payment.through,
        State::Trial { .. } | State::Grace { .. } => false,
        // A pause keeps what is paid for; what has ended was ended by somebody, and the audit says who.
        State::Paused { .. } | State::Ended { .. } => true,
    }
}

fn compare_refund(payment: &Payment, refund: Option<&Refund>, old: Timestamp) -> Option<Mismatch> {
    let number = payment.number;
    match refund {
        Some(refund)
            if refund.refunded() == payment.amount && payment.status == PaymentStatus::Kept =>
        {
            Some(Mismatch::KeptAndRefunded { payment: number })
        }
        Some(refund) if refund.refunded().minor() > payment.amount.minor() => {
            Some(Mismatch::RefundTooLarge { payment: number })
        }
        Some(refund) if refund.is_settled() || refund.refunded() == payment.amount => None,
        Some(refund) if refund.status == RefundStatus::Asked && refund.at < old => {
            Some(Mismatch::RefundUnsettled { payment: number })
        }
        Some(Refund { status: RefundStatus::Refused(_), failed: Some(_), .. }) => {
            Some(Mismatch::RefundFailed { payment: number })
        }
        Some(_) | None => (payment.status == PaymentStatus::Refunded)
            .then_some(Mismatch::RefundMissing { payment: number }),
    }
}

fn count(
    totals: &mut BTreeMap<(String, String), ProcessorTotals>,
    payment: &Payment,
    refund: Option<&Refund>,
) {
    let refunded = Refund::refunded_of(payment.amount, refund).minor();
    let (processor, currency) =
        (payment.processor.clone(), payment.amount.currency().code().to_owned());
    let key = (processor.clone(), currency.clone());
    let sums = totals.entry(key).or_insert_with(|| ProcessorTotals {
        processor,
        currency,
        payments: 0,
        collected: 0,
        refunded: 0,
        pending: 0,
    });
    sums.payments += 1;
    sums.collected += payment.amount.minor();
    sums.refunded += refunded;
    if payment.status == PaymentStatus::RefundPending {
        sums.pending += payment.amount.minor();
    }
}
