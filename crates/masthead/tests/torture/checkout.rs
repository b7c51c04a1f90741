//! Readers who buy on a server that is killed, while the processor sends each message three times and in any order.

use std::{sync::Mutex, thread};

use rand::seq::SliceRandom;

use crate::{
    client::Client,
    node::killed_during,
    paper::Paper,
    pay::{Buyer, assert_books_agree, completed, payments_by_reader, settle},
    rounds::{Tally, rounds},
};

const BUYERS: u32 = 2;
const KILLED_WITHIN: u64 = 900;
/// How often the processor sends a message.
pub const COPIES: usize = 3;

/// Sends messages in any order until one is not answered. Those that were not taken are left.
pub fn send_shuffled(paper: &Paper, processor: &mut Client, messages: &Mutex<Vec<String>>) {
    let mut sent = 0;
    loop {
        let next = {
            let mut waiting = messages.lock().expect("a lock");
            waiting.shuffle(&mut rand::rng());
            waiting.pop()
        };
        let Some(session) = next else { break };
        let (body, signature) = completed(paper, &session);
        let answer = processor.post_signed("/webhooks/stripe", &body, &signature);
        if answer.as_ref().is_none_or(|answer| answer.status != 200) {
            messages.lock().expect("a lock").push(session);
        }
        sent += 1;
        if answer.is_none() || sent > 100 {
            break;
        }
    }
}

/// Buys with each buyer in a thread of their own, and sends the messages about it.
fn buy(paper: &Paper, buyers: &mut [Buyer], messages: &Mutex<Vec<String>>) {
    let mut processor = paper.client(50_000);
    thread::scope(|scope| {
        for buyer in buyers {
            scope.spawn(|| {
                for session in buyer.buy(paper) {
                    let copies = std::iter::repeat_n(session, COPIES);
                    messages.lock().expect("a lock").extend(copies);
                }
            });
        }
        send_shuffled(paper, &mut processor, messages);
    });
}

#[test]
fn every_payment_begins_one_subscription_whenever_the_server_is_killed() {
    let mut tally = Tally::new("checkout");
    let paper = Paper::that_sells(None);
    let messages = Mutex::default();
    let (mut buyers, mut open): (u32, Vec<Buyer>) = (0, Vec::new());
    let mut node = paper.start();
    for round in 0..rounds(5) {
        // Every third reader closes the page after paying. Then the message tells of it.
        let new =
            (0..BUYERS).map(|number| Buyer::new(&paper, buyers + number, (round + number) % 3 > 0));
        open.extend(new.collect::<Vec<_>>());
        buyers += BUYERS;
        killed_during(&mut node, KILLED_WITHIN, || buy(&paper, &mut open, &messages));
        tally.add("kills", 1);
        tally.add(
            "checkouts that a kill interrupted",
            open.iter().filter(|buyer| !buyer.is_done()).count(),
        );
        open.retain(|buyer| !buyer.is_done());
        node = paper.start();
    }
    while !open.is_empty() || !messages.lock().expect("a lock").is_empty() {
        buy(&paper, &mut open, &messages);
        open.retain(|buyer| !buyer.is_done());
    }
    node.kill();
    settle(&paper, buyers as usize);
    assert_books_agree(&paper);
    let each = payments_by_reader(&paper);
    assert!(each.len() == buyers as usize && each.values().all(|count| *count == 1), "{each:?}");
    tally.add("payments", each.len());
    paper.assert_no_panic();
}
