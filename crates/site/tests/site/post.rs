//! The mail of the small newspaper, and signing in by it.

use http::StatusCode;
use masthead_store::OutboxEntry;

use crate::newspaper::{Browser, Newspaper, Reply};

/// Asks for a letter and gives it.
pub async fn ask(paper: &Newspaper, browser: &mut Browser, email: &str, from: &str) -> OutboxEntry {
    let form = format!("email={}&from={from}", email.replace('@', "%40"));
    let reply = browser.post("/register", &form).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    assert_eq!(reply.header("location"), Some("/sign-in/sent"));
    let letters = paper.store.letters(1).await.expect("letters");
    letters.into_iter().next().expect("a letter")
}

pub fn link(posted: &OutboxEntry) -> String {
    let address = "https://paper.example";
    let rest = posted.letter.text.split(address).nth(1).expect("a link");
    rest.split_whitespace().next().expect("a link").to_owned()
}

pub fn code(posted: &OutboxEntry) -> String {
    let lines = posted.letter.text.lines().map(str::trim);
    let mut codes =
        lines.filter(|line| line.len() == 6 && line.chars().all(|c| c.is_ascii_digit()));
    codes.next().expect("a code").to_owned()
}

pub async fn sign_in(paper: &Newspaper, browser: &mut Browser, email: &str, from: &str) -> Reply {
    let letter = ask(paper, browser, email, from).await;
    let reply = browser.get(&link(&letter)).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    reply
}

/// The kinds of the letters to an address, in the order in which they were written.
pub async fn kinds(paper: &Newspaper, to: &str) -> Vec<String> {
    let letters = paper.store.letters(200).await.expect("letters");
    let mine = letters.into_iter().rev().filter(|posted| posted.letter.to.as_str() == to);
    mine.map(|posted| posted.letter.kind).filter(|kind| kind != "sign-in").collect()
}

/// The latest letter of a kind to an address.
pub async fn latest(paper: &Newspaper, to: &str, kind: &str) -> OutboxEntry {
    let letters = paper.store.letters(200).await.expect("letters");
    let found = letters
        .into_iter()
        .find(|posted| posted.letter.to.as_str() == to && posted.letter.kind == kind);
    found.expect("a letter")
}
