//! The settings of the meter.

use axum::response::Response;
use http::StatusCode;
use masthead_circulation::staff::Role;
use masthead_editorial::{Author, Piece, Topic};

use super::{TestDesk, article, text};

const FORM: &str = "version=0&window=month&days=&anonymous=2&registered=5&default_tier=metered\
    &teaser=2&teaser_unit=paragraphs&crawlers=metered";
const RULE: &str = "&rule-0-tier=subscribers&rule-0-section=town&rule-0-topic=&rule-0-author=&rule-0-kind=\
    &rule-0-older=7+days&rule-0-younger=";

async fn refused(answer: Response, because: &str) {
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let said = text(answer).await;
    assert!(said.contains(because), "{said}");
}

#[tokio::test]
async fn the_meter_is_explained_before_it_is_saved() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let page = text(desk.get("/desk/meter", &cy).await).await;
    assert!(
        page.contains("Current settings") && page.contains("can read 3 metered articles a month")
    );
    assert!(page.contains("The meter is set in masthead.toml."));

    let look = desk.post("/desk/meter", &cy, &format!("{FORM}{RULE}&do=look")).await;
    let page = text(look).await;
    for said in [
        "What your changes mean",
        "Readers without an account can read 2 metered articles a month.",
        "Rule 1: section Town, older than 7 days → Subscribers",
        "All other articles → Metered",
        "Save and go live",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Check these settings"), "{page}");
    assert_eq!(desk.store.setting("meter").await.expect("asked"), None);

    let saved = desk.post("/desk/meter", &cy, &format!("{FORM}{RULE}&do=save")).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    // The next page says so, once.
    let note = saved.headers()["set-cookie"].to_str().expect("text").split(';').next();
    let with_note = format!("{cy}; {}", note.expect("a cookie"));
    let next = desk.get("/desk/meter", &with_note).await;
    assert!(next.headers()["set-cookie"].to_str().expect("text").contains("Max-Age=0"));
    assert!(text(next).await.contains("Changes saved."));
    let set = desk.store.setting("meter").await.expect("asked").expect("set");
    assert!(set.text.contains("older_than = \"7 days\""), "{}", set.text);
    // A form without the field keeps what is in force.
    assert!(set.text.contains("first_reads_per_network = 300"), "{}", set.text);
    let page = text(desk.get("/desk/meter", &cy).await).await;
    assert!(
        page.contains("cy@example.org saved changes.")
            && page.contains("anonymous: 3 → 2")
            && !page.contains("Changes saved.")
            && page.contains("Reset to masthead.toml")
    );

    // An older version is not saved.
    refused(
        desk.post("/desk/meter", &cy, &format!("{FORM}&do=save")).await,
        "Somebody else has changed the meter",
    )
    .await;
    let back = format!("{}&do=file", FORM.replace("version=0", "version=1"));
    desk.post("/desk/meter", &cy, &back).await;
    let page = text(desk.get("/desk/meter", &cy).await).await;
    assert!(page.contains("cy@example.org reset to the values from masthead.toml."));
}

#[tokio::test]
async fn mistakes_and_doubtful_settings_are_explained() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Owner).await;
    let look = |form: String| {
        let (desk, cy) = (&desk, &cy);
        async move { desk.post("/desk/meter", cy, &form).await }
    };
    let page = text(look(FORM.replace("registered=5", "registered=1")).await).await;
    assert!(page.contains("Check these settings") && page.contains("nobody would register"));
    refused(look(FORM.replace("anonymous=2", "anonymous=few")).await, "a whole number such as 3")
        .await;
    refused(
        look(format!("{FORM}{}", RULE.replace("7+days", "old"))).await,
        "“old” is not a length of time",
    )
    .await;
    refused(look(FORM.replace("window=month", "window=days")).await, "from 1 to 366").await;
}

#[tokio::test]
async fn a_rule_finds_topics_and_authors_in_other_scripts() {
    let desk = TestDesk::open().await;
    let topics = vec![Topic { slug: "dong-jing".to_owned(), name: "東京".to_owned() }];
    let authors =
        vec![Author { slug: "li-ming".to_owned(), name: "黎明".to_owned(), ..Author::default() }];
    let piece = Piece { topics, authors, ..article("ferry", "The last ferry") };
    desk.store.save(&piece, desk.now()).await.expect("saved");
    desk.live.refresh().await.expect("refreshed");
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    for (entered, field, rule) in [
        ("topic=東京", "rule-0-topic=", "topic = \"dong-jing\""),
        ("topic=dong-jing", "rule-0-topic=", "topic = \"dong-jing\""),
        // No article has it yet: it gets this slug with the first.
        ("topic=大阪", "rule-0-topic=", "topic = \"da-ban\""),
        // It would match all articles without one.
        ("topic=…", "rule-0-topic=", "topic = \"…\""),
        ("author=黎明", "rule-0-author=", "author = \"li-ming\""),
    ] {
        let version =
            desk.store.setting("meter").await.expect("asked").map_or(0, |set| set.version);
        let form = FORM.replace("version=0", &format!("version={version}"));
        let entered = format!("rule-0-{entered}");
        let form = format!("{form}{}&do=save", RULE.replace(field, &entered));
        let saved = desk.post("/desk/meter", &cy, &form).await;
        assert_eq!(saved.status(), StatusCode::SEE_OTHER, "{entered}");
        let set = desk.store.setting("meter").await.expect("asked").expect("set");
        assert!(set.text.contains(rule), "{entered}: {}", set.text);
    }
}

#[tokio::test]
async fn rules_are_added_moved_and_removed() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let second = RULE.replace("rule-0", "rule-1").replace("subscribers", "free");
    let post = async |wish: &str| {
        let form = format!("{FORM}{RULE}{second}&do={wish}");
        text(desk.post("/desk/meter", &cy, &form).await).await
    };
    assert!(post("add").await.contains("Remove rule 3"));
    assert!(!post("remove-0").await.contains("Remove rule 2"));
    let moved = post("up-1").await;
    let (free, subscribers) =
        (moved.find("7 days → Everybody"), moved.find("7 days → Subscribers"));
    assert!(free < subscribers && free.is_some(), "{moved}");
    assert!(
        moved.contains("Rule 2 never applies: rule 1 comes first and matches everything it does.")
    );
    // Buttons of rows that do not exist do nothing.
    for wish in ["remove-9", "up-0", "up-x", "nonsense"] {
        assert!(post(wish).await.contains("Remove rule 2"), "{wish}");
    }
}
