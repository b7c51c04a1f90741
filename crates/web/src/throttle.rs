//! Log lines about what may happen at every request: one a minute, with the number of times.

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

/// How often there is a line.
const INTERVAL: SignedDuration = SignedDuration::from_mins(1);

/// Decides when something is logged.
#[derive(Debug, Default)]
pub struct LogThrottle {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    logged: Option<Timestamp>,
    unlogged: u64,
}

impl LogThrottle {
    /// Notes that it has happened. Returns how often it has since the last line, this time included, if one is due.
    pub fn note(&self, now: Timestamp) -> Option<u64> {
        let mut state = self.state.lock();
        state.unlogged += 1;
        let is_due = state.logged.is_none_or(|logged| now.duration_since(logged) >= INTERVAL);
        is_due.then(|| {
            state.logged = Some(now);
            std::mem::take(&mut state.unlogged)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_a_minute_says_how_often_it_happened() {
        let throttle = LogThrottle::default();
        let at = |second| Timestamp::from_second(second).expect("a time");
        let noted: Vec<_> = [0, 1, 59, 60, 61, 500].map(|second| throttle.note(at(second))).into();
        assert_eq!(noted, [Some(1), None, None, Some(3), None, Some(2)]);
    }
}
