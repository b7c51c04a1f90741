//! Asking what a reader sees, and why.

use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{House, text};

#[tokio::test]
async fn a_question_is_answered_with_its_trace_and_the_page() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Author).await;
    let empty = text(house.get("/desk/why", &ada).await).await;
    assert!(
        empty.contains("<option value=\"&#x2f;town&#x2f;bridge\">The &lt;bridge&gt;"),
        "{empty}"
    );
    assert!(!empty.contains("/desk/why/reader"), "authors do not look readers up");

    let ask = "/desk/why?article=http://paper.example/town/bridge?x&as=trial&read=2&again=yes&product=gold";
    let page = text(house.get(ask, &ada).await).await;
    for said in ["The &lt;bridge&gt;", "for one read", "The reader is anonymous.", "meter.left"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.contains("value=\"2\"") && page.contains("value=\"trial\" selected"));
    let link =
        page.split("class=\"button\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let link = link.expect("a link").replace("&amp;", "&").replace("&#x2f;", "/");
    let seen = house.get(&link, &ada).await;
    let policy = seen.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("frame-ancestors 'self'") && !policy.contains("script-src"));
    let seen = text(seen).await;
    for part in ["Trial", "\"gold\"", "read: 2", "has_read_this: true", "InTrial"] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
}

#[tokio::test]
async fn every_kind_of_reader_can_be_asked_for() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Author).await;
    let form = text(house.get("/desk/why", &ada).await).await;
    let select = form.split("name=\"as\"").nth(1).and_then(|rest| rest.split("</select>").next());
    let kinds = select.expect("a choice").split("value=\"").skip(1);
    let kinds: Vec<&str> = kinds.filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(kinds.len(), 10);
    for kind in kinds {
        let answer = house.get(&format!("/desk/why?article=/town/bridge&as={kind}"), &ada).await;
        assert_eq!(answer.status(), StatusCode::OK, "{kind}");
    }
}

#[tokio::test]
async fn mistakes_are_told() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Support).await;
    house.reader("rea@example.org").await;
    let cases = [
        (
            "/desk/why?article=/town/none&as=anonymous",
            "There is no article at &#x2f;town&#x2f;none",
        ),
        ("/desk/why?article=/town/bridge&as=king", "Choose how the reader stands"),
        ("/desk/why?article=/town/bridge&as=trial&read=many", "as a number up to 1000"),
        ("/desk/why?article=/town/bridge&as=trial&read=1001", "as a number up to 1000"),
        ("/desk/why/reader?article=/town/bridge&reader=rea", "That is no e-mail address"),
        (
            "/desk/why/reader?article=/town/bridge&reader=eve@example.org",
            "No reader has an account",
        ),
    ];
    for (ask, said) in cases {
        let answer = house.get(ask, &ada).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{ask}");
        let page = text(answer).await;
        assert!(page.contains(said), "{ask}: {page}");
    }
    let broken = house.get("/desk/why?article=/town/broken&as=anonymous", &ada).await;
    assert_eq!(broken.status(), StatusCode::SERVICE_UNAVAILABLE);
    let found =
        house.get("/desk/why/reader?article=/town/bridge&reader=rea@example.org", &ada).await;
    assert_eq!(found.status(), StatusCode::OK);
}
