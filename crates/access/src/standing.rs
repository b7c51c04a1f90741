//! Who the reader is, at an instant.

use std::fmt;

use jiff::Timestamp;

use crate::{article::ArticleId, reads::Reads};

/// The random number that a device's token carries: it names no person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReaderId(pub u128);

/// How a reader stands with the publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A device with no account signed in.
    Anonymous,
    /// Signed in, never had a trial or subscription.
    Registered,
    /// Inside a trial.
    Trial {
        /// When the trial runs out.
        ends: Timestamp,
    },
    /// Paid up.
    Subscribed {
        /// When it ends, for a reader who has cancelled; `None` while it renews.
        ends: Option<Timestamp>,
    },
    /// The renewal payment failed less than the grace period ago; still has full access.
    Grace,
    /// The trial ran out and nothing replaced it.
    TrialEnded {
        /// When it ran out.
        at: Timestamp,
    },
    /// A paid subscription ran out, was cancelled and reached its end, or its grace ran out.
    SubscriptionEnded {
        /// When it ended.
        at: Timestamp,
    },
    /// Covered by someone else's subscription.
    Member,
    /// The publication's own people.
    Staff,
}

impl Standing {
    /// Whether the reader has signed in.
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
            Self::Grace => "grace",
            Self::TrialEnded { .. } => "trial-ended",
            Self::SubscriptionEnded { .. } => "subscription-ended",
            Self::Member => "member",
            Self::Staff => "staff",
        })
    }
}

/// A link that opens one article for whoever holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gift {
    /// The article it opens.
    pub article: ArticleId,
    /// When the link dies.
    pub ends: Timestamp,
    /// How many more readers it may serve; `None` for no limit.
    pub readers_left: Option<u32>,
}

/// What is special about this visit, apart from who comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestContext {
    /// A person with a browser.
    Plain,
    /// A holder of a gift link.
    Gift(Gift),
    /// A search crawler whose address has been verified.
    VerifiedCrawler,
    /// A robot that draws a card for a shared link: it needs the teaser and never more.
    LinkPreview,
    /// A new device from a network that has had its hour's share of first reads.
    CrowdedNetwork,
}

/// A reader as the decision sees them.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// How they stand.
    pub standing: Standing,
    /// The products whose articles they may read.
    pub products: &'a [&'a str],
    /// What their meter has counted, of this window or older.
    pub reads: &'a Reads,
    /// What is special about this visit.
    pub circumstance: RequestContext,
}

impl<'a> Reader<'a> {
    /// A device with no account, on an ordinary visit.
    pub fn anonymous(reads: &'a Reads) -> Self {
        Self::standing(Standing::Anonymous, reads)
    }

    /// A reader of this standing, with no product, on an ordinary visit.
    pub fn standing(standing: Standing, reads: &'a Reads) -> Self {
        Self { standing, products: &[], reads, circumstance: RequestContext::Plain }
    }
}
