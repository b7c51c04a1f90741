//! The navigation and the footer that a publisher has set.

use masthead_access::Tier;
use masthead_editorial::{
    Kind, Menus, Piece,
    menus::{FooterGroup, MenuLink},
};
use masthead_publication::Publication;

use crate::{
    newspaper::{Newspaper, article, tiered},
    shop::sells,
};

fn link(to: &str, label: &str) -> MenuLink {
    MenuLink::new(to, label, false).expect("a link")
}

fn menus() -> Menus {
    let hidden = MenuLink::new("/sport", "", true).expect("a link");
    let navigation = vec![
        link("https://shop.example/?a=1&b=\u{27}", "The <shop>"),
        link("/about", ""),
        link("/news/locked", ""),
        link("/nothing", "Nothing"),
        hidden,
        link("other-sections", ""),
    ];
    let links = vec![link("/how-the-meter-works", ""), link("/search", "Find")];
    Menus::new(navigation, vec![FooterGroup::new("Service", links).expect("a group")])
        .expect("menus")
}

/// The part of a page between two texts.
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let rest = page.split_once(start).expect(start).1;
    rest.split_once(end).expect(end).0
}

#[tokio::test]
async fn pages_have_the_menus_that_are_set_and_no_link_that_leads_nowhere() {
    let set = |publication: &mut Publication| {
        sells(publication);
        publication.menus = menus();
    };
    for paper in Newspaper::on_both_with(set).await {
        paper.publish(&article("a")).await;
        paper.publish(&tiered("locked", Tier::Subscribers)).await;
        paper.publish(&Piece { kind: Kind::Page, section: None, ..article("about") }).await;
        for path in ["/", "/news/a", "/about", "/news", "/nothing"] {
            let page = paper.browser().get(path).await.text();
            let navigation = between(&page, "<nav aria-label=\"Sections\">", "</nav>");
            let shop = "<li><a href=\"https:&#x2F;&#x2F;shop.example&#x2F;?a=1&amp;b=&#x27;\">The &lt;shop&gt;</a></li>";
            assert!(
                navigation.contains(shop) || navigation.contains("The &lt;shop&gt;</a>"),
                "{navigation}"
            );
            assert!(navigation.contains("/about\""), "{navigation}");
            assert!(navigation.contains("<li data-section=\"news\">"), "{navigation}");
            for absent in ["/news/locked", "/nothing", "/sport"] {
                assert!(!navigation.contains(absent), "{absent}: {navigation}");
            }
            assert_eq!(navigation.contains("aria-current"), path == "/about" || path == "/news");
            let foot = between(&page, "<footer", "</footer>");
            assert!(foot.contains(">Service</h2>") && foot.contains(">Find</a>"), "{foot}");
            assert!(!foot.contains("/feed.xml"), "{foot}");
            // Also if they are not named, while something is sold.
            assert!(foot.contains("/cancel\"") && foot.contains("/withdraw\""), "{foot}");
        }
    }
}

#[tokio::test]
async fn menus_without_sales_have_no_links_to_cancel() {
    let paper = Newspaper::with(|publication| publication.menus = menus()).await;
    let page = paper.browser().get("/").await.text();
    assert!(!page.contains("href=\"/cancel\"") && page.contains(">Service</h2>"), "{page}");
}
