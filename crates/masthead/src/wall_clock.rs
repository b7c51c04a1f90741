//! A wall clock that cannot be relied on: it jumps while the server runs, by a wrong answer of a time server, or because a virtual machine
//! was asleep; or it is far off when the server starts ([`unconfirmed`]).
//!
//! What collects money or deletes by the calendar waits a quarter of an hour after a jump, so that somebody can look, and a wrong
//! clock can be corrected. After a start it waits until the time is confirmed. If the clock may be ahead then, the publication counts on
//! from the time at which it was last served, so that nothing is published or ends too early.

mod jump;
mod time_sources;
mod unconfirmed;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use masthead_store::{Store, StoreError};

pub use self::time_sources::TimeSources;
use self::{
    jump::{ClockJumped, Watched},
    unconfirmed::UnconfirmedTime,
};

/// How far the wall clock may move from the one that only counts.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(1);
/// How often the time is stored, and how often others are asked about a time that is not confirmed.
const MINUTE: Duration = Duration::from_mins(1);

/// Why the clock cannot be relied on, or that this cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// It has jumped a moment ago.
    #[error(transparent)]
    Jumped(#[from] ClockJumped),
    /// It was far off when the server started.
    #[error(transparent)]
    Unconfirmed(#[from] UnconfirmedTime),
    /// The latest time cannot be read or stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The wall clock, compared with the one that only counts and with what is stored. All clones watch together.
#[derive(Clone)]
pub struct WallClock(Arc<Shared>);

struct Shared {
    /// Where the latest time is stored; `None` if the clock is trusted, and no time is stored.
    store: Option<Store>,
    watched: Mutex<Watched>,
    start: Mutex<Start>,
    /// Whether the publication counts on from the latest time that is stored, so that its clock asks for no lock otherwise.
    counts_on: AtomicBool,
    sources: TimeSources,
}

/// What is to be clear after a start.
struct Start {
    unconfirmed: Option<UnconfirmedTime>,
    began: Instant,
    /// When the time was last stored, or others were asked about it; `None` if neither was done.
    looked: Option<Instant>,
}

impl WallClock {
    /// Begins to watch, and compares the time with the latest at which the publication was served. Without one, as at its first start, the
    /// clock is trusted.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn start(store: &Store, sources: TimeSources) -> Result<Self, StoreError> {
        let latest = store.latest_served().await?;
        let mut unconfirmed =
            latest.and_then(|latest| UnconfirmedTime::compare(Timestamp::now(), latest));
        if let Some(unclear) = unconfirmed {
            unconfirmed = unclear.unless_confirmed(sources.ask().await);
        }
        if let Some(unconfirmed) = &unconfirmed {
            tracing::error!("system-clock: {unconfirmed}");
        }
        Ok(Self::at(unconfirmed, Some(store.clone()), sources))
    }

    /// Begins to watch a clock that is trusted, for a demonstration or a copy.
    pub fn watch() -> Self {
        Self::at(None, None, TimeSources::default())
    }

    fn at(
        unconfirmed: Option<UnconfirmedTime>,
        store: Option<Store>,
        sources: TimeSources,
    ) -> Self {
        let counted = Instant::now();
        let counts_on = unconfirmed.and_then(UnconfirmedTime::counted_from).is_some();
        let watched = Watched::at(Timestamp::now(), counted);
        let looked = unconfirmed.map(|_| counted);
        let start = Start { unconfirmed, began: counted, looked };
        Self(Arc::new(Shared {
            store,
            watched: Mutex::new(watched),
            start: Mutex::new(start),
            counts_on: AtomicBool::new(counts_on),
            sources,
        }))
    }

    /// Returns the time by which the publication goes.
    pub fn now(&self) -> Timestamp {
        if !self.0.counts_on.load(Ordering::Relaxed) {
            return Timestamp::now();
        }
        let start = self.started();
        let from = start.unconfirmed.and_then(UnconfirmedTime::counted_from);
        let counted = from.and_then(|from| from.checked_add(start.began.elapsed()).ok());
        counted.unwrap_or_else(Timestamp::now)
    }

    /// Looks at the clocks.
    ///
    /// # Errors
    ///
    /// Fails if the wall clock has jumped within the last 15 minutes, or if its time at the start is not confirmed.
    pub fn check(&self) -> Result<(), ClockError> {
        let mut watched = self.0.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.look(Timestamp::now(), Instant::now())?;
        match self.started().unconfirmed {
            Some(unconfirmed) => Err(unconfirmed.into()),
            None => Ok(()),
        }
    }

    /// Looks at the clocks, sees whether the time was confirmed or corrected, and stores it once a minute while it is trusted.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::check`] does, or if the database does.
    pub async fn tick(&self) -> Result<(), ClockError> {
        let checked = self.check();
        let Some(store) = &self.0.store else { return checked };
        match checked {
            Ok(()) => {}
            Err(ClockError::Unconfirmed(_)) => return self.confirm(store).await,
            Err(other) => return Err(other),
        }
        if self.is_time_to_look() {
            store.note_served(Timestamp::now()).await?;
        }
        Ok(())
    }

    /// Sees whether the time is clear by now: somebody has confirmed it, the clock was corrected, or others say that it is right.
    async fn confirm(&self, store: &Store) -> Result<(), ClockError> {
        let Some(latest) = store.latest_served().await? else { return self.trust(None) };
        let unclear = UnconfirmedTime::compare(Timestamp::now(), latest);
        match unclear {
            Some(unclear) if self.is_time_to_look() => {
                let unclear = unclear.unless_confirmed(self.0.sources.ask().await);
                if unclear.is_some() && self.0.counts_on.load(Ordering::Relaxed) {
                    // Counted on from here after another start: what was published meanwhile stays.
                    store.advance_served(latest, self.now()).await?;
                }
                self.trust(unclear)
            }
            Some(_) => self.check(),
            None => self.trust(None),
        }
    }

    /// Trusts the clock, unless something is still unclear.
    fn trust(&self, unclear: Option<UnconfirmedTime>) -> Result<(), ClockError> {
        if unclear.is_none() {
            self.started().unconfirmed = None;
            self.0.counts_on.store(false, Ordering::Relaxed);
            tracing::info!("system-clock: the time is confirmed; everything goes on");
        }
        self.check()
    }

    /// Whether a minute has passed since this was last asked.
    fn is_time_to_look(&self) -> bool {
        let mut start = self.started();
        let is_time = start.looked.is_none_or(|looked| looked.elapsed() >= MINUTE);
        if is_time {
            start.looked = Some(Instant::now());
        }
        is_time
    }

    fn started(&self) -> MutexGuard<'_, Start> {
        self.0.start.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use masthead_store::Location;

    use super::*;

    fn is_about(time: Timestamp, expected: Timestamp) -> bool {
        time.duration_since(expected).abs() < SignedDuration::from_mins(1)
    }

    #[tokio::test]
    async fn a_publication_counts_on_until_the_time_is_confirmed() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("masthead.db"));
        let store = Store::open(&location).await.expect("a database");
        let latest = Timestamp::now() - SignedDuration::from_hours(30 * 24);
        store.note_served(latest).await.expect("noted");
        let clock = WallClock::start(&store, TimeSources::default()).await.expect("started");
        assert!(is_about(clock.now(), latest), "{}", clock.now());
        assert!(clock.tick().await.is_err(), "it is not confirmed");
        assert_eq!(store.latest_served().await.expect("read"), Some(second(latest)));

        // An hour later, and after another start.
        let hour = Duration::from_hours(1);
        if let Some(earlier) = Instant::now().checked_sub(hour) {
            clock.started().began = earlier;
            clock.started().looked = None;
            assert!(clock.tick().await.is_err(), "still not");
            let again = WallClock::start(&store, TimeSources::default()).await.expect("started");
            assert!(is_about(again.now(), latest + hour), "{}", again.now());
        }

        store.note_served(Timestamp::now()).await.expect("confirmed");
        clock.tick().await.expect("confirmed");
        assert!(is_about(clock.now(), Timestamp::now()), "{}", clock.now());
    }

    fn second(time: Timestamp) -> Timestamp {
        Timestamp::from_second(time.as_second()).expect("a time")
    }
}
