//! The publication's logo, as it was uploaded.

use http::StatusCode;
use masthead_editorial::Logo;
use masthead_media::{MediaLibrary, WorkOwner};
use masthead_publication::Publication;

use crate::newspaper::{Newspaper, article};

const DRAWING: &[u8] =
    b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 240 48\"><path d=\"M0 0h9\"/></svg>";

fn set(publication: &mut Publication) {
    let light = "/media/5f-1200x200.png".parse().expect("a logo");
    publication.logo = Some(Logo { light, dark: "/media/6a-240x48.svg".parse().ok() });
}

#[tokio::test]
async fn a_logo_is_on_every_page_with_its_size_and_for_dark_pages() {
    for paper in Newspaper::on_both_with(set).await {
        paper.publish(&article("a")).await;
        for path in ["/", "/news/a", "/news", "/how-the-meter-works", "/nothing"] {
            let page = paper.browser().get(path).await.text();
            let light = "<img class=\"logo on-light\" src=\"/media/5f-1200x200.1200.webp\" width=\"1200\" height=\"200\" alt=\"The Paper\">";
            assert!(page.contains(light), "{path}: {page}");
            assert!(page.contains("on-dark\" src=\"/media/6a-240x48.svg\""), "{path}");
        }
        let page = paper.browser().get("/news/a").await.text();
        assert!(page.contains("\"url\":\"https://paper.example/media/5f-1200x200.png\""), "{page}");
    }
}

#[tokio::test]
async fn the_picture_of_a_logo_is_public_while_it_is_one_and_cannot_run() {
    let paper = Newspaper::new().await;
    let media = MediaLibrary::in_folder(&paper.folder.path().join("media")).expect("a folder");
    let stored = media.upload_logo(WorkOwner(1), DRAWING.into()).await.expect("stored");
    assert_eq!(paper.browser().get(&stored.src).await.status, StatusCode::NOT_FOUND);
    let logo = Logo { light: stored.src.parse().expect("a logo"), dark: None };
    let set =
        Publication { logo: Some(logo), ..Publication::clone(&paper.site.live.peek().publication) };
    paper.republish(set).await.expect("in force");
    let answer = paper.browser().get(&stored.src).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), Some("image/svg+xml"));
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}
