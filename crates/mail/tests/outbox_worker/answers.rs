//! Whatever a relay answers, the log has no word of it: relays repeat the recipient's address, whole, in parts or quoted.

use masthead_mail::{SendError, SmtpRelay};
use masthead_store::{EmailBody, OutboxEntry};
use masthead_test_support::relay::MailRelay;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use crate::Office;

/// Words of an answer, of which every one that names somebody has one of [`TELLTALES`].
const WORDS: [&str; 18] = [
    "<ada@example.org>",
    "ada@example.org",
    "\"ada b\"@example.org",
    "\"ada lovelace\"",
    "ada.lovelace",
    "user=ada",
    "ADA@EXAMPLE.ORG",
    "ada%40example.org",
    "ada+news@[192.0.2.7]",
    "error (550): ada",
    "5.1.1",
    "5.1.1ada",
    "4.ada.1",
    "(550)",
    ":",
    "unknown",
    "mailbox",
    "für",
];
const BREAKS: [&str; 5] = [" ", "\t", ": ", "\u{a0}", ""];
const BEGINNINGS: [&str; 11] = [
    "550 ",
    "550-ada\r\n550 ",
    "553 ",
    "452 ",
    "421 ",
    "554 ",
    "999 ",
    "55 ",
    "",
    "550",
    "550ada ",
];
const TELLTALES: [&str; 6] = ["ada", "lovelace", "example", "@", "\"", "<"];

fn answer(random: &mut StdRng) -> String {
    let mut answer = (*BEGINNINGS.choose(random).expect("one")).to_owned();
    for _ in 0..random.random_range(0..6) {
        answer.push_str(WORDS.choose(random).expect("one"));
        answer.push_str(BREAKS.choose(random).expect("one"));
    }
    answer
}

async fn refused(relay: &MailRelay, email: &OutboxEntry, answer: String) -> SendError {
    // The relay keeps it for as long as the test runs.
    relay.refuse(Some(answer.leak()));
    let address = format!("smtp://{}", relay.address);
    let client = SmtpRelay::new(&address, "The Paper <news@paper.example>").expect("a relay");
    let body = EmailBody { text: "A text.".into(), html: "<p>A text.</p>".into() };
    client.send(email, &body).await.expect_err("refused")
}

#[tokio::test]
async fn no_answer_gets_an_address_into_the_log() {
    let office = Office::open().await;
    office.enqueue(&crate::sign_in()).await;
    let email = office.latest().await;
    let mut random = StdRng::seed_from_u64(15);
    let mut repeated = 0;
    for _ in 0..400 {
        let answer = answer(&mut random);
        let error = refused(&office.relay, &email, answer.clone()).await;
        let logged = error.fault().logged();
        let told = TELLTALES.iter().find(|told| logged.to_lowercase().contains(*told));
        assert_eq!(told, None, "{answer:?}: {logged}");
        assert!(logged.contains("masthead outbox has the"), "{answer:?}: {logged}");
        repeated += usize::from(error.to_string().contains("ada"));
    }
    assert!(repeated > 100, "the outbox has the answers of relays: {repeated}");
}

#[tokio::test]
async fn the_log_says_what_kind_of_fault_it_is() {
    let office = Office::open().await;
    office.enqueue(&crate::sign_in()).await;
    let email = office.latest().await;
    for (answer, logged) in [
        ("550 5.1.1 ada: no such user", "the relay has answered 550 5.1.1"),
        ("450 <ada@example.org>: later", "the relay has answered 450;"),
        ("nonsense about ada", "the relay's answer cannot be understood"),
    ] {
        let error = refused(&office.relay, &email, answer.to_owned()).await;
        assert!(error.fault().logged().starts_with(logged), "{answer}: {:?}", error.fault());
    }
}
