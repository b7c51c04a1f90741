//! One reader has one subscription, however often it is bought at the same time.

use std::sync::{Arc, atomic::Ordering};

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use masthead_billing::{
    checkout::CheckoutStatus,
    staff_actions::{EntryError, PaidHow},
};
use masthead_circulation::{Account, Checkout, PaymentStatus, State, Terms, UnusedReason};

use crate::{
    on_both_engines,
    refunds::staff,
    world::{World, monthly, terms, usd, winter},
};

on_both_engines!(
    of_many_paid_checkouts_at_once_one_begins_a_subscription,
    an_introduction_is_given_once,
    of_many_trials_at_once_one_begins,
    staff_enter_one_subscription_at_once,
    what_staff_and_reader_begin_at_once_is_one_subscription,
    another_product_beside_a_subscription_is_a_pending_refund,
    a_trial_that_was_given_up_does_not_begin_later,
    a_late_payment_does_not_bring_back_what_was_followed_by_another,
    what_was_paid_begins_though_the_offer_has_changed,
    an_unpaid_trial_that_does_not_begin_is_over,
    an_old_card_page_does_not_bring_back_what_was_followed_by_another,
    of_a_late_payment_and_a_purchase_by_another_clock_one_counts,
    a_trial_and_an_introduction_for_new_readers_are_not_both_given,
    a_thousand_paid_checkouts_begin_one_subscription_a_reader,
    an_address_that_registers_again_has_no_second_trial,
    of_many_addresses_of_a_mailbox_one_begins_an_introduction,
    an_introduction_whose_offer_is_gone_is_given_once_to_a_mailbox,
    orders_by_invoice_that_were_prepared_begin_nothing_after_an_unpaid_one,
);

/// Settles all of these at the same time, on two servers.
async fn settle_at_once(world: &World, checkouts: Vec<Checkout>) {
    let nodes = [Arc::clone(&world.billing), world.another_node().await];
    let settling = checkouts.into_iter().enumerate().map(|(number, checkout)| {
        let billing = Arc::clone(&nodes[number % nodes.len()]);
        async move {
            let settling = tokio::spawn(async move { billing.settle(&checkout).await });
            settling.await.expect("joined").expect("settled");
        }
    });
    // More would wait for a connection for longer than a server does.
    stream::iter(settling).buffer_unordered(64).collect::<()>().await;
}

/// Paid checkouts on these terms.
async fn paid(world: &World, reader: &Account, number: u8, terms: &Terms) -> Vec<Checkout> {
    let mut checkouts = Vec::new();
    for key in 1..=number {
        let checkout = world.purchase(reader, key, terms.clone()).await;
        world.bank.pay(&checkout, &format!("card-{key}"));
        checkouts.push(checkout);
    }
    checkouts
}

async fn assert_one_applied(world: &World, reader: &Account, payments: usize) {
    world.assert_accounted_for().await;
    assert_eq!(world.store.subscriptions_of(reader.id).await.expect("read").len(), 1);
    let recorded = world.payments().await;
    assert_eq!(recorded.len(), payments);
    let applied = recorded.iter().filter(|payment| payment.status == PaymentStatus::Applied);
    assert_eq!(applied.count(), 1);
    let pending = world.billing.pending_refunds().await.expect("read");
    assert!(pending.iter().all(|pending| pending.reason == UnusedReason::SubscribedAlready));
    assert!(world.store.open_checkouts_of(reader.id).await.expect("read").is_empty());
}

async fn of_many_paid_checkouts_at_once_one_begins_a_subscription(world: World) {
    let reader = world.reader("ada").await;
    let checkouts = paid(&world, &reader, 12, &monthly()).await;
    settle_at_once(&world, checkouts).await;
    assert_one_applied(&world, &reader, 12).await;
}

async fn an_introduction_is_given_once(world: World) {
    let reader = world.reader("ada").await;
    let checkouts = paid(&world, &reader, 12, &winter(900)).await;
    settle_at_once(&world, checkouts).await;
    assert_one_applied(&world, &reader, 12).await;
    let held = world.store.subscriptions_of(reader.id).await.expect("read").remove(0);
    assert_eq!(held.paid.expect("paid").amount, usd(900), "nothing is added to the introduction");
}

async fn of_many_trials_at_once_one_begins(world: World) {
    let reader = world.reader("ada").await;
    let checkouts = paid(&world, &reader, 12, &winter(0)).await;
    settle_at_once(&world, checkouts).await;
    let held = world.store.subscriptions_of(reader.id).await.expect("read");
    assert_eq!(held.len(), 1);
    assert!(matches!(held[0].state, State::Trial { .. }));
    assert_eq!(world.emails("trial_begun").await, 1);
    world.assert_accounted_for().await;
}

async fn staff_enter_one_subscription_at_once(world: World) {
    let reader = world.reader("ada").await;
    // Entries of one instant would be one payment.
    world.tick();
    let entering = (0..8).map(|_| {
        let (billing, email) = (Arc::clone(&world.billing), reader.email.clone());
        tokio::spawn(async move {
            billing.enter_subscription(&email, "web-monthly", PaidHow::Already, None).await
        })
    });
    let mut entered = 0;
    for outcome in entering.collect::<Vec<_>>() {
        match outcome.await.expect("joined") {
            Ok(_) => entered += 1,
            Err(error) => {
                let told =
                    matches!(error, EntryError::HasOne { .. } | EntryError::PaymentUnused(_));
                assert!(told, "{error}");
            }
        }
    }
    assert_eq!(entered, 1);
    assert_eq!(world.store.subscriptions_of(reader.id).await.expect("read").len(), 1);
    let payments = world.payments().await;
    let applied = payments.iter().filter(|payment| payment.status == PaymentStatus::Applied);
    assert_eq!(applied.count(), 1, "{payments:?}");
    let pending = world.billing.pending_refunds().await.expect("read");
    assert_eq!(pending.len(), payments.len() - 1, "{payments:?}");
}

async fn what_staff_and_reader_begin_at_once_is_one_subscription(world: World) {
    for number in 0..6 {
        let reader = world.reader(&format!("reader{number}")).await;
        let checkout = world.purchase(&reader, number + 1, monthly()).await;
        world.bank.pay(&checkout, "card");
        let free = PaidHow::Free(None);
        let (settled, given) = tokio::join!(
            world.billing.settle(&checkout),
            world.billing.enter_subscription(&reader.email, "web-monthly", free, None),
        );
        settled.expect("settled");
        let held = world.store.subscriptions_of(reader.id).await.expect("read");
        assert_eq!(held.len(), 1, "{given:?}");
    }
    world.assert_accounted_for().await;
}

async fn another_product_beside_a_subscription_is_a_pending_refund(world: World) {
    let reader = world.reader("ada").await;
    let other = Terms { product: "print".into(), ..terms("web-plus", 2000, "1 month") };
    let mut checkouts = paid(&world, &reader, 1, &monthly()).await;
    let second = world.purchase(&reader, 2, other).await;
    world.bank.pay(&second, "card");
    checkouts.push(second);
    settle_at_once(&world, checkouts).await;
    assert_one_applied(&world, &reader, 2).await;
    // The email about the payment promises another one when it is refunded.
    assert_eq!(world.emails("payment_unused").await, 1);
    let pending = world.billing.pending_refunds().await.expect("read").remove(0);
    let number = pending.payment.number;
    world.billing.refund_number(number, None, staff()).await.expect("refunded");
    assert_eq!(world.emails("refunded").await, 1);
}

async fn a_trial_that_was_given_up_does_not_begin_later(world: World) {
    let reader = world.reader("ada").await;
    let checkout = paid(&world, &reader, 1, &winter(0)).await.remove(0);
    world.store.abandon_checkout(&checkout).await.expect("abandoned");
    let known = world.store.checkout(&checkout.key).await.expect("read").expect("there");
    // Both the checkout as it is and as somebody read it before it was given up.
    for seen in [&known, &checkout] {
        world.billing.settle(seen).await.expect("settled");
    }
    assert!(world.store.subscriptions_of(reader.id).await.expect("read").is_empty());
}

async fn a_late_payment_does_not_bring_back_what_was_followed_by_another(world: World) {
    let ended = world.due_readers(1).await.remove(0);
    world.bank.declines.store(true, Ordering::SeqCst);
    world.billing.renew_due().await.expect("tried");
    world.bank.declines.store(false, Ordering::SeqCst);
    world.bank.undecided.store(true, Ordering::SeqCst);
    for days in [5, 10] {
        world.pass(SignedDuration::from_hours(days * 24));
        world.billing.renew_due().await.expect("tried");
    }
    assert!(matches!(world.latest(ended.id).await.state, State::Ended { .. }));
    let reader = world.store.account(ended.account).await.expect("read").expect("there");
    let checkout = paid(&world, &reader, 1, &monthly()).await.remove(0);
    world.billing.settle(&checkout).await.expect("settled");
    world.bank.undecided.store(false, Ordering::SeqCst);
    world.sweep().await;
    assert!(matches!(world.latest(ended.id).await.state, State::Ended { .. }));
    assert_eq!(world.bank.charges().len(), 2);
    let pending = world.billing.pending_refunds().await.expect("read");
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].reason, UnusedReason::SubscribedAlready);
    world.assert_accounted_for().await;
}

async fn an_old_card_page_does_not_bring_back_what_was_followed_by_another(world: World) {
    let ended = world.due_readers(1).await.remove(0);
    world.bank.declines.store(true, Ordering::SeqCst);
    world.billing.renew_due().await.expect("tried");
    let card = world.card_checkout(&ended, 1, usd(1200)).await;
    world.pass(SignedDuration::from_hours(15 * 24));
    world.billing.renew_due().await.expect("ended");
    assert!(world.latest(ended.id).await.state.is_over(world.now()));
    let reader = world.store.account(ended.account).await.expect("read").expect("there");
    let checkout = world.purchase(&reader, 2, monthly()).await;
    world.bank.pay(&checkout, "card");
    world.billing.settle(&checkout).await.expect("settled");
    world.bank.pay(&card, "another-card");
    world.billing.settle(&card).await.expect("settled");
    assert!(world.latest(ended.id).await.state.is_over(world.now()));
    let pending = world.billing.pending_refunds().await.expect("read");
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].reason, UnusedReason::SubscribedAlready);
    world.assert_accounted_for().await;
}

async fn what_was_paid_begins_though_the_offer_has_changed(world: World) {
    let reader = world.reader("ada").await;
    let gone = Terms { offer: Some("summer".into()), ..winter(900) };
    let checkout = paid(&world, &reader, 1, &gone).await.remove(0);
    world.billing.settle(&checkout).await.expect("settled");
    assert_one_applied(&world, &reader, 1).await;
}

async fn an_unpaid_trial_that_does_not_begin_is_over(world: World) {
    let held = world.subscriber("ada", world.now() + SignedDuration::from_hours(24)).await;
    let reader = world.store.account(held.account).await.expect("read").expect("there");
    let checkout = paid(&world, &reader, 1, &winter(0)).await.remove(0);
    let status = world.billing.settle(&checkout).await.expect("settled");
    assert_eq!(status, CheckoutStatus::Over);
    assert_eq!(world.store.subscriptions_of(reader.id).await.expect("read"), [held]);
}

/// One server is still in the last instant of grace; for the other it is over.
async fn of_a_late_payment_and_a_purchase_by_another_clock_one_counts(world: World) {
    let ahead = world.node_ahead(SignedDuration::from_secs(2)).await;
    for first in ["purchase", "payment", "both"] {
        let held = world.subscriber(first, world.now()).await;
        world.bank.declines.store(true, Ordering::SeqCst);
        world.billing.renew_due().await.expect("tried");
        world.bank.declines.store(false, Ordering::SeqCst);
        let State::Grace { ends, .. } = world.latest(held.id).await.state else {
            panic!("{first}")
        };
        let key = first.as_bytes()[1];
        let card = world.card_checkout(&held, key, usd(1200)).await;
        world.bank.pay(&card, "another-card");
        let second = SignedDuration::from_secs(1);
        world.pass(ends.duration_since(world.now()) - second);
        let reader = world.store.account(held.account).await.expect("read").expect("there");
        let purchase = world.purchase(&reader, key + 100, monthly()).await;
        world.bank.pay(&purchase, "card");
        match first {
            "purchase" => {
                ahead.settle(&purchase).await.expect("settled");
                world.billing.settle(&card).await.expect("settled");
            }
            "payment" => {
                world.billing.settle(&card).await.expect("settled");
                ahead.settle(&purchase).await.expect("settled");
            }
            _ => {
                let (card, purchase) =
                    tokio::join!(world.billing.settle(&card), ahead.settle(&purchase));
                card.and(purchase).expect("settled");
            }
        }
        let all = world.store.subscriptions_of(reader.id).await.expect("read");
        let now = world.now() + second;
        let live = all.iter().filter(|held| !held.state.is_over(now)).count();
        assert_eq!(live, 1, "{first}: {all:?}");
        let unused = world.payments().await;
        let unused = unused.iter().filter(|paid| {
            paid.account == Some(reader.id) && paid.status == PaymentStatus::RefundPending
        });
        assert_eq!(unused.count(), 1, "{first}");
    }
    world.assert_accounted_for().await;
}

async fn a_trial_and_an_introduction_for_new_readers_are_not_both_given(world: World) {
    let reader = world.reader("ada").await;
    let introduction = world.purchase(&reader, 1, winter(900)).await;
    let mut trial = Terms { offer: Some("trial".into()), ..winter(0) };
    trial.introduction.as_mut().expect("an introduction").card = false;
    let trial = world.purchase(&reader, 2, trial).await;
    let nothing = masthead_circulation::Mandate {
        processor: String::new(),
        reference: String::new(),
        card: None,
    };
    world.pass(SignedDuration::from_mins(1));
    world.billing.deliver(&trial, nothing).await.expect("begun");
    world.bank.pay(&introduction, "card");
    world.billing.settle(&introduction).await.expect("settled");
    let held = world.store.subscriptions_of(reader.id).await.expect("read");
    assert_eq!(held.len(), 1, "{held:?}");
    let pending = world.billing.pending_refunds().await.expect("read");
    assert_eq!(pending[0].reason, UnusedReason::SubscribedAlready);
    // What is not an introduction is sold to them.
    let regular = world.purchase(&reader, 3, monthly()).await;
    world.bank.pay(&regular, "card");
    world.billing.settle(&regular).await.expect("settled");
    assert_eq!(world.store.subscriptions_of(reader.id).await.expect("read").len(), 2);
    world.assert_accounted_for().await;
}

/// 50 readers pay 20 introductions each, and two servers hear of all of them at the same time.
async fn a_thousand_paid_checkouts_begin_one_subscription_a_reader(world: World) {
    let mut readers = Vec::new();
    let mut checkouts = Vec::new();
    for number in 0..50_u8 {
        let reader = world.reader(&format!("reader{number}")).await;
        for attempt in 0..20_u8 {
            let mut key = [number + 1; 32];
            key[1] = attempt;
            let checkout = world.purchase_under(&reader, key, winter(900)).await;
            world.bank.pay(&checkout, "card");
            checkouts.push(checkout);
        }
        readers.push(reader);
    }
    settle_at_once(&world, checkouts).await;
    world.sweep().await;
    for reader in readers {
        let held = world.store.subscriptions_of(reader.id).await.expect("read");
        assert_eq!(held.len(), 1);
        assert_eq!(held[0].paid.expect("paid").amount, usd(900));
    }
    world.assert_accounted_for().await;
}

async fn an_address_that_registers_again_has_no_second_trial(world: World) {
    let first = world.reader("ada").await;
    let trial = paid(&world, &first, 1, &winter(0)).await.remove(0);
    world.billing.settle(&trial).await.expect("settled");
    assert_eq!(world.store.subscriptions_of(first.id).await.expect("read").len(), 1);
    assert!(world.store.delete_account(&first, world.now()).await.expect("deleted"));
    let again = world.reader("ada").await;
    assert!(again.had_subscription);
    let trial = world.purchase(&again, 7, winter(0)).await;
    world.bank.pay(&trial, "card");
    world.billing.settle(&trial).await.expect("settled");
    assert!(world.store.subscriptions_of(again.id).await.expect("read").is_empty());
    // They can subscribe like anybody whose subscription has ended.
    let regular = world.purchase(&again, 8, monthly()).await;
    world.bank.pay(&regular, "card");
    world.billing.settle(&regular).await.expect("settled");
    assert_eq!(world.store.subscriptions_of(again.id).await.expect("read").len(), 1);
}

async fn of_many_addresses_of_a_mailbox_one_begins_an_introduction(world: World) {
    let (mut checkouts, mut readers) = (Vec::new(), Vec::new());
    for key in 1..=24 {
        // Trials, and introductions that are paid.
        let terms = winter(if key % 2 == 0 { 0 } else { 900 });
        let reader = world.reader(&format!("ada+{key}")).await;
        let checkout = world.purchase(&reader, key, terms).await;
        world.bank.pay(&checkout, &format!("card-{key}"));
        checkouts.push(checkout);
        readers.push(reader);
    }
    world.store.fold_addresses(true);
    let mut settling = tokio::task::JoinSet::new();
    for checkout in checkouts {
        let billing = Arc::clone(&world.billing);
        settling.spawn(async move { billing.settle(&checkout).await });
    }
    for settled in settling.join_all().await {
        settled.expect("settled");
    }
    let mut begun = 0;
    for reader in &readers {
        begun += world.store.subscriptions_of(reader.id).await.expect("read").len();
    }
    assert_eq!(begun, 1);
    world.assert_accounted_for().await;
    // They can subscribe like anybody whose subscription has ended.
    let late = world.reader("ada+99").await;
    assert!(late.had_subscription);
    let regular = world.purchase(&late, 99, monthly()).await;
    world.bank.pay(&regular, "card");
    world.billing.settle(&regular).await.expect("settled");
    assert_eq!(world.store.subscriptions_of(late.id).await.expect("read").len(), 1);
}

async fn orders_by_invoice_that_were_prepared_begin_nothing_after_an_unpaid_one(world: World) {
    let reader = world.reader("ada").await;
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for key in 1..=12 {
        let order = world.order_by_invoice(&reader, key, monthly()).await;
        if key <= 6 { first.push(order) } else { rest.push(order) }
    }
    settle_at_once(&world, first).await;
    let held = world.store.subscriptions_of(reader.id).await.expect("read");
    assert_eq!(held.len(), 1, "{held:?}");
    // They read on, cancel without paying, and come back to what they had ordered before.
    world.billing.cancel(held[0].id).await.expect("cancelled");
    settle_at_once(&world, rest).await;
    let held = world.store.subscriptions_of(reader.id).await.expect("read");
    assert_eq!(held.len(), 1, "{held:?}");
    // What an earlier account of the address owes counts as well, also if it becomes known after the order.
    let bob = world.reader("bob").await;
    let order = world.order_by_invoice(&bob, 20, monthly()).await;
    let owing = world.reader("owing").await;
    let unpaid = world.order_by_invoice(&owing, 21, monthly()).await;
    settle_at_once(&world, vec![unpaid]).await;
    assert!(world.store.delete_account(&owing, world.now()).await.expect("deleted"));
    world.take_address(&bob, &owing.email).await;
    settle_at_once(&world, vec![order]).await;
    assert!(world.store.subscriptions_of(bob.id).await.expect("read").is_empty());
}

async fn an_introduction_whose_offer_is_gone_is_given_once_to_a_mailbox(world: World) {
    world.store.fold_addresses(true);
    let mut begun = Vec::new();
    for key in 1..=2 {
        let gone = Terms { offer: Some("gone".into()), ..winter(900) };
        let reader = world.reader(&format!("ada+{key}")).await;
        let checkout = world.purchase(&reader, key, gone).await;
        world.bank.pay(&checkout, &format!("card-{key}"));
        world.billing.settle(&checkout).await.expect("settled");
        begun.push(world.store.subscriptions_of(reader.id).await.expect("read").len());
    }
    assert_eq!(begun, [1, 0]);
    world.assert_accounted_for().await;
}
