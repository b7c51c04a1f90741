//! The logo, uploaded at the desk.

use axum::response::Response;
use http::{Request, StatusCode, header};
use masthead_circulation::staff::Role;
use masthead_store::AuditQuery;

use super::{TestDesk, leads_to, text};

/// A drawing with what is not kept of it.
pub const DRAWING: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 240 48\" onload=\"alert(1)\">\
    <script>alert(2)</script><path d=\"M0 0h240v48\"/></svg>";

impl TestDesk {
    /// Sends a logo, as a browser does.
    pub(super) async fn upload_logo(
        &self,
        cookie: &str,
        (version, variant): (i32, &str),
        content: &[u8],
    ) -> Response {
        let field = |name: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file =
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"logo.svg\"\r\n\r\n";
        let fields = field("version", &version.to_string()) + &field("variant", variant) + file;
        let body = [fields.as_bytes(), content, b"\r\n--x--\r\n"].concat();
        let request = Request::post("/desk/appearance/logo")
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        self.send(request, body.into()).await
    }

    /// The addresses of the logo on light and on dark pages.
    fn logos(&self) -> Option<(String, Option<String>)> {
        let logo = self.live.peek().publication.logo.clone()?;
        Some((logo.light.src().to_owned(), logo.dark.map(|dark| dark.src().to_owned())))
    }
}

#[tokio::test]
async fn a_logo_is_uploaded_replaced_restored_and_removed() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
        let colours = "version=0&accent=%230b3d91&do=save";
        assert_eq!(
            leads_to(&desk.post("/desk/appearance", &cy, colours).await),
            "/desk/appearance"
        );
        let saved = desk.upload_logo(&cy, (1, "light"), DRAWING.as_bytes()).await;
        assert_eq!((saved.status(), leads_to(&saved)), (StatusCode::SEE_OTHER, "/desk/appearance"));
        let (first, _) = desk.logos().expect("a logo");
        assert!(first.ends_with("-240x48.svg"), "{first}");
        let name = first.strip_prefix("/media/").expect("a picture");
        let kept = desk.media.read_file(name).await.expect("read").expect("stored");
        let kept = String::from_utf8(kept.to_vec()).expect("text");
        assert!(kept.contains("<path") && !kept.contains("alert"), "{kept}");
        let accent = desk.live.peek().publication.accent.expect("the colour stays").light;
        assert_eq!(accent.to_string(), "#0b3d91");
        let page = text(desk.get("/desk/appearance", &cy).await).await;
        assert!(
            page.contains("width=\"240\" height=\"48\"") && page.contains("appearance.logo: "),
            "{page}"
        );
        let log = desk.store.audit_log(&AuditQuery::default(), 1).await.expect("read");
        assert!(format!("{log:?}").contains(&first), "{log:?}");

        // Somebody who has the former version open overwrites nothing.
        let behind = desk.upload_logo(&cy, (1, "light"), DRAWING.as_bytes()).await;
        assert_eq!(behind.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(behind).await.contains("Somebody else has changed the appearance"));
        let other = DRAWING.replace("240", "300");
        let dark = desk.upload_logo(&cy, (2, "dark"), other.as_bytes()).await;
        assert_eq!(dark.status(), StatusCode::SEE_OTHER);
        assert!(desk.logos().expect("logos").1.expect("a dark one").ends_with("-300x48.svg"));
        // A colour that is saved leaves the logo, and without a logo there is none for dark pages.
        let colours = "version=3&accent=%238a1c1c&do=save";
        assert_eq!(
            leads_to(&desk.post("/desk/appearance", &cy, colours).await),
            "/desk/appearance"
        );
        assert_eq!(desk.logos().expect("logos").0, first);
        let removed = desk.post("/desk/appearance", &cy, "version=4&do=remove-light").await;
        assert_eq!((leads_to(&removed), desk.logos()), ("/desk/appearance", None));
        let again = desk.post("/desk/history/appearance", &cy, "version=5&wanted=2").await;
        assert_eq!(leads_to(&again), "/desk/appearance");
        assert_eq!(desk.logos(), Some((first, None)));
    }
}

#[tokio::test]
async fn what_is_no_logo_is_explained() {
    let desk = TestDesk::open().await;
    let (_, cy) = desk.staff("cy@example.org", Role::Circulation).await;
    let large = vec![b'x'; 2 * 1024 * 1024 + 1];
    for (content, says) in [
        (&b""[..], "Choose a file."),
        (b"no picture", "a logo that every browser shows"),
        (b"GIF89a", "a logo that every browser shows"),
        (b"\0\0\0\x10ftypavif\0\0\0\0", "a logo that every browser shows"),
        (b"<svg viewBox=\"0 0 9 9\"><g>", "be read. Export it again"),
        (b"<svg/>", "has no size"),
        (&large, "larger than 2 MB"),
    ] {
        let refused = desk.upload_logo(&cy, (0, "light"), content).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        let page = text(refused).await;
        assert!(page.contains(says) && page.contains("href=\"#logo-light\""), "{says}: {page}");
    }
    assert_eq!(desk.logos(), None);
    let (_, ed) = desk.staff("ed@example.org", Role::Editor).await;
    let refused = desk.upload_logo(&ed, (0, "light"), DRAWING.as_bytes()).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
}
