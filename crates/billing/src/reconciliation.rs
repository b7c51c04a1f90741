//! Reconciliation: charges, payments, refunds and access compared, per processor, after disputes and refunds were asked for.

mod charges;
mod checkouts;
mod payments;

use std::{collections::BTreeMap, fmt};

use jiff::SignedDuration;
use masthead_circulation::{Money, PaymentNumber, SubscriptionId};
use masthead_store::ReconciliationReport;

use crate::{Billing, BillingError};

/// How long an order may be unanswered, or a payment recorded and not applied, before that is a mismatch.
const SETTLED_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// How long what is refunded by hand after a withdrawal may wait before that is a mismatch: the law gives fourteen days.
const REFUNDED_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);
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
    /// A reader withdrew from the contract a week ago, and what they paid waits for staff.
    WithdrawalNotRefunded {
        /// The payment.
        payment: PaymentNumber,
    },
    /// A processor refuses to say which payments are disputed.
    DisputesUnknown {
        /// The processor.
        processor: String,
        /// Its reason.
        reason: String,
    },
    /// A processor refuses to say which payments were refunded, or lists more refunds than are read.
    RefundsUnknown {
        /// The processor.
        processor: String,
        /// Its reason.
        reason: String,
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
            Self::WithdrawalNotRefunded { payment } => {
                write!(f, "payment {payment} was withdrawn from a week ago and is not refunded")
            }
            Self::DisputesUnknown { processor, reason } => write!(
                f,
                "{processor} does not list all disputes, so that lost messages about them are not noticed ({reason}); check that the key may read them"
            ),
            Self::RefundsUnknown { processor, reason } => write!(
                f,
                "{processor} does not list all refunds, so that those made there are not noticed if messages are lost ({reason}); check that the key may read refunds"
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
        // First, because what a bank has is compared below.
        let refused = self.look_for_disputes().await?;
        let unknown = refused
            .into_iter()
            .map(|(processor, reason)| Mismatch::DisputesUnknown { processor, reason });
        let mut found: Vec<Mismatch> = unknown.collect();
        let refused = Box::pin(self.look_for_refunds()).await?;
        found.extend(
            refused
                .into_iter()
                .map(|(processor, reason)| Mismatch::RefundsUnknown { processor, reason }),
        );
        self.compare_charges(&mut found).await?;
        self.compare_payments(&mut totals, &mut found).await?;
        found.extend(self.unpaid_withdrawals().await?);
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
}

/// Why a list of a processor is not all, of which so many entries were read.
pub(crate) fn too_many(read: usize) -> String {
    format!("there are more than {read} of the last months, and only the latest are compared")
}
