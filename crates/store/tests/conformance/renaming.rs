//! Renaming and merging authors and topics that many articles have.

use jiff::Timestamp;
use masthead_circulation::{
    AccountId,
    reading::{FollowKind, Followed},
};
use masthead_editorial::{
    Author, Piece, Topic,
    import::{Changes, ImportEntry},
};
use masthead_store::{
    Attribution, AuthorWrite, DeskJob, JobEnd, JobProgress, Location, RENAMING, Renaming, Saved,
    SeenTopic, SettingAuthor, SettingWrite, Store, TopicWrite,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};

use crate::{connect, open, pieces::piece, settings::set};

on_both_engines!(
    many_articles_are_changed_in_parts_and_each_once,
    what_is_left_of_a_merger_is_found_under_its_name_of_now,
    nobody_who_begins_to_follow_meanwhile_is_lost,
    who_begins_to_follow_during_a_merger_follows_the_other,
    a_rule_that_is_saved_meanwhile_prevents_a_merger,
    the_command_line_leaves_merged_authors_alone,
    a_slug_whose_articles_are_still_to_move_is_taken,
    a_renaming_is_undone_before_it_is_finished,
    an_unknown_topic_is_not_stored,
    topics_that_are_alike_in_latin_letters_are_renamed_and_merged,
);

const MANY: usize = 450;

fn by() -> Attribution {
    Attribution { by: AccountId(1), at: Timestamp::UNIX_EPOCH }
}

fn topic(slug: &str) -> Topic {
    Topic { slug: slug.into(), name: slug.to_uppercase() }
}

fn seen(topic: &Topic, version: i64) -> SeenTopic<'_> {
    SeenTopic { topic, description: "", version }
}

async fn account(store: &Store, at: &str) -> AccountId {
    let email = at.parse().expect("an address");
    store.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered").0.id
}

fn entries() -> Vec<ImportEntry> {
    let entry = |number: usize| {
        let slug = format!("piece-{number}");
        let piece = Piece { topics: vec![topic("rope")], ..piece(&slug) };
        ImportEntry {
            origin: slug,
            address: String::new(),
            result: Ok(piece),
            changes: Changes::default(),
        }
    };
    (0..MANY).map(entry).collect()
}

async fn with_many(location: &Location) -> Store {
    let store = open(location).await;
    account(&store, "ed@example.org").await;
    store.import_pieces(&entries(), Timestamp::UNIX_EPOCH).await.expect("imported");
    store
}

async fn on(store: &Store, slug: &str) -> usize {
    let pieces = store.changes_since(-1, None, 10_000).await.expect("read");
    let has = |piece: &Piece| piece.topics.iter().any(|topic| topic.slug == slug);
    pieces.iter().filter(|stored| has(&stored.piece)).count()
}

/// When jobs are done.
fn later() -> Timestamp {
    Timestamp::from_second(60).expect("an instant")
}

async fn claim(store: &Store) -> Option<DeskJob> {
    store.claim_job(later()).await.expect("asked")
}

fn renaming(job: &DeskJob) -> Renaming {
    serde_json::from_str(&job.parameters).expect("parameters")
}

/// Does the rest of a job. Each part is begun again where the last was, as after a server that was killed before it noted what it had
/// done. Returns how many articles were changed.
async fn finish(store: &Store, job: &DeskJob) -> u64 {
    let (wanted, mut articles) = (renaming(job), 0);
    let mut position = job.progress.position;
    loop {
        let unnoted = store.continue_renaming(&wanted, position).await.expect("done");
        let part = store.continue_renaming(&wanted, position).await.expect("done");
        assert!(unnoted.articles <= 200 && part.articles <= 200, "{unnoted:?} {part:?}");
        articles += unnoted.articles + part.articles;
        if part.is_finished {
            return articles;
        }
        position = part.position;
    }
}

async fn many_articles_are_changed_in_parts_and_each_once(location: &Location) {
    let store = with_many(location).await;
    let reader = account(&store, "rea@example.org").await;
    let followed = Followed { kind: FollowKind::Topic, slug: "rope".into() };
    store.follow(reader, &followed, 10, Timestamp::UNIX_EPOCH).await.expect("followed");
    let (rope, twine) = (topic("rope"), topic("twine"));
    let merged = store.merge_topics(seen(&rope, 0), &twine, None, by()).await.expect("asked");
    assert_eq!(merged, TopicWrite::Done);
    assert_eq!((on(&store, "rope").await, on(&store, "twine").await), (MANY - 200, 200));
    let redirect = store.redirect("/topic/rope").await.expect("read").expect("a redirect");
    assert_eq!(redirect.redirect.target, "/topic/twine");
    // One that is saved meanwhile is at the right place at once.
    let late = Piece { topics: vec![topic("rope")], ..piece("late") };
    store.save(&late, Timestamp::UNIX_EPOCH).await.expect("saved");
    let late = store.piece("late").await.expect("read").expect("a piece");
    assert_eq!(late.topics, std::slice::from_ref(&twine));
    // One server has the rest.
    let other = open(location).await;
    let (one, two) = tokio::join!(claim(&store), claim(&other));
    assert!(one.is_some() != two.is_some(), "{one:?} {two:?}");
    let job = one.or(two).expect("a job");
    assert_eq!((job.kind.as_str(), job.progress.done, job.by), (RENAMING, 200, Some(AccountId(1))));
    assert_eq!(renaming(&job).into, "twine");
    assert_eq!(finish(&store, &job).await, (MANY - 200) as u64);
    assert_eq!((on(&store, "rope").await, on(&store, "twine").await), (0, MANY + 1));
    // The next import does not take them for changed here.
    let again = store.import_pieces(&entries(), later()).await.expect("imported");
    assert!(again.iter().all(|saved| matches!(saved, Ok(Saved::Unchanged(_)))));
    assert_eq!(store.followed_by(reader).await.expect("read")[0].followed.slug, "twine");
}

async fn what_is_left_of_a_merger_is_found_under_its_name_of_now(location: &Location) {
    let store = with_many(location).await;
    let (rope, twine, yarn) = (topic("rope"), topic("twine"), topic("yarn"));
    store.merge_topics(seen(&rope, 0), &twine, None, by()).await.expect("asked");
    let names = store.retired_names().await.expect("read");
    let now = names.current(FollowKind::Topic, "rope").expect("a name");
    assert_eq!((now.slug.as_str(), now.name.as_str()), ("twine", "TWINE"));
    assert_eq!(names.current(FollowKind::Author, "rope"), None);
    // The other is merged as well before the rest is done.
    let version = store.topic_record("twine").await.expect("read").expect("a topic").version;
    let merged = store.merge_topics(seen(&twine, version), &yarn, None, by()).await;
    assert_eq!(merged.expect("asked"), TopicWrite::Done);
    let names = store.retired_names().await.expect("read");
    assert_eq!(names.current(FollowKind::Topic, "rope").expect("a name").slug, "yarn");
    while let Some(mut job) = claim(&store).await {
        finish(&store, &job).await;
        let (progress, now) = (job.progress, later());
        assert!(
            store.advance_job(&mut job, progress, Some(JobEnd::Done), now).await.expect("noted")
        );
    }
    assert_eq!(on(&store, "yarn").await, MANY);
}

async fn nobody_who_begins_to_follow_meanwhile_is_lost(location: &Location) {
    let store = open(location).await;
    account(&store, "ed@example.org").await;
    let article = Piece { topics: vec![topic("rope")], ..piece("ferry") };
    store.save(&article, Timestamp::UNIX_EPOCH).await.expect("saved");
    let mut readers = Vec::new();
    for number in 0..24 {
        readers.push(account(&store, &format!("rea{number}@example.org")).await);
    }
    let follow = |reader: AccountId| {
        let store = store.clone();
        let followed = Followed { kind: FollowKind::Topic, slug: "rope".into() };
        tokio::spawn(async move {
            store.follow(reader, &followed, 10, Timestamp::UNIX_EPOCH).await.expect("followed");
        })
    };
    for reader in &readers[..8] {
        follow(*reader).await.expect("finished");
    }
    let following: Vec<_> = readers[8..].iter().map(|reader| follow(*reader)).collect();
    let (rope, twine) = (topic("rope"), topic("twine"));
    let merged = store.merge_topics(seen(&rope, 0), &twine, None, by()).await.expect("asked");
    assert_eq!(merged, TopicWrite::Done);
    for task in following {
        task.await.expect("finished");
    }
    // From now on the former name means the other.
    let late = account(&store, "late@example.org").await;
    follow(late).await.expect("finished");
    readers.push(late);
    for reader in readers {
        let followed = store.followed_by(reader).await.expect("read");
        assert_eq!(followed.len(), 1, "{reader:?} {followed:?}");
    }
    assert_eq!(store.followed_by(late).await.expect("read")[0].followed.slug, "twine");
}

/// How many connections to this database wait for a lock.
async fn waiting(database: &DatabaseConnection) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(statement).await.expect("asked").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

/// Merges two topics, or two authors.
async fn merge(store: &Store, kind: FollowKind) {
    match kind {
        FollowKind::Topic => {
            let (rope, twine) = (topic("rope"), topic("twine"));
            let merged = store.merge_topics(seen(&rope, 0), &twine, None, by()).await;
            assert_eq!(merged.expect("asked"), TopicWrite::Done);
        }
        FollowKind::Author => {
            let rope = store.author_record("rope").await.expect("read").expect("an author");
            let merged = store.merge_authors("rope", rope.version, "twine", None, by()).await;
            assert_eq!(merged.expect("asked"), AuthorWrite::Done);
        }
    }
}

/// The follower has looked who has the articles, and waits for their account, when the merger begins. On SQLite everything waits for
/// the transaction that holds the account, so none does.
async fn who_begins_to_follow_during_a_merger_follows_the_other(location: &Location) {
    let store = open(location).await;
    account(&store, "ed@example.org").await;
    let reader = account(&store, "rea@example.org").await;
    let article = Piece { topics: vec![topic("rope")], ..piece("ferry") };
    store.save(&article, Timestamp::UNIX_EPOCH).await.expect("saved");
    for slug in ["rope", "twine"] {
        let author = Author { slug: slug.into(), name: slug.into(), ..Author::default() };
        store.save_author(&author).await.expect("added");
    }
    let database = connect(location).await;
    let is_shared = matches!(location, Location::Postgres(_));
    for kind in [FollowKind::Topic, FollowKind::Author] {
        let holder = connect(location).await;
        let held = holder.begin().await.expect("a transaction");
        if is_shared {
            let lock = format!("UPDATE accounts SET name = name WHERE id = {}", reader.0);
            held.execute_unprepared(&lock).await.expect("locked");
        }
        let (following, merging) = (store.clone(), store.clone());
        let followed = Followed { kind, slug: "rope".into() };
        let following = tokio::spawn(async move {
            following.follow(reader, &followed, 10, Timestamp::UNIX_EPOCH).await.expect("followed");
        });
        while is_shared && waiting(&database).await < 1 {
            tokio::task::yield_now().await;
        }
        let merging = tokio::spawn(async move { merge(&merging, kind).await });
        while is_shared && !merging.is_finished() && waiting(&database).await < 2 {
            tokio::task::yield_now().await;
        }
        held.rollback().await.expect("released");
        following.await.expect("finished");
        merging.await.expect("finished");
        let followed = store.followed_by(reader).await.expect("read");
        let of_kind: Vec<_> =
            followed.iter().filter(|following| following.followed.kind == kind).collect();
        assert_eq!(of_kind.len(), 1, "{followed:?}");
        assert_eq!(of_kind[0].followed.slug, "twine", "{kind:?}");
    }
}

async fn a_rule_that_is_saved_meanwhile_prevents_a_merger(location: &Location) {
    let store = with_many(location).await;
    let looked = store.settings_saves().await.expect("read");
    let author = SettingAuthor { by: AccountId(1), at: Timestamp::UNIX_EPOCH };
    assert_eq!(set(&store, "meter", 0, "a rule", author).await, SettingWrite::Done);
    let (rope, twine) = (topic("rope"), topic("twine"));
    let late = store.merge_topics(seen(&rope, 0), &twine, Some(looked), by()).await;
    assert_eq!(late.expect("asked"), TopicWrite::Behind);
    let late = store.change_topic(seen(&rope, 0), &twine, "", Some(looked), by()).await;
    assert_eq!(late.expect("asked"), TopicWrite::Behind);
    let ada = Author { slug: "ada".into(), name: "Ada".into(), ..Author::default() };
    let late = store.change_author(None, &ada, None, Some(looked), by()).await;
    assert_eq!(late.expect("asked"), AuthorWrite::Behind);
    assert_eq!(on(&store, "rope").await, MANY);
    let now = store.settings_saves().await.expect("read");
    let merged = store.merge_topics(seen(&rope, 0), &twine, Some(now), by()).await;
    assert_eq!(merged.expect("asked"), TopicWrite::Done);
}

fn author(slug: &str, name: &str) -> Author {
    Author { slug: slug.into(), name: name.into(), ..Author::default() }
}

async fn the_command_line_leaves_merged_authors_alone(location: &Location) {
    let store = open(location).await;
    account(&store, "ed@example.org").await;
    let (ada, ben) = (author("ada", "Ada"), author("ben", "Ben"));
    for author in [&ada, &ben] {
        assert_eq!(store.save_author(author).await.expect("saved"), None);
    }
    let version = store.author_record("ada").await.expect("read").expect("an author").version;
    let merged = store.merge_authors("ada", version, "ben", None, by()).await.expect("asked");
    assert_eq!(merged, AuthorWrite::Done);
    assert_eq!(store.save_author(&ada).await.expect("asked"), Some("ben".to_owned()));
    assert_eq!(store.author_record("ada").await.expect("read"), None);
    let article = Piece { authors: vec![ada], ..piece("ferry") };
    store.save(&article, Timestamp::UNIX_EPOCH).await.expect("saved");
    let stored = store.piece("ferry").await.expect("read").expect("a piece");
    assert_eq!(stored.authors[0].slug, "ben");
}

async fn a_slug_whose_articles_are_still_to_move_is_taken(location: &Location) {
    let store = with_many(location).await;
    store.save_author(&author("ada", "Ada")).await.expect("saved");
    store.save_author(&author("ben", "Ben")).await.expect("saved");
    let version = store.author_record("ada").await.expect("read").expect("an author").version;
    store.merge_authors("ada", version, "ben", None, by()).await.expect("asked");
    let ada = author("ada", "Another Ada");
    let taken = store.change_author(None, &ada, None, None, by()).await.expect("asked");
    assert_eq!(taken, AuthorWrite::SlugTaken);
    let job = claim(&store).await.expect("a job");
    finish(&store, &job).await;
    let added = store.change_author(None, &ada, None, None, by()).await.expect("asked");
    assert_eq!(added, AuthorWrite::Done);
}

async fn a_renaming_is_undone_before_it_is_finished(location: &Location) {
    let store = with_many(location).await;
    let reader = account(&store, "rea@example.org").await;
    let followed = Followed { kind: FollowKind::Topic, slug: "rope".into() };
    store.follow(reader, &followed, 10, Timestamp::UNIX_EPOCH).await.expect("followed");
    let (rope, twine) = (topic("rope"), topic("twine"));
    let renamed = store.change_topic(seen(&rope, 0), &twine, "", None, by()).await;
    assert_eq!(renamed.expect("asked"), TopicWrite::Done);
    assert!(on(&store, "rope").await > 0, "some are still to move");
    // Nobody else gets the slug meanwhile.
    let other = Piece { topics: vec![topic("yarn")], ..piece("yarn") };
    store.save(&other, Timestamp::UNIX_EPOCH).await.expect("saved");
    let taken = store.change_topic(seen(&topic("yarn"), 0), &rope, "", None, by()).await;
    assert_eq!(taken.expect("asked"), TopicWrite::SlugTaken);
    let version = store.topic_record("twine").await.expect("read").expect("a topic").version;
    let undone = store.change_topic(seen(&twine, version), &rope, "", None, by()).await;
    assert_eq!(undone.expect("asked"), TopicWrite::Done);
    while let Some(mut job) = claim(&store).await {
        finish(&store, &job).await;
        let end = Some(JobEnd::Done);
        store.advance_job(&mut job, JobProgress::default(), end, later()).await.expect("noted");
    }
    assert_eq!((on(&store, "rope").await, on(&store, "twine").await), (MANY, 0));
    let followed = store.followed_by(reader).await.expect("read");
    assert_eq!(followed.len(), 1, "{followed:?}");
    assert_eq!(followed[0].followed.slug, "rope");
}

async fn topics_that_are_alike_in_latin_letters_are_renamed_and_merged(location: &Location) {
    let store = open(location).await;
    account(&store, "ed@example.org").await;
    let named = |slug: &str, name: &str| Topic { slug: slug.into(), name: name.into() };
    // As drafts have them: a name, and the slug of its letters.
    let save = async |slug: &str, name: &str| {
        let topics = vec![named("ol", name)];
        store.save(&Piece { topics, ..piece(slug) }, later()).await.expect("saved");
        store.piece(slug).await.expect("read").expect("a piece").topics
    };
    assert_eq!(save("a", "Öl").await, [named("ol", "Öl")]);
    assert_eq!(save("b", "Ol").await, [named("ol-2", "Ol")]);
    // The second gets another slug and name, in letters that are encoded.
    let (second, wanted) = (named("ol-2", "Ol"), named("ölfarbe", "Ölfarbe"));
    let moved = store.change_topic(seen(&second, 0), &wanted, "", None, by()).await;
    assert_eq!(moved.expect("asked"), TopicWrite::Done);
    let redirect = store.redirect("/topic/ol-2").await.expect("read").expect("a redirect");
    assert_eq!(redirect.redirect.target, "/topic/%C3%B6lfarbe");
    assert_eq!(save("c", "Ol").await, std::slice::from_ref(&wanted), "its former name means it");
    assert_eq!(save("d", "Öl").await, [named("ol", "Öl")], "and not the other");
    // And back: the address that it had leads nowhere else.
    let version = store.topic_record("ölfarbe").await.expect("read").expect("a topic").version;
    let back = store.change_topic(seen(&wanted, version), &second, "", None, by()).await;
    assert_eq!(back.expect("asked"), TopicWrite::Done);
    assert_eq!(store.redirect("/topic/ol-2").await.expect("read"), None);
    let redirect = store.redirect("/topic/ölfarbe").await.expect("read").expect("a redirect");
    assert_eq!(redirect.redirect.target, "/topic/ol-2");
    // The first is renamed and keeps its slug; both names mean the same topic as before.
    let (first, renamed) = (named("ol", "Öl"), named("ol", "Erdöl"));
    let kept = store.change_topic(seen(&first, 0), &renamed, "", None, by()).await;
    assert_eq!(kept.expect("asked"), TopicWrite::Done);
    assert_eq!(save("e", "Öl").await, std::slice::from_ref(&renamed));
    assert_eq!(save("f", "Ol").await, std::slice::from_ref(&second));
    // No topic gets a name that drafts mean another by.
    let version = store.topic_record("ol").await.expect("read").expect("a topic").version;
    let alike = named("ol", "Ol");
    let taken = store.change_topic(seen(&renamed, version), &alike, "", None, by()).await;
    assert_eq!(taken.expect("asked"), TopicWrite::NameTaken);
    // Merged, both names mean what has the articles.
    let version = store.topic_record("ol-2").await.expect("read").expect("a topic").version;
    let merged = store.merge_topics(seen(&second, version), &renamed, None, by()).await;
    assert_eq!(merged.expect("asked"), TopicWrite::Done);
    assert_eq!(save("g", "Ol").await, std::slice::from_ref(&renamed));
    assert_eq!(save("h", "Öl").await, [renamed]);
}

async fn an_unknown_topic_is_not_stored(location: &Location) {
    let store = with_many(location).await;
    let (nothing, rope) = (topic("nothing"), topic("rope"));
    let merged = store.merge_topics(seen(&nothing, 0), &rope, None, by()).await.expect("asked");
    assert_eq!(merged, TopicWrite::Unknown);
    let saved = store.change_topic(seen(&nothing, 0), &nothing, "Text.", None, by()).await;
    assert_eq!(saved.expect("asked"), TopicWrite::Unknown);
    assert_eq!(store.redirect("/topic/nothing").await.expect("read"), None);
}
