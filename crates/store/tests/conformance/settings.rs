//! What is set at the desk.

use jiff::Timestamp;
use masthead_store::{Location, Written};

use crate::open;

on_both_engines!(every_setting_stays_and_nobody_sets_over_another);

async fn every_setting_stays_and_nobody_sets_over_another(location: &Location) {
    let store = open(location).await;
    let email = "ada@example.org".parse().expect("an address");
    let (ada, _) = store.register(&email, Timestamp::UNIX_EPOCH).await.expect("registered");
    let when = (ada.id, Timestamp::from_second(1_800_000_000).expect("an instant"));
    assert_eq!(store.setting("meter").await.expect("asked"), None);
    let set =
        async |version, text: &str| store.set("meter", version, text, when).await.expect("asked");
    assert_eq!(set(0, "one").await, Written::Done(1));
    assert_eq!(set(0, "other").await, Written::Behind);
    assert_eq!(set(1, "two").await, Written::Done(2));
    let now = store.setting("meter").await.expect("asked").expect("set");
    assert_eq!((now.version, now.text.as_str(), now.by, now.at), (2, "two", Some(when.0), when.1));
    let all = store.settings("meter", 9).await.expect("asked");
    assert_eq!(all.iter().map(|setting| setting.text.as_str()).collect::<Vec<_>>(), ["two", "one"]);
    assert_eq!(store.setting("messages").await.expect("asked"), None);
    assert_eq!(store.set("offers", 0, "three", when).await.expect("asked"), Written::Done(1));
    let mut steered = store.steered().await.expect("asked");
    steered.sort();
    let pair = |part: &str, text: &str| (part.to_owned(), text.to_owned());
    assert_eq!(steered, [pair("meter", "two"), pair("offers", "three")]);
}
