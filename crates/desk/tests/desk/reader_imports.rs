//! Readers from a CSV file: checked, shown, and imported once.

use std::time::Duration;

use axum::response::Response;
use http::{Request, StatusCode, header};
use jiff::SignedDuration;
use masthead_circulation::{Account, AuditAction, State, staff::Role};
use masthead_store::{AuditQuery, ImportCounts};

use super::{TestDesk, email, leads_to, readers::subscribe, text};

const PAGE: &str = "/desk/readers/import";

impl TestDesk {
    /// Sends a file, as a browser does.
    pub(super) async fn upload_readers(&self, cookie: &str, content: &[u8]) -> Response {
        let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"readers.csv\"\r\n\
                    Content-Type: text/csv\r\n\r\n";
        let body = [head.as_bytes(), content, b"\r\n--x--\r\n"].concat();
        let request = Request::post(PAGE)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        self.send(request, body.into()).await
    }

    /// Uploads a file that is accepted. Returns the address of its page.
    async fn uploaded_readers(&self, cookie: &str, content: &str) -> String {
        let answer = self.upload_readers(cookie, content.as_bytes()).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        leads_to(&answer).to_owned()
    }

    /// Imports a file. Returns its page afterwards.
    async fn import_readers(&self, cookie: &str, content: &str, form: &str) -> String {
        let page = self.uploaded_readers(cookie, content).await;
        let started = self.post(&page, cookie, &format!("do=start&{form}")).await;
        assert_eq!(leads_to(&started), page, "{:?}", started.status());
        self.state.run_jobs().await.expect("done");
        text(self.get(&page, cookie).await).await
    }

    async fn account(&self, at: &str) -> Option<Account> {
        self.store.account_at(&email(at)).await.expect("read")
    }
}

async fn with_support() -> (TestDesk, String) {
    let desk = TestDesk::open().await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    (desk, sue)
}

#[tokio::test]
async fn a_file_is_shown_before_anybody_is_imported() {
    let (desk, sue) = with_support().await;
    let empty = text(desk.get(PAGE, &sue).await).await;
    assert!(
        empty.contains("multipart/form-data") && empty.contains("<code>monthly</code>"),
        "{empty}"
    );
    let file = "Email;Name;Status;Product;Paid until\n\
                ada@example.org;Ada <Lovelace>;x;web;2027-06-30\n\
                bob;Bob\nADA@example.org;\n;Nobody\n\
                cyd@example.org;;;gold;2027-06-30\n\
                dee@example.org;;;web;06/30/2027\n\
                eve@example.org;;;web;2026-01-31\n";
    let page = desk.uploaded_readers(&sue, file).await;
    let shown = text(desk.get(&page, &sue).await).await;
    for part in [
        "2 readers can be imported",
        "Columns that are left out: Status",
        "Ada &lt;Lovelace&gt;",
        "monthly, until 30 June 2027",
        "1 reader gets a complimentary subscription",
        "1 reader has a last day that has passed",
        "5 lines can’t be imported",
        "Line 3: The email address isn’t complete",
        "Line 4: The same address is in line 2",
        "Line 5: It has no email address",
        "Line 6: Nothing is sold as “gold”",
        "Line 7: “06&#x2f;30&#x2f;2027” isn’t a day",
        "Import 2 readers",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(desk.account("ada@example.org").await, None, "nobody is imported yet");
    let deleted = desk.post(&page, &sue, "do=delete").await;
    assert_eq!(leads_to(&deleted), PAGE);
    assert_eq!(leads_to(&desk.get(&page, &sue).await), PAGE);
}

#[tokio::test]
async fn readers_come_in_with_names_labels_notes_and_subscriptions() {
    let (desk, sue) = with_support().await;
    let file = "email,name,labels,note,product,paid until\r\n\
                ada@example.org,Ada,\"'=club; press\",\"By post,\r\nsince 2019\",The Paper online,2027-06-30\r\n\
                bob@example.org,Bob,,,monthly,unlimited\r\n\
                cyd@example.org,,,,web,\r\n";
    let page = desk.import_readers(&sue, file, "label=Spring+fair").await;
    assert!(page.contains("is finished") && page.contains("3 readers were added"), "{page}");
    let ada = desk.account("ada@example.org").await.expect("added");
    assert_eq!(ada.name, "Ada");
    assert_eq!(
        desk.store.labels_of(ada.id).await.expect("read"),
        ["=club", "Spring fair", "press"]
    );
    let notes = desk.store.notes_about(ada.id).await.expect("read");
    assert_eq!(notes[0].text, "By post,\nsince 2019");
    let held = desk.store.subscriptions_of(ada.id).await.expect("read");
    let ends = "2027-07-01T00:00:00Z".parse().expect("a time");
    assert_eq!(held[0].state, State::Cancelling { ends, trial: false });
    assert!(held[0].terms.amount.is_zero());
    let bob = desk.account("bob@example.org").await.expect("added");
    let held = desk.store.subscriptions_of(bob.id).await.expect("read");
    assert!(matches!(held[0].state, State::Active { .. }) && held[0].terms.amount.is_zero());
    let cyd = desk.account("cyd@example.org").await.expect("added");
    assert!(desk.store.subscriptions_of(cyd.id).await.expect("read").is_empty());
    assert!(desk.store.emails(9).await.expect("read").is_empty(), "nobody was told");
    let log = desk.store.audit_log(&AuditQuery::default(), 99).await.expect("read");
    let started = log.iter().find(|entry| entry.action == AuditAction::ImportedReaders);
    assert_eq!(started.map(|entry| entry.about.as_str()), Some("readers.csv"));
}

#[tokio::test]
async fn emails_are_sent_only_if_that_was_chosen() {
    let (desk, sue) = with_support().await;
    let file = "email,product,paid until\nada@example.org,web,2027-06-30\nbob@example.org,,\n";
    desk.import_readers(&sue, file, "emails=yes").await;
    assert_eq!(desk.store.emails_to(&email("ada@example.org"), 9).await.expect("read").len(), 1);
    assert_eq!(desk.store.emails_to(&email("bob@example.org"), 9).await.expect("read").len(), 0);
}

#[tokio::test]
async fn a_file_that_is_imported_again_changes_nothing() {
    let (desk, sue) = with_support().await;
    let file = "email,name,labels,note,product,paid until\n\
                ada@example.org,Ada,press,Calls,web,2027-06-30\nbob@example.org,Bob,,,,\n";
    desk.import_readers(&sue, file, "").await;
    let page = desk.import_readers(&sue, file, "").await;
    assert!(page.contains("2 readers had all of it already"), "{page}");
    let ada = desk.account("ada@example.org").await.expect("added");
    assert_eq!(desk.store.subscriptions_of(ada.id).await.expect("read").len(), 1);
    assert_eq!(desk.store.notes_about(ada.id).await.expect("read").len(), 1);
    // A double click, and a page that was open, start it once.
    let page = desk.uploaded_readers(&sue, file).await;
    let click = || desk.post(&page, &sue, "do=start");
    tokio::join!(click(), click(), click());
    desk.post(&page, &sue, "do=delete").await;
    desk.state.run_jobs().await.expect("done");
    let shown = text(desk.get(&page, &sue).await).await;
    assert!(shown.contains("2 readers had all of it already"), "{shown}");
}

#[tokio::test]
async fn readers_of_a_part_that_is_done_again_are_not_doubled() {
    let (desk, sue) = with_support().await;
    let lines = |count: u32| -> String {
        let line = |n| format!("r{n}@example.org,Fair,web,2027-06-30\n");
        format!("email,note,product,until\n{}", (0..count).map(line).collect::<String>())
    };
    // As if a server had been killed in the first part, before it noted what it had done.
    desk.import_readers(&sue, &lines(30), "label=fair").await;
    let page = desk.import_readers(&sue, &lines(120), "label=fair").await;
    assert!(
        page.contains("90 readers were added") && page.contains("30 readers had all"),
        "{page}"
    );
    let first = desk.account("r0@example.org").await.expect("added");
    assert_eq!(desk.store.subscriptions_of(first.id).await.expect("read").len(), 1);
    assert_eq!(desk.store.notes_about(first.id).await.expect("read").len(), 1);
    assert!(desk.account("r119@example.org").await.is_some(), "the last part too");
}

#[tokio::test]
async fn other_subscriptions_stay_and_who_has_left_is_left_out() {
    let (desk, sue) = with_support().await;
    desk.store.register(&email("ada@example.org"), desk.now()).await.expect("registered");
    let ada = desk.account("ada@example.org").await.expect("an account");
    subscribe(&desk, ada.id).await;
    let before = desk.store.subscriptions_of(ada.id).await.expect("read");
    desk.store.register(&email("bob@example.org"), desk.now()).await.expect("registered");
    let bob = desk.account("bob@example.org").await.expect("an account");
    assert!(desk.store.delete_account(&bob, desk.now()).await.expect("deleted"));
    let file = "email,labels,product,paid until\nada@example.org,press,web,2027-06-30\n\
                bob@example.org,,web,2027-06-30\ncyd@example.org,,web,2026-01-31\n";
    let page = desk.uploaded_readers(&sue, file).await;
    desk.post(&page, &sue, "do=start").await;
    desk.state.run_jobs().await.expect("done");
    assert_eq!(desk.store.subscriptions_of(ada.id).await.expect("read"), before);
    assert_eq!(desk.account("bob@example.org").await, None);
    let report = text(desk.get(&format!("{page}/report.csv"), &sue).await).await;
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines.len(), 4, "{report}");
    assert!(lines[1].starts_with("2,Changed,\"They have another subscription"), "{report}");
    assert!(lines[1].ends_with(&format!(",{},ada@example.org", ada.id.0)), "{report}");
    assert!(
        lines[2].starts_with("3,Not imported,\"The account with this address was deleted"),
        "{report}"
    );
    assert!(lines[2].ends_with(",,"), "no address of who has left: {report}");
    assert!(lines[3].contains("The last day has passed"), "{report}");
    // The report forgets with the account.
    assert!(desk.store.delete_account(&ada, desk.now()).await.expect("deleted"));
    let report = text(desk.get(&format!("{page}/report.csv"), &sue).await).await;
    assert!(!report.contains("ada@example.org"), "{report}");
}

#[tokio::test]
async fn the_file_of_the_list_can_be_imported_in_either_language() {
    let (desk, sue) = with_support().await;
    let file = "email,name,labels\nada@example.org,=Ada,\"+a, b; c\"\n";
    desk.import_readers(&sue, file, "").await;
    for language in ["en", "de"] {
        let cookie = format!("{sue}; masthead-language={language}");
        let list = text(desk.get("/desk/readers.csv", &cookie).await).await;
        let ada = desk.account("ada@example.org").await.expect("an account");
        assert_eq!(ada.name, "=Ada");
        assert_eq!(desk.store.labels_of(ada.id).await.expect("read"), ["+a, b", "c"]);
        let page = desk.import_readers(&sue, &list, "").await;
        assert!(page.contains("1 reader had all of it already"), "{language}: {list} {page}");
    }
}

#[tokio::test]
async fn files_that_are_no_lists_of_readers_say_what_to_do() {
    let (desk, sue) = with_support().await;
    for (content, said) in [
        (&b""[..], "Choose a CSV file"),
        (b"email\n", "The file has no readers"),
        (b"name\nAda\n", "No column has email addresses"),
        (b"email,name\na@example.org,J\xfcrgen\n", "isn’t in UTF-8"),
    ] {
        let answer = desk.upload_readers(&sue, content).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let page = text(answer).await;
        assert!(page.contains(said), "{said}: {page}");
    }
    let large = desk.upload_readers(&sue, &vec![b'x'; 21 * 1024 * 1024]).await;
    assert_eq!(large.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(large).await.contains("larger than 20 MB"));
    assert!(desk.store.reader_imports(9).await.expect("read").is_empty());
    let page = desk.uploaded_readers(&sue, "email\nada@example.org\n").await;
    let long = format!("do=start&label={}", "x".repeat(41));
    let answer = desk.post(&page, &sue, &long).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(answer).await.contains("at most 40 characters"));
}

#[tokio::test]
async fn an_import_that_has_stopped_is_resumed_where_it_was() {
    let (desk, sue) = with_support().await;
    let (owner, _) = desk.staff("olu@example.org", Role::Owner).await;
    let page = desk.uploaded_readers(&sue, &many_lines()).await;
    desk.post(&page, &sue, "do=start").await;
    let sue = desk.account("sue@example.org").await.expect("an account");
    desk.store.dismiss(&sue, Some(owner.id), desk.now()).await.expect("dismissed");
    desk.state.run_jobs().await.expect("done");
    assert_eq!(desk.account("r0@example.org").await, None);
    let (_, cyd) = desk.staff("cyd@example.org", Role::Support).await;
    let shown = text(desk.get(&page, &cyd).await).await;
    assert!(shown.contains("has stopped before all were imported"), "{shown}");
    let list = text(desk.get(PAGE, &cyd).await).await;
    assert!(list.contains("import stopped"), "{list}");
    // Two people at once, and once more later.
    let click = || desk.post(&page, &cyd, "do=resume");
    tokio::join!(click(), click());
    desk.state.run_jobs().await.expect("done");
    desk.post(&page, &cyd, "do=resume").await;
    desk.state.run_jobs().await.expect("done");
    let shown = text(desk.get(&page, &cyd).await).await;
    assert!(shown.contains("is finished") && shown.contains("120 readers were added"), "{shown}");
    let log = desk.store.audit_log(&AuditQuery::default(), 999).await.expect("read");
    let resumed = log.iter().filter(|entry| entry.action == AuditAction::ResumedReaderImport);
    assert_eq!(resumed.count(), 1);
}

#[tokio::test]
async fn an_import_that_staff_stop_goes_on_when_they_resume_it() {
    let (desk, sue) = with_support().await;
    let page = desk.uploaded_readers(&sue, &many_lines()).await;
    desk.post(&page, &sue, "do=start").await;
    let shown = text(desk.get(&page, &sue).await).await;
    assert!(shown.contains("Stop import") && !shown.contains("Resume import"), "{shown}");
    desk.post(&page, &sue, "do=stop").await;
    desk.state.run_jobs().await.expect("nothing to do");
    assert_eq!(desk.account("r0@example.org").await, None);
    desk.post(&page, &sue, "do=resume").await;
    desk.state.run_jobs().await.expect("done");
    desk.post(&page, &sue, "do=stop").await;
    let shown = text(desk.get(&page, &sue).await).await;
    assert!(shown.contains("is finished") && shown.contains("120 readers were added"), "{shown}");
}

#[tokio::test]
async fn the_counts_are_exact_however_often_the_server_is_killed() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
        let page = desk.uploaded_readers(&sue, &many_lines()).await;
        desk.post(&page, &sue, "do=start&label=fair").await;
        let mut kills = 0;
        // A server that is killed drops its work wherever it is. Another has the job when the claim has expired.
        while tokio::time::timeout(interruption(kills), desk.state.run_jobs()).await.is_err() {
            kills += 1;
            desk.wait(SignedDuration::from_mins(3));
        }
        assert!(kills > 3, "{kills} kills");
        let import = desk.store.reader_imports(1).await.expect("read").remove(0);
        assert!(import.finished.is_some());
        let counts = ImportCounts { added: 120, ..ImportCounts::default() };
        assert_eq!(import.counts, counts, "{kills} kills");
        let mut numbers = Vec::new();
        for number in 1..=3 {
            let part = desk.store.reader_import_part(import.id, number).await.expect("read");
            numbers.extend(part.expect("a part").lines.into_iter().map(|line| line.line));
        }
        assert_eq!(numbers, (2..122).collect::<Vec<u64>>(), "each line once, in order");
        let one = desk.account("r7@example.org").await.expect("added");
        assert_eq!(desk.store.subscriptions_of(one.id).await.expect("read").len(), 1);
        assert_eq!(desk.store.notes_about(one.id).await.expect("read").len(), 1);
    }
}

/// How long a server works until it is killed: longer each time, so that the import ends however slow the machine is.
fn interruption(kills: u32) -> Duration {
    Duration::from_millis(u64::from(20 + 7 * kills))
}

/// A file of 120 readers, in three parts.
fn many_lines() -> String {
    let lines: String =
        (0..120).map(|n| format!("r{n}@example.org,Fair,web,2027-06-30\n")).collect();
    format!("email,note,product,until\n{lines}")
}
