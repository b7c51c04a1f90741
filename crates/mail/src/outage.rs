//! Times in which the relay cannot be used. The whole worker pauses then: each try is a login, and mail providers lock accounts that
//! fail to sign in too often.

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

/// The first pause. Each further one is twice as long.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// The longest pause.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);

/// Whether the relay can be used, as far as a worker knows.
#[derive(Debug, Default)]
pub(crate) struct RelayOutage(Mutex<Option<Pause>>);

/// A pause that a worker makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    /// How often the relay could not be used in a row.
    failures: u32,
    /// When the next email is tried.
    pub until: Timestamp,
    /// The latest entry of the audit log when the pause began. What an operator asks for later ends it.
    pub audit_entry: i32,
}

impl RelayOutage {
    /// The pause that the worker makes, or has made without having tried the relay since. `None` if the relay can be used.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn pause(&self) -> Option<Pause> {
        *self.0.lock().await
    }

    /// Notes that the relay could not be used at `now`. Returns when it is tried again, and whether a pause has begun: of several
    /// emails that were tried at the same time, one begins it.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begin_pause(&self, now: Timestamp, audit_entry: i32) -> (Timestamp, bool) {
        let mut state = self.0.lock().await;
        if let Some(pause) = state.filter(|pause| now < pause.until) {
            return (pause.until, false);
        }
        let failures = state.map_or(0, |pause| pause.failures).saturating_add(1);
        let until = now + length(failures);
        *state = Some(Pause { failures, until, audit_entry });
        (until, true)
    }

    /// Ends the pause, so that one email is tried.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn try_now(&self, now: Timestamp) {
        if let Some(pause) = self.0.lock().await.as_mut() {
            pause.until = pause.until.min(now);
        }
    }

    /// Notes that the relay can be used. Returns whether it could not be used before.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end(&self) -> bool {
        self.0.lock().await.take().is_some()
    }
}

fn length(failures: u32) -> SignedDuration {
    let factor = 1_i32 << failures.saturating_sub(1).min(20);
    (FIRST_PAUSE * factor).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pauses_grow_from_seconds_to_a_quarter_of_an_hour() {
        let outage = RelayOutage::default();
        let mut now = Timestamp::UNIX_EPOCH;
        let mut lengths = Vec::new();
        for _ in 0..10 {
            let (until, begun) = outage.begin_pause(now, 0).await;
            assert!(begun);
            assert_eq!(outage.begin_pause(now, 0).await, (until, false), "one pause at a time");
            lengths.push(until.duration_since(now).as_secs());
            now = until;
        }
        assert_eq!(lengths, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
        assert!(outage.end().await && !outage.end().await);
        let (until, _) = outage.begin_pause(now, 0).await;
        assert_eq!(until.duration_since(now).as_secs(), 5);
    }
}
