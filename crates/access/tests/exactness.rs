//! The meter is exact: whatever order requests come in, whichever old token they bring.

#![allow(clippy::expect_used, clippy::panic)]

use std::{collections::HashSet, sync::Arc, thread};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::{
    Allowance, Article, ArticleId, Policy, Reader, Reads, RecentReads, Window, decide,
    token::{Keyring, Sealer, Token},
};
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};

const START: i64 = 1_790_000_000;

fn policy(allowance: u32, window: Window, zone: &str) -> Policy {
    let mut policy = Policy::new(TimeZone::get(zone).expect("a zone"));
    policy.window = window;
    policy.allowances.anonymous = Allowance::Articles(allowance);
    policy
}

/// One request as a node handles it: unite, decide, record, seal.
fn request(
    policy: &Policy,
    recent: &RecentReads,
    token: &mut Token,
    article: u32,
    now: Timestamp,
) -> bool {
    recent.visit(token.reader, &mut token.reads, |reads| {
        let article = Article::plain(article, now);
        let decision = decide(policy, &Reader::anonymous(reads), &article, now);
        if decision.spends_a_read() {
            reads.insert(article.id, now);
        }
        decision.delivers_full_text()
    })
}

proptest! {
    /// Never more than the allowance of distinct articles in any window, though every request may
    /// bring any token ever handed out; and an article once counted always opens again.
    #[test]
    fn old_tokens_gain_nothing(
        allowance in 0_u32..6,
        window in prop::sample::select(&[Window::Month, Window::Week, Window::Days(1), Window::Days(30)][..]),
        zone in prop::sample::select(&["UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin"][..]),
        requests in prop::collection::vec((0_u32..12, any::<prop::sample::Index>(), 0_i64..400_000), 1..60),
    ) {
        let policy = policy(allowance, window, zone);
        let recent = RecentReads::new(1000);
        let mut rng = StdRng::seed_from_u64(1);
        let sealer = Sealer::new(&Keyring::generate(&mut rng), "https://example.org");
        let mut handed_out = vec![sealer.seal(&Token::fresh(&mut rng), &mut rng)];
        let mut opened: Vec<(u32, i64)> = Vec::new();
        let mut now = Timestamp::from_second(START).expect("in range");
        for (article, which, pause) in requests {
            now += SignedDuration::from_secs(pause);
            let (mut token, _) = sealer.open(which.get::<String>(&handed_out)).expect("ours");
            let opens = policy.window.opens(now, &policy.zone);
            let counted: HashSet<u32> =
                opened.iter().filter(|(_, at)| *at >= opens).map(|(article, _)| *article).collect();
            let delivered = request(&policy, &recent, &mut token, article, now);
            prop_assert_eq!(delivered, counted.contains(&article) || counted.len() < allowance as usize);
            if delivered && !counted.contains(&article) {
                opened.push((article, now.as_second()));
            }
            handed_out.push(sealer.seal(&token, &mut rng));
        }
    }
}

#[test]
fn ten_tabs_at_once_are_never_one_too_many() {
    for seed in 0..50 {
        let policy = Arc::new(policy(3, Window::Month, "Asia/Tokyo"));
        let recent = Arc::new(RecentReads::new(1000));
        let token = Token::fresh(&mut StdRng::seed_from_u64(seed));
        let now = Timestamp::from_second(START).expect("in range");
        let tabs: Vec<_> = (0..10)
            .map(|article| {
                let (policy, recent, mut token) = (policy.clone(), recent.clone(), token.clone());
                thread::spawn(move || request(&policy, &recent, &mut token, article, now))
            })
            .collect();
        let opened =
            tabs.into_iter().filter_map(|tab| tab.join().ok()).filter(|open| *open).count();
        assert_eq!(opened, 3);
    }
}

#[test]
fn signing_in_neither_loses_nor_wins_a_read() {
    let now = Timestamp::from_second(START).expect("in range");
    let read = |articles: &[u32]| {
        let mut reads = Reads::default();
        for article in articles {
            reads.insert(ArticleId(*article), now);
        }
        reads
    };
    let mut account = read(&[1, 2, 3]);
    account.unite(&read(&[2, 3, 4]));
    assert_eq!(account, read(&[1, 2, 3, 4]));
}

#[test]
fn the_memory_is_bounded_and_forgets_the_longest_absent() {
    let policy = policy(3, Window::Month, "UTC");
    let recent = RecentReads::new(640);
    let now = Timestamp::from_second(START).expect("in range");
    let mut rng = StdRng::seed_from_u64(9);
    for _ in 0..10_000 {
        request(&policy, &recent, &mut Token::fresh(&mut rng), 1, now);
    }
    assert!(recent.len() <= 640, "{}", recent.len());
}
