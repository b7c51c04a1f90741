//! A reader who buys, step by step, and the books afterwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::{Duration, Instant},
};

use masthead_test_support::stripe::message;
use serde_json::json;

use crate::{client::Client, paper::Paper};

/// How long everything that was paid may take to arrive, once the server runs.
const SETTLED_WITHIN: Duration = Duration::from_mins(3);
/// How long a server that was started may take for it.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);
/// How long a reader waits who is told that something does not work at the moment.
const TRIED_AGAIN: Duration = Duration::from_millis(500);
/// How far the clock is moved for what is asked for again later, in seconds.
const LATER: i64 = 11 * 60;

/// A reader who buys a subscription.
pub struct Buyer {
    pub client: Client,
    stage: Stage,
    /// Whether they come back from the payment page.
    comes_back: bool,
}

enum Stage {
    /// Looks at the offer.
    Offer,
    /// Is at the processor's page, with this session.
    Payment(String),
    /// Has paid, and is to come back to this page.
    Paid(String),
    /// Has a subscription.
    Done,
}

impl Buyer {
    pub fn new(paper: &Paper, number: u32, comes_back: bool) -> Self {
        Self { client: paper.sign_in(number), stage: Stage::Offer, comes_back }
    }

    /// Whether nothing is left to do for them.
    pub fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    /// Goes on to the next step. Returns the session that was paid now, if one was. The error is that the server is gone.
    fn step(&mut self, paper: &Paper) -> Result<Option<String>, ()> {
        match &self.stage {
            Stage::Offer => {
                let sent = self.client.post("/checkout/web-monthly", &[("from", "/")]).ok_or(())?;
                if sent.is_done() {
                    let session = sent.location().rsplit('/').next().expect("a session");
                    self.stage = Stage::Payment(session.to_owned());
                } else {
                    assert!(sent.status >= 500, "{}: {}", sent.status, sent.body);
                    thread::sleep(TRIED_AGAIN);
                }
                Ok(None)
            }
            Stage::Payment(session) => {
                let (session, back) = (session.clone(), paper.pay(session));
                self.stage = if self.comes_back { Stage::Paid(back) } else { Stage::Done };
                Ok(Some(session))
            }
            Stage::Paid(back) => {
                let page = self.client.get(back).ok_or(())?;
                assert!([202, 303, 503].contains(&page.status), "{}: {}", page.status, page.body);
                if page.is_done() {
                    self.stage = Stage::Done;
                } else {
                    thread::sleep(TRIED_AGAIN);
                }
                Ok(None)
            }
            Stage::Done => Ok(None),
        }
    }

    /// Goes on until everything is done or the server is gone. Returns the sessions that were paid.
    pub fn buy(&mut self, paper: &Paper) -> Vec<String> {
        let mut paid = Vec::new();
        while !self.is_done() {
            match self.step(paper) {
                Ok(session) => paid.extend(session),
                Err(()) => break,
            }
        }
        paid
    }
}

/// The processor's message about a paid session, with its signature.
pub fn completed(paper: &Paper, session: &str) -> (String, String) {
    let object = json!({ "id": session, "object": "checkout.session" });
    let id = format!("evt_{session}");
    message(&id, "checkout.session.completed", &object, paper.now())
}

/// Runs the server until the books have so many payments, moving the clock to when lost answers are asked for again.
pub fn settle(paper: &Paper, payments: usize) {
    let begun = Instant::now();
    let is_settled = || paper.payments().len() >= payments;
    while !is_settled() {
        let missing = || format!("{} of {payments} payments", paper.payments().len());
        assert!(begun.elapsed() < SETTLED_WITHIN, "{}", missing());
        if let Some(clock) = &paper.clock {
            clock.set(clock.seconds() + LATER);
        }
        // What was interrupted is asked about when a server starts, and the double of Stripe takes its time.
        let _node = paper.start();
        let started = Instant::now();
        while started.elapsed() < ANSWERED_WITHIN && !is_settled() {
            thread::sleep(Duration::from_secs(1));
        }
    }
}

/// Checks that the books have what the processor has collected: every order once, and every reader's payments.
pub fn assert_books_agree(paper: &Paper) {
    let collected = paper.collected();
    let orders: BTreeSet<&str> = collected.iter().map(|(order, _)| order.as_str()).collect();
    assert_eq!(orders.len(), collected.len(), "no order was collected twice: {collected:?}");
    let payments = paper.payments();
    assert_eq!(payments.len(), collected.len(), "every collected payment is in the books");
    assert!(payments.iter().all(|(_, amount)| amount == "9.00"), "{payments:?}");
    assert!(collected.iter().all(|(_, amount)| *amount == 900), "{collected:?}");
    let subscriptions = paper.does(&["export", "subscriptions"]);
    let readers = subscriptions.lines().skip(1).filter_map(|line| line.split(',').nth(1));
    let mut seen = BTreeSet::new();
    assert!(readers.into_iter().all(|reader| seen.insert(reader)), "one each: {subscriptions}");
    let compared = paper.does(&["reconcile"]);
    assert!(compared.contains("Everything agrees."), "{compared}");
}

/// How many payments each reader has made.
pub fn payments_by_reader(paper: &Paper) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for (reader, _) in paper.payments() {
        *count.entry(reader).or_default() += 1;
    }
    count
}
