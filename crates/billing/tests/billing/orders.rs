//! What is collected and what its invoice says.

use std::sync::atomic::Ordering;

use masthead_circulation::{State, Subscription};

use crate::{
    on_both_engines,
    world::{World, terms, usd},
};

on_both_engines!(
    an_invoice_is_never_above_its_charge,
    a_refused_renewal_is_tried_again_under_another_key,
    one_subscription_that_fails_does_not_hold_up_the_others,
    one_subscription_that_panics_does_not_hold_up_the_others,
);

async fn an_invoice_is_never_above_its_charge(world: World) {
    let held = world.due_readers(1).await.remove(0);
    world.bank.declines.store(true, Ordering::SeqCst);
    world.billing.renew_due().await.expect("tried");
    // The reader begins to pay what is due; then staff raise the price of the subscription.
    let checkout = world.card_checkout(&held, 1, usd(1200)).await;
    world.bank.pay(&checkout, "new-card");
    let before = world.latest(held.id).await;
    let after = Subscription { terms: terms("web-monthly", 9900, "1 month"), ..before.clone() };
    let change = masthead_store::SubscriptionChange {
        due: None,
        before,
        after,
        actor: masthead_circulation::Actor::Staff(None),
        what: "price-raised",
        payment: None,
        emails: Vec::new(),
    };
    assert!(world.store.change(&change, world.now()).await.expect("changed"));
    world.billing.settle(&checkout).await.expect("settled");
    world.assert_accounted_for().await;
    assert_eq!(world.payments().await[0].amount, usd(1200));
    assert_eq!(world.latest(held.id).await.paid.expect("paid").amount, usd(1200));
}

async fn a_refused_renewal_is_tried_again_under_another_key(world: World) {
    let held = world.due_readers(1).await.remove(0);
    world.bank.declines.store(true, Ordering::SeqCst);
    world.billing.renew_due().await.expect("tried");
    assert!(matches!(world.latest(held.id).await.state, State::Grace { tries: 1, .. }));
    assert_eq!(world.emails("payment_failed").await, 1);
    world.bank.declines.store(false, Ordering::SeqCst);
    world.pass(jiff::SignedDuration::from_hours(5 * 24));
    world.billing.renew_due().await.expect("renewed");
    assert!(matches!(world.latest(held.id).await.state, State::Active { .. }));
    assert_eq!(world.bank.charges().len(), 1);
    world.assert_accounted_for().await;
}

async fn one_subscription_that_fails_does_not_hold_up_the_others(world: World) {
    let held = world.due_readers(9).await;
    world.bank.lose.store(1, Ordering::SeqCst);
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.payments().await.len(), held.len() - 1);
    world.pass(jiff::SignedDuration::from_mins(11));
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.bank.charges().len(), held.len());
    world.assert_accounted_for().await;
}

async fn one_subscription_that_panics_does_not_hold_up_the_others(world: World) {
    let held = world.due_readers(9).await;
    world.bank.panics.store(1, Ordering::SeqCst);
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.payments().await.len(), held.len() - 1);
    assert_eq!(world.billing.renew_due().await.expect("nothing is due"), 0, "not at once");
    world.pass(jiff::SignedDuration::from_mins(11));
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.bank.charges().len(), held.len());
    world.assert_accounted_for().await;
}
