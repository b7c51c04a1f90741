//! Why staff could not enter something.

use jiff::civil::Date;
use masthead_circulation::{
    EmailAddress, Money, ParseMoneyError, PaymentNumber, PaymentStatus, State, SubscriptionId,
};
use masthead_payments::ProcessorError;
use masthead_store::StoreError;

use crate::BillingError;

/// Why something was not entered. See [`EntryError::changes_nothing`].
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Nothing is sold under this name.
    #[error("there is no price \"{name}\" in masthead.toml{hint}")]
    NoPrice {
        /// The name.
        name: String,
        /// A suggestion, or all names.
        hint: String,
    },
    /// The reader has a subscription already.
    #[error(
        "{reader} has subscription {number} already; cancel that first, or enter a payment for it"
    )]
    HasOne {
        /// The reader.
        reader: EmailAddress,
        /// Its number.
        number: u32,
    },
    /// The reader has deleted their account or has another address now, and is to be left out.
    #[error(
        "the account with this address was deleted or has another address now; add the reader by hand if they ask for it"
    )]
    HasLeft,
    /// There is no such subscription.
    #[error("there is no subscription {0}; `masthead subscription list` shows their numbers")]
    NoSubscription(u32),
    /// It is paid for, and no invoice has been sent for the time after that.
    #[error(
        "subscription {number} is paid for until {last}, and no invoice has gone out for the time after that; if the reader pays ahead, say --ahead"
    )]
    NotAsked {
        /// Its number.
        number: u32,
        /// The last day that is paid for.
        last: Date,
    },
    /// The reader has no payment with this number.
    #[error("this reader has made no payment {0}")]
    NoPayment(PaymentNumber),
    /// The payment does not wait for a decision, or a refund of it is open.
    #[error("payment {0} does not wait for a decision")]
    Decided(PaymentNumber),
    /// The text is no amount.
    #[error(transparent)]
    Amount(#[from] ParseMoneyError),
    /// The amount is nothing, or more than was paid.
    #[error("pay back more than nothing, and {most} at most")]
    NotSoMuch {
        /// What is left of what was paid.
        most: Money,
    },
    /// It was refunded before, or is about to be.
    #[error(
        "of payment {number}, {amount} was paid back or asked for already; there is one refund for each payment"
    )]
    Refunded {
        /// The payment's number.
        number: PaymentNumber,
        /// How much.
        amount: Money,
    },
    /// Nobody knows who collected it, or the publication has no account there any more.
    #[error("{}", no_processor(*number, processor))]
    NoProcessor {
        /// The payment's number.
        number: PaymentNumber,
        /// The name of the processor; empty if it is not known.
        processor: String,
    },
    /// The processor did not refund it.
    #[error(
        "it is noted, and not paid back yet: {0}. Ask for the same again later, or wait: it is tried again by itself, and paid back once"
    )]
    NotRepaid(ProcessorError),
    /// The processor refused to refund it.
    #[error("it is not paid back: {0}. Ask again, for another amount if need be, or keep it")]
    RefundRefused(ProcessorError),
    /// A payment that no subscription can take, or whose contract was withdrawn from, is refunded as a whole.
    #[error(
        "payment {number} is not used by a subscription; pay back all that is left of it, {most}, or keep it"
    )]
    OnlyWhole {
        /// The payment's number.
        number: PaymentNumber,
        /// What was paid.
        most: Money,
    },
    /// The processor moves amounts of the currency in steps of this one.
    #[error(
        "the payment processor moves amounts in steps of {0}; refund another amount, or all of the payment"
    )]
    NotInSteps(Money),
    /// It is about to be applied, or staff have decided about it.
    #[error("{}", not_refundable(*number, *status))]
    NotRefundable {
        /// The payment's number.
        number: PaymentNumber,
        /// What became of it.
        status: PaymentStatus,
    },
    /// The reader's bank has taken it back.
    #[error(
        "the reader's bank has taken payment {0} back (a dispute), so it cannot be paid back as well; answer the dispute at the processor"
    )]
    Disputed(PaymentNumber),
    /// No payment of the subscription is disputed.
    #[error("no payment of subscription {0} is disputed; cancel it instead")]
    NotDisputed(u32),
    /// The trial already lasts longer than that.
    #[error("the trial {number} lasts until {last} already; choose a later day")]
    LastsLonger {
        /// Its number.
        number: u32,
        /// Its last day.
        last: Date,
    },
    /// A withdrawal from its contract must have been sent within the period for it.
    #[error("a withdrawal from subscription {number} must have been sent from {first} to {last}")]
    NotInWithdrawalPeriod {
        /// Its number.
        number: u32,
        /// The day of the contract.
        first: Date,
        /// The last day of the period, or today.
        last: Date,
    },
    /// That cannot be done in its present state.
    #[error("subscription {number} is {state}, so that cannot be done with it")]
    NotPossible {
        /// Its number.
        number: u32,
        /// Its state.
        state: State,
    },
    /// Somebody else changed it at the same moment.
    #[error("{}", overtaken(*.0))]
    Overtaken(Option<SubscriptionId>),
    /// The payment is recorded and not applied yet, because its subscription was changed again and again meanwhile.
    #[error(
        "payment {0} is recorded, and its subscription was changed by somebody else just now; the payment is applied by itself within a minute, so do not enter it again"
    )]
    PaymentNotApplied(PaymentNumber),
    /// The payment is recorded, and no subscription can take it, because the reader's subscriptions have changed.
    #[error(
        "payment {0} is recorded, and the reader's subscriptions have changed, so that none can take it; do not enter it again, but pay it back or keep it"
    )]
    PaymentUnused(PaymentNumber),
    /// The database failed, or an email could not be composed.
    #[error(transparent)]
    Failed(#[from] BillingError),
}

fn overtaken(id: Option<SubscriptionId>) -> String {
    match id {
        Some(id) => format!(
            "subscription {} was changed by somebody else just now; look at it and try again",
            id.0
        ),
        None => "the reader's subscriptions were changed by somebody else just now; look at them and try again"
            .to_owned(),
    }
}

fn no_processor(number: PaymentNumber, processor: &str) -> String {
    if processor.is_empty() {
        format!(
            "it is not known where payment {number} was made; pay it back there and keep it here"
        )
    } else {
        format!(
            "payment {number} was made at \"{processor}\", which is not under [payments]; add it, or pay it back there"
        )
    }
}

fn not_refundable(number: PaymentNumber, status: PaymentStatus) -> String {
    match status {
        PaymentStatus::Kept => format!("staff have decided to keep payment {number}"),
        PaymentStatus::Refunded => format!("payment {number} was paid back already"),
        PaymentStatus::Recorded | PaymentStatus::Applied | PaymentStatus::RefundPending => {
            format!("payment {number} came in just now; try again in a minute")
        }
    }
}

impl EntryError {
    /// Returns `false` if something was noted all the same: a payment, or a refund that waits for its processor or for
    /// staff.
    pub fn changes_nothing(&self) -> bool {
        !matches!(
            self,
            Self::NotRepaid(_)
                | Self::RefundRefused(_)
                | Self::PaymentNotApplied(_)
                | Self::PaymentUnused(_)
                | Self::Failed(_)
        )
    }
}

impl From<StoreError> for EntryError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}
