//! Pictures that were replaced: every page shows the current file, and readers do not get what is withheld.

use http::StatusCode;
use masthead_circulation::staff::Role;
use masthead_editorial::{Author, Picture, Piece};
use masthead_store::{Attribution, FileWrite, NewPicture};

use crate::{
    newspaper::{Newspaper, article},
    staff::let_in,
};

fn picture(name: &str) -> Picture {
    let (alt, src) = ("Boats".into(), format!("/media/{name}"));
    Picture { src, alt, width: 8, height: 8, ..Picture::default() }
}

/// A newspaper with a picture everywhere, and another file for it.
async fn illustrated(paper: &Newspaper) -> Attribution {
    let author = Author {
        slug: "writer".into(),
        name: "A Writer".into(),
        portrait: Some(picture("old-8x8.jpg")),
        bio: "<p>At sea.</p><img src=\"/media/old-8x8.jpg\" alt=\"\">".into(),
        ..Author::default()
    };
    let body = "<p>A</p><img src=\"/media/old-8x8.jpg\" alt=\"B\"><p>Z</p>".to_owned();
    let lead = Some(picture("old-8x8.jpg"));
    paper
        .publish(&Piece { body, picture: lead, authors: vec![author.clone()], ..article("boats") })
        .await;
    paper.store.save_author(&author).await.expect("saved");
    for name in ["old-8x8.jpg", "new-16x9.jpg"] {
        std::fs::write(paper.folder.path().join("media").join(name), name).expect("written");
    }
    let by = let_in(paper, Role::Editor).await.id;
    let attribution = Attribution { by, at: paper.now() };
    let file = |name: &str| NewPicture {
        name: name.into(),
        width: 16,
        height: 9,
        file_name: String::new(),
    };
    paper.store.add_found_pictures(&[file("old-8x8.jpg")], paper.now()).await.expect("added");
    let new = file("new-16x9.jpg");
    let added = paper.store.add_picture_file("old-8x8", &new, attribution);
    assert_eq!(added.await.expect("asked"), FileWrite::Done);
    paper.refresh().await;
    attribution
}

async fn show(paper: &Newspaper, version: i64, file: &str, withholds: bool, by: Attribution) {
    let shown = paper.store.show_picture_file(("old-8x8", version), file, withholds, by);
    assert_eq!(shown.await.expect("asked"), FileWrite::Done);
    paper.refresh().await;
}

#[tokio::test]
async fn every_page_shows_the_file_that_replaces_a_picture() {
    for paper in Newspaper::on_both().await {
        let by = illustrated(&paper).await;
        let mut reader = paper.browser();
        let pages = ["/", "/news", "/news/boats", "/author/writer"];
        for path in pages {
            let page = reader.get(path).await.text();
            assert!(page.contains("/media/old") && !page.contains("/media/new"), "{path}: {page}");
        }
        let hidden = reader.get("/media/new-16x9.jpg").await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND, "nobody knows of it yet");

        show(&paper, 1, "new-16x9", false, by).await;
        for path in pages {
            let page = reader.get(path).await.text();
            assert!(!page.contains("/media/old"), "{path}: {page}");
        }
        let page = reader.get("/news/boats").await.text();
        assert!(
            page.contains("<img src=\"/media/new-16x9.jpg\" alt=\"B\" width=\"16\" height=\"9\">"),
            "{page}"
        );
        assert!(page.contains("content=\"https://paper.example/media/new-16x9.jpg\""), "{page}");
        assert!(
            page.contains("\"image\":[\"https://paper.example/media/new-16x9.jpg\"]"),
            "{page}"
        );
        // Pages that are open, and programs that keep them, still get the former file.
        for name in ["old-8x8.jpg", "new-16x9.jpg"] {
            assert_eq!(reader.get(&format!("/media/{name}")).await.text(), name);
        }

        // The editor asks for the current file, whatever name the text has.
        let now = reader.get("/media/old-8x8.jpg?now").await;
        assert_eq!(now.header("location"), Some("/media/new-16x9.jpg"));
        let now = reader.get("/media/new-16x9.jpg?now").await;
        assert_eq!(now.header("cache-control"), Some("private, no-cache"));

        // A server that starts knows it as well.
        let mut other = crate::newspaper::Browser::of(paper.reopen().await);
        assert!(!other.get("/news/boats").await.text().contains("/media/old"));

        show(&paper, 2, "old-8x8", false, by).await;
        assert!(!reader.get("/news/boats").await.text().contains("/media/new"), "undone");
    }
}

#[tokio::test]
async fn a_withheld_file_leads_to_the_one_that_replaces_it() {
    for paper in Newspaper::on_both().await {
        let by = illustrated(&paper).await;
        show(&paper, 1, "new-16x9", true, by).await;
        let mut reader = paper.browser();
        for name in ["old-8x8.jpg", "old-8x8.8.webp"] {
            let away = reader.get(&format!("/media/{name}")).await;
            assert_eq!(away.status, StatusCode::TEMPORARY_REDIRECT, "{name}");
            assert_eq!(away.header("location"), Some("/media/new-16x9.jpg"));
            assert_eq!(away.header("cache-control"), Some("no-store"));
        }
        let mut ada = paper.browser();
        crate::post::sign_in(&paper, &mut ada, "ada@example.org", "/").await;
        let kept = ada.get("/media/old-8x8.jpg").await;
        assert_eq!(kept.status, StatusCode::OK, "staff compare it");
        assert_eq!(kept.header("cache-control"), Some("private, no-cache"));
        // The other way round after it was undone.
        show(&paper, 2, "old-8x8", true, by).await;
        assert_eq!(reader.get("/media/old-8x8.jpg").await.status, StatusCode::OK);
        let away = reader.get("/media/new-16x9.jpg").await;
        assert_eq!(away.header("location"), Some("/media/old-8x8.jpg"));
        // Without an article that shows it, nobody else knows either file.
        paper.store.withdraw("boats", paper.now()).await.expect("withdrawn");
        paper.refresh().await;
        for name in ["old-8x8.jpg", "new-16x9.jpg"] {
            let gone = reader.get(&format!("/media/{name}")).await;
            assert_eq!(gone.status, StatusCode::NOT_FOUND, "{name}");
        }
    }
}
