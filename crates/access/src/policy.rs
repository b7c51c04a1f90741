//! The access policy that the publisher configures.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{
    allowance::Allowance,
    article::Article,
    standing::Standing,
    tier::{Rule, Tier},
    window::Window,
};

/// The allowance of each group of readers that has a meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowances {
    /// For devices without a signed-in account.
    pub anonymous: Allowance,
    /// For readers with an account but without full access, including lapsed subscribers.
    pub registered: Allowance,
}

/// What a verified search crawler may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrawlerAccess {
    /// The teasers that an anonymous reader sees at the wall.
    Teasers,
    /// Metered articles in full, but not articles for registered readers or subscribers.
    Metered,
}

/// The publisher's access rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The publication's time zone, which determines when months and weeks begin.
    pub zone: TimeZone,
    /// The period that an allowance covers.
    pub window: Window,
    /// How many metered articles may be read in one window.
    pub allowances: Allowances,
    /// The rules that assign tiers. The first match applies.
    pub rules: Vec<Rule>,
    /// The tier of articles that match no rule.
    pub default_tier: Tier,
    /// What verified crawlers may read.
    pub crawlers: CrawlerAccess,
    /// The maximum number of first reads per hour from one network, after which new devices from there
    /// are asked to register. `None` for no limit.
    pub first_reads_per_network: Option<u32>,
    /// How long before the end of a trial or of a cancelled subscription the reader is notified.
    pub notice_before: SignedDuration,
}

/// The tier of an article and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolvedTier<'a> {
    /// The tier that applies.
    pub tier: &'a Tier,
    /// Where it comes from.
    pub source: TierSource,
}

/// Where the tier of an article comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierSource {
    /// The article is sponsored, and therefore free.
    Sponsored,
    /// Set on the article itself.
    Article,
    /// The rule with this index.
    Rule(usize),
    /// The publication's default.
    Default,
}

impl Policy {
    /// The default limit of first reads per network and hour.
    pub const FIRST_READS_PER_NETWORK: u32 = 300;

    /// The default policy of a new publication: 3 articles a month, 5 for registered readers.
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

    /// Returns the tier of `article` at `now`.
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

    /// Returns the allowance for this standing, or `None` if the standing reads without a meter.
    pub fn allowance(&self, standing: Standing) -> Option<Allowance> {
        match standing {
            Standing::Anonymous => Some(self.allowances.anonymous),
            Standing::Registered
            | Standing::TrialEnded { .. }
            | Standing::SubscriptionEnded { .. } => Some(self.allowances.registered),
            Standing::Trial { .. }
            | Standing::Subscribed { .. }
            | Standing::Grace { .. }
            | Standing::Member
            | Standing::Staff => None,
        }
    }
}
