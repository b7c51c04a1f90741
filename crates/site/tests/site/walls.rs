//! What walls, banners and footers offer: the free way first, one price, and the way in for those who have an account.

use http::StatusCode;
use jiff::civil::Date;
use masthead_access::{Tier, message::Moment};
use masthead_circulation::Catalogue;
use masthead_editorial::{Kind, Piece};
use masthead_publication::Publication;

use crate::{
    newspaper::{Browser, Newspaper, article, sentence, tiered},
    post::{latest, sign_in},
    shop::{ADA, ada, buy, location, number, paper, sells},
};

/// The part of a page that is the wall.
fn wall_of(page: &str) -> &str {
    let start = page.find("<aside class=\"message wall\"").expect("a wall");
    let end = page[start..].find("</aside>").expect("its end");
    &page[start..start + end]
}

/// The places of these texts, which are all there.
fn places<const N: usize>(html: &str, texts: [&str; N]) -> [usize; N] {
    texts.map(|text| html.find(text).unwrap_or_else(|| panic!("no {text}: {html}")))
}

async fn read_all(browser: &mut Browser, slugs: &str) {
    for slug in slugs.chars() {
        browser.get(&format!("/news/{slug}")).await;
    }
}

#[tokio::test]
async fn the_register_wall_has_the_free_account_first_and_then_the_price() {
    let paper = paper().await;
    let mut reader = paper.browser();
    read_all(&mut reader, "abc").await;
    let page = reader.get("/news/d").await.text();
    assert!(!page.contains(&sentence("d", 1)), "the locked text is not sent");
    let wall = wall_of(&page);
    let [headline, more, button, price, then, ends, offers, trial, sign_in] = places(
        wall,
        [
            "Keep reading with a free account",
            "read 2 more articles this month",
            r#"<a class="button" href="/register">Create a free account</a>"#,
            r#"<p class="price">$9 for 3 months</p>"#,
            "Then $12 a month.",
            "Offer ends January 31, 2027.",
            r#"<a href="/offers">See subscription options</a>"#,
            r#"<a href="/checkout/trial">Try free for 14 days</a>"#,
            r#"Already a subscriber? <a href="/sign-in">Sign in</a>"#,
        ],
    );
    let order = [headline, more, button, price, then, ends, offers, trial, sign_in];
    assert!(order.is_sorted(), "{order:?}: {wall}");
    assert_eq!(wall.matches("class=\"button\"").count(), 1, "{wall}");
}

#[tokio::test]
async fn the_subscribers_wall_has_one_price_the_products_benefits_and_one_button() {
    let with_benefits = |publication: &mut Publication| {
        sells(publication);
        let catalogue = &publication.catalogue;
        let mut products = catalogue.products().to_vec();
        products[0].benefits = ["One", "Two <b>", "Three", "Four"].map(str::to_owned).to_vec();
        let (prices, offers) = (catalogue.prices().to_vec(), catalogue.offers().to_vec());
        publication.catalogue = Catalogue::new(products, prices, offers).expect("a catalogue");
    };
    let paper = Newspaper::with(with_benefits).await;
    paper.publish(&tiered("locked", Tier::Subscribers)).await;
    let page = paper.browser().get("/news/locked").await.text();
    let wall = wall_of(&page);
    let order = places(
        wall,
        [
            "This article is for subscribers",
            "$9 for 3 months",
            "<li>One</li>",
            "<li>Two &lt;b&gt;</li>",
            "<li>Three</li>",
            r#"<a class="button" href="/offers">"#,
            r#"<a href="/checkout/trial">"#,
            "Sign in",
        ],
    );
    assert!(order.is_sorted(), "{order:?}: {wall}");
    assert!(!wall.contains("Four"), "at most three benefits: {wall}");
    assert_eq!(wall.matches("$12").count(), 1, "the price is not said twice: {wall}");
}

#[tokio::test]
async fn readers_with_an_account_are_not_asked_to_sign_in_nor_offered_what_they_had() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    let page = ada.get("/news/locked").await.text();
    assert!(!wall_of(&page).contains("/sign-in"), "{page}");
    ada.post("/checkout/trial", "from=/").await;
    paper.go_to("2026-12-08T09:00:00Z").await;
    let page = ada.get("/news/locked").await.text();
    let wall = wall_of(&page);
    assert!(wall.contains("Your trial has ended") && wall.contains("$6 for 2 months"), "{wall}");
    assert!(!wall.contains("/checkout/trial"), "one trial for each reader: {wall}");
}

#[tokio::test]
async fn a_publication_that_sells_nothing_offers_an_account_only() {
    let paper = Newspaper::with(|_| {}).await;
    paper.publish_metered("abcd").await;
    let mut reader = paper.browser();
    read_all(&mut reader, "abc").await;
    let page = reader.get("/news/d").await.text();
    let wall = wall_of(&page);
    assert!(wall.contains("Already have an account?") && wall.contains("/register"), "{wall}");
    for sold in ["price", "/offers", "/checkout"] {
        assert!(!wall.contains(sold), "{sold}: {wall}");
    }
    assert!(!page.contains("/cancel"), "there is nothing to cancel: {page}");
}

#[tokio::test]
async fn a_paused_subscriber_resumes_at_the_wall_and_is_back_at_the_article() {
    for paper in Newspaper::on_both_with(sells).await {
        paper.publish(&tiered("locked", Tier::Subscribers)).await;
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        let rest = format!("/account/subscriptions/{}/rest", number(&paper).await);
        ada.post(&rest, "weeks=4").await;
        let page = ada.get("/news/locked").await.text();
        let wall = wall_of(&page);
        assert!(wall.contains("Your subscription is paused until December 22"), "{wall}");
        assert!(wall.contains(r#"<form method="post" action="/account/continuation">"#), "{wall}");
        assert!(!wall.contains("price") && !wall.contains("/offers"), "{wall}");
        assert!(!page.contains(">Subscribe</a>"), "the header leads in no circle: {page}");
        let offers = ada.get("/offers").await.text();
        assert!(offers.contains("paused until December 22, 2026"), "{offers}");
        assert!(offers.contains(r#"action="/account/continuation""#), "{offers}");

        let mut there = ada.clone().sending("referer", "https://paper.example/news/locked");
        there = there.sending("host", "paper.example");
        assert_eq!(location(&there.post("/account/continuation", "").await), "/news/locked");
        assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
        // Again, on another device: nothing is paused, and nothing changes.
        assert_eq!(location(&ada.post("/account/continuation", "").await), "/account");
        let away = ada.post("/account/continuation", "from=//evil.example/").await;
        assert_eq!(location(&away), "/account");
        // A cancelled subscription stays cancelled.
        let id = number(&paper).await;
        ada.post(&format!("/account/subscriptions/{id}/cancellation"), "").await;
        ada.post("/account/continuation", "").await;
        let account = ada.get("/account").await.text();
        assert!(account.contains("Cancelled. You can keep reading"), "{account}");
        let stranger = paper.browser().post("/account/continuation", "").await;
        assert_eq!(location(&stranger), "/sign-in");
    }
}

#[tokio::test]
async fn the_banner_offers_an_account_if_that_gives_more_and_else_a_subscription() {
    let paper = paper().await;
    let mut reader = paper.browser();
    let page = reader.get("/news/a").await.text();
    let banner = &page[page.find("data-banner").expect("a banner")..];
    let [register, meter] = places(banner, ["/register", "/how-the-meter-works"]);
    assert!(register < meter && !banner.contains("/offers"), "{banner}");
    let mut ada = ada(&paper).await;
    let page = ada.get("/news/a").await.text();
    let banner = &page[page.find("data-banner").expect("a banner")..];
    let [offers, meter] = places(banner, ["/offers", "/how-the-meter-works"]);
    assert!(offers < meter && !banner.contains("/register"), "{banner}");
}

#[tokio::test]
async fn a_trial_that_ends_says_how_to_go_on_and_what_that_costs() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    ada.post("/checkout/trial", "from=/").await;
    paper.go_to("2026-12-05T09:00:01Z").await;
    let page = ada.get("/news/a").await.text();
    let notice = &page[page.find("role=\"note\"").expect("a notice")..];
    assert!(notice.contains("Keep reading after that: $12 a month."), "{notice}");
    let [offers, account] = places(notice, ["href=\"/offers\"", "href=\"/account\""]);
    assert!(offers < account, "{notice}");
}

#[tokio::test]
async fn a_reader_who_wants_their_account_is_in_it_after_signing_in() {
    let paper = paper().await;
    let mut reader = paper.browser();
    let to = location(&reader.get("/account").await);
    assert_eq!(to, "/sign-in?from=%2Faccount");
    let form = reader.get(&to).await.text();
    assert!(form.contains(r#"name="from" value="/account""#), "{form}");
    assert_eq!(location(&sign_in(&paper, &mut reader, ADA, "/account").await), "/account");
    // From an article the reader is back at it, and another site is never a place to go.
    let mut there = paper.browser().sending("referer", "https://paper.example/news/a");
    there = there.sending("host", "paper.example");
    let form = there.get("/sign-in").await.text();
    assert!(form.contains(r#"name="from" value="/news/a""#), "{form}");
    for evil in ["//evil.example/", "https://evil.example/", "/\\evil.example"] {
        let from = evil.replace(':', "%3A").replace('/', "%2F").replace('\\', "%5C");
        let form = paper.browser().get(&format!("/sign-in?from={from}")).await.text();
        assert!(form.contains(r#"name="from" value="/""#), "{evil}: {form}");
    }
    // A trial begun at a wall leads back to its article.
    let checkout = there.get("/checkout/trial").await.text();
    assert!(checkout.contains("from=%2Fnews%2Fa"), "{checkout}");
}

#[tokio::test]
async fn the_footer_links_to_published_pages_with_those_of_the_law_last() {
    let paper = paper().await;
    let page = |slug: &str| Piece { kind: Kind::Page, section: None, ..article(slug) };
    for slug in ["terms", "contact", "zebras", "accessibility", "help"] {
        paper.publish(&page(slug)).await;
    }
    let html = paper.browser().get("/").await.text();
    let foot = &html[html.find("<footer").expect("a footer")..];
    let order = places(
        foot,
        [
            "href=\"/news\"",
            "href=\"/zebras\"",
            "href=\"/help\"",
            "href=\"/contact\"",
            "href=\"/terms\"",
            "href=\"/accessibility\"",
            "href=\"/how-the-meter-works\"",
            "href=\"/cancel\"",
            "href=\"/feed.xml\"",
            "© 2026 The Paper",
        ],
    );
    assert!(order.is_sorted(), "{order:?}: {foot}");
    assert!(!foot.contains("/privacy"), "it is not published: {foot}");
}

#[tokio::test]
async fn every_moment_of_a_wall_has_its_layout_in_the_desks_preview() {
    let paper = paper().await;
    let snapshot = paper.site.live.snapshot();
    for moment in Moment::ALL.into_iter().filter(|moment| moment.is_wall()) {
        let messages = snapshot.publication.messages.iter();
        for message in messages.filter(|message| message.moment == moment) {
            let page = paper.site.previews.of_message(message).await.expect("a preview");
            let page = String::from_utf8(page.expect("an article")).expect("UTF-8");
            let wall = wall_of(&page);
            let has_price = wall.contains("class=\"price\"");
            let sells = !matches!(moment, Moment::WallProduct | Moment::WallSubscriptionPaused);
            assert_eq!(has_price, sells, "{moment}: {wall}");
            assert!(wall.contains("class=\"button\""), "{moment}: {wall}");
        }
    }
}

#[tokio::test]
async fn a_pause_is_told_of_by_email_and_a_second_one_is_not() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let rest = format!("/account/subscriptions/{}/rest", number(&paper).await);
    for _ in 0..2 {
        assert_eq!(ada.post(&rest, "weeks=2").await.status, StatusCode::SEE_OTHER);
    }
    let told = crate::post::kinds(&paper, ADA).await;
    assert_eq!(told, ["receipt", "paused"]);
    let text = latest(&paper, ADA, "paused").await.text;
    let until = Date::constant(2026, 12, 8).strftime("%B %-d, %Y").to_string();
    assert!(text.contains(&until), "{text}");
}
