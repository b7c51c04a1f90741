//! Forms take the longest texts that they promise, in any script, and keep a text that is too long. A Japanese character has nine bytes
//! in a form.
//!
//! To add a form with a text: name its field in [`FIELDS`], and the form in [`forms`] if the text has a limit.

use std::{collections::BTreeSet, fs, path::Path};

use axum::response::Response;
use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{TestDesk, planning::uploaded, text};

/// The long texts in the desk's templates.
const FIELDS: [&str; 17] = [
    "article.html body",
    "article.html deck",
    "article.html headline",
    "article.html reason",
    "author.html bio",
    "comments.html reply",
    "comments.html text",
    "live-fields.html text",
    "live.html text",
    "message.html {{ name }}",
    "offer.html codes",
    "product.html benefits",
    "reader.html note",
    "redirects.html file",
    "seller.html seller",
    "seller.html transfer",
    "topic.html description",
];

/// A form with one text of at most so many characters.
struct LongForm {
    to: String,
    /// The other fields, and the name of the text with `=` at the end.
    form: &'static str,
    most: usize,
}

/// A desk with what every form is about, and the cookie of an owner.
async fn prepared() -> (TestDesk, String) {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    for (to, form) in [
        ("/desk/articles/1/live/coverage", "do=start"),
        ("/desk/articles/1/live", "text=First"),
        ("/desk/articles/1/comments", "text=First"),
        ("/desk/articles", "headline=The+river"),
        ("/desk/articles/3/review", "version=1"),
    ] {
        let answer = desk.post(to, &olu, form).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{to}: {}", text(answer).await);
    }
    (desk, olu)
}

async fn forms(desk: &TestDesk, olu: &str) -> Vec<LongForm> {
    let reader = "rea@example.org".parse().expect("an address");
    let (reader, _) = desk.store.register(&reader, desk.now()).await.expect("registered");
    let reader = format!("/desk/readers/{}", reader.id.0);
    let picture = format!("/desk/pictures/{}", uploaded(desk, olu, "boat.gif").await);
    [
        ("/desk/articles/1/live", "headline=&text=", 20_000),
        ("/desk/articles/1/live/1", "version=1&text=", 20_000),
        ("/desk/articles/1/comments", "text=", 4000),
        ("/desk/articles/1/comments/1/replies", "text=", 4000),
        ("/desk/articles/3/return", "version=2&reason=", 1000),
        ("/desk/authors/new", "version=0&name=Kai&do=save&bio=", 5000),
        (
            "/desk/topics/tides",
            "version=0&was=Tides&name=Tides&slug=tides&do=save&description=",
            1000,
        ),
        (&picture, "version=1&rights_note=", 1000),
        (&format!("{reader}/notes"), "note=", 4000),
        (&format!("{reader}/meter"), "reason=", 500),
    ]
    .into_iter()
    .map(|(to, form, most)| LongForm { to: to.to_owned(), form, most })
    .collect()
}

/// So many Japanese characters, as they are sent.
fn japanese(characters: usize) -> String {
    "%E6%BD%AE".repeat(characters)
}

async fn assert_status(answer: Response, status: StatusCode, what: &str) -> String {
    let (sent, page) = (answer.status(), text(answer).await);
    assert_eq!(sent, status, "{what}: {page}");
    page
}

#[test]
fn every_long_text_is_known() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let template = fs::read_to_string(&path).unwrap_or_default();
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        for field in template.split("<textarea id=\"").skip(1) {
            let id = field.split('"').next().unwrap_or_default();
            let id = if id.starts_with("reply") { "reply" } else { id };
            found.insert(format!("{file} {id}"));
        }
    }
    let known = FIELDS.map(str::to_owned).into();
    assert_eq!(found, known, "name new fields here, and their forms");
}

#[tokio::test]
async fn the_longest_texts_are_accepted_in_any_script() {
    let (desk, olu) = prepared().await;
    for LongForm { to, form, most } in forms(&desk, &olu).await {
        let sent = format!("{form}{}", japanese(most));
        let answer = desk.post(&to, &olu, &sent).await;
        assert_status(answer, StatusCode::SEE_OTHER, &to).await;
    }
    // Twelve lines of a hundred characters each, twice.
    let lines = vec![japanese(100); 12].join("%0D%0A");
    let seller = format!("version=0&seller={lines}&transfer={lines}&do=save");
    assert_status(desk.post("/desk/seller", &olu, &seller).await, StatusCode::SEE_OTHER, "seller")
        .await;
    // Texts without a limit of their own.
    for (to, form) in [
        ("/desk/messages/meter.left/banner", "do=look&text="),
        ("/desk/products/new", "do=look&benefits="),
        ("/desk/offers/new", "do=look&codes="),
    ] {
        let answer = desk.post(to, &olu, &format!("{form}{}", japanese(5000))).await;
        assert_ne!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE, "{to}");
        assert!(text(answer).await.contains(&"潮".repeat(5000)), "{to}");
    }
}

#[tokio::test]
async fn a_text_that_is_too_long_is_kept_and_nothing_is_changed() {
    let (desk, olu) = prepared().await;
    for LongForm { to, form, most } in forms(&desk, &olu).await {
        for characters in [most + 1, 2 * most] {
            let answer = desk.post(&to, &olu, &format!("{form}{}", japanese(characters))).await;
            let page = assert_status(answer, StatusCode::UNPROCESSABLE_ENTITY, &to).await;
            let kept = page.contains(&"潮".repeat(characters));
            assert!(kept, "{to}: the text of {characters} characters is lost");
            let written = most.to_string();
            let grouped =
                page.contains(&format!("{},{}", most / 1000, &written[written.len() - 3..]));
            assert!(grouped || page.contains(&written), "{to} says what is allowed");
        }
    }
    let lines = vec![japanese(101); 12].join("%0D%0A");
    let seller = format!("version=0&seller={lines}&transfer={lines}&do=save");
    let answer = desk.post("/desk/seller", &olu, &seller).await;
    let page = assert_status(answer, StatusCode::UNPROCESSABLE_ENTITY, "seller").await;
    assert!(page.matches(&"潮".repeat(101)).count() >= 24, "{page}");
}
