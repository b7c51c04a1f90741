//! The evaluation of a decision, step by step.

use jiff::Timestamp;

use super::{Decision, DecisionReason, Meter, OpenReason, Outcome, Trace, WallReason};
use crate::{
    article::Article,
    policy::{CrawlerAccess, Policy},
    standing::{Pause, Reader, RequestContext, Standing},
    tier::Tier,
};

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
        outcome: case.or_paused(outcome),
        meter,
        trace: Trace {
            standing: reader.standing,
            paused_until: reader.pause.map(|pause| pause.until),
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
    /// Returns the outcome, with the pause as the reason of a wall if the paused subscription would open the article.
    fn or_paused(&self, outcome: Outcome) -> Outcome {
        let opens = |pause: Pause<'_>| match self.tier {
            Tier::Product(names) => {
                names.iter().any(|name| pause.products.contains(&name.as_str()))
            }
            Tier::Free | Tier::Metered | Tier::Registered | Tier::Subscribers => true,
        };
        match outcome {
            Outcome::Wall(_) if self.reader.pause.is_some_and(opens) => {
                Outcome::Wall(WallReason::SubscriptionPaused)
            }
            Outcome::Wall(_) | Outcome::Open(_) | Outcome::Metered { .. } => outcome,
        }
    }

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
            Standing::Grace { .. } => covered().then_some(OpenReason::Grace),
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
            | Standing::Grace { .. }
            | Standing::Member
            | Standing::Staff => None,
        }
    }
}
