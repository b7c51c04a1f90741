//! Subscriptions and payments that staff enter.

use crate::workshop::Workshop;

#[test]
fn an_invoice_is_sent_and_paid_and_recorded() {
    let workshop = Workshop::that_sells();
    let begin = ["subscription", "begin", "ada@example.org", "web-yearly", "--invoice"];
    let begun = workshop.does(&begin);
    let sentence = "ada@example.org has the subscription S-1 to The Paper online. It is not paid yet. The reader has access until ";
    assert!(begun.starts_with(sentence), "{begun}");
    let second = workshop.run(&begin);
    assert!(!second.good && second.err.contains("has subscription 1 already"), "{}", second.err);

    // The running server sends the invoice.
    let server = workshop.serve();
    let mut outbox = String::new();
    for _ in 0..100 {
        outbox = workshop.does(&["outbox"]);
        if outbox.contains("Your invoice for The Paper online") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(outbox.contains("Your invoice for The Paper online"), "{outbox}");
    drop(server);

    let paid = workshop.does(&["subscription", "paid", "S-1"]);
    assert!(paid.starts_with("The payment for S-1 is entered. It is paid until "), "{paid}");
    let again = workshop.run(&["subscription", "paid", "1"]);
    assert!(!again.good && again.err.contains("--ahead"), "{}", again.err);
    let history = workshop.does(&["subscription", "history", "1"]);
    assert!(history.contains("staff") && history.contains("payment-entered"), "{history}");
    let list = workshop.does(&["subscription", "list", "ada@example.org"]);
    assert!(list.starts_with("ada@example.org  S-1"), "{list}");
    assert!(
        workshop.does(&["subscription", "cancel", "1"]).contains("S-1 is cancelled. It ends on ")
    );
}

#[test]
fn the_last_day_is_the_one_that_was_named() {
    let workshop = Workshop::that_sells();
    let begin = ["begin", "ada@example.org", "web-yearly", "--free", "--until", "2099-12-31"];
    let begun = workshop.does(&[&["subscription"], &begin[..]].concat());
    assert!(begun.ends_with("It ends on 2099-12-31.\n"), "{begun}");
    let found = workshop.does(&["readers", "find", "ada@example.org"]);
    assert!(found.contains("ends on 2099-12-31 (free)"), "nobody cancelled it: {found}");
}

#[test]
fn everything_can_be_exported() {
    let workshop = Workshop::that_sells();
    workshop.does(&["subscription", "begin", "ada@example.org", "web-yearly", "--paid"]);
    workshop.does(&["subscription", "begin", "=bob@example.org", "web-yearly", "--free"]);
    let readers = workshop.does(&["export", "readers"]);
    let lines: Vec<&str> = readers.lines().collect();
    assert_eq!(lines[0], "number,email,name,registered");
    assert!(lines[1].starts_with("1,ada@example.org,,20"), "{readers}");
    assert!(lines[2].starts_with("2,'=bob@example.org,"), "no spreadsheet runs it: {readers}");
    let sold = workshop.does(&["export", "subscriptions"]);
    assert!(sold.contains("1,1,web,web-yearly,,90.00,EUR,1 year,active,"), "{sold}");
    let file = workshop.path("paid.csv").display().to_string();
    assert!(workshop.does(&["export", "payments", &file]).starts_with("1 rows are in"));
    let paid = std::fs::read_to_string(&file).expect("a file");
    assert!(paid.contains("1,1,1,The Paper online,90.00,EUR,"), "{paid}");
    let nowhere = workshop.run(&["export", "payments", "nowhere/paid.csv"]);
    assert!(!nowhere.good && nowhere.err.contains("cannot be written"), "{}", nowhere.err);
}

#[test]
fn missing_and_wrong_arguments_are_reported() {
    let workshop = Workshop::that_sells();
    for (arguments, said) in [
        (vec!["begin", "ada@example.org", "web-yearly"], "--invoice|--paid|--free"),
        (vec!["begin", "ada", "web-yearly", "--free"], "\"ada\""),
        (vec!["begin", "ada@example.org", "web-yerly", "--free"], "did you mean \"web-yearly\"?"),
        (
            vec!["begin", "a@b.org", "web-yearly", "--free", "--until", "2020-01-01"],
            "is in the past",
        ),
        (vec!["paid", "S-7"], "there is no subscription 7"),
        (vec!["paid", "seven"], "such as S-12 or 12"),
        (vec!["history", "7"], "there is no subscription 7"),
        (vec!["list", "nobody@example.org"], "there is no reader nobody@example.org"),
    ] {
        let run = workshop.run(&[vec!["subscription"], arguments].concat());
        assert!(!run.good && run.err.contains(said), "{said}: {}", run.err);
    }
    assert_eq!(workshop.does(&["subscription", "list"]).trim(), "There are none.");
}
