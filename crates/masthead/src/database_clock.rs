//! The machine's clock compared with PostgreSQL's, which all nodes share. A node whose clock is wrong would renew, charge and delete at
//! another time than the others, so it does none of that until its clock agrees again.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use masthead_store::{Store, StoreError};

/// How much the clocks may differ.
pub const TOLERANCE: SignedDuration = SignedDuration::from_secs(5);
/// How often the log says so while they differ by more.
const REMINDER: Duration = Duration::from_hours(1);
/// How exactly the database tells its time.
const RESOLUTION: SignedDuration = SignedDuration::from_secs(1);

/// This machine's clock and the database's differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClocksDiffer {
    /// How far this machine's clock is ahead; negative if it is behind.
    ahead: SignedDuration,
}

impl fmt::Display for ClocksDiffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.ahead.abs().as_secs();
        let side = if self.ahead.is_negative() { "behind" } else { "ahead of" };
        write!(
            f,
            "this machine's clock is {seconds} seconds {side} the database's; this server renews, charges and deletes nothing until they \
             agree; synchronize the clocks of both machines, for example with chrony"
        )
    }
}

impl std::error::Error for ClocksDiffer {}

/// Why the clocks are not known to agree.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// They do not.
    #[error(transparent)]
    Differ(#[from] ClocksDiffer),
    /// The database was not asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the latest comparison has found. All clones are one.
#[derive(Clone, Debug, Default)]
pub struct DatabaseClock(Arc<State>);

#[derive(Debug, Default)]
struct State {
    differs: AtomicBool,
    logged: Mutex<Option<Instant>>,
}

impl DatabaseClock {
    /// Whether the clocks agreed when they were last compared. They do until they were compared, and always with SQLite.
    pub fn agrees(&self) -> bool {
        !self.0.differs.load(Ordering::Relaxed)
    }

    /// Compares the clocks. If they differ, the log says so, and again every hour. SQLite has the machine's clock.
    ///
    /// # Errors
    ///
    /// Fails if they differ, or the database cannot be asked; then the latest comparison holds.
    pub async fn compare(&self, store: &Store) -> Result<(), CompareError> {
        if !store.is_shared() {
            return Ok(());
        }
        let before = Timestamp::now();
        let database = store.clock().await?;
        let compared = compare(before, database, Timestamp::now());
        self.0.differs.store(compared.is_err(), Ordering::Relaxed);
        if let Err(differ) = &compared {
            self.remind(*differ);
        }
        Ok(compared?)
    }

    fn remind(&self, differ: ClocksDiffer) {
        let mut logged = self.0.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.is_none_or(|at| at.elapsed() >= REMINDER) {
            *logged = Some(Instant::now());
            tracing::error!("database-clock: {differ}");
        }
    }
}

/// Compares the database's time with this machine's `before` it was asked and `after` it has answered.
fn compare(before: Timestamp, database: Timestamp, after: Timestamp) -> Result<(), ClocksDiffer> {
    let ahead = before.duration_since(database).saturating_sub(RESOLUTION);
    let behind = database.duration_since(after);
    if ahead > TOLERANCE {
        return Err(ClocksDiffer { ahead });
    }
    if behind > TOLERANCE {
        return Err(ClocksDiffer { ahead: -behind });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use masthead_store::Location;
    use masthead_test_support::postgres;

    use super::*;

    #[test]
    fn clocks_are_compared_however_long_the_database_takes() {
        let at = |seconds| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        assert_eq!(compare(at(100), at(100), at(100)), Ok(()));
        assert_eq!(compare(at(100), at(94), at(100)), Ok(()));
        assert_eq!(compare(at(100), at(130), at(130)), Ok(()), "it was slow");
        let ahead = compare(at(200), at(100), at(201)).expect_err("ahead");
        assert!(ahead.to_string().contains("99 seconds ahead of the database's"), "{ahead}");
        let behind = compare(at(100), at(200), at(101)).expect_err("behind");
        assert!(behind.to_string().contains("99 seconds behind the database's"), "{behind}");
    }

    #[tokio::test]
    async fn the_clock_of_this_machine_agrees_with_itself() {
        let location = Location::Postgres(postgres::database());
        let store = Store::open(&location).await.expect("a database");
        let clock = DatabaseClock::default();
        clock.compare(&store).await.expect("they agree");
        assert!(clock.agrees());
    }
}
