//! How a decision was made, in words for staff.

use std::fmt;

use jiff::Timestamp;

use super::{Decision, Meter};
use crate::{
    policy::{Policy, TierSource},
    standing::{RequestContext, Standing},
};

/// How a decision was made. [`Trace::explain`] puts it in words for staff.
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

impl Trace {
    /// Explains the decision step by step, in sentences for staff.
    pub fn explain(&self, decision: &Decision, policy: &Policy) -> Vec<String> {
        let paused =
            if self.paused_until.is_some() { ", and has paused a subscription" } else { "" };
        let mut explain = vec![
            format!("The reader is {}{paused}.", self.standing),
            match self.source {
                TierSource::Sponsored => "The article is sponsored, so it is free.".to_owned(),
                TierSource::Article => "The tier is set on the article itself.".to_owned(),
                TierSource::Default => {
                    format!("No rule matches, so the default holds: {}.", policy.default_tier)
                }
                TierSource::Rule(index) => match policy.rules.get(index) {
                    Some(rule) => format!("Rule {} gives the tier: {rule}.", index + 1),
                    None => format!("Rule {} gave the tier.", index + 1),
                },
            },
        ];
        if let Some(Meter { allowance, spent }) = decision.meter {
            explain.push(format!(
                "The meter allows {allowance} per window ({}); {spent} had been read.",
                policy.window
            ));
        }
        explain.push(self.reason.to_string());
        explain
    }
}

impl fmt::Display for DecisionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FreeForEveryone => "Free articles open for everyone.",
            Self::StandingOpensTier => "This standing reads such articles without a meter.",
            Self::AlreadyCounted => {
                "This window has counted the article already, so it opens again."
            }
            Self::ValidGift => "A gift link opens it.",
            Self::CrawlersMayRead => "Verified crawlers may read metered articles.",
            Self::ReadsLeft => "The meter had reads left; this spends one.",
            Self::NoMeter => "The allowance is unlimited, so nothing is counted.",
            Self::NoReadsLeft => "The meter had none left.",
            Self::PreviewsGetTeasers => "Link previews are shown the teaser.",
            Self::NetworkLimitReached => {
                "Too many new devices came from this network within the hour."
            }
            Self::TierOutOfReach => "This standing does not open articles of this tier.",
        })
    }
}
