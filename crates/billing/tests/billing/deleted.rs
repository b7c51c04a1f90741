//! Readers who delete their account while something is still to be paid.

use std::sync::Arc;

use jiff::SignedDuration;
use masthead_circulation::{
    Checkout, Digest, PaymentStatus, Progress, Purpose, StaffActor, Subscription,
};
use masthead_payments::{WebhookMessage, WebhookSubject};

use crate::{
    bank::NAME,
    on_both_engines,
    world::{World, monthly, usd},
};

on_both_engines!(
    what_is_paid_after_the_account_is_deleted_waits_for_staff,
    a_card_checkout_that_is_paid_after_the_account_is_deleted_waits_for_staff,
    checkouts_that_are_paid_while_the_account_is_deleted_are_accounted_for,
    the_payment_page_of_a_deleted_account_is_closed_and_given_up,
);

async fn begin(world: &World, name: &str, key: u8) -> Checkout {
    let checkout = Checkout {
        key: Digest([key; 32]),
        account: Some(world.reader(name).await.id),
        purpose: Purpose::Begin,
        terms: monthly(),
        amount: usd(1200),
        begun: world.now(),
        from: "/news/a".into(),
        experiment: None,
        processor: NAME.into(),
        reference: format!("session-{key}"),
        is_superseded: false,
        progress: Progress::Open,
    };
    world.store.begin_checkout(&checkout, None).await.expect("begun");
    checkout
}

async fn delete(world: &World, checkout: &Checkout) {
    let account = checkout.account.expect("an account");
    let account = world.store.account(account).await.expect("read").expect("there");
    assert!(world.store.delete_account(&account, world.now()).await.expect("deleted"));
}

async fn progress(world: &World, checkout: &Checkout) -> Progress {
    world.store.checkout(&checkout.key).await.expect("read").expect("there").progress
}

async fn what_is_paid_after_the_account_is_deleted_waits_for_staff(world: World) {
    let by_message = begin(&world, "ada", 1).await;
    let by_sweep = begin(&world, "bo", 2).await;
    for checkout in [&by_message, &by_sweep] {
        delete(&world, checkout).await;
        world.bank.pay(checkout, "card");
    }
    let subject = WebhookSubject::Checkout(by_message.reference.clone());
    let message = WebhookMessage { id: "evt_1".into(), subject };
    world.billing.handle_webhook(NAME, &message).await.expect("no failure");
    assert_eq!(world.payments().await.len(), 1);
    world.sweep().await;
    assert_eq!(world.payments().await.len(), 2);
    let pending = world.billing.pending_refunds().await.expect("read");
    assert_eq!(pending.len(), 2);
    assert!(pending.iter().all(|pending| pending.payment.account.is_none()));
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
    let staff = || StaffActor { by: None, reason: "Deleted".into() };
    let [first, second] = [&pending[0].payment, &pending[1].payment];
    world.billing.refund_number(first.number, None, staff()).await.expect("refunded");
    world.billing.keep_payment(second.number, staff()).await.expect("kept");
    assert_eq!(world.bank.refunds().len(), 1);
    assert!(world.billing.pending_refunds().await.expect("read").is_empty());
}

async fn a_card_checkout_that_is_paid_after_the_account_is_deleted_waits_for_staff(world: World) {
    let held: Subscription = world.due_readers(1).await.remove(0);
    let checkout = world.card_checkout(&held, 1, usd(1200)).await;
    delete(&world, &checkout).await;
    world.bank.pay(&checkout, "new-card");
    world.sweep().await;
    let payment = world.payments().await.remove(0);
    assert_eq!(payment.status, PaymentStatus::RefundPending);
    assert_eq!(progress(&world, &checkout).await, Progress::Done);
}

async fn checkouts_that_are_paid_while_the_account_is_deleted_are_accounted_for(world: World) {
    let mut running = Vec::new();
    for key in 0..12 {
        let checkout = begin(&world, &format!("reader{key}"), key).await;
        world.bank.pay(&checkout, "card");
        let (billing, settled) = (Arc::clone(&world.billing), checkout.clone());
        // What is lost to the deletion is settled by the sweep.
        running.push(tokio::spawn(async move {
            let _ = billing.settle(&settled).await;
        }));
        delete(&world, &checkout).await;
    }
    for settling in running {
        settling.await.expect("joined");
    }
    world.sweep().await;
    let payments = world.payments().await;
    assert_eq!(payments.len(), 12);
    assert!(payments.iter().all(|payment| payment.account.is_none()));
    assert!(payments.iter().all(|payment| payment.status != PaymentStatus::Recorded));
    assert_eq!(world.billing.reconcile().await.expect("compared").mismatches, []);
}

async fn the_payment_page_of_a_deleted_account_is_closed_and_given_up(world: World) {
    let checkout = begin(&world, "ada", 1).await;
    world.pass(SignedDuration::from_mins(2));
    world.billing.sweep_checkouts().await.expect("swept");
    assert!(world.bank.closed().is_empty(), "somebody may still pay");
    delete(&world, &checkout).await;
    world.billing.sweep_checkouts().await.expect("swept");
    assert_eq!(world.bank.closed(), [checkout.key.to_string()]);
    world.sweep().await;
    assert_eq!(progress(&world, &checkout).await, Progress::Abandoned);
}
