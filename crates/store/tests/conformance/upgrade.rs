//! Upgrading a database that an older version has filled. The fixture in `fixtures/m0012` was written by
//! the version before foreign keys: two readers and a member of staff had deleted their accounts, so
//! that rows refer to accounts that are gone.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use masthead_access::{Arm, ArticleId, Assignment};
use masthead_audience::{CountedEvent, Goal, ReaderGroup};
use masthead_circulation::{
    Account, AccountId, Actor, EmailAddress, PaymentNumber, Purpose, ReaderStatus, Refund,
    SessionKind, Subscription, SubscriptionId, app::Scopes, staff::DoneBy,
};
use masthead_store::{
    AuditQuery, LabelChange, Location, Prepared, Store, StoreError, StoryFilter, StoryQuery,
    Upgrading,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::{change_feed::Listening, connect, open};

/// As `masthead migrate` upgrades.
const ALONE: Upgrading = Upgrading { creates: true, is_alone: true };

on_both_engines!(
    an_old_database_keeps_its_rows_except_orphans,
    everything_in_an_old_database_can_be_read,
    what_referred_to_a_deleted_account_lost_the_reference,
    the_experiment_of_a_checkout_has_columns_of_its_own,
    numbers_are_not_reused,
    servers_that_start_at_once_upgrade_an_old_database_once,
    servers_that_start_at_once_create_a_database_once,
    only_an_upgrade_changes_an_old_database,
    an_old_database_is_migrated_while_no_server_runs,
    an_interrupted_upgrade_changes_nothing,
    everything_about_a_renamed_table_has_its_present_name,
    saved_settings_get_revisions_and_the_present_names_of_keys,
    checkouts_of_an_old_database_are_kept_and_known_to_their_payments,
    a_refund_of_an_old_database_without_an_answer_waits_for_staff,
    pictures_in_old_bodies_are_known,
    stories_that_were_scheduled_within_their_embargo_are_held,
    sessions_of_apps_may_read_articles_only_and_those_of_staff_end,
    names_and_audit_entries_are_found_in_any_case,
    addresses_get_one_spelling_unless_both_have_an_account,
    lists_and_figures_know_the_subscriptions_of_an_old_database,
);

const DATA: &str = include_str!("../fixtures/m0012/data.sql");
const POSTGRES: &str = include_str!("../fixtures/m0012/postgres.sql");
const SQLITE: &str = include_str!("../fixtures/m0012/sqlite.sql");
/// The highest number that was given in each table, though its row may be deleted.
const GIVEN: [(&str, &str, u32); 6] = [
    ("accounts", "id", 182),
    ("subscriptions", "id", 167),
    ("letters", "id", 38),
    ("audit", "id", 15),
    ("payments", "number", 3),
    ("desk_records", "id", 8),
];

/// Tables that have another name now: the former one, and the present one.
const RENAMED: [(&str, &str); 10] = [
    ("audit", "subscription_changes"),
    ("bulletins", "account_changes"),
    ("crowds", "unique_readers"),
    ("experiment_tallies", "experiment_counts"),
    ("desk_records", "audit_log"),
    ("letters", "outbox"),
    ("moves", "address_changes"),
    ("steering", "setting_versions"),
    ("takers", "offer_redemptions"),
    ("tallies", "article_counts"),
];

/// Fills a new database as the older version left it.
pub(crate) async fn old(location: &Location) -> DatabaseConnection {
    let database = connect(location).await;
    let run = async |sql: &str| {
        database.execute_unprepared(sql).await.expect("the fixture");
    };
    if database.get_database_backend() == DbBackend::Sqlite {
        run(SQLITE).await;
        run("PRAGMA foreign_keys = OFF").await;
        run(DATA).await;
        for (table, _, number) in GIVEN {
            run(&format!("UPDATE sqlite_sequence SET seq = {number} WHERE name = '{table}'")).await;
        }
    } else {
        run(POSTGRES).await;
        run(&DATA.replace("X'", "'\\x")).await;
        for (table, column, number) in GIVEN {
            run(&format!("SELECT setval(pg_get_serial_sequence('{table}', '{column}'), {number})"))
                .await;
        }
    }
    database
}

async fn counts(database: &DatabaseConnection) -> BTreeMap<String, i64> {
    let backend = database.get_database_backend();
    let tables = match backend {
        DbBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        _ => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'",
    };
    let tables = database.query_all_raw(Statement::from_string(backend, tables)).await;
    let mut all = BTreeMap::new();
    for table in tables.expect("the tables") {
        let table: String = table.try_get("", "name").expect("a name");
        let sql = format!("SELECT count(*) AS n FROM {table}");
        let row = database.query_one_raw(Statement::from_string(backend, sql)).await;
        let number = row.expect("counted").expect("a row").try_get("", "n").expect("a number");
        all.insert(table, number);
    }
    all
}

async fn an_old_database_keeps_its_rows_except_orphans(location: &Location) {
    let database = old(location).await;
    let before = counts(&database).await;
    assert_eq!(before.len(), 36);
    open(location).await;
    let after = counts(&database).await;
    let changed: Vec<(&str, i64)> = after
        .iter()
        .filter_map(|(table, now)| {
            let former = RENAMED.iter().find(|(_, present)| present == table);
            let former = former.map_or(table.as_str(), |(former, _)| former);
            let change = now - before.get(former).copied().unwrap_or_default();
            (change != 0).then_some((table.as_str(), change))
        })
        .collect();
    assert_eq!(
        changed,
        [
            // Of the deleted reader 171, and of the article 999.
            ("account_reads", -2),
            // Of experiments, and of no article.
            ("article_counts", -26),
            ("experiment_counts", 2),
            // Payments whose accounts are there.
            ("invoice_recipients", 2),
            ("passkeys", -1),
            // Of articles and drafts.
            ("picture_uses", 11),
            ("seaql_migrations", after["seaql_migrations"] - 12),
            // Of the deleted reader 171, and of the staff.
            ("sessions", -8),
            ("story_writers", 3),
            // Of the topics of articles.
            ("topic_names", 14),
        ]
    );
}

async fn accounts(store: &Store) -> Vec<Account> {
    store.accounts_after(0, 999).await.expect("read")
}

async fn pictures_in_old_bodies_are_known(location: &Location) {
    let database = old(location).await;
    let body = "UPDATE pieces SET body = '<p><img src=\"/media/5f-4x3.jpg\"></p>' WHERE id = 1";
    database.execute_unprepared(body).await.expect("changed");
    let store = open(location).await;
    let pictures = async |id| {
        store.whole_piece(ArticleId(id)).await.expect("asked").expect("a piece").pictures
    };
    assert_eq!(pictures(1).await, ["5f-4x3"]);
    assert!(pictures(2).await.is_empty());
    let changes = store.changes_since(-1, None, 99).await.expect("asked");
    let first = changes.iter().find(|listed| listed.id == ArticleId(1)).expect("the first");
    assert_eq!(first.pictures, ["5f-4x3"]);
    let uses = store.picture_uses("5f-4x3", 9).await.expect("asked");
    assert_eq!(uses.iter().map(|entry| entry.id).collect::<Vec<_>>(), [ArticleId(1)]);
}

async fn stories_that_were_scheduled_within_their_embargo_are_held(location: &Location) {
    let database = old(location).await;
    let run = async |sql: &str| {
        database.execute_unprepared(sql).await.expect("changed");
    };
    let times = "published = 4070908800, embargo = 4071513600"; // 1 and 8 January 2099
    run(&format!("UPDATE stories SET {times} WHERE piece IN (1, 2)")).await;
    // Readers have the second, whatever its entry says.
    let time = "'\"published\":\"2099-01-01T00:00:00Z\",\"before\":\"'";
    run(&format!(
        "UPDATE pieces SET facts = REPLACE(facts, '\"published\":\"', {time}) WHERE id = 1"
    ))
    .await;
    let store = open(location).await;
    let story = async |id| store.story(ArticleId(id)).await.expect("asked").expect("a story");
    let held = "2099-01-08T00:00:00Z".parse::<Timestamp>().expect("a time");
    let first = story(1).await;
    assert_eq!((first.piece.published, first.entry.published), (Some(held), Some(held)));
    let listed = store.whole_piece(ArticleId(1)).await.expect("asked").expect("a piece");
    assert_eq!(listed.revision, store.revision().await.expect("asked"), "servers read it again");
    assert!(story(2).await.piece.published.is_some_and(|published| published < held));
}

async fn subscriptions(store: &Store) -> Vec<Subscription> {
    store.subscriptions_after(0, 999).await.expect("read")
}

async fn everything_in_an_old_database_can_be_read(location: &Location) {
    old(location).await;
    let store = open(location).await;
    let accounts = accounts(&store).await;
    assert_eq!(accounts.len(), 24);
    for account in &accounts {
        store.sessions_of(account.id).await.expect("sessions");
        store.passkeys_of(account.id).await.expect("passkeys");
        store.identities_of(account.id).await.expect("identities");
        store.reads_of(account.id, 0).await.expect("reads");
        store.open_checkouts_of(account.id).await.expect("checkouts");
        store.audit_log_about(&account.email, 99).await.expect("records");
        store.last_delivery(&account.email).await.expect("an email");
    }
    for (number, is_known) in [(1, true), (2, true), (3, false)] {
        let recipient = store.invoice_recipient(PaymentNumber(number)).await.expect("read");
        assert_eq!(recipient.is_some_and(|to| !to.email.is_empty()), is_known, "{number}");
    }
    let subscriptions = subscriptions(&store).await;
    assert_eq!(subscriptions.len(), 21);
    let mut changes = 0;
    for subscription in &subscriptions {
        changes += store.audit_of(subscription.id).await.expect("audit").len();
    }
    assert_eq!(changes, 11);
    let payments = store.payments_after(PaymentNumber(0), 99).await.expect("payments");
    let numbers: Vec<_> = payments.iter().map(|payment| payment.number).collect();
    assert_eq!(numbers, [1, 2, 3].map(PaymentNumber));
    assert_eq!(store.refunds_of_payments(&numbers).await.expect("refunds").len(), 3);
    assert!(store.charge("refund-1").await.expect("read").is_some());
    assert_eq!(store.redemptions().await.expect("read"), [("spring-tide".to_owned(), 1)]);
    assert_eq!(store.emails(99).await.expect("emails").len(), 30);
    assert_eq!(store.all_staff().await.expect("staff").len(), 2);
    assert_eq!(store.invitations().await.expect("invitations").len(), 1);
    assert_eq!(store.audit_log_of_staff(99).await.expect("records").len(), 7);
    let settings = store.stored_settings().await.expect("settings");
    assert_eq!(settings.parts.len(), 2);
    assert_eq!(settings.revision, store.settings_revision().await.expect("settings"));
    assert_eq!(store.settings("experiment", 9).await.expect("settings").len(), 2);
    let pieces = store.whole_changes_since(-1, None, 99).await.expect("pieces");
    assert_eq!(pieces.len(), 13);
    for piece in &pieces {
        store.story(piece.id).await.expect("a story").expect("listed");
        for revision in store.revisions(piece.id, 99).await.expect("revisions") {
            store.revision_of(piece.id, revision.number).await.expect("read").expect("there");
        }
    }
    let all = StoryQuery { most: 99, filter: StoryFilter::All, ..StoryQuery::default() };
    assert_eq!(store.stories(&all, Timestamp::MAX).await.expect("stories").len(), 13);
    let days = Date::constant(2026, 11, 1)..=Date::constant(2026, 11, 30);
    let reads: u64 = store
        .by_article(&days)
        .await
        .expect("counts")
        .values()
        .map(masthead_audience::Counts::reads)
        .sum();
    assert!(reads > 0);
    store.uniques(&days, &[ReaderGroup::Readers]).await.expect("sketches");
    let tried = store.experiment_counts(1).await.expect("counts");
    assert_eq!(tried.of(CountedEvent::Treatment(Arm::A, Goal::Registered)), 3);
    assert_eq!(tried.of(CountedEvent::Treatment(Arm::B, Goal::Registered)), 2);
}

async fn what_referred_to_a_deleted_account_lost_the_reference(location: &Location) {
    old(location).await;
    let store = open(location).await;
    let payments = store.payments_after(PaymentNumber(0), 9).await.expect("payments");
    let of: Vec<_> = payments.iter().map(|p| (p.account, p.subscription)).collect();
    let (carol, dan) = (AccountId(169), AccountId(170));
    assert_eq!(
        of,
        [
            (Some(carol), Some(SubscriptionId(165))),
            (Some(dan), Some(SubscriptionId(166))),
            (None, None)
        ]
    );
    let mut refunds =
        store.refunds_of_payments(&[1, 2, 3].map(PaymentNumber)).await.expect("refunds");
    refunds.sort_by_key(|refund| refund.payment);
    let staff = |refund: &Refund| refund.actor.staff_actor().cloned().expect("staff");
    let asked: Vec<_> = refunds.iter().map(|refund| (refund.account, staff(refund))).collect();
    let said: Vec<_> =
        asked.iter().map(|(account, staff)| (*account, staff.by, staff.reason.as_str())).collect();
    let owner = AccountId(161);
    assert_eq!(
        said,
        [
            (Some(carol), Some(owner), "Charged by mistake, she says"),
            (Some(dan), None, "The offer was wrong"),
            (None, Some(owner), ""),
        ]
    );
    let audit = store.audit_of(SubscriptionId(166)).await.expect("audit");
    let Actor::Staff(Some(helper)) = &audit.last().expect("a line").actor else {
        panic!("{audit:?}")
    };
    assert_eq!((helper.by, helper.reason.as_str()), (None, "The offer was wrong"));
    let settings = store.settings("experiment", 9).await.expect("settings");
    assert_eq!(settings.iter().map(|s| s.by).collect::<Vec<_>>(), [Some(owner), None]);
    let story = store.story(ArticleId(30)).await.expect("read").expect("a story");
    assert_eq!(story.entry.writers, [AccountId(175)]);
    let records = store.audit_log_of_staff(99).await.expect("records");
    let by = |by| records.iter().filter(|record| record.by == by).count();
    assert_eq!((by(DoneBy::Server), by(DoneBy::Deleted)), (0, 1));
}

async fn the_experiment_of_a_checkout_has_columns_of_its_own(location: &Location) {
    let database = old(location).await;
    // The last two were never written by Masthead.
    for (key, trial) in [("first", "12A"), ("second", "1;B"), ("third", "B")] {
        let copy = format!(
            "INSERT INTO checkouts (key, account, mends, terms, minor, begun, came_from, \
             processor, reference, progress, trial) SELECT '{key}', account, mends, terms, minor, \
             begun, came_from, processor, reference, progress, '{trial}' FROM checkouts \
             WHERE key = '3OuYPY-y2KXJESEXxBLsJKIXrdTwUZn_-yWDaQZMxcI'"
        );
        database.execute_unprepared(&copy).await.expect("a checkout");
    }
    let store = open(location).await;
    let experiment = async |key: &str| {
        let checkout = store.checkout(&key.parse().expect("a key")).await.expect("read");
        checkout.expect("there").experiment
    };
    let second = Assignment { experiment: 1, arm: Arm::B };
    assert_eq!(experiment("nf0hXTTRthqPRwFwFy3PbXGaE_4pPSKw0XmmyQOZ7nA").await, Some(second));
    assert_eq!(experiment("rSwVKdMU4r9WYr37tfXLuGbVWtyUraFGEMNdKVTgHs4").await, None);
    let columns = async |key: &str| {
        let sql = format!("SELECT experiment, arm FROM checkouts WHERE key = '{key}'");
        let statement = Statement::from_string(database.get_database_backend(), sql);
        let row = database.query_one_raw(statement).await.expect("read").expect("there");
        let experiment: Option<i32> = row.try_get("", "experiment").expect("a number");
        let arm: Option<String> = row.try_get("", "arm").expect("an arm");
        (experiment, arm)
    };
    assert_eq!(columns("first").await, (Some(12), Some("A".to_owned())));
    for key in ["second", "third"] {
        assert_eq!(columns(key).await, (None, None), "{key}");
    }
}

async fn numbers_are_not_reused(location: &Location) {
    old(location).await;
    let store = open(location).await;
    let email: EmailAddress = "new-reader@example.org".parse().expect("an address");
    let (account, is_new) =
        store.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered");
    assert!(is_new);
    assert_eq!(account.id, AccountId(183));
    let held = subscriptions(&store).await.remove(0);
    let new = Subscription { account: account.id, ..held };
    store.import_subscriptions(&[(new, None)]).await.expect("taken in");
    let held = store.subscriptions_of(account.id).await.expect("read");
    assert_eq!(held[0].id, SubscriptionId(168));
}

/// Opens the database from eight servers at once.
async fn open_eight_times(location: &Location) {
    let mut servers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let location = location.clone();
        servers.spawn(async move { Store::open(&location).await });
    }
    for opened in servers.join_all().await {
        opened.expect("every server opens the database");
    }
}

async fn servers_that_start_at_once_upgrade_an_old_database_once(location: &Location) {
    let database = old(location).await;
    open_eight_times(location).await;
    let migrations = counts(&database).await["seaql_migrations"];
    Store::open_current(location).await.expect("the database is current");
    assert_eq!(counts(&database).await["seaql_migrations"], migrations);
}

async fn servers_that_start_at_once_create_a_database_once(location: &Location) {
    open_eight_times(location).await;
    Store::open_current(location).await.expect("the database is current");
}

async fn only_an_upgrade_changes_an_old_database(location: &Location) {
    let database = old(location).await;
    let before = counts(&database).await;
    let refused = Store::open_current(location).await.expect_err("an old database");
    assert!(
        matches!(refused, masthead_store::StoreError::Older(ref first) if first == "m0013_foreign_keys")
    );
    assert!(refused.to_string().contains("run `masthead migrate`"), "{refused}");
    let refused = Store::open_existing(location).await.expect_err("an old database");
    assert!(matches!(refused, masthead_store::StoreError::Older(_)), "{refused}");
    assert_eq!(counts(&database).await, before);
    open(location).await;
    if let Location::Sqlite(path) = location {
        let copy = Location::Sqlite(path.with_file_name("masthead.db.before-m0013_foreign_keys"));
        assert_eq!(counts(&connect(&copy).await).await, before, "the copy from before the upgrade");
    }
}

async fn an_old_database_is_migrated_while_no_server_runs(location: &Location) {
    old(location).await;
    let (_, prepared) = Store::migrate(location, ALONE).await.expect("upgraded");
    assert!(matches!(prepared, Prepared::Upgraded { .. }), "{prepared:?}");
    let (_, prepared) = Store::migrate(location, ALONE).await.expect("opened");
    assert_eq!(prepared, Prepared::Current);
}

#[tokio::test]
async fn a_database_on_postgresql_is_not_migrated_while_a_server_runs() {
    let location = Location::Postgres(masthead_test_support::postgres::database());
    let server = Listening::start(&location).await;
    let (store, _) = Store::migrate(&location, ALONE).await.expect("nothing is to be done");
    assert!(store.has_servers().await.expect("asked"), "no key of digests is replaced");
    let database = connect(&location).await;
    // As an older version has left it.
    let older =
        "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)";
    database.execute_unprepared(older).await.expect("older");
    let before = counts(&database).await;
    let refused = Store::migrate(&location, ALONE).await.expect_err("a server runs");
    assert!(matches!(refused, StoreError::ServersRunning(1)), "{refused}");
    assert!(refused.to_string().contains("stop all servers"), "{refused}");
    assert_eq!(counts(&database).await, before);
    drop(server);
}

/// The last step of an upgrade that fails, and everything before it, leave no trace.
async fn an_interrupted_upgrade_changes_nothing(location: &Location) {
    let database = old(location).await;
    // A table of the name that a later migration creates.
    let sql = "CREATE TABLE reconciliations (at INTEGER)";
    database.execute_unprepared(sql).await.expect("a table in the way");
    let before = counts(&database).await;
    Store::open(location).await.expect_err("a migration fails");
    assert_eq!(counts(&database).await, before);
    database.execute_unprepared("DROP TABLE reconciliations").await.expect("dropped");
    open(location).await;
}

async fn everything_about_a_renamed_table_has_its_present_name(location: &Location) {
    let database = old(location).await;
    open(location).await;
    let backend = database.get_database_backend();
    let names = match backend {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master",
        _ => {
            "SELECT relname::text AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
             UNION SELECT conname::text FROM pg_constraint \
             WHERE connamespace = current_schema()::regnamespace AND contype = 'f'"
        }
    };
    let rows = database.query_all_raw(Statement::from_string(backend, names)).await.expect("names");
    let names: Vec<String> =
        rows.iter().map(|row| row.try_get("", "name").expect("a name")).collect();
    for (former, present) in RENAMED {
        let is_former = |name: &String| name.starts_with(former) && !name.starts_with("audit_log");
        assert!(!names.iter().any(is_former), "{former}: {names:?}");
        assert!(names.iter().any(|name| name == present), "{present}: {names:?}");
    }
    for index in [
        "outbox_due",
        "outbox_by_recipient",
        "account_changes_by_time",
        "subscription_changes_by_subscription",
        "audit_log_by_person",
        "audit_log_by_account",
        "audit_log_by_piece",
    ] {
        assert!(names.iter().any(|name| name == index), "{index}: {names:?}");
    }
}

async fn saved_settings_get_revisions_and_the_present_names_of_keys(location: &Location) {
    let database = old(location).await;
    let rows = "INSERT INTO steering (part, version, at, done_by, setting) VALUES \
        ('fronts', 1, 1, 161, '[[fronts]]\npage = \"/\"\nshelves = [\"most-read\"]\n'), \
        ('meter', 2, 1, 161, '[meter]\nfresh_per_network = 50\n')";
    database.execute_unprepared(rows).await.expect("older settings");
    let store = open(location).await;
    let text = async |part| store.setting(part).await.expect("read").expect("set").text;
    assert_eq!(text("fronts").await, "[[fronts]]\npage = \"/\"\nlists = [\"most-read\"]\n");
    assert_eq!(text("meter").await, "[meter]\nfirst_reads_per_network = 50\n");
    let stored = store.stored_settings().await.expect("read");
    assert_eq!((stored.revision, stored.version("meter")), (5, 2));
}

async fn checkouts_of_an_old_database_are_kept_and_known_to_their_payments(location: &Location) {
    old(location).await;
    let store = open(location).await;
    let payments = store.payments_after(PaymentNumber(0), 9).await.expect("payments");
    let references: Vec<&str> = payments.iter().map(|paid| paid.reference.as_str()).collect();
    // The account of the third was deleted, and its checkout with it.
    let known = [payments[0].source.to_string(), payments[1].source.to_string()];
    assert_eq!(references, [known[0].as_str(), known[1].as_str(), ""]);
    let carol = store.account(AccountId(169)).await.expect("read").expect("there");
    let open = store.open_checkouts_of(carol.id).await.expect("read").remove(0);
    assert_eq!(open.purpose, Purpose::UpdateCard(SubscriptionId(165)));
    let database = connect(location).await;
    for sql in ["DELETE FROM subscriptions WHERE id = 165", "DELETE FROM accounts WHERE id = 169"] {
        database.execute_unprepared(sql).await.expect("deleted");
    }
    let kept = store.checkout(&open.key).await.expect("read").expect("kept");
    assert_eq!((kept.account, kept.purpose), (None, Purpose::Begin));
}

async fn a_refund_of_an_old_database_without_an_answer_waits_for_staff(location: &Location) {
    let database = old(location).await;
    let sql = "UPDATE refunds SET settled = FALSE WHERE payment = 2";
    database.execute_unprepared(sql).await.expect("unsettled");
    let store = open(location).await;
    assert!(store.open_refunds(Timestamp::MAX, 9).await.expect("read").is_empty());
    let refused = store.refused_refunds(9).await.expect("read");
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].payment.number, refused[0].refund.attempt), (PaymentNumber(2), 0));
}

async fn sessions_of_apps_may_read_articles_only_and_those_of_staff_end(location: &Location) {
    let database = old(location).await;
    let rows = "INSERT INTO sessions (key, account, device, begun, seen) VALUES \
        ('AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE', 168, 'The Paper on a telephone', 1, 1)";
    database.execute_unprepared(rows).await.expect("an app");
    let store = open(location).await;
    let of = async |account| store.sessions_of(AccountId(account)).await.expect("read");
    let mut kinds: Vec<_> = of(168).await.into_iter().map(|s| (s.device, s.kind)).collect();
    kinds.sort_by(|a, b| a.0.cmp(&b.0));
    let app = ("The Paper on a telephone".to_owned(), SessionKind::App(Scopes::ARTICLES));
    assert_eq!(kinds, [("Firefox, Linux".to_owned(), SessionKind::Browser), app]);
    for staff in [161, 175] {
        assert!(of(staff).await.is_empty(), "{staff}");
    }
}

async fn names_and_audit_entries_are_found_in_any_case(location: &Location) {
    let database = old(location).await;
    for sql in [
        "UPDATE accounts SET name = 'Äda ÖLÇER' WHERE id = 1",
        "UPDATE desk_records SET reason = 'ÜBERZAHLT' WHERE id = 1",
    ] {
        database.execute_unprepared(sql).await.expect("changed");
    }
    let store = open(location).await;
    let found = store.find_accounts("äda ölçer", 9).await.expect("read");
    assert_eq!(found.iter().map(|account| account.id).collect::<Vec<_>>(), [AccountId(1)]);
    let query = AuditQuery { words: "überzahlt".to_owned(), ..AuditQuery::default() };
    assert_eq!(store.audit_log(&query, 9).await.expect("read").len(), 1);
}

async fn addresses_get_one_spelling_unless_both_have_an_account(location: &Location) {
    let database = old(location).await;
    // The account 1 has a subscription.
    for sql in [
        "UPDATE accounts SET email = 'cy@b\u{fc}cher.example' WHERE id = 1",
        "UPDATE desk_records SET about = 'ada@b\u{fc}cher.example' WHERE id = 1",
    ] {
        database.execute_unprepared(sql).await.expect("changed");
    }
    for (id, email) in [
        (901, "ada@b\u{fc}cher.example"),
        (902, "jo\u{308}rg@example.org"),
        (903, "bo@b\u{fc}cher.example"),
        (904, "bo@xn--bcher-kva.example"),
        (905, "cy@xn--bcher-kva.example"),
    ] {
        let sql = format!(
            "INSERT INTO accounts (id, email, name, registered) VALUES ({id}, '{email}', '', 0)"
        );
        database.execute_unprepared(&sql).await.expect("written");
    }
    let store = open(location).await;
    let words = "ada@xn--bcher-kva.example".to_owned();
    let query = AuditQuery { words, ..AuditQuery::default() };
    assert_eq!(store.audit_log(&query, 9).await.expect("read").len(), 1);
    let backend = database.get_database_backend();
    let sql = "SELECT email FROM accounts WHERE id > 900 OR id = 1 ORDER BY id";
    let rows = database.query_all_raw(Statement::from_string(backend, sql)).await.expect("read");
    let emails: Vec<String> =
        rows.iter().map(|row| row.try_get("", "email").expect("an address")).collect();
    assert_eq!(
        emails,
        [
            "cy@xn--bcher-kva.example",
            "ada@xn--bcher-kva.example",
            "j\u{f6}rg@example.org",
            "bo@b\u{fc}cher.example",
            "bo@xn--bcher-kva.example",
            "cy@b\u{fc}cher.example",
        ]
    );
}

async fn lists_and_figures_know_the_subscriptions_of_an_old_database(location: &Location) {
    old(location).await;
    let store = open(location).await;
    let entry = async |number| {
        let entries = store.reader_entries(&[AccountId(number)]).await.expect("read");
        let entry = entries.into_iter().next().expect("a reader");
        (entry.status, entry.product)
    };
    for (number, status, product) in [
        (1, ReaderStatus::Subscriber, "digital"),
        (7, ReaderStatus::Lapsed, "paper"),
        (13, ReaderStatus::Subscriber, "paper"),
        (168, ReaderStatus::InvoiceOpen, "paper"),
        (169, ReaderStatus::Subscriber, "digital"),
    ] {
        assert_eq!(entry(number).await, (status, product.to_owned()), "account {number}");
    }
    // Those whose invoice was never paid brought in nothing.
    let spans = store.paid_spans(&[]).await.expect("read");
    assert_eq!(spans.iter().map(|of| of.count).sum::<u64>(), 18);
    assert!(store.price_changes(&[]).await.expect("read").is_empty());
    let overdue = async |at: &str| {
        let at = at.parse().expect("a time");
        store.count_overdue_invoices(at).await.expect("counted")
    };
    assert_eq!(overdue("2026-11-26T16:00:00Z").await, 0);
    assert_eq!(overdue("2026-11-26T17:00:00Z").await, 2);
    assert_eq!(store.count_failed_payments().await.expect("counted"), 0);
    let reader = store.account(AccountId(1)).await.expect("read").expect("there");
    let label = LabelChange::Add("school".to_owned());
    let now = Timestamp::from_second(1_796_000_000).expect("a time");
    assert!(store.label_reader(&reader, &label, None, now).await.expect("labelled"));
    assert_eq!(store.labels_of(reader.id).await.expect("read"), ["school"]);
}
