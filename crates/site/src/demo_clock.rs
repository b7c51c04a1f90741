//! The clock of the demo: the real one, moved by some days. It is kept in a file, so that the commands on the same
//! publication, and a server that starts again, have the same time.

use std::{
    fs, io,
    path::PathBuf,
    sync::atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct DemoClock {
    /// By how many seconds it is ahead of the real one.
    ahead: AtomicI64,
    file: PathBuf,
}

impl DemoClock {
    /// The clock that is kept in `file`. Without one it is the real clock.
    pub fn open(file: PathBuf) -> Self {
        let kept = fs::read_to_string(&file).ok();
        let ahead = kept.and_then(|text| text.trim().parse().ok()).unwrap_or_default();
        Self { ahead: AtomicI64::new(ahead), file }
    }

    /// Returns the current time of the demo.
    pub fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.ahead.load(Ordering::Relaxed));
        Timestamp::now().checked_add(ahead).unwrap_or(Timestamp::MAX)
    }

    /// Moves to `date` in `zone`, at the present time of day.
    ///
    /// # Errors
    ///
    /// Fails if the clock cannot be kept. It is moved all the same, for this process alone.
    pub fn set(&self, date: Date, zone: &TimeZone) -> io::Result<()> {
        let now = Timestamp::now();
        let time = now.to_zoned_datetime(zone.clone()).time();
        let Ok(then) = zone.to_ambiguous_zoned_datetime(date.to_datetime(time)).compatible() else {
            return Ok(());
        };
        let ahead = then.timestamp().duration_since(now).as_secs();
        self.ahead.store(ahead, Ordering::Relaxed);
        fs::write(&self.file, format!("{ahead}\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_process_has_the_same_time() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("demo-clock");
        let clock = DemoClock::open(file.clone());
        assert!(clock.now() <= Timestamp::now());
        clock.set(Date::constant(2047, 2, 3), &TimeZone::UTC).expect("kept");
        let other = DemoClock::open(file).now();
        assert_eq!(other.to_zoned_datetime(TimeZone::UTC).date(), Date::constant(2047, 2, 3));
        assert!(clock.now().duration_since(other).abs() < SignedDuration::from_secs(60));
    }
}
