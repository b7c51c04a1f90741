//! What a reader sees, and why.

use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{TestDesk, text};

#[tokio::test]
async fn a_view_has_its_trace_and_the_page() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let empty = text(desk.get("/desk/why", &ada).await).await;
    assert!(
        empty.contains("<option value=\"&#x2f;town&#x2f;bridge\">The &lt;bridge&gt;"),
        "{empty}"
    );
    assert!(!empty.contains("/desk/why/reader"), "authors do not look readers up");

    let anonymous = "/desk/why?article=http://paper.example/town/bridge?x&as=anonymous";
    let page = text(desk.get(anonymous, &ada).await).await;
    for said in
        ["The &lt;bridge&gt;", "uses 1 of 3; 2 left", "Reader: without an account.", "meter.left"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    let ask = "/desk/why?article=/town/bridge&as=trial&read=2&again=yes&product=web";
    let page = text(desk.get(ask, &ada).await).await;
    assert!(
        page.contains("Full article, not counted.") && page.contains("Reader: in a trial."),
        "{page}"
    );
    assert!(page.contains("value=\"2\"") && page.contains("value=\"trial\" selected"));
    let link =
        page.split("class=\"button\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let link = link.expect("a link").replace("&amp;", "&").replace("&#x2f;", "/");
    for part in ["as=trial", "read=2", "again=yes", "product=web"] {
        assert!(link.contains(part), "{part}: {link}");
    }
    let seen = desk.get(&link, &ada).await;
    let policy = seen.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("frame-ancestors 'self'") && !policy.contains("script-src"));
    let seen = text(seen).await;
    assert!(seen.contains("Nobody has it."), "the whole text: {seen}");
    // What a wall leaves out is not in the page.
    let walled = desk.get("/desk/why/page?article=/town/bridge&as=anonymous&read=3", &ada).await;
    let walled = text(walled).await;
    assert!(walled.contains("It stands.") && !walled.contains("Nobody has it."), "{walled}");
}

#[tokio::test]
async fn every_simulated_reader_has_a_view() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let form = text(desk.get("/desk/why", &ada).await).await;
    let select = form.split("name=\"as\"").nth(1).and_then(|rest| rest.split("</select>").next());
    let kinds = select.expect("a choice").split("value=\"").skip(1);
    let kinds: Vec<&str> = kinds.filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(kinds.len(), 11);
    for kind in kinds {
        let answer = desk.get(&format!("/desk/why?article=/town/bridge&as={kind}"), &ada).await;
        assert_eq!(answer.status(), StatusCode::OK, "{kind}");
    }
}

#[tokio::test]
async fn mistakes_are_explained() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Support).await;
    desk.reader("rea@example.org").await;
    let cases = [
        (
            "/desk/why?article=/town/none&as=anonymous",
            "There is no article at &#x2f;town&#x2f;none",
        ),
        ("/desk/why?article=/town/bridge&as=king", "Choose a type of reader."),
        ("/desk/why?article=/town/bridge&as=trial&read=many", "as a number up to 1000"),
        ("/desk/why?article=/town/bridge&as=trial&read=1001", "as a number up to 1000"),
        ("/desk/why/reader?article=/town/bridge&reader=rea", "Enter an email address"),
        (
            "/desk/why/reader?article=/town/bridge&reader=eve@example.org",
            "No reader has an account",
        ),
    ];
    for (ask, said) in cases {
        let answer = desk.get(ask, &ada).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{ask}");
        let page = text(answer).await;
        assert!(page.contains(said), "{ask}: {page}");
    }
    let found =
        desk.get("/desk/why/reader?article=/town/bridge&reader=rea@example.org", &ada).await;
    assert_eq!(found.status(), StatusCode::OK);
}
