//! PostgreSQL that crashes and comes back, or whose standby takes its place, under a server that goes on running.

use std::{thread, time::Duration};

use masthead_test_support::proxy::Proxy;

use crate::{
    cluster::Cluster,
    meter::{Reader, make_ready, replace_who_is_near_the_wall},
    paper::{ALLOWANCE, Paper},
    pay::{Buyer, assert_books_agree, payments_by_reader},
    rounds::{Tally, pause, rounds},
};

const READERS: u32 = 3;
/// Articles that a reader opens in a round.
const ARTICLES: u32 = 4;
/// How long the server has to write what it has counted while the database was away.
const CATCH_UP: Duration = Duration::from_secs(4);

/// Has readers read and one buy while `outage` happens, again and again.
fn readers_go_on(name: &'static str, database: &str, rounds: u32, mut outage: impl FnMut() + Send) {
    let mut tally = Tally::new(name);
    let paper = Paper::that_sells(Some(database));
    paper.publish((rounds * ARTICLES + 1).min(ALLOWANCE));
    let mut node = paper.start();
    let mut readers: Vec<Reader> = (0..READERS).map(|number| Reader::new(&paper, number)).collect();
    for round in 0..rounds {
        replace_who_is_near_the_wall(&paper, &mut readers, round);
        make_ready(&paper, &mut readers, &[paper.address]);
        let mut buyer = Buyer::new(&paper, READERS + round, true);
        thread::scope(|scope| {
            for reader in &mut readers {
                scope.spawn(|| {
                    for _ in 0..ARTICLES {
                        pause(800);
                        reader.read().expect("the article, also without the database");
                    }
                });
            }
            scope.spawn(|| {
                while !buyer.is_done() {
                    buyer.buy(&paper);
                }
            });
            pause(500);
            outage();
        });
        thread::sleep(CATCH_UP);
        // What is only in memory is lost now.
        node.kill();
        node = paper.start();
        readers.iter_mut().for_each(Reader::check);
        tally.add("outages", 1);
        tally.add("answered reads", (READERS * ARTICLES) as usize);
    }
    assert_books_agree(&paper);
    let each = payments_by_reader(&paper);
    assert!(each.len() == rounds as usize && each.values().all(|count| *count == 1), "{each:?}");
    tally.add("payments", each.len());
    paper.assert_no_panic();
}

#[test]
fn nothing_is_lost_when_postgresql_crashes_and_comes_back() {
    let cluster = Cluster::start_new();
    let database = format!("postgres://postgres@{}/postgres?sslmode=disable", cluster.address());
    readers_go_on("PostgreSQL restart", &database, rounds(2), || {
        cluster.crash();
        pause(3000);
        cluster.start();
    });
}

#[test]
fn nothing_is_lost_when_a_standby_takes_the_place_of_postgresql() {
    let mut primary = Cluster::start_new();
    let mut standby = Cluster::standby_of(&primary);
    let proxy = Proxy::start(primary.address());
    let database = format!("postgres://postgres@{}/postgres?sslmode=disable", proxy.address());
    readers_go_on("PostgreSQL failover", &database, rounds(1), || {
        primary.crash();
        pause(1000);
        standby.promote();
        proxy.redirect(standby.address());
        let next = Cluster::standby_of(&standby);
        primary = std::mem::replace(&mut standby, next);
    });
}
