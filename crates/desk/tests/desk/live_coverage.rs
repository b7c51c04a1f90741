//! Live coverage: posts are published at once, by several people at the same time, and nobody's text is lost.

use http::StatusCode;
use masthead_access::ArticleId;
use masthead_circulation::staff::Role;
use masthead_editorial::Status;
use masthead_store::LivePost;

use super::{TestDesk, article, leads_to, text};

const LIVE: &str = "/desk/articles/1/live";

impl TestDesk {
    /// A desk with a published article whose live coverage is running, and the cookie of an editor.
    async fn covering() -> (Self, String) {
        let desk = Self::open().await;
        desk.publish_articles().await;
        let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
        desk.sent(&format!("{LIVE}/coverage"), &eve, "do=start").await;
        (desk, eve)
    }

    /// Sends a form that is accepted and leads back to the posts.
    async fn sent(&self, path: &str, cookie: &str, form: &str) {
        let answer = self.post(path, cookie, form).await;
        let (status, to) = (answer.status(), leads_to(&answer).to_owned());
        assert_eq!(
            (status, to.as_str()),
            (StatusCode::SEE_OTHER, LIVE),
            "{path} {form}: {}",
            text(answer).await
        );
    }

    /// Sends a form that is refused. Returns the page that says why.
    async fn refused(&self, path: &str, cookie: &str, form: &str) -> String {
        let answer = self.post(path, cookie, form).await;
        let status = answer.status();
        let page = text(answer).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {form}: {page}");
        page
    }

    async fn posts(&self) -> Vec<LivePost> {
        self.store.live_posts(ArticleId(1)).await.expect("read")
    }
}

#[tokio::test]
async fn a_post_is_written_published_corrected_pinned_and_removed() {
    let (desk, eve) = TestDesk::covering().await;
    let page = text(desk.get(LIVE, &eve).await).await;
    assert!(page.contains("Publish post") && page.contains("There are no posts yet."), "{page}");
    desk.sent(LIVE, &eve, "headline=The+gates&text=They+are+**open**.").await;
    let [post] = &desk.posts().await[..] else { panic!("one post") };
    assert_eq!(post.body.trim(), "<p>They are <strong>open</strong>.</p>");
    // Readers have it without another publication of the article.
    let entry = desk.live.snapshot();
    let live = entry.edition.piece(ArticleId(1)).expect("an article").live().expect("live");
    assert_eq!(live.revisions.len(), 1);
    let page = text(desk.get(LIVE, &eve).await).await;
    assert!(
        page.contains("<h3><bdi>The gates</bdi></h3>") && page.contains("They are open."),
        "{page}"
    );
    assert!(page.contains("eve@example.org"), "it says who wrote it");

    let at = format!("{LIVE}/{}", post.number.0);
    let edit = text(desk.get(&at, &eve).await).await;
    assert!(edit.contains("They are **open**."), "the text as it was written: {edit}");
    desk.sent(&at, &eve, "version=1&headline=The+gates&text=They+are+shut.").await;
    desk.sent(&format!("{at}/pin"), &eve, "version=2&do=pin").await;
    let [post] = &desk.posts().await[..] else { panic!("one post") };
    assert!(post.is_pinned && post.changed.is_some() && post.source == "They are shut.");
    let page = text(desk.get(LIVE, &eve).await).await;
    assert!(page.contains("Unpin post") && page.contains("Corrected"), "{page}");
    desk.sent(&format!("{at}/pin"), &eve, "version=3&do=unpin").await;
    desk.sent(&format!("{at}/removal"), &eve, "version=4").await;
    assert!(desk.posts().await.is_empty());
    assert_eq!(desk.get(&at, &eve).await.status(), StatusCode::NOT_FOUND);

    desk.sent(&format!("{LIVE}/coverage"), &eve, "do=end").await;
    let page = text(desk.get(LIVE, &eve).await).await;
    assert!(page.contains("Continue live coverage") && !page.contains("Publish post"), "{page}");
    let late = desk.refused(LIVE, &eve, "text=A+late+thought").await;
    assert!(late.contains("has ended") && late.contains("A late thought"), "{late}");
}

#[tokio::test]
async fn two_writers_at_once_both_keep_their_posts_and_a_correction_overwrites_nothing() {
    let (desk, eve) = TestDesk::covering().await;
    let (_, bo) = desk.staff("bo@example.org", Role::Editor).await;
    let (mine, theirs) =
        ("request=0000000000000001&text=Mine", "request=0000000000000002&text=Theirs");
    tokio::join!(desk.sent(LIVE, &eve, mine), desk.sent(LIVE, &bo, theirs));
    // The answer got lost, and the form was sent again.
    desk.sent(LIVE, &eve, mine).await;
    assert_eq!(desk.posts().await.len(), 2);

    let at = format!("{LIVE}/{}", desk.posts().await[0].number.0);
    desk.sent(&at, &eve, "version=1&text=Corrected+by+Eve").await;
    let page = desk.refused(&at, &bo, "version=1&text=Corrected+by+Bo").await;
    assert!(page.contains("Corrected by Bo") && page.contains("Corrected by Eve"), "{page}");
    assert!(page.contains("name=\"version\" value=\"2\""), "it can be sent again: {page}");
    for action in ["pin", "removal"] {
        let page = desk.refused(&format!("{at}/{action}"), &bo, "version=1&do=pin").await;
        assert!(page.contains("decide again") && page.contains("Corrected by Eve"), "{page}");
    }
    desk.sent(&format!("{at}/removal"), &eve, "version=2").await;
    let page = desk.refused(&at, &bo, "version=2&text=Corrected+by+Bo").await;
    assert!(page.contains("was removed") && page.contains("Corrected by Bo"), "{page}");
    assert_eq!(desk.posts().await.len(), 1);
}

#[tokio::test]
async fn hostile_posts_are_harmless_and_bad_ones_say_what_to_do() {
    let (desk, eve) = TestDesk::covering().await;
    let hostile = "text=Hi+%3Cscript%3Ealert(1)%3C/script%3E%3Cb+onclick%3Dx%3Ethere%3C/b%3E%0A%0A%3Csvg+onload%3Dy%3E\
                   &headline=%3Cimg+src%3Dx+onerror%3Dz%3E";
    desk.sent(LIVE, &eve, hostile).await;
    let [post] = &desk.posts().await[..] else { panic!("one post") };
    for bad in ["<script", "onclick", "onload", "<svg"] {
        assert!(!post.body.contains(bad), "{bad}: {}", post.body);
    }
    let page = text(desk.get(LIVE, &eve).await).await;
    assert!(!page.contains("<img src=x") && !page.contains("<script>alert"), "{page}");
    for (form, said) in [
        ("text=++", "Write a text"),
        ("text=%3Cscript%3Ex%3C/script%3E", "Write a text"),
        ("text=![A+boat](https://elsewhere.example/boat.jpg)", "picture"),
        ("text=A+note[%5E1].%0A%0A[%5E1]:+Here.", "footnotes"),
    ] {
        let page = desk.refused(LIVE, &eve, form).await;
        assert!(page.contains(said), "{form}: {page}");
    }
    assert_eq!(desk.posts().await.len(), 1);
}

#[tokio::test]
async fn only_published_articles_are_covered_and_only_by_those_who_may_publish() {
    let desk = TestDesk::open().await;
    let mut draft = article("draft", "A draft");
    (draft.status, draft.published) = (Status::Draft, None);
    desk.store.save(&draft, desk.now()).await.expect("saved");
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let page = text(desk.get(LIVE, &eve).await).await;
    assert!(
        page.contains("Publish the article first") && !page.contains("Start live coverage"),
        "{page}"
    );
    let page = desk.refused(&format!("{LIVE}/coverage"), &eve, "do=start").await;
    assert!(page.contains("Publish the article first"), "{page}");
    for path in [LIVE.to_owned(), format!("{LIVE}/coverage"), format!("{LIVE}/1/removal")] {
        let answer = desk.post(&path, &ada, "do=start&text=Mine").await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
    }
}
