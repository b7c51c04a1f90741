//! Archives that staff import: each is started once, each of its parts is stored and counted once, and its file is kept no longer than it
//! is needed.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{Account, AuditAction, staff::Role};
use masthead_editorial::import::{Changes, ImportEntry};
use masthead_store::{
    ArticleImport, ArticleImportJob, ArticleImportPart, ArticleImportReport, ArticleImportStage,
    AuditQuery, DeskJob, JobProgress, Location, MAX_STORED_ARCHIVES, NewArticleImport, Retention,
    Store, StoreError,
};

use crate::{open, pieces::piece, races::at_once, staff::joined};

on_both_engines!(
    an_archive_is_started_once_however_many_ask,
    a_part_is_imported_once_and_only_by_the_server_that_has_the_job,
    a_check_changes_nothing,
    an_archive_that_was_stopped_is_resumed_where_it_was,
    files_are_deleted_when_they_are_not_needed,
    so_many_files_are_stored_at_a_time_and_not_more,
);

const CHUNKS: [&[u8]; 2] = [b"<rss>", b"\x00\xff</rss>"];

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("an instant")
}

fn job(by: &Account) -> ArticleImportJob<'static> {
    ArticleImportJob { kind: "import-articles", parameters: "{}", by: by.id }
}

/// Stores an archive, which is then to be checked.
async fn uploaded(store: &Store, by: &Account) -> i32 {
    let new = NewArticleImport { file_name: "export.xml", by: by.id, at: now() };
    let id = store.add_article_import(&new).await.expect("stored").expect("few");
    for (number, chunk) in (1..).zip(CHUNKS) {
        store.add_import_chunk(id, number, chunk.to_vec()).await.expect("stored");
    }
    assert_eq!(store.article_import(id).await.expect("read"), None, "not before all is there");
    assert!(store.finish_article_upload(id, 13, job(by), now()).await.expect("noted"));
    id
}

/// An archive that was checked.
async fn checked(store: &Store, by: &Account) -> i32 {
    let id = uploaded(store, by).await;
    let job = claimed(store).await;
    store
        .finish_article_job(id, job.id, (ArticleImportStage::Ready, ""), now())
        .await
        .expect("noted");
    end(store, job).await;
    id
}

async fn claimed(store: &Store) -> DeskJob {
    store.claim_job(now()).await.expect("asked").expect("a job")
}

async fn end(store: &Store, mut job: DeskJob) {
    let (progress, end) = (job.progress, (masthead_store::JobEnd::Done, None));
    assert!(store.end_job(&mut job, progress, end, now()).await.expect("ended"));
}

async fn import(store: &Store, id: i32) -> ArticleImport {
    store.article_import(id).await.expect("read").expect("an archive")
}

fn entries(slugs: &[&str]) -> Vec<ImportEntry> {
    let entry = |slug: &&str| ImportEntry {
        origin: format!("test:{slug}"),
        address: String::new(),
        result: Ok(piece(slug)),
        changes: Changes::default(),
    };
    slugs.iter().map(entry).collect()
}

/// Imports or checks a part with these articles, after which the job is at `position`.
async fn do_part(
    store: &Store,
    (id, job): (i32, &DeskJob),
    slugs: &[&str],
    (position, is_check): (i64, bool),
) -> Result<bool, StoreError> {
    let entries = entries(slugs);
    let progress = JobProgress { position, ..JobProgress::default() };
    let part = ArticleImportPart { import: id, total: 4, entries: &entries, progress, is_check };
    let describe = |saved: &[_]| {
        let report = format!("{} of {position}", saved.len());
        Ok(ArticleImportReport { summary: report.clone(), report })
    };
    store.import_article_part(job, part, describe, now()).await
}

async fn articles(store: &Store) -> usize {
    store.changes_since(0, None, 1000).await.expect("a list").len()
}

async fn an_archive_is_started_once_however_many_ask(location: &Location) {
    let store = open(location).await;
    let olu = joined(&store, "olu@example.org", Role::Owner).await;
    let ada = joined(&store, "ada@example.org", Role::Owner).await;
    let id = checked(&store, &olu).await;
    let mut content = Vec::new();
    for number in 1..=2 {
        content.extend(store.import_chunk(id, number).await.expect("read").expect("a chunk"));
    }
    assert_eq!(content, CHUNKS.concat());
    assert_eq!(store.import_chunk(id, 3).await.expect("read"), None);
    let server = |_| {
        let (store, ada) = (store.clone(), ada.clone());
        async move { store.start_article_import(id, job(&ada), now()).await }
    };
    let started = at_once(6, server).await;
    assert_eq!(started.iter().filter(|started| **started).count(), 1, "{started:?}");
    let import = import(&store, id).await;
    assert_eq!((import.stage, import.started), (ArticleImportStage::Importing, Some(now())));
    assert_eq!(import.by, Some(ada.id), "who has started it");
    let log = store.audit_log(&AuditQuery::default(), 99).await.expect("read");
    let is_start = |action| action == AuditAction::StartedArticleImport;
    assert_eq!(log.iter().filter(|entry| is_start(entry.action)).count(), 1);
    assert!(!store.delete_article_import(id, ada.id, now()).await.expect("asked"), "it is started");
}

async fn a_part_is_imported_once_and_only_by_the_server_that_has_the_job(location: &Location) {
    let store = open(location).await;
    let olu = joined(&store, "olu@example.org", Role::Owner).await;
    let id = checked(&store, &olu).await;
    assert!(store.start_article_import(id, job(&olu), now()).await.expect("started"));
    let first = claimed(&store).await;
    // The claim of the first server has expired, and it does not know that.
    let late = now() + SignedDuration::from_mins(5);
    let second = store.claim_job(late).await.expect("asked").expect("a job");
    let done = do_part(&store, (id, &first), &["a", "b"], (2, false)).await;
    assert!(!done.expect("asked") && articles(&store).await == 0, "nothing is changed");
    assert!(do_part(&store, (id, &second), &["a", "b"], (2, false)).await.expect("imported"));
    let again = do_part(&store, (id, &second), &["a", "b"], (2, false)).await;
    assert!(!again.expect("asked"), "not twice");
    assert_eq!(articles(&store).await, 2);
    let state = import(&store, id).await;
    assert_eq!((state.position, state.entries, state.summary.as_str()), (2, 4, "2 of 2"));
    let report = store.article_import_report(id, 0).await.expect("read");
    assert_eq!(report, Some((2, "2 of 2".to_owned())));
    assert_eq!(store.article_import_report(id, 2).await.expect("read"), None);
    let log = store.audit_log(&AuditQuery::default(), 99).await.expect("read");
    let imported = log.iter().find(|entry| entry.action == AuditAction::ImportedArticles);
    assert_eq!(imported.map(|entry| entry.by), Some(Some(olu.id).into()));
}

async fn a_check_changes_nothing(location: &Location) {
    let store = open(location).await;
    let olu = joined(&store, "olu@example.org", Role::Owner).await;
    let id = uploaded(&store, &olu).await;
    let job = claimed(&store).await;
    let before = store.revision().await.expect("read");
    assert!(do_part(&store, (id, &job), &["a", "b"], (2, true)).await.expect("checked"));
    assert_eq!((articles(&store).await, store.revision().await.expect("read")), (0, before));
    assert_eq!(import(&store, id).await.summary, "2 of 2");
}

async fn an_archive_that_was_stopped_is_resumed_where_it_was(location: &Location) {
    let store = open(location).await;
    let olu = joined(&store, "olu@example.org", Role::Owner).await;
    let id = checked(&store, &olu).await;
    assert!(store.start_article_import(id, job(&olu), now()).await.expect("started"));
    let job = claimed(&store).await;
    assert!(do_part(&store, (id, &job), &["a"], (1, false)).await.expect("imported"));
    assert!(store.stop_article_import(id, olu.id, now()).await.expect("stopped"));
    assert!(!store.stop_article_import(id, olu.id, now()).await.expect("asked"));
    assert!(import(&store, id).await.is_stopped);
    let late = do_part(&store, (id, &job), &["b"], (2, false)).await;
    assert!(!late.expect("asked") && articles(&store).await == 1, "it was stopped");
    let server = |_| {
        let (store, by) = (store.clone(), olu.id);
        async move { store.resume_article_import(id, by, now()).await }
    };
    let resumed = at_once(4, server).await;
    assert_eq!(resumed.iter().filter(|resumed| **resumed).count(), 1, "{resumed:?}");
    let job = claimed(&store).await;
    assert_eq!(job.progress.position, 1);
    assert!(do_part(&store, (id, &job), &["b"], (2, false)).await.expect("imported"));
    assert_eq!(articles(&store).await, 2);
}

async fn files_are_deleted_when_they_are_not_needed(location: &Location) {
    let store = open(location).await;
    let olu = joined(&store, "olu@example.org", Role::Owner).await;
    let done = checked(&store, &olu).await;
    assert!(store.start_article_import(done, job(&olu), now()).await.expect("started"));
    let importing = claimed(&store).await;
    let end_stage = (ArticleImportStage::Done, "");
    store.finish_article_job(done, 0, end_stage, now()).await.expect("asked");
    assert_eq!(import(&store, done).await.stage, ArticleImportStage::Importing, "another job");
    store.finish_article_job(done, importing.id, end_stage, now()).await.expect("noted");
    end(&store, importing).await;
    assert_eq!(import(&store, done).await.finished, Some(now()));
    assert_eq!(store.import_chunk(done, 1).await.expect("read"), None, "its file is deleted");

    let ready = checked(&store, &olu).await;
    let checking = uploaded(&store, &olu).await;
    assert!(!store.delete_article_import(checking, olu.id, now()).await.expect("asked"));
    assert!(store.stop_article_import(checking, olu.id, now()).await.expect("stopped"));
    assert!(store.delete_article_import(checking, olu.id, now()).await.expect("deleted"));
    assert_eq!(store.import_chunk(checking, 1).await.expect("read"), None);
    let new = NewArticleImport { file_name: "broken off", by: olu.id, at: now() };
    let broken_off = store.add_article_import(&new).await.expect("stored").expect("few");
    store.add_import_chunk(broken_off, 1, b"x".to_vec()).await.expect("stored");

    for (days, kept, has_file) in
        [(2, &[ready, done][..], true), (8, &[done], false), (366, &[], false)]
    {
        let later = now() + SignedDuration::from_hours(24 * days);
        store.prune(Retention::default(), later).await.expect("pruned");
        let left = store.article_imports(9).await.expect("read");
        assert_eq!(left.iter().map(|import| import.id).collect::<Vec<_>>(), kept, "{days}");
        assert_eq!(store.import_chunk(ready, 1).await.expect("read").is_some(), has_file, "{days}");
        assert_eq!(store.import_chunk(broken_off, 1).await.expect("read"), None, "{days}");
    }
}

async fn so_many_files_are_stored_at_a_time_and_not_more(location: &Location) {
    let store = open(location).await;
    let olu = joined(&store, "olu@example.org", Role::Owner).await;
    let first = uploaded(&store, &olu).await;
    for _ in 1..MAX_STORED_ARCHIVES {
        uploaded(&store, &olu).await;
    }
    let new = NewArticleImport { file_name: "one more", by: olu.id, at: now() };
    let added = async || store.add_article_import(&new).await.expect("asked");
    assert_eq!(added().await, None);
    let failed = (ArticleImportStage::Failed, "damaged");
    let job = import(&store, first).await.job.expect("a job");
    store.finish_article_job(first, job, failed, now()).await.expect("noted");
    assert!(added().await.is_some());
    assert_eq!(added().await, None, "one that is being uploaded counts");
    let later = now() + SignedDuration::from_hours(3);
    store.prune(Retention::default(), later).await.expect("pruned");
    assert!(added().await.is_some(), "its upload broke off");
}
