//! Bounced emails, and a test of the relay.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use masthead_test_support::relay::MailRelay;

use crate::workshop::Workshop;

fn bounce(workshop: &Workshop, mail: &str) -> Output {
    let mut command = workshop.command(&["outbox", "--bounce"]);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("the program");
    child.stdin.take().expect("an input").write_all(mail.as_bytes()).expect("written");
    child.wait_with_output().expect("ended")
}

#[test]
fn a_bounce_report_is_read_and_other_mail_is_refused() {
    let workshop = Workshop::new();
    workshop.does(&["migrate"]);
    let report = "Subject: Undelivered\nContent-Type: multipart/report; boundary=b\n\n\
                  --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example\n\n\
                  Final-Recipient: rfc822; ada@example.org\nAction: failed\nStatus: 5.1.1\n\n--b--\n";
    let said = bounce(&workshop, report);
    assert!(said.status.success(), "{said:?}");
    let out = String::from_utf8_lossy(&said.stdout);
    assert_eq!(out.trim(), "Nothing was sent to ada@example.org; nothing was changed.");
    let nameless = report.replace("ada@example.org", "nobody");
    let out = bounce(&workshop, &nameless);
    let out = String::from_utf8_lossy(&out.stdout);
    assert!(out.contains("names neither an email nor an address (status 5.1.1)"), "{out}");
    let returned =
        "--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <0a1b@paper.example>\n\n--b--\n";
    let out = bounce(&workshop, &report.replace("--b--\n", returned));
    let out = String::from_utf8_lossy(&out.stdout);
    assert!(
        out.contains("No email with the Message-ID in this report was sent from here"),
        "{out}"
    );
    let refused = bounce(&workshop, "Subject: Hello\n\nHello");
    let err = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && err.contains("no delivery report (RFC 3464)"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_is_tested_before_there_is_a_database() {
    let workshop = Workshop::new();
    workshop.set("mail", "from = \"news@paper.example\"");
    let test = |relay: &str| {
        workshop.set("mail", &format!("relay = \"{relay}\""));
        workshop.refuses(&["outbox", "--test", "nope@example.org"])
    };
    let away = test("smtp://127.0.0.1:1");
    assert!(away.contains("check [mail] in masthead.toml"), "{away}");
    let relay = MailRelay::start().await;
    relay.refuse(Some("550 5.1.1 no such user"));
    let refused = test(&format!("smtp://{}", relay.address));
    assert!(refused.contains("check the address nope@example.org"), "{refused}");
    assert!(!refused.contains("[mail]"), "{refused}");
    let unknown = test("http://mail.example");
    assert!(unknown.contains("begins with smtps:// or smtp://"), "{unknown}");
    let address = workshop.refuses(&["outbox", "--test", "nope"]);
    assert_eq!(address.matches("\"nope\"").count(), 1, "{address}");
    assert!(!workshop.path("data").exists(), "nothing was created");
}
