//! What the page for writing offers besides the text: templates, and articles to link to.

use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{TestDesk, text};

#[tokio::test]
async fn a_new_article_can_begin_with_a_template() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let plain = text(desk.get("/desk/articles/new", &ada).await).await;
    assert!(plain.contains("href=\"/desk/articles/new?template=interview\""), "{plain}");
    assert!(!plain.contains("&lt;mark&gt;"), "{plain}");
    let interview = text(desk.get("/desk/articles/new?template=interview", &ada).await).await;
    for part in [
        "<option value=\"interview\" selected>Interview</option>",
        "&lt;h2&gt;&lt;mark&gt;[First question?]",
    ] {
        assert!(interview.contains(part), "{part} is not in {interview}");
    }
    let unknown = desk.get("/desk/articles/new?template=poem", &ada).await;
    assert_eq!(unknown.status(), StatusCode::OK);
}

#[tokio::test]
async fn articles_to_link_to_are_found_by_their_headline() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let found = text(desk.get("/desk/articles/links?q=", &ada).await).await;
    assert_eq!(found, "{\"articles\":[]}");
    desk.publish_articles().await;
    let found = text(desk.get("/desk/articles/links?q=BRIDGE", &ada).await).await;
    assert!(found.contains("\"headline\":\"The <bridge>\""), "{found}");
    assert!(found.contains("\"address\":\"/town/bridge\""), "{found}");
    let none = text(desk.get("/desk/articles/links?q=zeppelin", &ada).await).await;
    assert_eq!(none, "{\"articles\":[]}");
}
