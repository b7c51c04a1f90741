//! What DNS says about the sender, at *Email*.

use masthead_circulation::staff::Role;
use masthead_desk::{MailRecord, MailRecordKind, MailRecordState};

use super::{TestDesk, text};

/// The records of every desk of these tests.
pub(super) async fn of_tests() -> Vec<MailRecord> {
    let record = |kind, name: &str, state| MailRecord { kind, name: name.to_owned(), state };
    let spf = MailRecordState::Good("v=spf1 -all".to_owned());
    vec![
        record(MailRecordKind::Spf, "paper.example", spf),
        record(MailRecordKind::Dkim, "s1._domainkey.paper.example", MailRecordState::Revoked),
        record(MailRecordKind::Dmarc, "_dmarc.paper.example", MailRecordState::Missing),
        record(MailRecordKind::Mx, "paper.example", MailRecordState::Unknown("away".to_owned())),
    ]
}

#[tokio::test]
async fn the_records_of_the_sender_are_shown_with_what_to_add() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let before = text(desk.get("/desk/email", &cy).await).await;
    assert!(before.contains("Check DNS records") && !before.contains("v=spf1"), "{before}");
    let page = text(desk.get("/desk/email?check=records", &cy).await).await;
    for said in [
        "Set up. paper.example: v=spf1 -all",
        "The key at s1._domainkey.paper.example was revoked",
        "There’s no policy at _dmarc.paper.example",
        "_dmarc.paper.example. TXT &quot;v=DMARC1; p=none; rua=mailto:postmaster@paper.example&quot;",
        "paper.example could not be looked up (away)",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}
