//! The emails about a subscription. Their words are in the theme, under `mail_NAME_…`.

/// What a reader is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubscriptionEmail {
    /// A trial has begun.
    TrialBegun,
    /// The trial lasts longer.
    TrialProlonged,
    /// Something was paid.
    Receipt,
    /// The trial ends soon, by itself.
    TrialEnding,
    /// The trial ends soon, and the subscription is paid for from then on.
    TrialRenewing,
    /// The trial has ended.
    TrialEnded,
    /// The subscription renews soon.
    RenewalAhead,
    /// A renewal was refused for the first time.
    PaymentFailed,
    /// It was refused again.
    PaymentFailedAgain,
    /// It was refused for the last time.
    PaymentFailedLast,
    /// The card will not last until the renewal.
    CardExpiring,
    /// The subscription was cancelled.
    Cancelled,
    /// The subscription has ended.
    Ended,
    /// The subscription has ended because it was not paid for.
    EndedUnpaid,
    /// What has to be paid, and how.
    Invoice,
    /// The invoice is not paid yet.
    InvoiceReminder,
    /// The invoice is not paid yet, and will not be sent again.
    InvoiceLast,
    /// The publisher gives the subscription for free.
    Granted,
    /// A payment was refunded.
    Refunded,
    /// A payment was collected that the subscription cannot take; staff decide about it.
    PaymentUnused,
}

impl SubscriptionEmail {
    /// Every email.
    pub const ALL: [Self; 20] = [
        Self::TrialBegun,
        Self::TrialProlonged,
        Self::Receipt,
        Self::TrialEnding,
        Self::TrialRenewing,
        Self::TrialEnded,
        Self::RenewalAhead,
        Self::PaymentFailed,
        Self::PaymentFailedAgain,
        Self::PaymentFailedLast,
        Self::CardExpiring,
        Self::Cancelled,
        Self::Ended,
        Self::EndedUnpaid,
        Self::Invoice,
        Self::InvoiceReminder,
        Self::InvoiceLast,
        Self::Granted,
        Self::Refunded,
        Self::PaymentUnused,
    ];

    /// Its name in the theme's words.
    pub fn name(self) -> &'static str {
        match self {
            Self::TrialBegun => "trial_begun",
            Self::TrialProlonged => "trial_prolonged",
            Self::Receipt => "receipt",
            Self::TrialEnding => "trial_ending",
            Self::TrialRenewing => "trial_renewing",
            Self::TrialEnded => "trial_ended",
            Self::RenewalAhead => "renewal_ahead",
            Self::PaymentFailed => "payment_failed",
            Self::PaymentFailedAgain => "payment_failed_again",
            Self::PaymentFailedLast => "payment_failed_last",
            Self::CardExpiring => "card_expiring",
            Self::Cancelled => "cancelled",
            Self::Ended => "ended",
            Self::EndedUnpaid => "ended_unpaid",
            Self::Invoice => "invoice",
            Self::InvoiceReminder => "invoice_reminder",
            Self::InvoiceLast => "invoice_last",
            Self::Granted => "granted",
            Self::Refunded => "refunded",
            Self::PaymentUnused => "payment_unused",
        }
    }
}
