//! Two servers of one publication, one of which loses its connection to the database.

use std::{
    net::SocketAddr,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use masthead_test_support::{postgres, proxy::Proxy};
use rand::RngExt;

use crate::{
    checkout::{COPIES, send_shuffled},
    client::Reply,
    meter::{Reader, make_ready, replace_who_is_near_the_wall},
    node::free_address,
    paper::{ALLOWANCE, Paper},
    pay::{Buyer, assert_books_agree, payments_by_reader},
    rounds::{Tally, pause, rounds},
    settings::{left, save_meter},
};

const READERS: u32 = 3;
/// Articles that a reader opens in a round, at either server.
const ARTICLES: u32 = 4;
/// How long a server has to catch up after it was cut off, also on a machine that does other things.
const CATCH_UP: Duration = Duration::from_secs(12);

/// Opens articles at both servers, in any order.
fn read(reader: &mut Reader, servers: [SocketAddr; 2]) {
    for _ in 0..ARTICLES {
        pause(600);
        reader.client.go_to(servers[rand::rng().random_range(0..2)]);
        reader.read().expect("the article, also without the database");
    }
}

/// Buys at the server that is cut off, and has the messages sent to both.
fn buy(paper: &Paper, buyer: &mut Buyer, servers: [SocketAddr; 2]) {
    let messages: Mutex<Vec<String>> = Mutex::default();
    buyer.client.go_to(servers[1]);
    while !buyer.is_done() {
        for session in buyer.buy(paper) {
            let copies = std::iter::repeat_n(session, COPIES);
            messages.lock().expect("a lock").extend(copies);
        }
    }
    thread::scope(|scope| {
        for server in servers {
            let mut processor = paper.client(50_000);
            processor.go_to(server);
            let messages = &messages;
            scope.spawn(move || send_shuffled(paper, &mut processor, messages));
        }
    });
}

#[test]
fn a_server_that_was_cut_off_agrees_with_the_other_afterwards() {
    let mut tally = Tally::new("two servers");
    let (rounds, database) = (rounds(2), postgres::database());
    let paper = Paper::that_sells(Some(&database));
    let (host, proxy) = behind_a_proxy(&database);
    paper.publish((rounds * ARTICLES + 1).min(ALLOWANCE));
    let servers = [paper.address, free_address()];
    let mut first = paper.start();
    let second = || paper.start_with(servers[1], &["--database", &host]);
    let mut cut_off = second();
    let mut readers: Vec<Reader> = (0..READERS).map(|number| Reader::new(&paper, number)).collect();
    let mut owner = paper.owner();
    for round in 0..rounds {
        replace_who_is_near_the_wall(&paper, &mut readers, round);
        make_ready(&paper, &mut readers, &servers);
        let mut buyer = Buyer::new(&paper, READERS + round, true);
        thread::scope(|scope| {
            for reader in &mut readers {
                scope.spawn(|| read(reader, servers));
            }
            scope.spawn(|| buy(&paper, &mut buyer, servers));
            pause(500);
            if round % 2 == 0 {
                proxy.close();
            } else {
                proxy.stall();
            }
            let allowance = 100 + round % 100;
            save_meter(&mut owner, &allowance.to_string());
            pause(3000);
            proxy.open();
            wait_for_meter(&paper, servers[1], allowance as usize);
        });
        thread::sleep(CATCH_UP);
        first.kill();
        cut_off.kill();
        (first, cut_off) = (paper.start(), second());
        for reader in &mut readers {
            for server in servers {
                reader.client.go_to(server);
                reader.check();
            }
        }
        tally.add("cuts", 1);
        tally.add("answered reads", (READERS * ARTICLES) as usize);
    }
    assert_books_agree(&paper);
    let each = payments_by_reader(&paper);
    assert!(each.len() == rounds as usize && each.values().all(|count| *count == 1), "{each:?}");
    tally.add("payments", each.len());
    paper.assert_no_panic();
}

/// The address of a database behind a proxy.
fn behind_a_proxy(database: &str) -> (String, Proxy) {
    let (user, rest) = database.split_once('@').expect("a user");
    let (server, name) = rest.split_once('/').expect("a name");
    let proxy = Proxy::start(server.to_owned());
    (format!("{user}@{}/{name}", proxy.address()), proxy)
}

/// Waits until a setting that was saved at the other server is in force.
fn wait_for_meter(paper: &Paper, server: SocketAddr, allowance: usize) {
    let begun = Instant::now();
    let mut anybody = paper.client(2);
    anybody.go_to(server);
    // The text of the article is in the database, which the server may not have reached again yet.
    let is_in_force = |page: &Reply| page.status != 503 && left(page) + 1 == allowance;
    while !is_in_force(&anybody.clone().get("/news/article-1").expect("an answer")) {
        assert!(begun.elapsed() < Duration::from_mins(1), "the setting is not in force");
        thread::sleep(Duration::from_millis(100));
    }
}
