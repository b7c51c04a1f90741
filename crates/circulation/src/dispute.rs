//! Disputes (charge-backs): a reader asks their bank to take a payment back. What the processor says of one is recorded with the
//! payment. While the bank has the money, it is not the publication's: nothing of it is credited or refunded.

use jiff::Timestamp;

use crate::{AccountId, Money, Payment, PaymentNumber};

/// A dispute about a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The name of the processor that has said so.
    pub processor: String,
    /// The processor's number of it.
    pub reference: String,
    /// The payment.
    pub payment: PaymentNumber,
    /// Whose payment it was; `None` once the account is deleted.
    pub account: Option<AccountId>,
    /// How much of the payment is disputed.
    pub amount: Money,
    /// The reason, in the processor's word; may be empty.
    pub reason: String,
    /// What has become of it.
    pub status: DisputeStatus,
    /// When it was opened.
    pub opened: Timestamp,
    /// Until when evidence can be sent to the processor; `None` if none is asked for.
    pub evidence_due: Option<Timestamp>,
}

/// What has become of a dispute.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum DisputeStatus {
    /// The bank asks about the payment, and has taken nothing yet.
    Inquiry,
    /// The bank has asked, and takes nothing.
    InquiryClosed,
    /// The bank has taken the money, and evidence can be sent.
    NeedsResponse,
    /// The bank has taken the money, and looks at the evidence.
    UnderReview,
    /// The money has come back.
    Won,
    /// The money stays with the reader.
    Lost,
}

impl DisputeStatus {
    /// The name as stored in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether nothing is decided.
    pub fn is_open(self) -> bool {
        match self {
            Self::Inquiry | Self::NeedsResponse | Self::UnderReview => true,
            Self::InquiryClosed | Self::Won | Self::Lost => false,
        }
    }

    /// Whether the bank has the money, or has given it to the reader.
    pub fn takes_money(self) -> bool {
        match self {
            Self::NeedsResponse | Self::UnderReview | Self::Lost => true,
            Self::Inquiry | Self::InquiryClosed | Self::Won => false,
        }
    }

    /// Whether the disputed amount is not credited to the reader: it is taken, or may be.
    pub fn withholds_credit(self) -> bool {
        self.takes_money() || self.is_open()
    }
}

impl Dispute {
    /// Returns how much of a payment banks have taken back by these disputes, which may be of other payments as well.
    pub fn taken_of(payment: &Payment, disputes: &[Self]) -> Money {
        Self::sum(payment, disputes, DisputeStatus::takes_money)
    }

    /// Returns what of an amount that is left of a payment can be refunded: not what banks have taken back by these disputes, which
    /// may be of other payments as well.
    pub fn left_of(payment: &Payment, left: Money, disputes: &[Self]) -> Money {
        let taken = Self::taken_of(payment, disputes).minor();
        Money::of(left.minor().saturating_sub(taken), left.currency())
    }

    /// Whether a bank has this payment's money for now by one of these disputes, and nothing is decided.
    pub fn is_waiting(payment: PaymentNumber, disputes: &[Self]) -> bool {
        let mut own = disputes.iter().filter(|dispute| dispute.payment == payment);
        own.any(|dispute| dispute.status.is_open() && dispute.status.takes_money())
    }

    /// Returns how much of a payment is not credited because of these disputes.
    pub fn withheld_of(payment: &Payment, disputes: &[Self]) -> Money {
        Self::sum(payment, disputes, DisputeStatus::withholds_credit)
    }

    fn sum(payment: &Payment, disputes: &[Self], counts: fn(DisputeStatus) -> bool) -> Money {
        let own = disputes.iter().filter(|dispute| dispute.payment == payment.number);
        let counted = own.filter(|dispute| counts(dispute.status));
        let (whole, currency) = (payment.amount.minor(), payment.amount.currency());
        // What a sum in another currency is worth is not known.
        let of = |dispute: &Self| {
            if dispute.amount.currency() == currency { dispute.amount.minor() } else { whole }
        };
        let sum = |sum: u64, dispute: &Self| sum.saturating_add(of(dispute));
        Money::of(counted.fold(0, sum).min(whole), currency)
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn stored_names_stay_as_they_are() {
        let names: Vec<&str> = DisputeStatus::VARIANTS.iter().map(|status| status.name()).collect();
        assert_eq!(
            names,
            ["inquiry", "inquiry-closed", "needs-response", "under-review", "won", "lost"]
        );
        for status in DisputeStatus::VARIANTS {
            assert_eq!(status.name().parse(), Ok(*status));
        }
    }
}
