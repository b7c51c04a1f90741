//! The email of the small newspaper, and signing in by it.

use http::StatusCode;
use masthead_store::OutboxEntry;

use crate::newspaper::{Browser, Newspaper, Reply};

/// Where a reader who is not signed in is led from the account page.
pub const TO_ACCOUNT: &str = "/sign-in?from=%2Faccount";

/// An email in the outbox, with what it says.
#[derive(Debug)]
pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Opens an email.
pub async fn open(paper: &Newspaper, email: OutboxEntry) -> Mail {
    let body = paper.store.email_body(email.id).await.expect("a body");
    // The no-break spaces of dates are spaces, so that they can be found.
    let [subject, text, html] =
        [email.subject, body.text, body.html].map(|said| said.replace('\u{a0}', " "));
    Mail { subject, text, html }
}

/// Asks for an email to sign in with, and returns it.
pub async fn ask(paper: &Newspaper, browser: &mut Browser, email: &str, from: &str) -> Mail {
    let form = format!("email={}&from={from}", email.replace('@', "%40"));
    let reply = browser.post("/register", &form).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    assert_eq!(reply.header("location"), Some("/sign-in/sent"));
    let email = paper.store.emails(1).await.expect("emails").into_iter().next();
    open(paper, email.expect("an email")).await
}

pub fn link(mail: &Mail) -> String {
    let address = "https://paper.example";
    let rest = mail.text.split(address).nth(1).expect("a link");
    rest.split_whitespace().next().expect("a link").to_owned()
}

pub fn code(mail: &Mail) -> String {
    let lines = mail.text.lines().map(str::trim);
    let mut codes =
        lines.filter(|line| line.len() == 6 && line.chars().all(|c| c.is_ascii_digit()));
    codes.next().expect("a code").to_owned()
}

pub async fn sign_in(paper: &Newspaper, browser: &mut Browser, email: &str, from: &str) -> Reply {
    let mail = ask(paper, browser, email, from).await;
    let reply = browser.get(&link(&mail)).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    reply
}

/// The kinds of the emails to an address, in the order in which they were written.
pub async fn kinds(paper: &Newspaper, to: &str) -> Vec<String> {
    let emails = paper.store.emails(200).await.expect("emails");
    let mine = emails.into_iter().rev().filter(|email| email.to.as_str() == to);
    mine.map(|email| email.kind).filter(|kind| kind != "sign-in").collect()
}

/// The latest email of a kind to an address.
pub async fn latest(paper: &Newspaper, to: &str, kind: &str) -> Mail {
    let emails = paper.store.emails(200).await.expect("emails");
    let found = emails.into_iter().find(|email| email.to.as_str() == to && email.kind == kind);
    open(paper, found.expect("an email")).await
}
