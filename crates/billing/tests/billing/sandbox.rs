//! What becomes of subscriptions that were begun at the sandbox, once readers pay elsewhere.

use jiff::SignedDuration;
use masthead_circulation::{Ending, Mandate, State};
use masthead_payments::sandbox;

use crate::world::World;

async fn a_subscription_of_the_sandbox_ends_with_its_time_and_is_not_renewed(world: World) {
    let through = world.now() + SignedDuration::from_hours(24);
    let mandate =
        Mandate { processor: sandbox::NAME.to_owned(), reference: "good".to_owned(), card: None };
    let held = world.subscriber_with("ada", through, mandate).await;
    assert_eq!(world.store.subscriptions_going_on_at(sandbox::NAME).await.expect("counted"), 1);
    world.billing.renew_due().await.expect("renewed");
    assert_eq!(world.latest(held.id).await.state, held.state, "it keeps the time that it has");
    world.pass(SignedDuration::from_hours(25));
    world.billing.renew_due().await.expect("renewed");
    let ended = world.latest(held.id).await.state;
    assert!(matches!(ended, State::Ended { why: Ending::Cancelled, .. }), "{ended:?}");
    assert_eq!(world.payments().await, []);
    assert_eq!(world.emails("ended").await, 1);
    assert_eq!(world.store.subscriptions_going_on_at(sandbox::NAME).await.expect("counted"), 0);
}

crate::on_both_engines!(a_subscription_of_the_sandbox_ends_with_its_time_and_is_not_renewed);
