//! Authors at the desk.

use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{TestDesk, leads_to, text};

/// The version in a page.
fn version(page: &str) -> &str {
    let rest = page.split("name=\"version\" value=\"").nth(1).expect("a version");
    rest.split('"').next().expect("a number")
}

impl TestDesk {
    async fn author_page(&self, slug: &str, cookie: &str) -> String {
        text(self.get(&format!("/desk/authors/{slug}"), cookie).await).await
    }
}

#[tokio::test]
async fn an_editor_describes_an_author_and_readers_see_it_at_once() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let list = text(desk.get("/desk/authors", &ed).await).await;
    assert!(list.contains("Ada Quill") && list.contains("2 articles"), "{list}");
    let none = text(desk.get("/desk/authors?q=nobody", &ed).await).await;
    assert!(!none.contains("Ada Quill"), "{none}");
    let seen = desk.author_page("ada-quill", &ed).await;
    let seen = version(&seen);
    let form = "slug=ada-quill&name=Ada+Quill&role=Editor&bio=Writes+*well*.&email=ada%40paper.example&is_desk=on&do=save";
    let saved = desk.post("/desk/authors/ada-quill", &ed, &format!("version={seen}&{form}")).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER, "{}", text(saved).await);
    let snapshot = desk.live.snapshot();
    let ada = snapshot.edition.author("ada-quill").expect("an author");
    assert_eq!((ada.role.as_str(), ada.bio.as_str()), ("Editor", "<p>Writes <em>well</em>.</p>"));
    assert_eq!((ada.email.as_str(), ada.is_desk), ("ada@paper.example", true));
    let page = desk.author_page("ada-quill", &ed).await;
    assert!(page.contains("Writes *well*."), "{page}");

    // Somebody else has saved: what was typed stays, and can be saved after all.
    let late = format!("version={seen}&slug=ada-quill&name=Ada+Q.&do=save");
    let late = desk.post("/desk/authors/ada-quill", &ed, &late).await;
    assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let late = text(late).await;
    assert!(late.contains("somebody else has changed") && late.contains("value=\"Ada Q.\""));
    let again = format!("version={}&slug=ada-quill&name=Ada+Q.&do=save", version(&late));
    let again = desk.post("/desk/authors/ada-quill", &ed, &again).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
    assert_eq!(desk.live.snapshot().edition.author("ada-quill").expect("one").name, "Ada Q.");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_once_and_nothing_is_saved() {
    let desk = TestDesk::open().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let form = "slug=New+one&email=nobody&account=4000&portrait=/media/none.jpg&do=save";
    let refused = desk.post("/desk/authors/new", &ed, form).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(refused).await;
    for said in [
        "Enter a name.",
        "is not an email address",
        "This account is no longer on the team.",
        "This picture isn’t in the library.",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let refused = desk.post("/desk/authors/new", &ed, "name=Ada&slug=new&do=save").await;
    assert!(text(refused).await.contains("This can’t be the URL of an author."));
    assert!(desk.store.author_records().await.expect("read").is_empty());
    assert_eq!(desk.get("/desk/authors/nobody", &ed).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn two_authors_become_one_and_the_former_address_leads_there() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let added = desk.post("/desk/authors/new", &ed, "name=Ada+Quill-Byron&do=save").await;
    assert_eq!(leads_to(&added), "/desk/authors/ada-quill-byron");
    let page = desk.author_page("ada-quill", &ed).await;
    assert!(page.contains("Articles name this author"), "{page}");
    let merge = format!("version={}&into=ada-quill-byron&do=merge", version(&page));
    let merged = desk.post("/desk/authors/ada-quill", &ed, &merge).await;
    assert_eq!(leads_to(&merged), "/desk/authors/ada-quill-byron");
    let snapshot = desk.live.snapshot();
    assert_eq!(snapshot.edition.by_author("ada-quill-byron").len(), 2);
    assert_eq!(snapshot.edition.by_author("ada-quill").len(), 0);
    let redirect = snapshot.edition.redirect("/author/ada-quill").expect("a redirect");
    assert_eq!(redirect.target, "/author/ada-quill-byron");
    let list = text(desk.get("/desk/articles", &ed).await).await;
    assert!(list.contains("Ada Quill-Byron"), "{list}");
    assert_eq!(desk.get("/desk/authors/ada-quill", &ed).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_article_begins_with_the_author_of_the_account() {
    let desk = TestDesk::open().await;
    let (account, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let before = text(desk.get("/desk/articles/new", &ed).await).await;
    assert!(!before.contains("Edna Ropewalk"), "{before}");
    let form = format!("name=Edna+Ropewalk&account={}&do=save", account.id.0);
    let saved = desk.post("/desk/authors/new", &ed, &form).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER, "{}", text(saved).await);
    let after = text(desk.get("/desk/articles/new", &ed).await).await;
    assert!(after.contains("Edna Ropewalk"), "{after}");
    let form = format!("name=Another&account={}&do=save", account.id.0);
    let taken = desk.post("/desk/authors/new", &ed, &form).await;
    assert!(text(taken).await.contains("writes as Edna Ropewalk already"));
}

#[tokio::test]
async fn an_author_whom_an_access_rule_names_is_not_moved() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    desk.post("/desk/authors/new", &ed, "name=Other&do=save").await;
    let file = format!("{}\n[[rules]]\nauthor = \"other\"\ntier = \"free\"\n", super::CONFIG);
    desk.configure(&file).await.expect("configured");
    let version = version(&desk.author_page("ada-quill", &ed).await).to_owned();
    for form in ["into=other&do=merge", "name=Ada&slug=other-2&do=save"] {
        let form = format!("version={version}&{form}");
        let answer = desk.post("/desk/authors/ada-quill", &ed, &form).await;
        let is_refused = answer.status() == StatusCode::UNPROCESSABLE_ENTITY;
        assert_eq!(is_refused, form.contains("merge"), "{form}");
    }
    let namesake = desk.post("/desk/authors/new", &ed, "name=Other&slug=namesake&do=save");
    assert!(text(namesake.await).await.contains("An access rule names one of the two authors"));
    let moved = desk.post("/desk/authors/other", &ed, "version=0&name=Other&slug=third&do=save");
    assert!(text(moved.await).await.contains("An access rule names one of the two authors"));
}
