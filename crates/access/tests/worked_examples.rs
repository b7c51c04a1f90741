//! The worked examples of the specification: allowances 3 and 5, monthly, Asia/Tokyo.

#![allow(clippy::expect_used, clippy::panic)]

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::{
    Allowance, Article, ArticleId, DecisionReason, Gift, Pause, Policy, Reader, Reads,
    RequestContext, Standing, Tier, TierSource, decide,
    message::{Moment, Moments},
};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn tokyo() -> Policy {
    Policy::new(TimeZone::get("Asia/Tokyo").expect("a zone"))
}

const NOON: &str = "2026-02-10T03:00:00Z";

/// A reader who opens one article after another.
struct Visit {
    policy: Policy,
    standing: Standing,
    reads: Reads,
    now: Timestamp,
}

impl Visit {
    fn new(standing: Standing) -> Self {
        Self { policy: tokyo(), standing, reads: Reads::default(), now: at(NOON) }
    }

    fn open(&mut self, article: &Article<'_>) -> String {
        let reader = Reader::standing(self.standing, &self.reads);
        let decision = decide(&self.policy, &reader, article, self.now);
        if decision.spends_a_read() {
            self.reads.insert(article.id, self.now);
        }
        decision.header().into_owned()
    }

    fn read(&mut self, letter: char) -> String {
        self.open(&Article::plain(u32::from(letter), self.now))
    }

    /// How many more a free account would give, as a page that opens this article says.
    fn registered_more(&self, letter: char) -> Option<u32> {
        let reader = Reader::standing(self.standing, &self.reads);
        let article = Article::plain(u32::from(letter), self.now);
        let decision = decide(&self.policy, &reader, &article, self.now);
        decision.registered_more(self.policy.allowances.registered)
    }

    fn moments(&self, article: &Article<'_>) -> Moments {
        let reader = Reader::standing(self.standing, &self.reads);
        let decision = decide(&self.policy, &reader, article, self.now);
        Moments::of(&decision, &self.policy, self.now, false)
    }
}

fn free(now: Timestamp) -> Article<'static> {
    Article { tier: Some(&Tier::Free), ..Article::plain(900, now) }
}

fn subscribers(now: Timestamp) -> Article<'static> {
    Article { tier: Some(&Tier::Subscribers), ..Article::plain(901, now) }
}

#[test]
fn example_1_three_articles_then_the_wall_and_back() {
    let mut visit = Visit::new(Standing::Anonymous);
    assert_eq!(visit.read('A'), "metered;left=2");
    assert_eq!(visit.read('B'), "metered;left=1");
    let c = Article::plain(u32::from('C'), visit.now);
    assert_eq!(visit.moments(&c).main, Some(Moment::MeterLast));
    assert_eq!(visit.read('C'), "metered;left=0");
    assert_eq!(visit.read('D'), "wall;reason=register");
    assert_eq!(visit.read('C'), "open;reason=re-read");
}

#[test]
fn example_2_registering_neither_loses_nor_gains_a_read() {
    let mut visit = Visit::new(Standing::Anonymous);
    for letter in ['A', 'B', 'C'] {
        visit.read(letter);
    }
    visit.standing = Standing::Registered;
    assert_eq!(visit.read('D'), "metered;left=1");
    assert_eq!(visit.read('E'), "metered;left=0");
    assert_eq!(visit.read('F'), "wall;reason=meter");
}

#[test]
fn an_account_promises_what_registering_gives() {
    let mut visit = Visit::new(Standing::Anonymous);
    for (letter, more) in [('A', 4), ('B', 3), ('C', 2)] {
        assert_eq!(visit.registered_more(letter), Some(more), "the read of {letter} counts");
        visit.read(letter);
    }
    assert_eq!(visit.registered_more('A'), Some(2), "a re-read does not count");
    assert_eq!(visit.registered_more('D'), Some(2));
    visit.policy.allowances.registered = Allowance::Articles(2);
    assert_eq!(visit.registered_more('D'), Some(0), "never below 0");
    visit.policy.allowances.registered = Allowance::Unlimited;
    assert_eq!(visit.registered_more('D'), None);
    visit.policy.allowances.registered = Allowance::Articles(5);
    visit.standing = Standing::Registered;
    assert_eq!(visit.registered_more('D'), None, "there is an account already");
    assert_eq!([visit.read('D'), visit.read('E')], ["metered;left=1", "metered;left=0"]);
    assert_eq!(visit.read('F'), "wall;reason=meter", "two more, as promised");
}

#[test]
fn a_new_month_has_a_new_promise() {
    let mut visit = Visit::new(Standing::Anonymous);
    visit.now = at("2026-01-31T14:59:59Z");
    for letter in ['A', 'B', 'C'] {
        visit.read(letter);
    }
    assert_eq!(visit.registered_more('D'), Some(2));
    visit.now = at("2026-01-31T15:00:00Z");
    assert_eq!(visit.registered_more('D'), Some(4));
}

#[test]
fn example_3_the_month_starts_at_local_midnight() {
    let mut visit = Visit::new(Standing::Anonymous);
    visit.now = at("2026-01-31T14:59:59Z");
    for letter in ['A', 'B', 'C'] {
        visit.read(letter);
    }
    assert_eq!(visit.read('D'), "wall;reason=register");
    visit.now = at("2026-01-31T15:00:00Z");
    assert_eq!(visit.read('D'), "metered;left=2");
    assert_eq!(visit.read('A'), "metered;left=1", "last month's reads are last month's");
}

#[test]
fn example_4_a_trial_that_ended() {
    let yesterday = at(NOON) - SignedDuration::from_hours(24);
    let mut visit = Visit::new(Standing::TrialEnded { at: yesterday });
    for letter in ['A', 'B', 'C', 'D', 'E'] {
        visit.read(letter);
    }
    assert_eq!(visit.read('F'), "wall;reason=trial-ended");
    let free = free(visit.now);
    assert_eq!(visit.moments(&free).notice, Some(Moment::NoticeTrialEnded));
    assert_eq!(visit.open(&free), "open;reason=free");
    assert_eq!(visit.open(&subscribers(at(NOON))), "wall;reason=trial-ended");
}

#[test]
fn example_5_a_failed_card_payment() {
    let mut visit = Visit::new(Standing::Grace { ends: at(NOON) });
    let article = subscribers(visit.now);
    assert_eq!(visit.moments(&article).notice, Some(Moment::NoticePaymentFailed));
    assert_eq!(visit.open(&article), "open;reason=grace");
    assert_eq!(visit.read('A'), "open;reason=grace");
    visit.standing = Standing::SubscriptionEnded { at: visit.now };
    assert_eq!(visit.open(&article), "wall;reason=subscription-ended");
}

#[test]
fn a_paused_subscription_keeps_the_meter_and_is_named_at_the_wall() {
    let policy = tokyo();
    let now = at(NOON);
    let mut reads = Reads::default();
    let pause = Pause { until: now + SignedDuration::from_hours(24), products: &["digital"] };
    let decide_on = |reads: &Reads, article: &Article<'_>| {
        let reader = Reader { pause: Some(pause), ..Reader::standing(Standing::Registered, reads) };
        decide(&policy, &reader, article, now)
    };
    assert_eq!(decide_on(&reads, &Article::plain(1, now)).header(), "metered;left=4");
    for article in 2..=6 {
        reads.insert(ArticleId(article), now);
    }
    let product = |name: &str| Tier::Product(vec![name.to_owned()]);
    let (digital, archive) = (product("digital"), product("archive"));
    let tiered = |tier| Article { tier: Some(tier), ..Article::plain(1, now) };
    for paused in [&Tier::Metered, &Tier::Subscribers, &digital] {
        let decision = decide_on(&reads, &tiered(paused));
        assert_eq!(decision.header(), "wall;reason=subscription-paused", "{paused}");
        let main = Moments::of(&decision, &policy, now, false).main;
        assert_eq!(main, Some(Moment::WallSubscriptionPaused));
        assert_eq!(decision.trace.paused_until, Some(pause.until));
    }
    assert_eq!(decide_on(&reads, &tiered(&archive)).header(), "wall;reason=product");
    assert_eq!(decide_on(&reads, &tiered(&Tier::Registered)).header(), "open;reason=registered");
}

#[test]
fn example_6_sponsored_is_free_for_everyone_without_messages() {
    for standing in [Standing::Anonymous, Standing::Registered, Standing::Staff] {
        let mut visit = Visit::new(standing);
        let article = Article {
            sponsored: true,
            tier: Some(&Tier::Subscribers),
            ..Article::plain(7, visit.now)
        };
        assert_eq!(visit.moments(&article), Moments::default());
        assert_eq!(visit.open(&article), "open;reason=free");
    }
}

#[test]
fn example_8_an_unverified_crawler_is_an_anonymous_reader() {
    let mut visit = Visit::new(Standing::Anonymous);
    for letter in ['A', 'B', 'C'] {
        visit.read(letter);
    }
    let article = Article::plain(u32::from('D'), visit.now);
    let crawler =
        Reader { context: RequestContext::VerifiedCrawler, ..Reader::anonymous(&visit.reads) };
    let decision = decide(&visit.policy, &crawler, &article, visit.now);
    assert_eq!(decision.header(), "open;reason=crawler");
    assert_eq!(visit.read('D'), "wall;reason=register");
}

#[test]
fn every_standing_at_every_tier() {
    let now = at(NOON);
    let later = now + SignedDuration::from_hours(24);
    let product = Tier::Product(vec!["archive".into()]);
    let tiers = [Tier::Free, Tier::Metered, Tier::Registered, Tier::Subscribers, product];
    let standings = [
        (
            Standing::Anonymous,
            [
                "open;reason=free",
                "metered;left=2",
                "wall;reason=register",
                "wall;reason=subscribers",
                "wall;reason=product",
            ],
        ),
        (
            Standing::Registered,
            [
                "open;reason=free",
                "metered;left=4",
                "open;reason=registered",
                "wall;reason=subscribers",
                "wall;reason=product",
            ],
        ),
        (
            Standing::Trial { ends: later },
            [
                "open;reason=free",
                "open;reason=trial",
                "open;reason=trial",
                "open;reason=trial",
                "wall;reason=product",
            ],
        ),
        (
            Standing::Subscribed { ends: None },
            [
                "open;reason=free",
                "open;reason=subscribed",
                "open;reason=subscribed",
                "open;reason=subscribed",
                "wall;reason=product",
            ],
        ),
        (
            Standing::Grace { ends: later },
            [
                "open;reason=free",
                "open;reason=grace",
                "open;reason=grace",
                "open;reason=grace",
                "wall;reason=product",
            ],
        ),
        (
            Standing::TrialEnded { at: now },
            [
                "open;reason=free",
                "metered;left=4",
                "open;reason=registered",
                "wall;reason=trial-ended",
                "wall;reason=product",
            ],
        ),
        (
            Standing::SubscriptionEnded { at: now },
            [
                "open;reason=free",
                "metered;left=4",
                "open;reason=registered",
                "wall;reason=subscription-ended",
                "wall;reason=product",
            ],
        ),
        (
            Standing::Member,
            [
                "open;reason=free",
                "open;reason=member",
                "open;reason=member",
                "open;reason=member",
                "wall;reason=product",
            ],
        ),
        (
            Standing::Staff,
            [
                "open;reason=free",
                "open;reason=staff",
                "open;reason=staff",
                "open;reason=staff",
                "open;reason=staff",
            ],
        ),
    ];
    for (standing, expected) in standings {
        for (tier, expected) in tiers.iter().zip(expected) {
            let article = Article { tier: Some(tier), ..Article::plain(1, now) };
            assert_eq!(Visit::new(standing).open(&article), expected, "{standing} at {tier}");
        }
    }
}

#[test]
fn a_product_opens_its_articles() {
    let now = at(NOON);
    let tier = Tier::Product(vec!["archive".into()]);
    let article = Article { tier: Some(&tier), ..Article::plain(1, now) };
    let reads = Reads::default();
    let products = ["archive"];
    let standing = Standing::Subscribed { ends: None };
    let reader = Reader { products: &products, ..Reader::standing(standing, &reads) };
    assert_eq!(decide(&tokyo(), &reader, &article, now).header(), "open;reason=subscribed");
}

#[test]
fn a_gift_opens_its_article_until_it_expires() {
    let now = at(NOON);
    let article = subscribers(now);
    let reads = Reads::default();
    let gift = Gift {
        article: article.id,
        ends: now + SignedDuration::from_secs(1),
        readers_left: Some(1),
    };
    let header = |gift, now| {
        let reader = Reader { context: RequestContext::Gift(gift), ..Reader::anonymous(&reads) };
        decide(&tokyo(), &reader, &article, now).header().into_owned()
    };
    assert_eq!(header(gift, now), "open;reason=gift");
    assert_eq!(header(gift, gift.ends), "wall;reason=subscribers");
    assert_eq!(header(Gift { readers_left: Some(0), ..gift }, now), "wall;reason=subscribers");
    let other = Gift { article: masthead_access::ArticleId(5), ..gift };
    assert_eq!(header(other, now), "wall;reason=subscribers");
}

#[test]
fn previews_and_crowded_networks_do_not_get_full_texts() {
    let now = at(NOON);
    let reads = Reads::default();
    let article = Article::plain(1, now);
    let header = |context| {
        let reader = Reader { context, ..Reader::anonymous(&reads) };
        decide(&tokyo(), &reader, &article, now).header().into_owned()
    };
    assert_eq!(header(RequestContext::LinkPreview), "wall;reason=meter");
    assert_eq!(header(RequestContext::CrowdedNetwork), "wall;reason=register");
}

#[test]
fn the_trace_has_what_decided() {
    let mut policy = tokyo();
    let mut rule = masthead_access::Rule::everything(Tier::Subscribers);
    rule.section = Some("politics".into());
    policy.rules.push(rule);
    let now = at(NOON);
    let reads = Reads::default();
    let article = Article { section: "politics", ..Article::plain(1, now) };
    let decision = decide(&policy, &Reader::anonymous(&reads), &article, now);
    let meter = decision.meter.expect("a meter");
    assert_eq!((meter.allowance, meter.spent), (Allowance::Articles(3), 0));
    assert_eq!(decision.trace.standing, Standing::Anonymous);
    assert_eq!(decision.trace.source, TierSource::Rule(0));
    assert_eq!(decision.trace.reason, DecisionReason::TierOutOfReach);
}
