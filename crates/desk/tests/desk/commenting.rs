//! Comments on articles and passages.

use http::{Request, StatusCode, header};
use masthead_access::ArticleId;
use masthead_circulation::staff::Role;

use super::{TestDesk, leads_to, text};

const TEXT: &str = "headline=The+bridge&body=%3Cp%3EThe+bridge+stands+over+the+river.%3C/p%3E";

async fn begun(desk: &TestDesk, cookie: &str) -> String {
    leads_to(&desk.post("/desk/articles", cookie, TEXT).await).to_owned()
}

#[tokio::test]
async fn two_people_comment_on_a_passage_reply_and_resolve() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
        let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
        let story = begun(&desk, &ada).await;
        let comments = format!("{story}/comments");
        let form =
            "quote=stands+over&prefix=bridge&suffix=the+river&text=Is+that+%3Cb%3Eso%3C/b%3E%3F";
        let answer = desk.post(&comments, &eve, form).await;
        assert_eq!((answer.status(), leads_to(&answer)), (StatusCode::SEE_OTHER, &*comments));
        let page = text(desk.get(&comments, &ada).await).await;
        assert!(page.contains("<blockquote><p>stands over</p></blockquote>"), "{page}");
        assert!(page.contains("Is that &lt;b&gt;so&lt;&#x2f;b&gt;?"), "{page}");
        assert!(!page.contains("The text was changed"), "{page}");
        let replied = desk.post(&format!("{comments}/1/replies"), &ada, "text=Yes.").await;
        assert_eq!(replied.status(), StatusCode::SEE_OTHER);
        for path in ["/desk/articles", &story] {
            let page = text(desk.get(path, &ada).await).await;
            assert!(page.contains("1 open comment"), "{path}: {page}");
        }

        // The passage is not there any more; the comment is.
        let changed = "version=1&headline=The+bridge&body=%3Cp%3EIt+fell.%3C/p%3E";
        desk.post(&story, &ada, changed).await;
        let page = text(desk.get(&comments, &eve).await).await;
        assert!(page.contains("The text was changed") && page.contains("Yes."), "{page}");
        let resolution = format!("{comments}/1/resolution");
        desk.post(&resolution, &eve, "do=resolve").await;
        let page = text(desk.get(&comments, &ada).await).await;
        assert!(page.contains("eve@example.org resolved this on 15 January 2027"), "{page}");
        assert!(!text(desk.get(&story, &ada).await).await.contains("1 open comment"));
        desk.post(&resolution, &ada, "do=reopen").await;
        assert!(text(desk.get(&story, &ada).await).await.contains("1 open comment"));
    }
}

#[tokio::test]
async fn passages_of_one_letter_are_found_in_a_long_text_of_it() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let form = format!("headline=Long&body=%3Cp%3E{}%3C/p%3E", "a+".repeat(100_000));
    let story = leads_to(&desk.post("/desk/articles", &ada, &form).await).to_owned();
    let comments = format!("{story}/comments");
    for number in 0..20 {
        let form = format!("quote=a&prefix={0}&suffix={0}&text={number}", "a+".repeat(20));
        let answer = desk.post(&comments, &ada, &form).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    }
    // Each place was compared for each passage and again for each comparison of two: hours.
    let page = text(desk.get(&comments, &ada).await).await;
    assert_eq!(page.matches("<blockquote>").count(), 20);
    assert!(!page.contains("The text was changed"), "{page}");
}

#[tokio::test]
async fn who_may_not_open_an_article_sees_none_of_its_comments() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (_, bo) = desk.staff("bo@example.org", Role::Author).await;
    let story = begun(&desk, &ada).await;
    let comments = format!("{story}/comments");
    desk.post(&comments, &ada, "text=Secret").await;
    assert_eq!(desk.get(&comments, &bo).await.status(), StatusCode::FORBIDDEN);
    for (path, form) in [
        (comments.clone(), "text=Mine"),
        (format!("{comments}/1/replies"), "text=Mine"),
        (format!("{comments}/1/resolution"), "do=resolve"),
    ] {
        assert_eq!(desk.post(&path, &bo, form).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    // Nor does a thread open through another article.
    let own = begun(&desk, &bo).await;
    let reply = desk.post(&format!("{own}/comments/1/replies"), &bo, "text=Mine").await;
    assert_eq!(reply.status(), StatusCode::NOT_FOUND);
    desk.post(&format!("{own}/comments/1/resolution"), &bo, "do=resolve").await;
    let threads = desk.store.comment_threads(ArticleId(1)).await.expect("read");
    assert!(threads.len() == 1 && threads[0].comments.len() == 1 && threads[0].resolved.is_none());
}

#[tokio::test]
async fn the_editor_comments_by_script_and_is_told_what_to_correct() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let story = begun(&desk, &ada).await;
    let send = async |form: &str| {
        let request = Request::post(format!("{story}/comments"))
            .header(header::COOKIE, &ada)
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = desk.send(request, form.to_owned().into()).await;
        (answer.status(), text(answer).await)
    };
    let (status, said) = send("quote=stands&text=+").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(said.contains("it’s empty"), "{said}");
    let (_, said) = send(&format!("text={}", "x".repeat(4001))).await;
    assert!(said.contains("at most 4,000 characters"), "{said}");
    // The answer may be lost: sent again, it is written once.
    for _ in 0..2 {
        let (status, said) = send("request=r1&quote=stands&text=True%3F").await;
        assert_eq!((status, said.as_str()), (StatusCode::CREATED, r#"{"open":1}"#));
    }
    let refused = desk.post(&format!("{story}/comments"), &ada, "text=").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn comments_reach_no_reader() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = begun(&desk, &eve).await;
    desk.post(&format!("{story}/comments"), &eve, "quote=stands&text=Unproven").await;
    let form = format!("version=1&section=town&{TEXT}");
    desk.post(&story, &eve, &form).await;
    desk.post(&format!("{story}/publication"), &eve, "version=2&when=now").await;
    let piece = desk.store.whole_piece(ArticleId(1)).await.expect("asked").expect("published");
    assert!(!format!("{piece:?}").contains("Unproven"));
    let preview = text(desk.get(&format!("{story}/preview/page"), &eve).await).await;
    assert!(preview.contains("stands over") && !preview.contains("Unproven"), "{preview}");
}

#[tokio::test]
async fn the_editor_has_the_passages_with_open_comments() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let story = begun(&desk, &ada).await;
    let comments = format!("{story}/comments");
    let form = "quote=stands+over&prefix=bridge&suffix=the+%22river%22&text=True%3F";
    desk.post(&comments, &ada, form).await;
    desk.post(&comments, &ada, "text=Longer").await;
    let passage = "data-prefix=\"bridge\" data-suffix=\"the &quot;river&quot;\">stands over</li>";
    let page = text(desk.get(&story, &ada).await).await;
    assert!(page.contains(passage) && page.contains("2 open comments"), "{page}");
    desk.post(&format!("{comments}/1/resolution"), &ada, "do=resolve").await;
    let page = text(desk.get(&story, &ada).await).await;
    assert!(!page.contains("data-prefix") && page.contains("1 open comment"), "{page}");
}
