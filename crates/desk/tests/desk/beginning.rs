//! New articles, and what becomes of empty ones.

use http::{Request, StatusCode, header};
use masthead_access::ArticleId;
use masthead_circulation::staff::Role;

use super::{TestDesk, leads_to, text};

const TOKEN: &str = "0123456789abcdef";

impl TestDesk {
    /// Sends the first save of a new article as the editor's script does.
    async fn first_save(&self, cookie: &str, form: &str) -> (StatusCode, String) {
        let request = Request::post("/desk/articles")
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = self.send(request, form.to_owned().into()).await;
        (answer.status(), text(answer).await)
    }
}

#[tokio::test]
async fn looking_at_the_page_of_a_new_article_begins_none() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let page = text(desk.get("/desk/articles/new", &ada).await).await;
    assert!(
        page.contains("action=\"/desk/articles\"") && page.contains("name=\"begun\""),
        "{page}"
    );
    assert!(desk.store.story(ArticleId(1)).await.expect("asked").is_none());
}

#[tokio::test]
async fn the_first_save_begins_an_article_once() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
        let (_, bo) = desk.staff("bo@example.org", Role::Author).await;
        let first = format!("version=0&begun={TOKEN}&headline=Tides");
        let (status, said) = desk.first_save(&ada, &first).await;
        assert_eq!(status, StatusCode::OK, "{said}");
        assert!(said.contains(r#""version":1"#) && said.contains(r#""number":1"#), "{said}");
        // The answer was lost: the same page sends it again, with more words.
        let again = format!("version=0&begun={TOKEN}&headline=Tides+and+quays");
        let (status, said) = desk.first_save(&ada, &again).await;
        assert_eq!(status, StatusCode::OK, "{said}");
        let story = desk.store.story(ArticleId(1)).await.expect("asked").expect("a story");
        assert_eq!((story.draft.headline.as_str(), story.entry.version), ("Tides and quays", 2));
        // What was saved meanwhile is not overwritten.
        let (status, said) = desk.first_save(&ada, &first).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(said.contains(r#""number":1"#) && said.contains("Tides and quays"), "{said}");
        assert!(desk.store.story(ArticleId(2)).await.expect("asked").is_none());
        // The token opens nobody else's article.
        let (status, said) = desk.first_save(&bo, &first).await;
        assert!(!said.contains("Tides and quays") && status != StatusCode::OK, "{said}");
    }
}

#[tokio::test]
async fn empty_drafts_are_deleted_and_others_are_archived() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (_, bo) = desk.staff("bo@example.org", Role::Author).await;
    for form in ["", "headline=Tides", ""] {
        assert_eq!(desk.post("/desk/articles", &ada, form).await.status(), StatusCode::SEE_OTHER);
    }
    assert!(text(desk.get("/desk/articles/1", &ada).await).await.contains("Delete empty draft"));
    let refused = desk.post("/desk/articles/2/deletion", &ada, "version=1").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(refused).await.contains("Archive this one instead"));
    let deleted = desk.post("/desk/articles/1/deletion", &ada, "version=1").await;
    assert_eq!(leads_to(&deleted), "/desk/articles");
    assert_eq!(desk.get("/desk/articles/1", &ada).await.status(), StatusCode::NOT_FOUND);

    // Of several at once, each is changed if it may be: nobody reaches the articles of others.
    let all = "do=archive&story=2-1&story=3-1&story=77-1&story=x";
    let others = desk.post("/desk/articles/selection", &bo, all).await;
    let told = "told=archived-0&left=2.gone-3.gone-77.gone";
    assert!(leads_to(&others).ends_with(told), "{}", leads_to(&others));
    let page = text(desk.get(leads_to(&others), &bo).await).await;
    assert!(page.contains("3 articles were left as they are") && !page.contains("Tides"), "{page}");
    let own = desk.post("/desk/articles/selection", &ada, all).await;
    assert!(leads_to(&own).ends_with("told=archived-2&left=77.gone"), "{}", leads_to(&own));
    let page = text(desk.get(leads_to(&own), &ada).await).await;
    assert!(page.contains("2 articles were archived."), "{page}");
    let archived = text(desk.get("/desk/articles?list=archived", &ada).await).await;
    assert!(archived.contains("Tides") && archived.contains("Restore selected articles"));
    let deleted =
        desk.post("/desk/articles/selection", &ada, "do=delete&story=2-2&story=3-2").await;
    assert!(leads_to(&deleted).ends_with("told=deleted-1&left=2.words"), "{}", leads_to(&deleted));
}

#[tokio::test]
async fn correction_notes_and_the_publication_date_can_be_corrected() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let written = "section=town&headline=Tides&authors=Ada&body=%3Cp%3EHigh.%3C/p%3E";
    desk.post("/desk/articles", &eve, written).await;
    let publish = async |form: &str| {
        let answer = desk.post("/desk/articles/1/publication", &eve, form).await;
        (answer.status(), text(answer).await)
    };
    assert_eq!(publish("version=1&when=now").await.0, StatusCode::SEE_OTHER);
    for (version, note) in [(2, "One"), (3, "Two")] {
        let form = format!("version={version}&note=open&correction={note}");
        let form = if version == 3 { form + "&earlier=One" } else { form };
        assert_eq!(publish(&form).await.0, StatusCode::SEE_OTHER);
    }
    let piece = async || desk.store.piece("tides").await.expect("asked").expect("a piece");
    let notes = async || {
        let texts = piece().await.corrections.into_iter().map(|note| note.text);
        texts.collect::<Vec<_>>()
    };
    assert_eq!(notes().await, ["One", "Two"]);
    let page = text(desk.get("/desk/articles/1/publication", &eve).await).await;
    assert!(page.contains("value=\"One\"") && page.contains("Note of 15 January 2027"), "{page}");
    // One is removed, and the other worded better.
    assert_eq!(publish("version=4&earlier=&earlier=Second").await.0, StatusCode::SEE_OTHER);
    assert_eq!(notes().await, ["Second"]);
    // A form that does not name them leaves them.
    assert_eq!(publish("version=5").await.0, StatusCode::SEE_OTHER);
    assert_eq!(notes().await, ["Second"]);

    let before = piece().await.published;
    let (status, said) = publish("version=6&published=2027-02-01+07:00").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(said.contains("can’t be in the future"), "{said}");
    assert_eq!(publish("version=6&published=2027-01-15+08:00").await.0, StatusCode::SEE_OTHER);
    assert_eq!(piece().await.published, before);
    assert_eq!(publish("version=7&published=2027-01-10+07:00").await.0, StatusCode::SEE_OTHER);
    let changed = piece().await.published.expect("a time").to_string();
    assert_eq!(changed, "2027-01-10T07:00:00Z");
}

#[tokio::test]
async fn twenty_first_saves_of_one_page_at_once_begin_one_article() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
        let form = format!("version=0&begun={TOKEN}&headline=Tides");
        let saves = futures_util::future::join_all((0..20).map(|_| desk.first_save(&ada, &form)));
        for (status, said) in saves.await {
            assert!([StatusCode::OK, StatusCode::CONFLICT].contains(&status), "{status}: {said}");
            assert!(said.contains(r#""number":1"#), "{said}");
        }
        assert!(desk.store.story(ArticleId(2)).await.expect("asked").is_none());
    }
}
