//! Who changed a subscription, and how: nothing is changed without being written down.

use jiff::Timestamp;

use crate::{AccountId, SubscriptionId};

/// Who changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The reader whose it is.
    Reader,
    /// The processor that collects for it.
    Processor,
    /// The calendar: something was due.
    Calendar,
    /// The publication's own people: one of them at the desk, or none in particular, on the server.
    Staff(Option<StaffActor>),
}

/// One of the publication's own people who helps a reader, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffActor {
    /// Who; `None` once their account is deleted.
    pub by: Option<AccountId>,
    /// Why, in their words.
    pub reason: String,
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
    /// Who goes by this word; of staff, this one.
    pub fn named(name: &str, helper: Option<StaffActor>) -> Option<Self> {
        let all = [Self::Reader, Self::Processor, Self::Calendar, Self::Staff(helper)];
        all.into_iter().find(|actor| actor.name() == name)
    }

    /// Which of the publication's own people, where it is one.
    pub fn helper(&self) -> Option<&StaffActor> {
        match self {
            Self::Staff(helper) => helper.as_ref(),
            Self::Reader | Self::Processor | Self::Calendar => None,
        }
    }

    /// The word for them.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Processor => "processor",
            Self::Calendar => "calendar",
            Self::Staff(_) => "staff",
        }
    }
}
