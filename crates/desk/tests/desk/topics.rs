//! Topics at the desk.

use http::StatusCode;
use masthead_access::Tier;
use masthead_circulation::staff::Role;
use masthead_editorial::{
    Piece, Topic,
    fronts::Pick,
    import::{Changes, ImportEntry},
};

use super::{CONFIG, TestDesk, article, leads_to, text};

/// The version in a page.
fn version(page: &str) -> &str {
    let rest = page.split("name=\"version\" value=\"").nth(1).expect("a version");
    rest.split('"').next().expect("a number")
}

impl TestDesk {
    async fn topic_page(&self, slug: &str, cookie: &str) -> String {
        text(self.get(&format!("/desk/topics/{slug}"), cookie).await).await
    }

    async fn publish_on(&self, slug: &str, topic: &str) {
        let topics = vec![Topic { slug: topic.to_lowercase(), name: topic.to_owned() }];
        let piece = Piece { topics, ..article(slug, slug) };
        self.store.save(&piece, self.now()).await.expect("saved");
        self.live.refresh().await.expect("refreshed");
    }
}

#[tokio::test]
async fn an_editor_describes_and_renames_a_topic() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let file =
        format!("{CONFIG}\n[[topics]]\nslug = \"tides\"\ndescription = \"From the file.\"\n");
    desk.configure(&file).await.expect("configured");
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let list = text(desk.get("/desk/topics", &ed).await).await;
    assert!(list.contains("Tides") && list.contains("2 articles"), "{list}");
    let page = desk.topic_page("tides", &ed).await;
    assert!(page.contains("From the file."), "{page}");
    let form = "was=Tides&name=The+tides&slug=the-tides&description=Of+the+sea.&do=save";
    let saved = desk.post("/desk/topics/tides", &ed, &format!("version=0&{form}")).await;
    assert_eq!(leads_to(&saved), "/desk/topics/the-tides");
    let snapshot = desk.live.snapshot();
    assert_eq!(snapshot.edition.on_topic("the-tides").len(), 2);
    assert_eq!(snapshot.edition.topic_description("the-tides"), Some("Of the sea."));
    let redirect = snapshot.edition.redirect("/topic/tides").expect("a redirect");
    assert_eq!(redirect.target, "/topic/the-tides");
    // The former name means the topic as it is now.
    desk.publish_on("later", "Tides").await;
    assert_eq!(desk.live.snapshot().edition.on_topic("the-tides").len(), 3);
    let late = desk.post("/desk/topics/tides", &ed, &format!("version=0&{form}")).await;
    assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let late = text(late).await;
    assert!(late.contains("somebody else has changed") && late.contains("Of the sea."), "{late}");
    assert_eq!(desk.get("/desk/topics/nothing", &ed).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn two_topics_become_one() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    desk.publish_on("quay", "Quays").await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let page = desk.topic_page("quays", &ed).await;
    let seen = version(&page);
    let none = desk.post("/desk/topics/quays", &ed, &format!("version={seen}&do=merge")).await;
    assert!(text(none).await.contains("Choose the topic that gets the articles."));
    let form = format!("version={seen}&was=Quays&name=Quays&slug=tides&do=save");
    let taken = desk.post("/desk/topics/quays", &ed, &form).await;
    assert!(text(taken).await.contains("Another topic has this URL."));
    let form = format!("version={seen}&was=Quays&into=tides&do=merge");
    let merged = desk.post("/desk/topics/quays", &ed, &form).await;
    assert_eq!(leads_to(&merged), "/desk/topics/tides");
    let snapshot = desk.live.snapshot();
    assert_eq!(snapshot.edition.on_topic("tides").len(), 3);
    assert_eq!(snapshot.edition.on_topic("quays").len(), 0);
    let piece = desk.store.piece("quay").await.expect("read").expect("a piece");
    assert_eq!(piece.topics, [Topic { slug: "tides".into(), name: "Tides".into() }]);
    let again = desk.post("/desk/topics/quays", &ed, &form).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_topic_that_an_access_rule_names_is_not_moved() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    desk.publish_on("quay", "Quays").await;
    let file = format!("{CONFIG}\n[[rules]]\ntopic = \"quays\"\ntier = \"subscribers\"\n");
    desk.configure(&file).await.expect("configured");
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    for (path, form) in [
        ("/desk/topics/tides", "into=quays&do=merge"),
        ("/desk/topics/quays", "into=tides&do=merge"),
        ("/desk/topics/quays", "name=Quays&slug=docks&do=save"),
        // Articles that name the quays would be on the tides from the next time on that they are published.
        ("/desk/topics/tides", "was=Tides&name=Quays&slug=tides&do=save"),
    ] {
        let refused = desk.post(path, &ed, &format!("version=0&{form}")).await;
        let page = text(refused).await;
        assert!(page.contains("An access rule names one of the two topics"), "{path} {form}");
    }
    let renamed = "version=0&name=The+quays&slug=quays&do=save";
    let renamed = desk.post("/desk/topics/quays", &ed, renamed).await;
    assert_eq!(renamed.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_rule_that_names_a_merged_topic_means_the_other() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    desk.publish_on("quay", "Quays").await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let form = "version=0&was=Quays&into=tides&do=merge";
    let merged = desk.post("/desk/topics/quays", &ed, form).await;
    assert_eq!(merged.status(), StatusCode::SEE_OTHER);
    // As when an older file is put back, or a part is left to the file.
    let file = format!(
        "{CONFIG}\n[[rules]]\ntopic = \"quays\"\ntier = \"subscribers\"\n\
         [[fronts]]\npage = \"/\"\nlists = [\"topic:quays\"]\n"
    );
    desk.configure(&file).await.expect("configured");
    let snapshot = desk.live.snapshot();
    let quay =
        snapshot.edition.on_topic("tides").iter().find(|piece| piece.address.ends_with("quay"));
    let article = quay.expect("an article").article();
    let tier = snapshot.publication.policy.tier(&article, desk.now());
    assert_eq!(tier.tier, &Tier::Subscribers);
    assert_eq!(snapshot.publication.fronts[0].lists[0].pick, Pick::Topic("tides".into()));
    // The rule goes on to protect both names.
    desk.publish_on("ship", "Ships").await;
    for (path, form) in [
        ("/desk/topics/tides", "into=ships&do=merge"),
        ("/desk/topics/ships", "name=Ships&slug=quays&do=save"),
    ] {
        let refused = desk.post(path, &ed, &format!("version=0&{form}")).await;
        let page = text(refused).await;
        assert!(page.contains("An access rule names one of the two topics"), "{path} {form}");
    }
}

#[tokio::test]
async fn only_a_topic_that_there_is_can_be_changed() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    for path in ["/desk/topics/nothing", "/desk/topics/No%20slug", "/desk/topics/a%00b"] {
        for form in ["was=A%00b&into=tides&do=merge", "was=A&name=Name&slug=name&do=save"] {
            let answer = desk.post(path, &ed, &format!("version=0&{form}")).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path} {form}");
        }
    }
    for path in ["/desk/topics/a%00b", "/desk/authors/a%00b"] {
        assert_eq!(desk.get(path, &ed).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(desk.store.count_redirects().await.expect("counted"), 0);
}

/// The number of articles of which some are left to a job.
const MANY: usize = 201;

#[tokio::test]
async fn the_page_says_how_far_a_big_merger_is() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let quays = vec![Topic { slug: "quays".into(), name: "Quays".into() }];
    let entry = |number: usize| {
        let slug = format!("quay-{number}");
        let piece = Piece { topics: quays.clone(), ..article(&slug, &slug) };
        ImportEntry {
            origin: slug,
            address: String::new(),
            result: Ok(piece),
            changes: Changes::default(),
        }
    };
    let entries: Vec<ImportEntry> = (0..MANY).map(entry).collect();
    desk.store.import_pieces(&entries, desk.now()).await.expect("imported");
    desk.live.refresh().await.expect("refreshed");
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let form = "version=0&was=Quays&into=tides&do=merge";
    assert_eq!(leads_to(&desk.post("/desk/topics/quays", &ed, form).await), "/desk/topics/tides");
    // Readers have all of them at once.
    assert_eq!(desk.live.snapshot().edition.on_topic("tides").len(), MANY + 2);
    let page = desk.topic_page("tides", &ed).await;
    assert!(page.contains("200 articles have been changed so far."), "{page}");
    desk.state.run_jobs().await.expect("done");
    let page = desk.topic_page("tides", &ed).await;
    assert!(!page.contains("have been changed so far."), "{page}");
    let piece = desk.store.piece("quay-200").await.expect("read").expect("a piece");
    assert_eq!(piece.topics[0].slug, "tides");
}
