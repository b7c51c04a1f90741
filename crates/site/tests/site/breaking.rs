//! Breaking news at the top of every page, until its end.

use std::sync::atomic::Ordering;

use masthead_editorial::{BreakingNews, Status};
use masthead_publication::Publication;

use super::newspaper::{Newspaper, article, publication, sponsored};

const END: &str = "2026-11-24T12:00:00Z";
/// Pages of each kind: kept ready, and made for one reader.
const PAGES: [&str; 10] = [
    "/",
    "/news",
    "/news/a",
    "/topic/matter",
    "/author/writer",
    "/nowhere",
    "/how-the-meter-works",
    "/search?q=headline",
    "/sign-in",
    "/offers",
];

fn with_news(text: &str, link: &str) -> Publication {
    let until = END.parse().expect("a time");
    let breaking = Some(BreakingNews::new(text, link, until).expect("breaking news"));
    Publication { breaking, ..publication() }
}

async fn at(paper: &Newspaper, path: &str) -> String {
    paper.browser().get(path).await.text()
}

#[tokio::test]
async fn breaking_news_is_on_every_page_until_its_end_and_nowhere_afterwards() {
    for paper in Newspaper::on_both().await {
        paper.publish(&article("a")).await;
        for path in PAGES {
            assert!(!at(&paper, path).await.contains("Breaking news"), "{path}");
        }
        paper.republish(with_news("Bridge <closed>", "/news/a")).await.expect("in force");
        for path in PAGES {
            let page = at(&paper, path).await;
            let bar = page.split("class=\"breaking\"").nth(1).expect(path);
            let bar = bar.split("</section>").next().unwrap_or_default();
            assert!(bar.contains("Bridge &lt;closed&gt;"), "{path}: {bar}");
            assert!(bar.contains("<a href=\"/news/a\""), "{path}: {bar}");
            assert!(!bar.contains("role=\"alert\"") && !bar.contains("aria-live"), "{path}: {bar}");
            assert_eq!(bar.contains("aria-current"), path == "/news/a", "{path}: {bar}");
        }
        // The clock of another server goes on as well.
        let other =
            paper.another(|publication| publication.breaking = with_news("Closed", "").breaking);
        let other = other.await;
        paper.set_clock("2026-11-24T11:59:59Z");
        assert!(!paper.site.live.advance().await, "nothing is due yet");
        assert!(at(&paper, "/news/a").await.contains("Breaking news"));
        paper.set_clock(END);
        assert!(paper.site.live.advance().await && other.live.advance().await);
        for path in PAGES {
            assert!(!at(&paper, path).await.contains("Breaking news"), "{path}");
        }
        assert!(other.snapshot().breaking_ends().is_none());
        assert!(!paper.site.live.advance().await, "one new snapshot is enough");
    }
}

#[tokio::test]
async fn a_page_is_made_once_for_all_readers_of_breaking_news() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    at(&paper, "/news/a").await;
    let misses = || paper.site.live.pages().counts.misses.load(Ordering::Relaxed);
    let before = misses();
    paper.republish(with_news("Bridge closed", "")).await.expect("in force");
    for _ in 0..5 {
        assert!(at(&paper, "/news/a").await.contains("Bridge closed"));
    }
    assert_eq!(misses(), before + 1);
}

#[tokio::test]
async fn a_link_goes_where_the_article_is_and_away_when_it_is_withdrawn() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    paper.publish(&sponsored("paid")).await;
    // A former address, another site, and what a sponsor paid for.
    for (link, href) in [
        ("/old/a", Some("/news/a")),
        ("/news", Some("/news")),
        ("https://example.org/live", Some("https://example.org/live")),
        ("/news/paid", Some("/news/paid")),
        ("/news/nothing", None),
    ] {
        paper.republish(with_news("Bridge closed", link)).await.expect("in force");
        let home = at(&paper, "/").await;
        let linked = href.is_some_and(|href| {
            home.contains(&format!("</strong> <a href=\"{href}\" dir=\"auto\">Bridge closed</a>"))
        });
        assert_eq!(linked, href.is_some(), "{link}: {home}");
        assert!(home.contains("Bridge closed"), "{link}");
    }
    paper.republish(with_news("Bridge closed", "/news/a")).await.expect("in force");
    let mut withdrawn = article("a");
    withdrawn.status = Status::Withdrawn;
    paper.publish(&withdrawn).await;
    assert!(at(&paper, "/").await.contains("</strong> <span dir=\"auto\">Bridge closed</span>"));
}
