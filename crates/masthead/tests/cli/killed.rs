//! A hundred kills during an import and under load.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use rand::RngExt;

use crate::{
    archive::{export, item},
    workshop::Workshop,
};

const TIMES: u32 = 100;
const ITEMS: u32 = 1500;

#[test]
fn a_hundred_kills_during_import_and_under_load_lose_nothing() {
    let workshop = Workshop::new();
    let body = "<p>A paragraph that says nothing in particular.</p>".repeat(8);
    let items: String = (1..=ITEMS).map(|number| item(number, &body)).collect();
    workshop.write("export.xml", &export(&items));
    let import = ["import", "wordpress", "export.xml"];
    let mut rng = rand::rng();
    for round in 0..TIMES {
        let mut server = workshop.serve();
        let mut importer = workshop
            .command(&import)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let until = Instant::now() + Duration::from_millis(rng.random_range(0..60));
        while Instant::now() < until {
            assert!(server.get("/").contains("200 OK"), "round {round}");
            server.get("/news/post-1");
        }
        // SIGKILL: neither process can clean up.
        importer.kill().expect("killed");
        server.child.kill().expect("killed");
        importer.wait().expect("ended");
    }
    // The database opens, and the import can be completed.
    workshop.does(&import);
    let list = workshop.does(&["list"]);
    assert_eq!(list.lines().count(), ITEMS as usize, "every item once");
    assert!(workshop.does(&import).contains("Came in: 0 new, 0 changed, 1500 as they were"));
    let server = workshop.serve();
    for number in [1, 700, ITEMS] {
        assert!(server.get(&format!("/news/post-{number}")).contains("200 OK"));
    }
}
