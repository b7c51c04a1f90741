//! What is set at the desk.

use jiff::Timestamp;
use masthead_store::{Location, SettingAuthor, SettingWrite, Store, StoredPart};
use sea_orm::ConnectionTrait;

use crate::{connect, open};

on_both_engines!(
    every_setting_stays_and_nobody_sets_over_another,
    a_part_is_saved_only_against_the_parts_it_was_checked_with,
    a_save_of_an_earlier_version_counts_and_does_not_prevent_others,
);

/// Saves a part for somebody who checked it against what is stored now.
pub(crate) async fn set(
    store: &Store,
    part: &str,
    version: i32,
    text: &str,
    author: SettingAuthor,
) -> SettingWrite {
    let checked = store.stored_settings().await.expect("read");
    store.set(&checked, part, version, text, author, &[]).await.expect("asked")
}

async fn every_setting_stays_and_nobody_sets_over_another(location: &Location) {
    let store = open(location).await;
    let email = "ada@example.org".parse().expect("an address");
    let (ada, _) = store.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered");
    let at = Timestamp::from_second(1_800_000_000).expect("an instant");
    let author = SettingAuthor { by: ada.id, at };
    assert_eq!(store.setting("meter").await.expect("asked"), None);
    assert_eq!(store.settings_revision().await.expect("asked"), 0);
    assert_eq!(set(&store, "meter", 0, "one", author).await, SettingWrite::Done);
    assert_eq!(set(&store, "meter", 0, "other", author).await, SettingWrite::Behind);
    assert_eq!(set(&store, "meter", 1, "two", author).await, SettingWrite::Done);
    let now = store.setting("meter").await.expect("asked").expect("set");
    assert_eq!((now.version, now.text.as_str(), now.by, now.at), (2, "two", Some(ada.id), at));
    let all = store.settings("meter", 9).await.expect("asked");
    assert_eq!(all.iter().map(|setting| setting.text.as_str()).collect::<Vec<_>>(), ["two", "one"]);
    assert_eq!(store.setting("messages").await.expect("asked"), None);
    assert_eq!(set(&store, "offers", 0, "three", author).await, SettingWrite::Done);
    let mut stored = store.stored_settings().await.expect("asked");
    stored.parts.sort_by(|a, b| a.name.cmp(&b.name));
    let part = |name: &str, version, text: &str| StoredPart {
        name: name.to_owned(),
        version,
        text: text.to_owned(),
    };
    assert_eq!(stored.parts, [part("meter", 2, "two"), part("offers", 1, "three")]);
    assert_eq!((stored.revision, store.settings_revision().await.expect("asked")), (3, 3));
}

async fn a_part_is_saved_only_against_the_parts_it_was_checked_with(location: &Location) {
    let store = open(location).await;
    let email = "ada@example.org".parse().expect("an address");
    let (ada, _) = store.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered");
    let author = SettingAuthor { by: ada.id, at: Timestamp::UNIX_EPOCH };
    let checked = store.stored_settings().await.expect("read");
    let save = async |part| store.set(&checked, part, 0, "text", author, &[]).await.expect("asked");
    assert_eq!(save("offers").await, SettingWrite::Done);
    assert_eq!(save("messages").await, SettingWrite::Outdated);
    assert_eq!(store.setting("messages").await.expect("read"), None);
    assert_eq!(set(&store, "messages", 0, "text", author).await, SettingWrite::Done);
}

/// A server of an earlier version knows no revisions.
async fn a_save_of_an_earlier_version_counts_and_does_not_prevent_others(location: &Location) {
    let store = open(location).await;
    let email = "ada@example.org".parse().expect("an address");
    let (ada, _) = store.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered");
    let author = SettingAuthor { by: ada.id, at: Timestamp::UNIX_EPOCH };
    assert_eq!(set(&store, "offers", 0, "one", author).await, SettingWrite::Done);
    assert_eq!(set(&store, "meter", 0, "one", author).await, SettingWrite::Done);
    let before = store.settings_saves().await.expect("counted");
    let sql =
        "INSERT INTO setting_versions (part, version, at, setting) VALUES ('meter', 2, 0, 'two')";
    connect(location).await.execute_unprepared(sql).await.expect("saved");
    assert_eq!(store.settings_saves().await.expect("counted"), before + 1);
    // The highest revision is that of a version that is not the latest.
    assert_eq!(set(&store, "meter", 2, "three", author).await, SettingWrite::Done);
    let stored = store.stored_settings().await.expect("read");
    assert_eq!((stored.revision, stored.saves, stored.version("meter")), (3, 4, 3));
}
