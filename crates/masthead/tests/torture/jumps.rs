//! A clock that jumps forwards and backwards under a running server, and between two starts: a server that sees a jump waits
//! before it collects, and one that starts waits for somebody to confirm the time.

use std::{collections::BTreeSet, thread, time::Duration};

use rand::RngExt;

use crate::{
    pay::assert_books_agree,
    renewal::with_subscribers,
    rounds::{Tally, rounds},
};

const DAY: i64 = 24 * 60 * 60;
/// How long the server has at each time.
const STAY: Duration = Duration::from_millis(1500);

/// The subscription and period of an order.
fn period(order: &str) -> Option<(&str, &str)> {
    let mut parts = order.strip_prefix("renewal:")?.split(':');
    Some((parts.next()?, parts.next()?))
}

#[test]
fn no_month_is_paid_twice_when_the_clock_jumps() {
    let mut tally = Tally::new("clock");
    let Some(paper) = with_subscribers(2) else { return };
    let mut node = paper.start();
    let clock = paper.clock.as_ref().expect("a clock");
    let mut latest = 0;
    for _ in 0..rounds(6) {
        let days = rand::rng().random_range(-40..40);
        // Not further than a card is valid.
        let to = (clock.seconds() + days * DAY).clamp(-40 * DAY, 1500 * DAY);
        clock.set(to);
        latest = latest.max(to);
        thread::sleep(STAY);
        let page = paper.client(1).get("/").expect("an answer");
        assert_eq!(page.status, 200);
        drop(node);
        paper.confirm_time();
        node = paper.start();
        thread::sleep(STAY);
        let collected = paper.collected();
        let periods: Vec<_> = collected.iter().filter_map(|(order, _)| period(order)).collect();
        let different: BTreeSet<_> = periods.iter().collect();
        assert_eq!(different.len(), periods.len(), "each period once: {periods:?}");
        tally.add("jumps", 1);
    }
    drop(node);
    clock.set(latest + 3600);
    paper.confirm_time();
    let node = paper.start();
    thread::sleep(STAY);
    drop(node);
    assert_books_agree(&paper);
    tally.add("payments", paper.payments().len());
    paper.assert_no_panic();
}
