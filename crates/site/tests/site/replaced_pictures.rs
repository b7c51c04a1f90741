//! Pictures that were replaced: every page shows the current file, and readers do not get what is withheld.

use http::StatusCode;
use masthead_circulation::staff::Role;
use masthead_editorial::{
    Author, Picture, Piece,
    clean::StoredPicture,
    crops::{Crop, CropPlace},
};
use masthead_store::{Attribution, FileWrite, NewPicture, PictureCrop, Replacement};

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
    let replacement = Replacement { file, withholds, crops: &[] };
    let shown = paper.store.show_picture_file(("old-8x8", version), replacement, by);
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

/// The address of the part for a place, without its ending.
fn part(place: CropPlace) -> String {
    let (across, down) = place.shape();
    format!("/media/old-8x8.0-0-{across}x{down}.")
}

fn crop(place: CropPlace) -> PictureCrop {
    let (width, height) = place.shape();
    PictureCrop {
        place,
        crop: Crop { left: 0, top: 0, width: 500 },
        file: StoredPicture { src: format!("{}jpg", part(place)), width, height },
    }
}

#[tokio::test]
async fn every_place_shows_the_part_that_was_chosen_for_it() {
    for paper in Newspaper::on_both().await {
        let by = illustrated(&paper).await;
        let crops = [CropPlace::Card, CropPlace::Square, CropPlace::Share].map(crop);
        let save = async |version, crops: &[PictureCrop]| {
            let saved = paper.store.save_picture_crops(("old-8x8", version), "old-8x8", crops, by);
            assert_eq!(saved.await.expect("asked"), FileWrite::Done);
            paper.refresh().await;
        };
        let mut reader = paper.browser();
        assert!(!reader.get("/news/boats").await.text().contains("/media/old-8x8.0-"));
        save(1, &crops).await;
        let image = |place| format!("<img src=\"{}jpg\"", part(place));
        let front = reader.get("/").await.text();
        assert!(front.contains(&image(CropPlace::Card)), "{front}");
        let author = reader.get("/author/writer").await.text();
        assert!(author.contains(&image(CropPlace::Square)), "{author}");
        let article = reader.get("/news/boats").await.text();
        let share = format!("content=\"https://paper.example{}jpg\"", part(CropPlace::Share));
        assert!(article.contains(&share), "{article}");
        let whole = article.matches("<img src=\"/media/old-8x8.jpg\"").count();
        assert_eq!(whole, 2, "an article shows the whole picture: {article}");
        // Parts are served where the picture is.
        let name = part(CropPlace::Card).replace("/media/", "") + "jpg";
        std::fs::write(paper.folder.path().join("media").join(&name), "part").expect("written");
        assert_eq!(reader.get(&format!("/media/{name}")).await.text(), "part");
        save(2, &[]).await;
        for page in ["/", "/author/writer", "/news/boats"] {
            assert!(!reader.get(page).await.text().contains("/media/old-8x8.0-"), "{page}");
        }
        // The parts of a withheld file are withheld as well.
        save(3, &crops).await;
        show(&paper, 4, "new-16x9", true, by).await;
        let part = reader.get(&format!("/media/{name}")).await;
        assert_ne!(part.status, StatusCode::OK);
    }
}
