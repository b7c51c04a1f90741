//! Who changed a subscription, and how: nothing is changed without being written down.

use jiff::Timestamp;

use crate::SubscriptionId;

/// Who changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The reader whose it is.
    Reader,
    /// The processor that collects for it.
    Processor,
    /// The calendar: something was due.
    Calendar,
    /// The publication's own people.
    Staff,
}

/// A change, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// What happened, in a word such as `cancelled`.
    pub what: String,
    /// How it stood before; empty at the beginning.
    pub before: String,
    /// How it stood after.
    pub after: String,
}

impl Actor {
    /// Everybody there is.
    pub const ALL: [Self; 4] = [Self::Reader, Self::Processor, Self::Calendar, Self::Staff];

    /// The word for them.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Processor => "processor",
            Self::Calendar => "calendar",
            Self::Staff => "staff",
        }
    }
}
