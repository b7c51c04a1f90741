//! What the desk asks of billing.

use async_trait::async_trait;
use jiff::Timestamp;
use masthead_circulation::{Account, EmailAddress, StaffActor, SubscriptionId};

/// What staff do for readers. Readers are told, and the audit log has who did it and why.
#[async_trait]
pub trait SubscriberActions: Send + Sync + 'static {
    /// Resets a reader's meter.
    async fn reset_meter(
        &self,
        reader: &Account,
        staff_actor: StaffActor,
    ) -> Result<(), ActionError>;

    /// Cancels a subscription for its reader.
    async fn cancel(
        &self,
        subscription: SubscriptionId,
        staff_actor: StaffActor,
    ) -> Result<(), ActionError>;

    /// Refunds a payment of a reader, by its number, or a part of it.
    async fn refund(
        &self,
        reader: &Account,
        payment: u32,
        amount: &str,
        staff_actor: StaffActor,
    ) -> Result<(), ActionError>;

    /// Extends a trial up to an instant.
    async fn prolong(
        &self,
        subscription: SubscriptionId,
        ends: Timestamp,
        staff_actor: StaffActor,
    ) -> Result<(), ActionError>;

    /// Gives a reader a free subscription with this price, up to an instant or without an end.
    async fn give(
        &self,
        reader: &EmailAddress,
        price: &str,
        until: Option<Timestamp>,
        staff_actor: StaffActor,
    ) -> Result<(), ActionError>;
}

/// Why an action was not carried out. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionError {
    /// For a reason that staff are told.
    Rejected(String),
    /// Because something failed; this is for the log.
    Failed(String),
}

impl ActionError {
    /// An action that failed.
    pub fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

impl std::fmt::Display for ActionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rejected(why) | Self::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ActionError {}
