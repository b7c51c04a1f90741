//! The audit log: every change leaves an entry, and entries are found and exported.

mod coverage;

use http::StatusCode;
use masthead_circulation::{
    AddressMove, AuditAction, AuditChange, DeskAuditEntry, Digest, staff::Role,
};
use masthead_store::{AddressChangeResult, AuditPerson, AuditQuery};

use super::{TestDesk, email, text};

const METER: &str = "version=0&window=month&days=&anonymous=2&registered=5&default_tier=metered\
    &teaser=2&teaser_unit=paragraphs&crawlers=metered&do=save";

impl TestDesk {
    /// The latest entries, the latest first.
    async fn log(&self, most: u64) -> Vec<DeskAuditEntry> {
        self.store.audit_log(&AuditQuery::default(), most).await.expect("read")
    }
}

fn changed(entry: &DeskAuditEntry, key: &str) -> (String, String) {
    let found = entry.changes.iter().find(|change| change.key == key);
    let AuditChange { before, after, .. } = found.unwrap_or_else(|| panic!("{key}: {entry:?}"));
    (before.clone().unwrap_or_default(), after.clone().unwrap_or_default())
}

#[tokio::test]
async fn settings_are_recorded_with_old_and_new_values() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    assert_eq!(desk.post("/desk/meter", &cy, METER).await.status(), StatusCode::SEE_OTHER);
    let entry = desk.log(1).await.remove(0);
    assert_eq!((entry.action, &*entry.about), (AuditAction::ChangedSettings, "meter"));
    assert_eq!(entry.name, "cy@example.org");
    assert_eq!(changed(&entry, "meter.anonymous"), ("3".to_owned(), "2".to_owned()));
    assert!(entry.changes.iter().all(|change| change.key != "meter.window"), "{entry:?}");

    let refused = desk.post("/desk/meter", &cy, METER).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(desk.log(1).await, [entry], "nothing was changed");

    desk.post("/desk/meter", &cy, "version=1&do=file").await;
    let entry = desk.log(1).await.remove(0);
    assert_eq!(entry.action, AuditAction::LeftSettingsToFile);
    assert_eq!(changed(&entry, "meter.anonymous"), ("2".to_owned(), "3".to_owned()));
}

#[tokio::test]
async fn saves_within_minutes_are_one_entry_with_what_they_changed_together() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    desk.post("/desk/articles", &ada, "").await;
    for (version, headline) in [(1, "The+b"), (2, "The+bridge")] {
        let form = format!("version={version}&headline={headline}&body=%3Cp%3EIt+stands.%3C/p%3E");
        desk.post("/desk/articles/1", &ada, &form).await;
    }
    let log = desk.log(2).await;
    let actions: Vec<AuditAction> = log.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [AuditAction::SavedDraft, AuditAction::BeganArticle]);
    assert_eq!(log[0].about, "The bridge");
    assert_eq!(changed(&log[0], "headline"), (String::new(), "The bridge".to_owned()));
    assert_eq!(changed(&log[0], "text").1, "17 characters");
    assert_ne!(changed(&log[0], "revision").1, "");
}

#[tokio::test]
async fn entries_are_found_by_person_kind_words_and_day() {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    desk.publish_articles().await;
    desk.post("/desk/meter", &cy, METER).await;
    let seen =
        async |query: &str| text(desk.get(&format!("/desk/audit?{query}"), &olu).await).await;
    let meter = "cy@example.org changed settings: Meter";
    let published = "The server’s administrator published";
    let all = seen("").await;
    assert!(all.contains(meter) && all.contains(published) && all.contains("joined as Owner"));
    for (query, finds) in [
        ("person=cy@example.org", true),
        ("person=olu@example.org", false),
        ("person=*", false),
        ("kind=settings", true),
        ("kind=staff", false),
        ("q=ANONYMOUS", true),
        ("q=anonymous+cy", true),
        ("q=anon%25", false),
        ("from=2027-01-15&to=2027-01-15", true),
        ("to=2027-01-14", false),
        ("from=2027-01-16", false),
    ] {
        assert_eq!(seen(query).await.contains(meter), finds, "{query}");
    }
    assert!(seen("person=*").await.contains(published));
    assert!(seen("q=nowhere").await.contains("No entry matches."));
    let file = text(desk.get("/desk/audit.csv?kind=settings", &olu).await).await;
    assert!(file.starts_with("Number,Time,Person,Action"), "{file}");
    assert!(file.contains("meter.anonymous: 3 → 2") && !file.contains("joined"), "{file}");
    let file = text(desk.get("/desk/audit.json?kind=settings", &olu).await).await;
    let file: serde_json::Value = serde_json::from_str(&file).expect("JSON");
    assert_eq!((&file[0]["by"], file[1].is_null()), (&"cy@example.org".into(), true));
    let exports = desk.log(2).await;
    assert!(exports.iter().all(|entry| entry.action == AuditAction::Exported), "{exports:?}");
    assert_eq!(desk.get("/desk/audit", &cy).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_long_log_has_pages_and_exports_whole() {
    let desk = TestDesk::open().await;
    let (account, olu) = desk.staff("olu@example.org", Role::Owner).await;
    for number in 0..1200 {
        let (action, about) = (AuditAction::UploadedPicture, format!("=picture-{number}"));
        let by = Some(account.id);
        let recorded = desk.store.record_action(action, &about, Vec::new(), by, desk.now()).await;
        recorded.expect("recorded");
    }
    let first = text(desk.get("/desk/audit", &olu).await).await;
    assert_eq!(first.matches("uploaded the picture").count(), 50);
    let older = first.split("href=\"").find(|rest| rest.contains("rel=\"next\"")).expect("more");
    let older = older.split('"').next().expect("an address").replace("&#x2f;", "/");
    let second = text(desk.get(&older, &olu).await).await;
    assert!(first.contains("=picture-1150") && !first.contains("=picture-1149"));
    assert!(second.contains("=picture-1149") && !second.contains("=picture-1150"), "{older}");
    let csv = text(desk.get("/desk/audit.csv?q=picture-", &olu).await).await;
    assert_eq!(csv.matches(",'=picture-").count(), 1200);
    let json = text(desk.get("/desk/audit.json?q=picture-", &olu).await).await;
    let json: Vec<serde_json::Value> = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json.iter().filter(|entry| entry["action"] == "uploaded-picture").count(), 1200);
}

#[tokio::test]
async fn a_deleted_reader_is_gone_and_a_deleted_colleague_is_named() {
    let desk = TestDesk::open().await;
    let (olu, _) = desk.staff("olu@example.org", Role::Owner).await;
    let (sue, cookie) = desk.staff("sue@example.org", Role::Support).await;
    desk.store.rename_account(sue.id, "Sue", desk.now()).await.expect("renamed");
    desk.store.appoint(&sue, Role::Editor, Some(olu.id), desk.now()).await.expect("appointed");
    desk.store.appoint(&sue, Role::Support, Some(olu.id), desk.now()).await.expect("appointed");
    desk.reader("rea@example.org").await;
    let rea = desk.store.account_at(&email("rea@example.org")).await.expect("asked");
    let rea = rea.expect("an account");
    let page = format!("/desk/readers/{}", rea.id.0);
    desk.post(&format!("{page}/meter"), &cookie, "reason=Rea+was+ill").await;
    // An address that was changed meanwhile is forgotten as well.
    let moved = email("rea@example.com");
    let change = AddressMove {
        from_old: Digest([1; 32]),
        from_new: Digest([2; 32]),
        account: rea.id,
        email: moved.clone(),
        asked: desk.now(),
        old_agrees: true,
        new_agrees: true,
    };
    desk.store.create_address_change(&change).await.expect("stored");
    let changed =
        desk.store.change_address(&change, None, &[], desk.now()).await.expect("a database");
    assert!(matches!(changed, AddressChangeResult::Changed(_)));
    let rea = desk.store.account_at(&moved).await.expect("asked").expect("an account");
    assert!(desk.store.delete_account(&rea, desk.now()).await.expect("deleted"));
    let sue = desk.store.account(sue.id).await.expect("asked").expect("an account");
    assert!(desk.store.delete_account(&sue, desk.now()).await.expect("deleted"));
    let log = desk.log(99).await;
    let reset = log.iter().find(|entry| entry.action == AuditAction::ResetMeter).expect("kept");
    assert_eq!((&*reset.about, &*reset.reason, &*reset.name), ("", "", "Sue"));
    let all = format!("{log:?}").to_lowercase();
    assert!(!all.contains("rea@example") && !all.contains("was ill"), "{all}");
    let by_sue = AuditQuery { words: "rea".into(), ..AuditQuery::default() };
    assert_eq!(desk.store.audit_log(&by_sue, 9).await.expect("read"), []);
    let appointed = log.iter().find(|entry| entry.action == AuditAction::Appointed);
    assert_eq!(appointed.expect("kept").about, "Sue");
    let by_sue = AuditPerson::Named("Sue".into());
    let by_sue = AuditQuery { person: Some(by_sue), ..AuditQuery::default() };
    let left = desk.store.audit_log(&by_sue, 9).await.expect("read");
    assert_eq!(left[0].action, AuditAction::Left);
}
