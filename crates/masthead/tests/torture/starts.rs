//! A clock that is wrong when the server starts: nothing is collected and nothing is published until somebody has looked.

use std::{thread, time::Duration};

use crate::{
    pay::assert_books_agree,
    renewal::with_subscribers,
    rounds::{Tally, rounds},
};

const DAY: i64 = 24 * 60 * 60;
/// How long the server has at each time.
const STAY: Duration = Duration::from_secs(3);
/// How long it may take until a confirmed time is noticed.
const NOTICED_WITHIN: Duration = Duration::from_secs(20);

#[test]
fn a_server_that_starts_with_a_wrong_clock_waits_until_the_time_is_confirmed() {
    let mut tally = Tally::new("starts");
    let Some(paper) = with_subscribers(2) else { return };
    let clock = paper.clock.as_ref().expect("a clock");
    let tomorrow = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(30);
    let text = format!(
        "---\nheadline: Later\nsection: news\npublished: \"{tomorrow:.0}\"\n---\n\nNot yet.\n"
    );
    paper.workshop.write("later.md", &text);
    paper.does(&["publish", "later.md"]);
    let is_published = |number: u32| {
        let page = paper.client(number).get("/news/later").expect("an answer");
        page.status == 200
    };
    for round in 0..rounds(2) {
        // Far ahead, and far behind.
        for days in [45, 400, -300] {
            clock.set(days * DAY);
            let _node = paper.start();
            thread::sleep(STAY);
            assert_eq!(paper.payments().len(), 2, "{days}");
            assert!(!is_published(round), "{days}");
            tally.add("wrong starts", 1);
        }
    }
    // The publication was down for that long.
    clock.set(45 * DAY);
    let node = paper.start();
    thread::sleep(STAY);
    assert_eq!(paper.payments().len(), 2);
    paper.confirm_time();
    let begun = std::time::Instant::now();
    while paper.payments().len() < 4 || !is_published(9) {
        assert!(begun.elapsed() < NOTICED_WITHIN, "{:?}", paper.payments());
        thread::sleep(Duration::from_millis(200));
    }
    drop(node);
    assert_books_agree(&paper);
    paper.assert_no_panic();
}
