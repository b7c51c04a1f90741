//! The emails about a subscription. Their words are in the theme, under `mail_NAME_…`.

use strum::VariantArray as _;

/// What a reader is told.
///
/// To add one: add a variant, say where its button leads in [`path`](Self::path), and give it words in the theme's
/// `words.toml` and its translations.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, strum_macros::IntoStaticStr, strum_macros::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
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
    /// The subscription was paused.
    Paused,
    /// The subscription goes on: the reader has taken a cancellation back, or ended a pause.
    Resumed,
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
    /// The reader has withdrawn from the contract: receipt is acknowledged, with what was declared and when.
    Withdrawn,
}

impl SubscriptionEmail {
    /// Returns every email.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// Returns its name in the theme's words and in the outbox.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the path of the page that its button leads to.
    pub fn path(self) -> &'static str {
        match self {
            Self::TrialBegun | Self::TrialProlonged | Self::Receipt => "/",
            Self::TrialRenewing
            | Self::RenewalAhead
            | Self::PaymentFailed
            | Self::PaymentFailedAgain
            | Self::PaymentFailedLast
            | Self::CardExpiring
            | Self::Paused
            | Self::Resumed
            | Self::Cancelled
            | Self::Invoice
            | Self::InvoiceReminder
            | Self::InvoiceLast
            | Self::Refunded
            | Self::PaymentUnused
            | Self::Withdrawn => "/account",
            Self::Granted => "/sign-in",
            Self::TrialEnding | Self::TrialEnded | Self::Ended | Self::EndedUnpaid => "/offers",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_names_stay_as_they_are() {
        // They are in publishers' outboxes and themes.
        let names: Vec<&str> = SubscriptionEmail::all().map(SubscriptionEmail::name).collect();
        for name in ["trial_begun", "payment_failed_again", "ended_unpaid", "invoice"] {
            assert!(names.contains(&name), "{name}");
        }
    }
}
