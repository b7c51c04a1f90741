//! Arranging fronts.

use http::StatusCode;
use jiff::Timestamp;
use masthead_circulation::staff::Role;
use masthead_store::AuditQuery;

use super::{TestDesk, article, leads_to, text};

#[tokio::test]
async fn a_front_is_previewed_before_it_is_published() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let page = text(desk.get("/desk/fronts", &ed).await).await;
    for words in
        ["Homepage", "Town", "This front is automatic", "Latest on Tides", "The &lt;bridge&gt;"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let wish = "page=/&version=0&place-0=/town/bridge&place-1=most-read&place-2=latest&place-3=latest&block-0=topic:tides";
    let look = text(desk.post("/desk/fronts", &ed, &format!("{wish}&do=look")).await).await;
    let look = look.replace("&#x2f;", "/");
    assert!(look.contains(">Preview</h2>") && look.contains("/desk/fronts/page?page="), "{look}");
    let seen = desk
        .get(
            "/desk/fronts/page?page=/&place-0=/town/bridge&place-1=most-read&block-0=topic:tides",
            &ed,
        )
        .await;
    let seen = text(seen).await;
    let (bridge, paid) = (seen.find("The &lt;bridge&gt;"), seen.find(">Paid</a>"));
    assert!(bridge.is_some() && bridge < paid, "{seen}");
    assert_eq!(desk.store.setting("fronts").await.expect("asked"), None);

    let saved = desk.post("/desk/fronts", &ed, &format!("{wish}&do=save")).await;
    assert_eq!(
        (saved.status(), leads_to(&saved)),
        (StatusCode::SEE_OTHER, "/desk/fronts?page=%2F")
    );
    let set = desk.store.setting("fronts").await.expect("asked").expect("set").text;
    assert_eq!(
        set,
        "[[fronts]]\npage = \"/\"\ntop = [\"/town/bridge\", \"most-read\"]\nlists = [\"topic:tides\"]\n"
    );
    let behind = desk.post("/desk/fronts", &ed, &format!("{wish}&do=save")).await;
    assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(behind).await.contains("Somebody else has changed a front"));
    let history = text(desk.get("/desk/fronts?page=/town", &ed).await).await;
    assert!(history.contains("ed@example.org saved changes."), "{history}");
}

#[tokio::test]
async fn what_cannot_be_on_a_front_is_explained() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    for (wish, fault) in [
        (
            "page=/&place-0=latest&address-1=/town/gone",
            "Second story: there is no published article at",
        ),
        ("page=/&place-0=/town/paid", "is sponsored and can’t be the lead story"),
        ("page=/&place-0=/town/bridge&address-1=/old/bridge", "is chosen twice"),
        ("page=/&place-0=newest", "Choose an article or a rule"),
        ("page=/town&block-0=most-read", "Only the homepage has blocks"),
        ("page=/&block-0=latest", "can’t be a block"),
        ("page=/&block-0=most-read&layout-0=mosaic", "There is no layout “mosaic”"),
    ] {
        let answer = desk.post("/desk/fronts", &ed, &format!("{wish}&version=0&do=save")).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wish}");
        let said = text(answer).await;
        assert!(said.contains(fault), "{wish}: {said}");
    }
    for nothing in ["/desk/fronts?page=/nowhere", "/desk/fronts?page=town"] {
        assert_eq!(desk.get(nothing, &ed).await.status(), StatusCode::NOT_FOUND, "{nothing}");
    }
    // A full address works too.
    let full = "page=/&version=0&address-2=http://paper.example/old/bridge&do=save";
    assert_eq!(desk.post("/desk/fronts", &ed, full).await.status(), StatusCode::SEE_OTHER);
    let set = desk.store.setting("fronts").await.expect("asked").expect("set").text;
    assert!(set.contains(r#"top = ["latest", "latest", "/town/bridge"]"#), "{set}");
}

#[tokio::test]
async fn the_layout_of_a_block_is_chosen_previewed_and_in_force_at_once() {
    let desk = TestDesk::open().await;
    // More than there are places above the blocks.
    for slug in ["a", "b", "c", "d", "e", "f"] {
        desk.store.save(&article(slug, slug), Timestamp::now()).await.expect("saved");
    }
    desk.publish_articles().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let form =
        "page=/&version=0&block-0=topic:tides&layout-0=opinion&block-1=section:town&layout-1=";
    let look = text(desk.post("/desk/fronts", &ed, &format!("{form}&do=look")).await).await;
    assert!(
        look.contains("<option value=\"opinion\" selected>Opinion, with authors</option>"),
        "{look}"
    );
    assert!(look.contains("<option value=\"\" selected>Automatic</option>"), "{look}");
    assert!(look.contains("layout-0=opinion"), "the preview has the layout: {look}");
    let preview = "/desk/fronts/page?page=/&block-0=topic:tides&layout-0=opinion";
    let seen = text(desk.get(preview, &ed).await).await;
    assert!(seen.contains("<section class=\"stories opinion\""), "{seen}");
    // A block that is moved takes its layout with it.
    let moved = text(desk.post("/desk/fronts", &ed, &format!("{form}&do=up-1")).await).await;
    let (first, second) = moved.split_once("id=\"layout-1\"").expect("two blocks");
    assert!(first.contains("<option value=\"\" selected>"), "{first}");
    assert!(second.contains("<option value=\"opinion\" selected>"), "{second}");

    let saved = desk.post("/desk/fronts", &ed, &format!("{form}&do=save")).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    let set = desk.store.setting("fronts").await.expect("asked").expect("set").text;
    assert!(set.contains("lists = [\"topic:tides as opinion\", \"section:town\"]"), "{set}");
    let again = text(desk.get("/desk/fronts", &ed).await).await;
    assert!(again.contains("<option value=\"opinion\" selected>"), "{again}");
    let log = desk.store.audit_log(&AuditQuery::default(), 1).await.expect("read");
    let told = format!("{:?}", log.first().expect("an entry").changes);
    assert!(told.contains("topic:tides as opinion"), "{told}");
}
