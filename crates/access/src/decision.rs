//! The decision: may this reader read this article now, and why.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;

use crate::{
    allowance::Allowance,
    article::Article,
    policy::{CrawlerAccess, Policy, TierSource},
    standing::{Reader, RequestContext, Standing},
    tier::Tier,
};

/// Why an article opens without a read being spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpenReason {
    /// It is free for everyone, or the reader's standing has no meter.
    Free,
    /// It asks for an account, and the reader has one.
    Registered,
    /// The reader is inside a trial.
    Trial,
    /// The reader has paid.
    Subscribed,
    /// The reader's renewal failed a short while ago.
    Grace,
    /// Somebody else's subscription covers the reader.
    Member,
    /// One of the publication's own people.
    Staff,
    /// The reader holds a gift link.
    Gift,
    /// This window has counted it already.
    ReRead,
    /// A verified search crawler.
    Crawler,
}

/// Why there is a wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WallReason {
    /// The meter has run out.
    Meter,
    /// An account would open it.
    Register,
    /// It is for subscribers.
    Subscribers,
    /// It is for holders of a product.
    Product,
    /// A trial would have opened it, and has ended.
    TrialEnded,
    /// A subscription would have opened it, and has ended.
    SubscriptionEnded,
}

/// What is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The full text; the meter is not touched.
    Open(OpenReason),
    /// The full text, for one read.
    Metered {
        /// Allowance less distinct reads, this one included.
        left: u32,
    },
    /// The teaser, and nothing of the locked text.
    Wall(WallReason),
}

/// Where a reader's meter stood when the decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// How much the window allows.
    pub allowance: Allowance,
    /// Distinct articles counted in this window before the decision.
    pub spent: u32,
}

/// The answer to "may this reader read this article now?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What is delivered.
    pub outcome: Outcome,
    /// Where the meter stood, for a standing that has one.
    pub meter: Option<Meter>,
    /// How the answer came about.
    pub trace: Trace,
}

impl Decision {
    /// Whether the full text is delivered.
    pub fn delivers_full_text(&self) -> bool {
        !matches!(self.outcome, Outcome::Wall(_))
    }

    /// Whether delivering it spends a read.
    pub fn spends_a_read(&self) -> bool {
        matches!(self.outcome, Outcome::Metered { .. })
    }

    /// How many more articles the reader may open once this decision is carried out; none where no
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

/// How a decision came about; [`Trace::words`] says it to staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// How the reader stands.
    pub standing: Standing,
    /// What was special about the visit.
    pub circumstance: RequestContext,
    /// Where the tier came from.
    pub source: TierSource,
    /// The consideration that settled it.
    pub because: DecisionReason,
}

/// The consideration that settled a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionReason {
    /// The tier is open to all.
    FreeForEveryone,
    /// The standing reads articles of this tier without a meter.
    StandingOpensTier,
    /// Counted already in this window.
    AlreadyCounted,
    /// A gift link for this article, still good.
    GoodGift,
    /// Verified crawlers read metered articles.
    CrawlersMayRead,
    /// The meter had reads left.
    ReadsLeft,
    /// The standing has no meter to count with.
    NoMeter,
    /// The meter had none left.
    NoReadsLeft,
    /// Link previews get teasers.
    PreviewsGetTeasers,
    /// Too many new devices came from this network.
    NetworkHadItsShare,
    /// The standing does not reach the tier.
    TierOutOfReach,
}

impl Trace {
    /// The decision retold step by step, in words for staff.
    pub fn words(&self, decision: &Decision, policy: &Policy) -> Vec<String> {
        let mut words = vec![
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
            words.push(format!(
                "The meter allows {allowance} per window ({}); {spent} had been read.",
                policy.window
            ));
        }
        words.push(self.because.to_string());
        words
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
            Self::GoodGift => "A gift link opens it.",
            Self::CrawlersMayRead => "Verified crawlers may read metered articles.",
            Self::ReadsLeft => "The meter had reads left; this spends one.",
            Self::NoMeter => "The allowance is unlimited, so nothing is counted.",
            Self::NoReadsLeft => "The meter had none left.",
            Self::PreviewsGetTeasers => "Link previews are shown the teaser.",
            Self::NetworkHadItsShare => {
                "Too many new devices came from this network within the hour."
            }
            Self::TierOutOfReach => "This standing does not open articles of this tier.",
        })
    }
}

/// Decides whether `reader` may read `article` at `now` under `policy`.
///
/// Pure: the same arguments always give the same decision. Recording the read that a
/// [`Outcome::Metered`] spends is the caller's part.
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
    let (outcome, because) = case.settle();
    Decision {
        outcome,
        meter,
        trace: Trace {
            standing: reader.standing,
            circumstance: reader.circumstance,
            source: resolved.source,
            because,
        },
    }
}

/// One question to settle, with everything looked up.
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
    fn settle(&self) -> (Outcome, DecisionReason) {
        if *self.tier == Tier::Free {
            return (Outcome::Open(OpenReason::Free), DecisionReason::FreeForEveryone);
        }
        if let Some(reason) = self.opened_by_standing() {
            return (Outcome::Open(reason), DecisionReason::StandingOpensTier);
        }
        if let Some(opened) = self.opened_by_circumstance() {
            return opened;
        }
        match self.tier {
            Tier::Free => (Outcome::Open(OpenReason::Free), DecisionReason::FreeForEveryone),
            Tier::Metered => self.settle_by_meter(),
            Tier::Registered => {
                (Outcome::Wall(WallReason::Register), DecisionReason::TierOutOfReach)
            }
            Tier::Subscribers => (
                Outcome::Wall(self.ended().unwrap_or(WallReason::Subscribers)),
                DecisionReason::TierOutOfReach,
            ),
            Tier::Product(_) => {
                (Outcome::Wall(WallReason::Product), DecisionReason::TierOutOfReach)
            }
        }
    }

    /// The reason for which the standing alone opens the tier.
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

    /// Gift links and verified crawlers; neither spends a read, nor is spent on a re-read.
    fn opened_by_circumstance(&self) -> Option<(Outcome, DecisionReason)> {
        let metered = *self.tier == Tier::Metered;
        if metered && self.reader.reads.contains_since(self.article.id, self.opens) {
            return None;
        }
        match self.reader.circumstance {
            RequestContext::Gift(gift) => (gift.article == self.article.id
                && self.now < gift.ends
                && gift.readers_left != Some(0))
            .then_some((Outcome::Open(OpenReason::Gift), DecisionReason::GoodGift)),
            RequestContext::VerifiedCrawler => (metered
                && self.policy.crawlers == CrawlerAccess::Metered)
                .then_some((Outcome::Open(OpenReason::Crawler), DecisionReason::CrawlersMayRead)),
            RequestContext::Plain
            | RequestContext::LinkPreview
            | RequestContext::CrowdedNetwork => None,
        }
    }

    fn settle_by_meter(&self) -> (Outcome, DecisionReason) {
        let Some(Meter { allowance, spent }) = self.meter else {
            return (Outcome::Open(OpenReason::Free), DecisionReason::NoMeter);
        };
        if self.reader.reads.contains_since(self.article.id, self.opens) {
            return (Outcome::Open(OpenReason::ReRead), DecisionReason::AlreadyCounted);
        }
        match self.reader.circumstance {
            RequestContext::LinkPreview | RequestContext::VerifiedCrawler => {
                return (Outcome::Wall(WallReason::Meter), DecisionReason::PreviewsGetTeasers);
            }
            RequestContext::CrowdedNetwork => {
                return (Outcome::Wall(WallReason::Register), DecisionReason::NetworkHadItsShare);
            }
            RequestContext::Plain | RequestContext::Gift(_) => {}
        }
        match allowance.left_after(spent) {
            None => (Outcome::Open(OpenReason::Free), DecisionReason::NoMeter),
            Some(0) => (Outcome::Wall(self.out_of_reads(spent)), DecisionReason::NoReadsLeft),
            Some(before) => (Outcome::Metered { left: before - 1 }, DecisionReason::ReadsLeft),
        }
    }

    fn out_of_reads(&self, spent: u32) -> WallReason {
        let would_help = self.policy.allowances.registered.admits(spent);
        match self.ended() {
            Some(ended) => ended,
            None if self.reader.standing == Standing::Anonymous && would_help => {
                WallReason::Register
            }
            None => WallReason::Meter,
        }
    }

    /// What has ended, for a lapsed reader.
    fn ended(&self) -> Option<WallReason> {
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
