//! Checkouts: from choosing an offer to the processor's answer.

use jiff::Timestamp;
use masthead_access::Assignment;

use crate::{AccountId, Digest, Money, SubscriptionId, Terms, offer::CHECKOUT_LIFETIME};

/// The purpose of a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new subscription.
    Begin,
    /// Changes the card of this subscription, and pays what is due.
    UpdateCard(SubscriptionId),
}

/// The status of a checkout.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Progress {
    /// Not paid, or the bank has not answered yet.
    Open,
    /// Paid and delivered.
    Done,
    /// Given up: it was not paid in time.
    Abandoned,
    /// Given up: the processor could not say whether it was paid.
    Unresolved,
}

/// A checkout of one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The digest of the secret in its address.
    pub key: Digest,
    /// Who pays; `None` once the account is deleted. It can still be paid at the processor then.
    pub account: Option<AccountId>,
    /// What it is for.
    pub purpose: Purpose,
    /// What the reader agrees to by paying.
    pub terms: Terms,
    /// What is paid now. May be zero.
    pub amount: Money,
    /// When it was started. The terms are those of this time.
    pub begun: Timestamp,
    /// The path on the site to return to.
    pub from: String,
    /// The experiment that ran when it was started, and the reader's arm in it.
    pub experiment: Option<Assignment>,
    /// The name of the processor that collects; empty if nothing is collected.
    pub processor: String,
    /// The processor's id of the checkout. Empty until the processor has assigned one.
    pub reference: String,
    /// Whether the reader has opened another one for the same offer since. It is closed at the processor, unless it is
    /// paid before that.
    pub is_superseded: bool,
    /// The status.
    pub progress: Progress,
}

impl Checkout {
    /// Returns `true` if it can still be paid.
    pub fn can_be_paid(&self, now: Timestamp) -> bool {
        self.progress == Progress::Open
            && !self.is_superseded
            && now.duration_since(self.begun) <= CHECKOUT_LIFETIME
    }

    /// Returns `true` if nobody is to pay it any more. It may be paid all the same until its processor has closed
    /// it.
    pub fn is_to_be_closed(&self) -> bool {
        self.is_superseded || self.account.is_none()
    }

    /// Returns `true` if nothing more is delivered for it. Something that was `paid` is always delivered; a
    /// trial or an invoice is not, once it was given up.
    pub fn is_closed(&self, paid: bool) -> bool {
        match self.progress {
            Progress::Open => false,
            Progress::Done => true,
            Progress::Abandoned | Progress::Unresolved => !paid && self.purpose == Purpose::Begin,
        }
    }
}

impl Progress {
    /// The progresses of a checkout that is not delivered.
    pub const UNSETTLED: [Self; 3] = [Self::Open, Self::Abandoned, Self::Unresolved];

    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
