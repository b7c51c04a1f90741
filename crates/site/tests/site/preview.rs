//! Looking at an article through a reader's eyes.

use masthead_access::{Allowance, Outcome, RequestContext, Standing, Tier, WallReason};
use masthead_circulation::{History, Offer, OfferAudience};
use masthead_editorial::Piece;
use masthead_publication::preview::{Preview, PreviewAs, SimulatedReader};

use crate::{
    newspaper::{Newspaper, sentence, tiered},
    post::sign_in,
    shop::ADA,
};

fn somebody(standing: Standing) -> SimulatedReader {
    SimulatedReader {
        standing,
        products: Vec::new(),
        paused_until: None,
        read: 0,
        has_read_this: false,
        context: RequestContext::Plain,
        history: History::New,
    }
}

async fn seen(paper: &Newspaper, address: &str, reader: SimulatedReader) -> Preview {
    let seen = paper.site.previews.at_address(address, &PreviewAs::SimulatedReader(reader)).await;
    seen.expect("a page").expect("an article")
}

#[tokio::test]
async fn a_made_up_reader_meets_the_meter_as_a_real_one_would() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcd").await;
    let anonymous = |read| SimulatedReader { read, ..somebody(Standing::Anonymous) };
    for (read, outcome) in [
        (0, Outcome::Metered { left: 2 }),
        (2, Outcome::Metered { left: 0 }),
        (3, Outcome::Wall(WallReason::Register)),
    ] {
        let seen = seen(&paper, "/news/a", anonymous(read)).await;
        assert_eq!(seen.decision.outcome, outcome, "{read} read");
        let page = String::from_utf8(seen.page).expect("UTF-8");
        let locked = page.contains(&sentence("a", 9));
        assert_eq!(locked, seen.decision.delivers_full_text(), "the page is what they would get");
        assert_eq!(seen.decision.meter.expect("a meter").spent, read);
    }
    let again = SimulatedReader { has_read_this: true, ..anonymous(3) };
    assert_eq!(&*seen(&paper, "/news/a", again).await.decision.header(), "open;reason=re-read");
    // Nobody was counted: a real reader begins at the beginning.
    assert_eq!(paper.browser().access("/news/a").await, "metered;left=2");
}

#[tokio::test]
async fn a_preview_names_its_message() {
    let paper = Newspaper::new().await;
    paper.publish_metered("a").await;
    let wall = SimulatedReader { read: 3, ..somebody(Standing::Anonymous) };
    let seen = seen(&paper, "/news/a", wall).await;
    assert_eq!(seen.moments, ["wall.register"]);
    assert_eq!(seen.placements, ["wall"]);
    let page = String::from_utf8(seen.page.clone()).expect("UTF-8");
    assert!(page.contains("class=\"message wall"), "{page}");
    assert!(!seen.decision.delivers_full_text());
}

#[tokio::test]
async fn products_and_robots_are_looked_through_too() {
    let paper = Newspaper::new().await;
    paper.publish(&tiered("gold", Tier::Product(vec!["gold".into()]))).await;
    paper.publish(&tiered("subscribers", Tier::Subscribers)).await;
    let subscriber = |products: &[&str]| SimulatedReader {
        products: products.iter().map(ToString::to_string).collect(),
        history: History::Live,
        ..somebody(Standing::Subscribed { ends: None })
    };
    let header = async |address, reader| seen(&paper, address, reader).await.decision.header();
    assert_eq!(header("/news/gold", subscriber(&[])).await, "wall;reason=product");
    assert_eq!(header("/news/gold", subscriber(&["gold"])).await, "open;reason=subscribed");
    let crawler = SimulatedReader {
        context: RequestContext::VerifiedCrawler,
        ..somebody(Standing::Anonymous)
    };
    assert_eq!(header("/news/subscribers", crawler).await, "wall;reason=subscribers");
}

#[tokio::test]
async fn a_reader_with_an_account_is_seen_as_they_are_and_not_counted() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abc").await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert_eq!(ada.access("/news/a").await, "metered;left=4");
    let account = paper.store.account_at(&ADA.parse().expect("an address")).await;
    let viewer = PreviewAs::Account(account.expect("asked").expect("an account").id);
    for _ in 0..3 {
        let seen = paper
            .site
            .previews
            .at_address("/news/b", &viewer)
            .await
            .expect("a page")
            .expect("an article");
        assert_eq!(&*seen.decision.header(), "metered;left=3");
    }
    assert_eq!(ada.access("/news/c").await, "metered;left=3", "looking was not counted");
}

#[tokio::test]
async fn there_is_nothing_to_see_where_there_is_no_article() {
    let paper = Newspaper::new().await;
    paper.publish_metered("a").await;
    for address in ["/", "/news", "/news/none"] {
        let viewer = PreviewAs::SimulatedReader(somebody(Standing::Anonymous));
        assert!(
            paper.site.previews.at_address(address, &viewer).await.expect("asked").is_none(),
            "{address}"
        );
    }
    let moved = seen(&paper, "/old/a", somebody(Standing::Anonymous)).await;
    assert_eq!(moved.address, "/news/a");
}

#[tokio::test]
async fn support_sees_what_a_readers_window_has_counted() {
    let paper = Newspaper::new().await;
    paper.publish_metered("ab").await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    ada.get("/news/a").await;
    let account = paper.store.account_at(&ADA.parse().expect("an address")).await;
    let account = account.expect("asked").expect("an account").id;
    let stands = paper.site.previews.meter_status(account).await.expect("asked");
    assert_eq!((stands.counted.len(), stands.allowance), (1, Some(Allowance::Articles(5))));
    assert_eq!(stands.counted[0].headline.as_deref(), Some("Headline a"));
    assert_eq!(stands.counted[0].address, "/news/a");
    paper.go_to("2027-01-01T00:00:00Z").await;
    let stands = paper.site.previews.meter_status(account).await.expect("asked");
    assert_eq!((stands.counted.len(), stands.allowance), (0, Some(Allowance::Articles(5))));
}

#[tokio::test]
async fn an_offer_is_seen_before_it_is_made() {
    let paper = Newspaper::with(crate::shop::sells).await;
    let catalogue = paper.site.snapshot().publication.catalogue.clone();
    let new = Offer {
        slug: "autumn".to_owned(),
        name: "Autumn <leaves>".to_owned(),
        ends: Some("2026-01-01".parse().expect("a day")),
        ..catalogue.offers()[0].clone()
    };
    let seen = |offer: &Offer| {
        String::from_utf8(paper.site.snapshot().offers_preview(offer, paper.now()).expect("a page"))
            .expect("text")
    };
    let page = seen(&new);
    assert!(page.contains("Autumn &lt;leaves&gt;") && page.contains("The web edition"), "{page}");
    let lapsed = seen(&Offer { audience: OfferAudience::Lapsed, ..new.clone() });
    assert!(lapsed.contains("Autumn") && !lapsed.contains("14 days"), "{lapsed}");
    let codes = OfferAudience::Codes(vec!["FEW".to_owned()]);
    let coded = seen(&Offer { audience: codes, ..new });
    assert!(coded.contains("value=\"FEW\"") && coded.contains("Autumn"), "{coded}");
    assert!(!paper.browser().get("/offers").await.text().contains("Autumn"));
}

#[tokio::test]
async fn a_piece_that_was_changed_a_moment_ago_is_previewed_as_it_is_now() {
    let paper = Newspaper::new().await;
    paper.publish_metered("a").await;
    let locked = Piece { headline: "Now locked".into(), ..tiered("a", Tier::Subscribers) };
    paper.store.save(&locked, jiff::Timestamp::now()).await.expect("saved");
    let seen = seen(&paper, "/news/a", somebody(Standing::Anonymous)).await;
    assert_eq!(seen.decision.outcome, Outcome::Wall(WallReason::Subscribers));
    let page = String::from_utf8(seen.page).expect("UTF-8");
    assert!(page.contains("Now locked") && !page.contains(&sentence("a", 9)));
}
