//! The language of the desk: each member of the staff chooses theirs.

use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{CONFIG, TestDesk, cookie, leads_to, text};

#[tokio::test]
async fn everybody_chooses_their_language_and_returns_to_the_page() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let page = text(desk.get("/desk/articles?list=review", &ada).await).await;
    assert!(page.contains("<html lang=\"en\">"), "{page}");
    assert!(page.replace("&#x2f;", "/").contains("value=\"/desk/articles?list=review\""), "{page}");

    let form = "language=de&from=%2Fdesk%2Farticles%3Flist%3Dreview";
    let chosen = desk.post("/desk/language", &ada, form).await;
    assert_eq!(chosen.status(), StatusCode::SEE_OTHER);
    assert_eq!(leads_to(&chosen), "/desk/articles?list=review");
    let german = format!("{ada}; {}", cookie(&chosen));
    let page = text(desk.get("/desk/articles?list=review", &german).await).await;
    assert!(page.contains("<html lang=\"de\">") && page.contains("Zur Prüfung"), "{page}");
    // Notices, which are rendered outside of handlers, are in the same language; others keep theirs.
    let missing = text(desk.get("/desk/articles/4000", &german).await).await;
    assert!(missing.contains("Artikel nicht gefunden"), "{missing}");
    assert!(text(desk.get("/desk", &ada).await).await.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn only_known_languages_are_stored_and_only_own_pages_are_returned_to() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let unknown = desk.post("/desk/language", &ada, "language=tlh&from=%2Fdesk").await;
    assert!(!unknown.headers().contains_key("set-cookie"));
    let away = "language=de&from=https%3A%2F%2Fevil.example%2F";
    assert_eq!(leads_to(&desk.post("/desk/language", &ada, away).await), "/");
    assert_eq!(leads_to(&desk.post("/desk/language", &ada, "language=de").await), "/desk");
}

#[tokio::test]
async fn the_desk_is_at_first_in_the_language_of_the_publication_or_in_english() {
    let desk = TestDesk::open().await;
    let link = desk.link(None, Role::Author).await;
    let title = async || {
        let page = text(desk.get(&link, "").await).await;
        page.split("<h1>").nth(1).and_then(|rest| rest.split('<').next()).map(str::to_owned)
    };
    for (locale, expected) in [
        ("de", "Mitarbeiten bei The Paper"),
        ("de-AT", "Mitarbeiten bei The Paper"),
        ("fr", "Join The Paper"),
        ("en-GB", "Join The Paper"),
    ] {
        let config = CONFIG.replace("locale = \"en\"", &format!("locale = \"{locale}\""));
        desk.configure(&config).await.expect("configured");
        assert_eq!(title().await.as_deref(), Some(expected), "{locale}");
    }
}
