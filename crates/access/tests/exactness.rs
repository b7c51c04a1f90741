//! The meter is exact, in whatever order requests arrive and whichever old token they bring.

#![allow(clippy::expect_used, clippy::panic)]

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    thread,
};

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

/// Handles one request as a server does: merge, decide, record.
fn request(
    policy: &Policy,
    recent: &mut RecentReads,
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
    /// A reader never gets more distinct articles per window than the allowance, even if requests
    /// bring old tokens, and an article that has been counted always opens again.
    #[test]
    fn old_tokens_gain_nothing(
        allowance in 0_u32..6,
        window in prop::sample::select(&[Window::Month, Window::Week, Window::Days(1), Window::Days(30)][..]),
        zone in prop::sample::select(&["UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin"][..]),
        requests in prop::collection::vec((0_u32..12, any::<prop::sample::Index>(), 0_i64..400_000), 1..60),
    ) {
        let policy = policy(allowance, window, zone);
        let mut recent = RecentReads::new(1000);
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
            let delivered = request(&policy, &mut recent, &mut token, article, now);
            prop_assert_eq!(delivered, counted.contains(&article) || counted.len() < allowance as usize);
            if delivered && !counted.contains(&article) {
                opened.push((article, now.as_second()));
            }
            handed_out.push(sealer.seal(&token, &mut rng));
        }
    }
}

#[test]
fn ten_parallel_tabs_never_exceed_the_allowance() {
    for seed in 0..50 {
        let policy = Arc::new(policy(3, Window::Month, "Asia/Tokyo"));
        let recent = Arc::new(Mutex::new(RecentReads::new(1000)));
        let token = Token::fresh(&mut StdRng::seed_from_u64(seed));
        let now = Timestamp::from_second(START).expect("in range");
        let tabs: Vec<_> = (0..10)
            .map(|article| {
                let (policy, recent, mut token) = (policy.clone(), recent.clone(), token.clone());
                thread::spawn(move || {
                    let mut recent = recent.lock().expect("not poisoned");
                    request(&policy, &mut recent, &mut token, article, now)
                })
            })
            .collect();
        let opened =
            tabs.into_iter().filter_map(|tab| tab.join().ok()).filter(|open| *open).count();
        assert_eq!(opened, 3);
    }
}

#[test]
fn merging_reads_at_sign_in_neither_loses_nor_gains_a_read() {
    let now = Timestamp::from_second(START).expect("in range");
    let read = |articles: &[u32]| {
        let mut reads = Reads::default();
        for article in articles {
            reads.insert(ArticleId(*article), now);
        }
        reads
    };
    let mut account = read(&[1, 2, 3]);
    account.merge(&read(&[2, 3, 4]));
    assert_eq!(account, read(&[1, 2, 3, 4]));
}

#[test]
fn the_memory_is_bounded_and_evicts_the_least_recent_readers() {
    let policy = policy(3, Window::Month, "UTC");
    let mut recent = RecentReads::new(640);
    let now = Timestamp::from_second(START).expect("in range");
    let mut rng = StdRng::seed_from_u64(9);
    for _ in 0..10_000 {
        request(&policy, &mut recent, &mut Token::fresh(&mut rng), 1, now);
    }
    assert!(recent.len() <= 640, "{}", recent.len());
}
