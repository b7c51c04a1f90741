//! Redirects at the desk.

use axum::response::Response;
use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{TestDesk, text};

const PAGE: &str = "/desk/redirects";

/// A page, with slashes as they are read.
async fn read(answer: Response) -> String {
    text(answer).await.replace("&#x2f;", "/")
}

#[tokio::test]
async fn an_owner_adds_changes_and_deletes_a_redirect() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    let saved =
        desk.post(PAGE, &olu, "path=/2019/old/&target=/town/bridge&status=301&do=save").await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER, "{}", text(saved).await);
    let snapshot = desk.live.snapshot();
    let redirect = snapshot.edition.redirect("/2019/old").expect("a redirect");
    assert_eq!((redirect.target.as_str(), redirect.status.code()), ("/town/bridge", 301));
    let page = text(desk.get("/desk/redirects?edit=/2019/old", &olu).await).await;
    assert!(page.contains("Edit redirect") && page.contains("1 redirect"), "{page}");
    let version = page.split("name=\"version\" value=\"").nth(1).expect("a version");
    let version = version.split('"').next().expect("a number");
    let form = format!("was=/2019/old&version={version}");
    let changed = format!("{form}&path=/2019/old&target=https://example.org/&status=308&do=save");
    assert_eq!(desk.post(PAGE, &olu, &changed).await.status(), StatusCode::SEE_OTHER);
    let late = desk.post(PAGE, &olu, &format!("{form}&do=delete")).await;
    assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let late = text(late).await;
    let version = late.split("name=\"version\" value=\"").nth(1).expect("a version");
    let version = version.split('"').next().expect("a number");
    let delete = format!("was=/2019/old&version={version}&do=delete");
    assert_eq!(desk.post(PAGE, &olu, &delete).await.status(), StatusCode::SEE_OTHER);
    assert!(desk.live.snapshot().edition.redirect("/2019/old").is_none());
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_what_was_entered() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    for (form, said) in [
        ("path=old&target=/new", "must be a path that begins with /"),
        ("path=/desk&target=/new", "The site uses this address itself."),
        ("path=/old&target=//evil.example", "or a whole address that begins with https://"),
        ("path=/old&target=/old", "Both addresses are the same."),
        ("path=/old&target=/OLD", "Both addresses are the same."),
        ("path=/old&target=http://paper.example/old/", "Both addresses are the same."),
        ("path=/old&target=https://Paper.example/Old?a=1", "Readers would go round in a circle"),
        ("path=/withdraw&target=/new", "The site uses this address itself."),
    ] {
        let refused = desk.post(PAGE, &olu, &format!("{form}&status=308&do=save")).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        let page = read(refused).await;
        assert!(page.contains(said), "{form}: {page}");
    }
    assert_eq!(desk.store.count_redirects().await.expect("counted"), 0);
    // A page is never hidden, and the list says so.
    let hidden = desk.post(PAGE, &olu, "path=/town&target=/new&status=308&do=save").await;
    assert_eq!(hidden.status(), StatusCode::SEE_OTHER);
    let page = text(desk.get(PAGE, &olu).await).await;
    assert!(page.contains("Not used: the site has a page at this address"), "{page}");
}

#[tokio::test]
async fn a_table_is_imported_and_downloaded() {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    let many: String = (0..2000).map(|n| format!("/old/{n},/new/{n}%0A")).collect();
    let imported = desk.post(PAGE, &olu, &format!("file=From,To%0A{many}&do=import")).await;
    assert_eq!(imported.status(), StatusCode::SEE_OTHER, "{}", text(imported).await);
    assert_eq!(desk.store.count_redirects().await.expect("counted"), 2000);
    let file = desk.get("/desk/redirects.csv", &olu).await;
    assert_eq!(file.headers()["content-type"], "text/csv; charset=utf-8");
    let file = text(file).await;
    assert!(file.starts_with("From,To,Response\r\n/old/0,/new/0,308\r\n"), "{}", &file[..60]);
    assert_eq!(file.lines().count(), 2001);
    let wrong = desk.post(PAGE, &olu, "file=/a,/b%0A/c,d&do=import").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = read(wrong).await;
    assert!(wrong.contains("Line 2: ") && wrong.contains("/c,d"), "{wrong}");
    assert_eq!(desk.store.count_redirects().await.expect("counted"), 2000);
}

#[tokio::test]
async fn the_latest_change_of_a_redirect_can_be_undone() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
        let target = || desk.live.snapshot().edition.redirect("/old").map(|to| to.target.clone());
        let save = async |form: &str| {
            let saved = desk.post(PAGE, &olu, form).await;
            assert_eq!(saved.status(), StatusCode::SEE_OTHER, "{form}");
        };
        let version =
            async || desk.store.redirect("/old").await.expect("read").expect("a redirect").version;
        // The numbers of the changes that can be undone, the latest first.
        let undoable = async || -> Vec<String> {
            let page = text(desk.get(PAGE, &olu).await).await;
            let numbers = page.split("value=\"undo-").skip(1);
            numbers.map(|rest| rest.split('"').next().expect("a number").to_owned()).collect()
        };
        save("path=/old&target=/new&status=308&do=save").await;
        let first = undoable().await;
        assert_eq!(first.len(), 1);
        let form = format!(
            "was=/old&version={}&path=/old&target=/newer&status=308&do=save",
            version().await
        );
        save(&form).await;
        // The first is not as it was left any more.
        let second = undoable().await;
        assert!(second.len() == 1 && second != first, "{second:?}");
        let refused = desk.post(PAGE, &olu, &format!("do=undo-{}", first[0])).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        save(&format!("do=undo-{}", second[0])).await;
        assert_eq!(target().as_deref(), Some("/new"));
        save(&format!("was=/old&version={}&do=delete", version().await)).await;
        assert_eq!(target(), None);
        save(&format!("do=undo-{}", undoable().await[0])).await;
        assert_eq!(target().as_deref(), Some("/new"));
        // What was added is deleted.
        save(&format!("do=undo-{}", undoable().await[0])).await;
        assert_eq!(target(), None);
    }
}
