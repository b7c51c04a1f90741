//! A wall clock that jumps while the server runs.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::TOLERANCE;

/// How long to wait after a jump.
const WAIT: Duration = Duration::from_mins(15);

/// The wall clock has jumped a moment ago.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this machine's clock has jumped by {by:#} to {to}; renewals, retention and the cleaning of the outbox wait 15 minutes from then; check the \
     time with timedatectl, and stop the server if it is wrong until it is right"
)]
pub struct ClockJumped {
    by: SignedDuration,
    to: Timestamp,
}

/// What both clocks showed when they were last compared.
pub struct Watched {
    wall: Timestamp,
    counted: Instant,
    jump: Option<(Instant, ClockJumped)>,
}

impl Watched {
    pub fn at(wall: Timestamp, counted: Instant) -> Self {
        Self { wall, counted, jump: None }
    }

    /// Compares with the last look, so that a clock that is a little fast never becomes a jump.
    pub fn look(&mut self, wall: Timestamp, counted: Instant) -> Result<(), ClockJumped> {
        let passed = counted.saturating_duration_since(self.counted);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        let by = wall.duration_since(self.wall).saturating_sub(passed);
        (self.wall, self.counted) = (wall, counted);
        if by.abs() > TOLERANCE {
            let by = SignedDuration::from_secs(by.as_secs());
            self.jump = Some((counted, ClockJumped { by, to: wall }));
        }
        match &self.jump {
            Some((at, jumped)) if counted.saturating_duration_since(*at) < WAIT => {
                Err(jumped.clone())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn a_jump_is_told_from_time_that_passes() {
        let (wall, counted) = (Timestamp::UNIX_EPOCH, Instant::now());
        let mut watched = Watched::at(wall, counted);
        let hours = SignedDuration::from_hours;
        // Time passes, also a long time without a look, and clocks are a little off.
        assert_eq!(watched.look(wall + hours(1), counted + 30 * MINUTE), Ok(()));
        assert_eq!(watched.look(wall + hours(40), counted + 40 * 60 * MINUTE), Ok(()));
        // It jumps ahead, and back.
        let jumped = watched.look(wall + hours(240), counted + 2401 * MINUTE).expect_err("a jump");
        assert!(jumped.to_string().contains("jumped by 199h 59m to 1970-01-11"), "{jumped}");
        let later = watched.look(wall + hours(240), counted + 2414 * MINUTE);
        assert_eq!(later, Err(jumped), "for a quarter of an hour");
        assert_eq!(watched.look(wall + hours(240), counted + 2417 * MINUTE), Ok(()));
        assert!(watched.look(wall + hours(40), counted + 2418 * MINUTE).is_err(), "back");
    }
}
