//! Files of readers: each is imported once, and each of its parts is counted once.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{Account, AuditAction, EmailAddress, staff::Role};
use masthead_store::{
    AddedReader, AuditQuery, ImportCounts, ImportLine, ImportRemark, ImportStart, JobProgress,
    Location, NewReaderImport, ReaderImportPart, Retention, Store, StoreError,
};

use crate::{open, races::at_once, staff::joined};

on_both_engines!(
    a_file_is_started_once_however_many_ask,
    a_line_is_counted_once_and_what_was_in_its_part_is_gone,
    a_line_is_noted_with_its_reader_or_not_at_all,
    an_import_is_stopped_and_resumed_once_however_many_ask,
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

async fn start(store: &Store, id: i32, by: &Account) -> Result<bool, StoreError> {
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

async fn part(store: &Store, id: i32, number: i32) -> ReaderImportPart {
    store.reader_import_part(id, number).await.expect("read").expect("a part")
}

async fn import(store: &Store, id: i32) -> masthead_store::ReaderImport {
    store.reader_import(id).await.expect("read").expect("a file")
}

/// Imports the next line of a part.
async fn import_line(store: &Store, part: &ReaderImportPart, name: &str) -> Result<(), StoreError> {
    let email: EmailAddress = format!("{name}@example.org").parse().expect("an address");
    let line = Some(ImportLine { part, line: 2, remark: None });
    let (labels, unless_left, by) = (&[][..], true, None);
    let new = AddedReader { email: &email, name, labels, note: "", unless_left, by, line };
    store.add_reader(&new, now()).await.map(drop)
}

async fn a_line_is_counted_once_and_what_was_in_its_part_is_gone(location: &Location) {
    let store = open(location).await;
    let sue = joined(&store, "sue@example.org", Role::Support).await;
    let id = uploaded(&store, &sue).await;
    let first = part(&store, id, 1).await;
    assert_eq!((first.readers.as_str(), first.lines.len()), ("[1,2]", 0));
    assert_eq!(store.reader_import_part(id, 3).await.expect("read"), None);
    // Two servers have read the part.
    let server = |_| {
        let (store, first) = (store.clone(), first.clone());
        async move { Ok(import_line(&store, &first, "ada").await) }
    };
    let done = at_once(4, server).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
    let is_elsewhere = |done: &&Result<_, _>| matches!(done, Err(StoreError::ImportedElsewhere));
    assert_eq!(done.iter().filter(is_elsewhere).count(), 3, "{done:?}");
    let second = part(&store, id, 1).await;
    let line = ImportLine { part: &second, line: 3, remark: Some(ImportRemark::HasLeft) };
    let refused = store.refuse_import_line(&line).await.expect("noted");
    assert_eq!(
        import(&store, id).await.counts,
        ImportCounts { added: 1, refused: 1, ..ImportCounts::default() }
    );
    let done = part(&store, id, 1).await;
    assert_eq!(done.lines.last(), Some(&refused));
    store.empty_import_part(&done).await.expect("emptied");
    let done = part(&store, id, 1).await;
    assert_eq!((done.readers.as_str(), done.lines.len()), ("", 2));
    store.finish_reader_import(id, now()).await.expect("noted");
    store.finish_reader_import(id, now() + SignedDuration::from_hours(1)).await.expect("noted");
    assert_eq!(import(&store, id).await.finished, Some(now()));
}

async fn a_line_is_noted_with_its_reader_or_not_at_all(location: &Location) {
    let store = open(location).await;
    let sue = joined(&store, "sue@example.org", Role::Support).await;
    let id = uploaded(&store, &sue).await;
    let first = part(&store, id, 1).await;
    import_line(&store, &first, "ada").await.expect("imported");
    let late = import_line(&store, &first, "bob").await;
    assert!(matches!(late, Err(StoreError::ImportedElsewhere)), "{late:?}");
    let bob = "bob@example.org".parse().expect("an address");
    assert_eq!(store.account_at(&bob).await.expect("read"), None, "the line is done");
    assert_eq!(import(&store, id).await.counts.added, 1);
}

async fn an_import_is_stopped_and_resumed_once_however_many_ask(location: &Location) {
    let store = open(location).await;
    let sue = joined(&store, "sue@example.org", Role::Support).await;
    let id = uploaded(&store, &sue).await;
    let stop = |_| {
        let (store, sue) = (store.clone(), sue.id);
        async move { store.stop_reader_import(id, sue, now()).await }
    };
    let resume = |_| {
        let (store, sue) = (store.clone(), sue.id);
        async move { store.resume_reader_import(id, sue, now()).await }
    };
    let count = |done: Vec<bool>| done.into_iter().filter(|done| *done).count();
    assert_eq!(count(at_once(2, stop).await), 0, "it was not started");
    assert!(start(&store, id, &sue).await.expect("started"));
    let mut job = store.claim_job(now()).await.expect("read").expect("a job");
    assert_eq!(count(at_once(2, resume).await), 0, "it runs");
    assert_eq!(count(at_once(4, stop).await), 1);
    assert!(import(&store, id).await.is_stopped);
    let progress = JobProgress { position: 1, ..job.progress };
    assert!(!store.advance_job(&mut job, progress, None, now()).await.expect("asked"));
    assert_eq!(count(at_once(4, resume).await), 1);
    assert!(!import(&store, id).await.is_stopped);
    assert!(store.claim_job(now()).await.expect("read").is_some(), "it goes on");
    store.finish_reader_import(id, now()).await.expect("noted");
    assert_eq!(count(at_once(2, stop).await), 0, "it is finished");
    let of = |action| move |done: &&AuditAction| **done == action;
    let done = actions(&store).await;
    assert_eq!(done.iter().filter(of(AuditAction::StoppedReaderImport)).count(), 1);
    assert_eq!(done.iter().filter(of(AuditAction::ResumedReaderImport)).count(), 1);
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
    let (running, stopped) = (uploaded(&store, &sue).await, uploaded(&store, &sue).await);
    for id in [done, running, stopped] {
        assert!(start(&store, id, &sue).await.expect("asked"));
    }
    store.finish_reader_import(done, now()).await.expect("noted");
    let in_days = |days: i64| now() + SignedDuration::from_hours(24 * days);
    assert!(store.stop_reader_import(stopped, sue.id, in_days(2)).await.expect("asked"));
    let left = async |days: i64| -> Vec<i32> {
        let later = in_days(days) + SignedDuration::from_hours(1);
        store.prune(Retention::default(), later).await.expect("pruned");
        let left = store.reader_imports(9).await.expect("read");
        left.iter().map(|import| import.id).collect()
    };
    assert_eq!(left(2).await.len(), 4);
    assert_eq!(left(3).await, [stopped, running, done], "nobody has imported it");
    assert_eq!(left(5).await, [running, done]);
    assert_eq!(left(29).await, [running, done]);
    assert_eq!(left(30).await, [running], "its server was off for a month");
}
