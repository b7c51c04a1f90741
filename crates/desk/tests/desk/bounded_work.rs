//! What is made of staff's texts: a few at once, so that no author takes all processors.

use std::{sync::mpsc, time::Duration};

use http::{Request, StatusCode, header};
use masthead_access::ArticleId;
use masthead_circulation::staff::Role;
use masthead_media::WorkOwner;
use tokio::{task::JoinHandle, time::timeout};
use tower::ServiceExt;

use super::{TestDesk, leads_to};

/// Texts that are worked on at once.
const AT_ONCE: u32 = 2;

impl TestDesk {
    fn ask(&self, path: &str, cookie: &str) -> JoinHandle<StatusCode> {
        let request = Request::get(path).header(header::COOKIE, cookie);
        let request = request.body(axum::body::Body::empty()).expect("a request");
        let router = self.router.clone();
        tokio::spawn(async move { router.oneshot(request).await.expect("an answer").status() })
    }

    /// Takes every place for work on texts, until the senders that are returned are dropped.
    fn occupy(&self) -> Vec<mpsc::Sender<()>> {
        let take = |number| {
            let (finish, finished) = mpsc::channel::<()>();
            let media = std::sync::Arc::clone(&self.media);
            tokio::spawn(async move {
                media.work_on_text(WorkOwner(number), move || finished.recv()).await
            });
            finish
        };
        (1_000_000..1_000_000 + AT_ONCE).map(take).collect()
    }
}

#[tokio::test]
async fn comparisons_and_previews_wait_while_others_are_worked_on() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Owner).await;
    let answer = desk.post("/desk/articles", &eve, "").await;
    let story = leads_to(&answer).to_owned();
    let number = story.rsplit('/').next().and_then(|number| number.parse().ok());
    let id = ArticleId(number.expect("a number"));
    for (version, word) in [(1, "tides"), (2, "quays")] {
        let form =
            format!("version={version}&section=town&headline=One&body=%3Cp%3E{word}%3C/p%3E");
        assert_eq!(desk.post(&story, &eve, &form).await.status(), StatusCode::SEE_OTHER);
    }
    let revisions = desk.store.revisions(id, 9).await.expect("asked");
    let first = revisions.first().expect("a revision").number.0;
    for path in [
        format!("{story}/revisions?with={first}"),
        format!("{story}/preview"),
        format!("{story}/preview/page"),
        "/desk/fronts/page?page=/&list-0=topic:tides&layout-0=opinion".to_owned(),
    ] {
        let occupied = desk.occupy();
        tokio::task::yield_now().await;
        let mut answer = desk.ask(&path, &eve);
        let waits = timeout(Duration::from_millis(500), &mut answer).await;
        assert!(waits.is_err(), "{path} did not wait");
        drop(occupied);
        assert_eq!(answer.await.expect("ran"), StatusCode::OK, "{path}");
    }
}
