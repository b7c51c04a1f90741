//! The decision whether a reader may read an article now, with its reason.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;

use crate::{
    allowance::Allowance,
    article::Article,
    policy::{CrawlerAccess, Policy, TierSource},
    standing::{Reader, RequestContext, Standing},
    tier::Tier,
};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
            }),
        }
    }
}

/// How a decision was made. [`Trace::explain`] puts it in words for staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The reader's standing.
    pub standing: Standing,
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
        let mut explain = vec![
            format!("The reader is {}.", self.standing),
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

/// Decides whether `reader` may read `article` at `now` under `policy`.
///
/// The function is pure: the same arguments always give the same decision. The caller must record
/// the read that [`Outcome::Metered`] spends.
pub fn decide(
    policy: &Policy,
    reader: &Reader<'_>,
    article: &Article<'_>,
    now: Timestamp,
) -> Decision {
    let resolved = policy.tier(article, now);
    let opens = policy.window.opens(now, &policy.zone);
    let meter = policy
        .allowance(reader.standing)
        .map(|allowance| Meter { allowance, spent: reader.reads.count_since(opens) });
    let case = Evaluation { policy, reader, article, now, opens, tier: resolved.tier, meter };
    let (outcome, reason) = case.evaluate();
    Decision {
        outcome,
        meter,
        trace: Trace {
            standing: reader.standing,
            context: reader.context,
            source: resolved.source,
            reason,
        },
    }
}

/// The arguments of a decision and what has been derived from them.
struct Evaluation<'a> {
    policy: &'a Policy,
    reader: &'a Reader<'a>,
    article: &'a Article<'a>,
    now: Timestamp,
    opens: i64,
    tier: &'a Tier,
    meter: Option<Meter>,
}

impl Evaluation<'_> {
    fn evaluate(&self) -> (Outcome, DecisionReason) {
        if *self.tier == Tier::Free {
            return (Outcome::Open(OpenReason::Free), DecisionReason::FreeForEveryone);
        }
        if let Some(reason) = self.opened_by_standing() {
            return (Outcome::Open(reason), DecisionReason::StandingOpensTier);
        }
        if let Some(opened) = self.opened_by_context() {
            return opened;
        }
        match self.tier {
            Tier::Free => (Outcome::Open(OpenReason::Free), DecisionReason::FreeForEveryone),
            Tier::Metered => self.evaluate_meter(),
            Tier::Registered => {
                (Outcome::Wall(WallReason::Register), DecisionReason::TierOutOfReach)
            }
            Tier::Subscribers => (
                Outcome::Wall(self.ended_reason().unwrap_or(WallReason::Subscribers)),
                DecisionReason::TierOutOfReach,
            ),
            Tier::Product(_) => {
                (Outcome::Wall(WallReason::Product), DecisionReason::TierOutOfReach)
            }
        }
    }

    /// Returns the reason if the standing alone opens the tier.
    fn opened_by_standing(&self) -> Option<OpenReason> {
        let covered = || match self.tier {
            Tier::Product(names) => {
                names.iter().any(|name| self.reader.products.contains(&name.as_str()))
            }
            Tier::Free | Tier::Metered | Tier::Registered | Tier::Subscribers => true,
        };
        match self.reader.standing {
            Standing::Staff => Some(OpenReason::Staff),
            Standing::Trial { .. } => covered().then_some(OpenReason::Trial),
            Standing::Subscribed { .. } => covered().then_some(OpenReason::Subscribed),
            Standing::Grace => covered().then_some(OpenReason::Grace),
            Standing::Member => covered().then_some(OpenReason::Member),
            Standing::Registered
            | Standing::TrialEnded { .. }
            | Standing::SubscriptionEnded { .. } => {
                (*self.tier == Tier::Registered).then_some(OpenReason::Registered)
            }
            Standing::Anonymous => None,
        }
    }

    /// Checks gift links and verified crawlers. Neither spends a read; a re-read takes precedence
    /// over both.
    fn opened_by_context(&self) -> Option<(Outcome, DecisionReason)> {
        let metered = *self.tier == Tier::Metered;
        if metered && self.reader.reads.contains_since(self.article.id, self.opens) {
            return None;
        }
        match self.reader.context {
            RequestContext::Gift(gift) => (gift.article == self.article.id
                && self.now < gift.ends
                && gift.readers_left != Some(0))
            .then_some((Outcome::Open(OpenReason::Gift), DecisionReason::ValidGift)),
            RequestContext::VerifiedCrawler => (metered
                && self.policy.crawlers == CrawlerAccess::Metered)
                .then_some((Outcome::Open(OpenReason::Crawler), DecisionReason::CrawlersMayRead)),
            RequestContext::Plain
            | RequestContext::LinkPreview
            | RequestContext::CrowdedNetwork => None,
        }
    }

    fn evaluate_meter(&self) -> (Outcome, DecisionReason) {
        let Some(Meter { allowance, spent }) = self.meter else {
            return (Outcome::Open(OpenReason::Free), DecisionReason::NoMeter);
        };
        if self.reader.reads.contains_since(self.article.id, self.opens) {
            return (Outcome::Open(OpenReason::ReRead), DecisionReason::AlreadyCounted);
        }
        match self.reader.context {
            RequestContext::LinkPreview | RequestContext::VerifiedCrawler => {
                return (Outcome::Wall(WallReason::Meter), DecisionReason::PreviewsGetTeasers);
            }
            RequestContext::CrowdedNetwork => {
                return (Outcome::Wall(WallReason::Register), DecisionReason::NetworkLimitReached);
            }
            RequestContext::Plain | RequestContext::Gift(_) => {}
        }
        match allowance.left_after(spent) {
            None => (Outcome::Open(OpenReason::Free), DecisionReason::NoMeter),
            Some(0) => {
                (Outcome::Wall(self.exhausted_meter_wall(spent)), DecisionReason::NoReadsLeft)
            }
            Some(before) => (Outcome::Metered { left: before - 1 }, DecisionReason::ReadsLeft),
        }
    }

    fn exhausted_meter_wall(&self, spent: u32) -> WallReason {
        let would_help = self.policy.allowances.registered.admits(spent);
        match self.ended_reason() {
            Some(ended_reason) => ended_reason,
            None if self.reader.standing == Standing::Anonymous && would_help => {
                WallReason::Register
            }
            None => WallReason::Meter,
        }
    }

    /// Returns what has ended for a reader whose trial or subscription has ended.
    fn ended_reason(&self) -> Option<WallReason> {
        match self.reader.standing {
            Standing::TrialEnded { .. } => Some(WallReason::TrialEnded),
            Standing::SubscriptionEnded { .. } => Some(WallReason::SubscriptionEnded),
            Standing::Anonymous
            | Standing::Registered
            | Standing::Trial { .. }
            | Standing::Subscribed { .. }
            | Standing::Grace
            | Standing::Member
            | Standing::Staff => None,
        }
    }
}
