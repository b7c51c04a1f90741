//! The reader's standing: their relation to the publication at a given instant.

use std::fmt;

use jiff::Timestamp;

use crate::{article::ArticleId, reads::Reads};

/// The random number in a device's token. It does not identify a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReaderId(pub u128);

/// A reader's relation to the publication at a given instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A device with no account signed in.
    Anonymous,
    /// Signed in, and never had a trial or a subscription.
    Registered,
    /// In a trial.
    Trial {
        /// When the trial ends.
        ends: Timestamp,
    },
    /// Has a paid subscription.
    Subscribed {
        /// When the subscription ends, if the reader has cancelled. `None` while it renews.
        ends: Option<Timestamp>,
    },
    /// The renewal payment failed, or an invoice is overdue, and the grace period has not passed. The
    /// reader keeps full access.
    Grace {
        /// When the grace period ends.
        ends: Timestamp,
    },
    /// The trial ended and no subscription followed.
    TrialEnded {
        /// When it ended.
        at: Timestamp,
    },
    /// The paid subscription ended: it expired, was cancelled, or its grace period passed.
    SubscriptionEnded {
        /// When it ended.
        at: Timestamp,
    },
    /// Covered by someone else's subscription.
    Member,
    /// Works for the publication.
    Staff,
}

impl Standing {
    /// Returns `true` if the reader is signed in.
    pub fn is_signed_in(self) -> bool {
        self != Self::Anonymous
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "anonymous",
            Self::Registered => "registered",
            Self::Trial { .. } => "trial",
            Self::Subscribed { .. } => "subscribed",
            Self::Grace { .. } => "grace",
            Self::TrialEnded { .. } => "trial-ended",
            Self::SubscriptionEnded { .. } => "subscription-ended",
            Self::Member => "member",
            Self::Staff => "staff",
        })
    }
}

/// A gift link, which opens one article for anyone who has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gift {
    /// The article it opens.
    pub article: ArticleId,
    /// When the link expires.
    pub ends: Timestamp,
    /// How many more readers may use it, or `None` for no limit.
    pub readers_left: Option<u32>,
}

/// The properties of the request itself, independent of the reader's standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestContext {
    /// An ordinary request from a browser.
    Plain,
    /// A request with a gift link.
    Gift(Gift),
    /// A search crawler whose IP address has been verified.
    VerifiedCrawler,
    /// A service that renders a card for a shared link. It needs only the teaser.
    LinkPreview,
    /// A new device on a network that has reached its hourly limit of first reads.
    CrowdedNetwork,
}

/// A subscription that its reader has paused. It opens nothing, and a wall offers to resume it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause<'a> {
    /// When it resumes by itself.
    pub until: Timestamp,
    /// The slugs of the products that it would give access to.
    pub products: &'a [&'a str],
}

/// Everything about a reader that the decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The reader's standing.
    pub standing: Standing,
    /// The slugs of the products that the reader has access to.
    pub products: &'a [&'a str],
    /// What the reader has paused. Their standing is the one that they have without it.
    pub pause: Option<Pause<'a>>,
    /// The reads that the meter has counted, in this window or earlier.
    pub reads: &'a Reads,
    /// The properties of the request.
    pub context: RequestContext,
}

impl<'a> Reader<'a> {
    /// An anonymous reader with an ordinary request.
    pub fn anonymous(reads: &'a Reads) -> Self {
        Self::standing(Standing::Anonymous, reads)
    }

    /// A reader with this standing, without products, with an ordinary request.
    pub fn standing(standing: Standing, reads: &'a Reads) -> Self {
        Self { standing, products: &[], pause: None, reads, context: RequestContext::Plain }
    }
}
