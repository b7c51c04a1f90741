//! What readers save, open and follow.

use jiff::{SignedDuration, Timestamp};
use masthead_access::{ArticleId, Read};
use masthead_circulation::{
    Account, AccountId, Secret,
    reading::{FollowKind, Followed, ListAddition},
};
use masthead_store::{KeptLists, Location, Retention, Store};

use crate::{open, pieces::articles, races::at_once};

on_both_engines!(
    articles_are_saved_once_up_to_the_limit,
    parallel_saves_never_exceed_the_limit,
    a_history_is_kept_only_while_it_is_switched_on,
    what_was_opened_before_a_history_was_deleted_is_not_added_afterwards,
    a_history_keeps_the_latest_time_of_each_article_for_a_year,
    topics_and_authors_are_followed_up_to_the_limit,
    a_feed_has_one_address_at_a_time,
    lists_are_deleted_with_their_account,
    every_change_of_a_list_is_notified_and_nothing_else,
    histories_and_reads_are_written_while_accounts_are_deleted,
);

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn after(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

async fn reader(store: &Store, name: &str) -> Account {
    let email = format!("{name}@example.org").parse().expect("an address");
    store.register(&email, now()).await.expect("registered").0
}

fn opened(account: AccountId, article: u32, at: Timestamp) -> (AccountId, Read) {
    let at = u32::try_from(at.as_second()).expect("a second");
    (account, Read { article: ArticleId(article), at })
}

async fn saved(store: &Store, account: &Account) -> Vec<u32> {
    let saved = store.saved_articles_of(account.id).await.expect("read");
    saved.into_iter().map(|saved| saved.article.0).collect()
}

async fn history(store: &Store, account: &Account) -> Vec<u32> {
    let history = store.history_of(account.id, None).await.expect("read");
    history.into_iter().map(|opened| opened.article.0).collect()
}

async fn articles_are_saved_once_up_to_the_limit(location: &Location) {
    let store = open(location).await;
    articles(&store, 4).await;
    let (ada, bob) = (reader(&store, "ada").await, reader(&store, "bob").await);
    let save = async |account: &Account, article, at| {
        store.save_article(account.id, ArticleId(article), 2, after(at)).await.expect("asked")
    };
    assert_eq!(save(&ada, 1, 0).await, ListAddition::Added);
    assert_eq!(save(&ada, 2, 1).await, ListAddition::Added);
    assert_eq!(save(&ada, 1, 2).await, ListAddition::Known);
    assert_eq!(save(&ada, 3, 3).await, ListAddition::Full);
    assert_eq!(saved(&store, &ada).await, [2, 1]);
    assert_eq!(save(&bob, 3, 3).await, ListAddition::Added);
    assert_eq!(save(&bob, 999, 3).await, ListAddition::Gone);
    store.remove_saved_article(ada.id, ArticleId(2)).await.expect("removed");
    store.remove_saved_article(ada.id, ArticleId(3)).await.expect("it was not there");
    assert_eq!(save(&ada, 4, 4).await, ListAddition::Added);
    assert_eq!(saved(&store, &ada).await, [4, 1]);
    store.clear_saved_articles(ada.id).await.expect("removed");
    assert_eq!((saved(&store, &ada).await, saved(&store, &bob).await), (vec![], vec![3]));
}

async fn parallel_saves_never_exceed_the_limit(location: &Location) {
    let store = open(location).await;
    articles(&store, 12).await;
    let ada = reader(&store, "ada").await;
    let answers = at_once(12, |number| {
        let (store, account) = (store.clone(), ada.id);
        async move { store.save_article(account, ArticleId(u32::from(number) + 1), 5, now()).await }
    })
    .await;
    let added = answers.iter().filter(|answer| **answer == ListAddition::Added).count();
    assert_eq!((added, saved(&store, &ada).await.len()), (5, 5));
}

async fn a_history_is_kept_only_while_it_is_switched_on(location: &Location) {
    let store = open(location).await;
    articles(&store, 3).await;
    let (ada, bob) = (reader(&store, "ada").await, reader(&store, "bob").await);
    let add = async |article, at| {
        let both = [opened(ada.id, article, after(at)), opened(bob.id, article, after(at))];
        store.add_to_histories(&both).await.expect("written");
    };
    let is_kept = async || store.account_profile(ada.id).await.expect("read").keeps_history;
    add(1, 0).await;
    assert_eq!(history(&store, &ada).await, [0; 0]);
    assert!(!is_kept().await);
    store.keep_history(ada.id, after(10)).await.expect("switched on");
    assert!(is_kept().await);
    assert_eq!(store.history_since(ada.id).await.expect("read"), Some(after(10)));
    // Opened before; written after.
    add(1, 9).await;
    add(2, 10).await;
    add(3, 11).await;
    // Switching it on again changes nothing.
    store.keep_history(ada.id, after(20)).await.expect("on");
    assert_eq!(history(&store, &ada).await, [3, 2]);
    assert_eq!(history(&store, &bob).await, [0; 0]);
    store.end_history(ada.id).await.expect("switched off");
    add(3, 12).await;
    assert_eq!(history(&store, &ada).await, [0; 0]);
    assert!(!is_kept().await);
    // What is gone by then is left out, and the rest is written.
    store.keep_history(ada.id, after(30)).await.expect("switched on");
    let gone = [opened(ada.id, 999, after(31)), opened(AccountId(999), 1, after(31))];
    store.add_to_histories(&gone).await.expect("written");
    add(1, 31).await;
    assert_eq!(history(&store, &ada).await, [1]);
}

async fn what_was_opened_before_a_history_was_deleted_is_not_added_afterwards(location: &Location) {
    let store = open(location).await;
    articles(&store, 2).await;
    let ada = reader(&store, "ada").await;
    store.keep_history(ada.id, now()).await.expect("switched on");
    store.add_to_histories(&[opened(ada.id, 1, after(1))]).await.expect("written");
    store.delete_history(ada.id, after(5)).await.expect("deleted");
    assert_eq!(history(&store, &ada).await, [0; 0]);
    store.add_to_histories(&[opened(ada.id, 1, after(5))]).await.expect("written");
    assert_eq!(history(&store, &ada).await, [0; 0]);
    store.add_to_histories(&[opened(ada.id, 2, after(6))]).await.expect("written");
    assert_eq!(history(&store, &ada).await, [2]);
}

async fn a_history_keeps_the_latest_time_of_each_article_for_a_year(location: &Location) {
    let store = open(location).await;
    articles(&store, 3).await;
    let ada = reader(&store, "ada").await;
    store.keep_history(ada.id, now()).await.expect("switched on");
    for (article, at) in [(1, 1), (2, 2), (1, 9), (2, 1)] {
        store.add_to_histories(&[opened(ada.id, article, after(at))]).await.expect("written");
    }
    let all = store.history_of(ada.id, Some(1)).await.expect("read");
    assert_eq!(all.iter().map(|one| (one.article.0, one.at)).collect::<Vec<_>>(), [(1, after(9))]);
    assert_eq!(history(&store, &ada).await, [1, 2]);
    let in_a_year = after(2) + SignedDuration::from_hours(365 * 24);
    store.prune(Retention::default(), in_a_year).await.expect("pruned");
    assert_eq!(history(&store, &ada).await, [1]);
}

async fn topics_and_authors_are_followed_up_to_the_limit(location: &Location) {
    let store = open(location).await;
    let ada = reader(&store, "ada").await;
    let of = |kind, slug: &str| Followed { kind, slug: slug.to_owned() };
    let follow = async |followed: &Followed, at| {
        store.follow(ada.id, followed, 2, after(at)).await.expect("asked")
    };
    let (tides, mary) = (of(FollowKind::Topic, "tides"), of(FollowKind::Author, "tides"));
    assert_eq!(follow(&tides, 1).await, ListAddition::Added);
    assert_eq!(follow(&mary, 2).await, ListAddition::Added);
    assert_eq!(follow(&tides, 3).await, ListAddition::Known);
    assert_eq!(follow(&of(FollowKind::Topic, "boats"), 3).await, ListAddition::Full);
    let followed = async || {
        let following = store.followed_by(ada.id).await.expect("read");
        following.into_iter().map(|one| (one.followed, one.at)).collect::<Vec<_>>()
    };
    assert_eq!(followed().await, [(tides.clone(), after(1)), (mary.clone(), after(2))]);
    store.unfollow(ada.id, &tides).await.expect("unfollowed");
    assert_eq!(followed().await, [(mary, after(2))]);
    assert_eq!(
        store.follow(AccountId(999), &tides, 2, now()).await.expect("asked"),
        ListAddition::Gone
    );
}

async fn a_feed_has_one_address_at_a_time(location: &Location) {
    let store = open(location).await;
    let (ada, bob) = (reader(&store, "ada").await, reader(&store, "bob").await);
    let secret = || Secret::generate(&mut rand::rng());
    let (first, second) = (secret(), secret());
    let account = async |secret| store.account_of_feed(secret).await.expect("asked");
    let text = async |account| {
        let feed = store.feed_of(account).await.expect("read");
        feed.map(|(secret, begun)| (secret.to_string(), begun))
    };
    assert_eq!(text(ada.id).await, None);
    store.renew_feed(ada.id, &first, now()).await.expect("begun");
    store.renew_feed(bob.id, &secret(), now()).await.expect("begun");
    assert_eq!(account(&first).await, Some(ada.id));
    assert_eq!(text(ada.id).await, Some((first.to_string(), now())));
    store.renew_feed(ada.id, &second, after(5)).await.expect("renewed");
    assert_eq!((account(&first).await, account(&second).await), (None, Some(ada.id)));
    assert_eq!(text(ada.id).await, Some((second.to_string(), after(5))));
    store.end_feed(ada.id).await.expect("ended");
    assert_eq!((account(&second).await, text(ada.id).await), (None, None));
}

async fn lists_are_deleted_with_their_account(location: &Location) {
    let store = open(location).await;
    articles(&store, 1).await;
    let ada = reader(&store, "ada").await;
    let secret = Secret::generate(&mut rand::rng());
    let topic = Followed { kind: FollowKind::Topic, slug: "tides".to_owned() };
    store.save_article(ada.id, ArticleId(1), 9, now()).await.expect("saved");
    store.keep_history(ada.id, now()).await.expect("switched on");
    store.add_to_histories(&[opened(ada.id, 1, now())]).await.expect("written");
    store.follow(ada.id, &topic, 9, now()).await.expect("followed");
    store.renew_feed(ada.id, &secret, now()).await.expect("begun");
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    assert!(saved(&store, &ada).await.is_empty() && history(&store, &ada).await.is_empty());
    assert_eq!(store.history_since(ada.id).await.expect("read"), None);
    assert!(store.followed_by(ada.id).await.expect("read").is_empty());
    assert_eq!(store.account_of_feed(&secret).await.expect("asked"), None);
    // What a server still has to write, or a second tab sends, comes too late.
    store.add_to_histories(&[opened(ada.id, 1, after(1))]).await.expect("written");
    store.renew_feed(ada.id, &secret, now()).await.expect("asked");
    let late = store.save_article(ada.id, ArticleId(1), 9, now()).await.expect("asked");
    assert_eq!(late, ListAddition::Gone);
    assert!(history(&store, &ada).await.is_empty());
    assert_eq!(store.account_of_feed(&secret).await.expect("asked"), None);
}

async fn every_change_of_a_list_is_notified_and_nothing_else(location: &Location) {
    let store = open(location).await;
    articles(&store, 3).await;
    let ada = reader(&store, "ada").await;
    let tides = Followed { kind: FollowKind::Topic, slug: "tides".into() };
    let mut cursor = store.latest_account_change().await.expect("read");
    let mut notified = async || {
        let (changes, next) = store.account_changes(cursor.clone()).await.expect("read");
        cursor = next;
        changes.into_iter().filter(|change| change.account == ada.id && !change.meter).count()
    };
    let save = async |article| {
        store.save_article(ada.id, ArticleId(article), 2, now()).await.expect("asked")
    };
    notified().await;
    for article in [3, 1] {
        assert_eq!((save(article).await, notified().await), (ListAddition::Added, 1));
    }
    assert_eq!((save(1).await, save(2).await), (ListAddition::Known, ListAddition::Full));
    store.remove_saved_article(ada.id, ArticleId(2)).await.expect("it was not there");
    store.unfollow(ada.id, &tides).await.expect("it was not there");
    assert_eq!(notified().await, 0, "nothing has changed");
    store.follow(ada.id, &tides, 2, now()).await.expect("followed");
    assert_eq!(notified().await, 1);
    let kept = async || store.kept_lists(ada.id).await.expect("read");
    let saved = vec![ArticleId(1), ArticleId(3)];
    assert_eq!(kept().await, KeptLists { saved, followed: vec![tides.clone()] });
    store.remove_saved_article(ada.id, ArticleId(3)).await.expect("removed");
    assert_eq!(notified().await, 1);
    store.unfollow(ada.id, &tides).await.expect("unfollowed");
    assert_eq!(notified().await, 1);
    store.clear_saved_articles(ada.id).await.expect("removed");
    assert_eq!((notified().await, kept().await), (1, KeptLists::default()));
    store.clear_saved_articles(ada.id).await.expect("nothing was there");
    assert_eq!(notified().await, 0);
}

/// Servers write what was opened and read of many accounts at once, in any order, while those accounts are deleted and switch
/// their histories: nobody waits for another who waits for them.
async fn histories_and_reads_are_written_while_accounts_are_deleted(location: &Location) {
    const READERS: usize = 24;
    let store = open(location).await;
    articles(&store, 6).await;
    let mut readers = Vec::new();
    for number in 0..READERS {
        let reader = reader(&store, &format!("reader{number}")).await;
        store.keep_history(reader.id, now()).await.expect("switched on");
        readers.push(reader);
    }
    let all: Vec<_> = readers
        .iter()
        .flat_map(|reader| (1..=6).map(|article| opened(reader.id, article, after(1))))
        .collect();
    // What is there already is updated, and locked before what is new.
    store.add_to_histories(&all[..READERS * 3]).await.expect("written");
    store.save_reads(&all[..READERS * 3]).await.expect("written");
    let mut work = Vec::new();
    for writer in 0..8_u32 {
        let (store, mut all) = (store.clone(), all.clone());
        work.push(tokio::spawn(async move {
            for round in 0..6 {
                all.rotate_left(usize::try_from(writer * 17 + round * 5).expect("a number"));
                for (_, read) in &mut all {
                    read.at += 1;
                }
                store.add_to_histories(&all).await?;
                store.save_reads(&all).await?;
            }
            Ok::<_, masthead_store::StoreError>(())
        }));
    }
    for (number, reader) in readers.iter().cloned().enumerate() {
        let store = store.clone();
        work.push(tokio::spawn(async move {
            match number % 4 {
                0 => store.end_history(reader.id).await,
                1 => store.delete_history(reader.id, after(2)).await,
                _ => store.delete_account(&reader, now()).await.map(drop),
            }
        }));
    }
    for one in work {
        one.await.expect("finished").expect("no deadlock");
    }
    for reader in readers.iter().enumerate().filter(|(number, _)| number % 4 > 1) {
        assert_eq!(history(&store, reader.1).await, [0; 0], "deleted with its account");
    }
}
