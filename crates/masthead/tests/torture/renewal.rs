//! Renewals on a server that is killed: each reader pays each month once.

use crate::{
    node::killed_during,
    paper::Paper,
    pay::{Buyer, assert_books_agree, payments_by_reader, settle},
    rounds::{Tally, rounds},
};

const SUBSCRIBERS: u32 = 6;
const KILLED_WITHIN: u64 = 600;
/// Kills in a month.
const KILLS: u32 = 3;
const DAY: i64 = 24 * 60 * 60;

/// A publication with subscribers, whose clock can be set.
pub fn with_subscribers(subscribers: u32) -> Option<Paper> {
    let paper = Paper::that_sells(None).with_clock()?;
    let node = paper.start();
    for number in 0..subscribers {
        let mut buyer = Buyer::new(&paper, number, true);
        while !buyer.is_done() {
            buyer.buy(&paper);
        }
    }
    drop(node);
    Some(paper)
}

#[test]
fn every_month_is_paid_once_whenever_the_server_is_killed() {
    let mut tally = Tally::new("renewal");
    let Some(paper) = with_subscribers(SUBSCRIBERS) else { return };
    let months = rounds(6).div_ceil(KILLS);
    for month in 1..=months {
        let clock = paper.clock.as_ref().expect("a clock");
        clock.set(clock.seconds() + 31 * DAY);
        paper.confirm_time();
        for _ in 0..KILLS {
            // An order that was interrupted is asked about again ten minutes later.
            clock.set(clock.seconds() + 11 * 60);
            let mut node = paper.start();
            killed_during(&mut node, KILLED_WITHIN, || ());
            tally.add("kills", 1);
        }
        let already = paper.payments().len();
        let expected = (month + 1) * SUBSCRIBERS;
        tally.add("renewals between kills", already - (month * SUBSCRIBERS) as usize);
        settle(&paper, expected as usize);
        assert_books_agree(&paper);
        let each = payments_by_reader(&paper);
        assert!(each.values().all(|count| *count == month as usize + 1), "{month}: {each:?}");
    }
    tally.add("payments", paper.payments().len());
    paper.assert_no_panic();
}
