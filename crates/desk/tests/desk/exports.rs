//! Exports at the desk.

use http::{StatusCode, header};
use masthead_circulation::staff::Role;
use masthead_store::AuditQuery;
use serde_json::Value;

use super::{TestDesk, leads_to, text};

#[tokio::test]
async fn an_owner_downloads_everything() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    desk.reader("rea@example.org").await;
    let page = text(desk.get("/desk/exports", &olu).await).await;
    for name in ["articles.json", "readers.csv", "subscriptions.csv", "payments.csv"] {
        let address = format!("/desk/exports/{name}");
        assert!(page.contains(&address.replace('/', "&#x2f;")), "{name}: {page}");
        let before = desk.store.audit_log(&AuditQuery::default(), 1).await.expect("read");
        let file = desk.get(&address, &olu).await;
        assert_eq!(file.status(), StatusCode::OK, "{name}");
        let disposition = file.headers()[header::CONTENT_DISPOSITION].to_str().expect("text");
        assert_eq!(disposition, format!("attachment; filename=\"{name}\""));
        let after = desk.store.audit_log(&AuditQuery::default(), 1).await.expect("read");
        assert!(after[0].number > before[0].number, "{name} leaves no entry");
    }
    let readers = text(desk.get("/desk/exports/readers.csv", &olu).await).await;
    assert!(readers.starts_with("number,email,name,registered\r\n"), "{readers}");
    assert!(readers.contains("rea@example.org"), "{readers}");
    let articles = text(desk.get("/desk/exports/articles.json", &olu).await).await;
    let articles: Vec<Value> = serde_json::from_str(&articles).expect("an array");
    assert_eq!(articles.len(), 2);
    let body = articles[0]["article"]["body"].as_str().expect("a text");
    assert!(body.contains("There is a treasure under it."), "{body}");
    let other = desk.get("/desk/exports/keys.toml", &olu).await;
    assert_eq!(leads_to(&other), "/desk/exports");
}

#[tokio::test]
async fn a_publication_without_articles_exports_an_empty_array() {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    let articles = text(desk.get("/desk/exports/articles.json", &olu).await).await;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&articles).expect("an array").len(), 0);
}
