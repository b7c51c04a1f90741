//! What is measured for the operator.

use jiff::Timestamp;
use masthead_store::Location;

on_both_engines!(an_idle_database_is_measured);

async fn an_idle_database_is_measured(location: &Location) {
    let store = crate::open(location).await;
    let measured = store.measure(Timestamp::now()).await.expect("measured");
    assert!(measured.wait.as_secs() < 5);
    assert!(measured.idle + measured.busy >= 1, "{measured:?}");
    assert_eq!((measured.outbox_waiting, measured.outbox_oldest), (0, None));
    assert_eq!(measured.renewals_due, 0);
}
