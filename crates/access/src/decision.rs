//! The decision whether a reader may read an article now, with its reason.

mod evaluation;
mod trace;

use std::borrow::Cow;

pub use self::{
    evaluation::decide,
    trace::{DecisionReason, Trace},
};
use crate::{allowance::Allowance, standing::Standing};

/// Why an article opens without spending a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpenReason {
    /// The article is free, or the reader's meter is unlimited.
    Free,
    /// The article requires an account, and the reader has one.
    Registered,
    /// The reader is in a trial.
    Trial,
    /// The reader has a subscription.
    Subscribed,
    /// The reader's renewal payment failed, and the grace period has not passed.
    Grace,
    /// The reader is covered by someone else's subscription.
    Member,
    /// The reader works for the publication.
    Staff,
    /// The reader has a gift link.
    Gift,
    /// The article has already been counted in this window.
    ReRead,
    /// The client is a verified search crawler.
    Crawler,
}

/// Why the reader gets a wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum_macros::EnumCount)]
pub enum WallReason {
    /// The meter is exhausted.
    Meter,
    /// An account would open the article.
    Register,
    /// The article is for subscribers.
    Subscribers,
    /// The article is for holders of a product.
    Product,
    /// The reader's trial has ended.
    TrialEnded,
    /// The reader's subscription has ended.
    SubscriptionEnded,
    /// The reader has paused a subscription that would open the article.
    SubscriptionPaused,
}

/// What the reader gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The full text, without using the meter.
    Open(OpenReason),
    /// The full text, for one read.
    Metered {
        /// The allowance minus distinct reads, including this one.
        left: u32,
    },
    /// The teaser, without any of the locked text.
    Wall(WallReason),
}

/// The reader's meter before the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// The number of articles that the window allows.
    pub allowance: Allowance,
    /// The distinct articles counted in this window.
    pub spent: u32,
}

/// The answer to "may this reader read this article now?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What the reader gets.
    pub outcome: Outcome,
    /// The reader's meter before the decision, or `None` if the standing has no meter.
    pub meter: Option<Meter>,
    /// How the decision was made.
    pub trace: Trace,
}

impl Decision {
    /// Returns `true` if the reader gets the full text.
    pub fn delivers_full_text(&self) -> bool {
        !matches!(self.outcome, Outcome::Wall(_))
    }

    /// Returns `true` if delivering the article spends a read.
    pub fn spends_a_read(&self) -> bool {
        matches!(self.outcome, Outcome::Metered { .. })
    }

    /// Returns how many more articles the reader may open after this decision, or `None` if no
    /// meter limits them.
    pub fn left(&self) -> Option<u32> {
        match self.outcome {
            Outcome::Metered { left } => Some(left),
            Outcome::Open(_) | Outcome::Wall(_) => {
                self.meter.and_then(|meter| meter.allowance.left_after(meter.spent))
            }
        }
    }

    /// Returns how many more articles the reader could read in this window with an account that allows `registered`. `None`
    /// if the reader has an account, or if one has no limit.
    pub fn registered_more(&self, registered: Allowance) -> Option<u32> {
        let is_anonymous = self.trace.standing == Standing::Anonymous;
        let spent = self.meter.map_or(0, |meter| meter.spent) + u32::from(self.spends_a_read());
        is_anonymous.then(|| registered.left_after(spent)).flatten()
    }

    /// The value of the `Masthead-Access` header, a structured field item (RFC 9651, section 3.3).
    pub fn header(&self) -> Cow<'static, str> {
        match self.outcome {
            Outcome::Metered { left } => Cow::Owned(format!("metered;left={left}")),
            Outcome::Open(reason) => Cow::Borrowed(match reason {
                OpenReason::Free => "open;reason=free",
                OpenReason::Registered => "open;reason=registered",
                OpenReason::Trial => "open;reason=trial",
                OpenReason::Subscribed => "open;reason=subscribed",
                OpenReason::Grace => "open;reason=grace",
                OpenReason::Member => "open;reason=member",
                OpenReason::Staff => "open;reason=staff",
                OpenReason::Gift => "open;reason=gift",
                OpenReason::ReRead => "open;reason=re-read",
                OpenReason::Crawler => "open;reason=crawler",
            }),
            Outcome::Wall(reason) => Cow::Borrowed(match reason {
                WallReason::Meter => "wall;reason=meter",
                WallReason::Register => "wall;reason=register",
                WallReason::Subscribers => "wall;reason=subscribers",
                WallReason::Product => "wall;reason=product",
                WallReason::TrialEnded => "wall;reason=trial-ended",
                WallReason::SubscriptionEnded => "wall;reason=subscription-ended",
                WallReason::SubscriptionPaused => "wall;reason=subscription-paused",
            }),
        }
    }
}
