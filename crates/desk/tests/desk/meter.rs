//! The settings of the meter.

use axum::response::Response;
use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{TestDesk, text};

const FORM: &str = "version=0&window=month&days=&anonymous=2&registered=5&default_tier=metered\
    &teaser=paragraphs:2&crawlers=metered";
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
        page.contains("What is set now") && page.contains("may read 3 metered articles a month")
    );
    assert!(page.contains("So far masthead.toml says how the meter is."));

    let look = desk.post("/desk/meter", &cy, &format!("{FORM}{RULE}&do=look")).await;
    let page = text(look).await;
    for said in [
        "What this would mean",
        "A reader without an account may read 2 metered articles a month.",
        "Articles in Town are for subscribers once they are 7 days old.",
        "All other articles are metered.",
        "Set it: readers meet it at once",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Is this what you mean?"), "{page}");
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
            && page.contains("Use the values from masthead.toml again")
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
    assert!(page.contains("cy@example.org went back to the values from masthead.toml."));
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
    assert!(page.contains("Is this what you mean?") && page.contains("nobody would register"));
    refused(look(FORM.replace("anonymous=2", "anonymous=few")).await, "a whole number such as 3")
        .await;
    refused(look(format!("{FORM}{}", RULE.replace("7+days", "old"))).await, "“old” is no age")
        .await;
    refused(look(FORM.replace("window=month", "window=days")).await, "from 1 to 366").await;
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
    assert!(post("add").await.contains("Take rule 3 out"));
    assert!(!post("remove-0").await.contains("Take rule 2 out"));
    let moved = post("up-1").await;
    let (free, subscribers) =
        (moved.find("are free for everyone once"), moved.find("are for subscribers once"));
    assert!(free < subscribers && free.is_some(), "{moved}");
    assert!(moved.contains("Rule 2 never matters: rule 1 comes first and matches all of it."));
    // Buttons of rows that do not exist do nothing.
    for wish in ["remove-9", "up-0", "up-x", "nonsense"] {
        assert!(post(wish).await.contains("Take rule 2 out"), "{wish}");
    }
}
