//! Breaking news, set at the desk.

use http::StatusCode;
use jiff::SignedDuration;
use masthead_circulation::staff::Role;
use masthead_store::AuditQuery;

use super::{TestDesk, leads_to, text};

/// The time in this many hours, as the form has it.
fn until(desk: &TestDesk, hours: i64) -> String {
    (desk.now() + SignedDuration::from_hours(hours)).strftime("%Y-%m-%d %H:%M").to_string()
}

#[tokio::test]
async fn an_editor_sets_changes_and_removes_breaking_news() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        desk.publish_articles().await;
        let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
        let page = text(desk.get("/desk/breaking", &ed).await).await;
        assert!(page.contains("There’s no breaking news now."), "{page}");
        assert!(page.contains(&format!("value=\"{}\"", until(&desk, 6))), "six hours: {page}");
        assert!(page.contains("The &lt;bridge&gt;</option>"), "{page}");

        let form = format!(
            "version=0&text=Bridge+closed&article=/town/bridge&until={}&do=save",
            until(&desk, 6)
        );
        let saved = desk.post("/desk/breaking", &ed, &form).await;
        assert_eq!((saved.status(), leads_to(&saved)), (StatusCode::SEE_OTHER, "/desk/breaking"));
        let shown = desk.live.peek().publication.breaking.clone().expect("in force");
        assert_eq!((&*shown.text, &*shown.link), ("Bridge closed", "/town/bridge"));
        let page = text(desk.get("/desk/breaking", &ed).await).await;
        assert!(page.contains(": “Bridge closed”. <a href="), "{page}");
        assert!(page.contains("ed@example.org saved changes."), "{page}");

        // Somebody who has the former version open overwrites nothing.
        let behind = desk.post("/desk/breaking", &ed, &form).await;
        assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(behind).await.contains("Somebody else has changed the breaking news"));

        let removed = desk.post("/desk/breaking", &ed, "version=1&do=remove").await;
        assert_eq!(removed.status(), StatusCode::SEE_OTHER);
        assert_eq!(desk.live.peek().publication.breaking, None);
        let page = text(desk.get("/desk/breaking", &ed).await).await;
        assert!(page.contains("ed@example.org removed the breaking news."), "{page}");
        let log = desk.store.audit_log(&AuditQuery::default(), 2).await.expect("read");
        assert!(log.iter().all(|entry| entry.about == "breaking"), "{log:?}");
        assert!(format!("{log:?}").contains("Bridge closed"), "{log:?}");
    }
}

#[tokio::test]
async fn breaking_news_that_is_over_leaves_an_empty_form() {
    let desk = TestDesk::open().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let form = format!("version=0&text=Bridge+closed&until={}&do=save", until(&desk, 1));
    assert_eq!(desk.post("/desk/breaking", &ed, &form).await.status(), StatusCode::SEE_OTHER);
    desk.wait(SignedDuration::from_hours(1));
    let page = text(desk.get("/desk/breaking", &ed).await).await;
    assert!(
        page.contains("There’s no breaking news now.") && !page.contains("value=\"Bridge closed\""),
        "{page}"
    );
    let next = format!("version=1&text=Bridge+open&until={}&do=save", until(&desk, 1));
    assert_eq!(desk.post("/desk/breaking", &ed, &next).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_cannot_be_breaking_news_is_explained() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let six = until(&desk, 6);
    let long = "x".repeat(141);
    for (form, fault) in [
        (format!("text=&until={six}"), "Enter what has happened"),
        (format!("text={long}&until={six}"), "at most 140"),
        ("text=Closed&until=tomorrow".to_owned(), "is not a date and time"),
        ("text=Closed&until=".to_owned(), "is not a date and time"),
        (format!("text=Closed&until={}", until(&desk, -1)), "The end time is in the past"),
        (format!("text=Closed&until={}", until(&desk, 49)), "after 48 hours at most"),
        (format!("text=Closed&until={six}&address=/town/gone"), "There is nothing at /town/gone"),
        (format!("text=Closed&until={six}&address=http://example.org"), "begins with https://"),
        (format!("text=Closed&until={six}&address=javascript:alert(1)"), "begins with https://"),
        (
            format!("text=Closed&until={six}&address=//example.org"),
            "There is nothing at //example.org",
        ),
    ] {
        let answer = desk.post("/desk/breaking", &ed, &format!("{form}&version=0&do=save")).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        let said = text(answer).await.replace("&#x2f;", "/");
        assert!(said.contains(fault), "{form}: {said}");
    }
    assert_eq!(desk.store.setting("breaking").await.expect("asked"), None);
    // A whole address of the site, and one elsewhere.
    for (version, address, link) in [
        (0, "http://paper.example/old/bridge", "/town/bridge"),
        (1, "https://example.org/live", "https://example.org/live"),
    ] {
        let form = format!("version={version}&text=Closed&until={six}&address={address}&do=save");
        assert_eq!(desk.post("/desk/breaking", &ed, &form).await.status(), StatusCode::SEE_OTHER);
        let shown = desk.live.peek().publication.breaking.clone().expect("in force");
        assert_eq!(shown.link, link);
    }
}
