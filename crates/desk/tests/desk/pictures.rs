//! Replacing a picture.

use http::{Request, StatusCode, header};
use masthead_circulation::staff::Role;
use masthead_editorial::crops::CropPlace;

use crate::{TestDesk, embeds::PICTURE, leads_to, planning::uploaded, text};

/// Uploads a file of 4 by 3 pixels for a picture. Returns where it is compared.
pub async fn added_file(desk: &TestDesk, cookie: &str, picture: &str) -> String {
    let request = Request::post(format!("/desk/pictures/{picture}/files?name=new.png"))
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "same-origin");
    let answer = desk.send(request, PICTURE.to_vec().into()).await;
    let status = answer.status();
    let said = text(answer).await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
    said.split('"').nth(3).expect("an address").to_owned()
}

#[tokio::test]
async fn a_picture_is_replaced_compared_and_put_back() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
        let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
        let stem = uploaded(&desk, &eve, "harbour.gif").await;
        let path = format!("/desk/pictures/{stem}");
        let body = format!("%3Cp%3EHi%3C/p%3E%3Cimg+src=%22/media/{stem}.gif%22+alt=%22A%22%3E");
        let form = format!("section=town&headline=Boats&authors=Ada&body={body}");
        desk.post("/desk/articles", &eve, &form).await;
        desk.publishes(&eve, 1, "version=1&when=now").await;

        // What pages show changes only with an editor.
        assert!(!desk.page(&ada, &path).await.contains("Upload new file"));
        assert!(desk.page(&eve, &path).await.contains("Upload new file"));
        let to = added_file(&desk, &eve, &stem).await;
        assert_eq!(desk.get(&to, &ada).await.status(), StatusCode::FORBIDDEN);
        let compared = desk.page(&eve, &to).await;
        for shown in [
            format!("/media/{stem}.gif"),
            "-4x3.".into(),
            "other proportions".into(),
            "Boats".into(),
        ] {
            assert!(compared.contains(&shown), "{shown}: {compared}");
        }
        // The library finds the new file, which is no picture of its own.
        desk.state.find_pictures().await.expect("found");
        let library = desk.page(&eve, "/desk/pictures").await;
        assert!(library.contains("harbour.gif") && !library.contains("-4x3"), "{library}");

        let stale = desk.post(&to, &eve, "version=9&withhold=on").await;
        assert_eq!(stale.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let said = text(stale).await;
        assert!(
            said.contains("somebody has changed this picture") && said.contains(" checked"),
            "{said}"
        );
        assert_eq!(leads_to(&desk.post(&to, &eve, "version=1&withhold=on").await), path);
        let snapshot = desk.live.snapshot();
        let old = format!("{stem}.gif");
        let now = snapshot.edition.replaced_pictures().src(&format!("/media/{old}")).to_owned();
        assert!(now.contains("-4x3."), "{now}");
        assert!(!snapshot.edition.serves_picture(&old) && snapshot.edition.shows_picture(&old));
        let page = desk.page(&eve, &path).await;
        for said in ["Shown now", "Readers don’t get it", "Serve this file again", &now] {
            assert!(page.contains(said), "{said}: {page}");
        }
        // Everybody who writes sees the new file, and texts keep the name.
        let thumbnail = now.replace("-4x3.png", "-4x3.4.webp").replace("-4x3.jpg", "-4x3.4.webp");
        assert!(desk.page(&ada, "/desk/pictures").await.contains(&thumbnail));
        let choices = desk.page(&ada, "/desk/pictures/choices").await;
        assert!(choices.contains(&thumbnail) && choices.contains(&old), "{choices}");

        let withholding = format!("{path}/files/{stem}/withholding");
        let released = desk.post(&withholding, &eve, "version=2&withheld=no").await;
        assert_eq!(leads_to(&released), path);
        assert!(desk.live.snapshot().edition.serves_picture(&old));
        let stale = desk.post(&withholding, &eve, "version=2&withheld=yes").await;
        assert_eq!(stale.status(), StatusCode::UNPROCESSABLE_ENTITY);
        // Undone: the former file is shown again.
        let undone = desk.post(&format!("{path}/files/{stem}"), &eve, "version=3").await;
        assert_eq!(leads_to(&undone), path);
        let src = format!("/media/{old}");
        assert_eq!(desk.live.snapshot().edition.replaced_pictures().src(&src), src);
        let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
        let log = desk.page(&olu, "/desk/audit").await;
        assert!(log.contains("replaced the picture"), "{log}");
    }
}

#[tokio::test]
async fn a_file_that_replaces_nothing_is_refused_with_a_reason() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let stem = uploaded(&desk, &eve, "harbour.gif").await;
    let path = format!("/desk/pictures/{stem}/files");
    let send = async |path: &str, content: Vec<u8>| {
        let request = Request::post(path)
            .header(header::COOKIE, &eve)
            .header("sec-fetch-site", "same-origin");
        let answer = desk.send(request, content.into()).await;
        (answer.status(), text(answer).await)
    };
    let gif =
        b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let (status, said) = send(&path, gif.to_vec()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(said.contains("Pages show exactly this file already"), "{said}");
    let (status, said) = send(&path, b"no picture".to_vec()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
    let (status, _) = send("/desk/pictures/none/files", PICTURE.to_vec()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let gone = desk.get(&format!("{path}/none"), &eve).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}

/// Uploads a picture of 4 by 3 pixels. Returns its address.
async fn photograph(desk: &TestDesk, cookie: &str) -> String {
    let request = Request::post("/desk/pictures?name=boats.png")
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "same-origin");
    let said = text(desk.send(request, PICTURE.to_vec().into()).await).await;
    said.split('"').nth(3).expect("an address").to_owned()
}

/// The address of the part of a picture that is shown on cards.
fn card(desk: &TestDesk, src: &str) -> Option<String> {
    let snapshot = desk.live.snapshot();
    snapshot.edition.replaced_pictures().crop(src, CropPlace::Card).map(|part| part.src.clone())
}

fn page_of(src: &str) -> String {
    let name = src.strip_prefix("/media/").expect("in the library");
    format!("/desk/pictures/{}", name.split('.').next().expect("a stem"))
}

const CROPS: &str = "own-card=on&left-card=25&top-card=0&width-card=75&own-square=on&left-square=0&top-square=0&width-square=50";

#[tokio::test]
async fn a_picture_is_cropped_for_each_place() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
        let src = photograph(&desk, &eve).await;
        let (picture, path) = (page_of(&src), format!("{}/crops", page_of(&src)));
        let page = desk.page(&eve, &path).await;
        for said in ["Crop picture", "Shared links (1.91:1)", "value=\"100.0\""] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let wrong = [
            ("own-card=on&left-card=x&top-card=0&width-card=50", "Enter percentages"),
            ("own-card=on&left-card=90&top-card=0&width-card=75", "is not within the picture"),
        ];
        for (form, said) in wrong {
            let refused = desk.post(&path, &eve, &format!("version=1&{form}")).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
            let page = text(refused).await;
            let is_kept = page.contains("name=\"own-card\" checked");
            assert!(page.contains(said) && is_kept, "{said}: {page}");
        }
        // What was wrong is sent again with the version that was read first.
        let wrong = desk.post(&path, &eve, &format!("version=0&{}", wrong[0].0)).await;
        assert!(text(wrong).await.contains("name=\"version\" value=\"0\""));
        let saved = desk.post(&path, &eve, &format!("version=1&{CROPS}")).await;
        assert_eq!(leads_to(&saved), picture);
        assert!(card(&desk, &src).expect("a part").contains(".1-0-3x2."));
        let stale =
            desk.post(&path, &eve, "version=1&own-card=on&left-card=0&top-card=0&width-card=50");
        let stale = stale.await;
        assert_eq!(stale.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let said = text(stale).await;
        assert!(said.contains("somebody has changed") && said.contains("value=\"50\""), "{said}");
        assert!(said.contains("value=\"2\"") && said.contains("25.0 % from the left"), "{said}");
        let page = desk.page(&eve, &path).await;
        assert!(page.contains("value=\"75.0\"") && page.contains("\"own-square\" checked"));
        // Without any, the focal point decides again.
        desk.post(&path, &eve, "version=2").await;
        assert_eq!(card(&desk, &src), None);
    }
}

#[tokio::test]
async fn authors_crop_pictures_that_readers_do_not_see_yet() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let src = photograph(&desk, &ada).await;
    let (picture, path) = (page_of(&src), format!("{}/crops", page_of(&src)));
    assert!(desk.page(&ada, &picture).await.contains("Crop picture"));
    let saved = desk.post(&path, &ada, &format!("version=1&{CROPS}")).await;
    assert_eq!(leads_to(&saved), picture);
    let form = format!(
        "section=town&headline=Boats&authors=Ada&body=%3Cp%3EHi%3C/p%3E&picture={src}&picture_alt=A"
    );
    desk.post("/desk/articles", &eve, &form).await;
    desk.publishes(&eve, 1, "version=1&when=now").await;
    assert!(!desk.page(&ada, &picture).await.contains("Crop picture"));
    assert!(desk.page(&ada, &path).await.contains("Ask an editor"));
    let refused = desk.post(&path, &ada, "version=2").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(card(&desk, &src).is_some());
    assert_eq!(leads_to(&desk.post(&path, &eve, "version=2").await), picture);

    let animation = format!("/desk/pictures/{}/crops", uploaded(&desk, &eve, "harbour.gif").await);
    assert!(desk.page(&eve, &animation).await.contains("can’t be cropped"));
    let shown = desk.page(&eve, animation.trim_end_matches("/crops")).await;
    assert!(!shown.contains("Crop picture"), "{shown}");
    let refused = desk.post(&animation, &eve, &format!("version=1&{CROPS}")).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn crops_are_made_for_a_replacement_of_the_same_proportions_only() {
    let desk = TestDesk::open().await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let src = photograph(&desk, &eve).await;
    let (picture, path) = (page_of(&src), format!("{}/crops", page_of(&src)));
    desk.post(&path, &eve, &format!("version=1&{CROPS}")).await;
    let first = card(&desk, &src).expect("a part");
    let add = async |content: &[u8]| {
        let request = Request::post(format!("{picture}/files"))
            .header(header::COOKIE, &eve)
            .header("sec-fetch-site", "same-origin");
        let said = text(desk.send(request, content.to_vec().into()).await).await;
        said.split('"').nth(3).expect("an address").to_owned()
    };
    let same = add(&[PICTURE, b"\n"].concat()).await;
    assert_eq!(leads_to(&desk.post(&same, &eve, "version=2").await), picture);
    let second = card(&desk, &src).expect("a part of the new file");
    assert!(second != first && second.contains(".1-0-3x2."), "{second}");
    // A single pixel.
    let other =
        add(b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;")
            .await;
    assert!(desk.page(&eve, &other).await.contains("crops are not kept"));
    assert_eq!(leads_to(&desk.post(&other, &eve, "version=3").await), path);
    assert_eq!(card(&desk, &src), None);
    let undone = format!("{picture}/files/{}", &picture["/desk/pictures/".len()..]);
    assert_eq!(leads_to(&desk.post(&undone, &eve, "version=4").await), picture);
    assert_eq!(card(&desk, &src), Some(first));
}
