//! What the publisher has set.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{
    allowance::Allowance,
    article::Article,
    standing::Standing,
    tier::{Rule, Tier},
    window::Window,
};

/// The allowance of each kind of reader that has a meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowances {
    /// For devices with no account signed in.
    pub anonymous: Allowance,
    /// For readers with an account and without full access, lapsed ones among them.
    pub registered: Allowance,
}

/// What a verified search crawler may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrawlerAccess {
    /// The teasers that an anonymous reader at the wall sees.
    Teasers,
    /// Metered articles in full; never those for registered readers or subscribers.
    Metered,
}

/// Everything the publisher has decided about access.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The publication's time zone, in which months and weeks begin.
    pub zone: TimeZone,
    /// What an allowance is for.
    pub window: Window,
    /// How much may be read.
    pub allowances: Allowances,
    /// Tiers by rule; the first that matches counts.
    pub rules: Vec<Rule>,
    /// The tier of articles that no rule matches.
    pub default_tier: Tier,
    /// What verified crawlers read.
    pub crawlers: CrawlerAccess,
    /// First reads per hour from one network, before further new devices from there are asked to register. `None` for no
    /// limit.
    pub first_reads_per_network: Option<u32>,
    /// How long before its end a trial or a cancelled subscription is spoken of.
    pub notice_before: SignedDuration,
}

/// The tier of an article, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolvedTier<'a> {
    /// The tier that holds.
    pub tier: &'a Tier,
    /// Where it comes from.
    pub source: TierSource,
}

/// Where the tier of an article comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierSource {
    /// Sponsored articles are free.
    Sponsored,
    /// Set on the article.
    Article,
    /// The rule with this index.
    Rule(usize),
    /// The publication's default.
    Default,
}

impl Policy {
    /// The limit of first reads of a new publication.
    pub const FIRST_READS_PER_NETWORK: u32 = 300;

    /// The policy of a new publication: 3 articles a month, 5 for registered readers.
    pub fn new(zone: TimeZone) -> Self {
        Self {
            zone,
            window: Window::Month,
            allowances: Allowances {
                anonymous: Allowance::Articles(3),
                registered: Allowance::Articles(5),
            },
            rules: Vec::new(),
            default_tier: Tier::Metered,
            crawlers: CrawlerAccess::Metered,
            first_reads_per_network: Some(Self::FIRST_READS_PER_NETWORK),
            notice_before: SignedDuration::from_hours(7 * 24),
        }
    }

    /// The tier that holds for `article` at `now`.
    pub fn tier<'a>(&'a self, article: &Article<'a>, now: Timestamp) -> ResolvedTier<'a> {
        if article.sponsored {
            return ResolvedTier { tier: &Tier::Free, source: TierSource::Sponsored };
        }
        if let Some(tier) = article.tier {
            return ResolvedTier { tier, source: TierSource::Article };
        }
        let matching = self.rules.iter().enumerate().find(|(_, rule)| rule.matches(article, now));
        match matching {
            Some((index, rule)) => {
                ResolvedTier { tier: &rule.tier, source: TierSource::Rule(index) }
            }
            None => ResolvedTier { tier: &self.default_tier, source: TierSource::Default },
        }
    }

    /// The meter of a standing; `None` for those who read everything.
    pub fn allowance(&self, standing: Standing) -> Option<Allowance> {
        match standing {
            Standing::Anonymous => Some(self.allowances.anonymous),
            Standing::Registered
            | Standing::TrialEnded { .. }
            | Standing::SubscriptionEnded { .. } => Some(self.allowances.registered),
            Standing::Trial { .. }
            | Standing::Subscribed { .. }
            | Standing::Grace
            | Standing::Member
            | Standing::Staff => None,
        }
    }
}
