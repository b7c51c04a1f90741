//! Backups at the desk: made, verified, downloaded, deleted, and reported if they are not made.

use std::fs;

use axum::{body::Body, response::Response};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use masthead_circulation::staff::Role;
use masthead_store::{BackupState, StoredBackup};

use super::{TestDesk, email, leads_to, text};

const PAGE: &str = "/desk/backups";

impl TestDesk {
    /// Asks for a backup with this form and makes it. Returns it.
    async fn back_up(&self, owner: &str, form: &str) -> StoredBackup {
        let asked = self.post("/desk/backups/new", owner, form).await;
        assert_eq!((asked.status(), leads_to(&asked)), (StatusCode::SEE_OTHER, PAGE));
        self.state.run_backups().await.expect("made");
        self.store.backups(1).await.expect("read").pop().expect("a backup")
    }

    fn backup_files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("backups")).into_iter().flatten();
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> =
            names.map(|name| name.into_string().expect("a name")).collect();
        names.sort();
        names
    }
}

fn file_of(backup: &StoredBackup) -> (String, u64) {
    let BackupState::Done { file, bytes, .. } = &backup.state else { panic!("{backup:?}") };
    (file.clone(), *bytes)
}

async fn bytes(answer: Response) -> Vec<u8> {
    answer.into_body().collect().await.expect("a body").to_bytes().to_vec()
}

#[tokio::test]
async fn an_owner_makes_a_backup_downloads_it_and_deletes_it() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
        let page = text(desk.get(PAGE, &olu).await).await;
        assert!(page.contains("There are none yet."), "{page}");
        let (file, size) = file_of(&desk.back_up(&olu, "pictures=yes").await);
        assert_eq!(desk.backup_files(), [file.as_str()]);
        let page = text(desk.get(PAGE, &olu).await).await;
        assert!(page.contains(&file) && page.contains("verified · "), "{page}");
        assert!(page.contains("masthead --dir NEW_FOLDER restore"), "{page}");

        let address = format!("{PAGE}/1/file.zst");
        let whole = desk.get(&address, &olu).await;
        assert_eq!(whole.status(), StatusCode::OK);
        let disposition = whole.headers()[header::CONTENT_DISPOSITION].to_str().expect("text");
        assert_eq!(disposition, format!("attachment; filename=\"{file}\""));
        assert_eq!(whole.headers()[header::CONTENT_LENGTH], size.to_string());
        let whole = bytes(whole).await;
        assert_eq!(whole, fs::read(desk.folder.path().join("backups").join(&file)).expect("read"));
        let rest = Request::get(&address).header(header::COOKIE, &olu);
        let rest = desk.send(rest.header(header::RANGE, "bytes=100-"), Body::empty()).await;
        assert_eq!(rest.status(), StatusCode::PARTIAL_CONTENT);
        let range = rest.headers()[header::CONTENT_RANGE].to_str().expect("text").to_owned();
        assert_eq!(range, format!("bytes 100-{}/{size}", size - 1));
        assert_eq!(bytes(rest).await, whole[100..]);

        let deleted = desk.post(&format!("{PAGE}/1/deletion"), &olu, "").await;
        assert_eq!(leads_to(&deleted), PAGE);
        desk.state.run_backups().await.expect("deleted");
        assert_eq!(desk.backup_files(), [""; 0]);
        assert_eq!(leads_to(&desk.get(&address, &olu).await), PAGE);
        let again = desk.post(&format!("{PAGE}/1/deletion"), &olu, "").await;
        assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_passphrase_encrypts_the_backup_and_is_stored_nowhere() {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    let short = desk.post("/desk/backups/new", &olu, "passphrase=too+short").await;
    assert_eq!(short.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(short).await;
    assert!(
        page.contains("Enter at least 12 characters") && !page.contains("too short\""),
        "{page}"
    );
    let made = desk.back_up(&olu, "passphrase=correct+horse+battery").await;
    assert!(made.is_encrypted && !made.with_pictures, "{made:?}");
    let (file, _) = file_of(&made);
    assert!(file.ends_with(".backup"), "{file}");
    let content = fs::read(desk.folder.path().join("backups").join(&file)).expect("read");
    assert!(content.starts_with(b"masthead encrypted 1"));
    assert_eq!(desk.store.columns_with("horse battery").await.expect("read"), [""; 0]);
    let page = text(desk.get(PAGE, &olu).await).await;
    assert!(page.contains("--passphrase-file PASSPHRASE_FILE"), "{page}");
}

#[tokio::test]
async fn the_schedule_makes_backups_and_keeps_as_many_as_are_set() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
        desk.state.run_backups().await.expect("nothing is due");
        assert_eq!(desk.backup_files(), [""; 0]);
        let (own, _) = file_of(&desk.back_up(&olu, "").await);
        let form = "version=0&every=day&hour=3&keep=0&do=save";
        let refused = desk.post(PAGE, &olu, form).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let saved = desk.post(PAGE, &olu, "version=0&every=day&hour=3&keep=2&do=save").await;
        assert_eq!((saved.status(), leads_to(&saved)), (StatusCode::SEE_OTHER, PAGE));
        for _ in 0..4 {
            // Two servers, and twice.
            let (one, other) = tokio::join!(desk.state.run_backups(), desk.state.run_backups());
            one.and(other).expect("made");
            desk.state.run_backups().await.expect("nothing is due");
            desk.wait(SignedDuration::from_hours(24));
        }
        let files = desk.backup_files();
        assert_eq!(files.len(), 3, "{files:?}");
        assert!(files.contains(&own), "one that was made by hand stays: {files:?}");
        let all = desk.store.backups(99).await.expect("read");
        assert_eq!(all.iter().filter(|backup| backup.is_scheduled).count(), 4, "{all:?}");
    }
}

#[tokio::test]
async fn owners_are_told_once_of_a_backup_that_is_not_made() {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    desk.staff("eda@example.org", Role::Editor).await;
    fs::remove_file(desk.folder.path().join("keys")).expect("removed");
    let failed = desk.back_up(&olu, "").await;
    let BackupState::Failed { fault, .. } = &failed.state else { panic!("{failed:?}") };
    assert!(fault.contains("keys cannot be read"), "{fault}");
    assert_eq!(desk.backup_files(), [""; 0]);
    let home = text(desk.get("/desk", &olu).await).await;
    assert!(home.contains("was not made: ") && home.contains("keys cannot be read"), "{home}");
    desk.state.run_backups().await.expect("nothing is due");
    for (to, emails) in [("olu@example.org", 1), ("eda@example.org", 0)] {
        let sent = desk.store.emails_to(&email(to), 9).await.expect("read");
        let about = sent.iter().filter(|sent| sent.subject.contains("backup was not made"));
        assert_eq!(about.count(), emails, "{to}");
    }
    fs::write(desk.folder.path().join("keys"), "keys").expect("written");
    file_of(&desk.back_up(&olu, "").await);
    let home = text(desk.get("/desk", &olu).await).await;
    assert!(!home.contains("was not made: "), "{home}");
}

#[tokio::test]
async fn a_restored_copy_makes_none_and_a_file_of_another_server_is_not_sent() {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    let (file, _) = file_of(&desk.back_up(&olu, "").await);
    fs::remove_file(desk.folder.path().join("backups").join(&file)).expect("removed");
    let elsewhere = text(desk.get(&format!("{PAGE}/1/file.zst"), &olu).await).await;
    assert!(elsewhere.contains("isn’t on this server"), "{elsewhere}");
    // What somebody has written into the database leads to no other file.
    desk.store.tamper("UPDATE backups SET file_name = '../keys'").await.expect("changed");
    let keys = text(desk.get(&format!("{PAGE}/1/file.zst"), &olu).await).await;
    assert!(keys.contains("isn’t on this server"), "{keys}");
    desk.store.tamper("UPDATE edition SET restored_at = 1").await.expect("changed");
    let refused = desk.post("/desk/backups/new", &olu, "").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(desk.store.backups(9).await.expect("read").len(), 1);
}
