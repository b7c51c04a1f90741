//! An import and a server, killed at the same time.

use std::process::Stdio;

use crate::{
    node::killed_during,
    paper::Paper,
    rounds::{Tally, rounds},
    wordpress::{export, item},
};

const ITEMS: u32 = 400;
/// How long an import may go on before it is killed, in milliseconds. The whole takes longer.
const KILLED_WITHIN: u64 = 400;

#[test]
fn an_import_that_is_killed_again_and_again_imports_everything_once() {
    let mut tally = Tally::new("import");
    let paper = Paper::new(None);
    let body = "<p>A paragraph that says nothing in particular.</p>".repeat(8);
    let items: String = (1..=ITEMS).map(|number| item(number, &body)).collect();
    paper.workshop.write("export.xml", &export(&items));
    let import = ["import", "wordpress", "export.xml"];
    for _ in 0..rounds(10) {
        let mut node = paper.start();
        let mut importer = paper.command(&import);
        let importer = importer.stdout(Stdio::null()).stderr(Stdio::null());
        let mut importer = importer.spawn().expect("the program");
        let answered = killed_during(&mut node, KILLED_WITHIN, || {
            let mut reader = paper.client(1);
            std::iter::from_fn(|| reader.get("/news/post-1").and(reader.get("/"))).count()
        });
        // SIGKILL: it cannot clean up either.
        importer.kill().expect("killed");
        importer.wait().expect("ended");
        tally.add("kills of both", 1);
        tally.add("pages while importing", answered);
        assert_whole(&paper);
    }
    // The import can be completed, and once more changes nothing.
    paper.does(&import);
    assert_eq!(assert_whole(&paper), ITEMS as usize, "every item once");
    let again = paper.does(&import);
    assert!(again.contains("Came in: 0 new, 0 changed, 400 as they were"), "{again}");
    paper.assert_no_panic();
}

/// Checks that what is there is served whole. Returns how many articles there are.
fn assert_whole(paper: &Paper) -> usize {
    let list = paper.does(&["list"]);
    let addresses: Vec<&str> =
        list.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    let _node = paper.start();
    let step = addresses.len() / 3 + 1;
    for address in addresses.iter().step_by(step).chain(addresses.last()) {
        let page = paper.client(2).get(address).expect("an answer");
        assert_eq!(page.status, 200, "{address}");
        assert_eq!(page.body.matches("<p>A paragraph").count(), 8, "{address}");
    }
    addresses.len()
}
