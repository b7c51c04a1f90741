//! Copying a whole database, to either engine.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use masthead_store::{
    Location, NewArticleImport, Store,
    transfer::{Cell, DatabaseLoad, Progress, Row, TableSchema, TransferError, move_database},
};
use masthead_test_support::postgres::database as new_postgres;

use crate::{connect, keys, open, upgrade::old};

on_both_engines!(
    every_row_of_a_full_database_is_copied_to_either_engine,
    numbers_go_on_after_those_that_were_given,
    a_copy_has_an_identity_of_its_own,
    a_snapshot_does_not_see_later_writes,
    files_that_wait_to_be_imported_are_read_a_few_chunks_at_a_time,
    a_database_that_is_not_empty_is_refused,
    tables_of_other_programs_are_left_alone,
    an_interrupted_load_leaves_nothing,
    a_copy_of_an_older_version_is_upgraded,
    a_database_in_use_is_not_moved,
    nobody_opens_a_database_that_is_being_moved,
    what_a_move_leaves_is_a_copy,
    a_failed_move_changes_nothing,
    a_copy_of_a_newer_version_is_refused,
    rows_that_do_not_fit_are_refused,
);

/// An empty database of either engine, and the folder of the first.
fn targets() -> (tempfile::TempDir, [Location; 2]) {
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = Location::Sqlite(folder.path().join("copy.db"));
    (folder, [sqlite, Location::Postgres(new_postgres())])
}

/// Copies all rows into an empty database, as backup and restore do.
async fn copy(store: &Store, target: &Location) -> Result<BTreeMap<String, u64>, TransferError> {
    let snapshot = store.snapshot().await?;
    let mut load = DatabaseLoad::begin(target, snapshot.migrations()).await?;
    let mut counts = BTreeMap::new();
    for table in snapshot.tables() {
        let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let mut last: Option<Row> = None;
        loop {
            let rows = snapshot.rows_after(table, last.as_ref()).await?;
            load.insert(&table.name, &columns, &rows).await?;
            *counts.entry(table.name.clone()).or_default() += rows.len() as u64;
            let Some(row) = rows.into_iter().next_back() else { break };
            last = Some(row);
        }
    }
    load.complete(&counts, &snapshot.sequences().await?, None).await?.commit().await
}

/// The database of the fixture, in the present form.
async fn full(location: &Location) -> Store {
    old(location).await;
    open(location).await
}

/// All rows by table, in the order of their texts, which is the same on both engines.
async fn rows(store: &Store) -> BTreeMap<String, Vec<BTreeMap<String, Cell>>> {
    let snapshot = store.snapshot().await.expect("a snapshot");
    let mut all = BTreeMap::new();
    for table in snapshot.tables() {
        let mut found = Vec::new();
        let mut last: Option<Row> = None;
        loop {
            let rows = snapshot.rows_after(table, last.as_ref()).await.expect("rows");
            let Some(row) = rows.last() else { break };
            last = Some(row.clone());
            found.extend(rows.into_iter().map(|row| named(table, row)));
        }
        found.sort_by_key(|row| format!("{row:?}"));
        all.insert(table.name.clone(), found);
    }
    all
}

fn named(table: &TableSchema, row: Row) -> BTreeMap<String, Cell> {
    let names = table.columns.iter().map(|column| column.name.clone());
    // Each database has another.
    names.zip(row).filter(|(name, _)| name != "identity").collect()
}

async fn every_row_of_a_full_database_is_copied_to_either_engine(location: &Location) {
    let store = full(location).await;
    let before = rows(&store).await;
    assert!(before.values().filter(|rows| !rows.is_empty()).count() > 25, "a full database");
    let (_folder, targets) = targets();
    for target in targets {
        let counts = copy(&store, &target).await.expect("copied");
        let copy = Store::open_current(&target).await.expect("a current database");
        assert_eq!(rows(&copy).await, before, "{target}");
        assert!(counts.iter().all(|(table, count)| before[table].len() as u64 == *count));
        let copied = copy.with_keys(&keys());
        assert_eq!(copied.accounts_after(0, 99).await.expect("read").len(), 24);
        let tables = |store: &Store| {
            let store = store.clone();
            async move {
                let snapshot = store.snapshot().await.expect("a snapshot");
                let sequences = snapshot.sequences().await.expect("sequences");
                let mut tables: Vec<_> =
                    snapshot.tables().iter().map(|t| (t.name.clone(), t.columns.clone())).collect();
                for (_, columns) in &mut tables {
                    columns.sort_by(|a, b| a.name.cmp(&b.name));
                }
                tables.sort_by(|a, b| a.0.cmp(&b.0));
                (tables, sequences)
            }
        };
        assert_eq!(tables(&copied).await, tables(&store).await, "both engines have the same form");
    }
}

async fn numbers_go_on_after_those_that_were_given(location: &Location) {
    let store = full(location).await;
    let (_folder, targets) = targets();
    for target in targets {
        copy(&store, &target).await.expect("copied");
        let copy = open(&target).await;
        let email = "new-reader@example.org".parse().expect("an address");
        let (account, _) = copy.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered");
        // The accounts up to 182 were deleted.
        assert_eq!(account.id.0, 183, "{target}");
    }
}

async fn a_copy_has_an_identity_of_its_own(location: &Location) {
    let store = open(location).await;
    let identity = store.identity().await.expect("read");
    assert_eq!(identity.len(), 32, "{identity}");
    let (_folder, [target, _]) = targets();
    copy(&store, &target).await.expect("copied");
    assert_ne!(open(&target).await.identity().await.expect("read"), identity);
}

async fn a_snapshot_does_not_see_later_writes(location: &Location) {
    let store = full(location).await;
    let snapshot = store.snapshot().await.expect("a snapshot");
    let before = snapshot.count().await.expect("counted");
    let email = "new-reader@example.org".parse().expect("an address");
    store.register(&email, Timestamp::UNIX_EPOCH).await.expect("nothing blocks writers");
    assert_eq!(snapshot.count().await.expect("counted"), before);
    drop(snapshot);
    let later = store.snapshot().await.expect("a snapshot");
    assert_eq!(later.count().await.expect("counted"), before + 1);
}

async fn files_that_wait_to_be_imported_are_read_a_few_chunks_at_a_time(location: &Location) {
    let store = full(location).await;
    let by = store.accounts_after(0, 1).await.expect("read")[0].id;
    let new = NewArticleImport { file_name: "export.xml", by, at: Timestamp::UNIX_EPOCH };
    let import = store.add_article_import(&new).await.expect("stored").expect("few");
    for number in 1..=11 {
        store.add_import_chunk(import, number, vec![7; 1_000]).await.expect("stored");
    }
    let snapshot = store.snapshot().await.expect("a snapshot");
    let is_chunks = |table: &&TableSchema| table.name == "article_import_chunks";
    let table = snapshot.tables().iter().find(is_chunks).expect("the table of chunks");
    let (mut last, mut read): (Option<Row>, _) = (None, Vec::new());
    loop {
        let rows = snapshot.rows_after(table, last.as_ref()).await.expect("rows");
        read.push(rows.len());
        let Some(row) = rows.into_iter().next_back() else { break };
        last = Some(row);
    }
    assert_eq!(read, [4, 4, 3, 0], "200 of them would take 200 MB");
}

async fn a_database_that_is_not_empty_is_refused(location: &Location) {
    let store = open(location).await;
    let (_folder, targets) = targets();
    for target in targets {
        open(&target).await;
        let refused = copy(&store, &target).await.expect_err("not empty");
        assert!(
            matches!(refused, TransferError::NotEmpty(_) | TransferError::FileInUse(_)),
            "{refused}"
        );
    }
    let foreign = Location::Postgres(new_postgres());
    let sql = "CREATE TABLE of_another_program (id integer)";
    sea_orm::ConnectionTrait::execute_unprepared(&connect(&foreign).await, sql)
        .await
        .expect("created");
    let refused = copy(&store, &foreign).await.expect_err("not empty");
    assert!(refused.to_string().contains("of_another_program"), "{refused}");
}

async fn tables_of_other_programs_are_left_alone(location: &Location) {
    let store = open(location).await;
    let sql = "CREATE TABLE of_another_program (id integer, at timestamp)";
    sea_orm::ConnectionTrait::execute_unprepared(&connect(location).await, sql)
        .await
        .expect("created");
    let (_folder, targets) = targets();
    for target in targets {
        let counts = copy(&store, &target).await.expect("copied");
        assert!(counts.contains_key("edition") && !counts.contains_key("of_another_program"));
    }
    let refused = DatabaseLoad::begin(location, &[]).await.err().expect("not empty");
    assert!(
        matches!(refused, TransferError::NotEmpty(_) | TransferError::FileInUse(_)),
        "{refused}"
    );
}

async fn an_interrupted_load_leaves_nothing(location: &Location) {
    let (_folder, [source, _]) = targets();
    let store = full(&source).await;
    let snapshot = store.snapshot().await.expect("a snapshot");
    let load = DatabaseLoad::begin(location, snapshot.migrations()).await.expect("begun");
    drop(load);
    // Rows are missing.
    let load = DatabaseLoad::begin(location, snapshot.migrations()).await.expect("begun again");
    let expected = [("accounts".to_owned(), 24)].into();
    let failed = load.complete(&expected, &BTreeMap::new(), None).await.err().expect("incomplete");
    assert!(failed.to_string().contains("\"accounts\" has 0 rows"), "{failed}");
    drop(snapshot);
    copy(&store, location).await.expect("still empty");
}

async fn a_copy_of_an_older_version_is_upgraded(location: &Location) {
    let (_folder, [source, _]) = targets();
    let store = open(&source).await;
    let snapshot = store.snapshot().await.expect("a snapshot");
    let older = &snapshot.migrations()[..12];
    let mut load = DatabaseLoad::begin(location, older).await.expect("begun");
    // In another order than in the migration: a statement with the same text is prepared already, for other types.
    let columns = ["revision".to_owned(), "id".to_owned()];
    load.insert("edition", &columns, &[vec![Cell::Int(7), Cell::Int(1)]]).await.expect("stored");
    let counts = [("edition".to_owned(), 1)].into();
    let now = Timestamp::from_second(1_900_000_000).expect("a time");
    let load = load.complete(&counts, &BTreeMap::new(), Some(now)).await;
    load.expect("complete").commit().await.expect("committed");
    // Upgrade and mark are in the same transaction as the rows, so there is no moment without the mark.
    let copy = Store::open_existing(location).await.expect("a current database");
    assert_eq!(copy.restored_at().await.expect("read"), Some(now));
}

async fn a_copy_of_a_newer_version_is_refused(location: &Location) {
    let (_folder, [source, _]) = targets();
    let store = open(&source).await;
    let mut migrations = store.snapshot().await.expect("a snapshot").migrations().to_vec();
    let without_one: Vec<String> = migrations.iter().skip(1).cloned().collect();
    let refused = DatabaseLoad::begin(location, &without_one).await.err().expect("a gap");
    assert!(refused.to_string().contains("m0001"), "{refused}");
    migrations.push("m9999_future".to_owned());
    let refused = DatabaseLoad::begin(location, &migrations).await.err().expect("newer");
    assert!(refused.to_string().contains("newer version"), "{refused}");
    open(location).await;
}

async fn rows_that_do_not_fit_are_refused(location: &Location) {
    let (_folder, [source, _]) = targets();
    let store = open(&source).await;
    let snapshot = store.snapshot().await.expect("a snapshot");
    let mut load = DatabaseLoad::begin(location, snapshot.migrations()).await.expect("begun");
    let columns = ["slug".to_owned(), "name".to_owned()];
    let text = |text: &str| Cell::Text(text.to_owned());
    load.insert("sections", &columns, &[vec![text("a"), text("b")]]).await.expect("it fits");
    let wrong = [vec![Cell::Int(1), text("b")], vec![text("a")]];
    for row in wrong {
        load.insert("sections", &columns, &[row]).await.expect_err("it does not fit");
    }
    load.insert("sections", &columns[..1], &[vec![text("a")]]).await.expect_err("a column less");
    load.insert("nonsense", &columns, &[]).await.expect_err("no such table");
    let twice = load.insert("sections", &columns, &[vec![text("a"), text("c")]]).await;
    assert!(matches!(twice, Err(TransferError::Row { .. })), "{twice:?}");
}

/// Moves a database that nobody uses. PostgreSQL notices a moment later that its clients are gone.
async fn moved(
    from: &Location,
    to: &Location,
    now: Timestamp,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), TransferError> {
    for _ in 0..100 {
        match move_database(from, to, now, progress).await {
            Err(TransferError::InUse) => tokio::time::sleep(Duration::from_millis(100)).await,
            other => return other.map(drop),
        }
    }
    Err(TransferError::InUse)
}

async fn a_database_in_use_is_not_moved(location: &Location) {
    let store = full(location).await;
    let (_folder, targets) = targets();
    let refused = move_database(location, &targets[0], Timestamp::now(), |_| {}).await;
    assert!(matches!(refused, Err(TransferError::InUse)), "{refused:?}");
    assert_eq!(store.restored_at().await.expect("read"), None);
}

async fn nobody_opens_a_database_that_is_being_moved(location: &Location) {
    drop(full(location).await);
    let (_folder, targets) = targets();
    let (source, opened) = (location.clone(), std::sync::Mutex::new(Vec::new()));
    let open_elsewhere = |_: Progress| {
        let mut opened = opened.lock().expect("a lock");
        if !opened.is_empty() {
            return;
        }
        let source = source.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let existing = Store::open_existing(&source).await.err();
                [existing, Store::open(&source).await.err()]
            })
        });
        opened.extend(thread.join().expect("ended"));
    };
    moved(location, &targets[1], Timestamp::now(), &open_elsewhere).await.expect("moved");
    let opened = opened.into_inner().expect("a lock");
    assert!(!opened.is_empty());
    for error in opened {
        let error = error.expect("refused").to_string();
        assert!(error.contains("is being moved"), "{error}");
    }
}

async fn what_a_move_leaves_is_a_copy(location: &Location) {
    let store = full(location).await;
    let mut before = rows(&store).await;
    drop(store);
    let (_folder, targets) = targets();
    let now = Timestamp::from_second(1_900_000_000).expect("a time");
    for target in &targets {
        moved(location, target, now, &|_| {}).await.expect("moved");
        let copied = Store::open_existing(target).await.expect("a database");
        assert_eq!(copied.restored_at().await.expect("read"), None);
        assert_eq!(rows(&copied).await, before, "{target}");
        let left = Store::open_existing(location).await.expect("a database");
        assert_eq!(left.restored_at().await.expect("read"), Some(now));
        drop(left);
        let again = moved(location, target, now, &|_| {}).await;
        assert!(matches!(again, Err(TransferError::Copy)), "{again:?}");
        let left = Store::open_existing(location).await.expect("a database");
        assert!(left.activate(now).await.expect("activated"));
        // With the entry in the audit log.
        before = rows(&left).await;
        drop(left);
    }
}

async fn a_failed_move_changes_nothing(location: &Location) {
    drop(full(location).await);
    let (_folder, targets) = targets();
    open(&targets[0]).await;
    let refused = moved(location, &targets[0], Timestamp::now(), &|_| {}).await;
    assert!(matches!(refused, Err(TransferError::FileInUse(_))), "{refused:?}");
    let store = Store::open_existing(location).await.expect("a database");
    assert_eq!(store.restored_at().await.expect("read"), None);
}
