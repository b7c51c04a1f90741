//! Files of readers: each is imported once, and each of its parts is counted once.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{Account, AuditAction, staff::Role};
use masthead_store::{
    AuditQuery, ImportCounts, ImportStart, Location, NewReaderImport, Retention, Store,
};

use crate::{open, races::at_once, staff::joined};

on_both_engines!(
    a_file_is_started_once_however_many_ask,
    a_part_is_counted_once_and_what_was_in_it_is_gone,
    a_file_is_deleted_unless_it_was_started,
    files_are_kept_for_days_and_what_came_of_them_for_a_month,
);

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("an instant")
}

async fn uploaded(store: &Store, by: &Account) -> i32 {
    let new = NewReaderImport {
        file_name: "readers.csv",
        readers: 3,
        faults: 1,
        details: "{}",
        by: by.id,
        at: now(),
    };
    let parts = ["[1,2]", "[3]"].into_iter().map(str::to_owned);
    store.add_reader_import(&new, parts).await.expect("stored")
}

async fn start(store: &Store, id: i32, by: &Account) -> Result<bool, masthead_store::StoreError> {
    let start = ImportStart {
        options: "{\"label\":\"new\"}",
        job: "import-readers",
        parameters: "{\"import\":1}",
        changes: Vec::new(),
        by: by.id,
    };
    store.start_reader_import(id, start, now()).await
}

async fn actions(store: &Store) -> Vec<AuditAction> {
    let log = store.audit_log(&AuditQuery::default(), 99).await.expect("read");
    log.iter().map(|entry| entry.action).collect()
}

async fn a_file_is_started_once_however_many_ask(location: &Location) {
    let store = open(location).await;
    let sue = joined(&store, "sue@example.org", Role::Support).await;
    let id = uploaded(&store, &sue).await;
    let server = |_| {
        let (store, sue) = (store.clone(), sue.clone());
        async move { start(&store, id, &sue).await }
    };
    let started = at_once(6, server).await;
    assert_eq!(started.iter().filter(|started| **started).count(), 1, "{started:?}");
    assert_eq!(store.jobs("import-readers", now(), 9).await.expect("read").len(), 1);
    let imported = AuditAction::ImportedReaders;
    assert_eq!(actions(&store).await.iter().filter(|action| **action == imported).count(), 1);
    let import = store.reader_import(id).await.expect("read").expect("a file");
    assert_eq!((import.started, import.options.as_str()), (Some(now()), "{\"label\":\"new\"}"));
    assert!(!start(&store, 99, &sue).await.expect("asked"), "there is none");
}

async fn a_part_is_counted_once_and_what_was_in_it_is_gone(location: &Location) {
    let store = open(location).await;
    let sue = joined(&store, "sue@example.org", Role::Support).await;
    let id = uploaded(&store, &sue).await;
    let part = async |number| store.reader_import_part(id, number).await.expect("read");
    assert_eq!(part(1).await.expect("a part").readers, "[1,2]");
    assert_eq!(part(3).await, None);
    let counts = ImportCounts { added: 1, changed: 0, unchanged: 0, refused: 1 };
    let server = |_| {
        let store = store.clone();
        async move { store.report_import_part(id, 1, "[\"a\",\"b\"]", counts).await }
    };
    at_once(4, server).await;
    let other = ImportCounts { changed: 1, ..ImportCounts::default() };
    store.report_import_part(id, 2, "[\"c\"]", other).await.expect("noted");
    let import = store.reader_import(id).await.expect("read").expect("a file");
    assert_eq!(import.counts, ImportCounts { changed: 1, ..counts });
    let done = part(1).await.expect("a part");
    assert_eq!((done.readers.as_str(), done.report.as_deref()), ("", Some("[\"a\",\"b\"]")));
    store.finish_reader_import(id, now()).await.expect("noted");
    store.finish_reader_import(id, now() + SignedDuration::from_hours(1)).await.expect("noted");
    let import = store.reader_import(id).await.expect("read").expect("a file");
    assert_eq!(import.finished, Some(now()));
}

async fn a_file_is_deleted_unless_it_was_started(location: &Location) {
    let store = open(location).await;
    let sue = joined(&store, "sue@example.org", Role::Support).await;
    let (one, other) = (uploaded(&store, &sue).await, uploaded(&store, &sue).await);
    assert!(store.delete_reader_import(one, sue.id, now()).await.expect("asked"));
    assert!(!store.delete_reader_import(one, sue.id, now()).await.expect("asked"));
    assert_eq!(store.reader_import_part(one, 1).await.expect("read"), None, "its parts too");
    assert!(!start(&store, one, &sue).await.expect("asked"));
    assert!(start(&store, other, &sue).await.expect("asked"));
    assert!(!store.delete_reader_import(other, sue.id, now()).await.expect("asked"));
    let left = store.reader_imports(9).await.expect("read");
    assert_eq!(left.iter().map(|import| import.id).collect::<Vec<_>>(), [other]);
}

async fn files_are_kept_for_days_and_what_came_of_them_for_a_month(location: &Location) {
    let store = open(location).await;
    let sue = joined(&store, "sue@example.org", Role::Support).await;
    let (_, done) = (uploaded(&store, &sue).await, uploaded(&store, &sue).await);
    assert!(start(&store, done, &sue).await.expect("asked"));
    store.finish_reader_import(done, now()).await.expect("noted");
    let left = async |days: i64| {
        let later = now() + SignedDuration::from_hours(24 * days + 1);
        store.prune(Retention::default(), later).await.expect("pruned");
        store.reader_imports(9).await.expect("read").len()
    };
    assert_eq!((left(2).await, left(3).await, left(29).await, left(30).await), (2, 1, 1, 0));
}
