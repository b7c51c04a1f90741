//! How the home page and the fronts of sections are arranged.

use masthead_access::ArticleId;
use masthead_audience::{CountedEvent, CounterBatch, EventTime, Subject};
use masthead_editorial::{Design, Front, Picture, Piece, Section};

use super::newspaper::{Newspaper, article, sponsored};

/// What stands on top of a page, by the ends of the headlines: the lead first.
async fn top(paper: &Newspaper, page: &str) -> Vec<String> {
    let html = paper.browser().get(page).await.text();
    let cards = html.split("<article class=\"card ").skip(1);
    let on_top = cards.filter(|card| card.starts_with("lead-story") || card.starts_with("second"));
    on_top.map(|card| headline(card).to_owned()).collect()
}

fn headline(card: &str) -> &str {
    let after = card.split("Headline ").nth(1).expect("a headline");
    after.split('<').next().unwrap_or_default()
}

async fn paper(fronts: &[(&str, &[&str], &[&str])]) -> Newspaper {
    let fronts: Vec<Front> = fronts
        .iter()
        .map(|(page, top, lists)| {
            Front::check(page, top.iter().copied(), lists.iter().copied()).expect("a front")
        })
        .collect();
    let paper = Newspaper::with(|publication| publication.fronts = fronts).await;
    // The first is the oldest.
    for (index, slug) in ["a", "b", "c", "d", "e", "f", "g", "h"].into_iter().enumerate() {
        let mut piece = article(slug);
        piece.published = Some(format!("2026-11-20T0{index}:00:00Z").parse().expect("a time"));
        if slug == "b" {
            piece.section = Some(Section { slug: "sport".into(), name: "Sport".into() });
        }
        paper.publish(&piece).await;
    }
    paper.refresh().await;
    paper
}

#[tokio::test]
async fn a_front_arranges_itself_until_somebody_does() {
    assert_eq!(top(&paper(&[]).await, "/").await, ["h", "g", "f", "e"]);
    let by_hand = paper(&[("/", &["latest", "/news/c", "section:sport"], &[])]).await;
    assert_eq!(top(&by_hand, "/").await, ["h", "c", "b", "g"]);
    // What is on top is not listed again.
    let home = by_hand.browser().get("/").await.text();
    for slug in ["h", "c", "b", "g"] {
        assert_eq!(home.matches(&format!("Headline {slug}<")).count(), 1, "{slug}");
    }
}

#[tokio::test]
async fn a_withdrawn_article_is_replaced_by_the_latest() {
    let fronts = [("/", &["/news/c", "/old/d", "/news/nothing", "topic:nothing"][..], &[][..])];
    let paper = paper(&fronts).await;
    // An address that was left leads to where the article is now.
    assert_eq!(top(&paper, "/").await, ["c", "d", "h", "g"]);
    let mut withdrawn = article("c");
    withdrawn.status = masthead_editorial::Status::Withdrawn;
    paper.publish(&withdrawn).await;
    paper.refresh().await;
    assert_eq!(top(&paper, "/").await, ["h", "d", "g", "f"]);
}

#[tokio::test]
async fn what_somebody_paid_for_never_leads() {
    let paper = paper(&[("/", &["/news/paid", "/news/paid"][..1], &[])]).await;
    paper.publish(&sponsored("paid")).await;
    paper.refresh().await;
    assert_eq!(top(&paper, "/").await[0], "h");
}

#[tokio::test]
async fn a_section_is_arranged_and_lists_the_rest() {
    let paper = paper(&[("/news", &["/news/c", "/sport/b"], &[])]).await;
    assert_eq!(top(&paper, "/news").await, ["c", "b", "h", "g"]);
    let front = paper.browser().get("/news").await.text();
    for slug in ["a", "c", "h"] {
        assert_eq!(front.matches(&format!("Headline {slug}<")).count(), 1, "{slug}");
    }
    // Others begin with their latest articles.
    assert_eq!(top(&paper, "/sport").await, ["b"]);
    assert_eq!(top(&paper, "/author/writer").await, ["h", "g", "f"]);
    let list = paper.browser().get("/author/writer").await.text();
    assert_eq!(list.matches("Headline h<").count(), 1, "the lead is not listed again");
}

#[tokio::test]
async fn what_is_read_most_is_listed_and_counted_by_nobody_else() {
    for paper in Newspaper::on_both().await {
        for slug in ["a", "b", "c", "d", "e", "f"] {
            paper.publish(&article(slug)).await;
        }
        paper.refresh().await;
        let home = paper.browser().get("/").await.text();
        assert!(!home.contains("Most read"), "nothing was read");
        let day = paper.site.snapshot().day();
        let mut batch = CounterBatch::default();
        for (id, times) in [(2, 9), (5, 8), (1, 7), (3, 6), (4, 5), (6, 1), (99, 50)] {
            let key =
                |counted| (EventTime { day, hour: 0 }, counted, Subject::Article(ArticleId(id)));
            batch.counts.insert(key(CountedEvent::MeteredRead), times - 1);
            batch.counts.insert(key(CountedEvent::OpenRead), 1);
            batch.counts.insert(key(CountedEvent::OffersSeen), 100 - times);
        }
        paper.store.add_to_audience(&batch).await.expect("added");
        paper.site.live.refresh_most_read().await.expect("read");
        let home = paper.browser().get("/").await.text();
        let list = home.split("most-read").nth(1).expect("a list");
        let list = list.split("</ol>").next().unwrap_or_default();
        let read: Vec<&str> = list.split("<li>").skip(1).map(headline).collect();
        assert_eq!(read, ["b", "e", "a", "c", "d"]);
        // An article that is printed meanwhile leaves the list as it is.
        paper.publish(&article("g")).await;
        paper.refresh().await;
        assert!(paper.browser().get("/").await.text().contains("Most read"));
    }
}

#[tokio::test]
async fn lists_have_layouts_in_turn_or_the_one_that_was_chosen() {
    let classes = |html: &str| -> Vec<String> {
        let sections = html.split("<section class=\"stories ").skip(1);
        sections.map(|list| list.split('"').next().unwrap_or_default().to_owned()).collect()
    };
    let in_turn = paper(&[]).await.browser().get("/").await.text();
    assert_eq!(classes(&in_turn), ["lead-and-list", "plain-grid"]);
    for layout in ["plain-grid", "columns", "feature", "strip", "opinion", "numbered"] {
        let list = format!("section:news as {layout}");
        let paper = paper(&[("/", &["latest"], &[list.as_str()])]).await;
        let home = paper.browser().get("/").await.text();
        assert_eq!(classes(&home), [layout]);
        let list = home.split("<section class=\"stories ").nth(1).expect("a list");
        assert_eq!(list.matches("<ol>").count(), usize::from(layout == "numbered"), "{layout}");
        let named = list.contains("class=\"voice\"");
        assert_eq!(named, layout == "opinion", "{layout} puts authors first: {list}");
    }
}

/// The addresses of the pictures of cards, in their order.
fn pictures(html: &str) -> Vec<&str> {
    let arts = html.split("class=\"art\"").skip(1);
    arts.filter_map(|art| art.split("src=\"").nth(1)?.split('"').next()).collect()
}

#[tokio::test]
async fn a_page_shows_no_picture_twice() {
    let paper = Newspaper::new().await;
    let picture = |name: &str| {
        let src = format!("/media/{name}.svg");
        Some(Picture { src, alt: "A picture".into(), ..Picture::default() })
    };
    // Six, so that some are in the list below the top.
    for (slug, name) in
        [("a", "one"), ("b", "two"), ("c", "one"), ("d", "two"), ("e", "one"), ("f", "one")]
    {
        paper.publish(&Piece { picture: picture(name), ..article(slug) }).await;
    }
    for address in ["/", "/news", "/author/writer"] {
        let html = paper.browser().get(address).await.text();
        let mut shown = pictures(&html);
        assert!(!shown.is_empty(), "{address}");
        let number = shown.len();
        shown.sort_unstable();
        shown.dedup();
        assert_eq!(shown.len(), number, "{address}: {html}");
    }
    // Nor that of the article itself among the related ones.
    let html = paper.browser().get("/news/a").await.text();
    assert_eq!(html.matches("src=\"/media/one.svg\"").count(), 1, "{html}");
}

#[tokio::test]
async fn what_somebody_paid_for_is_not_among_the_latest() {
    let top = ["/news/h", "/news/g", "/news/f", "/news/e"];
    let paper = paper(&[("/", &top, &["most-read"])]).await;
    paper.publish(&sponsored("paid")).await;
    paper.refresh().await;
    let home = paper.browser().get("/").await.text();
    let latest = home.split("id=\"latest\"").nth(1).expect("the latest");
    assert!(latest.contains("Headline c<") && !latest.contains("Headline paid"), "{latest}");
}

#[tokio::test]
async fn opinions_have_their_own_layout_and_a_photo_story_its_picture() {
    let paper = Newspaper::new().await;
    let section = Some(Section { slug: "sport".into(), name: "Sport".into() });
    let design = Some(Design::Opinion);
    for (index, slug) in ["v", "w"].into_iter().enumerate() {
        let published = Some(format!("2026-11-0{}T09:00:00Z", index + 1).parse().expect("a time"));
        let piece = Piece { section: section.clone(), design, published, ..article(slug) };
        paper.publish(&piece).await;
    }
    let picture = |name: &str| {
        let src = format!("/media/{name}.svg");
        Some(Picture { src, alt: "A picture".into(), ..Picture::default() })
    };
    // The lead, two whose pictures are not shown or not there, and the story.
    paper.publish(&Piece { picture: picture("lead"), ..article("a") }).await;
    for slug in ["b", "c"] {
        paper.publish(&article(slug)).await;
    }
    let published = Some("2026-11-19T09:00:00Z".parse().expect("a time"));
    let design = Some(Design::PhotoStory);
    let story = Piece { picture: picture("story"), design, published, ..article("story") };
    paper.publish(&story).await;
    let home = paper.browser().get("/").await.text();
    assert!(home.contains("<section class=\"stories opinion\""), "{home}");
    assert_eq!(pictures(&home), ["/media/lead.svg", "/media/story.svg"]);
}
