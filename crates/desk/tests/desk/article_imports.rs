//! Archives of WordPress: uploaded, checked, and imported once.

use std::{io::Write as _, time::Duration};

use axum::response::Response;
use http::{Request, StatusCode, header};
use jiff::SignedDuration;
use masthead_circulation::{AuditAction, staff::Role};
use masthead_editorial::Status;
use masthead_store::{
    ArticleImport, ArticleImportJob, ArticleImportStage, AuditQuery, NewArticleImport,
};

use super::{TestDesk, embeds::PICTURE, leads_to, text};

const PAGE: &str = "/desk/imports";

/// An export with so many posts, and an item of a menu, which is left out.
pub(super) fn export(posts: u32) -> String {
    let posts: String = (1..=posts).map(|number| post(number, "It left.")).collect();
    wxr(&format!("{posts}{}", item(9_999, "Menu", "nav_menu_item", "")))
}

fn wxr(items: &str) -> String {
    format!(
        "<rss xmlns:wp=\"w\" xmlns:content=\"c\"><channel><link>https://old.example</link>{items}</channel></rss>"
    )
}

fn post(number: u32, words: &str) -> String {
    item(number, &format!("Post {number}"), "post", words)
}

fn item(number: u32, title: &str, kind: &str, words: &str) -> String {
    format!(
        "<item><title>{title}</title><link>https://old.example/{number}</link><wp:post_id>{number}</wp:post_id>\
         <wp:post_type>{kind}</wp:post_type><wp:post_name>post-{number}</wp:post_name><wp:status>publish</wp:status>\
         <wp:post_date_gmt>2026-01-02 03:04:05</wp:post_date_gmt>\
         <content:encoded><![CDATA[<p>{words}</p><p><img src=\"https://old.example/wp-content/uploads/{number}.jpg\"></p>]]></content:encoded>\
         <category domain=\"category\" nicename=\"town\"><![CDATA[Town]]></category></item>"
    )
}

impl TestDesk {
    /// Sends a file, as a browser does.
    async fn upload_archive(&self, cookie: &str, content: &[u8]) -> Response {
        let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"export.xml\"\r\n\
                    Content-Type: text/xml\r\n\r\n";
        let body = [head.as_bytes(), content, b"\r\n--x--\r\n"].concat();
        let request = Request::post(PAGE)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        self.send(request, body.into()).await
    }

    /// Sends a picture of an archive, as the page does.
    async fn add_picture(
        &self,
        pictures: &str,
        path: &str,
        (cookie, content): (&str, &[u8]),
    ) -> Response {
        let request = Request::post(format!("{pictures}?path={path}"))
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin");
        self.send(request, content.to_vec().into()).await
    }

    /// Uploads a file, and has it checked. Returns the address of its page.
    pub(super) async fn checked_archive(&self, cookie: &str, content: &str) -> String {
        let page = self.uploaded_archive(cookie, content.as_bytes()).await;
        self.state.run_jobs().await.expect("checked");
        page
    }

    async fn uploaded_archive(&self, cookie: &str, content: &[u8]) -> String {
        let answer = self.upload_archive(cookie, content).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        leads_to(&answer).to_owned()
    }

    /// Presses a button on the page of an archive.
    async fn change(&self, page: &str, cookie: &str, button: &str) -> Response {
        self.post(&format!("{page}/state"), cookie, &format!("do={button}")).await
    }

    async fn latest_archive(&self) -> ArticleImport {
        self.store.article_imports(1).await.expect("read").remove(0)
    }

    async fn page_at(&self, path: &str, cookie: &str) -> String {
        text(self.get(path, cookie).await).await
    }
}

async fn with_owner() -> (TestDesk, String) {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    (desk, olu)
}

#[tokio::test]
async fn an_archive_is_checked_and_then_imported_on_both_databases() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
        assert!(desk.page_at(PAGE, &olu).await.contains("multipart/form-data"));
        let page = desk.uploaded_archive(&olu, export(3).as_bytes()).await;
        let shown = desk.page_at(&page, &olu).await;
        assert!(shown.contains("is being checked") && shown.contains("data-archive"), "{shown}");

        desk.state.run_jobs().await.expect("checked");
        let shown = desk.page_at(&page, &olu).await;
        for part in [
            "Nothing was changed yet",
            "What would come in",
            "3 new articles and pages",
            "1 item left out",
            "Import 3 articles and pages",
            "picture not at hand, replaced by a link",
            // One affected article for each.
            "<a href=\"https:&#x2f;&#x2f;old.example&#x2f;9999\" rel=\"noreferrer\">",
            "<a href=\"https:&#x2f;&#x2f;old.example&#x2f;1\" rel=\"noreferrer\">Post 1</a>",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(desk.store.piece("post-1").await.expect("read").is_none(), "nothing is imported");

        assert_eq!(leads_to(&desk.change(&page, &olu, "start").await), page);
        desk.state.run_jobs().await.expect("imported");
        let shown = desk.page_at(&page, &olu).await;
        for part in ["is finished", "What came in", "3 new articles and pages", "/desk/articles/"] {
            assert!(shown.contains(&part.replace('/', "&#x2f;")), "{part}: {shown}");
        }
        let piece = desk.store.piece("post-2").await.expect("read").expect("imported");
        assert_eq!((piece.headline.as_str(), piece.status), ("Post 2", Status::Published));
        let list = desk.page_at(PAGE, &olu).await;
        assert!(list.contains("export.xml") && list.contains("imported by "), "{list}");
        let report = desk.page_at(&format!("{page}/report.csv"), &olu).await;
        let lines: Vec<&str> = report.lines().collect();
        assert_eq!(lines.len(), 5, "{report}");
        assert!(lines[1].starts_with("New,"), "{report}");
        assert!(lines[1].contains(",Post 1,https://old.example/1,"), "{report}");
        assert!(lines[4].starts_with("Left out,,"), "{report}");
        let log = desk.store.audit_log(&AuditQuery::default(), 99).await.expect("read");
        let started = log.iter().find(|entry| entry.action == AuditAction::StartedArticleImport);
        assert_eq!(started.map(|entry| entry.about.as_str()), Some("export.xml"));
    }
}

#[tokio::test]
async fn what_is_imported_again_stays_or_changes_as_by_the_command() {
    let (desk, olu) = with_owner().await;
    let page = desk.checked_archive(&olu, &export(3)).await;
    desk.change(&page, &olu, "start").await;
    desk.state.run_jobs().await.expect("imported");
    // Once more, with a text that was changed there, and one that was changed here.
    let mut here = desk.store.piece("post-3").await.expect("read").expect("imported");
    here.body = "<p>Corrected here.</p>".into();
    desk.store.save(&here, desk.now()).await.expect("saved");
    let again = [post(1, "It left."), post(2, "It came back."), post(3, "It left.")].concat();
    let page = desk.checked_archive(&olu, &wxr(&again)).await;
    let shown = desk.page_at(&page, &olu).await;
    for part in
        ["0 new articles", "1 changed", "1 as it was", "1 kept as it is here", "Import 1 article"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.contains("Changed or withdrawn here since the last import"), "{shown}");
    desk.change(&page, &olu, "start").await;
    desk.state.run_jobs().await.expect("imported");
    let body = async |slug: &str| desk.store.piece(slug).await.expect("read").expect("one").body;
    assert!(body("post-2").await.contains("It came back."));
    assert_eq!(body("post-3").await, "<p>Corrected here.</p>");
    let page = desk.checked_archive(&olu, &wxr(&again)).await;
    let shown = desk.page_at(&page, &olu).await;
    assert!(shown.contains("nothing that is new or changed here"), "{shown}");
}

#[tokio::test]
async fn nothing_is_imported_twice_or_lost_however_often_servers_are_killed() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
        let page = desk.uploaded_archive(&olu, export(450).as_bytes()).await;
        let mut kills = killed_again_and_again(&desk).await;
        assert_eq!(desk.latest_archive().await.stage, ArticleImportStage::Ready);
        let olu = desk.reader("olu@example.org").await;
        desk.change(&page, &olu, "start").await;
        kills += killed_again_and_again(&desk).await;
        assert!(kills > 3, "{kills} kills");
        let import = desk.latest_archive().await;
        assert_eq!(import.stage, ArticleImportStage::Done);
        let olu = desk.reader("olu@example.org").await;
        let shown = desk.page_at(&page, &olu).await;
        assert!(shown.contains("450 new articles") && shown.contains("1 item left out"), "{shown}");
        let report = desk.page_at(&format!("{page}/report.csv"), &olu).await;
        let posts: Vec<&str> = report
            .lines()
            .filter_map(|line| line.split(',').nth(2))
            .filter(|cell| cell.starts_with("Post "))
            .collect();
        let each: Vec<String> = (1..=450).map(|number| format!("Post {number}")).collect();
        assert_eq!(posts, each, "each once, in order");
        assert!(desk.store.piece("post-1-2").await.expect("read").is_none(), "none is double");
        assert!(desk.store.piece("post-450").await.expect("read").is_some());
    }
}

/// Kills the server again and again until nothing is left to do. One that is killed drops its work wherever it is; another has the job when
/// the claim has expired. Returns how often.
async fn killed_again_and_again(desk: &TestDesk) -> u32 {
    let mut kills = 0;
    loop {
        let time = Duration::from_millis(20 << kills.min(9));
        let is_killed = tokio::time::timeout(time, desk.state.run_jobs()).await.is_err();
        if !is_killed && !desk.latest_archive().await.stage.has_job() {
            return kills;
        }
        kills += u32::from(is_killed);
        desk.wait(SignedDuration::from_mins(3));
    }
}

#[tokio::test]
async fn pictures_that_articles_show_are_added_before_the_import_or_by_a_later_one() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
        let page = desk.checked_archive(&olu, &export(2)).await;
        let shown = desk.page_at(&page, &olu).await;
        assert!(shown.contains("2 pictures that articles show are missing"), "{shown}");
        let pictures = format!("{page}/pictures");
        let missing = desk.page_at(&pictures, &olu).await;
        assert_eq!(missing, r#"[["1.jpg"],["2.jpg"]]"#);
        let refused = desk.add_picture(&pictures, "1.jpg", (&olu, b"no picture")).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        for (path, status) in [("1.jpg", 201), ("1.jpg", 204), ("../other.jpg", 204)] {
            let added = desk.add_picture(&pictures, path, (&olu, PICTURE)).await;
            assert_eq!(added.status().as_u16(), status, "{path}");
        }
        assert_eq!(desk.page_at(&pictures, &olu).await, r#"[["2.jpg"]]"#);
        desk.change(&page, &olu, "check").await;
        desk.state.run_jobs().await.expect("checked");
        let shown = desk.page_at(&page, &olu).await;
        assert!(shown.contains("1 picture is here") && shown.contains("1 picture that"), "{shown}");
        assert!(shown.contains("2 new articles"), "counted anew: {shown}");
        desk.change(&page, &olu, "start").await;
        let late = desk.add_picture(&pictures, "2.jpg", (&olu, PICTURE)).await;
        assert_eq!(late.status(), StatusCode::NO_CONTENT, "its import is started");
        desk.state.run_jobs().await.expect("imported");
        let body =
            async |slug: &str| desk.store.piece(slug).await.expect("read").expect("one").body;
        assert!(body("post-1").await.contains("<img src=\"/media/"), "{}", body("post-1").await);
        assert!(!body("post-2").await.contains("<img"), "{}", body("post-2").await);

        // A later import without any pictures takes none away, and one with the other completes the article.
        let page = desk.checked_archive(&olu, &export(2)).await;
        assert!(desk.page_at(&page, &olu).await.contains("1 kept as it is here"));
        let pictures = format!("{page}/pictures");
        for path in ["1.jpg", "2.jpg"] {
            desk.add_picture(&pictures, path, (&olu, PICTURE)).await;
        }
        desk.change(&page, &olu, "check").await;
        desk.state.run_jobs().await.expect("checked");
        desk.change(&page, &olu, "start").await;
        desk.state.run_jobs().await.expect("imported");
        let shown = desk.page_at(&page, &olu).await;
        assert!(shown.contains("1 changed") && shown.contains("1 as it was"), "{shown}");
        assert!(body("post-2").await.contains("<img src=\"/media/"), "{}", body("post-2").await);
    }
}

#[tokio::test]
async fn an_import_is_stopped_and_goes_on_when_it_is_resumed() {
    let (desk, olu) = with_owner().await;
    let page = desk.checked_archive(&olu, &export(3)).await;
    let click = || desk.change(&page, &olu, "start");
    tokio::join!(click(), click(), click());
    desk.change(&page, &olu, "stop").await;
    desk.state.run_jobs().await.expect("nothing to do");
    assert!(desk.store.piece("post-1").await.expect("read").is_none());
    let shown = desk.page_at(&page, &olu).await;
    assert!(shown.contains("has stopped before all was imported"), "{shown}");
    desk.change(&page, &olu, "delete").await;
    desk.change(&page, &olu, "resume").await;
    desk.state.run_jobs().await.expect("imported");
    let shown = desk.page_at(&page, &olu).await;
    assert!(shown.contains("is finished") && shown.contains("3 new articles"), "{shown}");
}

#[tokio::test]
async fn an_import_that_ends_its_server_again_and_again_is_given_up_until_it_is_resumed() {
    let (desk, olu) = with_owner().await;
    let page = desk.checked_archive(&olu, &export(3)).await;
    desk.change(&page, &olu, "start").await;
    for _ in 0..10 {
        desk.store.claim_job(desk.now()).await.expect("asked").expect("the import");
        desk.wait(SignedDuration::from_mins(3));
    }
    desk.state.run_jobs().await.expect("given up");
    assert!(desk.store.piece("post-1").await.expect("read").is_none());
    let olu = desk.reader("olu@example.org").await;
    let shown = desk.page_at(&page, &olu).await;
    assert!(shown.contains("it failed again and again"), "{shown}");
    desk.change(&page, &olu, "resume").await;
    desk.state.run_jobs().await.expect("imported");
    assert!(desk.page_at(&page, &olu).await.contains("3 new articles"));
}

#[tokio::test]
async fn who_is_dismissed_imports_nothing_more() {
    let (desk, olu) = with_owner().await;
    let (ann, by_ann) = desk.staff("ann@example.org", Role::Owner).await;
    let (owner, _) = desk.staff("eve@example.org", Role::Owner).await;
    let page = desk.checked_archive(&by_ann, &export(2)).await;
    desk.change(&page, &by_ann, "start").await;
    desk.store.dismiss(&ann, Some(owner.id), desk.now()).await.expect("dismissed");
    desk.state.run_jobs().await.expect("done");
    assert!(desk.store.piece("post-1").await.expect("read").is_none());
    assert!(desk.page_at(&page, &olu).await.contains("has stopped before all was imported"));
    desk.change(&page, &olu, "resume").await;
    desk.state.run_jobs().await.expect("imported");
    assert!(desk.page_at(&page, &olu).await.contains("2 new articles"));
}

#[tokio::test]
async fn a_page_hears_how_far_an_import_is() {
    let (desk, olu) = with_owner().await;
    let page = desk.checked_archive(&olu, &export(3)).await;
    desk.change(&page, &olu, "start").await;
    let progress = desk.page_at(&format!("{page}/progress"), &olu).await;
    assert!(
        progress.contains("\"state\":\"importing\"") && progress.contains("\"all\":4"),
        "{progress}"
    );
    assert!(progress.contains("0 of 4 items"), "{progress}");
    desk.state.run_jobs().await.expect("imported");
    let progress = desk.page_at(&format!("{page}/progress"), &olu).await;
    assert!(
        progress.contains("\"state\":\"done\"") && progress.contains("\"done\":4"),
        "{progress}"
    );
}

#[tokio::test]
async fn files_that_are_no_exports_say_what_to_do() {
    let (desk, olu) = with_owner().await;
    let empty = desk.upload_archive(&olu, b"").await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(empty).await.contains("Choose the file of a WordPress export"));
    let large = desk.upload_archive(&olu, &vec![b'x'; 101 * 1024 * 1024]).await;
    assert_eq!(large.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(large).await.contains("larger than 100 MB"));
    assert!(desk.store.article_imports(9).await.expect("read").is_empty());

    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..201 {
        bomb.write_all(&vec![b' '; 1024 * 1024]).expect("compressed");
    }
    let bomb = bomb.finish().expect("compressed");
    let damaged = bomb[..bomb.len() / 2].to_vec();
    let flood = wxr(&"<item></item>".repeat(500_001)).into_bytes();
    for (content, said) in [
        (b"<html></html>".to_vec(), "isn’t a WordPress export"),
        (damaged, "compressed file is damaged"),
        (bomb, "longer than 200 MB"),
        (flood, "more than 500,000 items"),
    ] {
        let page = desk.uploaded_archive(&olu, &content).await;
        desk.state.run_jobs().await.expect("looked at");
        let shown = desk.page_at(&page, &olu).await;
        assert!(shown.contains(said) && !shown.contains("value=\"start\""), "{said}: {shown}");
        assert_eq!(leads_to(&desk.change(&page, &olu, "delete").await), PAGE);
    }
}

#[tokio::test]
async fn one_file_more_than_may_wait_is_refused_until_another_is_deleted() {
    let (desk, olu) = with_owner().await;
    let page = desk.checked_archive(&olu, &export(1)).await;
    for _ in 1..20 {
        desk.uploaded_archive(&olu, export(1).as_bytes()).await;
    }
    let refused = desk.upload_archive(&olu, export(1).as_bytes()).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(refused).await.contains("20 files are waiting already"));
    desk.change(&page, &olu, "delete").await;
    desk.uploaded_archive(&olu, export(1).as_bytes()).await;
}

#[tokio::test]
async fn a_file_of_which_a_part_is_missing_is_not_taken_for_the_whole() {
    let (desk, _) = with_owner().await;
    let eve = desk.staff("eve@example.org", Role::Owner).await.0;
    let new = NewArticleImport { file_name: "export.xml", by: eve.id, at: desk.now() };
    let import = desk.store.add_article_import(&new).await.expect("stored").expect("few");
    let content = export(2).into_bytes();
    let bytes = content.len() as u64 + 1;
    desk.store.add_import_chunk(import, 1, content).await.expect("stored");
    let parameters = format!("{{\"import\":{import}}}");
    let job = ArticleImportJob { kind: "import-articles", parameters: &parameters, by: eve.id };
    desk.store.finish_article_upload(import, bytes, job, desk.now()).await.expect("noted");
    let failed = desk.state.run_jobs().await.expect_err("a part is missing");
    assert!(failed.to_string().contains(" bytes"), "{failed}");
    assert_eq!(desk.latest_archive().await.stage, ArticleImportStage::Checking);
}

#[tokio::test]
async fn a_compressed_export_is_read_and_only_owners_import() {
    let (desk, olu) = with_owner().await;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(export(2).as_bytes()).expect("compressed");
    let page = desk.uploaded_archive(&olu, &packed.finish().expect("compressed")).await;
    desk.state.run_jobs().await.expect("checked");
    assert!(desk.page_at(&page, &olu).await.contains("2 new articles"));
    for role in [Role::Editor, Role::Author, Role::Circulation, Role::Support] {
        let (_, cookie) = desk.staff(&format!("{role}@example.org"), role).await;
        assert_eq!(desk.upload_archive(&cookie, b"x").await.status(), StatusCode::FORBIDDEN);
        assert_eq!(desk.get(&page, &cookie).await.status(), StatusCode::FORBIDDEN);
        assert_eq!(desk.change(&page, &cookie, "start").await.status(), StatusCode::FORBIDDEN);
    }
    assert_eq!(desk.latest_archive().await.stage, ArticleImportStage::Ready);
    // With an older sign-in, the page asks for a new one first.
    desk.wait(SignedDuration::from_mins(16));
    assert!(leads_to(&desk.get(PAGE, &olu).await).starts_with("/sign-in?"));
}
