//! Signed-in readers on a server that is killed: each read that was answered counts, and no other.

use std::{
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use masthead_test_support::postgres;

use crate::{
    client::{Client, Reply},
    node::killed_during,
    paper::{ALLOWANCE, Paper},
    rounds::{Tally, pause, rounds},
};

const READERS: u32 = 3;
/// Articles that a reader opens in a round.
const ARTICLES: u32 = 2;
const KILLED_WITHIN: u64 = 150;
/// More articles than a reader opens in a round of any test.
const MARGIN: u32 = 6;
/// How long a server that has just started may need until it reaches the database.
const REACHED_AGAIN: Duration = Duration::from_secs(30);

/// A reader who opens one article after the other, and the last one again if there was no answer.
pub struct Reader {
    pub client: Client,
    pub answered: u32,
}

impl Reader {
    pub fn new(paper: &Paper, number: u32) -> Self {
        Self { client: paper.sign_in(number), answered: 0 }
    }

    /// Whether the allowance is for no more than so many articles.
    fn is_near_the_wall(&self, articles: u32) -> bool {
        self.answered + articles >= ALLOWANCE
    }

    /// Opens the next article. Returns `None` if there is no answer, or the article is not there without the database.
    pub fn read(&mut self) -> Option<()> {
        let next = format!("/news/article-{}", self.answered + 1);
        let page = self.client.get(&next)?.acknowledged()?;
        assert_eq!(page.status, 200, "{next}");
        self.answered += 1;
        Some(())
    }

    /// The account page. While the server does not reach the database, which a busy machine may take long to answer from, it
    /// says so.
    fn account(&mut self) -> Reply {
        let begun = Instant::now();
        loop {
            let page = self.client.get("/account").expect("an answer");
            if page.status != 503 || begun.elapsed() > REACHED_AGAIN {
                return page;
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// Checks that the meter has every read that was answered, and none but the one that may have been lost on its way.
    pub fn check(&mut self) {
        let account = self.account();
        let left = account.body.split("You have ").nth(1).and_then(|rest| rest.split(' ').next());
        let left: u32 = left.and_then(|left| left.parse().ok()).expect("how many are left");
        let (answered, counted) = (self.answered, ALLOWANCE - left);
        assert!(
            (answered..=answered + 1).contains(&counted),
            "{answered} answered, {counted} count"
        );
    }
}

/// Makes servers know the readers and the articles that follow: without the database they can look up neither.
pub fn make_ready(paper: &Paper, readers: &mut [Reader], servers: &[SocketAddr]) {
    for server in servers {
        let mut anybody = paper.client(9);
        anybody.go_to(*server);
        for reader in readers.iter_mut() {
            reader.client.go_to(*server);
            assert_eq!(reader.client.get("/account").expect("an answer").status, 200);
            for article in reader.answered + 1..=reader.answered + MARGIN {
                anybody.get(&format!("/news/article-{article}")).expect("an answer");
            }
        }
    }
}

/// Has new readers in place of those who have read nearly everything that they may. The server runs.
pub fn replace_who_is_near_the_wall(paper: &Paper, readers: &mut [Reader], round: u32) {
    for (reader, number) in readers.iter_mut().zip(10_000 + 10 * round..) {
        if reader.is_near_the_wall(MARGIN) {
            *reader = Reader::new(paper, number);
        }
    }
}

fn reads_survive(name: &'static str, database: Option<&str>) {
    let mut tally = Tally::new(name);
    let rounds = rounds(8);
    let paper = Paper::new(database);
    paper.publish((rounds * ARTICLES + 1).min(ALLOWANCE));
    let mut node = paper.start();
    let mut readers: Vec<Reader> = (0..READERS).map(|number| Reader::new(&paper, number)).collect();
    for round in 0..rounds {
        replace_who_is_near_the_wall(&paper, &mut readers, round);
        let answered: usize = killed_during(&mut node, KILLED_WITHIN, || {
            thread::scope(|scope| {
                let reading: Vec<_> =
                    readers.iter_mut().map(|reader| scope.spawn(|| read(reader))).collect();
                reading.into_iter().map(|reading| reading.join().expect("read")).sum()
            })
        });
        tally.add("kills", 1);
        tally.add("answered reads", answered);
        node = paper.start();
        readers.iter_mut().for_each(Reader::check);
    }
    paper.assert_no_panic();
}

/// Opens a few articles, or as many as are answered. Returns how many.
fn read(reader: &mut Reader) -> usize {
    let pausing = |()| pause(KILLED_WITHIN / 2);
    (0..ARTICLES).map_while(|_| reader.read().map(pausing)).count()
}

#[test]
fn every_answered_read_counts_after_a_kill_on_sqlite() {
    reads_survive("meter on SQLite", None);
}

#[test]
fn every_answered_read_counts_after_a_kill_on_postgresql() {
    reads_survive("meter on PostgreSQL", Some(&postgres::database()));
}
