//! Reconciliation: charges, payments, refunds and access compared, per processor.

mod checkouts;

use std::{collections::BTreeMap, fmt};

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Money, Payment, PaymentNumber, PaymentSource, PaymentStatus, Refund, RefundStatus, State,
    SubscriptionId,
};
use masthead_store::{LoggedCharge, ReconciliationReport};

use crate::{Billing, BillingError};

/// How long an order may be unanswered, or a payment recorded and not applied, before that is a mismatch.
const SETTLED_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// How often everything is compared.
const DAILY: SignedDuration = SignedDuration::from_hours(24);
/// Rows that are read at once.
const BATCH: u64 = 1000;

/// What the comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// The totals of each processor and currency, in order of name.
    pub totals: Vec<ProcessorTotals>,
    /// What does not agree.
    pub mismatches: Vec<Mismatch>,
}

/// What one processor collected in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorTotals {
    /// The processor; empty for payments of versions that did not note it.
    pub processor: String,
    /// The currency, as its code.
    pub currency: String,
    /// How many payments.
    pub payments: u64,
    /// Their sum in minor units.
    pub collected: u64,
    /// What was refunded of it.
    pub refunded: u64,
    /// What staff have to decide about.
    pub pending: u64,
}

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Money was collected, and there is no payment for it.
    ChargeWithoutPayment {
        /// The key of the order.
        key: String,
    },
    /// A payment is not of the amount that was collected.
    AmountsDiffer {
        /// The payment.
        payment: PaymentNumber,
        /// What was collected.
        charged: Money,
        /// What the payment says.
        recorded: Money,
    },
    /// A processor has been asked for a payment and no answer is known after a day.
    OrderUnanswered {
        /// The key of the order.
        key: String,
    },
    /// A payment was recorded a day ago, and nothing was done with it.
    PaymentNotApplied {
        /// The payment.
        payment: PaymentNumber,
    },
    /// A day after a checkout could last be paid, its processor has not said whether it was.
    CheckoutUnsettled {
        /// The processor.
        processor: String,
        /// The processor's reference for the checkout, or the key of the checkout if there is none.
        reference: String,
    },
    /// More was refunded than was paid.
    RefundTooLarge {
        /// The payment.
        payment: PaymentNumber,
    },
    /// A payment is marked as refunded, and there is no refund for it.
    RefundMissing {
        /// The payment.
        payment: PaymentNumber,
    },
    /// Staff have kept a payment, and there is a refund of it.
    KeptAndRefunded {
        /// The payment.
        payment: PaymentNumber,
    },
    /// A refund was noted a day ago, and no answer of the processor is known.
    RefundUnsettled {
        /// The payment.
        payment: PaymentNumber,
    },
    /// A refund failed after the reader was told of it, and staff have not decided again.
    RefundFailed {
        /// The payment.
        payment: PaymentNumber,
    },
    /// A payment is marked as applied, and its subscription does not reach as far as was paid for.
    AccessMissing {
        /// The payment.
        payment: PaymentNumber,
        /// The subscription.
        subscription: SubscriptionId,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChargeWithoutPayment { key } => {
                write!(f, "order {key} was collected and has no payment")
            }
            Self::AmountsDiffer { payment, charged, recorded } => {
                write!(f, "payment {payment} says {recorded}, and {charged} was collected")
            }
            Self::OrderUnanswered { key } => {
                write!(f, "order {key} has had no answer for a day")
            }
            Self::PaymentNotApplied { payment } => {
                write!(f, "payment {payment} was recorded a day ago and not applied")
            }
            Self::CheckoutUnsettled { processor, reference } => {
                write!(f, "{processor} has not said whether checkout {reference} was paid")
            }
            Self::RefundTooLarge { payment } => {
                write!(f, "more was refunded of payment {payment} than was paid")
            }
            Self::RefundMissing { payment } => {
                write!(f, "payment {payment} is marked as refunded and has no refund")
            }
            Self::KeptAndRefunded { payment } => {
                write!(f, "payment {payment} is marked as kept and was refunded")
            }
            Self::RefundUnsettled { payment } => {
                write!(f, "the refund of payment {payment} has had no answer for a day")
            }
            Self::RefundFailed { payment } => write!(
                f,
                "the refund of payment {payment} was made and has failed since; refund it again or keep it"
            ),
            Self::AccessMissing { payment, subscription } => write!(
                f,
                "payment {payment} is applied and subscription {} does not reach as far",
                subscription.0
            ),
        }
    }
}

impl Billing {
    /// Compares everything unless that was done within the last day, on this server or another.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be read.
    #[tracing::instrument(skip_all)]
    pub async fn reconcile_daily(&self) -> Result<(), BillingError> {
        let latest = self.store.latest_reconciliation().await?;
        match latest {
            Some(report) if self.now().duration_since(report.at) < DAILY => {
                self.set_mismatches(report.mismatches.len());
            }
            Some(_) | None => {
                self.reconcile().await?;
            }
        }
        Ok(())
    }

    /// Compares everything, logs what does not agree, and keeps the report for the desk.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be read.
    #[tracing::instrument(skip_all)]
    pub async fn reconcile(&self) -> Result<Reconciliation, BillingError> {
        let mut totals = BTreeMap::new();
        let mut found = Vec::new();
        self.compare_charges(&mut found).await?;
        self.compare_payments(&mut totals, &mut found).await?;
        found.extend(self.unsettled_checkouts().await?);
        for mismatch in &found {
            tracing::error!(%mismatch, "reconciliation: mismatch");
        }
        self.set_mismatches(found.len());
        let mismatches = found.iter().map(Mismatch::to_string).collect();
        let report = ReconciliationReport { at: self.now(), mismatches };
        self.store.keep_reconciliation(&report).await?;
        Ok(Reconciliation { totals: totals.into_values().collect(), mismatches: found })
    }

    async fn compare_charges(&self, found: &mut Vec<Mismatch>) -> Result<(), BillingError> {
        let old = self.now() - SETTLED_WITHIN;
        let mut after = String::new();
        loop {
            let charges = self.store.logged_charges(&after, BATCH).await?;
            let Some(last) = charges.last() else { return Ok(()) };
            after.clone_from(&last.key);
            let keys: Vec<&str> = charges.iter().map(|charge| charge.key.as_str()).collect();
            let payments = self.store.payments_by_keys(&keys).await?;
            for charge in &charges {
                let payment =
                    payments.iter().find(|payment| payment.source.to_string() == charge.key);
                found.extend(self.compare_charge(charge, payment, old).await?);
            }
        }
    }

    async fn compare_charge(
        &self,
        charge: &LoggedCharge,
        payment: Option<&Payment>,
        old: Timestamp,
    ) -> Result<Option<Mismatch>, BillingError> {
        let key = charge.key.clone();
        Ok(match (charge.paid, payment) {
            (true, Some(payment)) => charge
                .amount
                .filter(|charged| *charged != payment.amount)
                .map(|charged| Mismatch::AmountsDiffer {
                    payment: payment.number,
                    charged,
                    recorded: payment.amount,
                }),
            (true, None) if charge.open => charge
                .asked
                .is_none_or(|asked| asked < old)
                .then_some(Mismatch::ChargeWithoutPayment { key }),
            (true, None) => {
                let free = self.is_free_or_unsettled(&charge.key).await?;
                (!free).then_some(Mismatch::ChargeWithoutPayment { key })
            }
            (false, _) if charge.open => {
                let is_old = charge.asked.is_some_and(|asked| asked < old);
                is_old.then_some(Mismatch::OrderUnanswered { key })
            }
            (false, _) => None,
        })
    }

    /// Whether a charge is for a checkout at which nothing was paid, such as a card for later, or one that
    /// the next sweep settles.
    async fn is_free_or_unsettled(&self, key: &str) -> Result<bool, BillingError> {
        let PaymentSource::Checkout(digest) = PaymentSource::from(key) else { return Ok(false) };
        let checkout = self.store.checkout(&digest).await?;
        Ok(checkout.is_none_or(|checkout| {
            checkout.amount.is_zero() || checkout.progress == masthead_circulation::Progress::Open
        }))
    }

    async fn compare_payments(
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
            for payment in &payments {
                let refund = refunds.iter().find(|refund| refund.payment == payment.number);
                count(totals, payment, refund);
                found.extend(compare_refund(payment, refund, old));
                match payment.status {
                    PaymentStatus::Recorded if payment.at < old => {
                        found.push(Mismatch::PaymentNotApplied { payment: payment.number });
                    }
                    PaymentStatus::Applied => found.extend(self.access_missing(payment).await?),
                    PaymentStatus::Recorded
                    | PaymentStatus::Refunded
                    | PaymentStatus::RefundPending
                    | PaymentStatus::Kept => {}
                }
            }
        }
    }

    /// Time that was paid for and is still to come is open to the reader, unless they changed that.
    async fn access_missing(&self, payment: &Payment) -> Result<Option<Mismatch>, BillingError> {
        let now = self.now();
        if payment.through <= now {
            return Ok(None);
        }
        let Some(subscription) = payment.subscription else { return Ok(None) };
        let Some(held) = self.latest(subscription).await? else { return Ok(None) };
        let reaches = match held.state {
            State::Active { through } => {
                through >= payment.through || held.paid.is_none_or(|paid| paid.from > payment.from)
            }
            State::Cancelling { ends, .. } => ends >= payment.through,
            State::Trial { .. } | State::Grace { .. } => false,
            // A pause keeps what is paid for; what has ended was ended by somebody, and the audit says who.
            State::Paused { .. } | State::Ended { .. } => true,
        };
        let payment = payment.number;
        Ok((!reaches).then_some(Mismatch::AccessMissing { payment, subscription }))
    }
}

fn compare_refund(payment: &Payment, refund: Option<&Refund>, old: Timestamp) -> Option<Mismatch> {
    let number = payment.number;
    match refund {
        Some(refund) if refund.is_settled() && payment.status == PaymentStatus::Kept => {
            Some(Mismatch::KeptAndRefunded { payment: number })
        }
        Some(refund) if refund.is_settled() => (refund.amount.minor() > payment.amount.minor())
            .then_some(Mismatch::RefundTooLarge { payment: number }),
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
    let refunded = refund.filter(|refund| refund.is_settled());
    let refunded = refunded.map_or(0, |refund| refund.amount.minor());
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
