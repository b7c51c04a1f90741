//! The settings of messages.

use http::{Request, StatusCode, header};
use masthead_circulation::staff::Role;

use super::{TestDesk, leads_to, text};

const BANNER: &str = "/desk/messages/meter.left/banner";

#[tokio::test]
async fn a_message_is_previewed_before_it_is_saved() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let list = text(desk.get("/desk/messages", &cy).await).await;
    assert!(list.contains("Metered article, some left"), "{list}");
    assert!(list.contains("Default message") && list.contains(BANNER));
    let page = text(desk.get(BANNER, &cy).await).await;
    assert!(page.contains("numberArticlesLeft") && page.contains("Articles left"));
    let look =
        text(desk.post(BANNER, &cy, "text=Still+%7B%7BnumberArticlesLeft%7D%7D&do=look").await)
            .await;
    let framed = look.split("class=\"phone\" src=\"").nth(1).expect("a page");
    let framed = framed.split('"').next().expect("an address");
    let framed = framed.replace("&amp;", "&").replace("&#x2f;", "/").replace("&#x3d;", "=");
    let seen = desk.get(&framed, &cy).await;
    assert_eq!(seen.status(), StatusCode::OK, "{framed}");
    let seen = text(seen).await;
    assert!(seen.contains("Still ") && !seen.contains("numberArticlesLeft"), "{seen}");
    assert!(seen.contains("It stands."), "{seen}");
    assert_eq!(desk.store.setting("messages").await.expect("asked"), None);

    let saved =
        desk.post(BANNER, &cy, "version=0&text=Still+%7B%7BnumberArticlesLeft%7D%7D&do=save").await;
    assert_eq!((saved.status(), leads_to(&saved)), (StatusCode::SEE_OTHER, BANNER));
    let set = desk.store.setting("messages").await.expect("asked").expect("set").text;
    assert!(set.contains("text = \"Still {{numberArticlesLeft}}\""), "{set}");
    let ended = text(desk.post(BANNER, &cy, "text=Now&offer=spring&do=look").await).await;
    assert!(ended.contains("The offer “Spring” ended on 30 April 2026"), "{ended}");
    // An older version is not saved.
    let behind = desk.post(BANNER, &cy, "version=0&text=Other&do=save").await;
    assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(behind).await.contains("Somebody else has changed the messages"));
}

#[tokio::test]
async fn a_mistake_is_marked_at_its_field() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let answer = desk.post(BANNER, &cy, "version=0&text=%7B%7Bnope%7D%7D&do=save").await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let said = text(answer).await;
    assert!(said.contains("Line 1, column 1: there is no value “nope” here"), "{said}");
    let request = Request::post(BANNER)
        .header(header::COOKIE, &cy)
        .header("sec-fetch-site", "same-origin")
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let told = text(desk.send(request, "text=A&title=%7B%7B".into()).await).await;
    assert!(told.starts_with(r#"{"at":"title","fault":"Line 1, column 1"#), "{told}");
    for nothing in ["/desk/messages/meter.left/ceiling", "/desk/messages/never/banner"] {
        assert_eq!(desk.get(nothing, &cy).await.status(), StatusCode::NOT_FOUND, "{nothing}");
    }
}
