//! The settings of sections.

use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{TestDesk, leads_to, text};

const BOTH: &str = "version=0&slug-0=town&name-0=Town&color-0=%238a1c1c&slug-1=sport&name-1=Sport";

#[tokio::test]
async fn sections_are_named_ordered_added_and_removed() {
    let desk = TestDesk::open().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let page = text(desk.get("/desk/sections", &ed).await).await;
    assert!(page.contains("URL: &#x2f;town.") && page.contains("Sport"), "{page}");
    assert!(!page.contains("These changes aren’t live yet"));
    // Buttons change the form, not what is in force.
    let moved = text(desk.post("/desk/sections", &ed, &format!("{BOTH}&do=up-1")).await).await;
    assert!(moved.contains("These changes aren’t live yet"), "{moved}");
    assert!(moved.find("value=\"sport\"") < moved.find("value=\"town\""), "{moved}");
    let added = text(desk.post("/desk/sections", &ed, &format!("{BOTH}&do=add")).await).await;
    assert!(added.contains("name-2"), "{added}");
    let fewer = text(desk.post("/desk/sections", &ed, &format!("{BOTH}&do=remove-0")).await).await;
    assert!(!fewer.contains("value=\"town\""), "{fewer}");
    assert_eq!(desk.store.setting("sections").await.expect("asked"), None);

    let form =
        format!("{BOTH}&name-2=Arts+%26+Books&description-2=What+to+see.&design-2=opinion&do=save");
    let saved = desk.post("/desk/sections", &ed, &form).await;
    assert_eq!((saved.status(), leads_to(&saved)), (StatusCode::SEE_OTHER, "/desk/sections"));
    let set = desk.store.setting("sections").await.expect("asked").expect("set").text;
    let last = "[[sections]]\nslug = \"arts-books\"\nname = \"Arts & Books\"\ndescription = \"What to see.\"\ndesign = \"opinion\"\n";
    assert!(set.ends_with(last) && set.contains("color = \"#8a1c1c\""), "{set}");
    let behind = desk.post("/desk/sections", &ed, &form).await;
    assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(behind).await.contains("Somebody else has changed the sections"));
    let file = desk.post("/desk/sections", &ed, "version=1&do=file").await;
    assert_eq!(file.status(), StatusCode::SEE_OTHER);
    let none = desk.post("/desk/sections", &ed, "version=2&do=save").await;
    assert_eq!(none.status(), StatusCode::SEE_OTHER);
    let set = desk.store.setting("sections").await.expect("asked").expect("set").text;
    assert_eq!(set, "sections = []\n");
}

#[tokio::test]
async fn an_earlier_version_is_put_in_force_again() {
    let desk = TestDesk::open().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    desk.post("/desk/sections", &ed, &format!("{BOTH}&do=save")).await;
    let first = desk.store.setting("sections").await.expect("asked").expect("set").text;
    desk.post("/desk/sections", &ed, "version=1&do=save").await;
    let page = text(desk.get("/desk/sections", &ed).await).await;
    assert!(page.contains("action=\"&#x2f;desk&#x2f;history&#x2f;sections\""), "{page}");
    assert_eq!(page.matches("Restore this version").count(), 1, "{page}");
    // Against a version that is superseded, one that never was, and by somebody who may not.
    for (form, cookie) in
        [("version=1&wanted=1", &ed), ("version=2&wanted=9", &ed), ("version=2&wanted=1", &ada)]
    {
        let refused = desk.post("/desk/history/sections", cookie, form).await;
        assert!(refused.status().is_client_error(), "{form}");
    }
    let done = desk.post("/desk/history/sections", &ed, "version=2&wanted=1").await;
    assert_eq!(leads_to(&done), "/desk/sections");
    let now = desk.store.setting("sections").await.expect("asked").expect("set");
    assert_eq!((now.version, now.text), (3, first));
}

#[tokio::test]
async fn mistakes_in_sections_are_explained() {
    let desk = TestDesk::open().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    for (wish, fault) in [
        ("name-2=", "A section has no name."),
        ("name-2=Account", "the site uses it itself"),
        ("name-2=!!!", "it has no letters"),
        ("name-2=Town", "“Town” would have the same URL as “Town”."),
        ("name-2=Arts&design-2=oppinion", "There is no design “oppinion” for “Arts”"),
        ("name-2=Arts&color-2=crimson", "“crimson” is not a colour."),
        ("name-2=Arts&color-2=%23ffcc00", "hard to read on white: its contrast is 1.5 to 1"),
    ] {
        let form = format!("{BOTH}&{wish}&do=save");
        let answer = desk.post("/desk/sections", &ed, &form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wish}");
        let said = text(answer).await;
        assert!(said.contains(fault), "{wish}: {said}");
    }
    assert_eq!(desk.store.setting("sections").await.expect("asked"), None);
}
