//! The clock of the demo: the real one, moved by some days.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct DemoClock(AtomicI64);

impl DemoClock {
    /// Returns the current time of the demo.
    pub fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.0.load(Ordering::Relaxed))
    }

    /// Moves to `date` in `zone`, at the present time of day.
    pub fn set(&self, date: Date, zone: &TimeZone) {
        let now = Timestamp::now();
        let time = now.to_zoned_datetime(zone.clone()).time();
        if let Ok(then) = zone.to_ambiguous_zoned_datetime(date.to_datetime(time)).compatible() {
            self.0.store(then.timestamp().duration_since(now).as_secs(), Ordering::Relaxed);
        }
    }
}
