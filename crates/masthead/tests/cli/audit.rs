//! What is done on the command line is in the audit log of the desk.

use masthead_circulation::{DeskAuditEntry, staff::DoneBy};
use masthead_store::{AuditQuery, Location, Store};

use crate::workshop::Workshop;

/// The names of all actions in the log, the first one first.
fn log(workshop: &Workshop) -> Vec<DeskAuditEntry> {
    let location = Location::Sqlite(workshop.path("data/masthead.db"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut entries = runtime.block_on(async {
        let store = Store::open(&location).await.expect("a database");
        store.audit_log(&AuditQuery::default(), 99).await.expect("read")
    });
    entries.reverse();
    entries
}

#[test]
fn commands_that_change_something_leave_entries() {
    let workshop = Workshop::that_sells();
    let article = workshop.does(&["publish", "first-article.md"]);
    let address = article.lines().last().expect("an address").trim().to_owned();
    workshop.does(&["publish", "first-article.md"]);
    workshop.does(&["withdraw", &address]);
    workshop.does(&["withdraw", &address]);
    workshop.does(&["subscription", "begin", "ada@example.org", "web-yearly", "--invoice"]);
    workshop.does(&["subscription", "paid", "S-1", "--ahead"]);
    workshop.does(&["subscription", "cancel", "1"]);
    workshop.does(&["export", "payments"]);
    workshop.does(&["readers", "data", "ada@example.org"]);
    workshop.does(&["readers", "delete", "ada@example.org"]);
    workshop.does(&["readers", "delete", "ada@example.org", "--yes"]);
    workshop.does(&["staff", "link", "owner"]);
    workshop.does(&["sessions", "end", "--all"]);
    let log = log(&workshop);
    let actions: Vec<&str> = log.iter().map(|entry| entry.action.name()).collect();
    assert_eq!(
        actions,
        [
            "published-article",
            "withdrew-article",
            "changed-subscription",
            "changed-subscription",
            "changed-subscription",
            "exported",
            "exported",
            "deleted-account",
            "made-link",
            "ended-sessions",
        ]
    );
    assert!(log.iter().all(|entry| entry.by == DoneBy::Server), "{log:?}");
    assert!(!format!("{log:?}").contains("ada@example.org"), "a deleted reader is gone: {log:?}");
}
