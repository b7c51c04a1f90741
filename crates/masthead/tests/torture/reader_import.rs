//! An import of readers on a server that is killed: each reader is imported once, and the counts are exact.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    node::killed_during,
    paper::Paper,
    rounds::{Tally, rounds},
};

const READERS: u32 = 900;
/// How long the server may go on before it is killed, in milliseconds. The whole import takes longer.
const KILLED_WITHIN: u64 = 900;
/// How long the rest may take.
const PATIENCE: Duration = Duration::from_mins(2);

#[test]
fn readers_are_imported_once_and_counted_exactly_whenever_the_server_is_killed() {
    let mut tally = Tally::new("import of readers");
    let Some(paper) = Paper::new(None).with_clock() else { return };
    let lines: String =
        (0..READERS).map(|n| format!("r{n}@example.org,Reader {n},fair,Calls\n")).collect();
    let mut node = paper.start();
    let mut owner = paper.owner();
    let file = format!("email,name,labels,note\n{lines}");
    let uploaded = owner.upload("/desk/readers/import", &file).expect("an answer");
    let page = uploaded.location().to_owned();
    let started = owner.post(&page, &[("do", "start")]).expect("an answer");
    assert!(started.is_done(), "{} {}", started.status, started.body);
    let clock = paper.clock.as_ref().expect("a clock");
    for _ in 0..rounds(5) {
        killed_during(&mut node, KILLED_WITHIN, || ());
        tally.add("kills", 1);
        // Another server has the job once the claim of the one that was killed has expired.
        clock.set(clock.seconds() + 3 * 60);
        node = paper.start();
    }
    let begun = Instant::now();
    // The session of the first has ended meanwhile.
    let mut owner = paper.owner_with("another@example.org");
    let finished = loop {
        let shown = owner.get(&page).expect("an answer").body;
        if shown.contains("is finished") {
            break shown;
        }
        assert!(begun.elapsed() < PATIENCE, "{shown}");
        thread::sleep(Duration::from_millis(200));
    };
    assert!(finished.contains("900 readers were added"), "{finished}");
    assert!(!finished.contains("had all of it already"), "{finished}");
    let report = owner.get(&format!("{page}/report.csv")).expect("an answer").body;
    assert_eq!(report.matches(",Added,").count(), READERS as usize);
    drop(node);
    paper.assert_no_panic();
}
