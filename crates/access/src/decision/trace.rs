//! How a decision was made. The newsroom has words for it.

use jiff::Timestamp;

use crate::{
    policy::TierSource,
    standing::{RequestContext, Standing},
};

/// How a decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The reader's standing.
    pub standing: Standing,
    /// Until when the reader has paused a subscription, or `None` if they have not.
    pub paused_until: Option<Timestamp>,
    /// The properties of the request.
    pub context: RequestContext,
    /// Where the article's tier comes from.
    pub source: TierSource,
    /// What decided.
    pub reason: DecisionReason,
}

/// What decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionReason {
    /// The article is free for everyone.
    FreeForEveryone,
    /// The standing reads articles of this tier without a meter.
    StandingOpensTier,
    /// The article has already been counted in this window.
    AlreadyCounted,
    /// The reader has a valid gift link for this article.
    ValidGift,
    /// Verified crawlers may read metered articles.
    CrawlersMayRead,
    /// The meter had reads left.
    ReadsLeft,
    /// The reader has no meter, or an unlimited one.
    NoMeter,
    /// The meter was exhausted.
    NoReadsLeft,
    /// Link previews and unadmitted crawlers get teasers.
    PreviewsGetTeasers,
    /// Too many new devices came from this network.
    NetworkLimitReached,
    /// The standing does not include the tier.
    TierOutOfReach,
}
