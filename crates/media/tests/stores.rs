//! A folder and a bucket behave in the same way.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

use std::io::Cursor;

use bytes::Bytes;
use futures_util::TryStreamExt;
use image::{DynamicImage, ImageFormat};
use masthead_editorial::clean::StoredPicture;
use masthead_media::{
    Bucket, CopyReport, ImportError, Incoming, MediaLibrary, RejectedUpload, TextWorkError,
    WorkOwner,
};
use masthead_test_support::bucket::BucketDouble;

const DRAWING: &[u8] = br#"<svg xmlns="x" viewBox="0 0 1200 800.4"><rect/></svg>"#;

fn photograph() -> Bytes {
    let mut written = Vec::new();
    let picture = DynamicImage::new_rgb8(600, 300);
    picture.write_to(&mut Cursor::new(&mut written), ImageFormat::Jpeg).expect("written");
    written.into()
}

fn bucket(store: &BucketDouble, name: &str) -> MediaLibrary {
    let bucket = Bucket {
        name: name.to_owned(),
        endpoint: Some(store.endpoint().to_owned()),
        region: "us-east-1".to_owned(),
        access_key: "key".to_owned(),
        secret_key: "secret".to_owned(),
    };
    MediaLibrary::in_bucket(&bucket).expect("a bucket")
}

async fn content(media_library: &MediaLibrary, name: &str) -> Option<Vec<u8>> {
    let opened = media_library.open(name).await.expect("asked")?;
    let parts: Vec<Bytes> = opened.content.try_collect().await.expect("read");
    assert_eq!(opened.length, parts.iter().map(|part| part.len() as u64).sum::<u64>());
    Some(parts.concat())
}

async fn find(media_library: &MediaLibrary, src: &str) -> Option<StoredPicture> {
    let src = src.to_owned();
    media_library.with_pictures(WorkOwner(1), move |find| find(&src)).await.expect("asked")
}

#[tokio::test]
async fn a_picture_is_stored_in_all_sizes_and_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = BucketDouble::start().await;
    let here = MediaLibrary::in_folder(&folder.path().join("media")).expect("a folder");
    let there = bucket(&store, BucketDouble::NAME);
    for media_library in [&here, &there] {
        media_library.check_writable().await.expect("it can be written");
        let kept = media_library.upload(WorkOwner(1), photograph()).await.expect("taken in");
        assert_eq!((kept.width, kept.height), (600, 300));
        let name = kept.src.strip_prefix("/media/").expect("an address");
        assert!(
            content(media_library, name).await.is_some_and(|file| file.starts_with(b"\xff\xd8"))
        );
        let smaller = name.replace(".jpg", ".480.webp");
        assert!(
            content(media_library, &smaller).await.is_some_and(|file| file.starts_with(b"RIFF"))
        );
        assert_eq!(find(media_library, &kept.src).await, Some(kept.clone()));
        // Storing it again changes nothing.
        assert_eq!(media_library.upload(WorkOwner(1), photograph()).await.expect("taken in"), kept);
        for none in
            ["none-1x1.jpg", "", ".", "..", "../keys", "a/b.jpg", ".half.png", "a%2fb", "\0"]
        {
            assert_eq!(content(media_library, none).await, None, "{none}");
            assert_eq!(find(media_library, &format!("/media/{none}")).await, None, "{none}");
        }
        let long = format!("{}.png", "x".repeat(300));
        assert_eq!(content(media_library, &long).await, None, "no file system has such a name");
        assert_eq!(find(media_library, "https://t.example/1.png").await, None);
        let refused = media_library.upload(WorkOwner(1), Bytes::from_static(b"no picture")).await;
        assert!(matches!(refused, Err(ImportError::RejectedUpload(_))));
    }
    assert!(folder.path().join("media").read_dir().expect("a folder").count() == 5);
}

#[tokio::test]
async fn imported_pictures_are_stored_and_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("drawn.svg");
    std::fs::write(&file, DRAWING).expect("written");
    let store = BucketDouble::start().await;
    let here = MediaLibrary::in_folder(&folder.path().join("media")).expect("a folder");
    let there = bucket(&store, BucketDouble::NAME);
    for media_library in [&here, &there] {
        let incoming = Incoming::default();
        let kept = incoming.file(&file).expect("a picture");
        assert_eq!(incoming.file(&file), Some(kept.clone()));
        assert_eq!(incoming.own_picture("b.SVG", DRAWING.into()), Some(kept.clone()));
        assert_eq!(incoming.file(&folder.path().join("none.png")), None);
        // Nothing is stored before the texts are.
        assert_eq!(find(media_library, &kept.src).await, None);
        media_library.store_all(&incoming).await.expect("kept");
        assert_eq!(find(media_library, &kept.src).await, Some(kept.clone()));
    }
}

/// A JPEG with where it was taken, which is to be turned (EXIF 2.3, section 4.6.4).
fn photograph_with_location() -> Vec<u8> {
    let mut exif =
        b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend(b"GPS 53 33 12 N");
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    let jpeg = photograph();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

#[tokio::test]
async fn imported_pictures_are_processed_like_uploads() {
    let folder = tempfile::tempdir().expect("a folder");
    let library = MediaLibrary::in_folder(&folder.path().join("media")).expect("a folder");
    // The name says nothing about the content.
    let file = folder.path().join("photograph.PNG");
    std::fs::write(&file, photograph_with_location()).expect("written");
    let incoming = Incoming::default();
    let kept = incoming.file(&file).expect("a picture");
    assert_eq!((kept.width, kept.height), (300, 600), "it is upright");
    library.store_all(&incoming).await.expect("kept");
    let name = kept.src.strip_prefix("/media/").expect("an address");
    for name in [name, &name.replace(".jpg", ".300.webp"), &name.replace(".jpg", ".300.avif")] {
        let stored = content(&library, name).await.expect(name);
        assert!(!stored.windows(3).any(|part| part == b"GPS"), "{name}");
    }
    let sent = std::fs::read(&file).expect("read");
    let uploaded = library.upload(WorkOwner(1), sent.into()).await.expect("taken in");
    assert_eq!(uploaded, kept, "the same picture");
    // It is there already, so the file is not needed.
    let again = Incoming::default();
    assert_eq!(again.file(&file), Some(kept));
    std::fs::remove_file(&file).expect("removed");
    library.store_all(&again).await.expect("kept");
}

#[tokio::test]
async fn pictures_that_were_replaced_keep_the_name_of_earlier_versions() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("photograph.jpg");
    std::fs::write(&file, photograph()).expect("written");
    let processed = Incoming::default().file(&file).expect("a picture");
    let (digest, _) = processed.src.trim_start_matches("/media/").split_once('-').expect("a size");
    let incoming = Incoming::new([digest.to_owned()].into());
    let kept = incoming.file(&file).expect("a picture");
    assert_eq!(kept.src, format!("/media/{digest}.jpg"));
    let others = Incoming::new(["other".to_owned()].into());
    assert_eq!(others.file(&file), Some(processed));
}

#[tokio::test]
async fn files_that_cannot_be_stored_are_named_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let jpeg = photograph();
    let files = [("cut.jpg", &jpeg[..jpeg.len() / 2]), ("text.jpg", b"no picture")];
    let incoming = Incoming::default();
    for (name, content) in files {
        let file = folder.path().join(name);
        std::fs::write(&file, content).expect("written");
        assert_eq!(incoming.file(&file), None);
        assert_eq!(incoming.file(&file), None, "asked again");
    }
    let rejected = incoming.take_rejected().into_iter().map(|file| file.why);
    let whys = [RejectedUpload::Incomplete, RejectedUpload::NotAPicture];
    assert_eq!(rejected.collect::<Vec<_>>(), whys);
}

#[tokio::test]
async fn pictures_are_copied_to_a_bucket_and_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = BucketDouble::start().await;
    let here = MediaLibrary::in_folder(&folder.path().join("a")).expect("a folder");
    let there = bucket(&store, BucketDouble::NAME);
    let kept = here.upload(WorkOwner(1), photograph()).await.expect("taken in");
    assert_eq!(here.copy_to(&there).await.expect("brought"), CopyReport { new: 5, known: 0 });
    assert_eq!(here.copy_to(&there).await.expect("brought"), CopyReport { new: 0, known: 5 });
    let name = kept.src.strip_prefix("/media/").expect("an address");
    let file = content(&here, name).await;
    assert_eq!(store.holds(name).await.map(|held| held.to_vec()), file);
    let back = MediaLibrary::in_folder(&folder.path().join("b")).expect("a folder");
    assert_eq!(there.copy_to(&back).await.expect("brought"), CopyReport { new: 5, known: 0 });
    assert_eq!(content(&back, name).await, file);
}

#[tokio::test]
async fn an_unavailable_bucket_is_not_an_empty_one() {
    let store = BucketDouble::start().await;
    let elsewhere = bucket(&store, "no-such-bucket");
    let refused = elsewhere.check_writable().await.expect_err("there is no such bucket");
    assert!(refused.is_permanent(), "{refused}");
    let there = bucket(&store, BucketDouble::NAME);
    let kept = there.upload(WorkOwner(1), photograph()).await.expect("taken in");
    drop(store);
    // Cached pictures are still found; for others, an error is reported instead of `None`.
    assert_eq!(find(&there, &kept.src).await, Some(kept));
    let failed = there.with_pictures(WorkOwner(1), |find| find("/media/other-1x1.jpg")).await;
    assert!(failed.is_err_and(
        |error| matches!(error, TextWorkError::Pictures(error) if !error.is_permanent())
    ));
    assert!(there.upload(WorkOwner(1), photograph()).await.is_err());
}
