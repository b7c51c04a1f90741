//! Checkouts: what they hold of offers with a limit, and what is kept of them without their account.

use jiff::SignedDuration;
use masthead_circulation::{Checkout, Digest, Progress, Purpose};
use masthead_store::Location;

use crate::{
    open,
    subscriptions::{ada, bought, checkout, now},
};

on_both_engines!(
    a_checkout_for_another_card_gives_nothing_of_an_offer_back,
    an_open_checkout_outlives_its_account,
);

async fn a_checkout_for_another_card_gives_nothing_of_an_offer_back(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    assert!(store.begin_checkout(&checkout(2, &ada), Some(1)).await.expect("begun"));
    let card = Checkout { purpose: Purpose::UpdateCard(held.id), ..checkout(3, &ada) };
    assert!(store.begin_checkout(&card, None).await.expect("begun"));
    store.abandon_checkout(&card).await.expect("abandoned");
    assert_eq!(store.sold_out(&[("winter", 1)]).await.expect("read"), ["winter"]);
    // Nor does one that began before the offer had a limit.
    let unlimited = checkout(4, &ada);
    assert!(store.begin_checkout(&unlimited, None).await.expect("begun"));
    store.abandon_checkout(&unlimited).await.expect("abandoned");
    assert_eq!(store.sold_out(&[("winter", 1)]).await.expect("read"), ["winter"]);
    // Nor does one whose subscription is deleted meanwhile, but the other does.
    let card = Checkout { key: Digest([5; 32]), ..card };
    assert!(store.begin_checkout(&card, None).await.expect("begun"));
    assert!(store.delete_account(&ada).await.expect("deleted"));
    let orphan = store.checkout(&card.key).await.expect("read").expect("kept");
    store.abandon_checkout(&orphan).await.expect("abandoned");
    assert_eq!(store.sold_out(&[("winter", 1)]).await.expect("read"), ["winter"]);
    store.abandon_checkout(&checkout(2, &ada)).await.expect("abandoned");
    assert!(store.sold_out(&[("winter", 1)]).await.expect("read").is_empty());
}

async fn an_open_checkout_outlives_its_account(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let (first, abandoned) = (checkout(2, &ada), checkout(3, &ada));
    for checkout in [&first, &abandoned] {
        assert!(store.begin_checkout(checkout, None).await.expect("begun"));
    }
    store.abandon_checkout(&abandoned).await.expect("abandoned");
    assert!(store.delete_account(&ada).await.expect("deleted"));
    // The processor answered after the account was deleted.
    store.refer_checkout(&first.key, "cs_2").await.expect("stored");
    let expected =
        Checkout { account: None, from: String::new(), reference: "cs_2".into(), ..first };
    assert_eq!(store.checkout(&expected.key).await.expect("read"), Some(expected.clone()));
    let found = store.checkout_of("sandbox", "cs_2").await.expect("read");
    assert_eq!(found, Some(expected.clone()));
    let later = now() + SignedDuration::from_mins(2);
    assert_eq!(store.open_checkouts(later, 9).await.expect("read"), [expected]);
    let abandoned = store.checkout(&abandoned.key).await.expect("read").expect("kept");
    assert_eq!((abandoned.account, abandoned.progress), (None, Progress::Abandoned));
}
