//! `[meter]`, `[[rules]]` and `[[crawlers]]`: how much may be read, and which readers may read what.

use ipnet::IpNet;
use jiff::{SignedDuration, tz::TimeZone};
use masthead_access::{
    Allowance, Allowances, CrawlerAccess, Policy, Rule, Tier, Window, robots::Crawler,
};
use masthead_editorial::TeaserLength;
use serde::{Deserialize, Serialize};

use crate::values::{allowance, networks, optional_length, text};

/// `[meter]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MeterSettings {
    /// What an allowance is for.
    #[serde(with = "text")]
    pub window: Window,
    /// How many metered articles readers without an account may open.
    #[serde(with = "allowance")]
    pub anonymous: Allowance,
    /// How many metered articles readers with an account may open.
    #[serde(with = "allowance")]
    pub registered: Allowance,
    /// The tier of articles without their own tier that match no rule.
    #[serde(with = "text")]
    pub default_tier: Tier,
    /// How much of a locked article everybody sees.
    #[serde(with = "text")]
    pub teaser: TeaserLength,
    /// What verified search crawlers may read.
    pub crawlers: CrawlersMayRead,
    /// First reads per hour from one network; 0 for no limit.
    ///
    /// `None` if the key is absent: [`Policy::FIRST_READS_PER_NETWORK`] in the file, the file's value in what was set at
    /// the desk before the desk stored this key.
    #[serde(alias = "fresh_per_network", skip_serializing_if = "Option::is_none")]
    pub first_reads_per_network: Option<u32>,
}

/// What verified search crawlers may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CrawlersMayRead {
    /// The teasers that an anonymous reader sees at the wall.
    Teasers,
    /// Metered articles in full.
    #[default]
    Metered,
}

/// One of `[[rules]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// The tier it gives to the articles that meet all of its conditions.
    #[serde(with = "text")]
    pub tier: Tier,
    /// Only in this section (slug).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Only with this topic (slug).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Only by this author (slug).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Only this kind of content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Only from this age on.
    #[serde(default, with = "optional_length", skip_serializing_if = "Option::is_none")]
    pub older_than: Option<SignedDuration>,
    /// Only while younger than this.
    #[serde(default, with = "optional_length", skip_serializing_if = "Option::is_none")]
    pub younger_than: Option<SignedDuration>,
}

/// What the desk stores in place of `[meter]` and all `[[rules]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeterPart {
    /// The meter.
    pub meter: MeterSettings,
    /// Tiers by rule; the first that an article meets counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleSettings>,
}

/// One of `[[crawlers]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrawlerSettings {
    /// The word by which its `User-Agent` names it.
    pub user_agent: String,
    /// The networks that its owner publishes.
    #[serde(with = "networks")]
    pub networks: Vec<IpNet>,
}

impl Default for MeterSettings {
    fn default() -> Self {
        Self {
            window: Window::Month,
            anonymous: Allowance::Articles(3),
            registered: Allowance::Articles(5),
            default_tier: Tier::Metered,
            teaser: TeaserLength::Paragraphs(2),
            crawlers: CrawlersMayRead::default(),
            first_reads_per_network: None,
        }
    }
}

impl MeterPart {
    /// The settings that make this policy and teaser.
    pub fn new(policy: &Policy, teaser: TeaserLength) -> Self {
        let meter = MeterSettings {
            window: policy.window,
            anonymous: policy.allowances.anonymous,
            registered: policy.allowances.registered,
            default_tier: policy.default_tier.clone(),
            teaser,
            crawlers: policy.crawlers.into(),
            first_reads_per_network: Some(policy.first_reads_per_network.unwrap_or_default()),
        };
        Self { meter, rules: policy.rules.iter().map(RuleSettings::from).collect() }
    }

    /// Returns the policy of a publication in this time zone.
    pub fn policy(&self, zone: TimeZone) -> Policy {
        policy(&self.meter, &self.rules, zone)
    }
}

/// Returns the policy that these settings make.
pub(crate) fn policy(meter: &MeterSettings, rules: &[RuleSettings], zone: TimeZone) -> Policy {
    let MeterSettings {
        window,
        anonymous,
        registered,
        default_tier,
        teaser: _,
        crawlers,
        first_reads_per_network,
    } = meter.clone();
    let per_network = first_reads_per_network.unwrap_or(Policy::FIRST_READS_PER_NETWORK);
    Policy {
        window,
        allowances: Allowances { anonymous, registered },
        rules: rules.iter().map(Rule::from).collect(),
        default_tier,
        crawlers: crawlers.into(),
        first_reads_per_network: (per_network > 0).then_some(per_network),
        ..Policy::new(zone)
    }
}

impl From<CrawlersMayRead> for CrawlerAccess {
    fn from(may_read: CrawlersMayRead) -> Self {
        match may_read {
            CrawlersMayRead::Teasers => Self::Teasers,
            CrawlersMayRead::Metered => Self::Metered,
        }
    }
}

impl From<CrawlerAccess> for CrawlersMayRead {
    fn from(access: CrawlerAccess) -> Self {
        match access {
            CrawlerAccess::Teasers => Self::Teasers,
            CrawlerAccess::Metered => Self::Metered,
        }
    }
}

impl From<&Rule> for RuleSettings {
    fn from(rule: &Rule) -> Self {
        let Rule { tier, section, topic, author, kind, younger_than, older_than } = rule.clone();
        Self { tier, section, topic, author, kind, older_than, younger_than }
    }
}

impl From<&RuleSettings> for Rule {
    fn from(rule: &RuleSettings) -> Self {
        let RuleSettings { tier, section, topic, author, kind, older_than, younger_than } =
            rule.clone();
        Self { tier, section, topic, author, kind, younger_than, older_than }
    }
}

impl From<&CrawlerSettings> for Crawler {
    fn from(crawler: &CrawlerSettings) -> Self {
        let CrawlerSettings { user_agent, networks } = crawler.clone();
        Self { user_agent, networks }
    }
}
