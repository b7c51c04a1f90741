//! Pictures in a bucket.

use masthead_test_support::bucket::BucketDouble;

use crate::workshop::Workshop;

const BOAT: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40"><rect/></svg>"#;
const FERRY: &str =
    "---\nheadline: Ferry\nsection: news\n---\n\nSee ![a boat](boat.svg \"Here\").\n";

/// A publication with an article that shows a picture.
fn paper() -> Workshop {
    let workshop = Workshop::new();
    workshop.write("boat.svg", BOAT);
    workshop.write("ferry.md", FERRY);
    workshop
}

fn use_bucket(workshop: &Workshop, endpoint: &str, name: &str) {
    let keys = "access_key = \"key\"\nsecret_key = \"secret\"";
    let said = format!("bucket = \"{name}\"\nendpoint = \"{endpoint}\"\n{keys}");
    workshop.configure("[pictures]\n", &format!("[pictures]\n{said}\n"));
}

fn name_of_picture(page: &str) -> String {
    let source = page.split("src=\"/media/").nth(1).expect("a picture");
    source.split('"').next().expect("a name").to_owned()
}

#[tokio::test]
async fn pictures_are_stored_in_a_bucket_and_served_by_the_server() {
    let store = BucketDouble::start().await;
    let workshop = paper();
    use_bucket(&workshop, store.endpoint(), BucketDouble::NAME);
    workshop.does(&["publish", "ferry.md"]);
    let server = workshop.serve();
    let name = name_of_picture(&server.get("/news/ferry"));
    assert_eq!(store.holds(&name).await.as_deref(), Some(BOAT.as_bytes()));
    assert!(!workshop.path("data/media").exists());
    let file = server.get(&format!("/media/{name}"));
    assert!(file.contains("image/svg+xml") && file.ends_with(BOAT), "{file}");
    assert!(server.get("/media/none.svg").contains("404"));
}

#[tokio::test]
async fn pictures_are_copied_to_a_bucket_and_back() {
    let store = BucketDouble::start().await;
    let workshop = paper();
    let said = workshop.refuses(&["pictures", "upload"]);
    assert!(said.contains("names no bucket"), "{said}");
    workshop.does(&["publish", "ferry.md"]);
    use_bucket(&workshop, store.endpoint(), BucketDouble::NAME);
    let said = workshop.does(&["pictures", "upload"]);
    assert!(said.contains("new in the bucket the-paper: 1. There already: 0."), "{said}");
    std::fs::remove_dir_all(workshop.path("data/media")).expect("removed");
    let said = workshop.does(&["pictures", "download"]);
    assert!(said.contains("new in data/media: 1."), "{said}");
    assert_eq!(workshop.path("data/media").read_dir().expect("a folder").count(), 1);
}

#[tokio::test]
async fn an_unusable_bucket_is_reported() {
    let store = BucketDouble::start().await;
    let workshop = paper();
    use_bucket(&workshop, store.endpoint(), "another");
    let said = workshop.refuses(&["serve"]);
    assert!(said.contains("check bucket, region and keys under [pictures]"), "{said}");
    let said = workshop.refuses(&["publish", "ferry.md"]);
    assert!(
        said.contains("the pictures cannot be stored") && said.contains("or the bucket"),
        "{said}"
    );
    assert_eq!(workshop.does(&["list"]), "", "no article without its picture");
    workshop.configure("secret_key = \"secret\"", "");
    let said = workshop.refuses(&["serve"]);
    assert!(said.contains("MASTHEAD_PICTURES_SECRET_KEY"), "{said}");
}

#[tokio::test]
async fn readers_are_served_while_the_bucket_is_down() {
    let store = BucketDouble::start().await;
    let workshop = paper();
    use_bucket(&workshop, store.endpoint(), BucketDouble::NAME);
    workshop.does(&["publish", "ferry.md"]);
    drop(store);
    let server = workshop.serve();
    let page = server.get("/news/ferry");
    assert!(page.contains("200 OK"), "{page}");
    let file = server.get(&format!("/media/{}", name_of_picture(&page)));
    assert!(file.contains("503") && file.contains("cannot be read at the moment"), "{file}");
}
