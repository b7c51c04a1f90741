//! What the desk asks of billing and of the settings.

use async_trait::async_trait;
use jiff::Timestamp;
use masthead_access::message::Message;
use masthead_circulation::{Account, AccountId, EmailAddress, StaffActor, SubscriptionId};
use masthead_settings::PartChange;
use masthead_store::Written;

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

    /// Refunds a payment whose account is deleted, or a part of it.
    async fn refund_number(
        &self,
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

/// Saves settings. The binary implements it, as it reads the configuration file.
#[async_trait]
pub trait SettingsStore: Send + Sync + 'static {
    /// The publisher's own messages, without those that are built in.
    fn own_messages(&self) -> Result<Vec<Message>, ActionError>;

    /// Why the settings could not be reloaded last, for owners. `None` if what is set is in force.
    fn reload_error(&self) -> Option<String>;

    /// Changes a part for somebody who has seen this version of it.
    async fn set(
        &self,
        change: &PartChange,
        version: i32,
        when: (AccountId, Timestamp),
    ) -> Result<Written, ActionError>;
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
