//! The latest time at which the publication was served.

use jiff::{SignedDuration, Timestamp};
use masthead_store::Location;

use crate::open;

on_both_engines!(the_latest_time_is_stored_and_advanced_only_from_what_was_seen);

async fn the_latest_time_is_stored_and_advanced_only_from_what_was_seen(location: &Location) {
    let store = open(location).await;
    let at = |hours: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000 + hours);
    let latest = async || store.latest_served().await.expect("read");
    assert_eq!(latest().await, None);
    store.advance_served(at(0), at(1)).await.expect("no failure");
    assert_eq!(latest().await, None, "nothing was seen");
    store.note_served(at(10)).await.expect("noted");
    assert_eq!(latest().await, Some(at(10)));
    store.note_served(at(5)).await.expect("noted");
    assert_eq!(latest().await, Some(at(5)), "a clock that was ahead was corrected");
    store.advance_served(at(5), at(6)).await.expect("advanced");
    assert_eq!(latest().await, Some(at(6)));
    store.advance_served(at(5), at(7)).await.expect("no failure");
    assert_eq!(latest().await, Some(at(6)), "another was stored meanwhile");
    store.advance_served(at(6), at(4)).await.expect("no failure");
    assert_eq!(latest().await, Some(at(6)), "it is never set back");
}
