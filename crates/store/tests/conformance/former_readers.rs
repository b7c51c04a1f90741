//! What is kept of readers who have deleted their account or changed its address.

use jiff::SignedDuration;
use masthead_access::{ArticleId, Read, Reads, token::Keyring};
use masthead_circulation::{Account, EmailAddress};
use masthead_store::{AddressChangeResult, Location, Store};
use rand::{SeedableRng, rngs::StdRng};
use sea_orm::{ConnectionTrait, Statement};

use crate::{
    change_address, connect, keys, open,
    subscriptions::{ada, bought, now},
};

on_both_engines!(
    an_address_that_registers_again_has_what_it_used,
    an_address_that_used_nothing_leaves_nothing,
    a_former_address_keeps_what_was_used_under_it,
    an_address_that_is_taken_back_counts_nothing_twice,
    brought_reads_are_forgotten_after_a_year,
    what_is_kept_names_nobody_and_is_forgotten_after_a_year,
    what_was_kept_under_an_older_key_is_found,
);

async fn register(store: &Store, email: &str) -> Account {
    let email: EmailAddress = email.parse().expect("an address");
    store.register(&email, now()).await.expect("registered").0
}

/// An account with a subscription and two reads, the later now.
async fn used(store: &Store) -> Account {
    let ada = ada(store).await;
    bought(store, &ada).await;
    crate::pieces::articles(store, 3).await;
    let at = u32::try_from(now().as_second()).expect("a time");
    let reads =
        [(1, at - 100), (2, at)].map(|(article, at)| Read { article: ArticleId(article), at });
    store.save_reads(&reads.map(|read| (ada.id, read))).await.expect("kept");
    ada
}

async fn an_address_that_registers_again_has_what_it_used(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    assert!(!ada.had_subscription);
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let again = register(&store, "ada@example.org").await;
    assert!(again.had_subscription);
    assert_eq!(store.account(again.id).await.expect("read"), Some(again.clone()));
    assert!(store.account_profile(again.id).await.expect("read").had_subscription);
    // The meter goes on where it was, and nobody knows with which articles.
    let reads = store.reads_of(again.id, 0).await.expect("read");
    assert_eq!(reads.len(), 2);
    assert!(reads.iter().all(|read| read.article.0 > 1000), "{reads:?}");
    assert_eq!(store.reads_of(again.id, now().as_second()).await.expect("read").len(), 1);
    let decided = store
        .decide_on_reads(again.id, 0, &Reads::default(), |reads| {
            let before = reads.len();
            reads.insert(ArticleId(1), now());
            before
        })
        .await
        .expect("decided");
    assert_eq!((decided.0, decided.1.len()), (2, 3));
    assert_eq!(store.reads_of(again.id, 0).await.expect("read").len(), 3);
    // Once more: nothing is lost on the way.
    assert!(store.delete_account(&again, now()).await.expect("deleted"));
    let third = register(&store, "ada@example.org").await;
    assert!(third.had_subscription);
    assert_eq!(store.reads_of(third.id, 0).await.expect("read").len(), 3);
    // Staff may still give a new meter.
    let staff = masthead_circulation::StaffActor { by: None, reason: "Asked".into() };
    let later = now() + SignedDuration::from_secs(1);
    store.reset_meter(&third, &staff, later).await.expect("reset");
    assert!(store.reads_of(third.id, 0).await.expect("read").is_empty());
}

async fn an_address_that_used_nothing_leaves_nothing(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    assert_eq!(kept(location).await, [""; 0]);
    assert!(!register(&store, "ada@example.org").await.had_subscription);
}

async fn a_former_address_keeps_what_was_used_under_it(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    let other = "ada@example.com".parse().expect("an address");
    let changed = change_address(&store, ada.id, &other, None, now()).await;
    assert!(matches!(changed, AddressChangeResult::Changed(_)));
    let left = register(&store, "ada@example.org").await;
    assert!(left.had_subscription);
    assert_eq!(store.reads_of(left.id, 0).await.expect("read").len(), 2);
    assert_eq!(store.reads_of(ada.id, 0).await.expect("read").len(), 2, "the account has its own");
    // An account that takes a used address has its use.
    assert!(store.delete_account(&left, now()).await.expect("deleted"));
    let bob = register(&store, "bob@example.org").await;
    let changed = change_address(&store, bob.id, &left.email, None, now()).await;
    assert!(matches!(changed, AddressChangeResult::Changed(_)));
    let bob = store.account(bob.id).await.expect("read").expect("there");
    assert!(bob.had_subscription);
    assert_eq!(store.reads_of(bob.id, 0).await.expect("read").len(), 2);
}

async fn an_address_that_is_taken_back_counts_nothing_twice(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    let addresses = ["ada@example.com", "ada@example.org"];
    for swap in 0..30 {
        let address = addresses[swap % 2].parse().expect("an address");
        let changed = change_address(&store, ada.id, &address, None, now()).await;
        assert!(matches!(changed, AddressChangeResult::Changed(_)));
        assert_eq!(store.reads_of(ada.id, 0).await.expect("read").len(), 2, "swap {swap}");
    }
    assert_eq!(kept(location).await.len(), 1);
    // Nor is anything lost.
    let left = register(&store, "ada@example.com").await;
    assert_eq!(store.reads_of(left.id, 0).await.expect("read").len(), 2);
    assert!(left.had_subscription);
}

async fn brought_reads_are_forgotten_after_a_year(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let again = register(&store, "ada@example.org").await;
    let year = SignedDuration::from_hours(365 * 24);
    store.prune_former_readers(now() + year).await.expect("pruned");
    assert_eq!(store.reads_of(again.id, 0).await.expect("read").len(), 1, "the later");
    store.prune_former_readers(now() + year + SignedDuration::from_secs(1)).await.expect("pruned");
    assert!(store.reads_of(again.id, 0).await.expect("read").is_empty());
}

async fn what_is_kept_names_nobody_and_is_forgotten_after_a_year(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let digests = kept(location).await;
    assert_eq!(digests.len(), 1);
    assert!(digests[0].len() == 64 && !digests[0].contains("ada"));
    let year = SignedDuration::from_hours(365 * 24);
    store.prune_former_readers(now() + year).await.expect("pruned");
    assert_eq!(kept(location).await.len(), 1);
    store.prune_former_readers(now() + year + SignedDuration::from_secs(1)).await.expect("pruned");
    assert_eq!(kept(location).await, [""; 0]);
}

async fn what_was_kept_under_an_older_key_is_found(location: &Location) {
    let store = open(location).await;
    let ada = used(&store).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let mut rotated = keys();
    rotated.rotate(&mut StdRng::seed_from_u64(7));
    let other = Keyring::generate(&mut StdRng::seed_from_u64(8));
    let stranger = store.clone().with_keys(&other);
    assert!(!register(&stranger, "ada@example.org").await.had_subscription);
    let nobody = stranger.account_at(&ada.email).await.expect("read").expect("there");
    assert!(stranger.delete_account(&nobody, now()).await.expect("deleted"));
    let store = store.with_keys(&rotated);
    assert!(register(&store, "ada@example.org").await.had_subscription);
    assert_eq!(kept(location).await, [""; 0], "the account has it now");
}

/// The digests of the addresses of which something is kept.
async fn kept(location: &Location) -> Vec<String> {
    let database = connect(location).await;
    let all = "SELECT digest FROM former_readers";
    let statement = Statement::from_string(database.get_database_backend(), all);
    let rows = database.query_all_raw(statement).await.expect("read");
    rows.iter().map(|row| row.try_get("", "digest").expect("a digest")).collect()
}
