//! Addresses in their own script: encoded wherever a machine reads them, found in every spelling, at one address each.

use http::StatusCode;
use masthead_editorial::{
    Author, Front, Piece, Section, SectionStyle, SlugScript, Topic,
    manuscript::named_author,
    menus::{MenuLink, MenuTarget},
};

use crate::newspaper::{Newspaper, article};

const OWN: SlugScript = SlugScript::OwnScript;
/// `/新聞/東京の雨`
const ARTICLE: &str = "/%E6%96%B0%E8%81%9E/%E6%9D%B1%E4%BA%AC%E3%81%AE%E9%9B%A8";
/// `/新聞`
const SECTION: &str = "/%E6%96%B0%E8%81%9E";
/// `/topic/öl`
const TOPIC: &str = "/topic/%C3%B6l";
/// `/author/黎明`
const AUTHOR: &str = "/author/%E9%BB%8E%E6%98%8E";

fn piece() -> Piece {
    Piece {
        slug: OWN.slugify("東京の雨"),
        section: Some(Section { slug: "新聞".into(), name: "新聞".into() }),
        topics: vec![Topic { slug: OWN.slugify("Öl"), name: "Öl".into() }],
        authors: vec![named_author("黎明".into(), OWN)],
        former_addresses: vec!["/2012/03/東京/".into()],
        ..article("rain")
    }
}

async fn papers() -> [Newspaper; 2] {
    let papers = Newspaper::on_both_with(|publication| {
        publication.slugs = OWN;
        publication.menus.navigation = ["/新聞", "/topic/Öl", AUTHOR]
            .map(|path| MenuLink::to(MenuTarget::Path(path.into())))
            .into();
    })
    .await;
    for paper in &papers {
        paper.publish(&piece()).await;
    }
    papers
}

#[tokio::test]
async fn addresses_are_encoded_wherever_a_machine_reads_them() {
    for paper in papers().await {
        for path in ["/", SECTION, TOPIC, AUTHOR, ARTICLE] {
            let reply = paper.browser().get(path).await;
            assert_eq!(reply.status, StatusCode::OK, "{path}");
            let page = reply.text();
            let canonical = format!("<link rel=\"canonical\" href=\"https://paper.example{path}\"");
            assert!(page.replace("&#x2f;", "/").contains(&canonical), "{path}: {page}");
            for part in page.split("href=\"").skip(1) {
                let href = part.split('"').next().expect("an address");
                assert!(href.is_ascii(), "{path}: {href}");
            }
        }
        let page = paper.browser().get(ARTICLE).await.text();
        assert!(page.contains(&format!("\"url\":\"https://paper.example{AUTHOR}\"")), "{page}");
        assert!(page.contains(&format!("\"mainEntityOfPage\":\"https://paper.example{ARTICLE}\"")));
        let map = paper.browser().get("/sitemap/1.xml").await.text();
        for path in [SECTION, ARTICLE] {
            assert!(map.contains(&format!("<loc>https://paper.example{path}</loc>")), "{map}");
        }
        for list in [SECTION, TOPIC, AUTHOR] {
            let reply = paper.browser().get(&format!("{list}/feed.xml")).await;
            assert_eq!(reply.status, StatusCode::OK, "{list}");
            let feed: atom_syndication::Feed = reply.text().parse().expect("a feed (RFC 4287)");
            let link = feed.entries()[0].links()[0].href().to_owned();
            assert_eq!(link, format!("https://paper.example{ARTICLE}"));
        }
        let api = paper.browser().get(&format!("/api/v1/access{ARTICLE}")).await;
        assert_eq!(api.status, StatusCode::OK);
        assert!(api.text().contains(&format!("\"article\":\"{ARTICLE}\"")));
    }
}

#[tokio::test]
async fn every_spelling_leads_to_the_one_address() {
    for paper in papers().await {
        for (asked, to) in [
            ("/%e6%96%b0%e8%81%9e/%e6%9d%b1%e4%ba%ac%e3%81%ae%e9%9b%a8", ARTICLE),
            ("/%E6%96%B0%E8%81%9E/%E6%9D%B1%E4%BA%AC%E3%81%AE%E9%9B%A8/", ARTICLE),
            ("/2012/03/%E6%9D%B1%E4%BA%AC/", ARTICLE),
            ("/2012/03/%e6%9d%b1%e4%ba%ac/", ARTICLE),
            ("/%e6%96%b0%e8%81%9e", SECTION),
            ("/category/%e6%96%b0%e8%81%9e/", SECTION),
            ("/topic/%c3%b6l", TOPIC),
            ("/topic/%C3%96L", TOPIC),
            ("/topic/o%CC%88l", TOPIC),
            ("/tag/%c3%b6l/", TOPIC),
            ("/author/%e9%bb%8e%e6%98%8e/", AUTHOR),
        ] {
            let reply = paper.browser().get(asked).await;
            assert_eq!(reply.status, StatusCode::PERMANENT_REDIRECT, "{asked}");
            assert_eq!(reply.header("location"), Some(to), "{asked}");
        }
        for asked in ["/topic/%c3%b6l/feed.xml", "/topic/o%CC%88l/feed.xml", "/tag/%c3%b6l/feed/"] {
            let reply = paper.browser().get(asked).await;
            assert_eq!(reply.header("location"), Some("/topic/%C3%B6l/feed.xml"), "{asked}");
        }
        for nothing in ["/topic/%FF", "/topic/%C3%B6l%2Fx", "/%E6%96%B0"] {
            let reply = paper.browser().get(nothing).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{nothing}");
        }
    }
}

#[tokio::test]
async fn addresses_of_authors_in_wordpress_lead_to_transliterated_ones() {
    for paper in Newspaper::on_both().await {
        let authors =
            vec![Author { slug: "li-ming".into(), name: "黎明".into(), ..Author::default() }];
        paper.publish(&Piece { authors, ..article("a") }).await;
        for asked in ["/author/%e9%bb%8e%e6%98%8e/", "/author/%E9%BB%8E%E6%98%8E"] {
            let reply = paper.browser().get(asked).await;
            assert_eq!(reply.header("location"), Some("/author/li-ming"), "{asked}");
        }
    }
}

#[tokio::test]
async fn fronts_and_sections_are_set_for_addresses_in_their_own_script() {
    let papers = Newspaper::on_both_with(|publication| {
        publication.sections = vec![SectionStyle {
            slug: "新聞".into(),
            name: "ニュース".into(),
            description: "毎日".into(),
            ..publication.sections[0].clone()
        }];
        publication.fronts = vec![
            Front::check("/新聞", ["/新聞/東京の雨"], []).expect("a front"),
            Front::check("/", [ARTICLE], ["section:新聞", "topic:öl"]).expect("a front"),
        ];
    })
    .await;
    for paper in papers {
        paper.publish(&piece()).await;
        paper.publish(&article("later")).await;
        let page = paper.browser().get(SECTION).await.text();
        assert!(page.contains("ニュース") && page.contains("毎日"), "{page}");
        let home = paper.browser().get("/").await.text();
        assert!(home.contains("data-section=\"新聞\""), "{home}");
    }
}
