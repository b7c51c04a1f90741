//! The publication's own pages.

use masthead_circulation::staff::Role;
use masthead_editorial::{Kind, Piece};

use super::{TestDesk, article, text};

#[tokio::test]
async fn pages_are_listed_with_what_is_missing_and_unfinished() {
    let desk = TestDesk::open().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let page = |slug: &str, body: &str| Piece {
        kind: Kind::Page,
        section: None,
        body: body.to_owned(),
        ..article(slug, slug)
    };
    for (slug, body) in [("terms", "<p>[Fill in: who you are]</p>"), ("about", "<p>We.</p>")] {
        desk.store.save(&page(slug, body), desk.now()).await.expect("saved");
    }
    desk.live.refresh().await.expect("refreshed");
    let list = text(desk.get("/desk/pages", &ed).await).await;
    let of = |slug: &str| {
        let rest = list.split(&format!(">{slug}</a></h2>")).nth(1).expect("a page");
        rest.split("</li>").next().expect("a row").to_owned()
    };
    assert!(of("terms").contains("Not finished"), "{list}");
    assert!(!of("about").contains("Not finished"), "{list}");
    assert!(list.contains("/desk/articles/new?page=imprint"), "{list}");
    assert!(!list.contains("/desk/articles/new?page=terms"), "{list}");
}

#[tokio::test]
async fn a_missing_page_begins_with_its_address() {
    let desk = TestDesk::open().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let imprint = text(desk.get("/desk/articles/new?page=imprint", &ed).await).await;
    assert!(imprint.contains("value=\"imprint\""), "{imprint}");
    assert!(imprint.contains("value=\"page\" selected"), "{imprint}");
    let other = text(desk.get("/desk/articles/new?page=account", &ed).await).await;
    assert!(!other.contains("value=\"account\""), "{other}");
}
