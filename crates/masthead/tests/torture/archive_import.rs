//! An archive that is checked and imported at the desk of a server that is killed: each article is imported once, and the counts are exact.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    node::{Node, killed_during},
    paper::Paper,
    rounds::{Tally, rounds},
    wordpress::{export, item},
};

const ITEMS: u32 = 900;
/// How long the server may go on before it is killed, in milliseconds. The whole takes longer.
const KILLED_WITHIN: u64 = 900;
/// How long the rest may take.
const PATIENCE: Duration = Duration::from_mins(2);

#[test]
fn articles_are_imported_once_and_counted_exactly_whenever_the_server_is_killed() {
    let mut tally = Tally::new("import of an archive");
    let Some(paper) = Paper::new(None).with_clock() else { return };
    let body = "<p>A paragraph that says nothing in particular.</p>".repeat(8);
    let items: String = (1..=ITEMS).map(|number| item(number, &body)).collect();
    let mut node = paper.start();
    let mut owner = paper.owner();
    let uploaded = owner.upload("/desk/imports", &export(&items)).expect("an answer");
    let page = uploaded.location().to_owned();
    node = killed(&paper, node, &mut tally);
    wait_for(&paper, &page, "Nothing was changed yet");
    let mut owner = paper.owner_with("another@example.org");
    let started = owner.post(&format!("{page}/state"), &[("do", "start")]).expect("an answer");
    assert!(started.is_done(), "{} {}", started.status, started.body);
    node = killed(&paper, node, &mut tally);
    let finished = wait_for(&paper, &page, "is finished");
    assert!(finished.contains("900 new articles"), "{finished}");
    let mut owner = paper.owner_with("third@example.org");
    let report = owner.get(&format!("{page}/report.csv")).expect("an answer").body;
    assert_eq!(report.lines().filter(|line| line.starts_with("New,")).count(), ITEMS as usize);
    drop(node);
    assert_eq!(paper.does(&["list"]).lines().count(), ITEMS as usize, "none twice");
    paper.assert_no_panic();
}

/// Kills the server again and again. Another has the job once the claim of the one that was killed has expired.
fn killed(paper: &Paper, mut node: Node, tally: &mut Tally) -> Node {
    let clock = paper.clock.as_ref().expect("a clock");
    for _ in 0..rounds(5) {
        killed_during(&mut node, KILLED_WITHIN, || ());
        tally.add("kills", 1);
        clock.set(clock.seconds() + 3 * 60);
        node = paper.start();
    }
    node
}

/// Waits until the page of the archive says this.
fn wait_for(paper: &Paper, page: &str, said: &str) -> String {
    let begun = Instant::now();
    let mut owner = paper.owner_with(&format!("o{}@example.org", said.len()));
    loop {
        let shown = owner.get(page).expect("an answer").body;
        if shown.contains(said) {
            return shown;
        }
        assert!(begun.elapsed() < PATIENCE, "{shown}");
        thread::sleep(Duration::from_millis(200));
    }
}
