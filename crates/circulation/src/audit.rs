//! The audit log of subscriptions: every change is recorded.

use jiff::Timestamp;

use crate::{AccountId, SubscriptionId};

/// Who made a change.
#[derive(Clone, Debug, PartialEq, Eq, strum_macros::EnumString, strum_macros::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Actor {
    /// The subscriber.
    Reader,
    /// The payment processor.
    Processor,
    /// A scheduled task.
    Calendar,
    /// Staff: a person at the desk, or `None` for the command line.
    Staff(Option<StaffActor>),
}

/// A member of staff who acts for a reader, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffActor {
    /// The member of staff, or `None` if their account has been deleted.
    pub by: Option<AccountId>,
    /// The reason they gave.
    pub reason: String,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The subscription that was changed.
    pub subscription: SubscriptionId,
    /// When it was changed.
    pub at: Timestamp,
    /// Who changed it.
    pub actor: Actor,
    /// The event, in a word such as `cancelled`.
    pub what: String,
    /// The state before. Empty for the first entry.
    pub before: String,
    /// The state after.
    pub after: String,
}

impl Actor {
    /// Returns the actor with this name, or `None` if there is none. `staff_actor` is used for staff.
    pub fn from_parts(name: &str, staff_actor: Option<StaffActor>) -> Option<Self> {
        Some(match name.parse().ok()? {
            Self::Staff(_) => Self::Staff(staff_actor),
            other @ (Self::Reader | Self::Processor | Self::Calendar) => other,
        })
    }

    /// Returns the member of staff, if it was one.
    pub fn staff_actor(&self) -> Option<&StaffActor> {
        match self {
            Self::Staff(staff_actor) => staff_actor.as_ref(),
            Self::Reader | Self::Processor | Self::Calendar => None,
        }
    }

    /// The name as stored in the database.
    pub fn name(&self) -> &'static str {
        self.into()
    }
}
