//! What the page for writing offers besides the text: templates, and articles to link to.

use http::{Request, StatusCode, header};
use masthead_circulation::staff::Role;

use super::{TestDesk, leads_to, text};

const FORM: &str = "section=town&headline=The+bridge&body=%3Cp%3EIt+stands.%3C/p%3E";

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

#[tokio::test]
async fn the_link_of_a_page_leads_to_its_editor() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    let from = async |cookie: &str, page: &str| {
        let request = Request::get("/desk/edit").header(header::COOKIE, cookie);
        let answer = desk.send(request.header(header::REFERER, page), "".into()).await;
        leads_to(&answer).to_owned()
    };
    let editor = from(&ada, "https://paper.example/town/bridge?x=1#a").await;
    assert!(editor.starts_with("/desk/articles/"), "{editor}");
    for page in ["https://paper.example/", "https://paper.example/town", "nonsense", ""] {
        assert_eq!(from(&ada, page).await, "/desk", "{page}");
    }
    assert_eq!(from(&sue, "https://paper.example/town/bridge").await, "/desk");
}

#[tokio::test]
async fn the_search_offers_only_articles_that_the_person_may_open() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (_, bob) = desk.staff("bob@example.org", Role::Author).await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    desk.post("/desk/articles", &ada, FORM).await;
    let expected =
        "{\"articles\":[{\"name\":\"The bridge\",\"hint\":\"Draft\",\"to\":\"/desk/articles/1\"}]}";
    for cookie in [&ada, &eve] {
        assert_eq!(text(desk.get("/desk/articles/find?q=bridge", cookie).await).await, expected);
    }
    for (query, cookie) in [("bridge", &bob), ("zeppelin", &ada), ("", &ada)] {
        let found = text(desk.get(&format!("/desk/articles/find?q={query}"), cookie).await).await;
        assert_eq!(found, "{\"articles\":[]}", "{query}");
    }
}

#[tokio::test]
async fn how_an_article_appears_elsewhere_is_set_and_published() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let appearance = "search_title=Bridge+times&social_description=It+opens.&noindex=yes";
    let form = format!("{FORM}&{appearance}&canonical=elsewhere.example/bridge");
    let story = leads_to(&desk.post("/desk/articles", &eve, &form).await).to_owned();
    let page = text(desk.get(&story, &eve).await).await;
    assert!(page.contains("name=\"search_title\" value=\"Bridge times\""), "{page}");
    // Half an address is kept, and cannot be published.
    let publication = format!("{story}/publication");
    let refused = text(desk.post(&publication, &eve, "version=1&when=now").await).await;
    assert!(refused.contains("Enter the whole canonical URL"), "{refused}");
    let form = format!("version=1&{FORM}&{appearance}&canonical=https://elsewhere.example/bridge");
    desk.post(&story, &eve, &form).await;
    desk.post(&publication, &eve, "version=2&when=now").await;
    let piece = desk.store.piece("the-bridge").await.expect("asked").expect("a piece");
    assert_eq!(piece.appearance.search_title, "Bridge times");
    assert_eq!(piece.appearance.social_description, "It opens.");
    assert!(piece.appearance.noindex);
    assert_eq!(piece.canonical.as_deref(), Some("https://elsewhere.example/bridge"));
    // What is emptied is gone.
    desk.post(&story, &eve, &format!("version=3&{FORM}")).await;
    desk.post(&publication, &eve, "version=4&when=now").await;
    let piece = desk.store.piece("the-bridge").await.expect("asked").expect("a piece");
    assert!(piece.appearance.is_default() && piece.canonical.is_none(), "{piece:?}");
}
