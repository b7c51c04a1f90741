//! The tiers that a reader may read without spending a read, for searches, which ask about many articles at once.

use jiff::Timestamp;

use crate::{
    article::Article,
    decision::{Outcome, decide},
    policy::Policy,
    reads::Reads,
    standing::{Reader, RequestContext},
    tier::Tier,
};

/// What a reader may read without spending a read and without having opened it before. [`decide`] is asked once for each
/// tier, so asking about an article costs only the look-up of its tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTiers {
    /// Those that are open, of the tiers that name no products.
    tiers: Vec<Tier>,
    /// Whether articles for holders of any product are open.
    every_product: bool,
    /// The products whose articles are open.
    products: Vec<String>,
}

impl OpenTiers {
    /// Returns the tiers that are open to `reader` at `now`. The reads that the reader has spent and the properties of the
    /// request are ignored: they open single articles.
    pub fn new(policy: &Policy, reader: &Reader<'_>, now: Timestamp) -> Self {
        let none = Reads::default();
        let reader = Reader { reads: &none, context: RequestContext::Plain, ..*reader };
        let opens = |tier: &Tier| {
            let article = Article { tier: Some(tier), ..Article::plain(0, now) };
            matches!(decide(policy, &reader, &article, now).outcome, Outcome::Open(_))
        };
        let holder = |product: &str| opens(&Tier::Product(vec![product.to_owned()]));
        let tiers = [Tier::Free, Tier::Metered, Tier::Registered, Tier::Subscribers];
        Self {
            tiers: tiers.into_iter().filter(opens).collect(),
            every_product: opens(&Tier::Product(Vec::new())),
            products: reader
                .products
                .iter()
                .filter(|product| holder(product))
                .map(|product| (*product).to_owned())
                .collect(),
        }
    }

    /// Returns `true` if this article is open at `now`.
    pub fn opens(&self, policy: &Policy, article: &Article<'_>, now: Timestamp) -> bool {
        match policy.tier(article, now).tier {
            tier @ (Tier::Free | Tier::Metered | Tier::Registered | Tier::Subscribers) => {
                self.tiers.contains(tier)
            }
            Tier::Product(names) => {
                self.every_product || names.iter().any(|name| self.products.contains(name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        allowance::Allowance,
        article::ArticleId,
        standing::{Gift, Standing},
        tier::Rule,
    };

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn any_standing() -> impl Strategy<Value = Standing> {
        prop::sample::select(vec![
            Standing::Anonymous,
            Standing::Registered,
            Standing::Trial { ends: NOW },
            Standing::Subscribed { ends: None },
            Standing::Grace { ends: NOW },
            Standing::TrialEnded { at: NOW },
            Standing::SubscriptionEnded { at: NOW },
            Standing::Member,
            Standing::Staff,
        ])
    }

    fn any_tier() -> impl Strategy<Value = Tier> {
        let products = prop::sample::subsequence(vec!["atlas", "web", "print"], 0..3);
        prop_oneof![
            Just(Tier::Free),
            Just(Tier::Metered),
            Just(Tier::Registered),
            Just(Tier::Subscribers),
            products
                .prop_map(|names| Tier::Product(names.into_iter().map(str::to_owned).collect())),
        ]
    }

    fn any_allowance() -> impl Strategy<Value = Allowance> {
        prop_oneof![
            Just(Allowance::Unlimited),
            Just(Allowance::Articles(0)),
            Just(Allowance::Articles(3)),
        ]
    }

    fn any_policy() -> impl Strategy<Value = Policy> {
        let rule = prop::option::of(any_tier().prop_map(Rule::everything));
        (any_tier(), rule, any_allowance(), any_allowance()).prop_map(
            |(default_tier, rule, anonymous, registered)| {
                let mut policy = Policy::new(TimeZone::UTC);
                policy.default_tier = default_tier;
                policy.rules = rule.into_iter().collect();
                policy.allowances.anonymous = anonymous;
                policy.allowances.registered = registered;
                policy
            },
        )
    }

    proptest! {
        /// A tier is open exactly if the decision on a reader who has read nothing opens the article without spending a read.
        #[test]
        fn the_tiers_agree_with_the_decision(
            policy in any_policy(),
            standing in any_standing(),
            tier in prop::option::of(any_tier()),
            sponsored in any::<bool>(),
            products in prop::sample::subsequence(vec!["atlas", "web"], 0..=2),
        ) {
            let none = Reads::default();
            let reader = Reader { products: &products, ..Reader::standing(standing, &none) };
            let article = Article { tier: tier.as_ref(), sponsored, ..Article::plain(7, NOW) };
            let decided = decide(&policy, &reader, &article, NOW).outcome;
            let open = OpenTiers::new(&policy, &reader, NOW).opens(&policy, &article, NOW);
            prop_assert_eq!(open, matches!(decided, Outcome::Open(_)));
        }
    }

    #[test]
    fn what_opens_a_single_article_opens_no_tier() {
        let policy = Policy::new(TimeZone::UTC);
        let mut reads = Reads::default();
        reads.insert(ArticleId(7), NOW);
        let plain = OpenTiers::new(&policy, &Reader::anonymous(&Reads::default()), NOW);
        let gift = Gift {
            article: ArticleId(0),
            ends: NOW + jiff::SignedDuration::from_hours(1),
            readers_left: None,
        };
        for context in [RequestContext::Gift(gift), RequestContext::VerifiedCrawler] {
            let reader = Reader { context, ..Reader::anonymous(&reads) };
            assert_eq!(OpenTiers::new(&policy, &reader, NOW), plain);
        }
        let article = Article::plain(7, NOW);
        assert!(!plain.opens(&policy, &article, NOW));
    }
}
