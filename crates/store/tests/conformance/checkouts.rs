//! Checkouts: what they hold of offers with a limit, and what is kept of them without their account.

use std::{collections::HashMap, ops::Range};

use jiff::SignedDuration;
use masthead_circulation::{AccountId, Checkout, Digest, PaymentNumber, Progress, Purpose};
use masthead_store::{AppliedPayment, CheckoutStart, Location, NewSubscription, Store};

use crate::{
    open,
    subscriptions::{ada, begun, bought, checkout, now, reader},
};

on_both_engines!(
    a_checkout_for_another_card_gives_nothing_of_an_offer_back,
    an_open_checkout_outlives_its_account,
    another_checkout_of_an_offer_takes_over_what_the_first_holds,
    a_superseded_checkout_that_is_paid_is_counted_once,
    a_thousand_checkouts_at_once_hold_ten_of_ten,
);

async fn a_checkout_for_another_card_gives_nothing_of_an_offer_back(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let held = bought(&store, &ada).await;
    store.begin_checkout(&checkout(2, &ada), Some(1)).await.expect("begun");
    let card = Checkout { purpose: Purpose::UpdateCard(held.id), ..checkout(3, &ada) };
    store.begin_checkout(&card, None).await.expect("begun");
    store.abandon_checkout(&card).await.expect("abandoned");
    assert_eq!(store.sold_out(&[("winter", 1)]).await.expect("read"), ["winter"]);
    // Nor does one that began before the offer had a limit.
    let unlimited = checkout(4, &reader(&store, "bo").await);
    store.begin_checkout(&unlimited, None).await.expect("begun");
    store.abandon_checkout(&unlimited).await.expect("abandoned");
    assert_eq!(store.sold_out(&[("winter", 1)]).await.expect("read"), ["winter"]);
    // Nor does one whose subscription is deleted meanwhile, but the other does.
    let card = Checkout { key: Digest([5; 32]), ..card };
    store.begin_checkout(&card, None).await.expect("begun");
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
    let orphan = store.checkout(&card.key).await.expect("read").expect("kept");
    store.abandon_checkout(&orphan).await.expect("abandoned");
    assert_eq!(store.sold_out(&[("winter", 1)]).await.expect("read"), ["winter"]);
    store.abandon_checkout(&checkout(2, &ada)).await.expect("abandoned");
    assert!(store.sold_out(&[("winter", 1)]).await.expect("read").is_empty());
}

async fn redemptions(store: &Store) -> u32 {
    store.redemptions().await.expect("read").first().map_or(0, |(_, number)| *number)
}

async fn another_checkout_of_an_offer_takes_over_what_the_first_holds(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let (first, second) = (checkout(2, &ada), checkout(3, &ada));
    let begin = async |checkout| store.begin_checkout(checkout, Some(1)).await.expect("begun");
    assert_eq!(begin(&first).await, CheckoutStart::Begun { supersedes: false });
    assert_eq!(begin(&second).await, CheckoutStart::Begun { supersedes: true });
    assert_eq!(redemptions(&store).await, 1);
    let left = store.checkout(&first.key).await.expect("read").expect("there");
    assert!(left.is_superseded && left.progress == Progress::Open);
    let asked = store.checkouts_to_ask(now() + SignedDuration::from_secs(1), now(), 9).await;
    assert!(asked.expect("read").contains(&left), "the processor is to close it");
    // What is left gives nothing back, and what took over does.
    store.abandon_checkout(&first).await.expect("abandoned");
    assert_eq!(redemptions(&store).await, 1);
    store.abandon_checkout(&second).await.expect("abandoned");
    assert_eq!(redemptions(&store).await, 0);
}

async fn a_superseded_checkout_that_is_paid_is_counted_once(location: &Location) {
    let store = open(location).await;
    for (first, second, second_is_given_up) in [(2, 3, true), (4, 5, false)] {
        let reader = reader(&store, &format!("reader{first}")).await;
        let (first, second) = (checkout(first, &reader), checkout(second, &reader));
        store.begin_checkout(&first, Some(9)).await.expect("begun");
        store.begin_checkout(&second, Some(9)).await.expect("begun");
        let before = redemptions(&store).await;
        if second_is_given_up {
            store.abandon_checkout(&second).await.expect("abandoned");
            assert_eq!(redemptions(&store).await, before - 1);
        }
        let through = now() + SignedDuration::from_hours(24);
        let payment = AppliedPayment { number: PaymentNumber(0), from: now(), through };
        let new = NewSubscription { payment: None, ..begun(&reader, payment) };
        let id = store.begin_subscription(Some(&first), new, now()).await.expect("no failure");
        assert!(id.is_some());
        store.abandon_checkout(&second).await.expect("abandoned");
        assert_eq!(redemptions(&store).await, before, "{second_is_given_up}");
    }
}

/// On two servers, 50 readers open 20 checkouts each of an offer that there are ten of.
async fn a_thousand_checkouts_at_once_hold_ten_of_ten(location: &Location) {
    let nodes = [open(location).await, open(location).await];
    let mut begun: HashMap<AccountId, Vec<Checkout>> = HashMap::new();
    // A hundred at a time: more would wait for a connection for longer than a server does.
    for first in (0..50_u8).step_by(5) {
        for checkout in begin_at_once(&nodes, first..first + 5).await {
            begun.entry(checkout.account.expect("an account")).or_default().push(checkout);
        }
    }
    assert_eq!(begun.len(), 10, "a reader who holds one opens as many as they like");
    assert_eq!(redemptions(&nodes[0]).await, 10);
    for account in begun.keys() {
        let open = nodes[1].open_checkouts_of(*account).await.expect("read");
        assert_eq!(open.iter().filter(|open| !open.is_superseded).count(), 1);
    }
}

/// These readers open 20 checkouts each. Returns those that have begun.
async fn begin_at_once(nodes: &[Store; 2], readers: Range<u8>) -> Vec<Checkout> {
    let mut begins = Vec::new();
    for number in readers {
        let reader = reader(&nodes[0], &format!("reader{number}")).await;
        for attempt in 0..20_u8 {
            let mut checkout = checkout(number, &reader);
            checkout.key.0[1] = attempt;
            let store = nodes[usize::from(attempt) % 2].clone();
            begins.push(tokio::spawn(async move {
                let start = store.begin_checkout(&checkout, Some(10)).await.expect("no failure");
                (start != CheckoutStart::SoldOut).then_some(checkout)
            }));
        }
    }
    let mut begun = Vec::new();
    for begin in begins {
        begun.extend(begin.await.expect("joined"));
    }
    begun
}

async fn an_open_checkout_outlives_its_account(location: &Location) {
    let store = open(location).await;
    let ada = ada(&store).await;
    let (first, abandoned) = (checkout(2, &ada), checkout(3, &ada));
    store.begin_checkout(&abandoned, None).await.expect("begun");
    store.abandon_checkout(&abandoned).await.expect("abandoned");
    store.begin_checkout(&first, None).await.expect("begun");
    assert!(store.delete_account(&ada, now()).await.expect("deleted"));
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
