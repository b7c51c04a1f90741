//! Backups: at most one goes on, each is made by one server, and a file is deleted only after it was given up.

use jiff::{SignedDuration, Timestamp};
use masthead_access::token::Keyring;
use masthead_circulation::{Account, AuditAction, staff::Role};
use masthead_store::{
    AuditQuery, BackupClaim, BackupCounts, BackupState, FinishedBackup, Location, NewBackup, Store,
    StoredBackup,
};

use crate::{open, races::at_once, staff::joined};

on_both_engines!(
    only_one_backup_goes_on_however_many_ask,
    a_time_of_the_schedule_has_one_backup,
    one_server_makes_it_and_another_only_after_its_claim,
    a_backup_that_ends_its_server_is_given_up,
    a_server_that_stops_gives_its_backup_back,
    what_goes_on_in_a_copy_ends_when_it_is_activated,
    what_is_over_the_number_to_keep_is_discarded,
    a_passphrase_is_sealed_and_forgotten,
);

const COUNTS: BackupCounts = BackupCounts { rows: 10, all_rows: 10, pictures: 2 };

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("an instant")
}

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

async fn with_keys(location: &Location) -> (Store, Account) {
    let store = open(location).await.with_keys(&Keyring::generate(&mut rand::rng()));
    let owner = joined(&store, "olu@example.org", Role::Owner).await;
    (store, owner)
}

fn by_hand(by: &Account) -> NewBackup<'static> {
    NewBackup {
        by: Some(by.id),
        scheduled_for: None,
        with_pictures: true,
        passphrase: None,
        at: now(),
    }
}

fn scheduled(at: Timestamp) -> NewBackup<'static> {
    NewBackup { by: None, scheduled_for: Some(at), with_pictures: true, passphrase: None, at }
}

async fn claim(store: &Store, at: Timestamp) -> Option<BackupClaim> {
    let name = |backup: &StoredBackup| format!("{}-{at}", backup.id);
    store.claim_backup("one", name, "interrupted", at).await.expect("asked")
}

fn file(name: &str) -> FinishedBackup {
    FinishedBackup { file: name.to_owned(), bytes: 99, is_encrypted: false, counts: COUNTS }
}

async fn made(store: &Store, new: NewBackup<'_>, name: &str) -> i32 {
    assert!(store.request_backup(&new).await.expect("asked"));
    let claim = claim(store, new.at).await.expect("a backup");
    assert!(store.finish_backup(&claim, &file(name), new.at).await.expect("noted"));
    claim.backup.id
}

async fn state(store: &Store, id: i32) -> BackupState {
    store.backup(id).await.expect("read").expect("a backup").state
}

async fn only_one_backup_goes_on_however_many_ask(location: &Location) {
    let (store, olu) = with_keys(location).await;
    let ask = |_| {
        let (store, new) = (store.clone(), by_hand(&olu));
        async move { store.request_backup(&new).await }
    };
    let asked = at_once(6, ask).await;
    assert_eq!(asked.iter().filter(|asked| **asked).count(), 1, "{asked:?}");
    let log = store.audit_log(&AuditQuery::default(), 99).await.expect("read");
    let started = log.iter().filter(|entry| entry.action == AuditAction::RequestedBackup);
    assert_eq!(started.count(), 1);
    let claims = at_once(6, |_| {
        let store = store.clone();
        async move { store.claim_backup("one", |_| "a".to_owned(), "interrupted", now()).await }
    });
    let claims: Vec<BackupClaim> = claims.await.into_iter().flatten().collect();
    assert_eq!(claims.len(), 1);
    assert!(store.finish_backup(&claims[0], &file("a"), now()).await.expect("noted"));
    assert!(store.request_backup(&by_hand(&olu)).await.expect("asked"), "it has ended");
}

async fn a_time_of_the_schedule_has_one_backup(location: &Location) {
    let (store, _) = with_keys(location).await;
    made(&store, scheduled(now()), "a").await;
    assert!(!store.request_backup(&scheduled(now())).await.expect("asked"));
    assert!(store.request_backup(&scheduled(later(86_400))).await.expect("asked"));
}

async fn one_server_makes_it_and_another_only_after_its_claim(location: &Location) {
    let (store, olu) = with_keys(location).await;
    store.request_backup(&by_hand(&olu)).await.expect("asked");
    let mut first = claim(&store, now()).await.expect("a backup");
    assert!(claim(&store, later(60)).await.is_none());
    assert!(store.advance_backup(&mut first, COUNTS, later(60)).await.expect("noted"));
    assert!(claim(&store, later(130)).await.is_none(), "it has said how far it is");
    let second = claim(&store, later(200)).await.expect("the first server was killed");
    assert_eq!(second.backup.counts, COUNTS);
    assert_eq!((first.abandoned.as_ref(), second.attempts), (None, 2));
    assert_eq!(second.abandoned, Some(first.file.clone()), "its file may be there");
    assert!(!store.advance_backup(&mut first, COUNTS, later(201)).await.expect("asked"));
    assert!(!store.finish_backup(&first, &file("a"), later(201)).await.expect("asked"));
    store.fail_backup(&first, "no room", later(201)).await.expect("asked");
    assert_eq!(state(&store, second.backup.id).await, BackupState::Open);
    assert!(store.finish_backup(&second, &file("b"), later(202)).await.expect("noted"));
    let done = BackupState::Done { at: later(202), file: "b".to_owned(), bytes: 99 };
    assert_eq!(state(&store, second.backup.id).await, done);
}

async fn a_backup_that_ends_its_server_is_given_up(location: &Location) {
    let (store, olu) = with_keys(location).await;
    store.request_backup(&by_hand(&olu)).await.expect("asked");
    let id = store.backups(1).await.expect("read")[0].id;
    for attempt in 0..3 {
        assert!(claim(&store, later(attempt * 1_000)).await.is_some(), "{attempt}");
    }
    assert!(claim(&store, later(3_000)).await.is_none());
    let left = store.discarded_backups().await.expect("read");
    assert_eq!(
        left.iter().map(|file| &file.file).collect::<Vec<_>>(),
        [&format!("{id}-{}", later(2_000))]
    );
    let fault = "interrupted".to_owned();
    assert_eq!(state(&store, id).await, BackupState::Failed { at: later(3_000), fault });
    let told = store.failed_backups_to_tell().await.expect("read");
    assert_eq!(told.iter().map(|backup| backup.id).collect::<Vec<_>>(), [id]);
    let tell = |_| {
        let store = store.clone();
        async move { store.tell_of_failed_backup(id, &[], now()).await }
    };
    let told = at_once(4, tell).await;
    assert_eq!(told.iter().filter(|told| **told).count(), 1);
    assert!(store.failed_backups_to_tell().await.expect("read").is_empty());
}

async fn a_server_that_stops_gives_its_backup_back(location: &Location) {
    let (store, olu) = with_keys(location).await;
    store.request_backup(&by_hand(&olu)).await.expect("asked");
    for second in 0..9 {
        let claim = claim(&store, later(second)).await.expect("a backup");
        assert!(!claim.is_last_attempt());
        store.release_backup(&claim).await.expect("released");
    }
}

async fn what_goes_on_in_a_copy_ends_when_it_is_activated(location: &Location) {
    let (store, olu) = with_keys(location).await;
    let own = made(&store, by_hand(&olu), "own").await;
    store.request_backup(&by_hand(&olu)).await.expect("asked");
    assert!(!store.activate(now()).await.expect("asked"), "it is no copy");
    assert_eq!(store.backups(9).await.expect("read").len(), 2);
    let listed = store.backups_with_files_first(9).await.expect("read");
    assert_eq!(listed[0].state, BackupState::Open);
    store.tamper("UPDATE edition SET restored_at = 1").await.expect("changed");
    assert!(store.activate(now()).await.expect("activated"));
    let left = store.backups(9).await.expect("read");
    assert_eq!(left.iter().map(|backup| backup.id).collect::<Vec<_>>(), [own]);
}

async fn what_is_over_the_number_to_keep_is_discarded(location: &Location) {
    let (store, olu) = with_keys(location).await;
    let own = made(&store, by_hand(&olu), "own").await;
    let mut ids = Vec::new();
    for day in 0..4 {
        let at = later(day * 86_400);
        ids.push(made(&store, scheduled(at), &format!("day-{day}")).await);
    }
    let end = later(5 * 86_400);
    store.discard_old_backups(2, end).await.expect("discarded");
    let discarded = store.discarded_backups().await.expect("read");
    assert_eq!(discarded.iter().map(|backup| backup.id).collect::<Vec<_>>(), ids[..2]);
    store.note_deleted_backup(ids[0], end).await.expect("noted");
    store.note_deleted_backup(ids[3], end).await.expect("ignored: it is kept");
    assert!(matches!(state(&store, ids[3]).await, BackupState::Done { .. }));
    // Another server had the other, and is gone.
    store.give_up_lost_backups(end + SignedDuration::from_hours(8 * 24)).await.expect("noted");
    assert!(store.discarded_backups().await.expect("read").is_empty());
    assert!(store.discard_backup(own, olu.id, end).await.expect("asked"));
    assert!(!store.discard_backup(own, olu.id, end).await.expect("asked"), "it is deleted");
    assert!(!store.discard_backup(99, olu.id, end).await.expect("asked"), "there is none");
}

async fn a_passphrase_is_sealed_and_forgotten(location: &Location) {
    let (store, olu) = with_keys(location).await;
    let new = NewBackup { passphrase: Some("correct horse battery"), ..by_hand(&olu) };
    store.request_backup(&new).await.expect("asked");
    assert_eq!(store.columns_with("horse").await.expect("read"), [""; 0]);
    let claimed = claim(&store, now()).await.expect("a backup");
    assert_eq!(claimed.passphrase.as_deref(), Some("correct horse battery"));
    store.fail_backup(&claimed, "no room", now()).await.expect("noted");
    let sealed = "SELECT 1 FROM backups WHERE passphrase IS NOT NULL";
    let left = store.tamper(&format!("DELETE FROM backups WHERE EXISTS ({sealed})")).await;
    assert_eq!(left.expect("asked"), 0);
}
