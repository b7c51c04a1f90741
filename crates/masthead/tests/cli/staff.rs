//! Managing staff from the command line.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use crate::workshop::Workshop;

#[test]
fn the_first_start_prints_a_link_for_the_owner() {
    let workshop = Workshop::new();
    let mut serve = workshop.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut child =
        serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program");
    let out = BufReader::new(child.stdout.take().expect("an output"));
    let link = out.lines().map_while(Result::ok).find(|line| line.contains("/desk/join/"));
    child.kill().and_then(|()| child.wait()).expect("an end");
    assert!(link.expect("a link").starts_with("http"));
}

#[test]
fn an_owner_who_is_locked_out_gets_a_link() {
    let workshop = Workshop::new();
    workshop.does(&["migrate"]);
    assert!(workshop.does(&["staff", "list"]).contains("masthead staff link owner"));
    let link = workshop.does(&["staff", "link", "owner"]);
    assert!(link.contains("/desk/join/"), "{link}");
    let refused = workshop.refuses(&["staff", "link", "publisher"]);
    assert!(refused.contains("owner, editor, author, circulation, support"), "{refused}");
}
