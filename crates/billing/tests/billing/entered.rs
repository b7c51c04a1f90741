//! What staff enter at the desk: invoices that are paid, and complimentary subscriptions that are extended or ended.

use std::sync::Arc;

use jiff::SignedDuration;
use masthead_billing::staff_actions::{EntryError, PaidHow};
use masthead_circulation::{PaymentStatus, StaffActor, State};

use crate::{on_both_engines, world::World};

on_both_engines!(
    an_invoice_that_many_mark_as_paid_at_once_is_paid_once,
    a_complimentary_subscription_is_extended_and_ended,
);

fn staff(reason: &str) -> StaffActor {
    StaffActor { by: None, reason: reason.to_owned() }
}

async fn an_invoice_that_many_mark_as_paid_at_once_is_paid_once(world: World) {
    let email = world.reader("ada").await.email;
    let by_invoice = PaidHow::ByInvoice;
    let entered = world.billing.enter_subscription(&email, "web-monthly", by_invoice, None).await;
    let held = entered.expect("entered");
    let period = world.billing.open_invoice(&held).expect("an open invoice").from.as_second();
    let clicks: Vec<_> = (0..6)
        .map(|click| {
            let (billing, id) = (Arc::clone(&world.billing), held.id);
            let actor = staff("Received");
            tokio::spawn(async move {
                billing.mark_paid(id, period, &format!("RF{click}"), actor).await
            })
        })
        .collect();
    let mut done = 0;
    for click in clicks {
        match click.await.expect("joined") {
            Ok(_) => done += 1,
            Err(EntryError::Overtaken(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert!(done > 0, "nobody has marked it");
    let later = world.billing.mark_paid(held.id, period, "RF9", staff("Again")).await;
    assert!(matches!(later, Err(EntryError::Overtaken(_))), "{later:?}");
    let payments = world.store.payments_of(held.account).await.expect("read");
    assert_eq!(payments.len(), 1, "{payments:?}");
    assert_eq!(payments[0].status, PaymentStatus::Applied);
    let paid = world.latest(held.id).await;
    assert!(matches!(paid.state, State::Active { .. }), "{paid:?}");
    assert_eq!(world.billing.open_invoice(&paid), None);
}

async fn a_complimentary_subscription_is_extended_and_ended(world: World) {
    let email = world.reader("ada").await.email;
    let day = |days: i64| world.now() + SignedDuration::from_hours(24 * days);
    let free = PaidHow::Free(Some(day(10)));
    let given = world.billing.enter_subscription(&email, "web-monthly", free, None).await;
    let id = given.expect("given").id;
    let extend = async |days| world.billing.extend_complimentary(id, day(days), None).await;
    assert!(
        matches!(extend(5).await, Err(EntryError::NotPossible { .. })),
        "it never gets shorter"
    );
    let longer = extend(20).await.expect("extended");
    assert_eq!(longer.state, State::Cancelling { ends: day(20), trial: false });
    world.billing.end_complimentary(id, Some(staff("Moved away"))).await.expect("ended");
    assert!(world.latest(id).await.state.is_over(world.now()));
    let again = world.billing.end_complimentary(id, None).await;
    assert!(matches!(again, Err(EntryError::NotPossible { .. })), "{again:?}");
    let paying = world.subscriber("bob", day(15)).await;
    let refused = world.billing.end_complimentary(paying.id, None).await;
    assert!(matches!(refused, Err(EntryError::NotPossible { .. })), "{refused:?}");
}
