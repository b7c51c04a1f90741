//! Files that replace pictures.

use masthead_editorial::{
    clean::StoredPicture,
    crops::{Crop, CropPlace},
    replaced_pictures::{PublicFile, ReplacedPictures},
};
use masthead_store::{
    AuditQuery, FileWrite, Location, NewPicture, PictureCrop, PictureQuery, Replacement, Store,
};

use crate::{
    planning::{at, by_ada, open},
    races::at_once,
};

on_both_engines!(
    a_picture_is_replaced_its_file_withheld_and_shown_again,
    of_several_replacements_at_once_one_is_done,
    pictures_never_replace_each_other_in_a_cycle,
    crops_belong_to_a_file_and_come_back_with_it,
);

fn file(name: &str) -> NewPicture {
    NewPicture { name: name.into(), width: 600, height: 400, file_name: String::new() }
}

/// A library with a picture that has another file.
async fn library(location: &Location) -> Store {
    let store = open(location).await;
    store.add_found_pictures(&[file("a.jpg")], at(0)).await.expect("added");
    assert_eq!(add(&store, "a", "b.jpg").await, FileWrite::Done);
    store
}

async fn add(store: &Store, stem: &str, name: &str) -> FileWrite {
    store.add_picture_file(stem, &file(name), by_ada(1)).await.expect("asked")
}

async fn show(store: &Store, seen: (&str, i64), file: &str, withholds: bool) -> FileWrite {
    store
        .show_picture_file(seen, Replacement { file, withholds, crops: &[] }, by_ada(2))
        .await
        .expect("asked")
}

/// What readers get in place of a picture, and the files of it that they do not get.
async fn now(store: &Store, stem: &str) -> (String, Vec<String>) {
    let mut all = ReplacedPictures::default();
    let replaced = store.replaced_pictures_since(0).await.expect("asked");
    let withheld = replaced.iter().flat_map(|picture| &picture.files);
    let withheld = withheld.filter(|file| file.is_withheld).map(|file| file.stem.clone()).collect();
    for picture in replaced {
        all.update(picture);
    }
    (all.src(&format!("/media/{stem}.jpg")).to_owned(), withheld)
}

async fn a_picture_is_replaced_its_file_withheld_and_shown_again(location: &Location) {
    let store = library(location).await;
    assert_eq!(add(&store, "a", "a.jpg").await, FileWrite::Shown);
    assert_eq!(add(&store, "none", "b.jpg").await, FileWrite::Behind);
    let before = store.revision().await.expect("asked");
    // One that was only uploaded is no file that readers have had.
    assert!(store.replaced_pictures_since(0).await.expect("asked").is_empty());

    assert_eq!(show(&store, ("a", 1), "b", true).await, FileWrite::Done);
    assert_eq!(now(&store, "a").await, ("/media/b.jpg".into(), vec!["a".into()]));
    assert_eq!(show(&store, ("a", 1), "a", false).await, FileWrite::Behind);
    assert_eq!(show(&store, ("a", 2), "b", false).await, FileWrite::Shown);
    assert_eq!(show(&store, ("a", 2), "none", false).await, FileWrite::Behind);
    let revision = store.revision().await.expect("asked");
    let since = async |revision| store.replaced_pictures_since(revision).await.expect("asked");
    assert!(revision > before && since(before).await.len() == 1);
    assert!(since(revision).await.is_empty());

    // The former file is served again, and then shown again, which is the undo.
    let release = store.withhold_picture_file(("a", 2), "a", false, by_ada(3));
    assert_eq!(release.await.expect("asked"), FileWrite::Done);
    assert_eq!(now(&store, "a").await, ("/media/b.jpg".into(), Vec::new()));
    let shown = store.withhold_picture_file(("a", 3), "b", true, by_ada(3));
    assert_eq!(shown.await.expect("asked"), FileWrite::Shown);
    assert_eq!(show(&store, ("a", 3), "a", false).await, FileWrite::Done);
    assert_eq!(now(&store, "a").await, ("/media/a.jpg".into(), Vec::new()));
    let files = since(0).await.remove(0).files;
    let of = |stem: &str| PublicFile { stem: stem.into(), is_withheld: false };
    assert!(files.len() == 2 && files.contains(&of("a")) && files.contains(&of("b")));
    let all = PictureQuery { most: 9, ..PictureQuery::default() };
    let library = store.pictures(&all);
    let library = library.await.expect("asked").pictures;
    assert_eq!((library.len(), library[0].shown.src.as_str()), (1, "/media/a.jpg"));
    // The file is found in the store of files: it is no picture of its own.
    store.add_found_pictures(&[file("b.jpg")], at(9)).await.expect("added");
    let library = store.pictures(&all);
    assert_eq!(library.await.expect("asked").pictures.len(), 1);
}

async fn of_several_replacements_at_once_one_is_done(location: &Location) {
    let store = library(location).await;
    for name in ["c.jpg", "d.jpg"] {
        add(&store, "a", name).await;
    }
    let answers = at_once(3, |number| {
        let (store, file) = (store.clone(), ["b", "c", "d"][usize::from(number)]);
        async move { store.show_picture_file(("a", 1), with(file), by_ada(2)).await }
    });
    let answers = answers.await;
    let done = answers.iter().filter(|answer| **answer == FileWrite::Done).count();
    let behind = answers.iter().filter(|answer| **answer == FileWrite::Behind).count();
    assert_eq!((done, behind), (1, 2));
    let files = store.picture_files("a").await.expect("asked");
    assert_eq!(files.iter().filter(|file| file.is_published).count(), 2, "{files:?}");
}

async fn pictures_never_replace_each_other_in_a_cycle(location: &Location) {
    let store = library(location).await;
    store.add_found_pictures(&[file("x.jpg")], at(0)).await.expect("added");
    add(&store, "x", "a.jpg").await;
    add(&store, "a", "x.jpg").await;
    let answers = at_once(2, |number| {
        let store = store.clone();
        let (stem, other) = [("a", "x"), ("x", "a")][usize::from(number)];
        async move { store.show_picture_file((stem, 1), with(other), by_ada(2)).await }
    });
    let answers = answers.await;
    assert!(
        answers.contains(&FileWrite::Done) && answers.contains(&FileWrite::Replaced),
        "{answers:?}"
    );
    assert_eq!(now(&store, "a").await.0, now(&store, "x").await.0);
}

fn with(file: &str) -> Replacement<'_> {
    Replacement { file, withholds: false, crops: &[] }
}

fn share(name: &str, left: u16) -> PictureCrop {
    let file = StoredPicture { src: format!("/media/{name}"), width: 191, height: 100 };
    let crop = Crop { left, top: 0, width: 500 };
    PictureCrop { place: CropPlace::Share, crop, file }
}

async fn crops_belong_to_a_file_and_come_back_with_it(location: &Location) {
    let store = library(location).await;
    let save = async |version, file: &str, crops: &[PictureCrop]| {
        let saved = store.save_picture_crops(("a", version), file, crops, by_ada(2));
        saved.await.expect("asked")
    };
    let shared = async || {
        let mut all = ReplacedPictures::default();
        let replaced = store.replaced_pictures_since(0).await.expect("asked");
        for picture in replaced {
            all.update(picture);
        }
        all.crop("/media/a.jpg", CropPlace::Share).map(|part| part.src.clone())
    };
    let own = share("a.0-0-191x100.jpg", 0);
    assert_eq!(
        save(1, "b", std::slice::from_ref(&own)).await,
        FileWrite::Behind,
        "it is not shown"
    );
    assert_eq!(save(1, "a", std::slice::from_ref(&own)).await, FileWrite::Done);
    assert_eq!(save(1, "a", &[]).await, FileWrite::Behind);
    assert_eq!(store.picture_crops("a", "a").await.expect("asked"), [own]);
    assert_eq!(shared().await.as_deref(), Some("/media/a.0-0-191x100.jpg"));
    let made = [share("b.0-0-191x100.jpg", 0)];
    let replacement = Replacement { crops: &made, ..with("b") };
    let replaced = store.show_picture_file(("a", 2), replacement, by_ada(3));
    assert_eq!(replaced.await.expect("asked"), FileWrite::Done);
    assert_eq!(shared().await.as_deref(), Some("/media/b.0-0-191x100.jpg"));
    assert_eq!(save(3, "b", &[]).await, FileWrite::Done);
    assert_eq!(shared().await, None);
    assert_eq!(show(&store, ("a", 4), "a", false).await, FileWrite::Done);
    assert_eq!(shared().await.as_deref(), Some("/media/a.0-0-191x100.jpg"), "undone");
    let log = store.audit_log(&AuditQuery::default(), 1).await.expect("read");
    let brought = log[0].changes.iter().any(|change| change.key == "crop-share");
    assert!(brought, "{:?}", log[0].changes);
}
