//! What the cards of embeds say: the server asks their sites, and no others.

use axum::{Router, response::IntoResponse, routing::get};
use http::header;
use masthead_circulation::staff::Role;
use tokio::net::TcpListener;

use super::{TestDesk, text};

/// A picture of 4 by 3 pixels.
pub const PICTURE: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x04\x00\x00\
      \x00\x03\x08\x02\x00\x00\x00\x3b\x96\x39\x91\x00\x00\x00\x10\x49\x44\x41\x54\x78\xda\x63\
      \x50\x70\x48\x80\x23\x06\x9c\x1c\x00\xac\xa7\x09\x01\x0a\x87\x8d\xb9\x00\x00\x00\x00\x49\
      \x45\x4e\x44\xae\x42\x60\x82";

/// A site that describes what it has: its address.
pub async fn site(title: &'static str, picture: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let thumbnail = if picture.is_empty() { String::new() } else { format!("{address}{picture}") };
    let description = format!(r#"{{"title":"{title}","thumbnail_url":"{thumbnail}"}}"#);
    let described = get(move || {
        let description = description.clone();
        async move { description }
    });
    let shown = get(async || ([(header::CONTENT_TYPE, "image/png")], PICTURE).into_response());
    let report = get(async || "x".repeat(1_234_567));
    let router = Router::new().route("/video", described).route("/picture.png", shown);
    let router = router.route("/Tide%20tables.pdf", report);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("{address}/video")
}

async fn card(desk: &TestDesk, cookie: &str, address: &str) -> String {
    text(desk.post("/desk/embeds", cookie, &format!("url={address}")).await).await
}

#[tokio::test]
async fn a_card_gets_its_title_and_a_picture_of_our_own() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let address = site("The <bridge>", "/picture.png").await;
    let said = card(&desk, &ada, &address).await;
    assert!(said.starts_with(r#"{"title":"The <bridge>","picture":"/media/"#), "{said}");
    assert!(said.contains("-4x3."), "{said}");
    // Readers get it from this server: nothing of the other site is in the text.
    let picture = said.split('"').nth(7).expect("a picture");
    let figure = format!(
        "%3Cfigure+class=embed%3E%3Ca+href=https://youtu.be/1%3E%3Cimg+src={picture}+alt=''%3E%3Cstrong%3EA%3C/strong%3E%3C/a%3E%3C/figure%3E"
    );
    desk.post("/desk/articles", &ada, &format!("headline=A&body={figure}")).await;
    let kept = text(desk.get("/desk/articles/1/latest?version=0", &ada).await).await;
    assert!(kept.contains(&format!("<img src=\\\"{picture}\\\"")), "{kept}");
    assert!(kept.contains("<strong>A</strong></a></figure>"), "{kept}");
}

#[tokio::test]
async fn what_a_site_does_not_say_is_left_out() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let address = site("No picture", "/none.png").await;
    assert_eq!(card(&desk, &ada, &address).await, r#"{"title":"No picture","picture":""}"#);
    for address in ["https://elsewhere.example/", "http://127.0.0.1:1/", "no+address", ""] {
        let said = card(&desk, &ada, address).await;
        assert_eq!(said, r#"{"title":"","picture":""}"#, "{address}");
    }
}

#[tokio::test]
async fn the_card_of_a_file_has_its_name_and_its_size() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let site = site("", "").await.replace("/video", "");
    let said = card(&desk, &ada, &format!("{site}/Tide%2520tables.pdf")).await;
    assert_eq!(said, r#"{"title":"Tide tables.pdf (2 MB)","picture":""}"#);
    let said = card(&desk, &ada, &format!("{site}/missing.pdf")).await;
    assert_eq!(said, r#"{"title":"missing.pdf","picture":""}"#, "its size is not known");
    let said = card(&desk, &ada, "file:///etc/a.pdf").await;
    assert_eq!(said, r#"{"title":"","picture":""}"#, "it is not asked");
}
