//! Submitting, reviewing and returning articles.

use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{TestDesk, leads_to, text};

/// Begins and submits an article, which has the version 2 then. Returns its address.
async fn submitted(desk: &TestDesk, cookie: &str) -> String {
    let answer = desk.post("/desk/articles", cookie, "headline=The+bridge").await;
    let story = leads_to(&answer).to_owned();
    let answer = desk.post(&format!("{story}/review"), cookie, "version=1").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    story
}

#[tokio::test]
async fn an_author_reads_why_an_article_was_returned() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
        let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
        let story = submitted(&desk, &ada).await;
        let to = format!("{story}/return");
        for (reason, fault) in
            [("+", "Write what has to be changed"), (&*"x".repeat(1001), "at most 1000")]
        {
            let answer = desk.post(&to, &eve, &format!("version=2&reason={reason}")).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
            let said = text(answer).await;
            assert!(said.contains(fault), "{said}");
        }
        let forbidden = desk.post(&to, &ada, "version=2&reason=No").await;
        assert_eq!(forbidden.status(), StatusCode::FORBIDDEN);
        let form = "version=2&reason=A+second+source+%3Cb%3Eis%3C/b%3E+missing.";
        assert_eq!(desk.post(&to, &eve, form).await.status(), StatusCode::SEE_OTHER);

        let page = text(desk.get(&story, &ada).await).await;
        assert!(
            page.contains("eve@example.org returned this article on 15 January 2027"),
            "{page}"
        );
        assert!(page.contains("A second source &lt;b&gt;is&lt;&#x2f;b&gt; missing."), "{page}");
        let today = text(desk.get("/desk", &ada).await).await;
        assert!(
            today.contains("Returned") && today.contains("A second source &lt;b&gt;"),
            "{today}"
        );
        // Somebody else has returned it already.
        let again = desk.post(&to, &eve, "version=3&reason=Again").await;
        assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn an_author_takes_a_submission_back_until_an_editor_starts() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let (_, zoe) = desk.staff("zoe@example.org", Role::Editor).await;
    let story = submitted(&desk, &ada).await;
    let (back, start) = (format!("{story}/submission-withdrawal"), format!("{story}/review-start"));
    assert!(text(desk.get(&story, &ada).await).await.contains("Withdraw submission"));
    assert_eq!(desk.post(&back, &ada, "version=2").await.status(), StatusCode::SEE_OTHER);
    assert!(text(desk.get(&story, &ada).await).await.contains("Submit for review"));

    desk.post(&format!("{story}/review"), &ada, "version=3").await;
    assert_eq!(desk.post(&start, &ada, "").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(desk.post(&start, &eve, "").await.status(), StatusCode::SEE_OTHER);
    let page = text(desk.get(&story, &ada).await).await;
    assert!(page.contains("eve@example.org is reviewing this article."), "{page}");
    assert!(!page.contains("Withdraw submission"), "{page}");
    let refused = desk.post(&back, &ada, "version=4").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(refused).await.contains("an editor has started to review it"));
    let refused = desk.post(&start, &zoe, "").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(refused).await.contains("Another editor is reviewing"));
}
