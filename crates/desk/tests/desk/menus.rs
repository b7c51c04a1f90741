//! The menus of the site, set at the desk.

use http::StatusCode;
use masthead_circulation::staff::Role;
use masthead_editorial::{Kind, Piece, Status};
use masthead_store::AuditQuery;

use super::{TestDesk, article, leads_to, text};

/// The town, the page about us under another name, and another website in the navigation; one group in the footer.
const FORM: &str = "n-row=2&n-to-2=/about&n-label-2=Who+we+are&n-shown-2=yes&n-row=0&n-to-0=/town&n-shown-0=yes\
    &n-row=1&n-to-1=https://shop.example/&n-label-1=Shop&n-shown-1=yes&n-row=3&n-to-3=other-sections\
    &f-row=0&f-group-0=yes&f-label-0=Service&f-row=1&f-to-1=mailto:hello@paper.example&f-label-1=Write+to+us&f-shown-1=yes\
    &f-row=2&f-to-2=/gone&f-label-2=Gone&f-shown-2=yes";

fn about() -> Piece {
    Piece { kind: Kind::Page, section: None, ..article("about", "About us") }
}

/// The names and addresses of links.
fn links(links: &[masthead_publication::contexts::Link]) -> Vec<(&str, &str)> {
    links.iter().map(|link| (&*link.name, &*link.href)).collect()
}

async fn save(desk: &TestDesk, piece: &Piece) {
    desk.store.save(piece, desk.now()).await.expect("saved");
    desk.live.refresh().await.expect("refreshed");
}

#[tokio::test]
async fn menus_are_what_they_were_until_they_are_set() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        desk.publish_articles().await;
        save(&desk, &about()).await;
        let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
        let chrome = desk.live.snapshot().layout().bare_chrome("Title");
        assert_eq!(links(&chrome.sections), [("Town", "/town")]);
        let page = text(desk.get("/desk/menus", &cy).await).await;
        assert!(page.contains("<strong>Town</strong>"), "{page}");
        assert!(page.contains("All other sections") && page.contains("All other pages"), "{page}");
        assert!(page.contains("value=\"Help and information\""), "{page}");
        assert!(!page.contains("These changes aren’t live yet"), "{page}");
        assert!(page.contains("Not shown yet: the section has no published article."), "{page}");

        let saved = desk.post("/desk/menus", &cy, &format!("version=0&{FORM}&do=save")).await;
        assert_eq!((saved.status(), leads_to(&saved)), (StatusCode::SEE_OTHER, "/desk/menus"));
        let chrome = desk.live.snapshot().layout().bare_chrome("Title");
        let navigation =
            [("Who we are", "/about"), ("Town", "/town"), ("Shop", "https://shop.example/")];
        assert_eq!(links(&chrome.sections), navigation);
        assert_eq!(chrome.sections[1].slug, "town", "a section keeps its colour");
        let [group] = &chrome.footer[..] else { panic!("{:?}", chrome.footer) };
        assert_eq!(group.heading, "Service");
        assert_eq!(links(&group.links)[0], ("Write to us", "mailto:hello@paper.example"));
        assert!(links(&group.links).iter().all(|link| link.1 != "/gone"), "{group:?}");

        let page = text(desk.get("/desk/menus", &cy).await).await;
        assert!(page.contains("Not shown: nothing is published at this address."), "{page}");
        assert!(page.contains("menus.navigation"), "the history has the values: {page}");
        let home = text(desk.get("/desk", &cy).await).await;
        assert!(home.contains("1 link in the menus isn’t shown"), "{home}");
        let log = desk.store.audit_log(&AuditQuery::default(), 1).await.expect("read");
        assert_eq!(log[0].about, "menus");
        assert!(format!("{log:?}").contains("https://shop.example/"), "{log:?}");

        // Somebody who has the former version open overwrites nothing.
        let behind = desk.post("/desk/menus", &cy, &format!("version=0&{FORM}&do=save")).await;
        assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(behind).await.contains("Somebody else has changed the menus"));
        let file = desk.post("/desk/menus", &cy, "version=1&do=file").await;
        assert_eq!(file.status(), StatusCode::SEE_OTHER);
        let chrome = desk.live.snapshot().layout().bare_chrome("Title");
        assert_eq!(links(&chrome.sections), [("Town", "/town")]);
        let again = desk.post("/desk/history/menus", &cy, "version=2&wanted=1").await;
        assert_eq!(leads_to(&again), "/desk/menus");
        let chrome = desk.live.snapshot().layout().bare_chrome("Title");
        assert_eq!(links(&chrome.sections), navigation);
    }
}

#[tokio::test]
async fn links_follow_what_moves_and_disappear_with_what_is_withdrawn() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    save(&desk, &about()).await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let form = format!("version=0&{FORM}&do=save");
    assert_eq!(desk.post("/desk/menus", &cy, &form).await.status(), StatusCode::SEE_OTHER);
    let first = || {
        let chrome = desk.live.snapshot().layout().bare_chrome("Title");
        let link = &chrome.sections[0];
        (link.name.clone(), link.href.clone())
    };
    let named = |href: &str| ("Who we are".to_owned(), href.to_owned());
    assert_eq!(first(), named("/about"));

    let withdrawn = Piece { status: Status::Withdrawn, ..about() };
    save(&desk, &withdrawn).await;
    assert_eq!(first(), ("Town".to_owned(), "/town".to_owned()));
    let form = "path=/about&target=/town/bridge&status=308&do=save";
    assert_eq!(desk.post("/desk/redirects", &cy, form).await.status(), StatusCode::SEE_OTHER);
    desk.live.refresh().await.expect("refreshed");
    assert_eq!(first(), named("/town/bridge"));
    let page = text(desk.get("/desk/menus", &cy).await).await;
    assert!(page.contains("It has moved: the link leads to &#x2f;town&#x2f;bridge."), "{page}");
}

#[tokio::test]
async fn what_cannot_be_in_a_menu_is_explained() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    for (form, says) in [
        ("n-row=0&n-to-0=javascript:alert(1)&n-label-0=X", "can’t be linked to"),
        ("n-row=0&n-to-0=", "Enter an address"),
        ("n-row=0&n-to-0=https://example.org", "needs a label"),
        ("n-row=0&n-to-0=/a&n-row=1&n-to-1=/a", "is in the menu twice"),
        ("f-row=0&f-group-0=yes&f-label-0=", "A group has no heading"),
        ("f-row=0&f-to-0=/about", "must begin with a heading"),
    ] {
        let answer = desk.post("/desk/menus", &cy, &format!("version=0&{form}&do=save")).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        let page = text(answer).await;
        assert!(page.contains(says), "{form}: {page}");
    }
    assert_eq!(desk.store.setting("menus").await.expect("asked"), None);
    // Buttons change the form, not what is in force.
    let form = format!("version=0&{FORM}&n-new=/search&do=add-n");
    let added = text(desk.post("/desk/menus", &cy, &form).await).await;
    assert!(added.contains("name=\"n-to-4\" value=\"&#x2f;search\""), "{added}");
    assert!(added.contains("These changes aren’t live yet"), "{added}");
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    assert_eq!(desk.get("/desk/menus", &ed).await.status(), StatusCode::FORBIDDEN);
}
