//! Changes of an account's address: each takes effect once, and not after it was replaced or withdrawn.

use jiff::Timestamp;
use masthead_circulation::{Account, AddressMove, Digest, EmailAddress};
use masthead_store::{AddressChangeResult, Location, Store};

use crate::{open, races::at_once};

on_both_engines!(
    an_account_has_at_most_one_pending_address_change,
    an_address_change_takes_effect_once,
    an_address_change_that_was_withdrawn_changes_nothing,
);

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

fn email(text: &str) -> EmailAddress {
    text.parse().expect("an address")
}

async fn register(store: &Store, address: &str) -> Account {
    store.register(&email(address), now()).await.expect("registered").0
}

async fn an_account_has_at_most_one_pending_address_change(location: &Location) {
    let store = open(location).await;
    let ada = register(&store, "ada@example.org").await;
    let wanted = |number: u8| AddressMove {
        from_old: Digest([number; 32]),
        from_new: Digest([100 + number; 32]),
        account: ada.id,
        email: email(&format!("ada-{number}@example.com")),
        asked: now(),
        old_agrees: false,
        new_agrees: false,
    };
    at_once(20, |number| {
        let (store, wanted) = (store.clone(), wanted(u8::try_from(number).expect("few")));
        async move { store.create_address_change(&wanted).await }
    })
    .await;
    let mut waiting = 0;
    for number in 0..20 {
        let found = store.address_change_by_secret(&wanted(number).from_old).await.expect("read");
        waiting += usize::from(found.is_some());
    }
    assert_eq!(waiting, 1);
}

/// A change of an account's address that both addresses have confirmed.
async fn confirmed_address_change(store: &Store, ada: &Account, number: u8) -> AddressMove {
    let request = AddressMove {
        from_old: Digest([number; 32]),
        from_new: Digest([100 + number; 32]),
        account: ada.id,
        email: email(&format!("ada-{number}@example.com")),
        asked: now(),
        old_agrees: false,
        new_agrees: false,
    };
    store.create_address_change(&request).await.expect("stored");
    store.confirm_address_change(&request.from_old, now()).await.expect("confirmed");
    let confirmed = store.confirm_address_change(&request.from_new, now()).await;
    confirmed.expect("confirmed").expect("there")
}

async fn an_address_change_takes_effect_once(location: &Location) {
    let servers = [open(location).await, open(location).await];
    let ada = register(&servers[0], "ada@example.org").await;
    let request = confirmed_address_change(&servers[0], &ada, 1).await;
    let results = at_once(20, |number| {
        let (store, request) = (servers[usize::from(number % 2)].clone(), request.clone());
        async move { store.change_address(&request, None, &[], now()).await }
    })
    .await;
    let changed = results.iter().filter(|result| **result != AddressChangeResult::NotRequested);
    assert_eq!(changed.collect::<Vec<_>>(), [&AddressChangeResult::Changed(ada)]);
}

async fn an_address_change_that_was_withdrawn_changes_nothing(location: &Location) {
    let store = open(location).await;
    let ada = register(&store, "ada@example.org").await;
    let change = async |request: &AddressMove, time| {
        store.change_address(request, None, &[], time).await.expect("a database")
    };
    // The reader ends all sessions after the second confirmation is read, and before it takes effect.
    let ended = confirmed_address_change(&store, &ada, 1).await;
    store.end_sessions(ada.id).await.expect("ended");
    assert_eq!(change(&ended, now()).await, AddressChangeResult::NotRequested);
    let replaced = confirmed_address_change(&store, &ada, 2).await;
    let newer = AddressMove {
        from_old: Digest([3; 32]),
        from_new: Digest([103; 32]),
        old_agrees: false,
        new_agrees: false,
        ..replaced.clone()
    };
    store.create_address_change(&newer).await.expect("stored");
    assert_eq!(change(&replaced, now()).await, AddressChangeResult::NotRequested);
    assert_eq!(change(&newer, now()).await, AddressChangeResult::NotRequested, "not confirmed");
    let waiting = store.address_change_by_secret(&newer.from_old).await.expect("read");
    assert!(waiting.is_some(), "the newer request is not deleted with an older one");
    let late = confirmed_address_change(&store, &ada, 4).await;
    let expired = now() + AddressMove::LIFETIME;
    assert_eq!(change(&late, expired).await, AddressChangeResult::NotRequested);
    assert_eq!(store.account(ada.id).await.expect("read"), Some(ada.clone()));
    let deleted = confirmed_address_change(&store, &ada, 5).await;
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    assert_eq!(change(&deleted, now()).await, AddressChangeResult::NotRequested);
}
